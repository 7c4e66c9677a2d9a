/* SPDX-License-Identifier: ISC */
/*
 * EXPERIMENTAL.  The .xml.gz form, guessed from one report of its element
 * names; no file of it has been seen.
 */
#include "formats/package.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/package_walk.h"
#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/src.h"

#define MAX_BYTES_A_UNIT 3 /* of UTF-8 for one UTF-16 unit */
#define DOC_DEPTH 5 /* of a document that stands as markup */
#define MARK "\xef\xbb\xbf"
#define BLANKS " \t\r\n"

struct gz {
	struct package_walk w;
	int (*record)(
	    void *arg, const struct package_record *rec, struct err *e);
	struct xml *x; /* owned */
	struct buf raw; /* the last bytes read, or all since from */
	uint64_t raw_off; /* bytes: of raw.p[0] in the stream */
	size_t keep; /* bytes of raw that the parser may look back on */
	struct buf text; /* of Metadata */
	struct buf decoded; /* from base64 */
	bool any; /* Metadata was seen in this Update */
	bool open; /* we are within it */
	bool nested; /* it holds markup */
	uint64_t from, to; /* bytes into the stream: of that markup */
	uint64_t off; /* bytes into the stream: of Metadata */
};

static int
begin_nested(struct gz *g, struct err *e)
{
	if (g->nested)
		return err_set(e, E_FORMAT,
		    "update %" PRIu64 ": a second document in Metadata",
		    g->w.nupdates);
	for (size_t i = 0; i < g->text.len; i++)
		if (memchr(BLANKS, g->text.p[i], strlen(BLANKS)) == NULL)
			return err_set(e, E_FORMAT,
			    "update %" PRIu64 ": text and markup in Metadata",
			    g->w.nupdates);
	g->nested = true;
	g->from = xml_offset(g->x);
	return 0;
}

static int
on_start(void *arg, const struct xml_elem *el, struct err *e)
{
	struct gz *g = arg;

	if (g->open && el->depth == DOC_DEPTH && begin_nested(g, e) == -1)
		return -1;
	if (package_walk_start(&g->w, el, e) == -1)
		return -1;
	switch (package_walk_place(&g->w, el)) {
	case PLACE_UPDATE:
		g->any = false;
		break;
	case PLACE_METADATA:
		g->any = g->open = true;
		g->nested = false;
		g->off = xml_offset(g->x);
		buf_reset(&g->text);
		break;
	default:
		break;
	}
	return 0;
}

static int
on_text(void *arg, const char *p, size_t n, struct err *e)
{
	struct gz *g = arg;

	if (!g->open || g->nested)
		return 0;
	return buf_put(&g->text, p, n, e);
}

/* Blanks around, and a byte order mark in front, are no part of a document. */
static void
trim(const uint8_t **p, size_t *n)
{
	while (*n > 0 && memchr(BLANKS, **p, strlen(BLANKS)) != NULL)
		++*p, --*n;
	if (*n >= strlen(MARK) && memcmp(*p, MARK, strlen(MARK)) == 0)
		*p += strlen(MARK), *n -= strlen(MARK);
	while (*n > 0 && memchr(BLANKS, (*p)[*n - 1], strlen(BLANKS)) != NULL)
		--*n;
}

/* Base64, perhaps in lines, into g->decoded. */
static int
decode(struct gz *g, const uint8_t **p, size_t *n, struct err *e)
{
	uint8_t *s = g->text.p, *to;
	size_t len = 0, out;

	for (size_t i = 0; i < g->text.len; i++)
		if (memchr(BLANKS, s[i], strlen(BLANKS)) == NULL)
			s[len++] = s[i];
	buf_reset(&g->decoded);
	if (len % 4 != 0 || len == 0)
		goto bad;
	out = len / 4 * 3 - (s[len - 1] == '=') - (s[len - 2] == '=');
	if ((to = buf_reserve(&g->decoded, out, e)) == NULL)
		return -1;
	if (!base64_read(to, out, (const char *)s, len))
		goto bad;
	*p = to;
	*n = out;
	trim(p, n);
	if (*n > 0 && **p == '<' && utf8_valid(*p, *n))
		return 0;
bad:
	return err_set(e, E_FORMAT,
	    "expected a document as text, base64 of UTF-8, or markup");
}

static int
find_doc(struct gz *g, const uint8_t **p, size_t *n, struct err *e)
{
	if (!g->any)
		return err_set(e, E_FORMAT, "no element Metadata");
	if (g->nested) {
		*p = g->raw.p + (g->from - g->raw_off);
		*n = (size_t)(g->to - g->from);
		trim(p, n);
		return 0;
	}
	*p = g->text.p;
	*n = g->text.len;
	trim(p, n);
	if (*n == 0)
		return err_set(e, E_FORMAT, "an empty document");
	if (**p == '<')
		return 0;
	return decode(g, p, n, e);
}

static int
give_record(struct gz *g, struct err *e)
{
	struct package_record rec = {
	    .id = g->w.up.id, .revision = g->w.up.revision, .off = g->off};
	uint64_t units;

	if (find_doc(g, &rec.doc, &rec.len, e) == -1)
		return -1;
	units = utf8_units(rec.doc, rec.len);
	if (units > g->w.lim.max_units)
		return err_set(e, E_LIMIT,
		    "length: %" PRIu64 " UTF-16 units, at most %" PRIu32, units,
		    g->w.lim.max_units);
	rec.units = (uint32_t)units;
	return g->record == NULL ? 0 : g->record(g->w.arg, &rec, e);
}

static int
on_end(void *arg, const struct xml_elem *el, struct err *e)
{
	struct gz *g = arg;
	enum package_place place = package_walk_place(&g->w, el);

	if (place == PLACE_METADATA) {
		g->open = false;
		g->to = xml_offset(g->x);
	}
	if (package_walk_end(&g->w, el, e) == -1)
		return -1;
	if (place != PLACE_UPDATE)
		return 0;
	if (give_record(g, e) == -1)
		return err_ctx(e, "update %" PRIu64, g->w.nupdates);
	g->nested = false;
	return 0;
}

/* Keep what a document needs that is not whole yet, else what may begin one. */
static void
forget(struct gz *g)
{
	uint64_t end = g->raw_off + g->raw.len;
	uint64_t from = g->raw.len > g->keep ? end - g->keep : g->raw_off;
	size_t n;

	if (g->nested && g->from < from)
		from = g->from;
	n = (size_t)(from - g->raw_off);
	if (n < g->keep)
		return; /* so that moving costs little */
	memmove(g->raw.p, g->raw.p + n, g->raw.len - n);
	g->raw.len -= n;
	g->raw_off = from;
}

static int
take_bytes(struct sink *s, const void *p, size_t n, struct err *e)
{
	struct gz *g = s->ctx;

	if (buf_put(&g->raw, p, n, e) == -1 || xml_push(g->x, p, n, e) == -1)
		return -1;
	forget(g);
	return 0;
}

static int
open_gz(struct gz *g, const struct package_index_handler *h, void *arg,
    const struct package_limits *lim, struct err *e)
{
	static const struct xml_handler handler = {
	    .start = on_start, .end = on_end, .text = on_text};
	struct xml_limits xl;
	size_t max;

	package_walk_init(&g->w, h, arg, lim);
	package_walk_limits(&g->w, &xl);
	g->w.inside = true;
	max = (size_t)g->w.lim.max_units * MAX_BYTES_A_UNIT;
	if (max > xl.max_text)
		max = xl.max_text;
	g->keep = SRC_BLOCK + xl.max_markup;
	g->text = g->decoded = (struct buf)BUF_INIT_MAX(max);
	g->raw = (struct buf)BUF_INIT_MAX(max + 4 * g->keep);
	return xml_open(&g->x, &handler, g, &xl, e);
}

int
package_gz_read(struct src *gz, const struct package_index_handler *h,
    int (*record)(void *arg, const struct package_record *rec, struct err *e),
    void *arg, const struct package_limits *lim, struct err *e)
{
	struct gz *g = calloc(1, sizeof(*g));
	struct src plain = SRC_INIT;
	struct sink sink = SINK_INIT;
	int r = -1;

	if (g == NULL)
		return err_nomem(e);
	g->record = record;
	sink.write = take_bytes;
	sink.ctx = g;
	if (open_gz(g, h, arg, lim, e) == -1 ||
	    src_gunzip(&plain, gz, e) == -1 || src_copy(&plain, &sink, e) == -1)
		goto out;
	r = xml_finish(g->x, e);
out:
	src_close(&plain);
	xml_close(g->x);
	package_walk_release(&g->w);
	buf_free(&g->raw);
	buf_free(&g->text);
	buf_free(&g->decoded);
	free(g);
	return r;
}
