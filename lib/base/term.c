/* SPDX-License-Identifier: ISC */
#include "lib/base/term.h"

#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"

#define COLUMNS 80

unsigned
term_columns(int fd)
{
	struct winsize w = {.ws_col = 0};

	if (isatty(fd) != 1)
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &w) == -1 || w.ws_col == 0)
		return COLUMNS;
	return w.ws_col;
}

/* Columns of a terminal that a character takes: most of East Asia's take two,
   marks that stand on another none. */
static unsigned
char_width(const uint8_t *p, unsigned len)
{
	uint32_t c;

	if (len < 3)
		return len == 2 &&
			((p[0] == 0xcc) || (p[0] == 0xcd && p[1] < 0xb0))
		    ? 0
		    : 1;
	c = len == 3 ? (uint32_t)(p[0] & 0xf) << 12 |
		(uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f)
		     : 0x10000;
	return c >= 0x10000 || (c >= 0x1100 && c < 0x1160) ||
		(c >= 0x2e80 && c < 0xa4d0) || (c >= 0xac00 && c < 0xd7a4) ||
		(c >= 0xf900 && c < 0xfb00) || (c >= 0xfe30 && c < 0xfe70) ||
		(c >= 0xff00 && c < 0xff61)
	    ? 2
	    : 1;
}

size_t
term_fit(const char *s, size_t n, unsigned max, unsigned *used)
{
	const uint8_t *p = (const uint8_t *)s;
	unsigned len, w;
	size_t i;

	*used = 0;
	for (i = 0; i < n; i += len) {
		if ((len = utf8_len(p + i, n - i)) == 0)
			len = 1;
		w = char_width(p + i, len);
		if (w > max - *used)
			break;
		*used += w;
	}
	return i;
}

/* U+202A to U+202E, embeddings and overrides; U+2066 to U+2069, isolates. */
static bool
turns(const uint8_t *p, size_t n)
{
	return n >= 3 && p[0] == 0xe2 &&
	    ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
		(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

int
term_text(struct buf *to, const char *s, size_t n, struct err *e)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t i, from = 0;

	for (i = 0; i < n; i++) {
		if (!turns(p + i, n - i))
			continue;
		if (buf_put(to, s + from, i - from, e) == -1 ||
		    buf_printf(to, e, "\\u%04x",
			0x2000u | (p[i + 1] & 0x3fu) << 6 |
			    (p[i + 2] & 0x3fu)) == -1)
			return -1;
		i += 2;
		from = i + 1;
	}
	return buf_put(to, s + from, n - from, e) == -1 ||
		buf_str(to, e) == NULL
	    ? -1
	    : 0;
}
