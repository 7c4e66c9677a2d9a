/* SPDX-License-Identifier: ISC */
/* Texts of a snapshot: what is taken over, what is made, and where it lies. */
#include "lib/offer/texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/offer/texts_priv.h"

#define ITEMS_MAX ((uint64_t)1 << 26) /* as the snapshot may have */

static int
open_folder(struct texts_job *j, struct err *e)
{
	int at = j->how->dirfd, r;

	if (at == -1)
		return 0;
	if ((r = path_look(at, TEXTS_FOLDER, NULL, e)) == -1)
		return -1;
	if (r == 0 && j->how->dry)
		return 0;
	if (r == 0) {
		if (os.mkdirat(at, TEXTS_FOLDER, 0755) == -1)
			return err_sys(e, "%s: cannot create", TEXTS_FOLDER);
		if (out_flush_folder(at) == -1)
			return err_sys(
			    e, "flushing the folder of %s", TEXTS_FOLDER);
	}
	return path_opendir(at, TEXTS_FOLDER, &j->dirfd, e);
}

/* --- the new segment --- */

static bool
needs_segment(const struct texts_job *j)
{
	size_t i;

	for (i = 0; i < j->s->nrevisions; i++)
		if (j->revs[i].lacks)
			return true;
	for (i = 0; j->prev != NULL && i < j->prev->nsegments; i++)
		if (j->old[i].melts)
			return true;
	return false;
}

/* Those that stay, in their order. */
static int
keep_segments(struct texts_job *j, struct err *e)
{
	const struct snapshot *p = j->prev;
	struct snapshot *s = j->s;
	struct snapshot_segment *g;
	uint64_t n;
	size_t i;

	s->segments = calloc(
	    (p != NULL ? p->nsegments : 0) + 1, sizeof(*s->segments));
	s->blocks = calloc(
	    (p != NULL ? p->nblocks : 0) + 1, sizeof(*s->blocks));
	if (s->segments == NULL || s->blocks == NULL)
		return err_nomem(e);
	for (i = 0; p != NULL && i < p->nsegments; i++) {
		if (j->old[i].melts || j->old[i].gone || j->old[i].in_use == 0)
			continue;
		j->old[i].place = (uint32_t)s->nsegments;
		g = &s->segments[s->nsegments++];
		*g = p->segments[i];
		n = snapshot_blocks(g->size);
		g->blocks = (uint32_t)s->nblocks;
		memcpy(&s->blocks[s->nblocks],
		    &p->blocks[p->segments[i].blocks], n * sizeof(*s->blocks));
		s->nblocks += n;
	}
	return 0;
}

static int
fill_segment(struct texts_job *j, struct texts_segment *g, struct err *e)
{
	j->to = g;
	if (j->prev != NULL && texts_old_copy(j, e) == -1)
		return -1;
	if (texts_docs_cut(j, e) == -1)
		return -1;
	if ((j->done->bytes = texts_segment_size(g)) == 0)
		return 0;
	return texts_segment_commit(g, j->s, j->how->jobs, e);
}

static int
make_segment(struct texts_job *j, struct err *e)
{
	struct texts_segment *g = NULL;
	int r = -1;

	if (texts_segment_open(&g, j->how->dry ? -1 : j->dirfd, e) == 0)
		r = fill_segment(j, g, e);
	texts_segment_close(g);
	return r;
}

/* --- items --- */

static int
name_of(struct texts_job *j, uint32_t old, uint32_t *name, struct err *e)
{
	const struct snapshot_name *m = &j->prev->names[old];

	if (j->name_of[old] == TEXTS_NONE &&
	    texts_names_add(&j->names, (const char *)j->prev->text + m->off,
		m->len, &j->name_of[old], e) == -1)
		return -1;
	*name = j->name_of[old];
	return 0;
}

/* Where the new segment stands, when there is one. */
static uint32_t
last_segment(const struct texts_job *j)
{
	return (uint32_t)j->s->nsegments - 1;
}

/* Where a text of prev lies now. */
static void
place_old(struct texts_job *j, uint32_t old, struct snapshot_fragment *to)
{
	const struct snapshot_fragment *f = &j->prev->fragments[old];

	to->len = f->len;
	if (j->old[f->segment].melts) {
		to->segment = last_segment(j);
		to->off = j->moved[old];
		j->done->copied++;
		return;
	}
	to->segment = j->old[f->segment].place;
	to->off = f->off;
	j->done->taken++;
}

static void
place_pieces(struct texts_job *j, const struct texts_rev *r)
{
	struct snapshot *s = j->s;
	struct snapshot_fragment *to;
	const struct texts_piece *p = j->pieces + r->piece;
	const struct texts_piece *end = p + r->npieces;

	for (; p < end; p++) {
		to = &s->fragments[s->nfragments++];
		*to = (struct snapshot_fragment){.type = p->type,
		    .lang = p->lang,
		    .geo = p->geo,
		    .len = p->len,
		    .off = p->off};
		if (p->old != TEXTS_NONE)
			place_old(j, p->old, to);
		else
			to->segment = last_segment(j);
	}
}

/* What is wanted of what prev has; to NULL: it is counted only. */
static int
take_old(
    struct texts_job *j, const struct texts_rev *r, uint64_t *n, struct err *e)
{
	struct texts_span sp = texts_span(j->prev, r->from);
	const struct snapshot_fragment *f;
	struct snapshot_fragment *to;
	bool first = true;
	uint32_t i;

	for (i = sp.first; i < sp.end; i++) {
		f = &j->prev->fragments[i];
		if (texts_old_wanted(j, i, first)) {
			++*n;
			if (j->s->fragments != NULL) {
				to = &j->s->fragments[j->s->nfragments++];
				to->type = f->type;
				if (name_of(j, f->lang, &to->lang, e) == -1 ||
				    name_of(j, f->geo, &to->geo, e) == -1)
					return -1;
				place_old(j, i, to);
			}
		}
		if (f->type == FRAGMENT_LOCALIZED)
			first = false;
	}
	return 0;
}

static int
count_items(struct texts_job *j, uint64_t *n, struct err *e)
{
	size_t i;

	*n = 0;
	for (i = 0; i < j->s->nrevisions; i++)
		if (j->revs[i].lacks)
			*n += j->revs[i].npieces;
		else if (take_old(j, &j->revs[i], n, e) == -1)
			return -1;
	if (*n > ITEMS_MAX)
		return err_set(e, E_LIMIT, "%llu texts, at most %llu",
		    (unsigned long long)*n, (unsigned long long)ITEMS_MAX);
	return 0;
}

static int
place_all(struct texts_job *j, struct err *e)
{
	struct snapshot *s = j->s;
	uint64_t n;
	size_t i;

	if (count_items(j, &n, e) == -1)
		return -1;
	if ((s->fragments = calloc((size_t)n + 1, sizeof(*s->fragments))) ==
	    NULL)
		return err_nomem(e);
	for (i = 0; i < s->nrevisions; i++) {
		s->revisions[i].fragments = (uint32_t)s->nfragments;
		if (j->revs[i].lacks)
			place_pieces(j, &j->revs[i]);
		else if (take_old(j, &j->revs[i], &n, e) == -1)
			return -1;
	}
	return 0;
}

static int
make(struct texts_job *j, struct err *e)
{
	if (open_folder(j, e) == -1 ||
	    texts_names_open(&j->names, j->s, e) == -1 ||
	    texts_note_languages(&j->names, j->s, j->how->langs, e) == -1 ||
	    texts_old_plan(j, e) == -1 || keep_segments(j, e) == -1)
		return -1;
	if (needs_segment(j) && make_segment(j, e) == -1)
		return -1;
	return place_all(j, e);
}

int
texts_make(struct snapshot *s, const struct texts_row *rows,
    const struct texts_how *how, struct texts_done *done, struct err *e)
{
	struct texts_job j = {.how = how,
	    .prev = how->prev,
	    .s = s,
	    .rows = rows,
	    .done = done,
	    .dirfd = -1};
	int r;

	*done = (struct texts_done){.bytes = 0};
	r = make(&j, e);
	texts_old_free(&j);
	texts_names_close(&j.names);
	free(j.pieces);
	if (j.dirfd != -1)
		(void)close(j.dirfd);
	return r;
}
