/* SPDX-License-Identifier: ISC */
/* From one table into another, and back: made anew, it is the same. */
#include <stdlib.h>
#include <string.h>

#include "formats/snapshot_priv.h"
#include "lib/base/err.h"

/* The first items of all: 0, and then never less, nor more than there are. */
int
snapshot_check_start(const char *table, size_t i, const char *what,
    uint32_t before, uint32_t at, size_t n, struct err *e)
{
	if (i == 0 ? at == 0 : at >= before && at <= n)
		return 0;
	return err_set(e, E_FORMAT,
	    "%s %zu: %s from %u, expected from %u to %zu", table, i, what, at,
	    i == 0 ? 0 : before, i == 0 ? (size_t)0 : n);
}

/* Of each target, in order, the sources that name it, in order. */
struct turn {
	const uint32_t *to; /* borrowed: targets, source by source */
	size_t nto, ntargets;
	uint32_t *first; /* owned: of each target, in from; one more */
	uint32_t *from; /* owned */
};

static int
turn_begin(struct turn *t, const uint32_t *to, size_t nto, size_t ntargets,
    struct err *e)
{
	size_t i;

	*t = (struct turn){.to = to, .nto = nto, .ntargets = ntargets};
	t->first = calloc(ntargets + 2, sizeof(*t->first));
	t->from = calloc(nto + 1, sizeof(*t->from));
	if (t->first == NULL || t->from == NULL)
		return err_nomem(e);
	for (i = 0; i < nto; i++)
		t->first[to[i] + 2]++;
	for (i = 2; i < ntargets + 2; i++)
		t->first[i] += t->first[i - 1];
	return 0;
}

/* The source's targets: items first to end of to. */
static void
turn_add(struct turn *t, uint32_t source, uint32_t first, uint32_t end)
{
	for (; first < end; first++)
		t->from[t->first[t->to[first] + 1]++] = source;
}

static void
turn_end(struct turn *t)
{
	free(t->first);
	free(t->from);
}

static int
same(const struct turn *t, const uint32_t *have, size_t n, const char *what,
    struct err *e)
{
	size_t i;

	if (n != t->nto)
		return err_set(e, E_FORMAT, "%s: %zu items, expected %zu", what,
		    n, t->nto);
	for (i = 0; i < n; i++)
		if (have[i] != t->from[i])
			return err_set(e, E_FORMAT, "%s %zu: %u, expected %u",
			    what, i, have[i], t->from[i]);
	return 0;
}

/* Of each update the clauses that name it. */
static int
turn_clauses(const struct snapshot *s, struct turn *t, struct err *e)
{
	size_t i;

	if (turn_begin(t, s->alternatives, s->nalternatives, s->nupdates, e) ==
	    -1)
		return -1;
	for (i = 0; i < s->nclauses; i++)
		turn_add(t, (uint32_t)i, s->clauses[i].first,
		    SNAPSHOT_END(
			s->clauses, s->nclauses, i, first, s->nalternatives));
	return 0;
}

/* Of each revision those that bundle it. */
static int
turn_members(const struct snapshot *s, struct turn *t, struct err *e)
{
	size_t i;

	if (turn_begin(t, s->members, s->nmembers, s->nrevisions, e) == -1)
		return -1;
	for (i = 0; i < s->nrevisions; i++)
		turn_add(t, (uint32_t)i, s->revisions[i].members,
		    SNAPSHOT_END(
			s->revisions, s->nrevisions, i, members, s->nmembers));
	return 0;
}

static int
check_inverse(const struct snapshot *s, struct turn *t, struct err *e)
{
	size_t i;

	if (turn_clauses(s, t, e) == -1)
		return -1;
	if (same(t, s->inverse, s->ninverse, "inverse", e) == -1)
		return -1;
	for (i = 0; i < s->nupdates; i++)
		if (s->updates[i].inverse != t->first[i])
			return err_set(e, E_FORMAT,
			    "updates %zu: inverse from %u, expected %u", i,
			    s->updates[i].inverse, t->first[i]);
	return 0;
}

static int
check_holders(const struct snapshot *s, struct turn *t, struct err *e)
{
	size_t i;

	if (turn_members(s, t, e) == -1)
		return -1;
	if (same(t, s->holders, s->nholders, "holders", e) == -1)
		return -1;
	for (i = 0; i < s->nrevisions; i++)
		if (s->revisions[i].holders != t->first[i])
			return err_set(e, E_FORMAT,
			    "revisions %zu: holders from %u, expected %u", i,
			    s->revisions[i].holders, t->first[i]);
	return 0;
}

int
snapshot_check_links(const struct snapshot *s, struct err *e)
{
	struct turn t;
	int r = check_inverse(s, &t, e);

	turn_end(&t);
	if (r == -1)
		return -1;
	r = check_holders(s, &t, e);
	turn_end(&t);
	return r;
}

/* What was turned takes the place of what was there. */
static void
take(struct turn *t, uint32_t **v, size_t *n)
{
	free(*v);
	*v = t->from;
	*n = t->nto;
	t->from = NULL;
}

int
snapshot_link(struct snapshot *s, struct err *e)
{
	struct turn t;
	size_t i;
	int r = turn_clauses(s, &t, e);

	if (r == 0) {
		take(&t, &s->inverse, &s->ninverse);
		for (i = 0; i < s->nupdates; i++)
			s->updates[i].inverse = t.first[i];
	}
	turn_end(&t);
	if (r == -1)
		return -1;
	r = turn_members(s, &t, e);
	if (r == 0) {
		take(&t, &s->holders, &s->nholders);
		for (i = 0; i < s->nrevisions; i++)
			s->revisions[i].holders = t.first[i];
	}
	turn_end(&t);
	return r;
}
