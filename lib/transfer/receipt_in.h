/* SPDX-License-Identifier: ISC */
/*
 * A receipt on the side that exported: read, judged against the ledger, the
 * destinations and the receipts that were taken, and taken.  Everything that it
 * says is checked before anything of the store changes.
 */
#ifndef WF_RECEIPT_IN_H
#define WF_RECEIPT_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/sign.h"
#include "lib/store/destination.h"
#include "lib/store/ledger.h"
#include "lib/store/receipts.h"
#include "lib/store/row_set.h"

struct err;
struct keyring;
struct store;

#define RECEIPT_IN_STDIN "-" /* the name of standard input */

struct receipt_in {
	struct receipts_row row; /* record and r, once it is read */
	struct sign_pub by; /* who signed it */
	struct ledger_row about; /* the transfer that it speaks of */
	struct destination to; /* row 0: not known before */
	bool already; /* this very receipt was taken before */
	bool pins; /* from now on the destination is this store and key */
	/* What is held there, of what was sent. */
	struct row_set revs, files; /* owned */
	uint64_t nrevs, nfiles; /* in them */
	uint64_t lost_revs, lost_files; /* that came there, and are not */
	unsigned
	    unknown; /* transfers of which nobody knows what they carried */
};

#define RECEIPT_IN_INIT                                                        \
	{                                                                      \
		.row = {.row = 0 }                                             \
	}

/*
 * The text in a file, or on standard input, as a person may have typed it, and
 * its signature.  E_USAGE: no such file.  E_FORMAT, E_LIMIT: receipt_read().
 * E_SIG: none of the keys that are trusted for receipts signed it.
 */
int receipt_in_read(struct receipt_in *i, const char *path,
    const struct keyring *keys, struct err *e);
/* Only the text. */
int receipt_in_text(struct receipts_row *v, const char *path, struct err *e);

/*
 * Against the store whose transfer it speaks of.  name: of the destination, as
 * a person says it, or NULL: as the transfer was made for it.  E_SEQ: of
 * another origin; a transfer that this store does not know, or another of that
 * number; older than what was taken; another of the same number; of another
 * store than the destination's.  E_SIG: by another key than its store's.
 * E_USAGE: no destination is named.
 */
int receipt_in_judge(struct receipt_in *i, struct store *s,
    const struct keyring *keys, const char *name, struct err *e);
/* What was judged, in the transaction that is open. */
int receipt_in_take(
    struct receipt_in *i, struct store *s, int64_t time, struct err *e);
void receipt_in_free(struct receipt_in *i);

#endif
