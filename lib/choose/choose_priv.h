/* SPDX-License-Identifier: ISC */
/* Inside choose*.c only. */
#ifndef WF_CHOOSE_PRIV_H
#define WF_CHOOSE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/choose/choose.h"
#include "lib/choose/choose_notes.h"
#include "lib/store/store_show.h"

struct buf;
struct err;
struct log;
struct store_fact;

/* What is known of a revision; which of them decide stands in
   choose_rules.c. */
enum {
	CHOOSE_HAS_ROW = 1 << 0,
	CHOOSE_IS_UPDATE = 1 << 1, /* software or driver */
	CHOOSE_IS_NEWEST = 1 << 2,
	CHOOSE_IS_EXPIRED = 1 << 3,
	CHOOSE_IS_OFFERED = 1 << 4,
	CHOOSE_IS_DRIVER = 1 << 5, /* of a category: of drivers */
	CHOOSE_BY_PRODUCT = 1 << 6, /* of a category: wanted */
	CHOOSE_BY_CLASS = 1 << 7,
	CHOOSE_BY_ID = 1 << 8, /* approved */
	CHOOSE_BY_KB = 1 << 9, /* approved */
	CHOOSE_IS_DECLINED = 1 << 10,
	CHOOSE_KB_IN = 1 << 11,
	CHOOSE_KB_OUT = 1 << 12,
	CHOOSE_TITLE_OK = 1 << 13,
	CHOOSE_ARCH_OK = 1 << 14,
	CHOOSE_LANG_OK = 1 << 15, /* its own */
	CHOOSE_AGE_OK = 1 << 16,
	CHOOSE_HAS_PART = 1 << 17,
	CHOOSE_PART_OK = 1 << 18 /* one part's language */
};

struct choose_row {
	uint32_t flags;
	uint32_t by; /* the row that supersedes it, or 0 */
	uint32_t part; /* into parts; ends where the next row's begin */
	uint8_t why; /* enum choose_why */
};

/* A category that names in the policy stand for. */
struct choose_named {
	struct guid id;
	unsigned line; /* of the policy; 0: not named */
};

struct choose_priv {
	struct choose_named *named; /* owned; products and classifications */
	size_t nnamed; /* sorted by id */
	bool loaded;
	struct choose_row *rows; /* owned; by row, and one more as the end */
	size_t nrows; /* row 0 is none */
	uint32_t *parts; /* owned; rows */
	size_t nparts, cap_parts;
	uint64_t wanted; /* updates that are in */
	struct choose_notes notes; /* owned */
};

/* choose_rules.c: all of it, once. */
int choose_load(struct choose *c, struct err *e);

/* choose_load.c: everything in rows but what is decided of them. */
int choose_load_facts(struct choose *c, struct err *e);
/* NULL with E_MISSING. */
struct choose_row *choose_row(struct choose *c, int64_t row, struct err *e);
/* *why: the line that excludes it, or NULL. */
bool choose_title_ok(
    const struct policy *p, const char *title, const struct policy_word **why);

/* choose_names.c */
int choose_names(struct choose *c, struct err *e);
/* The policy's line that names a category, or 0. */
unsigned choose_line(const struct choose *c, const struct guid *id);
/* Its classification is one of drivers. */
bool choose_is_driver_class(const struct guid *id);

/* choose_title.c: bits of the architectures that a title names; 0: none. */
enum {
	CHOOSE_X86 = 1,
	CHOOSE_X64 = 2,
	CHOOSE_ARM = 4,
	CHOOSE_ARM64 = 8,
	CHOOSE_IA64 = 16
};
unsigned choose_title_archs(const char *title);
unsigned choose_arch(const char *word); /* of a policy */

/* choose_why.c: the sentence of a decision. */
int choose_why_text(
    struct choose *c, int64_t row, struct buf *to, struct err *e);

/* choose_files.c: each revision whose files a wanted one needs, once. */
struct choose_walk {
	struct row_set seen;
	uint32_t *stack; /* owned */
	size_t n, cap;
};
int choose_walk(struct choose *c, struct choose_walk *w, int64_t row,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e);
void choose_walk_free(struct choose_walk *w);

#endif
