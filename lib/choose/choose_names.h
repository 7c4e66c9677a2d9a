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

struct err;
struct log;
struct store;

#define NAMES_KIND(t) (1u << (t))

/* The newest revision of a category. */
struct cat {
	int64_t row;
	struct guid id;
	enum category_type type;
	unsigned line; /* of the policy, that names it; 0 */
	bool wanted, seen;
};

struct name {
	int64_t row;
	enum category_type type;
	bool display;
	const char *title, *folded; /* in the arena */
};

struct under {
	int64_t child, parent; /* rows */
};

struct names {
	struct log *log; /* borrowed */
	struct arena arena; /* owned */
	struct cat *cats; /* owned; by row */
	struct name *v; /* owned */
	struct under *under; /* owned; by parent */
	size_t ncats, n, nunder, cap_cats, cap, cap_under;
	unsigned bad; /* names that stand for nothing, or for several */
};

#define NAMES_INIT                                                             \
	{                                                                      \
		.arena = ARENA_INIT((size_t)64 << 20)                          \
	}

/* What a key of the policy names. */
struct names_what {
	const char *key; /* and what people call it */
	unsigned kinds; /* NAMES_KIND() */
};

#define NAMES_SHOWN 3 /* rows of a title that several have */

int names_load(struct names *n, struct store *s, struct err *e);
void names_free(struct names *n);
struct cat *names_cat(const struct names *n, int64_t row); /* or NULL */
/* How many of the kinds a word may stand for (counting ends soon after
   NAMES_SHOWN), and the first of them; or -1. */
int names_match(struct names *n, unsigned kinds, const struct policy_word *w,
    int64_t rows[NAMES_SHOWN], struct err *e);
/* *found: NULL where the name is bad, which is told and counted. */
int names_find(struct names *n, const struct names_what *what,
    const struct policy_word *w, struct cat **found, struct err *e);

#endif
