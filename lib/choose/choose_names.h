/* SPDX-License-Identifier: ISC */
/* The categories held, and what a name stands for. */
#ifndef WF_CHOOSE_NAMES_H
#define WF_CHOOSE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/policy.h"
#include "formats/update.h"
#include "lib/base/arena.h"
#include "lib/store/store_choose.h"

struct choose_notes;
struct err;
struct store;

#define NAMES_KIND(t) (1u << (t))

/* The newest revision of a category. */
struct cat {
	int64_t row;
	struct guid id;
	enum category_type type;
	unsigned line; /* of the policy, that names it; 0 */
	bool wanted, seen;
	const char *title; /* in the arena: as lists show it */
};

struct name {
	int64_t row;
	enum category_type type;
	enum store_title which;
	const char *title, *folded; /* in the arena */
};

struct under {
	int64_t child, parent; /* rows */
};

struct names {
	struct arena arena; /* owned */
	struct cat *cats; /* owned; by row */
	struct name *v; /* owned; by folded, which, row */
	struct under *under; /* owned; by parent */
	size_t ncats, n, nunder, cap_cats, cap, cap_under;
	struct cat **found; /* owned: of the last choose_names_match() */
	size_t nfound, cap_found;
	bool former; /* they bear that title no more */
};

#define NAMES_INIT                                                             \
	{                                                                      \
		.arena = ARENA_INIT((size_t)64 << 20)                          \
	}

/* What a key of the policy names. */
struct names_what {
	const char *key, *noun;
	unsigned kinds; /* NAMES_KIND() */
};

int choose_names_load(struct names *n, struct store *s, struct err *e);
void choose_names_free(struct names *n);
struct cat *choose_names_cat(const struct names *n, int64_t row); /* or NULL */
/*
 * All categories of the kinds that a word stands for, into n->found: the one
 * with that id; or those whose title it is as lists show it; or where there are
 * none, in another language; or where there are none, before they were renamed.
 */
int choose_names_match(struct names *n, unsigned kinds,
    const struct policy_word *w, struct err *e);
/* The same, and notes of what is not as its writer will have meant it: it
   stands for nothing, for several, or for what is now called otherwise. */
int choose_names_find(struct names *n, const struct names_what *what,
    const struct policy_word *w, struct choose_notes *notes, struct err *e);

#endif
