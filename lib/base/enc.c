/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/err.h"

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

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* The same for base64. */
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

static const uint8_t guid_groups[] = {4, 2, 2, 2, 6};

bool
guid_read(struct guid *g, const char *s, size_t len)
{
	size_t i, at = 0;

	if (len != GUID_LEN)
		return false;
	for (i = 0; i < sizeof(guid_groups); i++) {
		if (i > 0 && *s++ != '-')
			return false;
		if (!hex_read(g->b + at, guid_groups[i], s,
			(size_t)guid_groups[i] * 2))
			return false;
		at += guid_groups[i];
		s += (size_t)guid_groups[i] * 2;
	}
	return true;
}

void
guid_write(char out[GUID_LEN + 1], const struct guid *g)
{
	size_t i, at = 0;

	for (i = 0; i < sizeof(guid_groups); i++) {
		if (i > 0)
			*out++ = '-';
		hex_lower(out, g->b + at, guid_groups[i]);
		at += guid_groups[i];
		out += (size_t)guid_groups[i] * 2;
	}
}

int
guid_cmp(const struct guid *a, const struct guid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

int
guid_random(struct guid *g, struct err *e)
{
	ssize_t n;

	do {
		n = getrandom(g->b, sizeof(g->b), 0);
	} while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(g->b))
		return err_sys(e, "getrandom");
	g->b[6] = (uint8_t)((g->b[6] & 0x0f) | 0x40);
	g->b[8] = (uint8_t)((g->b[8] & 0x3f) | 0x80);
	return 0;
}

bool
num_read(uint64_t *v, const char *s, size_t len, uint64_t min, uint64_t max)
{
	uint64_t n = 0, d;
	size_t i;

	if (len == 0)
		return false;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		d = (uint64_t)(s[i] - '0');
		if (n > (UINT64_MAX - d) / 10)
			return false;
		n = n * 10 + d;
	}
	if (n < min || n > max)
		return false;
	*v = n;
	return true;
}

bool
num_read_hex(uint64_t *v, const char *s, size_t len)
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
