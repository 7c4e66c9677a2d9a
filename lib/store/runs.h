/* SPDX-License-Identifier: ISC */
/*
 * A set of rows as a few bytes: for each run of rows, from the lowest on, how
 * many rows lie between it and the one before it, and how many it has; both as
 * numbers of seven bits a byte, the low ones first, the last with its high bit
 * clear.  One set has one form.
 */
#ifndef WF_RUNS_H
#define WF_RUNS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct query;
struct row_set;

/* Behind what is in the buffer. */
int runs_write(const struct row_set *s, struct buf *to, struct err *e);
/* Adds them to what is in the set.  E_FORMAT: cut short, another form, or a row
   that no store has. */
int runs_read(struct row_set *s, const void *p, size_t n, struct err *e);

/* The last value that a statement is bound to; and its end. */
int runs_put(struct query *q, const struct row_set *s, struct err *e);
/* What stands in a column of the row that a query is on. */
int runs_get(struct query *q, int col, struct row_set *s, struct err *e);

#endif
