/* SPDX-License-Identifier: ISC */
/*
 * Kahn's algorithm with a heap: of the revisions that wait for nothing, the
 * earliest arrival goes out.  An index of a revision is its arrival.
 */
#include "lib/store/plan_priv.h"

#include "lib/base/err.h"

static int
heap_put(struct nums *h, uint32_t rev, struct err *e)
{
	size_t i = h->n, up;

	if (nums_add(h, rev, e) == -1)
		return -1;
	while (i > 0 && h->v[up = (i - 1) / 2] > rev) {
		h->v[i] = h->v[up];
		i = up;
	}
	h->v[i] = rev;
	return 0;
}

static uint32_t
heap_take(struct nums *h)
{
	uint32_t top = h->v[0], last = h->v[--h->n];
	size_t i = 0, down;

	while ((down = 2 * i + 1) < h->n) {
		if (down + 1 < h->n && h->v[down + 1] < h->v[down])
			down++;
		if (last <= h->v[down])
			break;
		h->v[i] = h->v[down];
		i = down;
	}
	h->v[i] = last;
	return top;
}

static int
count_pending(struct work *w, struct err *e)
{
	uint32_t rev, i;

	for (rev = 0; rev < w->g.nrevs; rev++) {
		if (!w->in[rev])
			continue;
		for (i = w->need_at[rev]; i < w->need_at[rev + 1]; i++) {
			uint32_t id = need_id(w, i);

			if (id != GRAPH_NONE && w->alive[id] > 0)
				w->pending[rev]++;
		}
		w->pending[rev] += w->part_at[rev + 1] - w->part_at[rev];
		if (w->pending[rev] == 0 && heap_put(&w->heap, rev, e) == -1)
			return -1;
	}
	return 0;
}

static int
release(struct work *w, const struct lists *l, uint32_t i, struct err *e)
{
	uint32_t j, rev;

	for (j = l->at[i]; j < l->at[i + 1]; j++) {
		rev = l->v[j];
		if (!w->in[rev] || w->pos[rev] != GRAPH_NONE ||
		    --w->pending[rev] > 0)
			continue;
		if (heap_put(&w->heap, rev, e) == -1)
			return -1;
	}
	return 0;
}

int
plan_emit(struct work *w, uint32_t rev, struct err *e)
{
	uint32_t id = w->g.revs[rev].id;

	w->pos[rev] = (uint32_t)w->order.n;
	if (nums_add(&w->order, rev, e) == -1)
		return -1;
	if (w->first[id] == GRAPH_NONE) {
		w->first[id] = w->pos[rev];
		if (release(w, &w->waiters, id, e) == -1)
			return -1;
	}
	return release(w, &w->holders, rev, e);
}

int
plan_order(struct work *w, struct err *e)
{
	uint32_t rev;
	size_t n = 0;

	for (rev = 0; rev < w->g.nrevs; rev++)
		n += w->in[rev];
	if (count_pending(w, e) == -1)
		return -1;
	while (w->order.n < n) {
		if (w->heap.n > 0) {
			if (plan_emit(w, heap_take(&w->heap), e) == -1)
				return -1;
		} else if (plan_relax(w, e) == -1) {
			return -1;
		}
	}
	return 0;
}
