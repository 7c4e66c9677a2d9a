/* SPDX-License-Identifier: ISC */
#include "formats/xml.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"

/* Written as .NET's writer does, whose text this must equal in places. */
static const char *
escape(uint8_t c, bool in_attr)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#xD;";
	case '"':
		return in_attr ? "&quot;" : NULL;
	case '\n':
		return in_attr ? "&#xA;" : NULL;
	case '\t':
		return in_attr ? "&#x9;" : NULL;
	default:
		return NULL;
	}
}

/* XML 1.0, production 2: the length in bytes of a Char at p, or 0. */
static unsigned
char_len(const uint8_t *p, size_t n)
{
	unsigned len;

	if (p[0] < 0x20)
		return p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
	if (p[0] < 0x80)
		return 1;
	len = utf8_len(p, n);
	if (len == 3 && p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe)
		return 0;
	return len;
}

#define IN_TEXT 1
#define IN_ATTR 2

/* Bytes that are looked at: what is escaped, or may be no character. */
/* clang-format off */
#define BOTH (IN_TEXT | IN_ATTR)
#define EIGHT BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH
static const uint8_t looked_at[256] = {
	EIGHT, BOTH, IN_ATTR, IN_ATTR, BOTH, BOTH, BOTH, BOTH, BOTH, EIGHT,
	EIGHT, ['"'] = IN_ATTR, ['&'] = BOTH, ['<'] = BOTH, ['>'] = BOTH,
	[0x80] = EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT,
	EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT, EIGHT,
};
/* clang-format on */

static int
put_escaped(struct buf *b, const char *s, size_t n, bool in_attr, struct err *e)
{
	const uint8_t *p = (const uint8_t *)s;
	const uint8_t mask = in_attr ? IN_ATTR : IN_TEXT;
	size_t i = 0, done = 0;
	const char *esc;
	unsigned len;

	for (;;) {
		while (i < n && (looked_at[p[i]] & mask) == 0)
			i++;
		if (i == n)
			break;
		if ((len = char_len(p + i, n - i)) == 0)
			return err_at(
			    e, i, "byte 0x%02x: not a character of XML", p[i]);
		esc = escape(p[i], in_attr);
		if (esc == NULL) {
			i += len;
			continue;
		}
		if (buf_put(b, p + done, i - done, e) == -1 ||
		    buf_puts(b, esc, e) == -1)
			return -1;
		done = ++i;
	}
	return buf_put(b, p + done, n - done, e);
}

int
xml_put_text(struct buf *b, const char *p, size_t n, struct err *e)
{
	return put_escaped(b, p, n, false, e);
}

int
xml_put_attr(
    struct buf *b, const char *name, const char *v, size_t n, struct err *e)
{
	if (buf_put(b, " ", 1, e) == -1 || buf_puts(b, name, e) == -1 ||
	    buf_put(b, "=\"", 2, e) == -1 ||
	    put_escaped(b, v, n, true, e) == -1)
		return -1;
	return buf_put(b, "\"", 1, e);
}
