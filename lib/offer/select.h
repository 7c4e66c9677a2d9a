/* SPDX-License-Identifier: ISC */
/*
 * What the lines of each ring select of a store, as lib/choose applies a
 * policy: product, family, product-exclude, classification, title,
 * title-exclude, kb, kb-exclude, architecture, language, and its approve-list;
 * and what the upstream has approved for its group.  What of it is offered,
 * decide.h says.
 */
#ifndef WF_SELECT_H
#define WF_SELECT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/rings.h"
#include "lib/base/blake.h"
#include "lib/offer/decide.h"
#include "lib/offer/facts.h"

struct err;
struct log;
struct store;

struct select {
	struct decide_ring *v; /* owned; as many as rings, in their order */
	size_t n;
	/* Of the bytes of every approve-list, in order of the rings: another
	   one when a list has changed.  Zeros: there is none. */
	uint8_t lists_hash[BLAKE_LEN];
	struct select_priv *priv; /* owned */
};

#define SELECT_INIT                                                            \
	{                                                                      \
		.v = NULL, .n = 0, .priv = NULL                                \
	}

struct select_how {
	struct store *store; /* borrowed; in the transaction of the facts */
	const struct facts *facts; /* borrowed */
	const struct rings *rings; /* borrowed */
	/* The ring file: lists stand beside it, and warnings begin with it. */
	const char *path; /* borrowed; NULL: there is none */
	int64_t now; /* UTC seconds */
	/*
	 * Hears of lines that name nothing held, of what a list names and the
	 * store lacks and the reverse, of a group that the upstream has not.
	 */
	struct log *log;
};

/*
 * s: SELECT_INIT.  Rings that select alike are asked for once.
 * E_USAGE: a list is not there; E_FORMAT: a line of a list; E_LIMIT, E_SYS.
 * Owns: everything in s; select_close(), also after a failure.
 */
int select_open(struct select *s, const struct select_how *h, struct err *e);
void select_close(struct select *s);
/*
 * Why the selection of that ring has an update or has not, as a sentence with
 * LF that names lines of the ring file, appended to b.  The store is asked
 * again, once for each ring.
 */
struct buf;
int select_why(struct select *s, size_t ring, uint32_t update, struct buf *b,
    struct err *e);

#endif
