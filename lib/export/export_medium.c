/* SPDX-License-Identifier: ISC */
/*
 * One medium of those that wait in staging/out-SEQUENCE/: N/ there has its tag
 * files, the signature too, and of the last one all beneath data/ but payload;
 * media.tsv says what comes from the store.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/path_make.h"
#include "lib/base/path_remove.h"
#include "lib/base/room.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"
#include "lib/base/volume.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/payload.h"
#include "lib/transfer/media.h"

#define CONTENT "data/" CONTENT_DIR "/"
#define PARTS "data/parts/"
#define PART_LEN (sizeof(".part001") - 1)

struct target {
	struct export *x;
	uint32_t number;
	struct bag_info info; /* of this medium */
	int from; /* owned: its folder in staging; -1 */
	struct export_list list; /* owned: its files beneath data/ */
	struct export_list tags; /* owned: its tag files */
	char stem[PATH_SAFE_MAX + 1]; /* of the part before */
	uint64_t off; /* bytes of the parts before */
};

static bool
is_below(const char *name, const char *folder)
{
	return strncmp(name, folder, strlen(folder)) == 0;
}

static bool
is_payload(const char *name)
{
	return is_below(name, CONTENT) &&
	    strcmp(name, CONTENT CONTENT_CHECK_FILE) != 0;
}

/* Parts of all media come in order: each begins where the one before ends. */
static uint64_t
part_offset(struct target *m, const struct bag_medium_line *l)
{
	size_t n = strlen(l->name) - PART_LEN;
	uint64_t off;

	if (strncmp(m->stem, l->name, n) != 0 || m->stem[n] != '\0') {
		snprintf(m->stem, sizeof(m->stem), "%.*s", (int)n, l->name);
		m->off = 0;
	}
	off = m->off;
	m->off += l->size;
	return off;
}

static int
see_line(void *arg, const struct bag_medium_line *l, struct err *e)
{
	struct target *m = arg;
	uint64_t off = is_below(l->name, PARTS) ? part_offset(m, l) : 0;

	if (l->medium != m->number)
		return 0;
	if (export_note(m->x, &m->list, l->name, l->sha256, l->size, e) == -1)
		return -1;
	m->list.v[m->list.n - 1].off = off;
	return 0;
}

static int
read_list(struct target *m, struct err *e)
{
	struct bag_media *r = NULL;
	struct src s = SRC_INIT;
	int fd, got = -1;

	if (path_open(m->from, BAG_MEDIA, &fd, NULL, e) == -1)
		return -1;
	if (src_fd(&s, fd, e) == 0 && bag_media_open(&r, see_line, m, e) == 0 &&
	    src_copy(&s, bag_media_sink(r), e) == 0)
		got = bag_media_finish(r, NULL, e);
	bag_media_close(r);
	src_close(&s);
	close(fd);
	return got;
}

int
export_medium_list(struct export *x, int from, uint32_t number,
    struct export_list *list, struct err *e)
{
	struct target m = {.x = x, .number = number, .from = from};
	int r = read_list(&m, e);

	*list = m.list;
	return r;
}

static int
read_info(struct target *m, struct err *e)
{
	struct buf text = BUF_INIT_MAX(BAG_MAX_TAG);
	int r;

	r = path_read(m->from, BAG_INFO, BAG_MAX_TAG, &text, e);
	if (r == 0)
		r = bag_info_read(&m->info, text.p, text.len, e);
	buf_free(&text);
	return r;
}

static int
copy_payload(struct target *m, int data, struct err *e)
{
	struct payload_item *items = calloc(m->list.n + 1, sizeof(*items));
	int to = -1, r = -1;
	size_t n = 0;

	if (items == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < m->list.n; i++) {
		const struct export_entry *f = &m->list.v[i];

		if (!is_payload(f->name))
			continue;
		items[n] = (struct payload_item){
		    .name = f->name + strlen(CONTENT),
		    .size = f->size,
		    .has_sha256 = true};
		memcpy(items[n++].sha256, f->sha256, SHA256_LEN);
	}
	if (n == 0 && m->number != m->info.bags)
		r = 0;
	else if (export_folder(data, CONTENT_DIR, &to, e) == 0)
		r = export_copy(m->x, to, items, n, false, e);
	if (to != -1)
		(void)os.close(to);
	free(items);
	return r;
}

static int
compare(const struct export_entry *f, const struct digest *d, struct err *e)
{
	if (d->bytes == f->size &&
	    memcmp(d->sha256, f->sha256, SHA256_LEN) == 0)
		return 0;
	return err_set(e, E_DIGEST,
	    "%s: it has changed since the media were planned; export again "
	    "without --medium",
	    f->name);
}

static int
slice(int fd, int to, uint64_t off, uint64_t size, uint8_t *block,
    struct digest_ctx *ctx, struct err *e)
{
	while (size > 0) {
		size_t want = size < SRC_BLOCK ? (size_t)size : SRC_BLOCK;
		ssize_t n;

		if (stop_check(e) == -1)
			return -1;
		if ((n = pread(fd, block, want, (off_t)off)) == -1)
			return err_sys(e, "cannot read");
		if (n == 0)
			return err_set(e, E_DIGEST, "shorter than it was");
		if (digest_add(ctx, block, (size_t)n, e) == -1 ||
		    (to != -1 && out_fd_write(to, block, (size_t)n, e) == -1))
			return -1;
		off += (uint64_t)n;
		size -= (uint64_t)n;
	}
	return 0;
}

int
export_slice(int fd, int to, uint64_t off, uint64_t size, struct digest *d,
    struct err *e)
{
	struct digest_ctx ctx = DIGEST_CTX_INIT;
	uint8_t *block = malloc(SRC_BLOCK);
	int r = -1;

	if (block == NULL)
		return err_nomem(e);
	if (digest_open(&ctx, DIGEST_SHA256, e) == 0 &&
	    slice(fd, to, off, size, block, &ctx, e) == 0)
		r = digest_done(&ctx, d, e);
	digest_close(&ctx);
	free(block);
	return r;
}

/* data/parts/SHA1.ext.part001 is a slice of XX/SHA1.ext. */
static int
copy_part(struct target *m, int to, const struct export_entry *f, struct err *e)
{
	const char *base = f->name + strlen(PARTS);
	char name[CONTENT_NAME_MAX];
	struct digest d;
	int fd, part = -1, r = -1;

	snprintf(name, sizeof(name), "%.2s/%.*s", base + 38,
	    (int)(strlen(base) - PART_LEN), base);
	if (path_open(m->x->content.dirfd, name, &fd, NULL, e) == -1)
		return err_ctx(e, CONTENT_DIR);
	if (copy_make_name(to, base, &part, e) == 0)
		r = export_slice(fd, part, f->off, f->size, &d, e);
	close(fd);
	if (part != -1 && os.close(part) == -1 && r == 0)
		r = err_sys(e, "cannot close");
	return r == 0 ? compare(f, &d, e) : err_ctx(e, "%s", f->name);
}

static int
copy_parts(struct target *m, int data, struct err *e)
{
	int to = -1, r = 0;

	for (size_t i = 0; r == 0 && i < m->list.n; i++) {
		if (!is_below(m->list.v[i].name, PARTS))
			continue;
		if (to == -1)
			r = export_folder(data, "parts", &to, e);
		if (r == 0)
			r = copy_part(m, to, &m->list.v[i], e);
	}
	if (to != -1)
		(void)os.close(to);
	return r;
}

static int
copy_made(struct target *m, int root, const char *name, struct digest *d,
    struct err *e)
{
	int fd, r;

	if (path_open(m->from, name, &fd, NULL, e) == -1)
		return -1;
	if ((r = path_make_above(root, name, 0755, e)) == 0)
		r = copy_to_name(fd, root, name, DIGEST_SHA256, d, e);
	close(fd);
	return r == 0 ? 0 : err_ctx(e, "%s", name);
}

/* The rest beneath data/, as it was made for the last medium. */
static int
copy_texts(struct target *m, int root, struct err *e)
{
	struct digest d;

	for (size_t i = 0; i < m->list.n; i++) {
		const struct export_entry *f = &m->list.v[i];

		if (is_payload(f->name) || is_below(f->name, PARTS))
			continue;
		if (copy_made(m, root, f->name, &d, e) == -1 ||
		    compare(f, &d, e) == -1)
			return -1;
	}
	return 0;
}

struct tags {
	struct target *m;
	int root;
};

/* Tag files stand in the top folder; the signature comes last. */
static int
copy_tag(void *arg, const struct path_entry *en, struct err *e)
{
	struct tags *t = arg;
	struct digest d;

	if (en->type != PATH_FILE || is_below(en->name, "data/"))
		return 0;
	if (copy_made(t->m, t->root, en->name, &d, e) == -1)
		return -1;
	return export_note(
	    t->m->x, &t->m->tags, en->name, d.sha256, d.bytes, e);
}

static int
write_tree(struct target *m, int root, struct err *e)
{
	struct tags t = {.m = m, .root = root};
	int data = -1, r = -1;

	if (export_folder(root, "data", &data, e) == 0 &&
	    copy_payload(m, data, e) == 0 && copy_parts(m, data, e) == 0 &&
	    copy_texts(m, root, e) == 0)
		r = path_walk(m->from, PATH_MAX_DEPTH, copy_tag, &t, e);
	if (data != -1)
		(void)os.close(data);
	if (r == 0 && os.syncfs(root) == -1)
		r = err_sys(e, "cannot flush");
	return r;
}

/* It has no name before it is whole, and, where that was asked for, was read
   again. */
static int
write_medium(struct target *m, const char *path, struct err *e)
{
	const struct export_list *const lists[] = {&m->list, &m->tags};
	struct export *x = m->x;
	struct err ignored = ERR_INIT;
	int root = -1, r = -1;

	if (path_remove(x->parent, x->temp, e) == -1)
		return -1;
	if (export_folder(x->parent, x->temp, &root, e) == 0 &&
	    write_tree(m, root, e) == 0 &&
	    (!x->o->verify_medium ||
		export_again(x, root, path, lists, 2, e) == 0))
		r = 0;
	if (root != -1)
		(void)os.close(root);
	if (r == 0 &&
	    out_rename_new(x->parent, x->temp, x->parent, x->name) == -1)
		r = err_sys(e, "%s: cannot get its name", x->name);
	if (r == -1) {
		(void)path_remove(x->parent, x->temp, &ignored);
		return err_ctx(e, "%s", path);
	}
	if (out_flush_folder(x->parent) == -1)
		return err_sys(e, "%s: cannot flush", path);
	return 0;
}

/* What is free now, of this very medium. */
static int
check_room(struct target *m, const char *path, struct err *e)
{
	struct volume v;
	uint64_t need = 0, largest = 0;

	if (room_writable(m->x->parent, path, e) == -1)
		return -1;
	if (volume_at(&v, m->x->parent, path, e) == -1) {
		if (e->kind != E_USAGE)
			return -1;
		err_clear(e);
		return 0;
	}
	for (size_t i = 0; i < m->list.n; i++) {
		need += volume_file(&v, m->list.v[i].size);
		if (m->list.v[i].size > largest)
			largest = m->list.v[i].size;
	}
	if (largest > v.largest)
		return err_set(e, E_USAGE,
		    "%s: its file system holds no file of %s; the media were "
		    "planned for another: export again with --filesystem",
		    path, words_size(largest).s);
	return room_check(m->x->parent, need, m->list.n, path, e);
}

static void
name_medium(struct target *m)
{
	char label[MEDIA_LABEL_MAX];

	media_label(label, &m->info, m->number);
	snprintf(m->x->name, sizeof(m->x->name), "wsusferry-%s", label);
	snprintf(m->x->temp, sizeof(m->x->temp), ".%s.partial", m->x->name);
}

static int
put_medium(struct target *m, const char *path, struct err *e)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", m->number);
	if (path_opendir(m->x->out, name, &m->from, e) == -1 ||
	    read_info(m, e) == -1 || read_list(m, e) == -1)
		return err_ctx(e, "what waits for medium %u", m->number);
	name_medium(m);
	if (export_check_free(m->x, path, e) == -1 ||
	    check_room(m, path, e) == -1)
		return -1;
	log_event(m->x->log, LOG_INFO, path, "writing medium %u of %u: %s",
	    m->number, m->info.bags, m->x->name);
	return write_medium(m, path, e);
}

int
export_medium(
    struct export *x, uint32_t number, const char *path, struct err *e)
{
	struct target m = {.x = x, .number = number, .from = -1};
	int r;

	if (x->parent != -1)
		(void)os.close(x->parent);
	x->parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->parent == -1)
		return err_sys(e, "%s: cannot open", path);
	r = put_medium(&m, path, e);
	if (m.from != -1)
		(void)close(m.from);
	free(m.list.v);
	free(m.tags.v);
	return r;
}
