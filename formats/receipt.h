/* SPDX-License-Identifier: ISC */
/*
 * A receipt: what the side that imported a transfer sends back, as text that a
 * person can type (wsusferry-formats(5), Receipts).  The one reader and the one
 * writer of it; what it is signed by is for lib/transfer/receipt.h.
 */
#ifndef WF_RECEIPT_H
#define WF_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct err;

#define RECEIPT_VERSION 1
#define RECEIPT_TITLE "WSUSFERRY RECEIPT"
#define RECEIPT_BYTES 330 /* the record */
#define RECEIPT_SIGNED 266 /* of these, the signature is over */
#define RECEIPT_PREFIX "wsusferry-receipt-1\n" /* and over this before them */
#define RECEIPT_LINES 11
#define RECEIPT_LINE 52 /* characters of a line, check included */
#define RECEIPT_GROUP 4 /* characters that are shown together */
#define RECEIPT_CHARS 600 /* all of it: lines, and one between each two */
#define RECEIPT_MAX_TEXT ((size_t)16 << 10) /* bytes that are read */
#define RECEIPT_BUCKETS 16
#define RECEIPT_HEAD 16 /* bytes of digests that are kept */
#define RECEIPT_PLAN 12
#define RECEIPT_FAILED 8
#define RECEIPT_SEEN 32 /* earlier transfers that are told of */

enum receipt_gate { RECEIPT_GATE_NONE, RECEIPT_GATE_CLEAN, RECEIPT_NGATES };

struct receipt {
	struct guid origin, store; /* who exported; who imported */
	uint32_t number; /* of the receipts of store */
	uint32_t sequence; /* the last transfer of origin that is imported */
	uint8_t identity[SHA256_LEN]; /* of that: its tag manifest */
	uint32_t seen; /* bit k: sequence - 1 - k is imported too */
	uint8_t head[RECEIPT_HEAD]; /* of the origin's ledger; zeros: none */
	uint32_t revisions, files; /* in the buckets */
	uint32_t time_s; /* since 1970 */
	enum receipt_gate gate;
	uint16_t gate_day; /* since 1970; 0 without a gate */
	uint8_t plan[RECEIPT_PLAN]; /* zeros: none */
	uint16_t failures; /* UINT16_MAX: that many or more */
	uint8_t failed[RECEIPT_FAILED]; /* of the list of them; zeros: none */
	uint32_t rev[RECEIPT_BUCKETS], file[RECEIPT_BUCKETS];
	uint8_t key[8]; /* id of the key, as in its file */
	uint8_t sig[64];
};

/*
 * Text as it was written, scanned or typed: letters of either case, O for 0, I
 * and L for 1, U for V; blanks, line ends and hyphens anywhere.  raw gets the
 * record.  E_FORMAT: which line, and where it can be told which group of it,
 * is wrong, missing, or in another's place; or what is no part of a receipt,
 * at its offset.  E_LIMIT: longer than RECEIPT_MAX_TEXT.
 */
int receipt_read(
    uint8_t raw[RECEIPT_BYTES], const char *text, size_t len, struct err *e);
/* The text of a record: between stands where a line ends, and not at the
   end. */
void receipt_write(char out[RECEIPT_CHARS + 1],
    const uint8_t raw[RECEIPT_BYTES], char between);

/* A record's fields.  E_FORMAT: receipt_check(), or of another version. */
int receipt_unpack(
    struct receipt *r, const uint8_t raw[RECEIPT_BYTES], struct err *e);
int receipt_pack(
    const struct receipt *r, uint8_t raw[RECEIPT_BYTES], struct err *e);
/* What the fields must be, alone and to each other. */
int receipt_check(const struct receipt *r, struct err *e);

#endif
