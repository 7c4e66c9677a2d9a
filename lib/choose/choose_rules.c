/* SPDX-License-Identifier: ISC */
/* The rules, in their order, and which updates others have taken the place
   of. */
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/choose/choose_priv.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/store_choose.h"

struct edge {
	uint32_t from, to; /* rows: the one supersedes the other */
};

struct prune {
	struct choose *c;
	struct edge *edges; /* owned; by from */
	size_t n, cap;
	uint32_t *ready; /* owned */
	size_t nready;
};

static bool
candidate(const struct choose_row *r)
{
	return choose_is_in((enum choose_why)r->why);
}

static enum choose_why
decide(const struct policy *p, uint32_t f)
{
	const struct {
		bool applies;
		enum choose_why why;
	} rules[] = {
	    {(f & CHOOSE_IS_UPDATE) == 0, CHOOSE_NOT_SHOWN},
	    {(f & CHOOSE_IS_NEWEST) == 0, CHOOSE_NOT_SHOWN},
	    {(f & CHOOSE_IS_DECLINED) != 0, CHOOSE_DECLINED},
	    {(f & CHOOSE_IS_EXPIRED) != 0, CHOOSE_EXPIRED},
	    {(f & CHOOSE_BY_ID) != 0, CHOOSE_APPROVED},
	    {(f & CHOOSE_IS_OFFERED) == 0, CHOOSE_HIDDEN},
	    {(f & CHOOSE_BY_KB) != 0, CHOOSE_APPROVED},
	    {p->only_approved, CHOOSE_NOT_APPROVED},
	    {(f & CHOOSE_IS_DRIVER) != 0 && !p->drivers, CHOOSE_DRIVER},
	    {(f & CHOOSE_BY_PRODUCT) == 0, CHOOSE_PRODUCT},
	    {(f & CHOOSE_BY_CLASS) == 0, CHOOSE_CLASSIFICATION},
	    {(f & CHOOSE_KB_OUT) != 0, CHOOSE_KB},
	    {(f & CHOOSE_KB_IN) == 0 && p->kbs.n > 0, CHOOSE_KB},
	    {(f & CHOOSE_TITLE_OK) == 0, CHOOSE_TITLE},
	    {(f & CHOOSE_ARCH_OK) == 0, CHOOSE_ARCHITECTURE},
	    {(f & CHOOSE_LANG_OK) == 0, CHOOSE_LANGUAGE},
	    {(f & (CHOOSE_HAS_PART | CHOOSE_PART_OK)) == CHOOSE_HAS_PART,
		CHOOSE_LANGUAGE},
	    {(f & CHOOSE_AGE_OK) == 0, CHOOSE_AGE},
	};
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].applies)
			return rules[i].why;
	return CHOOSE_IN;
}

/* by is used for "somebody supersedes it" until prune() has settled it. */
static int
put_edge(void *arg, int64_t row, int64_t other, struct err *e)
{
	struct prune *p = arg;
	const struct choose_row *from = choose_row(p->c, row, e);
	struct choose_row *to;

	if (from == NULL || (to = choose_row(p->c, other, e)) == NULL)
		return -1;
	if (row == other || !candidate(from) || !candidate(to))
		return 0;
	if (grow(&p->edges, &p->cap, p->n, sizeof(*p->edges), e) == -1)
		return -1;
	p->edges[p->n++] = (struct edge){(uint32_t)row, (uint32_t)other};
	to->by = (uint32_t)row;
	return 0;
}

static int
by_from(const void *row, const void *edge)
{
	uint32_t a = *(const uint32_t *)row;
	uint32_t b = ((const struct edge *)edge)->from;

	return (a > b) - (a < b);
}

/*
 * From those that nobody supersedes down along all that they supersede.  What
 * is never reached stands on a circle, or hangs from one: it stays.
 */
static int
spread(struct prune *p, struct err *e)
{
	struct choose_priv *v = p->c->priv;
	struct choose_row *to;
	uint32_t from;
	size_t i;

	if ((p->ready = calloc(v->nrows, sizeof(*p->ready))) == NULL)
		return err_nomem(e);
	for (i = 1; i < v->nrows; i++)
		if (candidate(&v->rows[i]) && v->rows[i].by == 0)
			p->ready[p->nready++] = (uint32_t)i;
		else
			v->rows[i].by = 0;
	while (p->nready > 0) {
		from = p->ready[--p->nready];
		for (i = sort_place(
			 &from, p->edges, p->n, sizeof(*p->edges), by_from);
		     i < p->n && p->edges[i].from == from; i++) {
			to = &v->rows[p->edges[i].to];
			if (to->by != 0)
				continue;
			to->by = from;
			p->ready[p->nready++] = p->edges[i].to;
		}
	}
	for (i = 1; i < v->nrows; i++)
		if (v->rows[i].by != 0 && v->rows[i].why == CHOOSE_IN)
			v->rows[i].why = CHOOSE_SUPERSEDED;
	return 0;
}

static int
prune(struct choose *c, struct err *e)
{
	struct prune p = {.c = c};
	int r = -1;

	if (store_each_pair(c->store, STORE_REPLACES, put_edge, &p, e) == 0 &&
	    spread(&p, e) == 0)
		r = 0;
	free(p.edges);
	free(p.ready);
	return r;
}

/* "only-approved" without a line that approves is how nothing is wanted on
   purpose. */
static bool
wants_nothing(const struct policy *p)
{
	return p->only_approved && p->approve.n == 0;
}

int
choose_load(struct choose *c, struct err *e)
{
	struct choose_priv *p = c->priv;
	size_t i;

	if (p->loaded)
		return 0;
	free(p->rows);
	p->rows = NULL;
	p->nparts = 0;
	if (choose_load_facts(c, e) == -1)
		return -1;
	for (i = 1; i < p->nrows; i++)
		p->rows[i].why = (uint8_t)decide(c->policy, p->rows[i].flags);
	if (!c->policy->superseded && prune(c, e) == -1)
		return -1;
	for (i = 1; i < p->nrows; i++)
		p->wanted += p->rows[i].flags != 0 && candidate(&p->rows[i]);
	if (p->wanted == 0 && !wants_nothing(c->policy) &&
	    choose_note(&p->notes, 0, "nothing", e,
		"it chooses none of the updates that are held") == -1)
		return -1;
	p->loaded = true;
	return 0;
}
