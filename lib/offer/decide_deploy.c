/* SPDX-License-Identifier: ISC */
/*
 * The deployed set G of a ring (6.5): all categories, what is approved or
 * watched, and what these need; of each update one revision (6.1).
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/stop.h"
#include "lib/offer/decide_priv.h"

struct deploy {
	const struct facts *f;
	struct decide_priv *v;
	size_t n; /* on the stack */
};

static void
add(struct deploy *g, uint32_t rev)
{
	if (g->v->in[rev])
		return;
	g->v->in[rev] = true;
	g->v->stack[g->n++] = rev;
}

/* What a bundle names is sent exactly so, until it is known that another
   bundle names a higher one. */
static uint32_t
member_sent(const struct deploy *g, uint32_t m)
{
	const struct facts_member *at = &g->f->members[m];

	if (at->rev == FACTS_NONE || g->v->declined[at->rev] != 0)
		return FACTS_NONE;
	return g->v->fixed[at->update] ? g->v->chosen[at->update] : at->rev;
}

static void
follow(struct deploy *g, uint32_t rev)
{
	const struct facts *f = g->f;
	uint32_t sent;

	DECIDE_CLAUSES(f, rev, c)
	DECIDE_ALTERNATIVES(f, c, a)
	{
		sent = g->v->chosen[f->alternatives[a]];
		if (sent != FACTS_NONE)
			add(g, sent);
	}
	DECIDE_PARTS(f, rev, p)
	DECIDE_MEMBERS(f, p, m)
	{
		sent = member_sent(g, m);
		if (sent != FACTS_NONE)
			add(g, sent);
	}
}

static void
close_over(struct deploy *g)
{
	const struct decide_priv *v = g->v;
	uint32_t u;

	memset(v->in, 0, g->f->nrevs * sizeof(*v->in));
	for (u = 0; u < g->f->nupdates; u++) {
		if (v->newest[u] == FACTS_NONE)
			continue;
		if (v->holds[u] || v->verdicts[u].watched ||
		    g->f->revs[v->newest[u]].type == UPDATE_CATEGORY)
			add(g, v->chosen[u]);
	}
	while (g->n > 0)
		follow(g, v->stack[--g->n]);
}

/* Does it name another one than is sent? */
static bool
name_highest(const struct deploy *g, uint32_t rev, uint32_t *named)
{
	const struct facts_member *at;
	bool other = false;

	DECIDE_PARTS(g->f, rev, p)
	DECIDE_MEMBERS(g->f, p, m)
	{
		at = &g->f->members[m];
		if (at->rev == FACTS_NONE || g->v->declined[at->rev] != 0)
			continue;
		other |= at->rev != g->v->chosen[at->update];
		if (named[at->update] == FACTS_NONE ||
		    named[at->update] < at->rev)
			named[at->update] = at->rev;
	}
	return other;
}

/* To the highest revision of each update that bundles in G name.  Does G change
   by it? */
static bool
fix(struct deploy *g)
{
	struct decide_priv *v = g->v;
	uint32_t rev, *named = v->low, u;
	bool other = false;

	memset(named, 0xff, g->f->nupdates * sizeof(*named));
	for (rev = 0; rev < g->f->nrevs; rev++)
		if (v->in[rev])
			other |= name_highest(g, rev, named);
	for (u = 0; u < g->f->nupdates; u++)
		if (named[u] != FACTS_NONE) {
			v->fixed[u] = true;
			v->chosen[u] = named[u];
		}
	return other;
}

/* Who of G leads to each revision of it. */
static void
lead(struct deploy *g)
{
	const struct facts *f = g->f;
	const struct decide_priv *v = g->v;
	struct decide_verdict *to;
	uint32_t rev;

	for (rev = 0; rev < f->nrevs; rev++) {
		if (!v->in[rev])
			continue;
		v->verdicts[f->revs[rev].update].rev = rev;
		DECIDE_PARTS(f, rev, p)
		DECIDE_MEMBERS(f, p, m)
		{
			to = &v->verdicts[f->members[m].update];
			if (member_sent(g, m) == f->members[m].rev &&
			    f->members[m].rev != FACTS_NONE &&
			    to->holder == FACTS_NONE)
				to->holder = rev;
		}
		DECIDE_CLAUSES(f, rev, c)
		DECIDE_ALTERNATIVES(f, c, a)
		{
			to = &v->verdicts[f->alternatives[a]];
			if (to->needer == FACTS_NONE)
				to->needer = rev;
		}
	}
}

int
decide_deploy(struct decide *d, struct err *e)
{
	struct deploy g = {.f = d->facts, .v = d->priv};
	struct decide_priv *v = d->priv;

	memset(v->fixed, 0, d->facts->nupdates * sizeof(*v->fixed));
	memcpy(v->chosen, v->newest, d->facts->nupdates * sizeof(*v->chosen));
	if (stop_check(e) == -1)
		return -1;
	/* What is fixed was in G already, so G does not grow by it, and no
	   bundle in it names what is not fixed: twice is as often as needed. */
	close_over(&g);
	if (fix(&g))
		close_over(&g);
	lead(&g);
	return 0;
}
