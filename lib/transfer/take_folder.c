/* SPDX-License-Identifier: ISC */
/* The payload of genuine packages: the WsusContent folder that goes with
   them. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/store/payload.h"
#include "lib/transfer/take.h"

#define MAX_NAMES ((size_t)256 << 20) /* bytes of a content folder's names */
#define MAX_CONTENT_DEPTH 3

/* The payload of a WsusContent folder. */
struct folder {
	struct take *take;
	struct arena names;
	struct payload_item *items; /* owned */
	size_t n, cap;
};

static int
see_content(void *arg, const struct path_entry *en, struct err *e)
{
	struct folder *f = arg;
	const char *base = strrchr(en->name, '/');
	struct payload_item it = {.size = en->size, .has_sha1 = true};

	base = base == NULL ? en->name : base + 1;
	if (en->type == PATH_DIR || strcmp(base, CONTENT_CHECK_FILE) == 0)
		return 0;
	if (!content_parse(base, it.sha1)) {
		take_leave(f->take, en->name, "not a payload's name");
		return 0;
	}
	if (en->type != PATH_FILE) {
		log_event(f->take->log, LOG_WARN, en->name,
		    "not a regular file; it is not followed");
		return 0;
	}
	if (grow(&f->items, &f->cap, f->n, sizeof(*f->items), e) == -1)
		return -1;
	it.name = arena_strndup(&f->names, en->name, strlen(en->name));
	if (it.name == NULL)
		return err_set(
		    e, E_LIMIT, "more than %zu bytes of names", MAX_NAMES);
	f->items[f->n++] = it;
	return 0;
}

static int
item_cmp(const void *va, const void *vb)
{
	const struct payload_item *a = va, *b = vb;
	int c = memcmp(a->sha1, b->sha1, SHA1_LEN);

	return c != 0 ? c : strcmp(a->name, b->name);
}

/* One name for each digest. */
static void
make_unique(struct folder *f)
{
	size_t n = 0;

	if (f->n == 0)
		return;
	qsort(f->items, f->n, sizeof(*f->items), item_cmp);
	for (size_t i = 1; i < f->n; i++)
		if (memcmp(f->items[n].sha1, f->items[i].sha1, SHA1_LEN) != 0)
			f->items[++n] = f->items[i];
		else
			take_leave(f->take, f->items[i].name,
			    "a second file of this name's digest");
	f->n = n + 1;
}

/* The folder itself, or its parent: both are in use as "the content". */
static int
open_folder(const char *path, int *dirfd, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), inner;

	if (fd == -1)
		return err_sys(e, "%s: cannot open the content folder", path);
	inner = openat(
	    fd, CONTENT_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner != -1)
		close(fd);
	*dirfd = inner != -1 ? inner : fd;
	return 0;
}

int
take_folder(struct take *t, const char *path, struct err *e)
{
	struct folder f = {.take = t, .names = ARENA_INIT(MAX_NAMES)};
	int dirfd = -1, r = 0;

	if (path != NULL && (r = open_folder(path, &dirfd, e)) == 0 &&
	    (r = path_walk(dirfd, MAX_CONTENT_DEPTH, see_content, &f, e)) == -1)
		err_ctx(e, "%s", path);
	make_unique(&f);
	if (r == 0)
		r = take_payload(t, dirfd, f.items, f.n, false, e);
	if (dirfd != -1)
		close(dirfd);
	free(f.items);
	arena_free(&f.names);
	return r;
}
