/* SPDX-License-Identifier: ISC */
/*
 * All updates that lists show, of one moment of a store, in memory, so that
 * searching and counting read no database: about 250 bytes for an update, 90
 * for a file and 8 for each time that one update names another.  Used by one
 * thread at a time; searching changes nothing.
 */
#ifndef WF_FIND_H
#define WF_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/enc.h"
#include "lib/store/store_related.h"

struct buf;
struct err;
struct find;
struct gone;
struct store;

#define FIND_TEXT_MAX 200 /* bytes searched for */
#define FIND_WORDS 16 /* of it, blanks between them */
#define FIND_SEVERITY_MAX 31
#define FIND_SEVERITIES 32 /* different ones that can be asked for */

enum find_state { FIND_STATES, FIND_NEWEST, FIND_SUPERSEDED, FIND_EXPIRED };
enum find_payload { FIND_PAYLOADS, FIND_HERE, FIND_ABSENT, FIND_LEFT_OUT };

/*
 * What is asked for; zeroed: everything.  Each word stands in the title, in a
 * KB number ("KB" in front or not) or in the name of a file, letters of ASCII
 * in either case, or is the id, or the SHA-1 or SHA-256 of a file.
 */
struct find_ask {
	char text[FIND_TEXT_MAX + 1]; /* find_words() */
	char small[FIND_TEXT_MAX + 1]; /* the words, a NUL behind each */
	const char *words[FIND_WORDS]; /* borrowed from small */
	unsigned nwords;
	bool has_product, has_class;
	struct guid product, class;
	char severity[FIND_SEVERITY_MAX + 1]; /* "": any */
	enum find_state state;
	enum find_payload payload; /* HERE: all of it; else: some */
};
/* The words of a text; false: it is too long, or there are too many. */
bool find_words(struct find_ask *a, const char *text);
/* "newest", "superseded", "expired"; "here", "absent", "left-out": NULL where
   there is none. */
const char *find_state_word(enum find_state s);
const char *find_payload_word(enum find_payload p);

struct find_hit {
	int64_t row;
	bool superseded;
	uint32_t files, absent, left_out; /* files: of it and all it bundles */
	uint64_t bytes; /* of them, as far as sizes are known */
};

/*
 * All of what the transaction sees.  gone: payload that rows call present and
 * is not there; NULL: the rows are believed.  Errors: what the store gives.
 */
int find_make(
    struct find **f, struct store *s, const struct gone *gone, struct err *e);
void find_free(struct find *f); /* or NULL */
/*
 * Of those that no bundle holds (of all, where a word is an id or a digest),
 * youngest date first: at most n behind the first skip into hits; found: how
 * many there are in all.
 */
int find_search(const struct find *f, const struct find_ask *a, uint64_t skip,
    unsigned n, struct find_hit *hits, unsigned *nhits, uint64_t *found,
    struct err *e);

/*
 * Rows that may name an update as superseded by them (STORE_REL_NEWER) or
 * bundled (STORE_REL_INSIDE), ascending: all that do, and seldom another.  A
 * callback that returns 1 has heard enough, and is the result.
 */
int find_each_tie(const struct find *f, enum store_relation k,
    const struct guid *id, int (*each)(void *arg, int64_t row, struct err *e),
    void *arg, struct err *e);

/* What filters offer: n updates that no bundle holds have it. */
struct find_facet {
	struct guid id; /* not of a severity */
	const char *title; /* borrowed from the find */
	uint32_t n;
};
/* In the order of their titles; those that some update has. */
size_t find_classes(const struct find *f, const struct find_facet **v);
size_t find_products(const struct find *f, const struct find_facet **v);
size_t find_severities(const struct find *f, const struct find_facet **v);

#endif
