/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"

static void
hex(char *out, const uint8_t *p, size_t n, const char *digits)
{
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

void
hex_lower(char *out, const uint8_t *p, size_t n)
{
	hex(out, p, n, "0123456789abcdef");
}

void
hex_upper(char *out, const uint8_t *p, size_t n)
{
	hex(out, p, n, "0123456789ABCDEF");
}

/*
 * The digit's value and one; 0: no digit.  Digits come at random, so that a
 * processor guesses branches on them badly: four times slower.
 */
/* clang-format off */
static const uint8_t hex_values[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['A'] = 11, 12, 13, 14, 15, 16,
	['a'] = 11, 12, 13, 14, 15, 16,
};
/* clang-format on */

static int
hex_value(char c)
{
	return hex_values[(uint8_t)c] - 1;
}

bool
hex_read(uint8_t *out, size_t n, const char *s, size_t len)
{
	int hi, lo, all = 0;
	size_t i;

	if (len % 2 != 0 || len / 2 != n)
		return false;
	for (i = 0; i < n; i++) {
		hi = hex_value(s[2 * i]);
		lo = hex_value(s[2 * i + 1]);
		all |= hi | lo; /* negative when one is */
		out[i] = (uint8_t)((unsigned)hi << 4 | (unsigned)lo);
	}
	return all >= 0;
}

bool
hex_number(uint64_t *v, const char *s, size_t len)
{
	uint64_t n = 0;
	size_t i;
	int d;

	if (len == 0)
		return false;
	for (i = 0; i < len; i++) {
		if ((d = hex_value(s[i])) == -1 || n >> 60 != 0)
			return false;
		n = n << 4 | (uint64_t)d;
	}
	*v = n;
	return true;
}
