/* SPDX-License-Identifier: ISC */
#include "lib/store/held_set.h"

#include "lib/base/enc.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/store_db.h"

struct held_key {
	uint8_t sha256[SHA256_LEN]; /* first: what they are ordered by */
	struct guid id;
	uint32_t revision;
	int64_t row;
};

static int
by_digest(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_LEN);
}

void
held_set_free(struct held_set *h)
{
	free(h->v);
	*h = (struct held_set){.v = NULL};
}

static int
add(struct held_set *h, struct query *q, struct err *e)
{
	struct held_key *k;

	if (grow(&h->v, &h->cap, h->n, sizeof(*h->v), e) == -1)
		return -1;
	k = &h->v[h->n];
	k->row = h->last = sqlite3_column_int64(q->st, 0);
	k->revision = (uint32_t)sqlite3_column_int64(q->st, 2);
	if (query_get_blob(q, 1, k->id.b, sizeof(k->id.b)) &&
	    query_get_blob(q, 3, k->sha256, SHA256_LEN))
		h->n++;
	return 0;
}

int
held_set_fill(struct held_set *h, struct store *s, struct err *e)
{
	size_t before = h->n;
	struct query q;
	int r = query_open(&q, s, SQL_HELD_AFTER, e);

	if (r == 0) {
		query_int(&q, h->last);
		query_int(&q, (int64_t)(HELD_SET_MAX - h->n));
	}
	while (query_each(&q, &r, e))
		r = add(h, &q, e);
	if (r == 0 && h->n != before)
		sort_up(h->v, h->n, sizeof(*h->v), by_digest);
	return r;
}

int64_t
held_set_find(const struct held_set *h, const struct guid *id,
    uint32_t revision, const uint8_t sha256[SHA256_LEN])
{
	const struct held_key *k = sort_find(
	    sha256, h->v, h->n, sizeof(*k), by_digest);

	return k != NULL && k->revision == revision && guid_cmp(&k->id, id) == 0
	    ? k->row
	    : 0;
}
