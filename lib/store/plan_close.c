/* SPDX-License-Identifier: ISC */
/*
 * What a plan holds: what was asked for, with all that it needs; less what
 * cannot be whole, with all that needs that.
 */
#include "lib/store/plan_priv.h"

#include <stdlib.h>

#include "lib/store/store_db.h"

int
plan_mark(struct work *w, uint32_t rev, struct nums *stack, struct err *e)
{
	if (w->in[rev])
		return 0;
	w->in[rev] = true;
	w->alive[w->g.revs[rev].id]++;
	return nums_add(stack, rev, e);
}

int
plan_mark_id(struct work *w, uint32_t id, struct nums *stack, struct err *e)
{
	uint32_t i = w->g.ids[id + 1].start - 1;

	/* by_id is by revision: from the newest downwards. */
	do {
		if (plan_mark(w, w->g.by_id[i], stack, e) == -1)
			return -1;
	} while (w->all_revisions && i-- > w->g.ids[id].start);
	return 0;
}

/* The newest revision of each category that one is filed under. */
static int
mark_categories(struct work *w, struct store *s, uint32_t rev,
    struct nums *stack, struct err *e)
{
	struct query q;
	uint32_t at;
	int r;

	if (!w->by_category)
		return 0;
	if (query_open(&q, s, SQL_CATEGORY_ROWS, e) == -1)
		return -1;
	query_int(&q, w->g.revs[rev].row);
	r = 0;
	while (query_each(&q, &r, e)) {
		at = graph_row(&w->g, sqlite3_column_int64(q.st, 0));
		r = at == GRAPH_NONE
		    ? 0
		    : plan_mark_id(w, w->g.revs[at].id, stack, e);
	}
	return r;
}

static int
mark_needed(struct work *w, struct store *s, struct nums *stack, struct err *e)
{
	uint32_t rev, i, id, part;

	while (stack->n > 0) {
		rev = stack->v[--stack->n];
		if (mark_categories(w, s, rev, stack, e) == -1)
			return -1;
		for (i = w->need_at[rev]; i < w->need_at[rev + 1]; i++)
			if ((id = need_id(w, i)) != GRAPH_NONE &&
			    plan_mark_id(w, id, stack, e) == -1)
				return -1;
		for (i = w->part_at[rev]; i < w->part_at[rev + 1]; i++) {
			if ((part = w->parts.v[i]) == GRAPH_NONE)
				continue;
			if (plan_mark(w, part, stack, e) == -1 ||
			    (w->all_revisions &&
				plan_mark_id(w, w->g.revs[part].id, stack, e) ==
				    -1))
				return -1;
		}
	}
	return 0;
}

/* Who names what: only candidates count.  Counts, sums, then fills. */
static void
index_waiters(struct work *w)
{
	uint32_t rev, i, id, part, pass, *at;

	for (pass = 0; pass < 2; pass++) {
		for (rev = 0; rev < w->g.nrevs; rev++) {
			if (!w->in[rev])
				continue;
			for (i = w->need_at[rev]; i < w->need_at[rev + 1];
			     i++) {
				if ((id = need_id(w, i)) == GRAPH_NONE)
					continue;
				at = &w->waiters.at[id + 2 - pass];
				if (pass == 1)
					w->waiters.v[*at] = rev;
				(*at)++;
			}
			for (i = w->part_at[rev]; i < w->part_at[rev + 1];
			     i++) {
				if ((part = w->parts.v[i]) == GRAPH_NONE)
					continue;
				at = &w->holders.at[part + 2 - pass];
				if (pass == 1)
					w->holders.v[*at] = rev;
				(*at)++;
			}
		}
		/* at[i + 2] held the count of i; now at[i + 1] its start. */
		for (i = 0; pass == 0 && i < w->g.nids; i++)
			w->waiters.at[i + 1] += w->waiters.at[i];
		for (i = 0; pass == 0 && i < w->g.nrevs; i++)
			w->holders.at[i + 1] += w->holders.at[i];
	}
}

static bool
there(const struct work *w, uint32_t at)
{
	uint32_t id = need_id(w, at);

	return id != GRAPH_NONE && w->alive[id] > 0;
}

/* What a revision lacks, as in work.why; GRAPH_NONE: nothing. */
static uint32_t
lacks(const struct work *w, uint32_t rev)
{
	uint32_t i, begin, part, end = w->need_at[rev + 1];
	bool met;

	for (i = w->need_at[rev]; i < end;) {
		begin = i;
		met = there(w, i++);
		while (i < end && (w->needs.v[i] & NEED_NEW) == 0)
			met = there(w, i++) || met;
		if (!met)
			return begin - w->need_at[rev];
	}
	for (i = w->part_at[rev]; i < w->part_at[rev + 1]; i++) {
		part = w->parts.v[i];
		if (part == GRAPH_NONE || !w->in[part])
			return (i - w->part_at[rev]) | WHY_BUNDLE;
	}
	return GRAPH_NONE;
}

/* Rev goes: those that named it are looked at again. */
static int
leave_out(struct work *w, uint32_t rev, struct nums *again, struct err *e)
{
	uint32_t id = w->g.revs[rev].id, i;

	w->in[rev] = false;
	if (--w->alive[id] == 0)
		for (i = w->waiters.at[id]; i < w->waiters.at[id + 1]; i++)
			if (nums_add(again, w->waiters.v[i], e) == -1)
				return -1;
	for (i = w->holders.at[rev]; i < w->holders.at[rev + 1]; i++)
		if (nums_add(again, w->holders.v[i], e) == -1)
			return -1;
	return 0;
}

static int
look_at_needs(struct work *w, uint32_t rev, struct nums *again, struct err *e)
{
	uint32_t why;

	if (!w->in[rev] || (why = lacks(w, rev)) == GRAPH_NONE)
		return 0;
	w->why[rev] = why;
	return leave_out(w, rev, again, e);
}

static int
prune(struct work *w, struct nums *again, struct err *e)
{
	uint32_t rev;
	size_t i;

	for (rev = 0; rev < w->g.nrevs; rev++)
		if (look_at_needs(w, rev, again, e) == -1)
			return -1;
	for (i = 0; i < again->n; i++)
		if (look_at_needs(w, again->v[i], again, e) == -1)
			return -1;
	return 0;
}

int
plan_close(
    struct work *w, struct store *s, const struct selection *sel, struct err *e)
{
	struct nums todo = {.v = NULL};
	int r = -1;

	w->all_revisions = sel->all_revisions && sel->base == NULL;
	w->by_category = sel->base != NULL;
	if (plan_asked(w, sel, &todo, e) == -1 ||
	    mark_needed(w, s, &todo, e) == -1)
		goto out;
	index_waiters(w);
	r = prune(w, &todo, e); /* todo is empty again */
out:
	nums_free(&todo);
	return r;
}
