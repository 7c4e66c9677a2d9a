/* SPDX-License-Identifier: ISC */
/*
 * Byte 0: bytes of a portion.  However a document is cut, it is accepted or
 * refused alike and its events are the same; what the quick reader takes, it
 * takes as libxml2 does; what its text and values say can be written and read
 * again.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/xml.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct xml *parser;

static void
same(struct buf *b, const char *p, size_t n)
{
	struct err e = ERR_INIT;

	if (buf_put(b, p, n, &e) == -1)
		abort();
}

static int
start(void *arg, const struct xml_elem *el, struct err *e)
{
	size_t i;

	if (buf_printf(
		arg, e, "(%s %s", el->name, el->ns != NULL ? el->ns : "") == -1)
		return -1;
	for (i = 0; i < el->nattrs; i++)
		if (xml_put_attr(arg, el->attrs[i].name, el->attrs[i].value,
			el->attrs[i].len, e) == -1)
			abort();
	if (xml_prefix(parser, "p", 1) != NULL)
		same(arg, "p", 1);
	return buf_printf(arg, e, "%zu %zu at %" PRIu64 " %" PRIu64,
	    xml_scope(parser), xml_declared(parser, "", 0), xml_offset(parser),
	    xml_offset_after(parser));
}

static int
end(void *arg, const struct xml_elem *el, struct err *e)
{
	return buf_printf(arg, e, ")%s %s %s %u %zu at %" PRIu64, el->name,
	    el->ns != NULL ? el->ns : "", el->prefix != NULL ? el->prefix : "",
	    el->depth, xml_scope(parser), xml_offset_after(parser));
}

static int
text(void *arg, const char *p, size_t n, struct err *e)
{
	if (xml_put_text(arg, p, n, e) == -1)
		abort();
	return 0;
}

/* Those of the quick reader, where it takes the document. */
static void
scan(struct buf *b, const uint8_t *p, size_t n, const struct buf *whole, int r)
{
	struct err e = ERR_INIT;

	buf_reset(b);
	xml_reset(parser, b);
	if (!xml_scan(parser, p, n, &e))
		return;
	if (r == -1 || whole->len != b->len ||
	    memcmp(whole->p, b->p, b->len) != 0)
		abort();
}

static int
parse(struct buf *b, const uint8_t *p, size_t n, size_t step)
{
	struct err e = ERR_INIT;
	size_t at, len;

	xml_reset(parser, b);
	if (step == 0)
		return xml_parse(parser, p, n, &e);
	for (at = 0; at < n; at += len) {
		len = n - at < step ? n - at : step;
		if (xml_push(parser, p + at, len, &e) == -1)
			return -1;
	}
	return xml_finish(parser, &e);
}

/*
 * The same events however the document is cut.  One exception is libxml2's:
 * "]]>" in text is refused, but not where a portion ends within it.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct xml_handler h = {start, end, text};
	struct buf whole = BUF_INIT, parts = BUF_INIT;
	struct err e = ERR_INIT;
	int r;

	if (n == 0)
		return 0;
	if (parser == NULL) {
		xml_init();
		if (xml_open(&parser, &h, NULL, NULL, &e) == -1)
			abort();
	}
	r = parse(&whole, p + 1, n - 1, 0);
	if (parse(&parts, p + 1, n - 1, (size_t)p[0] + 1) != r &&
	    memmem(p + 1, n - 1, "]]>", 3) == NULL)
		abort();
	if (r == 0 &&
	    (whole.len != parts.len ||
		memcmp(whole.p, parts.p, whole.len) != 0))
		abort();
	scan(&parts, p + 1, n - 1, &whole, r);
	buf_free(&whole);
	buf_free(&parts);
	return 0;
}
