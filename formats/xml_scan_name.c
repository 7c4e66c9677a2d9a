/* SPDX-License-Identifier: ISC */
/* Names and references of simple documents. */
#include <string.h>

#include "formats/xml_scan_priv.h"

#define NAME_MAX_BYTES 256
#define LETTER (IS_START | IS_NAME)

/* clang-format off */
const uint8_t xml_scan_kind[256] = {
	['\t'] = IS_SPACE | ENDS_VALUE, ['\n'] = IS_SPACE | ENDS_VALUE,
	['\r'] = IS_SPACE | ENDS_VALUE | ENDS_TEXT, [' '] = IS_SPACE,
	['<'] = ENDS_TEXT | ENDS_VALUE, ['&'] = ENDS_TEXT | ENDS_VALUE,
	[']'] = ENDS_TEXT, ['"'] = ENDS_VALUE, ['\''] = ENDS_VALUE,
	['>'] = ENDS_VALUE,
	['-'] = IS_NAME, ['.'] = IS_NAME, [':'] = IS_NAME, ['_'] = LETTER,
	['0'] = IS_NAME, IS_NAME, IS_NAME, IS_NAME, IS_NAME, IS_NAME, IS_NAME,
	    IS_NAME, IS_NAME, IS_NAME,
	['A'] = LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
	    LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
	    LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
	    LETTER, LETTER,
	['a'] = LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
	    LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
	    LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,
	    LETTER, LETTER,
};
/* clang-format on */

/* --- names --- */

static uint64_t
load(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

static size_t
hash(const uint8_t *p, size_t n)
{
	uint64_t a, b = n;

	if (n >= 8) {
		a = load(p, 8);
		b += load(p + n - 8, 8);
	} else if (n >= 4) {
		a = load(p, 4) << 32 | load(p + n - 4, 4);
	} else {
		a = (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1];
	}
	a = (a ^ (b << 29 | b >> 35)) * 0x9e3779b97f4a7c15u;
	return (size_t)(a >> 40) & (XML_SCAN_SLOTS - 1);
}

static bool
is_text(const uint8_t *p, size_t n, const char *text)
{
	return n == strlen(text) && memcmp(p, text, n) == 0;
}

/* "p:local" or "local", neither of which says what XML itself says. */
static bool
learn_name(struct xml *x, struct xml_scan_name *to, const uint8_t *p, size_t n)
{
	const uint8_t *colon = memchr(p, ':', n);
	size_t before = colon != NULL ? (size_t)(colon - p) : 0;
	const uint8_t *local = colon != NULL ? colon + 1 : p;
	size_t len = n - (size_t)(local - p);

	to->prefix = NULL;
	to->declares = colon != NULL ? is_text(p, before, "xmlns")
				     : is_text(p, n, "xmlns");
	if (n > NAME_MAX_BYTES || len == 0 ||
	    (xml_scan_kind[*local] & IS_START) == 0 ||
	    memchr(local, ':', len) != NULL)
		return false;
	if (colon != NULL && !to->declares && before >= 3 &&
	    is_text(p, 3, "xml"))
		return false;
	if (to->declares && colon != NULL && len >= 3 &&
	    is_text(local, 3, "xml"))
		return false;
	if (colon != NULL && (to->prefix = xml_intern(x, p, before)) == NULL)
		return false;
	to->local = xml_intern(x, local, len);
	to->raw = xml_intern(x, p, n);
	to->len = (uint32_t)n;
	return to->local != NULL && to->raw != NULL;
}

const struct xml_scan_name *
xml_scan_name(struct xml *x)
{
	struct xml_scan *s = x->scan;
	const uint8_t *from = s->p, *p = from;
	struct xml_scan_name *m;
	size_t n, i;

	if (p == s->end || (xml_scan_kind[*p] & IS_START) == 0)
		return NULL;
	while (p < s->end && (xml_scan_kind[*p] & IS_NAME) != 0)
		p++;
	s->p = p;
	n = (size_t)(p - from);
	for (i = hash(from, n);; i = (i + 1) & (XML_SCAN_SLOTS - 1)) {
		m = &s->names[i];
		if (m->raw == NULL)
			break;
		if (m->len == n && memcmp(m->raw, from, n) == 0)
			return m;
	}
	if (s->nnames == XML_SCAN_SLOTS / 2 || !learn_name(x, m, from, n)) {
		m->raw = NULL;
		return NULL;
	}
	s->nnames++;
	return m;
}

const char *
xml_scan_uri(struct xml *x, const char *p, size_t n)
{
	const uint8_t *from = (const uint8_t *)p;
	struct xml_scan_uri *u = &x->scan->uris[hash(from, n) % XML_SCAN_URIS];

	if (u->text == NULL || u->len != n || memcmp(u->text, p, n) != 0)
		*u = (struct xml_scan_uri){
		    .text = xml_intern(x, from, n), .len = n};
	return u->text;
}

void
xml_scan_forget(struct xml *x)
{
	struct xml_scan *s = x->scan;

	if (s->epoch == x->epoch && s->nnames < XML_SCAN_SLOTS / 3)
		return;
	memset(s->names, 0, sizeof(s->names));
	memset(s->uris, 0, sizeof(s->uris));
	s->nnames = 0;
	s->epoch = x->epoch;
}

/* --- references --- */

static const struct {
	const char *text;
	char c;
} entities[] = {
    {"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};

static size_t
put_utf8(uint8_t to[4], uint32_t c)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | c >> 18);
	to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

static bool
is_char(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c < 0xd800 || (c > 0xdfff && c < 0xfffe) ||
	    (c > 0xffff && c < 0x110000);
}

static int
digit(uint8_t c, bool hex)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (hex && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return hex && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Behind "&#". */
static size_t
read_number(struct xml_scan *s, const uint8_t *p, uint8_t to[4])
{
	bool hex = p < s->end && *p == 'x';
	uint32_t c = 0;
	const uint8_t *from;
	int d;

	p += hex;
	for (from = p; p < s->end && (d = digit(*p, hex)) != -1; p++)
		if ((c = c * (hex ? 16 : 10) + (uint32_t)d) > 0x10ffff)
			return 0;
	if (p == from || p == s->end || *p != ';' || !is_char(c))
		return 0;
	s->p = p + 1;
	return put_utf8(to, c);
}

size_t
xml_scan_reference(struct xml_scan *s, uint8_t to[4])
{
	const uint8_t *p = s->p + 1;
	size_t i, n;

	if (p < s->end && *p == '#')
		return read_number(s, p + 1, to);
	for (i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
		n = strlen(entities[i].text);
		if ((size_t)(s->end - p) >= n &&
		    memcmp(p, entities[i].text, n) == 0) {
			s->p = p + n;
			to[0] = (uint8_t)entities[i].c;
			return 1;
		}
	}
	return 0;
}
