/* SPDX-License-Identifier: ISC */
/* What a receipt says is held, as rows of the store that exported. */
#ifndef WF_RECEIPT_HELD_H
#define WF_RECEIPT_HELD_H

struct err;
struct receipt_in;
struct store;

/*
 * Fills revs, files and the numbers.  What the transfers carried that it says
 * were imported is compared bucket by bucket; where that differs, so is
 * everything that was sent there until then, for the transfers that came before
 * those it can tell of.  A bucket that differs either way counts as not held.
 */
int receipt_held(struct receipt_in *i, struct store *s, struct err *e);

#endif
