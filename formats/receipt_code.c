/* SPDX-License-Identifier: ISC */
/*
 * A line as a word of a Reed-Solomon code over GF(1024): 24 elements of data,
 * two of check, and one that is not written, the line's number.  Two checks
 * find any two wrong elements, and where a single one is.
 */
#include "formats/receipt_priv.h"

#include <string.h>

#define ELEMENTS (RECEIPT_LINE / 2)
#define FIELD 0x409 /* x^10 + x^3 + 1; x is primitive */
#define HALF 5 /* bits of a character */

const char receipt_alphabet[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Times x. */
static unsigned
next(unsigned a)
{
	a <<= 1;
	return a & 0x400 ? a ^ FIELD : a;
}

static unsigned
times(unsigned a, unsigned b)
{
	unsigned r = 0;

	for (; b != 0; b >>= 1, a = next(a))
		if (b & 1)
			r ^= a;
	return r;
}

static unsigned
element(const uint8_t *line, unsigned i)
{
	return (unsigned)line[2 * i] << HALF | line[2 * i + 1];
}

/* The two sums that are both 0 for a line that is whole. */
static void
sums(unsigned number, const uint8_t *line, unsigned *plain, unsigned *powers)
{
	unsigned i;

	*plain = *powers = number;
	for (i = 0; i < ELEMENTS; i++) {
		*plain ^= element(line, i);
		*powers = next(*powers) ^ element(line, i);
	}
}

static void
put_element(uint8_t *line, unsigned i, unsigned v)
{
	line[2 * i] = (uint8_t)(v >> HALF);
	line[2 * i + 1] = (uint8_t)(v & ((1U << HALF) - 1));
}

/*
 * With c1 and c0 for the last two elements: c1 + c0 = plain, and x c1 + c0 =
 * powers; so c1 = (plain + powers) / (x + 1), where 1 / (x + 1) is 0x3f8.
 */
void
receipt_code_seal(unsigned number, uint8_t line[RECEIPT_LINE])
{
	unsigned plain, powers, c1;

	memset(line + RECEIPT_LINE - RECEIPT_CHECK, 0, RECEIPT_CHECK);
	sums(number, line, &plain, &powers);
	c1 = times(plain ^ powers, 0x3f8);
	put_element(line, ELEMENTS - 2, c1);
	put_element(line, ELEMENTS - 1, plain ^ c1);
}

/* Without a number the first sum is the number. */
unsigned
receipt_code_number(const uint8_t line[RECEIPT_LINE])
{
	unsigned plain, powers, number;

	sums(0, line, &number, &powers);
	if (number < 1 || number > RECEIPT_LINES)
		return 0;
	sums(number, line, &plain, &powers);
	return powers == 0 ? number : 0;
}

static bool
mend_one(const uint8_t *line, unsigned plain, unsigned powers,
    struct receipt_mend *m)
{
	unsigned i, at, wrong = plain, high = plain >> HALF,
			low = plain & ((1U << HALF) - 1);

	if (plain == 0 || (high != 0 && low != 0))
		return false;
	for (i = 0; i < ELEMENTS && wrong != powers; i++)
		wrong = next(wrong);
	if (i == ELEMENTS)
		return false;
	at = 2 * (ELEMENTS - 1 - i) + (high == 0);
	m->at = at;
	m->value = (uint8_t)(line[at] ^ (high | low));
	m->exchanged = false;
	return true;
}

bool
receipt_code_mend(
    unsigned number, const uint8_t line[RECEIPT_LINE], struct receipt_mend *m)
{
	unsigned plain, powers, i;
	uint8_t copy[RECEIPT_LINE];

	sums(number, line, &plain, &powers);
	if (mend_one(line, plain, powers, m))
		return true;
	for (i = 0; i + 1 < RECEIPT_LINE; i++) {
		memcpy(copy, line, sizeof(copy));
		copy[i] = line[i + 1];
		copy[i + 1] = line[i];
		if (receipt_code_number(copy) != number)
			continue;
		m->at = i;
		m->exchanged = true;
		return true;
	}
	return false;
}
