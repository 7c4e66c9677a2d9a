/* SPDX-License-Identifier: ISC */
/* Which revisions are asked for, before anything that they need. */
#include "lib/store/plan_priv.h"

#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/store/row_set.h"

/* Selected: by id, whichever revision of it was named. */
struct asked {
	struct work *w;
	const struct plan_base *base;
	const struct row_set *waits; /* borrowed, or NULL */
	struct nums *stack;
	bool *ids; /* owned */
	uint32_t *lowest; /* owned: of each id, the revision sent, or none */
};

static int
choose_ids(struct asked *a, const struct selection *sel, struct err *e)
{
	const struct graph *g = &a->w->g;
	char text[GUID_LEN + 1];
	uint32_t id, rev;

	for (id = 0; sel->n == 0 && sel->rows == NULL && id < g->nids; id++)
		a->ids[id] = true;
	for (rev = 0; sel->rows != NULL && rev < g->nrevs; rev++)
		if (row_set_has(sel->rows, g->revs[rev].row))
			a->ids[g->revs[rev].id] = true;
	for (size_t i = 0; i < sel->n; i++) {
		if ((id = graph_find(g, &sel->ids[i])) == GRAPH_NONE) {
			guid_write(text, &sel->ids[i]);
			return err_set(e, E_USAGE,
			    "update %s: the store does not hold it", text);
		}
		a->ids[id] = true;
	}
	return 0;
}

static bool
waits(const struct asked *a, uint32_t rev)
{
	return a->waits != NULL && row_set_has(a->waits, a->w->g.revs[rev].row);
}

static int
mark_ids(struct asked *a, struct err *e)
{
	const struct graph *g = &a->w->g;

	for (uint32_t id = 0; id < g->nids; id++) {
		uint32_t at = g->ids[id + 1].start;

		/* As plan_mark_id() does, but for those that wait. */
		while (a->ids[id] && at-- > g->ids[id].start) {
			if (!waits(a, g->by_id[at]) &&
			    plan_mark(a->w, g->by_id[at], a->stack, e) == -1)
				return -1;
			if (!a->w->all_revisions)
				break;
		}
	}
	return 0;
}

static void
note_sent(struct asked *a)
{
	const struct graph *g = &a->w->g;

	for (uint32_t rev = 0; rev < g->nrevs; rev++) {
		const struct graph_rev *r = &g->revs[rev];

		if (row_set_has(a->base->sent, r->row) &&
		    r->revision < a->lowest[r->id])
			a->lowest[r->id] = r->revision;
	}
}

/* Acknowledged, and yet asked for: by whoever named it. */
static bool
is_also(const struct asked *a, const struct graph_rev *r)
{
	return a->base->also != NULL && row_set_has(a->base->also, r->row);
}

static int
mark_lacking(struct asked *a, const struct selection *sel, struct err *e)
{
	const struct graph *g = &a->w->g;

	/* Their payload may have come later. */
	for (size_t i = 0; i < sel->n; i++) {
		uint32_t rev = graph_newest(g, graph_find(g, &sel->ids[i]));

		if (!waits(a, rev) && plan_mark(a->w, rev, a->stack, e) == -1)
			return -1;
	}
	for (uint32_t rev = 0; rev < g->nrevs; rev++) {
		const struct graph_rev *r = &g->revs[rev];
		bool wanted = a->ids[r->id] || r->revision > a->lowest[r->id];

		if (((!wanted || row_set_has(a->base->held, r->row)) &&
			!is_also(a, r)) ||
		    waits(a, rev))
			continue;
		if (plan_mark(a->w, rev, a->stack, e) == -1)
			return -1;
	}
	return 0;
}

int
plan_asked(struct work *w, const struct selection *sel, struct nums *stack,
    struct err *e)
{
	struct asked a = {
	    .w = w, .base = sel->base, .waits = sel->waits, .stack = stack};
	int r = -1;

	a.ids = calloc((size_t)w->g.nids + 1, sizeof(*a.ids));
	a.lowest = calloc((size_t)w->g.nids + 1, sizeof(*a.lowest));
	if (a.ids == NULL || a.lowest == NULL) {
		err_nomem(e);
		goto out;
	}
	for (uint32_t id = 0; id < w->g.nids; id++)
		a.lowest[id] = UINT32_MAX;
	if (choose_ids(&a, sel, e) == -1)
		goto out;
	if (a.base != NULL)
		note_sent(&a);
	r = a.base != NULL ? mark_lacking(&a, sel, e) : mark_ids(&a, e);
out:
	free(a.ids);
	free(a.lowest);
	return r;
}
