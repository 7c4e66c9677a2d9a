/* SPDX-License-Identifier: ISC */
/* Inside brute*.c only. */
#ifndef WF_BRUTE_PRIV_H
#define WF_BRUTE_PRIV_H

#include "tests/brute.h"

#define BRUTE_DAY 86400

enum { BRUTE_LEFT, BRUTE_COMPLETE };

/* A ring as it is read. */
struct reading {
	const struct toy *w;
	const struct rings_ring *ring; /* NULL: none, which declines nothing */
	unsigned at; /* its place in the file */
	const struct brute *to, *prev;
	const bool *same; /* by id: complete then and now, the same files */
	const struct brute_ring *before;
};

const struct toy_rev *brute_highest(const struct toy *w, unsigned id);
const struct toy_rev *brute_exact(
    const struct toy *w, unsigned id, uint32_t revision);
bool brute_word_is(const struct policy_word *w, const struct toy_rev *r);
int brute_line(const struct reading *b, unsigned id, bool by_id);
bool brute_declined(const struct reading *b, const struct toy_rev *r);
bool brute_approvable(const struct toy *w, unsigned id);
unsigned brute_lacks(const struct reading *b, const struct toy_rev *r);
void brute_ring(const struct reading *b, struct brute_ring *to);

#endif
