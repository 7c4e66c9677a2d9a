/* SPDX-License-Identifier: ISC */
/*
 * wsusferry-offer: a store and a ring file become an immutable snapshot of what
 * each Windows client is offered, STORE/offer/NNNNNN.snap over texts/HASH.seg,
 * and `current` names it last (specs 8).
 */
#ifndef WF_OFFER_H
#define WF_OFFER_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct log;

#define OFFER_MAX_OFFERS 100

struct offer_opts {
	const char *store;
	const char *rings; /* the ring file; NULL: the built-in ring alone */
	/* At most one of these; none: compile. */
	bool diff; /* rings NULL: the newest snapshot beside the one before */
	bool check, rollback;
	const char *explain; /* a KB number, an id, or text of a title */
	bool dry_run; /* of compile and rollback */
	const char *client; /* explain: a name, client id or address; or NULL */
	bool yes; /* what a changed ring file brings is meant */
	uint64_t max_offers; /* new ones that need no yes */
	const char *now; /* UTC; NULL: now */
	uint64_t epoch; /* of a first snapshot; 0: drawn */
	unsigned jobs; /* 0: one for each processor */
	struct log *log; /* borrowed */
};

/*
 * Compile: 1 a snapshot was written and named, 0 nothing would change.  The
 * same store, ring file with its lists, previous snapshot, epoch and time give
 * the same bytes.
 *
 * Errors: E_USAGE (what a changed ring file does needs --yes; options that make
 * no sense together), E_FORMAT (the ring file, with line and column), E_MISSING
 * (nothing to roll back to; nothing held to explain), E_BUSY, E_LIMIT, E_SYS,
 * E_STOP.  Faults that --check finds are findings of the log.  What a ring
 * would offer and has no content for makes the log's exit status 10.
 */
int offer_run(const struct offer_opts *o, struct err *e);

/* Can that ring file be read?  For who has much to do before he compiles. */
int offer_try_rings(const char *rings, struct err *e);

#endif
