/* SPDX-License-Identifier: ISC */
/*
 * Byte 0: which reader (index, documents, .xml.gz from text, .xml.gz as it
 * is); byte 1: bytes of a portion.  What was read is written, read and written
 * again, and both writings are the same.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "formats/package.h"
#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/src.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct told {
	struct package_head head;
	struct package_enabled en;
	struct buf index, meta;
	uint64_t nfiles, nupdates;
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

	(void)e;
	for (int i = 0; i < PACKAGE_NLANGS; i++)
		if (package_langs[i].id == id)
			t->en.on[i] = enabled || strlen(name) > 9;
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

	if (begin(t, e) == -1)
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
	char text[PACKAGE_META_HEAD + 1];

	if (!utf8_valid(rec->doc, rec->len) ||
	    utf8_units(rec->doc, rec->len) != rec->units)
		abort();
	package_meta_head(text, &rec->id, rec->revision, rec->units);
	if (buf_puts(&t->meta, text, e) == -1 ||
	    buf_put(&t->meta, rec->doc, rec->len, e) == -1)
		return -1;
	return buf_puts(&t->meta, "\r\n", e);
}

static const struct package_index_handler handler = {
    .head = head, .lang = lang, .file = file, .update = update};

static void
told_init(struct told *t)
{
	const struct buf empty = BUF_INIT;

	memset(t, 0, sizeof(*t));
	t->index = t->meta = empty;
}

static void
told_free(struct told *t)
{
	buf_free(&t->index);
	buf_free(&t->meta);
}

static int
push(struct sink *s, const uint8_t *p, size_t n, size_t step, struct err *e)
{
	for (size_t at = 0; at < n; at += step)
		if (sink_write(s, p + at, n - at < step ? n - at : step, e) ==
		    -1)
			return -1;
	return 0;
}

static int
read_index(struct told *t, const uint8_t *p, size_t n, size_t step)
{
	struct err e = ERR_INIT;
	struct package_index *x = NULL;
	int r = -1;

	told_init(t);
	if (package_index_open(&x, &handler, t, NULL, &e) == 0 &&
	    push(package_index_sink(x), p, n, step, &e) == 0 &&
	    package_index_finish(x, &e) == 0 && begin(t, &e) == 0)
		r = 0;
	if (r == 0 && t->nupdates == 0)
		r = package_put_updates(&t->index, t->nfiles, &e);
	if (r == 0)
		r = package_put_end(&t->index, t->nupdates, &e);
	package_index_close(x);
	return r;
}

static int
read_meta(struct told *t, const uint8_t *p, size_t n, size_t step)
{
	struct err e = ERR_INIT;
	struct package_meta *m = NULL;
	int r = -1;

	told_init(t);
	if (package_meta_open(&m, record, t, NULL, &e) == 0 &&
	    push(package_meta_sink(m), p, n, step, &e) == 0)
		r = package_meta_finish(m, NULL, NULL, &e);
	package_meta_close(m);
	return r;
}

static int
read_gz(struct told *t, const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	struct src s = SRC_INIT;

	told_init(t);
	src_mem(&s, p, n);
	return package_gz_read(&s, &handler, record, t, NULL, &e);
}

static int
pack_and_read(struct told *t, const uint8_t *p, size_t n)
{
	z_stream z = {.avail_in = (uInt)n};
	size_t max = n + n / 100 + 100;
	uint8_t *in = malloc(n + 1), *out = malloc(max);
	int r;

	memcpy(in, p, n);
	z.next_in = in;
	z.next_out = out;
	z.avail_out = (uInt)max;
	if (deflateInit2(&z, 0, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) !=
		Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	(void)deflateEnd(&z);
	r = read_gz(t, out, max - z.avail_out);
	free(in);
	free(out);
	return r;
}

static void
same(const struct buf *a, const struct buf *b)
{
	if (a->len != b->len ||
	    (a->len != 0 && memcmp(a->p, b->p, a->len) != 0))
		abort();
}

static void
index_again(const struct told *t, size_t step)
{
	struct told again;

	if (read_index(&again, t->index.p, t->index.len, step) == -1)
		abort();
	same(&again.index, &t->index);
	told_free(&again);
}

static void
meta_again(const struct told *t, size_t step)
{
	struct told again;

	if (read_meta(&again, t->meta.p, t->meta.len, step) == -1)
		abort();
	same(&again.meta, &t->meta);
	told_free(&again);
}

static void
check_meta(const uint8_t *p, size_t n, size_t step)
{
	struct told t, one;
	int r = read_meta(&t, p, n, step);

	/* However it is cut, the same records come before the same end. */
	if (read_meta(&one, p, n, n + 1) != r)
		abort();
	same(&t.meta, &one.meta);
	meta_again(&t, step);
	told_free(&t);
	told_free(&one);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct told t;
	size_t step;
	int r;

	if (n < 2)
		return 0;
	step = p[1] == 0 ? n : p[1];
	xml_init();
	told_init(&t);
	switch (p[0] % 4) {
	case 0:
		if (read_index(&t, p + 2, n - 2, step) == 0)
			index_again(&t, step);
		break;
	case 1:
		check_meta(p + 2, n - 2, step);
		break;
	default:
		r = p[0] % 4 == 2 ? pack_and_read(&t, p + 2, n - 2)
				  : read_gz(&t, p + 2, n - 2);
		if (r == 0)
			meta_again(&t, step);
		break;
	}
	told_free(&t);
	return 0;
}
