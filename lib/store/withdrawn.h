/* SPDX-License-Identifier: ISC */
/*
 * Revisions that an upstream listed once and does not list any more: what its
 * own lists say (sync.h), and what transfers say of the lists of others.
 */
#ifndef WF_WITHDRAWN_H
#define WF_WITHDRAWN_H

#include <stdint.h>

struct err;
struct guid;
struct store;

/* All that an origin says takes the place of what it said before. */
int withdrawn_begin(struct store *s, const struct guid *origin, struct err *e);
int withdrawn_put(struct store *s, const struct guid *origin,
    const struct guid *id, uint32_t revision, struct err *e);
/* Each once, whoever says it, with its row, in the order of ids. */
int withdrawn_each(struct store *s,
    int (*each)(void *arg, int64_t row, const struct guid *id,
	uint32_t revision, struct err *e),
    void *arg, struct err *e);

#endif
