/* SPDX-License-Identifier: ISC */
/* Inside formats/rings_*.c: the keys of a ring, and how values are read. */
#ifndef WF_RINGS_PRIV_H
#define WF_RINGS_PRIV_H

#include "formats/policy_priv.h"
#include "formats/rings.h"

enum rings_key {
	RINGS_TEXTS,
	RINGS_RING,
	RINGS_NETWORK,
	RINGS_CLIENT,
	RINGS_GROUP,
	RINGS_INHERIT,
	RINGS_UPSTREAM,
	RINGS_LIST,
	RINGS_ACTION,
	RINGS_DELAY,
	RINGS_DEADLINE,
	RINGS_FREEZE,
	RINGS_WATCH,
	RINGS_APPROVE,
	RINGS_EULA,
	RINGS_SUPERSEDED, /* the policy's, of one value too */
	RINGS_NKEYS
};

struct rings_reader {
	struct rings *r; /* borrowed */
	struct rings_ring *at; /* borrowed: the ring at hand, or r->all */
	struct policy_reader policy; /* into at->select */
};

/* rings_value.c: l's value, which is not empty. */
int rings_value(struct rings_reader *r, enum rings_key k,
    const struct policy_line *l, struct err *e);
/* Room for item n of an array in the ring's arena; n is a power of two when it
   is full. */
int rings_room(struct rings_ring *ring, void *array, size_t n, size_t size,
    const struct policy_line *l, const char *key, struct err *e);

/* rings_network.c: ADDRESS/BITS; false: it is none. */
bool rings_network_read(struct rings_network *n, struct policy_span v);

/* rings_inherit.c: what a ring has of itself, after what it inherits. */
int rings_merge(
    struct rings_ring *ring, const struct rings_ring *from, struct err *e);

#endif
