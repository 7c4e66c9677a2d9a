/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: a sum over the rows that follow from no document, so
 * that damage to them is seen.  What a row adds is a hash of its columns, so
 * rows may come and go in any order.  A writer's triggers keep the sums, in the
 * transaction that changes the rows; who changes them by another program
 * leaves the sums behind.  It shows damage, not forgery.
 */
#ifndef WF_STORE_SUM_H
#define WF_STORE_SUM_H

#include <stdbool.h>
#include <stdint.h>

struct check;
struct err;
struct store;

#define STORE_NSUMS 17
#define STORE_SUMS_SINCE 4 /* the schema that has them */

struct store_sum {
	int64_t rows;
	uint64_t sum;
};

/* A writer's: from now on the sums follow what is written, of the tables that a
   store of that schema has; called again when it is brought up. */
int store_sum_open(struct store *s, int schema, struct err *e);
/* At the begin and before the end of a transaction. */
int store_sum_begin(struct store *s, struct err *e);
int store_sum_commit(struct store *s, struct err *e);
/* All of them anew, from the rows: at birth, and where there were none. */
int store_sum_make(struct store *s, struct err *e);
/* Findings where the rows are not those that were written. */
int store_sum_check(struct check *c, struct err *e);

#endif
