/* SPDX-License-Identifier: ISC */
/* Inside find*.c: what is kept of updates and files. */
#ifndef WF_FIND_PRIV_H
#define WF_FIND_PRIV_H

#include "lib/base/buf.h"
#include "lib/store/nums.h"
#include "lib/store/store_related.h"
#include "lib/view/find.h"

#define FIND_DIGEST 8 /* bytes kept of a digest: enough to tell them apart */

struct find_file {
	uint64_t size;
	uint8_t sha1[FIND_DIGEST], sha256[FIND_DIGEST];
	uint32_t name; /* where it begins in names */
	uint8_t state; /* enum find_payload; 0: no row has that number */
};

/* Lists of numbers are cut by where the next one's begins. */
struct find_row {
	struct guid id;
	uint64_t date; /* yyyymmddhhmmss; 0: none */
	uint32_t row, text, categories, files; /* where each begins */
	uint32_t nfiles, nabsent, nleft_out;
	uint64_t bytes;
	uint8_t severity; /* number in severities, from 1; 0: none */
	bool superseded, expired, inner;
};

struct find_category {
	struct find_facet facet;
	size_t title; /* where it begins in titles, until all are there */
	bool product;
};

/* find_ties.c */
#define FIND_TIES_AT 65537 /* where each upper half begins, and the end */
struct find_tie {
	uint32_t hash, row;
};
struct find_ties {
	struct find_tie *v; /* owned */
	size_t n, cap;
	uint32_t *at; /* owned; of FIND_TIES_AT */
};
int find_ties_make(
    struct find_ties *t, struct store *s, enum store_relation k, struct err *e);
void find_ties_free(struct find_ties *t);

struct find {
	struct find_ties newer, inside;
	struct find_row *rows; /* owned; nrows, and one behind them */
	size_t nrows, cap;
	uint32_t *order; /* owned; of nrows, youngest first */
	struct find_file *files; /* owned; by the row of the store */
	size_t nfiles, files_cap;
	struct buf text; /* "title\nkb1 kb2\0", in small letters */
	struct buf names; /* of files, each with its NUL */
	struct nums categories, of_files; /* numbers in known; rows of files */
	struct find_category *known; /* owned: as they came */
	size_t nknown, known_cap;
	uint32_t *known_at; /* owned; by the row of the store: its number in
			       known, and 1 */
	size_t nknown_at;
	struct buf titles;
	struct find_facet *classes, *products, *severities; /* owned */
	size_t nclasses, nproducts, nseverities;
	char severity[FIND_SEVERITIES][FIND_SEVERITY_MAX + 1];
	uint32_t severity_n[FIND_SEVERITIES];
};

#endif
