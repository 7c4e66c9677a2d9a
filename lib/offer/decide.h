/* SPDX-License-Identifier: ISC */
/*
 * What each ring is offered: sections 6.5, 8.2 and 8.5 of the specification as
 * a function of the facts of a store, a ring with what its lines select, the
 * snapshot before, and the time.  No store, no file, no clock.
 *
 * What is per UpdateID is by its place in facts->updates, what is per revision
 * by its place in facts->revs.
 */
#ifndef WF_DECIDE_H
#define WF_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/rings.h"
#include "formats/snapshot.h"
#include "lib/offer/facts.h"

struct buf;
struct err;

/* An approval of the upstream's group; by update, each once. */
struct decide_upstream {
	uint32_t update;
	bool declined; /* then there is no action */
	enum rings_action action; /* RINGS_NONE: known there, not approved */
	bool has_by;
	int64_t by; /* UTC seconds: its deadline */
};

/* A ring as it is decided.  All borrowed. */
struct decide_ring {
	const struct rings_ring *ring;
	/* Bits by update (set 1 << u % 8 of byte u / 8): its selection lines
	   and its list have it.  NULL: it selects nothing. */
	const uint8_t *selected;
	const struct decide_upstream *upstream;
	size_t nupstream;
};

/* Where an update's action comes from, or why it has none. */
enum decide_cause {
	DECIDE_NOT_HELD, /* something names it, no revision is held */
	DECIDE_NOT_SOFTWARE, /* a category, detectoid or driver */
	DECIDE_INNER, /* not ExplicitlyDeployable: inside a bundle only */
	DECIDE_EXPIRED,
	/* What is above can be neither approved nor watched. */
	DECIDE_DECLINED, /* by a line */
	DECIDE_HIDDEN, /* declined by the upstream */
	DECIDE_BY_ID, /* an approve line names its id */
	DECIDE_BY_KB, /* one of its KB numbers */
	DECIDE_UPSTREAM,
	DECIDE_SELECTED,
	/* Selected, but another one that has its action supersedes it. */
	DECIDE_COVERED,
	DECIDE_NOT_SELECTED,
	DECIDE_CAUSES
};

/* What was found of one update in one ring. */
struct decide_verdict {
	uint8_t cause; /* enum decide_cause */
	uint8_t action; /* enum rings_action: what it is to get */
	uint8_t withheld; /* enum snapshot_withheld: why it has it not yet */
	bool watched; /* in W: watched by itself, or because it is withheld */
	bool superseded; /* as watch = newest has it */
	uint32_t line; /* of the ring file: decline, approve; else 0 */
	/* SUPERSEDED, COVERED: the first update that does; else NONE. */
	uint32_t by;
	uint32_t first; /* day since 1970: first complete, or NONE */
	uint32_t until; /* DELAY, FREEZE: the first day it can hold, or NONE */
	uint32_t rev; /* that is sent, or NONE: it is not in G */
	/* In G: a revision that bundles this one, else one whose clause names
	   it, else NONE. */
	uint32_t holder, needer;
};

/* Rows of the last ring decided, by revision: revision is a place in
   facts->revs. */
struct decide_rows {
	struct snapshot_offer *v; /* owned by struct decide */
	size_t n;
};

struct decide {
	const struct facts *facts; /* borrowed */
	const struct snapshot *prev; /* borrowed; NULL: there is none */
	int64_t now; /* UTC seconds */
	uint32_t generation; /* of the snapshot that is made */
	/* By update, each once: when what it declares was first complete; the
	   ages of the new snapshot, update being a place in facts->updates. */
	struct snapshot_age *ages; /* owned */
	size_t nages;
	struct decide_priv *priv; /* owned */
};

/*
 * What does not depend on a ring: what is complete, and since when.
 * prev: the sound one of the highest generation, or NULL; generation: more.
 * E_SYS, E_STOP.  Owns: d; decide_close(), also after a failure.
 */
int decide_open(struct decide *d, const struct facts *f,
    const struct snapshot *prev, int64_t now, uint32_t generation,
    struct err *e);
void decide_close(struct decide *d);

/*
 * One ring.  rows: until the next call.  Where the snapshot before has a ring
 * of that name, what did not change keeps its changed generation, date, and
 * day first held.  E_SYS, E_STOP.
 */
int decide_ring(struct decide *d, const struct decide_ring *r,
    struct decide_rows *rows, struct err *e);

/* Of the last ring decided; borrowed until the next call. */
const struct decide_verdict *decide_verdict(
    const struct decide *d, uint32_t update);
/*
 * The same as sentences for its owner, each with LF, without naming the update
 * or the ring: why it has its action, or what is in the way, and what of it is
 * lacking; behind what select_why() says.  Appended to b.
 */
int decide_tell(
    const struct decide *d, uint32_t update, struct buf *b, struct err *e);
const char *decide_word(enum decide_cause c); /* "declined", "selected" */

/*
 * What somebody should hear of the last ring decided, once a build: one call
 * for each.  rev: in facts->revs; other: the like, or NONE.
 */
enum decide_notice {
	/* A clause of rev, which is in the ring, none of whose alternatives is
	   held: no client will ever see it (6.5). */
	DECIDE_UNMET,
	/* rev bundles other, but another revision of that is sent (6.1). */
	DECIDE_OTHER_MEMBER,
	/* A declined update that rev needs is sent all the same: other. */
	DECIDE_NEEDED,
	/* An approve line (that of its verdict) names what cannot be approved;
	   its cause says why. */
	DECIDE_USELESS
};
int decide_each_notice(const struct decide *d,
    int (*each)(void *arg, enum decide_notice n, uint32_t rev, uint32_t other,
	struct err *e),
    void *arg, struct err *e);

#endif
