/* SPDX-License-Identifier: ISC */
/*
 * Products and classifications.  A child without any takes those of the
 * bundles that hold exactly its revision; bundles come after their children,
 * so walking backwards finds each bundle's done.
 */
#include <stdlib.h>

#include "testdata/gen/gen.h"

static bool
is_software(const struct rev *v)
{
	return v->kind == K_LEAF || v->kind == K_BUNDLE;
}

static void
take_own(struct gen *g, struct rev *v)
{
	uint32_t i, u;
	struct list *l;

	for (i = 0; i < v->nprereqs; i++) {
		u = v->prereqs[i].to;
		if (g->updates[u].kind == K_PRODUCT)
			l = &v->products;
		else if (g->updates[u].kind == K_CLASSIFICATION)
			l = &v->classes;
		else
			continue;
		if (!list_has(l, u))
			list_add(l, u);
	}
}

static void
take_all(struct list *l, const struct list *from)
{
	uint32_t i;

	for (i = 0; i < from->n; i++)
		if (!list_has(l, from->v[i]))
			list_add(l, from->v[i]);
}

static void
take_from(struct gen *g, struct rev *v, const struct list *holders)
{
	bool products = v->products.n == 0, classes = v->classes.n == 0;
	uint32_t i;

	for (i = 0; i < holders->n; i++) {
		if (products)
			take_all(
			    &v->products, &g->revs[holders->v[i]].products);
		if (classes)
			take_all(&v->classes, &g->revs[holders->v[i]].classes);
	}
}

void
inherit_make(struct gen *g)
{
	struct list *holders = need(calloc(g->nrevs, sizeof(*holders)));
	uint32_t i, j;

	for (i = 0; i < g->nrevs; i++) {
		if (is_software(&g->revs[i]))
			take_own(g, &g->revs[i]);
		for (j = 0; j < g->revs[i].nbundled; j++)
			list_add(&holders[g->revs[i].bundled[j].to], i);
	}
	for (i = g->nrevs; i-- > 0;) {
		if (is_software(&g->revs[i]))
			take_from(g, &g->revs[i], &holders[i]);
		free(holders[i].v);
	}
	free(holders);
}
