/* SPDX-License-Identifier: ISC */
/*
 * Which updates others supersede, and in which order to decide them: those
 * that supersede first.  Who supersede each other, directly or through others,
 * stand on one circle, and none of them counts for another (8.2).  Tarjan's
 * algorithm, without recursion: it closes what is superseded before what
 * supersedes it.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/stop.h"
#include "lib/offer/decide_priv.h"

struct tarjan {
	const struct decide *d;
	struct decide_priv *v;
	uint32_t *index; /* by update: 1 and when it was seen; 0: not yet */
	uint32_t *path, npath; /* from the root to the one at hand */
	uint32_t *open, nopen; /* seen, and not in a circle yet */
	uint32_t seen, circles;
};

static bool
counts(const struct decide_priv *v, uint32_t u)
{
	return v->approvable[u] && v->declined[v->newest[u]] == 0;
}

static void
enter(struct tarjan *t, uint32_t u)
{
	t->index[u] = t->v->low[u] = ++t->seen;
	t->v->next[u] = t->d->facts->revs[t->v->newest[u]].supersedes;
	t->path[t->npath++] = u;
	t->open[t->nopen++] = u;
}

/* The next that u supersedes and that was not seen, or NONE; low[u] becomes
   what those that were lead back to. */
static uint32_t
next_below(struct tarjan *t, uint32_t u)
{
	const struct facts *f = t->d->facts;
	uint32_t end = f->revs[t->v->newest[u] + 1].supersedes, to;

	while (t->v->next[u] < end) {
		to = f->supersedes[t->v->next[u]++];
		if (!counts(t->v, to))
			continue;
		if (t->index[to] == 0)
			return to;
		if (t->v->circle[to] == 0 && t->index[to] < t->v->low[u])
			t->v->low[u] = t->index[to];
	}
	return FACTS_NONE;
}

static void
leave(struct tarjan *t, uint32_t u)
{
	struct decide_priv *v = t->v;
	uint32_t above, w;

	t->npath--;
	if (t->npath > 0) {
		above = t->path[t->npath - 1];
		if (v->low[u] < v->low[above])
			v->low[above] = v->low[u];
	}
	if (v->low[u] != t->index[u])
		return;
	t->circles++;
	do {
		w = t->open[--t->nopen];
		v->circle[w] = t->circles;
		v->order[v->norder++] = w;
	} while (w != u);
}

static void
turn(uint32_t *v, size_t n)
{
	uint32_t held;
	size_t i;

	for (i = 0; i < n / 2; i++) {
		held = v[i];
		v[i] = v[n - 1 - i];
		v[n - 1 - i] = held;
	}
}

int
decide_order(struct decide *d, struct err *e)
{
	struct decide_priv *v = d->priv;
	struct tarjan t = {.d = d,
	    .v = v,
	    .index = v->seen,
	    .path = v->path,
	    .open = v->stack};
	size_t n = d->facts->nupdates;
	uint32_t u, to;

	memset(v->seen, 0, n * sizeof(*v->seen));
	memset(v->circle, 0, n * sizeof(*v->circle));
	v->norder = 0;
	for (u = 0; u < n; u++) {
		if (t.index[u] != 0 || !counts(v, u))
			continue;
		if (stop_check(e) == -1)
			return -1;
		for (enter(&t, u); t.npath > 0;) {
			to = next_below(&t, t.path[t.npath - 1]);
			if (to != FACTS_NONE)
				enter(&t, to);
			else
				leave(&t, t.path[t.npath - 1]);
		}
	}
	turn(v->order, v->norder);
	return 0;
}
