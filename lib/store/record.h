/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: rows as bytes.  A store that has a record writes what
 * store_put() puts there, and into no database; what a store holds of the same
 * tables can be read as the same bytes.  So the two are compared for a tenth of
 * what it takes to insert the one and to dump both.
 */
#ifndef WF_RECORD_H
#define WF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/store/store_db.h"

/* Tables of which all follows from documents. */
#define RECORD_TABLES 7

struct record {
	struct buf rows[RECORD_TABLES];
	int64_t row; /* of the revision that is put; its files have none */
	struct err err; /* sticky: of what was put since record_reset() */
};

void record_init(struct record *r);
void record_reset(struct record *r);
void record_free(struct record *r);
/* Where values that are bound to that statement go; NULL: nowhere. */
struct buf *record_of(struct record *r, enum store_sql id);
/* A value of a type of SQLite's. */
int record_put(
    struct buf *to, int type, const void *p, size_t n, struct err *e);
/* -1 where something could not be put. */
int record_end(const struct record *r, struct err *e);
/* What the store holds of the revisions in these rows, after record_reset(). */
int record_read(
    struct record *r, struct store *s, int64_t from, int64_t to, struct err *e);
/* false: perhaps not, for nothing that SQLite would convert is the same. */
bool record_same(const struct record *a, const struct record *b);

#endif
