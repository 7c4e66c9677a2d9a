/* SPDX-License-Identifier: ISC */
/* What is inherited comes first; own values of one-valued keys win. */
#include <string.h>

#include "formats/rings_priv.h"
#include "lib/base/err.h"

/* The array of both; 0 where there is none. */
static int
join(struct rings_ring *g, void *own, size_t nown, const void *from,
    size_t nfrom, size_t size, struct err *e)
{
	void **a = own;
	char *both;

	if (nfrom == 0)
		return 0;
	if (nown + nfrom > POLICY_MAX_WORDS)
		return err_set(e, E_LIMIT,
		    "line %u: ring '%s': %zu values of a key, with what it "
		    "inherits, at most %u",
		    g->line, g->name, nown + nfrom, POLICY_MAX_WORDS);
	both = arena_alloc(&g->select.arena, (nown + nfrom) * size);
	if (both == NULL)
		return err_nomem(e);
	memcpy(both, from, nfrom * size);
	if (nown > 0)
		memcpy(both + nfrom * size, *a, nown * size);
	*a = both;
	return 0;
}

static int
join_words(struct rings_ring *g, struct policy_words *own,
    const struct policy_words *from, struct err *e)
{
	if (join(g, &own->v, own->n, from->v, from->n, sizeof(*own->v), e) ==
	    -1)
		return -1;
	own->n += from->n;
	return 0;
}

static int
join_selection(
    struct rings_ring *g, const struct rings_ring *from, struct err *e)
{
	size_t i;

	/* Before the words that it goes with. */
	if (join(g, &g->approve, g->select.approve.n, from->approve,
		from->select.approve.n, sizeof(*g->approve), e) == -1)
		return -1;
	for (i = 0; i < POLICY_NKEYS; i++) {
		if (policy_keys[i].kind >= POLICY_DAYS)
			continue;
		if (join_words(g,
			(struct policy_words *)((char *)&g->select +
			    policy_keys[i].off),
			policy_words_of(&from->select, &policy_keys[i]),
			e) == -1)
			return -1;
	}
	return 0;
}

static void
take_values(struct rings_ring *g, const struct rings_ring *from)
{
	unsigned had[RINGS_NKEYS];
	size_t i;

	memcpy(had, g->seen, sizeof(had));
	for (i = RINGS_UPSTREAM; i < RINGS_NKEYS; i++)
		if (had[i] == 0)
			g->seen[i] = from->seen[i];
	if (had[RINGS_UPSTREAM] == 0)
		g->upstream = from->upstream;
	if (had[RINGS_LIST] == 0)
		g->list = from->list;
	if (had[RINGS_ACTION] == 0)
		g->action = from->action;
	if (had[RINGS_DELAY] == 0)
		g->delay = from->delay;
	if (had[RINGS_DEADLINE] == 0) {
		g->deadline = from->deadline;
		g->deadline_s = from->deadline_s;
	}
	if (had[RINGS_WATCH] == 0)
		g->watch = from->watch;
	if (had[RINGS_SUPERSEDED] == 0)
		g->select.superseded = from->select.superseded;
	g->all_eulas |= from->all_eulas;
}

int
rings_merge(struct rings_ring *g, const struct rings_ring *from, struct err *e)
{
	take_values(g, from);
	if (join_selection(g, from, e) == -1 ||
	    join_words(g, &g->eulas, &from->eulas, e) == -1 ||
	    join(g, &g->freezes, g->nfreezes, from->freezes, from->nfreezes,
		sizeof(*g->freezes), e) == -1)
		return -1;
	g->nfreezes += from->nfreezes;
	return 0;
}
