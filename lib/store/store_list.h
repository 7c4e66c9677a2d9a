/* SPDX-License-Identifier: ISC */
/*
 * What lists and the server ask for beyond store.h.  "Shown" are the newest
 * revisions of software and drivers.
 */
#ifndef WF_STORE_LIST_H
#define WF_STORE_LIST_H

#include <stdint.h>

#include "lib/store/store.h"

struct buf;
struct err;
struct store;

/* One of them; all of it is borrowed until the callback returns. */
struct store_shown {
	struct store_rev rev; /* row, id, revision, type, expired, newest,
				 title, severity, created; nothing else */
	bool superseded, inner; /* inner: a bundle holds it */
	char *kbs; /* numbers, a blank between them; may be cut up */
	const uint32_t *classes, *products; /* rows of categories, in order */
	size_t nclasses, nproducts;
	const uint32_t
	    *files; /* of it and all that it bundles: rows, ascending */
	size_t nfiles;
};
/* At most n of them beyond a row, ascending. */
int store_each_shown(struct store *s, int64_t after, unsigned n,
    int (*each)(void *arg, const struct store_shown *u, struct err *e),
    void *arg, struct err *e);

/* Shown revisions that no bundle holds: youngest date first. */
int store_count_top(struct store *s, uint64_t *n, struct err *e);
int store_each_top(struct store *s, uint64_t skip, unsigned n,
    int (*each)(void *arg, int64_t row, bool superseded, struct err *e),
    void *arg, struct err *e);
/* Of these, those that store_each_match() would give. */
int store_each_top_match(struct store *s, const char *text,
    int (*each)(void *arg, int64_t row, bool superseded, struct err *e),
    void *arg, struct err *e);
/* Rows whose update the newest revision of another one supersedes. */
int store_each_superseded(struct store *s,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e);
/* Rows whose title holds the text, or which have it as a KB number ("KB" in
   front or not).  Letters of ASCII match in either case. */
int store_each_match(struct store *s, const char *text,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e);

/* Updates with that KB number, of which a revision is held ("KB" in front or
   not, of the number given and of those in documents): each id once. */
int store_each_of_kb(struct store *s, const char *kb,
    int (*each)(void *arg, const struct guid *id, struct err *e), void *arg,
    struct err *e);

/* Files of a revision and of all that it bundles, each once. */
int store_each_file_under(struct store *s, int64_t rev,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e);
/* At most n files beyond a digest (NULL: from the first), by digest; f->url is
   NULL. */
int store_each_file_after(struct store *s, const uint8_t *sha1, unsigned n,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e);
/* All of them, by row; f->url is NULL. */
int store_each_file_row(struct store *s,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e);

/* The newest revision of each category; updates: how many shown ones are in it
   by themselves or by inheritance (products and classifications only). */
struct store_category {
	struct guid id;
	enum category_type type;
	const char *title; /* borrowed until the callback returns; or NULL */
	uint64_t updates;
};
int store_each_category(struct store *s,
    int (*each)(void *arg, const struct store_category *c, struct err *e),
    void *arg, struct err *e);

/* The title that lists show of a category, its id where it has none; NUL added,
   emptied first. */
int store_category_title(
    struct store *s, int64_t row, struct buf *to, struct err *e);
/* Of a file, by its row: 1 found, 0 not, -1. */
int store_file_sha1(
    struct store *s, int64_t row, uint8_t sha1[SHA1_LEN], struct err *e);

/* The row of the latest revision; 0: there is none. */
int store_last(struct store *s, int64_t *row, struct err *e);
/* A number that is another one whenever anything that lists show is, the same
   in equal copies of a store. */
int store_now(struct store *s, uint64_t *now, struct err *e);
/* How much memory SQLite may keep pages in. */
int store_cache(struct store *s, unsigned kib, struct err *e);

#endif
