/* SPDX-License-Identifier: ISC */
/*
 * What a policy is applied to: one kind of fact of all revisions, in one pass.
 * Strings are borrowed until the callback returns.  In a snapshot.
 */
#ifndef WF_STORE_CHOOSE_H
#define WF_STORE_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/store.h"

struct err;
struct store;

struct store_fact {
	int64_t row;
	struct guid id;
	uint32_t revision;
	enum update_type type;
	enum category_type category;
	bool expired, deployable, newest;
	const char *title, *created; /* or NULL */
	const char *langs; /* of the payload, joined by blanks; or NULL */
};
/* Every revision, or (row not 0) that one; by row. */
int store_each_fact(struct store *s, int64_t row,
    int (*each)(void *arg, const struct store_fact *f, struct err *e),
    void *arg, struct err *e);

enum store_pair {
	STORE_PARTS, /* a revision, one held that it bundles */
	STORE_REPLACES, /* a revision, one held of an update it supersedes */
	STORE_PRODUCTS, /* a revision, a product it is in */
	STORE_CLASSES, /* a revision, a classification it is in */
	STORE_UNDER, /* the newest of categories: a category, one above it */
	STORE_PAIRS
};
/* Pairs of rows, by the first; STORE_UNDER by the second. */
int store_each_pair(struct store *s, enum store_pair k,
    int (*each)(void *arg, int64_t row, int64_t other, struct err *e),
    void *arg, struct err *e);
/* KB numbers as they stand in the documents. */
int store_each_kb(struct store *s,
    int (*each)(void *arg, int64_t row, const char *kb, struct err *e),
    void *arg, struct err *e);

enum store_title {
	STORE_TITLE_SHOWN, /* that lists show, "" when it has none */
	STORE_TITLE_OTHER, /* of some language */
	STORE_TITLE_FORMER /* of an older revision, in whatever language */
};
/* The newest of each classification, company, family and product: once with
   the title that lists show, and once for each other title. */
struct store_name {
	int64_t row;
	struct guid id;
	enum category_type type;
	const char *title;
	enum store_title which;
};
int store_each_name(struct store *s,
    int (*each)(void *arg, const struct store_name *n, struct err *e),
    void *arg, struct err *e);

/* The row of the newest revision: 1, 0 when none is held, -1. */
int store_newest(
    struct store *s, const struct guid *id, int64_t *row, struct err *e);
/* Files of one revision; express: by PatchingType there; f->url is NULL. */
int store_each_use(struct store *s, int64_t rev,
    int (*each)(
	void *arg, const struct store_file *f, bool express, struct err *e),
    void *arg, struct err *e);

#endif
