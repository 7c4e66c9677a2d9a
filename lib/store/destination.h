/* SPDX-License-Identifier: ISC */
/*
 * Where transfers go: a name; once its first receipt was trusted, one store
 * and the key that it signs with; and what is acknowledged there, by a receipt
 * or by a person.
 */
#ifndef WF_DESTINATION_H
#define WF_DESTINATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/enc.h"
#include "lib/store/carried.h"

struct err;
struct row_set;
struct store;

#define DESTINATION_MAX 32 /* bytes of a name */
#define DESTINATION_KEY 32 /* bytes of a public key */

struct destination {
	int64_t row; /* 0: it is not in the store yet */
	char name[DESTINATION_MAX + 1]; /* 1 to 32 of a-z 0-9 - */
	bool has_store, has_key;
	struct guid store; /* pinned */
	uint8_t key[DESTINATION_KEY]; /* pinned: Ed25519 */
	int64_t since; /* UTC seconds: of the first transfer to it */
	uint64_t base; /* sequence that was acknowledged last, or 0 */
};

/* E_USAGE. */
int destination_check(const char *name, struct err *e);
/* By its name, or by the store that is pinned: 1, 0 none, -1. */
int destination_find(
    struct store *s, const char *name, struct destination *d, struct err *e);
int destination_of_store(struct store *s, const struct guid *store,
    struct destination *d, struct err *e);
/* A new one, whose row it gets, or what has changed of one. */
int destination_put(struct store *s, struct destination *d, struct err *e);
/* In the order of their names. */
int destination_each(struct store *s,
    int (*each)(void *arg, const struct destination *d, struct err *e),
    void *arg, struct err *e);

/*
 * These sets are held there, and no others, since that transfer was imported:
 * increments build on it.
 */
int destination_acknowledge(struct store *s, int64_t row, uint64_t sequence,
    const struct row_set *revs, const struct row_set *files, struct err *e);
/* Adds what is acknowledged to a set. */
int destination_held(struct store *s, int64_t row, enum carried_kind k,
    struct row_set *to, struct err *e);

#endif
