/* SPDX-License-Identifier: ISC */
/* A package that a real server wrote, read and written again. */
#include "formats/package.h"

#include <fcntl.h>
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/buf.h"
#include "lib/base/src.h"
#include "tests/t.h"

struct key {
	struct guid id;
	uint32_t revision;
};

struct told {
	struct package_head head;
	struct package_enabled en;
	struct buf index, meta; /* written again */
	struct buf keys; /* of the index, in its order */
	uint64_t nfiles, nupdates, nrecords, nmismatched, nwide;
};

static int
head(void *arg, const struct package_head *h, struct err *e)
{
	struct told *t = arg;

	(void)e;
	t->head = *h;
	return 0;
}

static int
lang(void *arg, uint32_t id, const char *name, bool enabled, struct err *e)
{
	struct told *t = arg;

	(void)name, (void)e;
	for (int i = 0; i < PACKAGE_NLANGS; i++)
		if (package_langs[i].id == id)
			t->en.on[i] = enabled;
	return 0;
}

static int
begin(struct told *t, struct err *e)
{
	return t->index.len != 0
	    ? 0
	    : package_put_begin(&t->index, &t->head, &t->en, e);
}

static int
file(void *arg, const struct package_file *f, struct err *e)
{
	struct told *t = arg;

	if (begin(t, e) == -1)
		return -1;
	return package_put_file(&t->index, t->nfiles++, f, e);
}

static int
update(void *arg, const struct package_update *u, struct err *e)
{
	struct told *t = arg;
	struct key k;

	memset(&k, 0, sizeof(k));
	k.id = u->id;
	k.revision = u->revision;
	if (buf_put(&t->keys, &k, sizeof(k), e) == -1 || begin(t, e) == -1)
		return -1;
	if (t->nupdates == 0 &&
	    package_put_updates(&t->index, t->nfiles, e) == -1)
		return -1;
	return package_put_update(&t->index, t->nupdates++, u, e);
}

static int
record(void *arg, const struct package_record *rec, struct err *e)
{
	struct told *t = arg;
	struct key k;
	char text[PACKAGE_META_HEAD + 1];

	memset(&k, 0, sizeof(k));
	k.id = rec->id;
	k.revision = rec->revision;
	if ((t->nrecords + 1) * sizeof(k) > t->keys.len ||
	    memcmp(t->keys.p + t->nrecords * sizeof(k), &k, sizeof(k)) != 0)
		t->nmismatched++;
	t->nrecords++;
	t->nwide += rec->units != rec->len;
	package_meta_head(text, &rec->id, rec->revision, rec->units);
	if (buf_puts(&t->meta, text, e) == -1 ||
	    buf_put(&t->meta, rec->doc, rec->len, e) == -1)
		return -1;
	return buf_puts(&t->meta, "\r\n", e);
}

static void
told_init(struct told *t)
{
	const struct buf empty = BUF_INIT;

	memset(t, 0, sizeof(*t));
	t->index = t->meta = t->keys = empty;
}

static void
told_free(struct told *t)
{
	buf_free(&t->index);
	buf_free(&t->meta);
	buf_free(&t->keys);
}

/* Read both members in portions of step bytes; write what was told. */
static void
read_both(struct told *t, const struct buf *index, const struct buf *meta,
    size_t step)
{
	static const struct package_index_handler h = {
	    .head = head, .lang = lang, .file = file, .update = update};
	struct err e = ERR_INIT;
	struct package_index *x;
	struct package_meta *m;
	uint64_t n, lf_only;

	told_init(t);
	T_CALL(package_index_open(&x, &h, t, NULL, &e), &e);
	for (size_t at = 0; at < index->len; at += step)
		T_CALL(sink_write(package_index_sink(x), index->p + at,
			   index->len - at < step ? index->len - at : step, &e),
		    &e);
	T_CALL(package_index_finish(x, &e), &e);
	T_EQ(package_index_skipped(x), 0);
	package_index_close(x);
	T_CALL(package_put_end(&t->index, t->nupdates, &e), &e);

	T_CALL(package_meta_open(&m, record, t, NULL, &e), &e);
	for (size_t at = 0; at < meta->len; at += step)
		T_CALL(sink_write(package_meta_sink(m), meta->p + at,
			   meta->len - at < step ? meta->len - at : step, &e),
		    &e);
	T_CALL(package_meta_finish(m, &n, &lf_only, &e), &e);
	package_meta_close(m);
	T_EQ(n, t->nrecords);
	T_EQ(lf_only, 0);
}

static void
same(const struct buf *a, const struct buf *b)
{
	T_EQ(a->len, b->len);
	T_OK(a->len == b->len && memcmp(a->p, b->p, a->len) == 0);
}

static void
load(struct buf *to, const char *name)
{
	struct err e = ERR_INIT;
	struct src s = SRC_INIT;
	struct sink sink;
	int fd = open(name, O_RDONLY);

	sink_buf(&sink, to);
	T_CALL(src_fd(&s, fd, &e), &e);
	T_CALL(src_copy(&s, &sink, &e), &e);
	src_close(&s);
	close(fd);
}

T_TEST(a_real_package_is_read_and_its_index_written_alike)
{
	const char *name = t_sample(
	    "wsusexport/wsus-categories-2024-06-19.cab");
	struct buf file = BUF_INIT, index = BUF_INIT, meta = BUF_INIT;
	struct cab cab = CAB_INIT;
	struct cab_body *body = NULL;
	struct err e = ERR_INIT;
	struct src s = SRC_INIT;
	struct sink sink;
	struct told t;

	if (name == NULL) {
		t_skip("no samples");
		return;
	}
	load(&file, name);
	src_mem(&s, file.p, file.len);
	T_CALL(cab_read(&cab, &s, &cab_default_limits, &e), &e);
	T_CALL(cab_body_open(&body, &cab, &s, &e), &e);
	sink_buf(&sink, &index);
	T_CALL(cab_body_extract(
		   body, (unsigned)cab_find(&cab, PACKAGE_INDEX), &sink, &e),
	    &e);
	sink_buf(&sink, &meta);
	T_CALL(cab_body_extract(
		   body, (unsigned)cab_find(&cab, PACKAGE_META), &sink, &e),
	    &e);
	for (size_t step = 1000; step < 40000000; step *= 160) {
		read_both(&t, &index, &meta, step);
		T_EQ(t.nupdates, 4125);
		T_EQ(t.nrecords, 4125);
		T_EQ(t.nwide, 114);
		T_EQ(t.nmismatched, 0);
		T_EQ(t.en.on[0], true);
		same(&t.index, &index);
		same(&t.meta, &meta);
		told_free(&t);
	}
	cab_body_close(body);
	cab_free(&cab);
	src_close(&s);
	buf_free(&file);
	buf_free(&index);
	buf_free(&meta);
}

T_TEST(real_excerpts_are_read_byte_by_byte_and_written_alike)
{
	struct buf index = BUF_INIT, meta = BUF_INIT;
	const char *name = t_sample("wsusexport/package-2024-excerpt.xml");
	struct told t;

	if (name == NULL) {
		t_skip("no samples");
		return;
	}
	load(&index, name);
	load(&meta, t_sample("wsusexport/metadata-2024-excerpt.txt"));
	read_both(&t, &index, &meta, 1);
	T_EQ(t.nupdates, 12);
	T_EQ(t.nrecords, 12);
	T_EQ(t.nmismatched, 0);
	same(&t.index, &index);
	same(&t.meta, &meta);
	told_free(&t);
	buf_free(&index);
	buf_free(&meta);
}

T_MAIN
