/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/base/grow.h"
#include "lib/import/import_priv.h"
#include "lib/transfer/intake.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"

#define MAX_PACKAGE ((uint64_t)4 << 30) /* bytes: a cabinet's size is 32 bits */
#define MAX_NAMES ((size_t)256 << 20) /* bytes of a content folder's names */
#define MAX_CONTENT_DEPTH 3

/* The payload of a WsusContent folder. */
struct folder {
	struct import *im;
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
		take_leave(&f->im->take, en->name, "not a payload's name");
		return 0;
	}
	if (en->type != PATH_FILE) {
		log_event(f->im->log, LOG_WARN, en->name,
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
			take_leave(&f->im->take, f->items[i].name,
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

static int
import_folder(struct import *im, struct err *e)
{
	struct folder f = {.im = im, .names = ARENA_INIT(MAX_NAMES)};
	int dirfd = -1, r = -1;

	if (im->o->content != NULL) {
		if (open_folder(im->o->content, &dirfd, e) == -1)
			goto out;
		if (path_walk(dirfd, MAX_CONTENT_DEPTH, see_content, &f, e) ==
		    -1) {
			err_ctx(e, "%s", im->o->content);
			goto out;
		}
	}
	make_unique(&f);
	if (import_ready(im, e) == 0 &&
	    take_payload(&im->take, dirfd, f.items, f.n, false, e) == 0)
		r = import_settle(im, e);
out:
	if (dirfd != -1)
		close(dirfd);
	free(f.items);
	arena_free(&f.names);
	return r;
}

static int
import_file(
    struct import *im, const char *path, struct digest_ctx *all, struct err *e)
{
	struct intake in = INTAKE_INIT;
	int fd, r = -1;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: cannot open", path);
	if (intake_fd(&in, fd, MAX_PACKAGE, im->take.scratch, e) == -1) {
		err_ctx(e, "%s", path);
		goto out;
	}
	if (in.size == 0) {
		err_set(e, E_FORMAT,
		    "%s: empty; wsusutil leaves such a file when an export "
		    "passes 2 GB",
		    path);
		goto out;
	}
	if (digest_add(all, in.sha256, SHA256_LEN, e) == -1)
		goto out;
	r = take_package(&im->take, in.fd, path, e);
out:
	intake_close(&in);
	close(fd);
	return r;
}

/*
 * The same cabinets again, and nothing new in or beside them: the ledger keeps
 * the one row, as if a run that was cut off after its commit had told so.
 */
static int
look_back(struct import *im, struct err *e)
{
	struct ledger_row same;
	int r;

	if (im->take.new_revisions != 0 || im->take.new_files != 0)
		return 0;
	r = ledger_find(im->store, LEDGER_PACKAGE, im->row.tag, &same, e);
	im->already = r == 1;
	return r == -1 ? -1 : 0;
}

/* The first package that has an index makes the row. */
static int
open_row(void *arg, struct err *e)
{
	struct import *im = arg;

	if (im->row.row != 0)
		return 0;
	if (import_accept(im, e) == -1)
		return -1;
	log_event(im->log, LOG_WARN, im->o->paths[0],
	    "unsigned: nothing proves where this package comes from");
	if (ledger_add(im->store, &im->row, e) == -1)
		return -1;
	im->take.row = im->row.row;
	return 0;
}

int
import_genuine(struct import *im, struct err *e)
{
	const char *base = strrchr(im->o->paths[0], '/');
	struct digest_ctx all = DIGEST_CTX_INIT;
	struct digest d;
	int r = -1;

	im->row.kind = LEDGER_PACKAGE;
	im->row.state = LEDGER_OPEN;
	base = base == NULL ? im->o->paths[0] : base + 1;
	strncpy(im->row.where, base, sizeof(im->row.where) - 1);
	im->take.indexed = open_row;
	if (digest_open(&all, DIGEST_SHA256, e) == -1)
		goto out;
	for (size_t i = 0; i < im->o->npaths; i++)
		if (import_file(im, im->o->paths[i], &all, e) == -1)
			goto out;
	if (digest_done(&all, &d, e) == -1)
		goto out;
	memcpy(im->row.tag, d.sha256, SHA256_LEN);
	im->row.has_tag = true;
	if (take_derive(&im->take, e) == 0 && import_folder(im, e) == 0)
		r = look_back(im, e);
out:
	digest_close(&all);
	return r;
}
