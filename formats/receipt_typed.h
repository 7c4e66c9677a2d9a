/* SPDX-License-Identifier: ISC */
/* Is what was typed the lines of a receipt; and if not, which are not? */
#ifndef WF_RECEIPT_TYPED_H
#define WF_RECEIPT_TYPED_H

#include <stddef.h>
#include <stdint.h>

#include "formats/receipt.h"

struct err;

/* As many as two receipts have. */
#define RECEIPT_TYPED_MAX (2 * RECEIPT_LINES * RECEIPT_LINE)

struct receipt_typed {
	uint8_t v[RECEIPT_TYPED_MAX]; /* values of characters, 0 to 31 */
	size_t n;
};

/*
 * E_FORMAT unless these are lines 1 to RECEIPT_LINES, each whole, and nothing
 * else: it names up to four of what is wrong.  Lines that are whole are found
 * wherever they stand, so that one that lacks a character does not spoil the
 * others.
 */
int receipt_typed_check(const struct receipt_typed *y, struct err *e);

#endif
