/* SPDX-License-Identifier: ISC */
/* Facts, what rings select of them, and so what each ring is offered. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/offer/offer_priv.h"

static int
decide_one(struct offer *b, struct offer_notices *n, size_t i, struct err *e)
{
	struct decide_rows got;
	struct offer_rows *to = &b->rows[i];

	if (decide_ring(&b->decide, &b->select.v[i], &got, e) == -1 ||
	    offer_notice(n, b->rings.v[i].name, e) == -1)
		return err_ctx(e, "ring '%s'", b->rings.v[i].name);
	if ((to->v = calloc(got.n + 1, sizeof(*to->v))) == NULL)
		return err_nomem(e);
	if (got.n > 0)
		memcpy(to->v, got.v, got.n * sizeof(*to->v));
	to->n = got.n;
	return 0;
}

int
offer_facts(struct offer *b, struct err *e)
{
	const struct select_how how = {.store = b->store,
	    .facts = &b->facts,
	    .rings = &b->rings,
	    .path = b->o->rings,
	    .now = b->now,
	    .log = b->log};

	if (facts_load(&b->facts, b->store, e) == -1 ||
	    select_open(&b->select, &how, e) == -1)
		return -1;
	return decide_open(&b->decide, &b->facts, b->has_prev ? &b->prev : NULL,
	    b->now, b->highest + 1, e);
}

/* What the tables are made of; the rest of what decided makes room. */
static void
keep(struct offer *b)
{
	memcpy(b->lists_hash, b->select.lists_hash, BLAKE_LEN);
	b->ages = b->decide.ages;
	b->nages = b->decide.nages;
	b->decide.ages = NULL;
	decide_close(&b->decide);
	select_close(&b->select);
}

int
offer_decide(struct offer *b, struct err *e)
{
	struct offer_notices n = {.b = b};
	int r = 0;

	if (offer_facts(b, e) == -1)
		return -1;
	b->rows = calloc(b->rings.n, sizeof(*b->rows));
	n.seen = calloc(b->facts.nrevs + 1, sizeof(*n.seen));
	if (b->rows == NULL || n.seen == NULL)
		r = err_nomem(e);
	for (size_t i = 0; r == 0 && i < b->rings.n; i++)
		r = decide_one(b, &n, i, e);
	if (r == 0) {
		offer_notice_rest(&n);
		keep(b);
	}
	free(n.seen);
	return r;
}
