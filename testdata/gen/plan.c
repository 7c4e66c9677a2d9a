/* SPDX-License-Identifier: ISC */
/*
 * The order of arrival: categories and detectoids among updates, everything
 * that a revision needs before it.
 */
#include <stdlib.h>
#include <string.h>

#include "testdata/gen/plan.h"

static uint32_t
new_update(struct gen *g, enum kind kind)
{
	if (g->nupdates == g->cap_updates) {
		g->cap_updates = g->cap_updates * 2 + 256;
		g->updates = need(
		    realloc(g->updates, g->cap_updates * sizeof(*g->updates)));
	}
	g->updates[g->nupdates] = (struct update){
	    .kind = kind, .first = NONE, .last = NONE};
	return g->nupdates++;
}

static uint32_t
add_slot(struct plan *p, struct item *it, enum kind kind, bool hidden)
{
	static const uint16_t usual[] = {1, 100, 100, 200, 200, 200, 201, 101};
	struct rev *v = &it->slots[it->n];
	struct update *u;

	*v = (struct rev){.kind = kind, .hidden = hidden};
	v->update = new_update(p->g, kind);
	v->revision = usual[rng_below(&p->r, 8)];
	u = &p->g->updates[v->update];
	u->low = u->high = v->revision;
	v->driver = kind == K_LEAF && rng_hit(&p->r, 60);
	v->expired = rng_hit(&p->r, 40);
	needs_make(p, v);
	if (kind == K_LEAF || kind == K_BUNDLE)
		supersede(p, v);
	p->planned++;
	return it->n++;
}

static uint32_t
how_many(struct plan *p, uint32_t room)
{
	uint32_t n = 1 + rng_below(&p->r, 5);

	if (room > 100 && rng_hit(&p->r, 30))
		n = 24;
	if (room > 1000 && rng_hit(&p->r, 4))
		n = 150;
	return n < room ? n : room;
}

static void
add_bundle(struct plan *p, struct item *it, uint32_t room, bool hidden)
{
	struct rev v = {.nbundled = 0};
	uint32_t i, n = how_many(p, room - 1), slot;
	bool any = rng_hit(&p->r, 400);
	struct ref ref = {.any = any};

	for (i = 0; i < n; i++) {
		if (!hidden && n - i > 2 && n < 10 && rng_hit(&p->r, 250)) {
			add_bundle(p, it, n - i, true);
			i += it->slots[it->n - 1].nbundled;
		} else {
			add_slot(p, it, K_LEAF, true);
		}
		ref.group = any ? 0 : (uint16_t)v.nbundled;
		ref.to = PENDING | (it->n - 1);
		ref_add(&v.bundled, &v.nbundled, ref);
	}
	if (p->hidden.n > 0 && rng_hit(&p->r, 100)) {
		ref.group = any ? 0 : (uint16_t)v.nbundled;
		ref.to = plan_pick(p, &p->hidden);
		ref_add(&v.bundled, &v.nbundled, ref);
	}
	slot = add_slot(p, it, K_BUNDLE, hidden);
	it->slots[slot].bundled = v.bundled;
	it->slots[slot].nbundled = v.nbundled;
}

static void *
copy_of(const void *p, size_t n)
{
	return n == 0 ? NULL : memcpy(need(malloc(n)), p, n);
}

/* Another revision of what is out: higher as a rule, now and then lower. */
static void
add_revision(struct plan *p, struct item *it, uint32_t update)
{
	struct update *u = &p->g->updates[update];
	const struct rev *old = &p->g->revs[u->last];
	struct rev *v = &it->slots[it->n++];

	*v = *old;
	v->prereqs = copy_of(old->prereqs, v->nprereqs * sizeof(*v->prereqs));
	v->bundled = copy_of(old->bundled, v->nbundled * sizeof(*v->bundled));
	v->superseded = copy_of(
	    old->superseded, v->nsuperseded * sizeof(*v->superseded));
	if (u->low > 1 && rng_hit(&p->r, 150))
		v->revision = --u->low;
	else if (rng_hit(&p->r, 300))
		v->revision = u->high = (u->high / 100 + 1) * 100;
	else
		v->revision = ++u->high;
	if (rng_hit(&p->r, 100))
		v->expired = true;
	p->planned++;
}

static enum kind
category_kind(struct plan *p)
{
	uint32_t dice = rng_below(&p->r, 1000);

	if (dice < 10 && p->out[K_CLASSIFICATION].n < MAX_CLASSES - NITEMS)
		return K_CLASSIFICATION;
	if (dice < 15)
		return K_COMPANY;
	if (dice < 35)
		return K_FAMILY;
	if (dice < 65)
		return K_OTHER;
	return dice < 200 ? K_PRODUCT : K_DETECTOID;
}

static void
plan_item(struct plan *p, struct item *it)
{
	static const enum kind start[] = {K_COMPANY, K_CLASSIFICATION, K_FAMILY,
	    K_DETECTOID, K_PRODUCT, K_DETECTOID, K_CLASSIFICATION, K_PRODUCT,
	    K_CLASSIFICATION, K_COMPANY, K_FAMILY, K_PRODUCT};
	uint32_t all = p->g->o.revisions, room = all - p->planned;
	uint32_t ncats = all / 5 < 4500 ? all / 5 : 4500;
	uint32_t i = p->g->nrevs, dice = rng_below(&p->r, 1000);

	*it = (struct item){.n = 0};
	if (i < sizeof(start) / sizeof(start[0]))
		add_slot(p, it, start[i], false);
	else if (rng_below(&p->r, all) < ncats)
		add_slot(p, it, category_kind(p), false);
	else if (dice < 60)
		add_revision(p, it, p->g->revs[rng_below(&p->r, i)].update);
	else if (dice < 500 || room < 4)
		add_slot(p, it, K_LEAF, false);
	else
		add_bundle(p, it, room < ITEM_MAX ? room : ITEM_MAX, false);
}

static void
put_out(struct plan *p, struct item *it)
{
	struct gen *g = p->g;
	uint32_t i, at = g->nrevs++;
	struct rev *v = &g->revs[at];
	struct update *u;

	*v = it->slots[it->next];
	it->at[it->next++] = at;
	for (i = 0; i < v->nbundled; i++)
		if (v->bundled[i].to & PENDING)
			v->bundled[i].to = it->at[v->bundled[i].to & ~PENDING];
	u = &g->updates[v->update];
	u->last = at;
	if (v->hidden && v->kind == K_LEAF)
		list_add(&p->hidden, at);
	if (u->first != NONE)
		return;
	u->first = at;
	list_add(&p->out[v->kind], v->update);
	if (!v->hidden && (v->kind == K_LEAF || v->kind == K_BUNDLE))
		list_add(&p->soft, v->update);
}

void
plan_make(struct gen *g)
{
	struct plan p = {.g = g, .r = rng_for(g->o.seed, S_PLAN, 0)};
	struct item *it;
	int k;

	g->revs = need(calloc(g->o.revisions, sizeof(*g->revs)));
	p.items = need(calloc(NITEMS, sizeof(*p.items)));
	while (g->nrevs < g->o.revisions) {
		it = &p.items[g->nrevs < 12 ? 0 : rng_below(&p.r, NITEMS)];
		if (it->next == it->n && p.planned == g->o.revisions)
			continue;
		if (it->next == it->n)
			plan_item(&p, it);
		put_out(&p, it);
	}
	for (k = 0; k < K_COUNT; k++)
		free(p.out[k].v);
	free(p.soft.v);
	free(p.hidden.v);
	free(p.items);
}
