/* SPDX-License-Identifier: ISC */
/*
 * The receipts that this side wrote or took, as they were signed
 * (formats/receipt.h).  They are added, never changed.
 */
#ifndef WF_RECEIPTS_H
#define WF_RECEIPTS_H

#include <stdint.h>

#include "formats/receipt.h"

struct err;
struct store;

enum receipts_kind { RECEIPTS_WRITTEN = 1, RECEIPTS_TAKEN = 2 };

struct receipts_row {
	int64_t row;
	enum receipts_kind kind;
	int64_t ledger; /* row of the transfer that it is about, or 0 */
	int64_t time; /* UTC seconds: when it was written or taken here */
	uint8_t record[RECEIPT_BYTES];
	struct receipt r; /* of the record */
};

/* record, kind, ledger and time are given; r is filled.  E_FORMAT. */
int receipts_add(struct store *s, struct receipts_row *v, struct err *e);
/* The highest number that a store gave to receipts: 1, 0 there is none, -1. */
int receipts_last(struct store *s, enum receipts_kind k,
    const struct guid *store, struct receipts_row *v, struct err *e);
/* The same, of those about one origin. */
int receipts_last_of(struct store *s, enum receipts_kind k,
    const struct guid *store, const struct guid *origin, struct receipts_row *v,
    struct err *e);
/* That number of a store's. */
int receipts_find(struct store *s, enum receipts_kind k,
    const struct guid *store, uint32_t number, struct receipts_row *v,
    struct err *e);
/* In the order in which they came. */
int receipts_each(struct store *s,
    int (*each)(void *arg, const struct receipts_row *v, struct err *e),
    void *arg, struct err *e);

#endif
