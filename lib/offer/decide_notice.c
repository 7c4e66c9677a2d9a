/* SPDX-License-Identifier: ISC */
/* What somebody should hear of a ring that was decided. */
#include "lib/base/err.h"
#include "lib/offer/decide_priv.h"

struct notice {
	const struct decide *d;
	int (*each)(void *arg, enum decide_notice n, uint32_t rev,
	    uint32_t other, struct err *e);
	void *arg;
};

/* Is none of its alternatives held? */
static bool
is_unmet(const struct decide *d, uint32_t clause)
{
	DECIDE_ALTERNATIVES(d->facts, clause, a)
	if (d->priv->newest[d->facts->alternatives[a]] != FACTS_NONE)
		return false;
	return true;
}

static int
tell_clauses(const struct notice *n, uint32_t rev, struct err *e)
{
	DECIDE_CLAUSES(n->d->facts, rev, c)
	if (is_unmet(n->d, c))
		return n->each(n->arg, DECIDE_UNMET, rev, FACTS_NONE, e);
	return 0;
}

static int
tell_members(const struct notice *n, uint32_t rev, struct err *e)
{
	const struct facts *f = n->d->facts;
	const struct facts_member *at;
	uint32_t sent;

	DECIDE_PARTS(f, rev, p)
	DECIDE_MEMBERS(f, p, m)
	{
		at = &f->members[m];
		sent = n->d->priv->verdicts[at->update].rev;
		if (at->rev != FACTS_NONE && sent != FACTS_NONE &&
		    sent != at->rev && n->d->priv->declined[at->rev] == 0 &&
		    n->each(n->arg, DECIDE_OTHER_MEMBER, rev, sent, e) == -1)
			return -1;
	}
	return 0;
}

static int
tell_update(const struct notice *n, uint32_t u, struct err *e)
{
	const struct decide_verdict *w = &n->d->priv->verdicts[u];
	bool out = w->cause == DECIDE_DECLINED || w->cause == DECIDE_HIDDEN;

	if (out && w->rev != FACTS_NONE && w->needer != FACTS_NONE &&
	    n->each(n->arg, DECIDE_NEEDED, w->needer, w->rev, e) == -1)
		return -1;
	if (!out && w->cause < DECIDE_BY_ID && w->line != 0)
		return n->each(n->arg, DECIDE_USELESS, n->d->priv->newest[u],
		    FACTS_NONE, e);
	return 0;
}

int
decide_each_notice(const struct decide *d,
    int (*each)(void *arg, enum decide_notice n, uint32_t rev, uint32_t other,
	struct err *e),
    void *arg, struct err *e)
{
	const struct notice n = {d, each, arg};
	uint32_t i;

	for (i = 0; i < d->facts->nrevs; i++)
		if (d->priv->in[i] &&
		    (tell_clauses(&n, i, e) == -1 ||
			tell_members(&n, i, e) == -1))
			return -1;
	for (i = 0; i < d->facts->nupdates; i++)
		if (tell_update(&n, i, e) == -1)
			return -1;
	return 0;
}
