/* SPDX-License-Identifier: ISC */
/*
 * What each transfer of the ledger carried, as sets of rows: the revisions in
 * its packages, and the payload files beside them.  Of rows from before schema
 * 6 nobody knows: they carried nothing that counts as sent.
 */
#ifndef WF_CARRIED_H
#define WF_CARRIED_H

#include <stdint.h>

#include "lib/base/digest.h"

struct err;
struct guid;
struct row_set;
struct store;

enum carried_kind { CARRIED_REVISIONS = 1, CARRIED_FILES = 2 };

/* In the place of what was there; row: of the ledger. */
int carried_put(struct store *s, int64_t row, enum carried_kind k,
    const struct row_set *set, struct err *e);
/* Adds it to a set: 1, 0 it is not known, -1. */
int carried_add(struct store *s, int64_t row, enum carried_kind k,
    struct row_set *to, struct err *e);
/*
 * Payload that is here and not among files: the last revision that names each,
 * where that is among revs, is added to a set.  It came later than what was
 * sent of it.
 */
int carried_late(struct store *s, const struct row_set *revs,
    const struct row_set *files, struct row_set *to, struct err *e);

/* The row of a revision, of a payload file, into a set, where it is held. */
int carried_revision(struct store *s, const struct guid *id, uint32_t revision,
    struct row_set *to, struct err *e);
int carried_file(struct store *s, const uint8_t sha1[SHA1_LEN],
    struct row_set *to, struct err *e);

#endif
