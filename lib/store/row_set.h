/* SPDX-License-Identifier: ISC */
/* A set of rows of a store. */
#ifndef WF_ROW_SET_H
#define WF_ROW_SET_H

#include <stdbool.h>
#include <stdint.h>

struct err;

struct row_set {
	uint8_t *bits; /* owned */
	int64_t n; /* rows that have one */
};

/* E_FORMAT: no row that a store has, STORE_ROWS_MAX. */
int row_set_add(struct row_set *s, int64_t row, struct err *e);
bool row_set_has(const struct row_set *s, int64_t row);
void row_set_free(struct row_set *s);

#endif
