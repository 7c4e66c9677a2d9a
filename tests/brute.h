/* SPDX-License-Identifier: ISC */
/*
 * What rings are offered, once more: sections 6 and 8 of the specification read
 * sentence by sentence, slow and plain, sharing nothing with lib/offer.
 */
#ifndef WF_BRUTE_H
#define WF_BRUTE_H

#include "tests/toy.h"

struct brute_row {
	bool in; /* G */
	uint32_t revision;
	unsigned action, withheld; /* numbers of snapshot.h */
	uint32_t changed, date, held;
	int64_t deadline;
};

struct brute_ring {
	char name[RINGS_MAX_NAME + 1];
	struct brute_row rows[TOY_IDS + 1]; /* by id */
};

struct brute {
	uint32_t generation;
	unsigned nrings;
	struct brute_ring rings[TOY_RINGS + 1];
	struct {
		bool known;
		unsigned files; /* a bit for each */
		uint32_t day;
	} ages[TOY_IDS + 1];
	bool leaf[TOY_IDS + 1];
};

struct snapshot_offer;
/* Fails where a ring is offered anything else: of, of which revision, by id;
   NULL: not in the ring.  text: its ring file, to be shown. */
void brute_compare(const struct brute_ring *want,
    const struct snapshot_offer *const *of, const uint32_t *revisions,
    uint32_t generation, const char *text);

/* prev: NULL for a first one. */
void brute(struct brute *to, const struct brute *prev, const struct toy *w,
    const struct rings *r, uint32_t generation);

#endif
