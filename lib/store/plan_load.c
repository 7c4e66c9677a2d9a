/* SPDX-License-Identifier: ISC */
/* The relations of all revisions, as arrays of numbers. */
#include "lib/store/plan_priv.h"

#include "lib/store/store_db.h"

/* Starts of revisions that have nothing, up to and with rev. */
static void
reach(uint32_t *at, uint32_t *next, uint32_t rev, size_t n)
{
	while (*next <= rev)
		at[(*next)++] = (uint32_t)n;
}

static int
load_needs(struct work *w, struct store *s, struct err *e)
{
	uint32_t rev = 0, next = 0, id, mark, last_group = 0;
	struct guid guid;
	struct query q;
	bool any, last_any = false;
	int r = query_open(&q, s, SQL_SCAN_PREREQ, e);

	while (query_each(&q, &r, e)) {
		r = graph_seek(&w->g, &rev, sqlite3_column_int64(q.st, 0), e);
		if (r == -1)
			continue;
		any = sqlite3_column_int(q.st, 2) != 0;
		mark = NEED_NEW;
		if (any && last_any && next == rev + 1 &&
		    last_group == (uint32_t)sqlite3_column_int64(q.st, 1))
			mark = 0;
		last_any = any;
		last_group = (uint32_t)sqlite3_column_int64(q.st, 1);
		reach(w->need_at, &next, rev, w->needs.n);
		(void)query_get_blob(&q, 3, guid.b, sizeof(guid.b));
		if ((id = graph_find(&w->g, &guid)) == GRAPH_NONE)
			id = NEED_ID;
		if (any)
			mark |= NEED_ANY;
		r = nums_add(&w->needs, id | mark, e);
	}
	reach(w->need_at, &next, w->g.nrevs, w->needs.n);
	return r;
}

static int
load_parts(struct work *w, struct store *s, struct err *e)
{
	uint32_t rev = 0, next = 0, part;
	struct guid guid;
	struct query q;
	int r = query_open(&q, s, SQL_SCAN_BUNDLE, e);

	while (query_each(&q, &r, e)) {
		r = graph_seek(&w->g, &rev, sqlite3_column_int64(q.st, 0), e);
		if (r == -1)
			continue;
		reach(w->part_at, &next, rev, w->parts.n);
		(void)query_get_blob(&q, 1, guid.b, sizeof(guid.b));
		part = graph_find_rev(
		    &w->g, &guid, (uint32_t)sqlite3_column_int64(q.st, 2));
		r = nums_add(&w->parts, part, e);
	}
	reach(w->part_at, &next, w->g.nrevs, w->parts.n);
	return r;
}

static uint32_t *
numbers(size_t n, uint32_t fill)
{
	uint32_t *p = calloc(n, sizeof(*p));
	size_t i;

	if (p != NULL && fill != 0)
		for (i = 0; i < n; i++)
			p[i] = fill;
	return p;
}

int
plan_load(struct work *w, struct store *s, struct err *e)
{
	size_t nrevs, nids;

	if (graph_load(&w->g, s, e) == -1)
		return -1;
	nrevs = (size_t)w->g.nrevs + 1;
	nids = (size_t)w->g.nids + 1;
	w->need_at = numbers(nrevs, 0);
	w->part_at = numbers(nrevs, 0);
	w->in = calloc(nrevs, sizeof(*w->in));
	w->why = numbers(nrevs, GRAPH_NONE);
	w->alive = numbers(nids, 0);
	w->pending = numbers(nrevs, 0);
	w->pos = numbers(nrevs, GRAPH_NONE);
	w->first = numbers(nids, GRAPH_NONE);
	w->waiters.at = numbers(nids + 1, 0);
	w->holders.at = numbers(nrevs + 1, 0);
	if (w->need_at == NULL || w->part_at == NULL || w->in == NULL ||
	    w->why == NULL || w->alive == NULL || w->pending == NULL ||
	    w->pos == NULL || w->first == NULL || w->waiters.at == NULL ||
	    w->holders.at == NULL)
		return err_nomem(e);
	if (load_needs(w, s, e) == -1 || load_parts(w, s, e) == -1)
		return -1;
	w->waiters.v = numbers(w->needs.n + 1, 0);
	w->holders.v = numbers(w->parts.n + 1, 0);
	if (w->waiters.v == NULL || w->holders.v == NULL)
		return err_nomem(e);
	return 0;
}

void
plan_work_free(struct work *w)
{
	graph_free(&w->g);
	free(w->need_at);
	free(w->part_at);
	nums_free(&w->needs);
	nums_free(&w->parts);
	free(w->in);
	free(w->why);
	free(w->alive);
	free(w->waiters.at);
	free(w->waiters.v);
	free(w->holders.at);
	free(w->holders.v);
	free(w->pending);
	free(w->pos);
	free(w->first);
	nums_free(&w->heap);
	nums_free(&w->order);
}
