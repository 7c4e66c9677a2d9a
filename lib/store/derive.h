/* SPDX-License-Identifier: ISC */
/* Inside lib/store only: what follows from all documents together. */
#ifndef WF_DERIVE_H
#define WF_DERIVE_H

#include <stdbool.h>

#include "lib/store/graph.h"

/* The two kinds of category that revisions are filed under. */
enum { DERIVE_CLASS, DERIVE_PRODUCT, DERIVE_KINDS };

struct derive_span {
	uint32_t at, n;
};

struct derive_missing {
	struct guid id;
	uint32_t revision; /* 0: an id that a prerequisite names */
	uint32_t rev; /* who wants it; then: how many do */
};

/* What a revision cannot do without: a row of the table of that name. */
struct derive_lack {
	struct guid id; /* of alternatives the first */
	uint32_t revision; /* of a bundled one, else 0 */
	uint32_t rev; /* who lacks it */
	uint32_t n; /* its place among the prerequisites or bundled ones */
	bool bundled, any;
};

struct derive {
	struct graph g;
	uint8_t *kind; /* owned; of each id: DERIVE_KINDS for others */
	/* Per kind: ids of categories, and each revision's part of them. */
	struct nums values[DERIVE_KINDS];
	struct derive_span *spans[DERIVE_KINDS]; /* owned */
	struct derive_missing *missing; /* owned; by id and revision */
	size_t nmissing, cap_missing;
	struct derive_lack *lacks; /* owned; prerequisites first, by rev, n */
	size_t nlacks, cap_lacks;
};

/* Zeroed before. */
int derive_compute(struct derive *d, struct store *s, struct err *e);
void derive_free(struct derive *d);

/* derive_put.c: the rows that differ from the tables', as indexes. */
int derive_changed(
    struct derive *d, struct store *s, struct nums *changed, struct err *e);
/* 1 the table says the same, 0 not, -1. */
int derive_same_missing(struct derive *d, struct store *s, struct err *e);
int derive_same_lacking(struct derive *d, struct store *s, struct err *e);

#endif
