/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: documents read and put once more, by the same code,
 * and what follows from them compared with what the store holds: all of a batch
 * together, by a worker, as records.  Where these differ, one by one: into a
 * store in memory, and by the lines of both dumps.
 */
#ifndef WF_STORE_AGAIN_H
#define WF_STORE_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/store/docs_out.h"
#include "lib/store/record.h"
#include "lib/store/store_db.h"

struct store_again {
	struct buf held; /* lines of the derived parts, one after the other */
	size_t ends[STORE_PARTS_MAX]; /* where in held each part ends */
	struct update reads[DOCS_OUT_BATCH]; /* of items without an error */
	bool differs; /* something of the batch does */
	/* Its own, kept between batches. */
	struct record has, put; /* by the store; by the documents */
	struct store recorder; /* puts into that */
	struct store store; /* in memory; open where something differed */
	struct update_reader *reader; /* owned */
	struct arena arena; /* strings of reads */
	struct buf told;
};

int store_again_open(struct store_again **a, struct err *e);
void store_again_close(struct store_again *a);
/* What the store holds of the revisions in these rows. */
int store_again_look(struct store_again *a, struct store *s, int64_t from,
    int64_t to, struct err *e);
/* The same as lines, for store_again_compare(). */
int store_again_hold(struct store_again *a, struct store *s, int64_t from,
    int64_t to, struct err *e);
/* Reads every document that was unpacked; one that cannot be read gets its
   error.  Then whether all of what follows from them is what is held. */
void store_again_read(struct store_again *a, struct docs_out_batch *b);
/* One that was read, with what is held of it alone: one call of tell() for
   each part of the dump that differs. */
int store_again_compare(struct store_again *a, const struct docs_out_item *it,
    const struct update *u,
    int (*tell)(void *arg, const struct err *fault, struct err *e), void *arg,
    struct err *e);

#endif
