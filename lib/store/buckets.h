/* SPDX-License-Identifier: ISC */
/*
 * Two sides compare what they hold by sums over its keys, a few bytes for each
 * of sixteen parts (wsusferry-formats(5), Receipts).  Both use these functions.
 */
#ifndef WF_BUCKETS_H
#define WF_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/digest.h"

struct err;
struct guid;
struct row_set;
struct store;

#define BUCKETS 16

struct buckets {
	uint32_t rev[BUCKETS], file[BUCKETS];
	uint64_t nrevs, nfiles; /* keys in them */
};

/* Which bucket a key is in, and what it adds to it. */
int buckets_of_rev(const struct guid *id, uint32_t revision, unsigned *bucket,
    uint32_t *add, struct err *e);
int buckets_of_file(const uint8_t sha1[SHA1_LEN], unsigned *bucket,
    uint32_t *add, struct err *e);

/*
 * Over those rows of the sets that the store has; with held, of files over
 * those alone that are here.
 */
int buckets_count(struct store *s, const struct row_set *revs,
    const struct row_set *files, bool held, struct buckets *b, struct err *e);

/*
 * Adds to the sets to_revs and to_files those rows of revs and files whose
 * bucket has the same sum in both: mine is buckets_count() of revs and files.
 */
int buckets_agree(struct store *s, const struct row_set *revs,
    const struct row_set *files, const struct buckets *mine,
    const struct buckets *theirs, struct row_set *to_revs,
    struct row_set *to_files, struct err *e);

#endif
