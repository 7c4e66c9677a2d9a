/* SPDX-License-Identifier: ISC */
/* Byte 0: odd: the rest is a record, else text.  What is read is written, and
   reads back as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/receipt.h"
#include "lib/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
round_trip(const uint8_t raw[RECEIPT_BYTES])
{
	uint8_t again[RECEIPT_BYTES];
	char text[RECEIPT_CHARS + 1];
	struct err e = ERR_INIT;
	struct receipt r;

	if (receipt_unpack(&r, raw, &e) == -1) {
		if (e.kind != E_FORMAT)
			abort();
		return;
	}
	if (receipt_pack(&r, again, &e) == -1 ||
	    memcmp(raw, again, sizeof(again)) != 0)
		abort();
	receipt_write(text, raw, ' ');
	if (receipt_read(again, text, RECEIPT_CHARS, &e) == -1 ||
	    memcmp(raw, again, sizeof(again)) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t raw[RECEIPT_BYTES];
	struct err e = ERR_INIT;

	if (n < 1)
		return 0;
	if (p[0] & 1) {
		if (n - 1 < sizeof(raw))
			return 0;
		memcpy(raw, p + 1, sizeof(raw));
	} else if (receipt_read(raw, (const char *)p + 1, n - 1, &e) == -1) {
		if (e.kind != E_FORMAT && e.kind != E_LIMIT)
			abort();
		return 0;
	}
	round_trip(raw);
	return 0;
}
