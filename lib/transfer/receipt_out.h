/* SPDX-License-Identifier: ISC */
/*
 * The receipt of the side that imports: made in the import's own transaction,
 * written once that is committed, and again by whoever finds it lacking.
 */
#ifndef WF_RECEIPT_OUT_H
#define WF_RECEIPT_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/receipts.h"

struct buf;
struct err;
struct guid;
struct sign_sec;
struct store;

#define RECEIPT_OUT_DIR "receipts" /* in the store */
#define RECEIPT_OUT_NAME 128

/* What a transfer brought and was not taken: a list for people. */
struct receipt_failures {
	uint64_t n;
	const struct buf *list; /* borrowed; lines */
};

/*
 * What is to be said of the imports of an origin, signed: 1, with is_new false
 * where the last receipt said all of it already; 0 where nothing of that origin
 * is imported.  failures: of the last of them; NULL: what was said of it then.
 * E_LIMIT: a number is beyond what a receipt has room for.
 */
int receipt_out_make(struct store *s, const struct guid *origin,
    const struct sign_sec *key, int64_t time,
    const struct receipt_failures *failures, struct receipts_row *v,
    bool *is_new, struct err *e);

/* "receipt-000003-north-000042.txt": its number, and the transfer's name. */
void receipt_out_name(
    char out[RECEIPT_OUT_NAME], const struct receipt *r, const char *site);
/*
 * Puts it into a folder of somebody, unless it is there; failures go beside it,
 * where it has any and they are given.  Where what has that name is another
 * store's receipt, or none, that stays, and name becomes
 * "receipt-000003-north-000042-0123abcd.txt", by the store that writes it;
 * E_USAGE where that is taken, too.
 */
int receipt_out_put(int dirfd, char name[RECEIPT_OUT_NAME],
    const struct receipts_row *v, const struct buf *failures, struct err *e);
/* In the store's own folder, which is made; what is no receipt is replaced. */
int receipt_out_keep(struct store *s, const char *name,
    const struct receipts_row *v, const struct buf *failures, struct err *e);

#endif
