/* SPDX-License-Identifier: ISC */
/* Prerequisites and supersedence: only what is out already is needed. */
#include <stdlib.h>

#include "testdata/gen/plan.h"

uint32_t
plan_pick(struct plan *p, const struct list *l)
{
	return l->v[rng_below(&p->r, l->n)];
}

void
ref_add(struct ref **refs, uint32_t *n, struct ref ref)
{
	*refs = need(realloc(*refs, (*n + 1) * sizeof(**refs)));
	(*refs)[(*n)++] = ref;
}

static void
need_one(struct rev *v, uint16_t *group, uint32_t update)
{
	ref_add(&v->prereqs, &v->nprereqs,
	    (struct ref){.to = update, .group = (*group)++});
}

/* One AtLeastOne of n different members, fewer if there are not so many. */
static void
need_any(struct plan *p, struct rev *v, uint16_t *group, enum kind kind,
    uint32_t n, bool category)
{
	struct list seen = {.v = NULL};
	uint32_t i, u;

	for (i = 0; i < n && p->out[kind].n > 0; i++) {
		u = plan_pick(p, &p->out[kind]);
		if (u == v->update || list_has(&seen, u))
			continue;
		list_add(&seen, u);
		ref_add(&v->prereqs, &v->nprereqs,
		    (struct ref){.to = u,
			.group = *group,
			.any = true,
			.category = category});
	}
	if (seen.n > 0)
		(*group)++;
	free(seen.v);
}

static void
need_detectoids(struct plan *p, struct rev *v, uint16_t *group)
{
	struct list *d = &p->out[K_DETECTOID];
	uint32_t i, u, n = rng_below(&p->r, 4);

	for (i = 0; i < n && d->n > 0; i++) {
		u = plan_pick(p, d);
		if (u != v->update)
			need_one(v, group, u);
	}
	if (rng_hit(&p->r, 300))
		need_any(
		    p, v, group, K_DETECTOID, 2 + rng_below(&p->r, 6), false);
	if (v->kind != K_DETECTOID && p->soft.n > 0 && rng_hit(&p->r, 30)) {
		u = plan_pick(p, &p->soft);
		if (u != v->update)
			need_one(v, group, u);
	}
}

/* Hidden children name categories without the mark, or leave them out. */
static void
need_categories(struct plan *p, struct rev *v, uint16_t *group)
{
	uint32_t dice = rng_below(&p->r, 1000);
	bool product = true, class = true;

	if (v->hidden) {
		product = dice < 500;
		class = dice >= 250 && dice < 600;
	} else if (dice < 20) {
		product = false;
	}
	if (product)
		need_any(p, v, group, K_PRODUCT,
		    rng_hit(&p->r, 200) ? 2 + rng_below(&p->r, 3) : 1,
		    !v->hidden);
	if (product && rng_hit(&p->r, 60))
		need_any(p, v, group, K_PRODUCT, 1, !v->hidden);
	if (class)
		need_any(p, v, group, K_CLASSIFICATION, 1, !v->hidden);
}

static void
need_parent(struct plan *p, struct rev *v)
{
	uint16_t group = 0;

	switch (v->kind) {
	case K_FAMILY:
		need_any(p, v, &group, K_COMPANY, 1, true);
		break;
	case K_PRODUCT:
		need_any(p, v, &group,
		    rng_hit(&p->r, 80) && p->out[K_PRODUCT].n > 1 ? K_PRODUCT
								  : K_FAMILY,
		    1, true);
		break;
	case K_OTHER:
		need_any(p, v, &group, K_PRODUCT, 1, true);
		break;
	default:
		break;
	}
}

void
needs_make(struct plan *p, struct rev *v)
{
	uint16_t group = 0;
	bool first = rng_hit(&p->r, 500);

	if (v->kind == K_DETECTOID) {
		if (rng_hit(&p->r, 400))
			need_detectoids(p, v, &group);
		return;
	}
	if (v->kind != K_LEAF && v->kind != K_BUNDLE) {
		need_parent(p, v);
		return;
	}
	if (first)
		need_categories(p, v, &group);
	need_detectoids(p, v, &group);
	if (!first)
		need_categories(p, v, &group);
}

/* What is superseded may come later, or from a catalogue not ours. */
void
supersede(struct plan *p, struct rev *v)
{
	uint32_t i, u, n = 0;

	if (!v->hidden && p->soft.n > 0 && rng_hit(&p->r, 350))
		n = 1 + rng_below(&p->r, 4);
	for (i = 0; i < n; i++) {
		u = plan_pick(p, &p->soft);
		if (rng_hit(&p->r, 60))
			u = v->update + 1 + rng_below(&p->r, 5);
		else if (rng_hit(&p->r, 30))
			u = STRANGER + rng_below(&p->r, 1000);
		if (u == v->update)
			continue;
		v->superseded = need(realloc(v->superseded,
		    (v->nsuperseded + 1) * sizeof(*v->superseded)));
		v->superseded[v->nsuperseded++] = u;
	}
}
