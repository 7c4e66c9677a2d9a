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

int row_set_add(struct row_set *s, int64_t row, struct err *e);
bool row_set_has(const struct row_set *s, int64_t row);
/* to: empty so far. */
int row_set_copy(struct row_set *to, const struct row_set *s, struct err *e);
void row_set_free(struct row_set *s);

#endif
