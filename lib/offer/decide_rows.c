/* SPDX-License-Identifier: ISC */
/* What G becomes: actions, deadlines, and what is carried (6.2, 8.2, 8.5). */
#include <string.h>

#include "lib/offer/decide_priv.h"

static uint8_t
action_of(const struct decide *d, uint32_t u)
{
	static const uint8_t held[] = {[RINGS_INSTALL] = SNAPSHOT_INSTALL,
	    [RINGS_OPTIONAL] = SNAPSHOT_OPTIONAL,
	    [RINGS_UNINSTALL] = SNAPSHOT_UNINSTALL};
	const struct decide_verdict *w = &d->priv->verdicts[u];
	uint8_t type = d->facts->revs[w->rev].type;

	if (type == UPDATE_CATEGORY || type == UPDATE_DETECTOID)
		return SNAPSHOT_EVALUATE;
	if (w->holder != FACTS_NONE)
		return SNAPSHOT_BUNDLE;
	/* What was decided was decided of the newest. */
	if (w->rev != d->priv->newest[u])
		return SNAPSHOT_EVALUATE;
	return d->priv->holds[u] ? held[w->action]
	    : w->watched	 ? SNAPSHOT_WATCH
				 : SNAPSHOT_EVALUATE;
}

static uint64_t
put_off(const struct decide *d, int64_t t)
{
	int64_t day;

	if (t < 1)
		t = 1;
	day = t / DECIDE_DAY_S;
	return (uint64_t)(t + (decide_thaw(d, day) - day) * DECIDE_DAY_S);
}

/* The action holds since that day. */
static uint64_t
deadline_of(const struct decide *d, uint32_t u, uint32_t held)
{
	const struct decide_priv *v = d->priv;
	const struct rings_ring *g = v->at->ring;
	const struct decide_upstream *up;
	uint32_t i;

	if (v->verdicts[u].cause == DECIDE_BY_ID ||
	    v->verdicts[u].cause == DECIDE_BY_KB) {
		i = v->by_id[u] != 0 ? v->by_id[u] : v->by_kb[u];
		return g->approve[i - 1].has_by
		    ? put_off(d, g->approve[i - 1].by)
		    : 0;
	}
	if (v->verdicts[u].cause == DECIDE_UPSTREAM) {
		up = &v->at->upstream[v->upstream[u] - 1];
		if (up->has_by)
			return put_off(d, up->by);
	}
	if (g->deadline == RINGS_NO_DAYS)
		return 0;
	return put_off(
	    d, ((int64_t)held + g->deadline) * DECIDE_DAY_S + g->deadline_s);
}

/* Does the snapshot before say the same of that revision in this ring? */
static const struct snapshot_offer *
same_before(const struct decide *d, uint32_t u, const struct snapshot_offer *o)
{
	const struct decide_priv *v = d->priv;
	const struct snapshot_offer *b;
	const struct snapshot_revision *r;

	if (v->prev_row[u] == FACTS_NONE)
		return NULL;
	b = &d->prev->offers[v->prev_row[u]];
	r = &d->prev->revisions[b->revision];
	return r->revision == d->facts->revs[o->revision].revision &&
		b->action == o->action && b->deadline == o->deadline &&
		(d->prev->updates[r->update].leaf == 0) ==
		    d->facts->updates[u].needed
	    ? b
	    : NULL;
}

static void
fill_row(const struct decide *d, uint32_t u, struct snapshot_offer *o)
{
	const struct decide_priv *v = d->priv;
	const struct decide_verdict *w = &v->verdicts[u];
	const struct snapshot_offer *b;

	*o = (struct snapshot_offer){.revision = w->rev,
	    .action = action_of(d, u),
	    .changed = d->generation,
	    .date = v->today,
	    .held = SNAPSHOT_NONE};
	if (o->action == SNAPSHOT_WATCH)
		o->withheld = w->withheld;
	if (o->action >= SNAPSHOT_INSTALL && o->action <= SNAPSHOT_UNINSTALL) {
		b = decide_before(d, u, (enum rings_action)w->action);
		o->held = b != NULL && b->held < v->today ? b->held : v->today;
		o->deadline = deadline_of(d, u, o->held);
	}
	if ((b = same_before(d, u, o)) != NULL) {
		o->changed = b->changed;
		o->date = b->date;
	}
}

void
decide_fill(struct decide *d)
{
	struct decide_priv *v = d->priv;
	uint32_t rev;

	v->nrows = 0;
	for (rev = 0; rev < d->facts->nrevs; rev++)
		if (v->in[rev])
			fill_row(d, d->facts->revs[rev].update,
			    &v->rows[v->nrows++]);
}
