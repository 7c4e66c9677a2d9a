/* SPDX-License-Identifier: ISC */
/* --with: folders of the site's own, beneath data/with/. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/base/path_make.h"
#include "lib/base/room.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/transfer/given.h"
#include "lib/transfer/transfer.h"

/* NAME and what is beneath it: data/ and with/ are two components more. */
#define DEPTH (PATH_MAX_DEPTH - 3)

struct folder {
	struct export *x;
	const char *dir; /* borrowed: as it was named */
	const char *name; /* borrowed */
	size_t of;
	int fd; /* borrowed */
};

static int
name_file(struct folder *f, const char *rel, const char **name, struct err *e)
{
	char full[PATH_SAFE_MAX + 1];
	int n = snprintf(
	    full, sizeof(full), TRANSFER_WITH "%s/%s", f->name, rel);

	if (n < 0 || (size_t)n >= sizeof(full) || !path_safe(full, (size_t)n) ||
	    !bag_name_fits(full))
		return err_set(e, E_USAGE,
		    "--with: %s/%s: expected a name of A-Za-z0-9._- that FAT, "
		    "exFAT and NTFS take, at most %d bytes and %d folders deep",
		    f->dir, rel,
		    (int)(PATH_SAFE_MAX - strlen(TRANSFER_WITH) -
			strlen(f->name) - 1),
		    DEPTH - 1);
	*name = arena_strndup(&f->x->names, full, (size_t)n);
	return *name == NULL ? err_nomem(e) : 0;
}

static int
hash_file(struct folder *f, const char *rel, struct digest *d, struct err *e)
{
	uint64_t size;
	int fd, r;

	if (path_open(f->fd, rel, &fd, &size, e) == -1)
		return err_ctx(e, "--with: %s", f->dir);
	r = copy_hashed(fd, -1, UINT64_MAX, DIGEST_SHA256, d, e);
	(void)close(fd);
	return r == 0 ? 0 : err_ctx(e, "--with: %s/%s", f->dir, rel);
}

static int
add_file(void *arg, const struct path_entry *en, struct err *e)
{
	struct folder *f = arg;
	struct export_with *w = &f->x->with;
	struct export_with_file *to;
	struct digest d;

	if (en->type == PATH_DIR)
		return 0;
	if (en->type != PATH_FILE)
		return err_set(e, E_USAGE,
		    "--with: %s/%s: a link, a device or the like; regular "
		    "files alone travel",
		    f->dir, en->name);
	if (w->n == TRANSFER_WITH_FILES)
		return err_set(e, E_LIMIT, "--with: more than %d files",
		    TRANSFER_WITH_FILES);
	if (grow(&w->v, &w->cap, w->n, sizeof(*w->v), e) == -1)
		return -1;
	to = &w->v[w->n];
	if (name_file(f, en->name, &to->name, e) == -1 ||
	    hash_file(f, en->name, &d, e) == -1)
		return -1;
	to->of = f->of;
	to->size = d.bytes;
	memcpy(to->sha256, d.sha256, SHA256_LEN);
	w->bytes += d.bytes;
	w->n++;
	return 0;
}

/* DIR=NAME: the last sign parts them. */
static int
read_one(struct export *x, size_t i, struct err *e)
{
	const char *text = x->o->withs[i], *sign = strrchr(text, '=');
	struct folder f = {.x = x, .of = i};
	size_t before = x->with.n;
	char dir[4096];
	int r;

	if (sign == NULL || sign == text || strchr(sign, '/') != NULL ||
	    !path_safe(sign + 1, strlen(sign + 1)) ||
	    !bag_name_fits(sign + 1) || (size_t)(sign - text) >= sizeof(dir))
		return err_set(e, E_USAGE,
		    "--with takes DIR=NAME, a folder and what it is called on "
		    "the other side, in A-Za-z0-9._-, not '%s'",
		    text);
	for (size_t k = 0; k < i; k++)
		if (strcmp(strrchr(x->o->withs[k], '='), sign) == 0)
			return err_set(e, E_USAGE,
			    "--with: '%s': another folder is called %s, too",
			    text, sign + 1);
	snprintf(dir, sizeof(dir), "%.*s", (int)(sign - text), text);
	f.dir = dir;
	f.name = sign + 1;
	if (given_folder(dir, "the folder for --with", e) == -1)
		return -1;
	f.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f.fd == -1)
		return err_sys(e, "%s: cannot open", dir);
	x->with.dirs[x->with.ndirs++] = f.fd;
	if ((r = path_walk(f.fd, DEPTH, add_file, &f, e)) == -1 &&
	    e->kind == E_LIMIT) {
		err_ctx(e, "--with: %s", dir);
		e->kind = E_USAGE;
	}
	if (r == 0 && x->with.n == before)
		r = err_set(e, E_USAGE, "--with: %s: no file is in it", dir);
	return r;
}

static int
name_cmp(const void *a, const void *b)
{
	return strcmp(((const struct export_with_file *)a)->name,
	    ((const struct export_with_file *)b)->name);
}

/* Two that are one for Windows are refused here, not on the other side. */
static int
check_names(struct export *x, struct err *e)
{
	const char **names = calloc(x->with.n + 1, sizeof(*names));
	int r;

	if (names == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < x->with.n; i++)
		names[i] = x->with.v[i].name;
	r = bag_names_check(names, x->with.n, e);
	free(names);
	if (r == -1 && e->kind == E_FORMAT)
		e->kind = E_USAGE;
	return r == 0 ? 0 : err_ctx(e, "--with");
}

int
export_with_read(struct export *x, struct err *e)
{
	if (x->o->nwiths == 0)
		return 0;
	x->with.dirs = calloc(x->o->nwiths, sizeof(*x->with.dirs));
	if (x->with.dirs == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < x->o->nwiths; i++)
		if (read_one(x, i, e) == -1)
			return -1;
	sort_up(x->with.v, x->with.n, sizeof(*x->with.v), name_cmp);
	return check_names(x, e);
}

void
export_with_close(struct export *x)
{
	for (size_t i = 0; i < x->with.ndirs; i++)
		(void)os.close(x->with.dirs[i]);
	free(x->with.dirs);
	free(x->with.v);
}

/* What is brought along is not cut. */
int
export_with_fits(struct export *x, struct err *e)
{
	const struct export_with_file *largest = NULL;

	for (size_t i = 0; i < x->with.n; i++)
		if (largest == NULL || x->with.v[i].size > largest->size)
			largest = &x->with.v[i];
	if (largest == NULL || x->tar)
		return 0;
	if (x->on_media && largest->size > x->fill.volume.largest)
		return err_set(e, E_LIMIT,
		    "%s: %s; the file system of the media holds no file so "
		    "large, and what --with brings along is not cut",
		    largest->name, words_size(largest->size).s);
	return room_file(x->parent, largest->size, largest->name, x->o->to, e);
}

int
export_with_lines(const struct export *x, struct digest_ctx *c, struct err *e)
{
	struct buf b = BUF_INIT;
	char hex[2 * SHA256_LEN + 1];
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->with.n; i++) {
		hex_lower(hex, x->with.v[i].sha256, SHA256_LEN);
		if ((r = buf_printf(
			 &b, e, "w %s %s\n", hex, x->with.v[i].name)) == 0)
			r = digest_add(c, b.p, b.len, e);
		buf_reset(&b);
	}
	buf_free(&b);
	return r;
}

static int
put_file(
    struct export *x, int root, const struct export_with_file *f, struct err *e)
{
	const char *rel = strchr(f->name + strlen(TRANSFER_WITH), '/') + 1;
	struct digest d;
	int fd, r;

	if (path_make_above(root, f->name, 0755, e) == -1 ||
	    path_open(x->with.dirs[f->of], rel, &fd, NULL, e) == -1)
		return -1;
	r = copy_to_name(fd, root, f->name, DIGEST_SHA256, &d, e);
	(void)close(fd);
	if (r == 0 &&
	    (d.bytes != f->size ||
		memcmp(d.sha256, f->sha256, SHA256_LEN) != 0))
		r = err_set(e, E_DIGEST,
		    "it changed while it was exported; run it again");
	return r == -1
	    ? -1
	    : export_note(x, &x->files_list, f->name, d.sha256, d.bytes, e);
}

int
export_with_put(struct export *x, struct err *e)
{
	for (size_t i = 0; i < x->with.n; i++)
		if (put_file(x, x->root, &x->with.v[i], e) == -1)
			return err_ctx(e, "--with %s: %s",
			    x->o->withs[x->with.v[i].of], x->with.v[i].name);
	return 0;
}
