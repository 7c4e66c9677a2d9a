/* SPDX-License-Identifier: ISC */
/*
 * Which documents a store holds, for workers, who cannot ask it: a document
 * whose bytes are held needs not be read again, for the rows of its revision
 * are what was read of these very bytes.  72 bytes for each, at most
 * HELD_SET_MAX of them: who is not found may be held all the same.
 */
#ifndef WF_HELD_SET_H
#define WF_HELD_SET_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"

struct err;
struct guid;
struct store;

#define HELD_SET_MAX ((size_t)1 << 20)

struct held_set {
	struct held_key *v; /* owned: by digest */
	size_t n, cap;
	int64_t last; /* row of the store that was read last */
};

/* Zeroed is empty. */
void held_set_free(struct held_set *h);
/* Takes in what was put since the last time, while nobody looks. */
int held_set_fill(struct held_set *h, struct store *s, struct err *e);
/* The row of that revision with that document, or 0.  Any thread. */
int64_t held_set_find(const struct held_set *h, const struct guid *id,
    uint32_t revision, const uint8_t sha256[SHA256_LEN]);

#endif
