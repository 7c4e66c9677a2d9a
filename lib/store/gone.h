/* SPDX-License-Identifier: ISC */
/*
 * Damage: payload that a row calls present and that is not in WsusContent, or
 * not with its size, content_look().  Who only reads tells it.  Who writes,
 * fetch and import, notes it, so that the rows are true again, and brings it
 * again where that can be: what cannot be had is absent from then on.
 */
#ifndef WF_GONE_H
#define WF_GONE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/store/content.h"

struct err;
struct log;
struct store;

struct gone_file {
	uint8_t sha1[SHA1_LEN]; /* first: sort.h */
	char ext[UPDATE_EXT_MAX + 1];
	int64_t row;
	uint64_t size; /* as the row knows it */
	struct content_seen seen;
};

/* Zeroed: nothing. */
struct gone {
	struct gone_file *v; /* owned; by SHA-1 */
	size_t n, cap;
};

/* One look at each present file; of a store without a folder, such as
   store_nothing(), the rows are believed.  In a transaction. */
int gone_find(struct gone *g, struct store *s, struct err *e);
/* NULL: it is here, or no row calls it so. */
const struct gone_file *gone_has(
    const struct gone *g, const uint8_t sha1[SHA1_LEN]);
void gone_free(struct gone *g);

/*
 * In a transaction that writes: finds it, tells it (the first three, all with
 * -v), and no row calls it present any more.  n: how many there were.
 */
int gone_note(struct store *s, struct log *log, uint64_t *n, struct err *e);

#endif
