/* SPDX-License-Identifier: ISC */
/*
 * A transfer as a tar.  What comes first in it says the digests of what comes
 * last, so all but the payload is made beforehand, as for media, and the ledger
 * has the transfer's identity before the first byte is out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/room.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"
#include "lib/export/export_priv.h"
#include "lib/transfer/given.h"

#define CONTENT "data/" CONTENT_DIR "/"
#define PACKAGE "data/wsusexport"
#define STDOUT "-"
#define LISTS 4096 /* bytes that all lists have of a file, or a revision */

static bool
is_tar(const char *to)
{
	size_t n = strlen(to), k = strlen(".tar");

	return strcmp(to, STDOUT) == 0 ||
	    (n > k && strcmp(to + n - k, ".tar") == 0);
}

bool
export_tar_asked(const struct export *x)
{
	for (size_t i = 0; i < export_ntos(x); i++)
		if (is_tar(export_to(x, i)))
			return true;
	return false;
}

static int
check_opts(const struct export_opts *o, struct err *e)
{
	if (o->ntos > 1)
		return err_set(e, E_USAGE,
		    "--to %s: a tar has all of a transfer, and goes alone",
		    o->to);
	if (o->media_size != NULL || o->filesystem != NULL || o->medium != 0)
		return err_set(e, E_USAGE,
		    "--media-size, --filesystem and --medium go with a "
		    "folder: a tar has all of a transfer");
	if (o->verify_medium)
		return err_set(e, E_USAGE,
		    "--verify-medium goes with a folder; wsusferry-verify "
		    "reads a tar again");
	return 0;
}

int
export_tar_given(struct export *x, struct err *e)
{
	const char *to = x->o->to, *slash = strrchr(to, '/');
	char *folder;
	int r;

	if (check_opts(x->o, e) == -1)
		return -1;
	x->tar = true;
	if (strcmp(to, STDOUT) == 0)
		return x->o->out_fd == -1 || !isatty(x->o->out_fd)
		    ? 0
		    : err_set(e, E_USAGE,
			  "--to -: standard output is a terminal; give it to "
			  "a pipe or a file");
	x->tar_name = slash == NULL ? to : slash + 1;
	folder = slash == NULL ? strdup(".")
			       : strndup(to, (size_t)(slash - to) + 1);
	if (folder == NULL)
		return err_nomem(e);
	r = given_folder(folder, "the folder for the tar", e);
	if (r == 0 &&
	    (x->parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) ==
		-1)
		r = err_sys(e, "%s: cannot open", folder);
	free(folder);
	return r;
}

static int
is_taken(struct export *x, struct err *e)
{
	return err_set(e, E_USAGE,
	    "%s is there already; move it away, or name another file",
	    x->o->to);
}

int
export_tar_fits(struct export *x, bool packed, struct err *e)
{
	uint64_t need = x->bytes + (x->files + x->plan.n) * LISTS;
	int r;

	if (x->tar_name == NULL)
		return 0;
	if (packed)
		return room_check(x->parent, need, 1, x->o->to, e) == 0
		    ? room_file(x->parent, need, x->tar_name, x->o->to, e)
		    : -1;
	if ((r = path_look(x->parent, x->tar_name, NULL, e)) != 0)
		return r == -1 ? -1 : is_taken(x, e);
	return room_writable(x->parent, x->o->to, e);
}

/* What goes into it, in its order. */
struct tar {
	struct export *x;
	int from; /* owned: staging/out-SEQUENCE/1; -1 */
	struct export_list list; /* owned */
	struct export_archive *a; /* owned */
	uint8_t *block; /* owned: SRC_BLOCK bytes */
};

static int
add_tag(void *arg, const struct path_entry *en, struct err *e)
{
	static const uint8_t unknown[SHA256_LEN];
	struct tar *t = arg;

	if (en->type != PATH_FILE ||
	    strncmp(en->name, "data/", strlen("data/")) == 0)
		return 0;
	return export_note(t->x, &t->list, en->name, unknown, en->size, e);
}

/* wsusferry-transfer(5), Tar. */
static unsigned
rank(const char *name)
{
	if (strcmp(name, BAG_TAGMANIFEST) == 0)
		return 0;
	if (bag_is_signature(name))
		return 1;
	if (strncmp(name, "data/", strlen("data/")) != 0)
		return 2;
	if (strncmp(name, PACKAGE, strlen(PACKAGE)) == 0)
		return 3;
	return strcmp(name, "data/state.jsonl") == 0 ? 4 : 5;
}

static int
in_order(const void *va, const void *vb)
{
	const char *a = ((const struct export_entry *)va)->name,
		   *b = ((const struct export_entry *)vb)->name;
	unsigned ra = rank(a), rb = rank(b);

	if (ra != rb)
		return ra < rb ? -1 : 1;
	/* wsusexport.cab, -2.cab, ..., -10.cab: "." is behind "-". */
	if (ra == 3 && (a[strlen(PACKAGE)] != b[strlen(PACKAGE)]))
		return a[strlen(PACKAGE)] == '.' ? -1 : 1;
	if (ra == 3 && strlen(a) != strlen(b))
		return strlen(a) < strlen(b) ? -1 : 1;
	return strcmp(a, b);
}

static int
list_all(struct tar *t, struct err *e)
{
	if (path_opendir(t->x->out, "1", &t->from, e) == -1 ||
	    export_medium_list(t->x, t->from, 1, &t->list, e) == -1 ||
	    path_walk(t->from, PATH_MAX_DEPTH, add_tag, t, e) == -1)
		return -1;
	if (t->list.n != 0)
		qsort(t->list.v, t->list.n, sizeof(*t->list.v), in_order);
	return 0;
}

/* Payload is the store's, the rest waits in staging. */
static int
open_entry(struct tar *t, const struct export_entry *f, int *fd, uint64_t *size,
    struct err *e)
{
	if (strncmp(f->name, CONTENT, strlen(CONTENT)) == 0 &&
	    strcmp(f->name, CONTENT CONTENT_CHECK_FILE) != 0)
		return path_open(t->x->content.dirfd, f->name + strlen(CONTENT),
		    fd, size, e);
	return path_open(t->from, f->name, fd, size, e);
}

static int
damaged(const struct export_entry *f, const char *what, struct err *e)
{
	return err_set(e, E_DIGEST,
	    "%s: damaged in the store: %s; the tar was not finished; run "
	    "wsusferry-verify on the store",
	    f->name, what);
}

static int
copy_bytes(struct tar *t, int fd, const struct export_entry *f,
    struct digest_ctx *ctx, struct err *e)
{
	struct src s = SRC_INIT;
	uint64_t left = f->size;
	ssize_t n = 1;
	int r = src_fd(&s, fd, e);

	while (r == 0 && n > 0) {
		if (stop_check(e) == -1 ||
		    (n = src_read(&s, t->block, SRC_BLOCK, e)) == -1)
			r = -1;
		else if ((uint64_t)n > left)
			r = damaged(f, "longer than it was", e);
		else if (digest_add(ctx, t->block, (size_t)n, e) == -1 ||
		    (n > 0 &&
			export_archive_write(t->a, t->block, (size_t)n, e) ==
			    -1))
			r = -1;
		left -= r == 0 ? (uint64_t)n : 0;
	}
	src_close(&s);
	if (r == 0 && left != 0)
		r = damaged(f, "shorter than it was", e);
	return r;
}

/* Tag files are covered by each other; what stands beneath data/ is compared
   with what they say of it. */
static int
put_entry(struct tar *t, const struct export_entry *f, struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	struct digest d;
	uint64_t size;
	int fd, r = -1;

	if (open_entry(t, f, &fd, &size, e) == -1)
		return -1;
	if (size != f->size)
		(void)damaged(f, "of another size than it was", e);
	else if (digest_open(&ctx, DIGEST_SHA256, e) == 0 &&
	    export_archive_member(t->a, f->name, f->size, e) == 0 &&
	    copy_bytes(t, fd, f, &ctx, e) == 0)
		r = digest_done(&ctx, &d, e);
	digest_close(&ctx);
	close(fd);
	if (r == 0 && rank(f->name) > 2 &&
	    memcmp(d.sha256, f->sha256, SHA256_LEN) != 0)
		r = damaged(f, "its SHA-256 is another", e);
	return r;
}

static int
put_all(struct tar *t, struct sink *to, struct err *e)
{
	struct export *x = t->x;
	uint64_t bytes = 0;
	int r;

	if ((t->block = malloc(SRC_BLOCK)) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < t->list.n; i++)
		bytes += t->list.v[i].size;
	prog_begin(
	    &x->prog, x->log, "writing the tar", "file", bytes, t->list.n);
	r = export_archive_open(&t->a, to, x->name, x->info.time, e);
	for (size_t i = 0; r == 0 && i < t->list.n; i++) {
		r = put_entry(t, &t->list.v[i], e);
		prog_add(&x->prog, t->list.v[i].size, 1);
	}
	if (r == 0)
		r = export_archive_finish(t->a, e);
	prog_end(&x->prog);
	return r;
}

/* All that it takes is known now; whatever it is, its folder says. */
static int
check_room(struct tar *t, struct err *e)
{
	const struct export *x = t->x;
	uint64_t need = EXPORT_ARCHIVE_END;

	for (size_t i = 0; i < t->list.n; i++)
		need += export_archive_takes(t->list.v[i].size);
	if (room_file(x->parent, need, x->tar_name, x->o->to, e) == -1)
		return -1;
	return room_check(x->parent, need, 1, x->o->to, e);
}

/* The first member's bytes, behind its header: a file that has its name is
   whole. */
static int
is_this(struct tar *t, int fd, struct err *e)
{
	struct buf tag = BUF_INIT_MAX(BAG_MAX_TAGMANIFEST);
	uint8_t *has = malloc(BAG_MAX_TAGMANIFEST);
	ssize_t n;
	int r = -1;

	if (has == NULL)
		err_nomem(e);
	else if (path_read(t->from, BAG_TAGMANIFEST, BAG_MAX_TAGMANIFEST, &tag,
		     e) == 0) {
		n = pread(fd, has, tag.len, 512);
		r = n == (ssize_t)tag.len && memcmp(has, tag.p, tag.len) == 0;
	}
	buf_free(&tag);
	free(has);
	return r;
}

/* It got its name by a run that was ended then.  1, 0 there is none, -1. */
static int
is_there(struct tar *t, struct err *e)
{
	struct export *x = t->x;
	int fd, r;

	if (path_open(x->parent, x->tar_name, &fd, NULL, e) == -1) {
		if (e->kind != E_MISSING)
			return -1;
		err_clear(e);
		return 0;
	}
	r = is_this(t, fd, e);
	close(fd);
	return r != 0 ? r : is_taken(x, e);
}

static int
put_file(struct tar *t, struct err *e)
{
	struct export *x = t->x;
	struct out o = OUT_INIT;
	int r = is_there(t, e);

	if (r != 0)
		return r == 1 ? 0 : -1;
	if (check_room(t, e) == -1)
		return -1;
	o.partial = true;
	r = -1;
	if (out_open(&o, x->parent, x->tar_name, 0644, e) == 0 &&
	    put_all(t, &o.sink, e) == 0)
		r = out_commit(&o, e);
	export_archive_close(t->a);
	t->a = NULL;
	out_abort(&o);
	return r;
}

/* What is no file cannot be flushed. */
static int
put_stdout(struct tar *t, struct err *e)
{
	int fd = t->x->o->out_fd;
	struct stat st;
	struct sink to;

	sink_fd(&to, fd);
	if (put_all(t, &to, e) == -1)
		return err_ctx(e, "standard output");
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && os.fsync(fd) == -1)
		return err_sys(e, "standard output: cannot flush");
	return 0;
}

int
export_tar_write(struct export *x, struct err *e)
{
	struct tar t = {.x = x, .from = -1};
	int r = -1;

	if (list_all(&t, e) == 0)
		r = x->tar_name != NULL ? put_file(&t, e) : put_stdout(&t, e);
	export_archive_close(t.a);
	if (t.from != -1)
		(void)close(t.from);
	free(t.list.v);
	free(t.block);
	return r;
}
