/* SPDX-License-Identifier: ISC */
/*
 * libxml2 2.9's push parser, and what it leaves to its user: which bytes it may
 * see, when it holds too much, what its complaints mean.
 *
 * Nothing is stopped by xmlStopParser(), which frees the input beneath the
 * function that called us: disabling the events and setting the error number
 * ends the loop at the next token.
 */
#include "formats/xml_priv.h"

#include <libxml/parser.h>
#include <libxml/dict.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

#define NAME_COST 48 /* bytes that libxml2 spends on a name, beside it */
#define CDATA_STEP 302 /* libxml2 passes on CDATA that is longer, in parts */

/* --- where we are, and how to stop --- */

uint64_t
xml_offset_after(const struct xml *x)
{
	const xmlParserInput *in = x->ctxt->input;

	if (x->scanning)
		return xml_scan_offset_after(x);
	if (in == NULL || in->buf == NULL)
		return x->taken;
	return x->skipped + in->consumed + (uint64_t)(in->cur - in->base);
}

/* No tag holds a '<' but its first byte, so that one is found backwards. */
uint64_t
xml_offset(const struct xml *x)
{
	const xmlParserInput *in = x->ctxt->input;
	const xmlChar *lt;

	if (x->scanning)
		return xml_scan_offset(x);
	if (in == NULL || in->buf == NULL)
		return x->taken;
	lt = memrchr(in->base, '<', (size_t)(in->cur - in->base));
	return xml_offset_after(x) -
	    (lt != NULL ? (uint64_t)(in->cur - lt) : 0);
}

int
xml_stop(struct xml *x)
{
	x->failed = true;
	x->ctxt->disableSAX = 1;
	if (x->ctxt->errNo == XML_ERR_OK)
		x->ctxt->errNo = XML_ERR_USER_STOP;
	return -1;
}

static void
stop_in_tag(struct xml *x)
{
	if (x->e->at == E_NO_OFFSET)
		x->e->at = xml_offset(x);
	xml_stop(x);
}

/* --- libxml2's events --- */

static int
check_tag(struct xml *x, int nns, int nattrs)
{
	const struct xml_limits *l = &x->lim;

	if (x->depth > l->max_depth)
		return err_set(x->e, E_LIMIT, "elements nest deeper than %u",
		    l->max_depth);
	if ((unsigned)(nns + nattrs) > l->max_attrs)
		return err_set(x->e, E_LIMIT, "%d attributes, at most %u",
		    nns + nattrs, l->max_attrs);
	if ((unsigned)x->ctxt->nsNr / 2 > l->max_ns)
		return err_set(x->e, E_LIMIT,
		    "%d namespaces in scope, at most %u", x->ctxt->nsNr / 2,
		    l->max_ns);
	return 0;
}

/* Five pointers each: name, prefix, URI, value, the value's end. */
static int
take_attrs(struct xml *x, const xmlChar **from, int n)
{
	struct xml_attr *a = x->attrs;
	int i;

	for (i = 0; i < n; i++, a++, from += 5) {
		a->name = (const char *)from[0];
		a->prefix = (const char *)from[1];
		a->ns = (const char *)from[2];
		a->value = (const char *)from[3];
		a->len = (size_t)(from[4] - from[3]);
		a->lead = 0;
		if (a->len > x->lim.max_attr_bytes)
			return err_set(x->e, E_LIMIT,
			    "attribute %.64s: %zu bytes, at most %zu", a->name,
			    a->len, x->lim.max_attr_bytes);
	}
	return 0;
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int nns, const xmlChar **ns, int nattrs, int ndefault,
    const xmlChar **attrs)
{
	struct xml *x = arg;
	struct xml_elem el;

	(void)ns;
	(void)ndefault;
	if (x->failed)
		return;
	x->begun = true;
	x->depth++;
	x->text = 0;
	if (check_tag(x, nns, nattrs) == -1 ||
	    take_attrs(x, attrs, nattrs) == -1) {
		stop_in_tag(x);
		return;
	}
	if (x->h.start == NULL)
		return;
	el.ns = (const char *)uri;
	el.name = (const char *)name;
	el.prefix = (const char *)prefix;
	el.attrs = x->attrs;
	el.nattrs = (size_t)nattrs;
	el.ndecls = (size_t)nns;
	el.depth = x->depth;
	if (x->h.start(x->arg, &el, x->e) == -1)
		stop_in_tag(x);
}

static void
on_end(
    void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml *x = arg;
	struct xml_elem el = {.attrs = NULL, .nattrs = 0, .ndecls = 0};

	if (x->failed)
		return;
	x->text = 0;
	el.ns = (const char *)uri;
	el.name = (const char *)name;
	el.prefix = (const char *)prefix;
	el.depth = x->depth--;
	if (x->h.end != NULL && x->h.end(x->arg, &el, x->e) == -1)
		stop_in_tag(x);
}

static void
on_text(void *arg, const xmlChar *p, int len)
{
	struct xml *x = arg;
	size_t n = (size_t)len;
	int r = 0;

	if (x->failed)
		return;
	if (n > x->lim.max_text - x->text)
		r = err_set(x->e, E_LIMIT, "text of more than %zu bytes",
		    x->lim.max_text);
	x->text += n;
	if (r == 0 && x->h.text != NULL)
		r = x->h.text(x->arg, (const char *)p, n, x->e);
	if (r == 0)
		return;
	if (x->e->at == E_NO_OFFSET)
		x->e->at = xml_offset_after(x);
	xml_stop(x);
}

static void
on_doctype(
    void *arg, const xmlChar *name, const xmlChar *public, const xmlChar *uri)
{
	struct xml *x = arg;

	(void)name;
	(void)public;
	(void)uri;
	if (x->failed)
		return;
	err_at(x->e, xml_offset(x), "DOCTYPE: not allowed here");
	xml_stop(x);
}

/* After the declaration, where there is one: libxml2 takes any encoding. */
static void
on_document(void *arg)
{
	struct xml *x = arg;
	static const xmlChar utf8[] = "UTF-8";
	const xmlChar *enc = x->ctxt->encoding;

	if (enc == NULL)
		enc = x->ctxt->input->encoding;
	if (x->failed || enc == NULL || xmlStrcasecmp(enc, utf8) == 0)
		return;
	err_at(x->e, x->skipped, "encoding '%.64s', expected UTF-8",
	    (const char *)enc);
	xml_stop(x);
}

/* At most a line of it, without its end. */
static void
refuse_text(struct xml *x, const xmlError *er)
{
	const char *msg = er->message != NULL ? er->message : "malformed";
	int n = (int)strcspn(msg, "\n");

	if (er->code == XML_ERR_DOCUMENT_END && !x->begun)
		err_at(x->e, x->taken, "no element in it");
	else if (er->code == XML_ERR_DOCUMENT_END && x->depth > 0)
		err_at(x->e, x->taken, "cut short in an element of depth %u",
		    x->depth);
	else
		err_at(x->e, xml_offset_after(x), "line %d: %.*s", er->line, n,
		    msg);
}

/*
 * A namespace's name need not be a URI that libxml2 can parse, and a warning
 * is none of our business; whatever else it says is refused, though libxml2
 * would go on after a prefix without a namespace.
 */
static void
on_error(void *arg, xmlError *er)
{
	struct xml *x = arg;

	if (x->failed || er->level < XML_ERR_ERROR ||
	    er->code == XML_WAR_NS_URI || er->code == XML_WAR_NS_URI_RELATIVE)
		return;
	if (er->code == XML_ERR_NO_MEMORY)
		err_nomem(x->e);
	else
		refuse_text(x, er);
	xml_stop(x);
}

/* --- a parser's life --- */

static void
quiet(void *arg, const char *fmt, ...)
{
	(void)arg;
	(void)fmt;
}

/* What libxml2 says outside of a parser it would print. */
void
xml_init(void)
{
	xmlInitParser();
	xmlThrDefSetGenericErrorFunc(NULL, quiet);
	xmlSetGenericErrorFunc(NULL, quiet);
}

/*
 * Text and blanks go to one function, so that libxml2 need not tell them apart.
 * NOENT: else it gives an attribute's &amp; as &#38;.  There is nothing else to
 * replace, where nothing is declared.
 */
static xmlParserCtxtPtr
new_ctxt(struct xml *x)
{
	xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC};
	xmlParserCtxtPtr c;

	sax.startDocument = on_document;
	sax.startElementNs = on_start;
	sax.endElementNs = on_end;
	sax.characters = on_text;
	sax.ignorableWhitespace = on_text;
	sax.cdataBlock = on_text;
	sax.internalSubset = on_doctype;
	sax.serror = on_error;
	if ((c = xmlCreatePushParserCtxt(&sax, x, NULL, 0, NULL)) == NULL)
		return NULL;
	if (xmlCtxtUseOptions(
		c, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT) != 0) {
		xmlFreeParserCtxt(c);
		return NULL;
	}
	return c;
}

static size_t
names_size(const struct xml *x)
{
	return xmlDictGetUsage(x->ctxt->dict) +
	    (size_t)xmlDictSize(x->ctxt->dict) * NAME_COST;
}

/*
 * Names stay in the parser's dictionary, so that the next document finds them
 * there; one that brought many of its own is forgotten with all of it.
 */
void
xml_reset(struct xml *x, void *arg)
{
	x->arg = arg;
	x->skipped = x->taken = 0;
	x->text = x->nheld = 0;
	x->depth = 0;
	x->begun = x->failed = x->finished = false;
	if (x->ctxt != NULL && names_size(x) > x->lim.max_names / 16) {
		xmlFreeParserCtxt(x->ctxt);
		x->ctxt = NULL;
	}
	if (x->ctxt == NULL) {
		x->epoch++;
		if ((x->ctxt = new_ctxt(x)) == NULL)
			return;
	}
	x->ctxt->progressive = 0;
	if (xmlCtxtResetPush(x->ctxt, NULL, 0, NULL, NULL) != 0) {
		xmlFreeParserCtxt(x->ctxt);
		x->ctxt = NULL;
	}
}

int
xml_open(struct xml **out, const struct xml_handler *h, void *arg,
    const struct xml_limits *lim, struct err *e)
{
	struct xml *x;

	*out = NULL;
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return err_nomem(e);
	x->h = *h;
	x->lim = lim != NULL ? *lim : xml_default_limits;
	x->attrs = calloc((size_t)x->lim.max_attrs + 1, sizeof(*x->attrs));
	xml_reset(x, arg);
	if (x->attrs == NULL || x->ctxt == NULL) {
		xml_close(x);
		return err_nomem(e);
	}
	*out = x;
	return 0;
}

void
xml_close(struct xml *x)
{
	if (x == NULL)
		return;
	if (x->ctxt != NULL)
		xmlFreeParserCtxt(x->ctxt);
	xml_scan_close(x);
	free(x->attrs);
	free(x);
}

const char *
xml_intern(struct xml *x, const uint8_t *p, size_t n)
{
	return (const char *)xmlDictLookup(x->ctxt->dict, p, (int)n);
}

const char *
xml_unique(struct xml *x, const char *text)
{
	if (x->ctxt == NULL)
		return NULL;
	return xml_intern(x, (const uint8_t *)text, strlen(text));
}

/* --- bytes in --- */

static size_t
pending(const struct xml *x)
{
	const xmlParserInput *in = x->ctxt->input;

	return in != NULL ? (size_t)(in->end - in->cur) : 0;
}

/* What libxml2 would keep for ever without a complaint. */
static int
settle_memory(struct xml *x)
{
	static const char doctype[] = "<!DOCTYPE";
	size_t n = pending(x);

	if (!x->failed && x->ctxt->wellFormed == 0) {
		err_at(x->e, xml_offset_after(x), "not well-formed");
		return xml_stop(x);
	}
	if (x->failed)
		return -1;
	if (!x->begun && n >= sizeof(doctype) - 1 &&
	    memcmp(x->ctxt->input->cur, doctype, sizeof(doctype) - 1) == 0) {
		err_at(x->e, xml_offset_after(x), "DOCTYPE: not allowed here");
		return xml_stop(x);
	}
	if (n > x->lim.max_markup) {
		err_set(x->e, E_LIMIT, "markup of more than %zu bytes",
		    x->lim.max_markup);
		x->e->at = xml_offset_after(x);
		return xml_stop(x);
	}
	if (names_size(x) > x->lim.max_names) {
		err_set(x->e, E_LIMIT, "different names of more than %zu bytes",
		    x->lim.max_names);
		return xml_stop(x);
	}
	return 0;
}

/*
 * Of a CDATA section whose end is not in sight libxml2 passes on one small step
 * a call, and looks through all that it has for the end each time.
 */
static void
drain_parser(struct xml *x)
{
	size_t before, left = pending(x);

	do {
		before = left;
		if (x->failed || before < CDATA_STEP ||
		    x->ctxt->instate != XML_PARSER_CDATA_SECTION)
			return;
		xmlParseChunk(x->ctxt, NULL, 0, 0);
		left = pending(x);
	} while (left < before);
}

int
xml_feed(struct xml *x, const uint8_t *p, size_t n, bool last)
{
	xmlParserCtxtPtr c = x->ctxt;
	size_t len;

	if (x->taken == 0 && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		x->skipped = x->taken = 3;
		p += 3;
		n -= 3;
	}
	x->taken += n;
	do {
		len = n;
		if (c->instate == XML_PARSER_CDATA_SECTION &&
		    len > (size_t)2 * CDATA_STEP)
			len = (size_t)2 * CDATA_STEP;
		xmlParseChunk(c, (const char *)p, (int)len, last && len == n);
		drain_parser(x);
		p = p != NULL ? p + len : NULL;
		n -= len;
	} while (n > 0 && !x->failed);
	return settle_memory(x);
}

/* --- for handlers --- */

const char *const *
xml_declarations(const struct xml *x, size_t *n)
{
	if (x->scanning)
		return xml_scan_declared(x, n);
	*n = (size_t)x->ctxt->nsNr / 2;
	return (const char *const *)x->ctxt->nsTab;
}
