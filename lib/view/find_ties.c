/* SPDX-License-Identifier: ISC */
/*
 * Who supersedes or bundles an update: tables of a store lead the other way.
 * Kept are a hash of the id that is named and the row that names it, in order
 * of the upper half of the hash; who asks looks at the store once more.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/store/store_related.h"
#include "lib/view/find_priv.h"

#define UPPER(hash) ((hash) >> 16)

static uint32_t
hash_of(const struct guid *id)
{
	uint64_t a, b;

	memcpy(&a, id->b, sizeof(a));
	memcpy(&b, id->b + sizeof(a), sizeof(b));
	a = (a ^ b * UINT64_C(0x9e3779b97f4a7c15)) *
	    UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(a >> 32);
}

static int
add(void *arg, int64_t row, const struct guid *id, struct err *e)
{
	struct find_ties *t = arg;

	if (row < 0 || row >= STORE_ROWS_MAX || t->n == UINT32_MAX)
		return err_set(
		    e, E_FORMAT, "a row that names others is too far");
	if (grow(&t->v, &t->cap, t->n, sizeof(*t->v), e) == -1)
		return -1;
	t->v[t->n++] = (struct find_tie){hash_of(id), (uint32_t)row};
	return 0;
}

/* What is equal stays in the order of its rows. */
static int
put_in_order(struct find_ties *t, struct err *e)
{
	struct find_tie *to = malloc((t->n + 1) * sizeof(*to));
	uint32_t sum = 0, n;
	size_t i;

	t->at = calloc(FIND_TIES_AT, sizeof(*t->at));
	if (to == NULL || t->at == NULL) {
		free(to);
		return err_nomem(e);
	}
	for (i = 0; i < t->n; i++)
		t->at[UPPER(t->v[i].hash)]++;
	for (i = 0; i < FIND_TIES_AT; i++) {
		n = t->at[i];
		t->at[i] = sum;
		sum += n;
	}
	for (i = 0; i < t->n; i++)
		to[t->at[UPPER(t->v[i].hash)]++] = t->v[i];
	/* Each begins where the one before it ended. */
	memmove(t->at + 1, t->at, (FIND_TIES_AT - 1) * sizeof(*t->at));
	t->at[0] = 0;
	free(t->v);
	t->v = to;
	return 0;
}

int
find_ties_make(
    struct find_ties *t, struct store *s, enum store_relation k, struct err *e)
{
	return store_each_tie(s, k, add, t, e) == -1 ? -1 : put_in_order(t, e);
}

void
find_ties_free(struct find_ties *t)
{
	free(t->at);
	free(t->v);
}

int
find_each_tie(const struct find *f, enum store_relation k,
    const struct guid *id, int (*each)(void *arg, int64_t row, struct err *e),
    void *arg, struct err *e)
{
	const struct find_ties *t = k == STORE_REL_NEWER ? &f->newer
							 : &f->inside;
	uint32_t i, hash = hash_of(id);
	int64_t last = 0;
	int r = 0;

	for (i = t->at[UPPER(hash)]; r == 0 && i < t->at[UPPER(hash) + 1]; i++)
		if (t->v[i].hash == hash && t->v[i].row != last) {
			last = t->v[i].row;
			r = each(arg, last, e);
		}
	return r;
}
