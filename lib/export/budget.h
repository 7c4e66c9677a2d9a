/* SPDX-License-Identifier: ISC */
/*
 * Which updates of a plan fit into so many bytes.  Pure: no store, no file.
 *
 * An update goes or waits as a whole: all its revisions in the plan, with all
 * that these need and that is not taken yet.  In this order each is taken that
 * fits into what is left: what has expired, for it costs no payload; then by
 * severity, by classification, and the newest first.
 */
#ifndef WF_BUDGET_H
#define WF_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/enc.h"

struct err;
struct pack;
struct plan;

#define BUDGET_DATE 24 /* bytes of a CreationDate that are compared */

enum budget_role {
	BUDGET_NEEDED, /* goes with whatever needs it, and never else */
	BUDGET_MUST, /* goes, whatever it takes */
	BUDGET_UPDATE /* goes by its rank, or waits */
};

/* What is known of an item of the plan. */
struct budget_rev {
	enum budget_role role;
	bool expired;
	uint8_t severity, class; /* ranks, below */
	char created[BUDGET_DATE + 1];
};

struct budget_wait {
	uint32_t item; /* of the plan: the update's newest revision there */
	uint64_t bytes; /* that it would take by itself */
};

struct budget {
	const struct plan *plan; /* borrowed */
	const struct pack *pack; /* borrowed: made from that plan */
	struct budget_rev *revs; /* owned: plan->n */
	bool *taken; /* owned: plan->n */
	struct budget_wait *waiting; /* owned; in the order above */
	size_t nwaiting;
	uint64_t waiting_bytes; /* of all of them together */
	size_t nupdates; /* those taken for themselves */
	uint64_t must; /* bytes of what must go */
	struct budget_priv *priv; /* owned */
};

#define BUDGET_INIT                                                            \
	{                                                                      \
		.revs = NULL, .taken = NULL, .waiting = NULL, .priv = NULL     \
	}

/* Of the words of the MSRC, of the known classifications: 0 goes first. */
uint8_t budget_severity(const char *word); /* NULL: none is given */
uint8_t budget_class(const struct guid *id); /* BUDGET_CLASS_LAST at most */
#define BUDGET_CLASS_LAST 255

/* Then the caller fills revs, and calls budget_rank(). */
int budget_open(struct budget *b, const struct plan *plan,
    const struct pack *pack, struct err *e);
void budget_rank(struct budget *b);
void budget_close(struct budget *b);

/*
 * limit: bytes of payload and documents; packed: what 1024 bytes of documents
 * come to.  Fills taken, waiting and the numbers anew; what must go is taken
 * also where it is more.
 */
void budget_fill(struct budget *b, uint64_t limit, uint64_t packed);
/* Bytes of all documents that are taken, not packed. */
uint64_t budget_documents(const struct budget *b);

#endif
