/* SPDX-License-Identifier: ISC */
/*
 * A transfer against the ledger of the store that it is for: what depends on
 * that store, and on nothing else of what is checked.
 */
#ifndef WF_SEQUENCE_H
#define WF_SEQUENCE_H

#include <stdbool.h>

#include "lib/store/ledger.h"

struct err;
struct store;
struct transfer;

struct sequence {
	bool already; /* this very transfer was imported: row is its own */
	bool last; /* and none of its origin since */
	struct ledger_row row;
};

/*
 * E_SEQ: made for another store, or by this one; older than what was imported
 * from its origin; another with the same number; what it builds on is not
 * imported.
 */
int sequence_check(struct store *s, const struct transfer *t,
    struct sequence *q, struct err *e);
/* An open row, of the time that stands in it, for a transfer that was checked. */
int sequence_add(struct store *s, const struct transfer *t,
    struct ledger_row *row, struct err *e);

#endif
