/* SPDX-License-Identifier: ISC */
/*
 * Which revisions leave, and in which order.  A plan is closed under
 * prerequisites and bundles and ordered so that each stands after what it
 * needs: arrival order, each delayed only until its prerequisites (every id of
 * every group that is in the plan, some revision of it) and its bundled
 * revisions are out; of those that are ready the earliest arrival first.
 */
#ifndef WF_PLAN_H
#define WF_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct err;
struct row_set;
struct store;

/*
 * What an increment builds on.  Asked for is, of what is selected, by each
 * revision held, what is not acknowledged; each newer revision of whatever was
 * sent, selected or not; the newest of each id that is given; and what also
 * says.  What these need is taken in its newest revision, and so are the
 * categories that they are filed under.
 */
struct plan_base {
	const struct row_set *held; /* borrowed: revisions acknowledged */
	const struct row_set *sent; /* borrowed: those sent before, or held */
	const struct row_set *also; /* borrowed: or NULL */
};

struct selection {
	const struct guid
	    *ids; /* borrowed; updates asked for; n 0: everything */
	size_t n;
	const struct row_set *rows; /* borrowed: instead of ids; or NULL */
	bool
	    all_revisions; /* else the newest, and the exact ones bundles name */
	const struct plan_base *base; /* borrowed; NULL: a full transfer */
	/* borrowed: revisions that are not asked for, whatever selects them;
	   what needs them brings them all the same.  NULL: none */
	const struct row_set *waits;
};

struct plan_item {
	int64_t row; /* of the revision */
	struct guid id;
	uint32_t revision;
	uint32_t units; /* UTF-16, of the document */
	uint32_t bytes; /* UTF-8, of the document */
	uint32_t edge, nedges; /* into plan.edges */
};

struct plan {
	struct plan_item *items; /* owned, in order */
	size_t n;
	uint32_t *edges; /* owned: indexes of the earlier items each one needs:
			    for a prerequisite the first of its id */
	size_t nedges;
	uint64_t left_out; /* not closed: reported through left_out() */
};

#define PLAN_INIT                                                              \
	{                                                                      \
		.items = NULL, .edges = NULL                                   \
	}

/* A revision that cannot be whole, or needs one that cannot. */
struct plan_left {
	int64_t row;
	struct guid id;
	uint32_t revision;
	bool bundled; /* what it bundles is the cause, else a prerequisite */
	bool any; /* alternatives */
	bool held; /* that is held, and left out itself */
	struct guid needs; /* of alternatives the first */
	uint32_t needs_revision; /* of a bundled one, else 0 */
};

/*
 * Where nothing is ready because revisions wait for each other in a circle,
 * one goes out whose plain prerequisites and bundled revisions are out and of
 * each of whose AtLeastOne groups one member is: the earliest arrival of those
 * that stand on a circle themselves.  Then the strict rule holds again.
 * Errors: E_USAGE an id that is not held; E_FORMAT a circle that this does not
 * open; E_LIMIT more than a thousand circles.  A revision with a plain
 * prerequisite or a bundled revision that is not held, or an AtLeastOne group
 * of which no member is, is left out with all that need it: one call of
 * left_out() each.  Memory: about 80 bytes a revision and 4 an edge.
 */
int plan_make(struct plan *p, struct store *s, const struct selection *sel,
    int (*left_out)(void *arg, const struct plan_left *l, struct err *e),
    void *arg, struct err *e);
void plan_free(struct plan *p);

/* SHA-256 over the selection in a canonical text, for the ledger. */
int plan_digest(
    const struct selection *sel, uint8_t out[SHA256_LEN], struct err *e);

#endif
