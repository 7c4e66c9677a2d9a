/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* A digit's value plus one, so that what is no digit is zero. */
/* clang-format off */
static const uint8_t base64_values[256] = {
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
	    18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41,
	    42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['+'] = 63,
	    ['/'] = 64,
};
/* clang-format on */

void
base64_write(char *out, const uint8_t *p, size_t n)
{
	uint32_t v;
	size_t i;

	for (i = 0; i < n; i += 3) {
		v = (uint32_t)p[i] << 16;
		if (n - i > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (n - i > 2)
			v |= p[i + 2];
		*out++ = base64[v >> 18];
		*out++ = base64[v >> 12 & 63];
		*out++ = n - i > 1 ? base64[v >> 6 & 63] : '=';
		*out++ = n - i > 2 ? base64[v & 63] : '=';
	}
	*out = '\0';
}

/* Four characters to `take` bytes; what padding leaves over must be zero. */
static bool
base64_quad(uint8_t *out, size_t take, const char *s)
{
	uint32_t v = 0;
	uint8_t digit;
	size_t i;

	for (i = 0; i < 4; i++) {
		v <<= 6;
		if (i > take) {
			if (s[i] != '=')
				return false;
			continue;
		}
		digit = base64_values[(uint8_t)s[i]];
		if (digit == 0)
			return false;
		v |= (uint32_t)digit - 1;
	}
	if ((v & ((1u << 8 * (3 - take)) - 1)) != 0)
		return false;
	for (i = 0; i < take; i++)
		out[i] = (uint8_t)(v >> (16 - 8 * i));
	return true;
}

static uint32_t
base64_digit(char c)
{
	return (uint32_t)base64_values[(uint8_t)c] - 1;
}

/*
 * Whole quads without a branch: of what is no digit the value is all ones, and
 * sets bits above the 24 that count.
 */
bool
base64_read(uint8_t *out, size_t n, const char *s, size_t len)
{
	uint32_t v, all = 0;
	size_t i;

	if (len % 4 != 0 || len / 4 != n / 3 + (n % 3 != 0))
		return false;
	for (i = 0; n - i >= 3; i += 3, s += 4) {
		v = base64_digit(s[0]) << 18 | base64_digit(s[1]) << 12 |
		    base64_digit(s[2]) << 6 | base64_digit(s[3]);
		all |= v;
		out[i] = (uint8_t)(v >> 16);
		out[i + 1] = (uint8_t)(v >> 8);
		out[i + 2] = (uint8_t)v;
	}
	return all >> 24 == 0 && (i == n || base64_quad(out + i, n - i, s));
}
