/* SPDX-License-Identifier: ISC */
/* Tables that grow, and what is asked of the columns. */
#include "lib/offer/facts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/offer/facts_priv.h"

#define MAX_ITEMS ((size_t)1 << 28) /* of a table */
#define FIRST_SLOTS ((size_t)1 << 12)

void *
facts_heap_add(struct facts_heap *h, uint32_t of, struct err *e)
{
	if (h->n == MAX_ITEMS) {
		err_set(e, E_LIMIT, "more than %zu relations of revisions",
		    MAX_ITEMS);
		return NULL;
	}
	if (grow(&h->v, &h->cap, h->n, h->size, e) == -1 ||
	    grow(&h->of, &h->cap_of, h->n, sizeof(*h->of), e) == -1)
		return NULL;
	h->of[h->n] = of;
	return h->v + h->n++ * h->size;
}

int
facts_heap_deal(struct facts_heap *h, void *v, size_t *n, size_t nowners,
    uint32_t *first, uint32_t *moved, struct err *e)
{
	char *to = calloc(h->n + 1, h->size);
	size_t i;

	if (to == NULL)
		return err_nomem(e);
	memset(first, 0, (nowners + 1) * sizeof(*first));
	for (i = 0; i < h->n; i++)
		first[h->of[i] + 1]++;
	for (i = 0; i < nowners; i++)
		first[i + 1] += first[i];
	for (i = 0; i < h->n; i++) {
		memcpy(to + first[h->of[i]] * h->size, h->v + i * h->size,
		    h->size);
		if (moved != NULL)
			moved[i] = first[h->of[i]];
		first[h->of[i]]++;
	}
	memmove(first + 1, first, nowners * sizeof(*first));
	first[0] = 0;
	*(char **)v = to;
	*n = h->n;
	return 0;
}

void
facts_heap_free(struct facts_heap *h)
{
	free(h->v);
	free(h->of);
	*h = (struct facts_heap){.size = h->size};
}

static size_t
slot(const struct facts_ids *ids, const struct guid *id)
{
	uint64_t h[2];
	size_t at;

	memcpy(h, id->b, sizeof(h));
	h[0] = (h[0] ^ h[1]) * UINT64_C(0x9e3779b97f4a7c15);
	for (at = (size_t)(h[0] >> 32) & (ids->nslots - 1);
	     ids->slots[at] != 0 &&
	     guid_cmp(&ids->v[ids->slots[at] - 1], id) != 0;
	     at = (at + 1) & (ids->nslots - 1))
		;
	return at;
}

/* At most half of the slots are taken. */
static int
more_slots(struct facts_ids *ids, struct err *e)
{
	size_t n = ids->nslots == 0 ? FIRST_SLOTS : 2 * ids->nslots, i;

	if (2 * ids->n < ids->nslots)
		return 0;
	free(ids->slots);
	ids->nslots = n;
	if ((ids->slots = calloc(n, sizeof(*ids->slots))) == NULL)
		return err_nomem(e);
	for (i = 0; i < ids->n; i++)
		ids->slots[slot(ids, &ids->v[i])] = (uint32_t)i + 1;
	return 0;
}

uint32_t
facts_ids_add(struct facts_ids *ids, const struct guid *id, struct err *e)
{
	size_t at;

	if (more_slots(ids, e) == -1)
		return FACTS_NONE;
	at = slot(ids, id);
	if (ids->slots[at] != 0)
		return ids->slots[at] - 1;
	if (ids->n == MAX_ITEMS) {
		err_set(e, E_LIMIT, "more than %zu updates", MAX_ITEMS);
		return FACTS_NONE;
	}
	if (grow(&ids->v, &ids->cap, ids->n, sizeof(*ids->v), e) == -1)
		return FACTS_NONE;
	ids->v[ids->n++] = *id;
	ids->slots[at] = (uint32_t)ids->n;
	return (uint32_t)ids->n - 1;
}

void
facts_ids_free(struct facts_ids *ids)
{
	free(ids->v);
	free(ids->slots);
	*ids = (struct facts_ids){.v = NULL};
}

void
facts_free(struct facts *f)
{
	free(f->updates);
	free(f->revs);
	free(f->clauses);
	free(f->alternatives);
	free(f->parts);
	free(f->members);
	free(f->supersedes);
	free(f->files);
	free(f->uses);
	free(f->filed);
	free(f->kbs);
	free(f->text);
	free(f->rows);
	*f = (struct facts)FACTS_INIT;
}

uint32_t
facts_find(const struct facts *f, const struct guid *id)
{
	const struct facts_update *u = sort_find(
	    id, f->updates, f->nupdates, sizeof(*u), sort_by_guid);

	return u == NULL ? FACTS_NONE : (uint32_t)(u - f->updates);
}

uint32_t
facts_exact(const struct facts *f, uint32_t update, uint32_t revision)
{
	uint32_t lo = f->updates[update].first, mid;
	uint32_t hi = f->updates[update + 1].first, end = hi;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (f->revs[mid].revision < revision)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < end && f->revs[lo].revision == revision ? lo : FACTS_NONE;
}

uint32_t
facts_newest(const struct facts *f, uint32_t update)
{
	return f->updates[update].first == f->updates[update + 1].first
	    ? FACTS_NONE
	    : f->updates[update + 1].first - 1;
}

bool
facts_approvable(const struct facts *f, uint32_t update)
{
	uint32_t rev = facts_newest(f, update);

	return rev != FACTS_NONE && f->revs[rev].type == UPDATE_SOFTWARE &&
	    f->revs[rev].deployable && !f->revs[rev].expired;
}

uint32_t
facts_row(const struct facts *f, int64_t row)
{
	return row < 0 || (uint64_t)row >= f->nrows ? FACTS_NONE : f->rows[row];
}
