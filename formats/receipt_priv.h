/* SPDX-License-Identifier: ISC */
/* The code of a receipt's lines, for its reader and its writer. */
#ifndef WF_RECEIPT_PRIV_H
#define WF_RECEIPT_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/receipt.h"

#define RECEIPT_CHECK 4 /* characters of a line that check the others */
#define RECEIPT_LINE_BYTES (RECEIPT_BYTES / RECEIPT_LINES)

/* Characters of the alphabet have their values here, 0 to 31. */
extern const char receipt_alphabet[33];

/* The last four characters of a line from the others and its number. */
void receipt_code_seal(unsigned number, uint8_t line[RECEIPT_LINE]);
/* The number under which the line is whole, or 0: under none. */
unsigned receipt_code_number(const uint8_t line[RECEIPT_LINE]);

/* What would make a line whole, where one thing would. */
struct receipt_mend {
	unsigned at; /* the character that is another */
	uint8_t value; /* and what it ought to be */
	bool exchanged; /* instead characters at and at + 1 are */
};

/* False: more than one thing is wrong. */
bool receipt_code_mend(
    unsigned number, const uint8_t line[RECEIPT_LINE], struct receipt_mend *m);

/* The version of a record, its first byte: E_FORMAT unless it is ours. */
int receipt_check_version(unsigned version, struct err *e);

#endif
