/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"

#include <string.h>

/*
 * Unicode table 3-7: what may follow a first byte.  Beyond the second byte
 * every one is 80..BF.
 */
struct lead {
	uint8_t first, last; /* of the lead byte */
	uint8_t len, lo, hi; /* bytes in all; range of the second */
};

static const struct lead leads[] = {
    {0x00, 0x7f, 1, 0, 0},
    {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

unsigned
utf8_len(const uint8_t *p, size_t n)
{
	const struct lead *l = leads;
	size_t i;

	if (n == 0)
		return 0;
	for (i = 0; i < sizeof(leads) / sizeof(*leads); i++, l++)
		if (p[0] >= l->first && p[0] <= l->last)
			break;
	if (i == sizeof(leads) / sizeof(*leads) || n < l->len)
		return 0;
	if (l->len > 1 && (p[1] < l->lo || p[1] > l->hi))
		return 0;
	for (i = 2; i < l->len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return l->len;
}

unsigned
utf8_put(uint8_t to[4], uint32_t c)
{
	static const uint8_t leads_of[] = {0, 0, 0xc0, 0xe0, 0xf0};
	unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (unsigned i = n; i-- > 1; c >>= 6)
		to[i] = (uint8_t)(0x80 | (c & 63));
	to[0] = (uint8_t)(leads_of[n] | c);
	return n;
}

/* Most text is ASCII: eight bytes at a time while it is. */
static size_t
ascii_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	uint64_t w;

	for (; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		if ((w & 0x8080808080808080u) != 0)
			break;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

bool
utf8_valid(const uint8_t *p, size_t n)
{
	size_t i = 0;
	unsigned w;

	for (;;) {
		i += ascii_run(p + i, n - i);
		if (i == n)
			return true;
		if ((w = utf8_len(p + i, n - i)) == 0)
			return false;
		i += w;
	}
}

#define EACH_BYTE ((uint64_t)0x0101010101010101)

/* Of eight bytes, in the lowest bit of each: does it go on with a sequence?
   Does it begin one of four? */
static unsigned
units_of_eight(uint64_t w)
{
	uint64_t next = w >> 7 & ~(w >> 6) & EACH_BYTE;
	uint64_t four = w >> 7 & w >> 6 & w >> 5 & w >> 4 & EACH_BYTE;

	return 8 - (unsigned)(next * EACH_BYTE >> 56) +
	    (unsigned)(four * EACH_BYTE >> 56);
}

/* A code point above U+FFFF, that is four bytes, is two units. */
uint64_t
utf8_units(const uint8_t *p, size_t n)
{
	uint64_t units = 0, w;
	size_t i = 0;

	for (; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		units += (w & 0x80 * EACH_BYTE) == 0 ? sizeof(w)
						     : units_of_eight(w);
	}
	for (; i < n; i++)
		units += (unsigned)((p[i] & 0xc0) != 0x80) +
		    (unsigned)(p[i] >= 0xf0);
	return units;
}

/* A terminal acts on C0, DEL and C1; a reader of JSON wants UTF-8. */
void
utf8_clean(char *s)
{
	size_t n = strlen(s), i = 0;
	uint8_t *p = (uint8_t *)s;
	unsigned w;

	while (i < n) {
		w = utf8_len(p + i, n - i);
		if (w == 0 || p[i] < 0x20 || p[i] == 0x7f) {
			p[i++] = '?';
			continue;
		}
		if (w == 2 && p[i] == 0xc2 && p[i + 1] < 0xa0)
			p[i] = p[i + 1] = '?';
		i += w;
	}
}
