/* SPDX-License-Identifier: ISC */
/*
 * A policy: which updates and files are wanted, wsusferry-policy(5).  Text,
 * kept under version control by its owner: lines of "key = value", '#' begins a
 * comment at the start of a line, keys of words may stand several times.  A
 * value goes to the end of its line without the blanks around it; quotes and
 * '#' in it are part of it.
 */
#ifndef WF_POLICY_H
#define WF_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/enc.h"

struct err;
struct sink;

#define POLICY_MAX_BYTES ((size_t)1 << 20)
#define POLICY_MAX_LINE 4096 /* bytes */
#define POLICY_MAX_VALUE 4000 /* bytes */
#define POLICY_MAX_WORDS 4096 /* of one key */
#define POLICY_MAX_DAYS 36500
#define POLICY_MAX_LANG 16 /* bytes of a short name */
#define POLICY_MAX_KB 10 /* digits */

/* A title or pattern as it was written; an id, a language and an architecture
   in lower case; the digits of a KB number. */
struct policy_word {
	const char *text; /* in the policy's arena */
	bool is_id;
	struct guid id;
	unsigned line; /* of the file, from 1 */
};

struct policy_words {
	struct policy_word *v; /* in the policy's arena */
	size_t n;
};

struct policy {
	struct arena arena; /* owned */
	/* product, family, classification; empty: all */
	struct policy_words products, families, classifications;
	struct policy_words not_products; /* product-exclude */
	struct policy_words languages; /* short names; empty: all */
	/* architecture: x86 x64 arm arm64 ia64; empty: all */
	struct policy_words architectures;
	/* title, title-exclude: shell patterns, letter case ignored */
	struct policy_words titles, not_titles;
	struct policy_words kbs, not_kbs; /* kb, kb-exclude: digits, KB ok */
	struct policy_words approve, decline; /* KB or id */
	bool only_approved; /* only-approved = yes */
	uint64_t max_age_days; /* max-age; 0: any */
	bool superseded; /* superseded = yes: they too; no unless said */
	bool drivers, express; /* no unless said */
	/* What it is called when it is told of, or NULL; borrowed from who reads
	   it. */
	const char *name;
};

#define POLICY_INIT                                                            \
	{                                                                      \
		.arena = ARENA_INIT((size_t)64 << 20)                          \
	}

/*
 * text: UTF-8, a byte order mark and CRLF are no fault.  p: POLICY_INIT.
 * Errors: E_FORMAT with the line, what was found and expected, and the nearest
 * key; E_LIMIT, E_SYS.  Owns: the arena; policy_free(), also after a failure.
 */
int policy_read(struct policy *p, const void *text, size_t n, struct err *e);
void policy_free(struct policy *p);
/* The same policy in one canonical form: keys in a fixed order, words sorted,
   each once, no comments.  What it writes reads back as the same; its SHA-256
   names the policy. */
int policy_write(const struct policy *p, struct sink *to, struct err *e);

#endif
