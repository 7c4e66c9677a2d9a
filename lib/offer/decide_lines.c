/* SPDX-License-Identifier: ISC */
/* Whom the lines of a ring name: approve, decline, accept-eula; and what the
   upstream says of its group. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/offer/decide_priv.h"

static int
kb_cmp(const void *kb, const void *entry)
{
	return strcmp(kb, ((const struct decide_kb *)entry)->kb);
}

size_t
decide_kb(const struct decide *d, const char *kb)
{
	const struct decide_priv *v = d->priv;

	return sort_place(kb, v->kbs, d->facts->nkbs, sizeof(*v->kbs), kb_cmp);
}

/* Each revision that a word means: by its own id or KB number. */
static void
each_named(struct decide *d, const struct policy_word *w,
    void (*each)(struct decide *d, uint32_t rev, uint32_t what), uint32_t what)
{
	const struct facts *f = d->facts;
	const struct decide_priv *v = d->priv;
	uint32_t u, r;
	size_t i;

	if (w->is_id) {
		if ((u = facts_find(f, &w->id)) == FACTS_NONE)
			return;
		for (r = f->updates[u].first; r < f->updates[u + 1].first; r++)
			each(d, r, what);
		return;
	}
	for (i = decide_kb(d, w->text);
	     i < f->nkbs && strcmp(v->kbs[i].kb, w->text) == 0; i++)
		each(d, v->kbs[i].rev, what);
}

static void
decline(struct decide *d, uint32_t rev, uint32_t line)
{
	d->priv->declined[rev] = line;
	d->priv->any_declined = true;
}

static void
approve_id(struct decide *d, uint32_t rev, uint32_t place)
{
	d->priv->by_id[d->facts->revs[rev].update] = place + 1;
}

/* The KB number of an older revision is not the update's. */
static void
approve_kb(struct decide *d, uint32_t rev, uint32_t place)
{
	uint32_t u = d->facts->revs[rev].update;

	if (d->priv->newest[u] == rev)
		d->priv->by_kb[u] = place + 1;
}

static void
take_upstream(struct decide *d)
{
	const struct decide_ring *at = d->priv->at;
	struct decide_priv *v = d->priv;
	const struct facts_update *u;
	uint32_t i, r;

	for (i = 0; i < at->nupstream; i++) {
		v->upstream[at->upstream[i].update] = i + 1;
		if (!at->upstream[i].declined ||
		    v->by_id[at->upstream[i].update] != 0 ||
		    v->by_kb[at->upstream[i].update] != 0)
			continue;
		u = &d->facts->updates[at->upstream[i].update];
		for (r = u[0].first; r < u[1].first; r++)
			if (v->declined[r] == 0)
				decline(d, r, DECIDE_HIDDEN_LINE);
	}
}

void
decide_lines(struct decide *d)
{
	const struct policy *p = &d->priv->at->ring->select;
	const struct facts *f = d->facts;
	struct decide_priv *v = d->priv;
	uint32_t i;

	memset(v->by_id, 0, f->nupdates * sizeof(*v->by_id));
	memset(v->by_kb, 0, f->nupdates * sizeof(*v->by_kb));
	memset(v->upstream, 0, f->nupdates * sizeof(*v->upstream));
	memset(v->declined, 0, f->nrevs * sizeof(*v->declined));
	v->any_declined = false;
	for (i = 0; i < p->decline.n; i++)
		each_named(d, &p->decline.v[i], decline, p->decline.v[i].line);
	for (i = 0; i < p->approve.n; i++)
		each_named(d, &p->approve.v[i],
		    p->approve.v[i].is_id ? approve_id : approve_kb, i);
	take_upstream(d);
}

/* --- licences --- */

struct licence {
	const struct decide *d;
	bool accepted;
};

static bool
has_kb(const struct facts *f, uint32_t rev, const char *kb)
{
	uint32_t i;

	for (i = f->revs[rev].kbs; i < f->revs[rev + 1].kbs; i++)
		if (strcmp(f->text + f->kbs[i], kb) == 0)
			return true;
	return false;
}

bool
decide_accepts(const struct decide *d, uint32_t rev, const struct guid *eula)
{
	const struct policy_words *w = &d->priv->at->ring->eulas;
	const struct facts *f = d->facts;
	const struct guid *id = &f->updates[f->revs[rev].update].id;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->v[i].is_id ? guid_cmp(&w->v[i].id, id) == 0 ||
			    (eula != NULL && guid_cmp(&w->v[i].id, eula) == 0)
				  : has_kb(f, rev, w->v[i].text))
			return true;
	return false;
}

static int
see_licence(void *arg, uint32_t rev, struct err *e)
{
	const struct facts_rev *r;
	struct licence *l = arg;

	(void)e;
	r = &l->d->facts->revs[rev];
	if (r->has_eula && !decide_accepts(l->d, rev, &r->eula))
		l->accepted = false;
	return 0;
}

/* Who accepts that of a bundle accepts those of its members. */
int
decide_licence(
    const struct decide *d, uint32_t update, bool *accepted, struct err *e)
{
	const struct decide_priv *v = d->priv;
	uint32_t rev = v->newest[update];
	struct licence l = {.d = d, .accepted = true};

	*accepted = true;
	if (!v->licensed[rev] || v->at->ring->all_eulas ||
	    decide_accepts(d, rev, NULL))
		return 0;
	if (decide_beneath(d, rev, v->declined, see_licence, &l, e) == -1)
		return -1;
	*accepted = l.accepted;
	return 0;
}
