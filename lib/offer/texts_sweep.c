/* SPDX-License-Identifier: ISC */
/* The folder of segments: are they whole, and which does nobody name? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/offer/texts_priv.h"

/* --- whole? --- */

struct texts_checked {
	const struct snapshot *s; /* borrowed */
	int (*bad)(void *arg, const char *what, const struct err *fault,
	    struct err *e);
	void *arg; /* borrowed */
	int dirfd, *fds; /* owned */
};

static int
tell(struct texts_checked *c, size_t segment, const struct err *fault,
    struct err *e)
{
	char place[TEXTS_PLACE_MAX];

	texts_place(place, c->s->segments[segment].hash);
	return c->bad(c->arg, place, fault, e);
}

static int
see_block(void *arg, uint32_t segment, uint64_t block, const struct err *fault,
    struct err *e)
{
	(void)block;
	return fault != NULL ? tell(arg, segment, fault, e) : 0;
}

/* What it has in blocks is told behind what it is. */
static int
check_segment(
    struct texts_checked *c, struct texts_blocks *b, size_t i, struct err *e)
{
	struct err fault = ERR_INIT;

	if (texts_open(c->s, i, c->dirfd, &c->fds[i], &fault, e) == -1)
		return -1;
	if (fault.kind != E_NONE &&
	    (texts_blocks_flush(b, e) == -1 || tell(c, i, &fault, e) == -1))
		return -1;
	return c->fds[i] == -1 ? 0
			       : texts_blocks_put(b, (uint32_t)i, c->fds[i], e);
}

static int
check_segments(struct texts_checked *c, unsigned jobs, struct err *e)
{
	const struct texts_blocks_how how = {.s = c->s,
	    .jobs = jobs,
	    .check = snapshot_check_block,
	    .each = see_block,
	    .arg = c};
	struct texts_blocks *b = NULL;
	size_t i;
	int r = texts_blocks_open(&b, &how, e);

	for (i = 0; r == 0 && i < c->s->nsegments; i++)
		r = check_segment(c, b, i, e);
	if (r == 0)
		r = texts_blocks_flush(b, e);
	texts_blocks_close(b);
	return r;
}

static int
open_checked(struct texts_checked *c, int dirfd, struct err *e)
{
	size_t i, n = c->s->nsegments;
	int r;

	if ((c->fds = malloc((n + 1) * sizeof(*c->fds))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++)
		c->fds[i] = -1;
	if ((r = path_look(dirfd, TEXTS_FOLDER, NULL, e)) != 1)
		return r;
	return path_opendir(dirfd, TEXTS_FOLDER, &c->dirfd, e);
}

int
texts_check(const struct snapshot *s, int dirfd, unsigned jobs,
    int (*bad)(
	void *arg, const char *what, const struct err *fault, struct err *e),
    void *arg, struct err *e)
{
	struct texts_checked c = {.s = s, .bad = bad, .arg = arg, .dirfd = -1};
	size_t i;
	int r = open_checked(&c, dirfd, e);

	if (r == 0)
		r = check_segments(&c, jobs, e);
	for (i = 0; c.fds != NULL && i < s->nsegments; i++)
		if (c.fds[i] != -1)
			(void)close(c.fds[i]);
	free(c.fds);
	if (c.dirfd != -1)
		(void)close(c.dirfd);
	return r;
}

/* --- named? --- */

struct texts_swept {
	const struct snapshot *const *keep; /* borrowed */
	size_t n;
	int dirfd; /* owned */
	uint64_t removed, bytes;
};

static bool
is_named(const struct texts_swept *w, const char *name)
{
	char have[SNAPSHOT_SEGMENT_NAME];
	size_t i, k;

	for (i = 0; i < w->n; i++)
		for (k = 0; k < w->keep[i]->nsegments; k++) {
			snapshot_segment_name(
			    have, w->keep[i]->segments[k].hash);
			if (strcmp(have, name) == 0)
				return true;
		}
	return false;
}

/* What we make there, by its name; others' files are left alone. */
static bool
is_ours(const char *name)
{
	size_t n = strspn(name, "0123456789abcdef");

	return (n == (size_t)2 * BLAKE_LEN && strcmp(name + n, ".seg") == 0) ||
	    strcmp(name, "." TEXTS_NEW ".partial") == 0;
}

static int
sweep_entry(void *arg, const struct path_entry *en, struct err *e)
{
	struct texts_swept *w = arg;

	if (en->type != PATH_FILE || !is_ours(en->name) ||
	    is_named(w, en->name))
		return 0;
	if (os.unlinkat(w->dirfd, en->name, 0) == -1 && errno != ENOENT)
		return err_sys(
		    e, "%s/%s: cannot remove", TEXTS_FOLDER, en->name);
	w->removed++;
	w->bytes += en->size;
	return 0;
}

int
texts_sweep(int dirfd, const struct snapshot *const *keep, size_t n,
    uint64_t *removed, uint64_t *bytes, struct err *e)
{
	struct texts_swept w = {.keep = keep, .n = n, .dirfd = -1};
	int r = path_look(dirfd, TEXTS_FOLDER, NULL, e);

	if (r == 1 && (r = path_opendir(dirfd, TEXTS_FOLDER, &w.dirfd, e)) == 0)
		r = path_walk(w.dirfd, 1, sweep_entry, &w, e);
	if (r == 0 && w.removed > 0 && out_flush_folder(w.dirfd) == -1)
		r = err_sys(e, "flushing %s", TEXTS_FOLDER);
	if (w.dirfd != -1)
		(void)close(w.dirfd);
	*removed = w.removed;
	*bytes = w.bytes;
	return r;
}
