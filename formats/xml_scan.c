/* SPDX-License-Identifier: ISC */
/*
 * A reader of simple documents: in memory, elements, text, CDATA and comments
 * alone, names of ASCII.  What is said of such a one is what libxml2 says; at
 * whatever is not simple, or not right, this gives up, and libxml2 begins anew.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/xml_scan_priv.h"
#include "lib/base/err.h"

#define DOC_MAX ((size_t)8 << 20)
#define URIS_MAX 4096 /* declarations of namespaces */

/* --- tags --- */

/* A value that is not the bytes that stand there, from s->p on. */
static bool
decode_value(struct xml_scan *s, struct xml_attr *a, uint8_t quote)
{
	const uint8_t *from = (const uint8_t *)a->value;
	uint8_t *to = s->value + s->nvalue;
	size_t n = (size_t)(s->p - from), len;

	if ((size_t)(s->p - s->tag) > XML_SCAN_TAG)
		return false;
	memcpy(to, from, n);
	while (s->p < s->end && *s->p != quote) {
		/* What is decoded is no longer than what stood there. */
		if ((size_t)(s->p - s->tag) > XML_SCAN_TAG)
			return false;
		if (*s->p == '<' || *s->p == '\r')
			return false;
		if (*s->p == '&') {
			if ((len = xml_scan_reference(s, to + n)) == 0)
				return false;
			n += len;
		} else {
			to[n++] = (xml_scan_kind[*s->p] & IS_SPACE) != 0
			    ? ' '
			    : *s->p;
			s->p++;
		}
	}
	a->value = (const char *)to;
	a->len = n;
	s->nvalue += n;
	return s->p < s->end;
}

/* plain: it need not be escaped between double quotes. */
static bool
read_value(struct xml_scan *s, struct xml_attr *a, bool *plain)
{
	const uint8_t *p, *end = s->end;
	uint8_t quote;

	if (s->p == end || (*s->p != '"' && *s->p != '\''))
		return false;
	quote = *s->p++;
	*plain = quote == '"';
	a->value = (const char *)s->p;
	for (p = s->p; p < end; p++) {
		if ((xml_scan_kind[*p] & ENDS_VALUE) == 0)
			continue;
		if (*p == '>')
			*plain = false;
		else if (*p == quote || (*p != '"' && *p != '\''))
			break;
	}
	if (p == end)
		return false;
	s->p = p;
	a->len = (size_t)(p - (const uint8_t *)a->value);
	if (*p != quote) {
		*plain = false;
		if (!decode_value(s, a, quote))
			return false;
	}
	s->p++;
	return true;
}

/* No namespace of XML itself, which has its prefixes already. */
static bool
declare(struct xml *x, const struct xml_scan_name *m, const struct xml_attr *a,
    size_t scope)
{
	static const char xml[] = "http://www.w3.org/";
	struct xml_scan *s = x->scan;
	const char *prefix = m->prefix != NULL ? m->local : NULL;
	size_t i;

	if (a->len == 0 || s->nns == x->lim.max_ns || s->nuris++ == URIS_MAX ||
	    (a->len >= sizeof(xml) - 1 &&
		memcmp(a->value, xml, sizeof(xml) - 1) == 0 &&
		memmem(a->value, a->len, "XMLSchema", 9) == NULL))
		return false;
	for (i = scope; i < s->nns; i++)
		if (s->ns[2 * i] == prefix)
			return false;
	s->ns[2 * s->nns] = prefix;
	s->ns[2 * s->nns + 1] = xml_scan_uri(x, a->value, a->len);
	return s->ns[2 * s->nns++ + 1] != NULL;
}

static size_t
find_prefix(const struct xml_scan *s, const char *prefix)
{
	size_t i;

	for (i = s->nns; i > 0; i--)
		if (s->ns[2 * i - 2] == prefix)
			break;
	return i;
}

/* Names with a prefix have a namespace, and no two are the same. */
static bool
settle_attrs(struct xml *x, size_t n)
{
	const struct xml_scan *s = x->scan;
	struct xml_attr *a = x->attrs;
	size_t i, k;

	for (i = 0; i < n; i++) {
		a[i].ns = NULL;
		if (a[i].prefix != NULL) {
			if ((k = find_prefix(s, a[i].prefix)) == 0)
				return false;
			a[i].ns = s->ns[2 * k - 1];
		}
		for (k = 0; k < i; k++)
			if (a[k].name == a[i].name && a[k].ns == a[i].ns)
				return false;
	}
	return true;
}

static bool
skip_spaces(struct xml_scan *s)
{
	const uint8_t *from = s->p;

	while (s->p < s->end && (xml_scan_kind[*s->p] & IS_SPACE) != 0)
		s->p++;
	return s->p > from;
}

/* The name that p stands on, and its value. */
static const struct xml_scan_name *
read_attr(struct xml *x, struct xml_attr *a)
{
	struct xml_scan *s = x->scan;
	const uint8_t *from = s->p;
	const struct xml_scan_name *m = xml_scan_name(x);
	bool plain;

	if (m == NULL)
		return NULL;
	(void)skip_spaces(s);
	if (s->p == s->end || *s->p++ != '=')
		return NULL;
	(void)skip_spaces(s);
	if (!read_value(s, a, &plain) || a->len > x->lim.max_attr_bytes)
		return NULL;
	a->name = m->local;
	a->prefix = m->prefix;
	/* Decoded, it is elsewhere; with a prefix it is written without. */
	a->lead = plain && m->prefix == NULL && from[-1] == ' ' &&
		a->value == (const char *)from + m->len + 2
	    ? m->len + (size_t)3
	    : 0;
	return m;
}

/* All of a tag's, up to its '>' or '/'. */
static bool
read_attrs(struct xml *x, struct xml_elem *el, size_t scope)
{
	struct xml_scan *s = x->scan;
	const struct xml_scan_name *m;
	struct xml_attr a;

	el->nattrs = el->ndecls = 0;
	for (;;) {
		bool apart = skip_spaces(s);

		if (s->p == s->end)
			return false;
		if (*s->p == '>' || *s->p == '/')
			return settle_attrs(x, el->nattrs);
		if (!apart || el->nattrs + el->ndecls == x->lim.max_attrs ||
		    (m = read_attr(x, &a)) == NULL)
			return false;
		if (m->declares) {
			el->ndecls++;
			if (!declare(x, m, &a, scope))
				return false;
			continue;
		}
		x->attrs[el->nattrs++] = a;
	}
}

static bool
say_end(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	const struct xml_scan_open *o = &s->open[x->depth - 1];
	const struct xml_elem el = {.ns = o->ns,
	    .name = o->name->local,
	    .prefix = o->name->prefix,
	    .depth = x->depth};

	s->after = s->p;
	x->text = 0;
	x->depth--;
	if (x->h.end != NULL && x->h.end(x->arg, &el, e) == -1)
		return false;
	s->nns = o->scope;
	return true;
}

/* Behind its '<'. */
static bool
read_start(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	struct xml_elem el = {.attrs = x->attrs, .ns = NULL};
	size_t scope = s->nns, at;
	const struct xml_scan_name *m = xml_scan_name(x);

	if (m == NULL || m->declares || x->depth == x->lim.max_depth)
		return false;
	s->nvalue = 0;
	if (!read_attrs(x, &el, scope) ||
	    (size_t)(s->p - s->tag) > XML_SCAN_TAG)
		return false;
	if ((at = find_prefix(s, m->prefix)) > 0)
		el.ns = s->ns[2 * at - 1];
	else if (m->prefix != NULL)
		return false;
	el.name = m->local;
	el.prefix = m->prefix;
	s->open[x->depth++] = (struct xml_scan_open){
	    .name = m, .ns = el.ns, .scope = scope};
	el.depth = x->depth;
	s->after = s->p;
	x->begun = true;
	x->text = 0;
	if (x->h.start != NULL && x->h.start(x->arg, &el, e) == -1)
		return false;
	if (*s->p++ == '>')
		return true;
	return s->p < s->end && *s->p++ == '>' && say_end(x, e);
}

/* Behind its "</". */
static bool
read_end(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	const struct xml_scan_name *m;

	if (x->depth == 0)
		return false;
	m = s->open[x->depth - 1].name;
	if ((size_t)(s->end - s->p) < m->len ||
	    memcmp(s->p, m->raw, m->len) != 0)
		return false;
	s->p += m->len;
	(void)skip_spaces(s);
	return s->p < s->end && *s->p++ == '>' && say_end(x, e);
}

/* --- text --- */

/* In the root alone; outside of it there may be white space. */
static bool
say_text(struct xml *x, const uint8_t *p, size_t n, struct err *e)
{
	size_t i;

	if (x->depth == 0) {
		for (i = 0; i < n; i++)
			if ((xml_scan_kind[p[i]] & IS_SPACE) == 0)
				return false;
		return true;
	}
	if (n > x->lim.max_text - x->text)
		return false;
	x->text += n;
	return n == 0 || x->h.text == NULL ||
	    x->h.text(x->arg, (const char *)p, n, e) == 0;
}

/* A carriage return is none, or a line feed. */
static bool
say_return(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	static const uint8_t feed = '\n';

	s->p++;
	if (s->p < s->end && *s->p == '\n')
		return true;
	return say_text(x, &feed, 1, e);
}

/* What ends a run of text and is no '<'. */
static bool
read_special(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	uint8_t c[4];
	size_t n;

	switch (*s->p) {
	case '&':
		n = xml_scan_reference(s, c);
		return n > 0 && x->depth > 0 && say_text(x, c, n, e);
	case '\r':
		return say_return(x, e);
	default: /* ']' */
		if (s->end - s->p >= 3 && memcmp(s->p, "]]>", 3) == 0)
			return false;
		s->p++;
		return say_text(x, s->p - 1, 1, e);
	}
}

static bool
read_text(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	const uint8_t *from = s->p, *p = from;

	while (p < s->end && (xml_scan_kind[*p] & ENDS_TEXT) == 0)
		p++;
	s->p = p;
	return say_text(x, from, (size_t)(p - from), e);
}

/* --- a document --- */

static bool
begins(const struct xml_scan *s, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(s->end - s->p) >= n && memcmp(s->p, text, n) == 0;
}

/* Ends of lines in it are not what libxml2 makes of those elsewhere. */
static bool
read_cdata(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	const uint8_t *from, *end;

	if (x->depth == 0 || !begins(s, "![CDATA["))
		return false;
	from = s->p + 8;
	end = memmem(from, (size_t)(s->end - from), "]]>", 3);
	if (end == NULL || (size_t)(end - s->tag) > XML_SCAN_TAG ||
	    memchr(from, '\r', (size_t)(end - from)) != NULL)
		return false;
	s->p = end + 3;
	return say_text(x, from, (size_t)(end - from), e);
}

/* Of the root alone. */
static bool
skip_comment(struct xml *x)
{
	struct xml_scan *s = x->scan;
	const uint8_t *end;

	if (x->depth == 0)
		return false;
	s->p += 3;
	end = memmem(s->p, (size_t)(s->end - s->p), "--", 2);
	if (end == NULL || (size_t)(end - s->tag) > XML_SCAN_TAG ||
	    end + 2 == s->end || end[2] != '>')
		return false;
	s->p = end + 3;
	return true;
}

/* From its '<'. */
static bool
read_markup(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;

	s->tag = s->p++;
	if (s->p == s->end)
		return false;
	if (*s->p == '!')
		return begins(s, "!--") ? skip_comment(x) : read_cdata(x, e);
	if (*s->p != '/')
		return (x->depth > 0 || !x->begun) && read_start(x, e);
	s->p++;
	return read_end(x, e);
}

/* One root, and nothing else but comments and text in it. */
static bool
read_all(struct xml *x, struct err *e)
{
	struct xml_scan *s = x->scan;
	bool ok = true;

	while (ok && s->p < s->end)
		if (*s->p == '<')
			ok = read_markup(x, e);
		else if ((xml_scan_kind[*s->p] & ENDS_TEXT) == 0)
			ok = read_text(x, e);
		else
			ok = read_special(x, e);
	return ok && x->begun && x->depth == 0;
}

static bool
open_scan(struct xml *x)
{
	struct xml_scan *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return false;
	s->ns = calloc(2 * (size_t)x->lim.max_ns + 2, sizeof(*s->ns));
	s->open = calloc((size_t)x->lim.max_depth + 1, sizeof(*s->open));
	/* What the last reference stands for may pass it. */
	s->value = malloc(XML_SCAN_TAG + 8);
	x->scan = s;
	if (s->ns != NULL && s->open != NULL && s->value != NULL)
		return true;
	xml_scan_close(x);
	return false;
}

void
xml_scan_close(struct xml *x)
{
	if (x->scan == NULL)
		return;
	free(x->scan->ns);
	free(x->scan->open);
	free(x->scan->value);
	free(x->scan);
	x->scan = NULL;
}

bool
xml_scan(struct xml *x, const void *doc, size_t n, struct err *e)
{
	struct xml_scan *s;
	bool ok;

	if (x->ctxt == NULL || x->failed || x->finished || n > DOC_MAX ||
	    n == 0 || *(const char *)doc != '<' || !xml_simple(doc, n) ||
	    (x->scan == NULL && !open_scan(x)))
		return false;
	s = x->scan;
	xml_scan_forget(x);
	s->doc = s->p = doc;
	s->end = s->doc + n;
	s->nns = s->nuris = 0;
	x->scanning = true;
	ok = read_all(x, e);
	x->scanning = false;
	x->finished = true;
	x->failed = !ok;
	return ok;
}

/* --- for handlers --- */

uint64_t
xml_scan_offset(const struct xml *x)
{
	return (uint64_t)(x->scan->tag - x->scan->doc);
}

uint64_t
xml_scan_offset_after(const struct xml *x)
{
	return (uint64_t)(x->scan->after - x->scan->doc);
}

const char *const *
xml_scan_declared(const struct xml *x, size_t *n)
{
	*n = x->scan->nns;
	return x->scan->ns;
}
