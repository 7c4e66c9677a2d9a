/* SPDX-License-Identifier: ISC */
/* What each update is to get in a ring, and what is in the way (8.2). */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/stop.h"
#include "lib/offer/decide_priv.h"

int64_t
decide_thaw(const struct decide *d, int64_t day)
{
	const struct rings_ring *g = d->priv->at->ring;
	size_t i = 0;

	while (i < g->nfreezes)
		if (day >= g->freezes[i].first && day <= g->freezes[i].last) {
			day = g->freezes[i].last + 1;
			i = 0;
		} else {
			i++;
		}
	return day;
}

static enum snapshot_action
held_as(enum rings_action a)
{
	return a == RINGS_INSTALL ? SNAPSHOT_INSTALL
	    : a == RINGS_OPTIONAL ? SNAPSHOT_OPTIONAL
				  : SNAPSHOT_UNINSTALL;
}

const struct snapshot_offer *
decide_before(const struct decide *d, uint32_t update, enum rings_action a)
{
	const struct decide_priv *v = d->priv;
	const struct snapshot_offer *o;

	if (v->prev_row[update] == FACTS_NONE)
		return NULL;
	o = &d->prev->offers[v->prev_row[update]];
	if (o->action != held_as(a) ||
	    (a != RINGS_UNINSTALL && !v->same_files[update]))
		return NULL;
	return o;
}

/* --- who decides --- */

static bool
is_selected(const struct decide_ring *at, uint32_t u)
{
	return at->selected != NULL &&
	    (at->selected[u / 8] & (1u << u % 8)) != 0;
}

/* Why it can be neither approved nor watched, or CAUSES. */
static enum decide_cause
excluded(const struct decide *d, uint32_t u)
{
	const struct decide_priv *v = d->priv;
	const struct facts_rev *r;

	if (v->newest[u] == FACTS_NONE)
		return DECIDE_NOT_HELD;
	r = &d->facts->revs[v->newest[u]];
	if (v->declined[v->newest[u]] != 0)
		return v->declined[v->newest[u]] == DECIDE_HIDDEN_LINE
		    ? DECIDE_HIDDEN
		    : DECIDE_DECLINED;
	return r->type != UPDATE_SOFTWARE ? DECIDE_NOT_SOFTWARE
	    : !r->deployable		  ? DECIDE_INNER
	    : r->expired		  ? DECIDE_EXPIRED
					  : DECIDE_CAUSES;
}

/* 1 and the approve line that counts, or 0. */
static uint32_t
approved(const struct decide_priv *v, uint32_t u)
{
	return v->by_id[u] != 0 ? v->by_id[u] : v->by_kb[u];
}

static void
name_cause(const struct decide *d, uint32_t u)
{
	const struct decide_priv *v = d->priv;
	const struct rings_ring *g = v->at->ring;
	struct decide_verdict *to = &v->verdicts[u];
	enum decide_cause out = excluded(d, u);
	uint32_t i = approved(v, u);

	*to = (struct decide_verdict){.cause = DECIDE_NOT_SELECTED,
	    .by = FACTS_NONE,
	    .first = v->since[u],
	    .until = FACTS_NONE,
	    .rev = FACTS_NONE,
	    .holder = FACTS_NONE,
	    .needer = FACTS_NONE};
	if (i != 0)
		to->line = g->select.approve.v[i - 1].line;
	if (out == DECIDE_DECLINED)
		to->line = v->declined[v->newest[u]];
	if (out != DECIDE_CAUSES) {
		to->cause = (uint8_t)out;
	} else if (i != 0) {
		to->cause = v->by_id[u] != 0 ? DECIDE_BY_ID : DECIDE_BY_KB;
		to->action = (uint8_t)g->approve[i - 1].action;
	} else if (v->upstream[u] != 0) {
		to->cause = DECIDE_UPSTREAM;
		to->action = (uint8_t)v->at->upstream[v->upstream[u] - 1]
				 .action;
	} else if (is_selected(v->at, u)) {
		to->cause = DECIDE_SELECTED;
		to->action = (uint8_t)g->action;
	}
}

/* --- what is in the way --- */

static bool
delayed(const struct decide *d, struct decide_verdict *to)
{
	uint64_t over = (uint64_t)to->first + d->priv->at->ring->delay;

	if (to->cause != DECIDE_SELECTED && to->cause != DECIDE_UPSTREAM)
		return false;
	if (over <= d->priv->today)
		return false;
	to->until = (uint32_t)over;
	return true;
}

static bool
frozen(const struct decide *d, uint32_t u, struct decide_verdict *to)
{
	int64_t today = d->priv->today, thaw = decide_thaw(d, today);

	if (thaw == today ||
	    decide_before(d, u, (enum rings_action)to->action) != NULL)
		return false;
	to->until = (uint32_t)thaw;
	return true;
}

/* The first that is in the way of its action. */
static int
hold_back(const struct decide *d, uint32_t u, struct err *e)
{
	const struct decide_priv *v = d->priv;
	struct decide_verdict *to = &v->verdicts[u];
	bool removed = to->action == RINGS_UNINSTALL, licence;
	uint8_t state = v->state[v->newest[u]];

	if (!removed && state != DECIDE_COMPLETE)
		to->withheld = state == DECIDE_LACKS_SHA256 ? SNAPSHOT_SHA1_ONLY
							    : SNAPSHOT_ABSENT;
	else if (!removed && delayed(d, to))
		to->withheld = SNAPSHOT_DELAY;
	else if (frozen(d, u, to))
		to->withheld = SNAPSHOT_FREEZE;
	else if (removed)
		return 0;
	else if (decide_licence(d, u, &licence, e) == -1)
		return -1;
	else if (!licence)
		to->withheld = SNAPSHOT_EULA;
	return 0;
}

static bool
watched(const struct decide *d, uint32_t u)
{
	const struct decide_priv *v = d->priv;
	const struct decide_verdict *to = &v->verdicts[u];
	enum rings_watch w = v->at->ring->watch;

	if (v->holds[u] || w == RINGS_NOTHING)
		return false;
	if (w == RINGS_ALL || to->withheld != SNAPSHOT_NOT_WITHHELD)
		return true;
	return !to->superseded &&
	    (w == RINGS_NEWEST || v->state[v->newest[u]] == DECIDE_COMPLETE);
}

/* --- superseding first --- */

/* Does u have an action that takes the place of what the selection gives? */
static bool
takes_place(const struct decide *d, uint32_t u)
{
	const struct decide_priv *v = d->priv;

	return v->holds[u] &&
	    (v->verdicts[u].action == RINGS_UNINSTALL) ==
	    (v->at->ring->action == RINGS_UNINSTALL);
}

/* What u says of those that it supersedes.  Until they are decided, cover has
   who takes their place. */
static void
supersede(const struct decide *d, uint32_t u)
{
	const struct facts *f = d->facts;
	const struct decide_priv *v = d->priv;
	struct decide_verdict *to;
	bool takes = takes_place(d, u) || v->cover[u] != FACTS_NONE;
	uint32_t other;

	DECIDE_SUPERSEDES(f, v->newest[u], i)
	{
		other = f->supersedes[i];
		if (v->circle[other] == 0 || v->circle[other] == v->circle[u])
			continue;
		to = &v->verdicts[other];
		if (!to->superseded || u < to->by)
			to->by = u;
		to->superseded = true;
		if (takes &&
		    (v->cover[other] == FACTS_NONE || u < v->cover[other]))
			v->cover[other] = u;
	}
}

static int
decide_one(const struct decide *d, uint32_t u, struct err *e)
{
	const struct decide_priv *v = d->priv;
	struct decide_verdict *to = &v->verdicts[u];

	if (to->cause == DECIDE_SELECTED && v->cover[u] != FACTS_NONE &&
	    !v->at->ring->select.superseded) {
		to->cause = DECIDE_COVERED;
		to->action = RINGS_NONE;
		to->by = v->cover[u];
	}
	if (to->action != RINGS_NONE && hold_back(d, u, e) == -1)
		return -1;
	v->holds[u] = to->action != RINGS_NONE &&
	    to->withheld == SNAPSHOT_NOT_WITHHELD;
	to->watched = watched(d, u);
	supersede(d, u);
	return 0;
}

int
decide_verdicts(struct decide *d, struct err *e)
{
	struct decide_priv *v = d->priv;
	size_t i;

	memset(v->holds, 0, d->facts->nupdates * sizeof(*v->holds));
	memset(v->cover, 0xff, d->facts->nupdates * sizeof(*v->cover));
	for (i = 0; i < d->facts->nupdates; i++)
		name_cause(d, (uint32_t)i);
	for (i = 0; i < v->norder; i++)
		if (stop_check(e) == -1 || decide_one(d, v->order[i], e) == -1)
			return -1;
	return 0;
}
