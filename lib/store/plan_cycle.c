/* SPDX-License-Identifier: ISC */
/*
 * Nothing is ready: what is left waits for itself.  The rule: of the revisions
 * that stand on a circle, the earliest arrival that would be ready if each of
 * its AtLeastOne groups asked for one member only goes out; then strictly on.
 * Whoever merely waits for a circle keeps waiting.
 *
 * Circles are the strongly connected components (Tarjan, without recursion)
 * of the revisions and ids that are not out: a revision points at the ids and
 * the exact revisions that it names, an id at its revisions.
 */
#include "lib/store/plan_priv.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/err.h"

struct frame {
	uint32_t node, edge;
};

struct tarjan {
	const struct work *w; /* borrowed */
	uint32_t *index, *low; /* owned; 0: not seen */
	bool *open; /* owned; on the stack of its component */
	bool *cyclic; /* owned; of revisions */
	struct nums stack;
	struct frame *calls; /* owned */
	size_t ncalls;
	uint32_t next;
};

/* The edge-th thing that node waits for; GRAPH_NONE: none; false: no more. */
static bool
successor(const struct work *w, uint32_t node, uint32_t edge, uint32_t *to)
{
	const struct graph *g = &w->g;
	uint32_t nneeds, rev, id;

	*to = GRAPH_NONE;
	if (node >= g->nrevs) {
		id = node - g->nrevs;
		if (edge >= g->ids[id + 1].start - g->ids[id].start)
			return false;
		rev = g->by_id[g->ids[id].start + edge];
		if (w->in[rev] && w->pos[rev] == GRAPH_NONE)
			*to = rev;
		return true;
	}
	nneeds = w->need_at[node + 1] - w->need_at[node];
	if (edge < nneeds) {
		id = need_id(w, w->need_at[node] + edge);
		if (id != GRAPH_NONE && w->alive[id] > 0 &&
		    w->first[id] == GRAPH_NONE)
			*to = g->nrevs + id;
		return true;
	}
	edge -= nneeds;
	if (edge >= w->part_at[node + 1] - w->part_at[node])
		return false;
	rev = w->parts.v[w->part_at[node] + edge];
	if (w->pos[rev] == GRAPH_NONE)
		*to = rev;
	return true;
}

static int
enter(struct tarjan *t, uint32_t node, struct err *e)
{
	t->index[node] = t->low[node] = ++t->next;
	t->open[node] = true;
	t->calls[t->ncalls++] = (struct frame){.node = node};
	return nums_add(&t->stack, node, e);
}

/* The component of which node was the first seen is complete. */
static void
close_component(struct tarjan *t, uint32_t node)
{
	bool alone = t->stack.v[t->stack.n - 1] == node;
	uint32_t n;

	do {
		n = t->stack.v[--t->stack.n];
		t->open[n] = false;
		if (!alone && n < t->w->g.nrevs)
			t->cyclic[n] = true;
	} while (n != node);
}

static void
lower(uint32_t *low, uint32_t to)
{
	if (to < *low)
		*low = to;
}

static int
visit(struct tarjan *t, uint32_t root, struct err *e)
{
	struct frame *f;
	uint32_t node, to;

	if (enter(t, root, e) == -1)
		return -1;
	while (t->ncalls > 0) {
		f = &t->calls[t->ncalls - 1];
		node = f->node;
		if (successor(t->w, node, f->edge++, &to)) {
			if (to == GRAPH_NONE)
				continue;
			if (to == node)
				t->cyclic[node] = true;
			if (t->index[to] == 0) {
				if (enter(t, to, e) == -1)
					return -1;
			} else if (t->open[to]) {
				lower(&t->low[node], t->index[to]);
			}
			continue;
		}
		if (t->low[node] == t->index[node])
			close_component(t, node);
		if (--t->ncalls > 0)
			lower(&t->low[t->calls[t->ncalls - 1].node],
			    t->low[node]);
	}
	return 0;
}

/* Ready, were one member of each AtLeastOne group enough? */
static bool
nearly_ready(const struct work *w, uint32_t rev)
{
	uint32_t i, id, end = w->need_at[rev + 1];
	bool met;

	for (i = w->need_at[rev]; i < end;) {
		met = false;
		do {
			id = need_id(w, i++);
			met = met ||
			    (id != GRAPH_NONE && w->first[id] != GRAPH_NONE);
		} while (i < end && (w->needs.v[i] & NEED_NEW) == 0);
		if (!met)
			return false;
	}
	for (i = w->part_at[rev]; i < w->part_at[rev + 1]; i++)
		if (w->pos[w->parts.v[i]] == GRAPH_NONE)
			return false;
	return true;
}

static int
choose(struct work *w, const bool *cyclic, struct err *e)
{
	uint32_t rev, earliest = GRAPH_NONE;
	char text[GUID_LEN + 1];

	for (rev = 0; rev < w->g.nrevs; rev++) {
		if (!cyclic[rev])
			continue;
		if (nearly_ready(w, rev))
			return plan_emit(w, rev, e);
		if (earliest == GRAPH_NONE)
			earliest = rev;
	}
	guid_write(text, &w->g.ids[w->g.revs[earliest].id].guid);
	return err_set(e, E_FORMAT,
	    "update %s revision %" PRIu32
	    ": its prerequisites and bundles lead back to itself, and no "
	    "AtLeastOne group opens the circle",
	    text, w->g.revs[earliest].revision);
}

int
plan_relax(struct work *w, struct err *e)
{
	size_t n = (size_t)w->g.nrevs + w->g.nids + 1;
	struct tarjan t = {.w = w};
	uint32_t rev;
	int r = -1;

	if (++w->ncycles > PLAN_MAX_CYCLES)
		return err_set(e, E_LIMIT,
		    "more than %d circles of prerequisites", PLAN_MAX_CYCLES);
	t.index = calloc(n, sizeof(*t.index));
	t.low = calloc(n, sizeof(*t.low));
	t.open = calloc(n, sizeof(*t.open));
	t.cyclic = calloc(n, sizeof(*t.cyclic));
	t.calls = calloc(n, sizeof(*t.calls));
	if (t.index == NULL || t.low == NULL || t.open == NULL ||
	    t.cyclic == NULL || t.calls == NULL) {
		err_nomem(e);
		goto out;
	}
	for (rev = 0; rev < w->g.nrevs; rev++)
		if (w->in[rev] && w->pos[rev] == GRAPH_NONE &&
		    t.index[rev] == 0 && visit(&t, rev, e) == -1)
			goto out;
	r = choose(w, t.cyclic, e);
out:
	free(t.index);
	free(t.low);
	free(t.open);
	free(t.cyclic);
	free(t.calls);
	nums_free(&t.stack);
	return r;
}
