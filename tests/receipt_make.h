/* SPDX-License-Identifier: ISC */
/* A receipt, its record and its text, worked out by another program. */
#ifndef WF_TESTS_RECEIPT_MAKE_H
#define WF_TESTS_RECEIPT_MAKE_H

#include "formats/receipt.h"

extern const char *const receipt_make_lines[1 + RECEIPT_LINES];
/* All of them, each ended by end; in a buffer that the next call takes. */
const char *receipt_make_text(const char *end);
void receipt_make(struct receipt *r);

#endif
