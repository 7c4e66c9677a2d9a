/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "formats/receipt_priv.h"

/* Five bits a character, the highest first. */
static void
spread(uint8_t line[RECEIPT_LINE], const uint8_t *p)
{
	unsigned held = 0, nbits = 0;
	size_t i, n = 0;

	for (i = 0; i < RECEIPT_LINE_BYTES; i++) {
		held = (held << 8 | p[i]) & 0xfff;
		for (nbits += 8; nbits >= 5; nbits -= 5)
			line[n++] = held >> (nbits - 5) & 31;
	}
}

void
receipt_write(
    char out[RECEIPT_CHARS + 1], const uint8_t raw[RECEIPT_BYTES], char between)
{
	uint8_t line[RECEIPT_LINE];
	char *p = out;
	unsigned i, k;

	memcpy(p, RECEIPT_TITLE, strlen(RECEIPT_TITLE));
	p += strlen(RECEIPT_TITLE);
	for (i = 0; i < RECEIPT_LINES; i++) {
		spread(line, raw + i * RECEIPT_LINE_BYTES);
		receipt_code_seal(i + 1, line);
		*p++ = between;
		for (k = 0; k < RECEIPT_LINE; k++)
			*p++ = receipt_alphabet[line[k]];
	}
	*p = '\0';
}
