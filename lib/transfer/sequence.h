/* SPDX-License-Identifier: ISC */
/*
 * A transfer against the ledger of the store that it is for: what depends on
 * that store, and on nothing else of what is checked.
 */
#ifndef WF_SEQUENCE_H
#define WF_SEQUENCE_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/store/ledger.h"

struct store;
struct transfer;

struct sequence {
	bool allow; /* given: a rollback or a fork is taken */
	bool fork; /* of the two it is that */
	bool allowed; /* it is one, and that was given: why says what */
	struct err why;
	bool already; /* this very transfer was imported: row is its own */
	bool last; /* and none of its origin since */
	struct ledger_row row;
};

/*
 * E_SEQ: made for another store, or by this one; older than what was imported
 * from its origin; another with the same number; of an origin that has another
 * history than what was imported of it; what it builds on is not imported, or
 * is another.
 */
int sequence_check(struct store *s, const struct transfer *t,
    struct sequence *q, struct err *e);
/* An open row, of the time that stands in it, for a transfer that was
   checked. */
int sequence_add(struct store *s, const struct transfer *t,
    struct ledger_row *row, struct err *e);

/* What was allowed, beside the row: what was imported before it is not compared
   with what the origin says any more. */
int sequence_note(struct store *s, const struct sequence *q,
    const struct ledger_row *row, struct err *e);

#endif
