/* SPDX-License-Identifier: ISC */
/* One ring, sentence by sentence. */
#include <string.h>

#include "tests/brute_priv.h"

/* What decides of one update, and what it says. */
struct say {
	enum { BY_LINE, BY_UPSTREAM, BY_SELECTION, BY_NOBODY } who;
	enum rings_action action;
	bool has_by;
	int64_t by;
};

/* "such an update" that the ring does not decline */
static bool
counts(const struct reading *b, unsigned id)
{
	return brute_approvable(b->w, id) &&
	    !brute_declined(b, brute_highest(b->w, id));
}

static bool
names(const struct reading *b, unsigned above, unsigned id)
{
	const struct toy_rev *r = brute_highest(b->w, above);
	unsigned i;

	for (i = 0; i < r->nsupersedes; i++)
		if (r->supersedes[i] == id)
			return true;
	return false;
}

/* "directly or through others" */
static bool
reaches(const struct reading *b, unsigned from, unsigned to, bool *seen)
{
	unsigned i;

	if (names(b, from, to))
		return true;
	seen[from] = true;
	for (i = 1; i <= TOY_IDS; i++)
		if (!seen[i] && counts(b, i) && names(b, from, i) &&
		    reaches(b, i, to, seen))
			return true;
	return false;
}

/* above supersedes id, and not the other way round too */
static bool
supersedes(const struct reading *b, unsigned above, unsigned id)
{
	bool seen[TOY_IDS + 1] = {false};

	return above != id && counts(b, above) && counts(b, id) &&
	    names(b, above, id) && !reaches(b, id, above, seen);
}

static bool
superseded(const struct reading *b, unsigned id)
{
	unsigned i;

	for (i = 1; i <= TOY_IDS; i++)
		if (supersedes(b, i, id))
			return true;
	return false;
}

static int
freeze_of(const struct reading *b, int64_t day)
{
	size_t i;

	for (i = 0; i < b->ring->nfreezes; i++)
		if (day >= b->ring->freezes[i].first &&
		    day <= b->ring->freezes[i].last)
			return (int)i;
	return -1;
}

static bool holds(const struct reading *b, unsigned id);

/* Some update that has its action is newer, as far as chains lead. */
static bool
replaced(const struct reading *b, unsigned id)
{
	bool removes = b->ring->action == RINGS_UNINSTALL;
	unsigned i;
	int line;

	for (i = 1; i <= TOY_IDS; i++) {
		if (!supersedes(b, i, id))
			continue;
		if (replaced(b, i))
			return true;
		if (!holds(b, i))
			continue;
		line = brute_line(b, i, true);
		if (line == -1)
			line = brute_line(b, i, false);
		if (line != -1 ? (b->ring->approve[line].action ==
				     RINGS_UNINSTALL) == removes
			: b->ring->upstream != NULL &&
			    b->w->upstream[b->at][i].known &&
			    !b->w->upstream[b->at][i].declined
			? (b->w->upstream[b->at][i].action ==
			      RINGS_UNINSTALL) == removes
			: true)
			return true;
	}
	return false;
}

/* "decline, then approve by UpdateID, then by KB, then the selection" */
static struct say
what_of(const struct reading *b, unsigned id)
{
	struct say nothing = {.who = BY_NOBODY}, s = nothing;
	int line = brute_line(b, id, true);

	if (!counts(b, id))
		return nothing;
	if (line == -1)
		line = brute_line(b, id, false);
	if (line != -1)
		return (struct say){BY_LINE, b->ring->approve[line].action,
		    b->ring->approve[line].has_by, b->ring->approve[line].by};
	if (b->ring->upstream != NULL && b->w->upstream[b->at][id].known) {
		s.who = BY_UPSTREAM;
		s.action = b->w->upstream[b->at][id].action;
		s.has_by = b->w->upstream[b->at][id].has_by;
		s.by = b->w->upstream[b->at][id].by;
		return s;
	}
	if (!rings_selects(b->ring) || !b->w->selected[b->at][id])
		return nothing;
	if (!b->ring->select.superseded && replaced(b, id))
		return nothing;
	s.who = BY_SELECTION;
	s.action = b->ring->action;
	return s;
}

static unsigned
number_of(enum rings_action a)
{
	return a == RINGS_INSTALL  ? SNAPSHOT_INSTALL
	    : a == RINGS_OPTIONAL  ? SNAPSHOT_OPTIONAL
	    : a == RINGS_UNINSTALL ? SNAPSHOT_UNINSTALL
				   : 0;
}

/* "unless it held before": the same action on the same files */
static const struct brute_row *
held_before(const struct reading *b, unsigned id, enum rings_action a)
{
	const struct brute_row *r;

	if (b->before == NULL || !b->before->rows[id].in)
		return NULL;
	r = &b->before->rows[id];
	if (r->action != number_of(a))
		return NULL;
	return a == RINGS_UNINSTALL || b->same[id] ? r : NULL;
}

/* "the EULA accepted of the update and of each member that has one" */
static bool
licensed(const struct reading *b, const struct toy_rev *r, bool *seen)
{
	const struct policy_words *w = &b->ring->eulas;
	const struct toy_rev *m;
	struct guid eula;
	bool named = b->ring->all_eulas || r->eula == 0;
	unsigned i, k;

	seen[r - b->w->revs] = true;
	toy_eula(&eula, r->eula);
	for (i = 0; i < w->n; i++)
		named |= brute_word_is(&w->v[i], r) ||
		    (w->v[i].is_id && guid_cmp(&w->v[i].id, &eula) == 0);
	for (i = 0; named && i < r->nparts; i++)
		for (k = 0; k < r->npart[i]; k++) {
			m = brute_exact(
			    b->w, r->parts[i][k].id, r->parts[i][k].revision);
			if (m != NULL && !seen[m - b->w->revs] &&
			    !brute_declined(b, m) && !licensed(b, m, seen))
				return false;
		}
	return named;
}

/* Who names the update itself accepts all beneath it. */
static bool
accepted(const struct reading *b, unsigned id)
{
	const struct toy_rev *r = brute_highest(b->w, id);
	bool seen[TOY_REVS] = {false};
	size_t i;

	for (i = 0; i < b->ring->eulas.n; i++)
		if (brute_word_is(&b->ring->eulas.v[i], r))
			return true;
	return licensed(b, r, seen);
}

/* The first that is in the way, or 0. */
static unsigned
in_the_way(const struct reading *b, unsigned id, const struct say *s)
{
	int64_t today = b->w->now / BRUTE_DAY;
	unsigned lacks = brute_lacks(b, brute_highest(b->w, id));

	if (s->action != RINGS_UNINSTALL && lacks != 0)
		return lacks;
	if (s->action != RINGS_UNINSTALL && s->who != BY_LINE &&
	    today - (int64_t)b->to->ages[id].day < (int64_t)b->ring->delay)
		return SNAPSHOT_DELAY;
	if (freeze_of(b, today) != -1 && held_before(b, id, s->action) == NULL)
		return SNAPSHOT_FREEZE;
	if (s->action != RINGS_UNINSTALL && !accepted(b, id))
		return SNAPSHOT_EULA;
	return 0;
}

static bool
holds(const struct reading *b, unsigned id)
{
	struct say s = what_of(b, id);

	return s.action != RINGS_NONE && in_the_way(b, id, &s) == 0;
}

static bool
watches(const struct reading *b, unsigned id)
{
	struct say s = what_of(b, id);

	if (!counts(b, id) || holds(b, id))
		return false;
	switch (b->ring->watch) {
	case RINGS_NOTHING:
		return false;
	case RINGS_ALL:
		return true;
	case RINGS_COMPLETE:
		if (!superseded(b, id) &&
		    brute_lacks(b, brute_highest(b->w, id)) == 0)
			return true;
		break;
	case RINGS_NEWEST:
		if (!superseded(b, id))
			return true;
		break;
	}
	return s.action != RINGS_NONE; /* it is withheld */
}

/* --- G --- */

struct g {
	const struct reading *b;
	bool in[TOY_REVS];
	const struct toy_rev *sent[TOY_IDS + 1]; /* 6.1 */
	bool fixed[TOY_IDS + 1];
};

static bool
add(struct g *g, const struct toy_rev *r)
{
	size_t at;

	if (r == NULL)
		return false;
	at = (size_t)(r - g->b->w->revs);
	if (g->in[at])
		return false;
	g->in[at] = true;
	return true;
}

static const struct toy_rev *
member(const struct g *g, unsigned id, uint32_t revision)
{
	const struct toy_rev *m = brute_exact(g->b->w, id, revision);

	return m == NULL || brute_declined(g->b, m) ? NULL
	    : g->fixed[id]			    ? g->sent[id]
						    : m;
}

/* "adds, until nothing changes, every UpdateID named in any clause and every
   bundled revision" */
static void
close_over(struct g *g)
{
	const struct toy_rev *r;
	bool again = true;
	unsigned n, i, k;

	while (again) {
		again = false;
		for (n = 0; n < g->b->w->nrevs; n++) {
			r = &g->b->w->revs[n];
			if (!g->in[n])
				continue;
			for (i = 0; i < r->nclauses; i++)
				for (k = 0; k < r->nclause[i]; k++)
					again |= add(
					    g, g->sent[r->clauses[i][k]]);
			for (i = 0; i < r->nparts; i++)
				for (k = 0; k < r->npart[i]; k++)
					again |= add(g,
					    member(g, r->parts[i][k].id,
						r->parts[i][k].revision));
		}
	}
}

/* "where a bundle in G names a revision, fix that (among several the highest)
   ...; a fixed choice only ever rises" */
static bool
fix(struct g *g)
{
	const struct toy_rev *r, *m, *best;
	bool changed = false;
	unsigned id, n, i, k;

	for (id = 1; id <= TOY_IDS; id++) {
		best = g->fixed[id] ? g->sent[id] : NULL;
		for (n = 0; n < g->b->w->nrevs; n++) {
			r = &g->b->w->revs[n];
			for (i = 0; g->in[n] && i < r->nparts; i++)
				for (k = 0; k < r->npart[i]; k++) {
					m = brute_exact(g->b->w, id,
					    r->parts[i][k].revision);
					if (r->parts[i][k].id == id &&
					    m != NULL &&
					    !brute_declined(g->b, m) &&
					    (best == NULL ||
						m->revision > best->revision))
						best = m;
				}
		}
		if (best == NULL || (g->fixed[id] && best == g->sent[id]))
			continue;
		g->fixed[id] = changed = true;
		g->sent[id] = best;
	}
	return changed;
}

static void
find_g(struct g *g, const bool *a, const bool *w)
{
	const struct toy_rev *r;
	unsigned id;

	for (id = 1; id <= TOY_IDS; id++)
		g->sent[id] = brute_highest(g->b->w, id);
	do {
		memset(g->in, 0, sizeof(g->in));
		for (id = 1; id <= TOY_IDS; id++) {
			r = brute_highest(g->b->w, id);
			if (r != NULL &&
			    (a[id] || w[id] || r->type == UPDATE_CATEGORY))
				(void)add(g, g->sent[id]);
		}
		close_over(g);
	} while (fix(g));
}

/* --- the rows --- */

/* "put off to the day after it, same time" */
static int64_t
put_off(const struct reading *b, int64_t t)
{
	int i;

	if (t < 1)
		t = 1;
	while ((i = freeze_of(b, t / BRUTE_DAY)) != -1)
		t += (b->ring->freezes[i].last + 1 - t / BRUTE_DAY) * BRUTE_DAY;
	return t;
}

static int64_t
deadline_of(const struct reading *b, const struct say *s, uint32_t held)
{
	if (s->has_by)
		return put_off(b, s->by);
	if (s->who == BY_LINE || b->ring->deadline == RINGS_NO_DAYS)
		return 0;
	return put_off(b,
	    (held + (int64_t)b->ring->deadline) * BRUTE_DAY +
		b->ring->deadline_s);
}

static bool
is_member(const struct g *g, const struct toy_rev *r)
{
	const struct toy_rev *p;
	unsigned n, i, k;

	for (n = 0; n < g->b->w->nrevs; n++) {
		p = &g->b->w->revs[n];
		for (i = 0; g->in[n] && i < p->nparts; i++)
			for (k = 0; k < p->npart[i]; k++)
				if (brute_exact(g->b->w, p->parts[i][k].id,
					p->parts[i][k].revision) == r &&
				    !brute_declined(g->b, r))
					return true;
	}
	return false;
}

/* 6.2: "the first row that applies" */
static unsigned
action_of(const struct g *g, const struct toy_rev *r, const bool *a,
    const bool *w, const struct say *s)
{
	if (r->type == UPDATE_CATEGORY || r->type == UPDATE_DETECTOID)
		return SNAPSHOT_EVALUATE;
	if (is_member(g, r))
		return SNAPSHOT_BUNDLE;
	if (r == brute_highest(g->b->w, r->id)) {
		if (a[r->id])
			return number_of(s->action);
		if (w[r->id])
			return SNAPSHOT_WATCH;
	}
	return SNAPSHOT_EVALUATE;
}

static void
fill(const struct g *g, const struct toy_rev *r, const bool *a, const bool *w,
    struct brute_row *to)
{
	const struct reading *b = g->b;
	uint32_t today = (uint32_t)(b->w->now / BRUTE_DAY);
	const struct brute_row *p;
	struct say s = what_of(b, r->id);

	*to = (struct brute_row){.in = true,
	    .revision = r->revision,
	    .action = action_of(g, r, a, w, &s),
	    .changed = b->to->generation,
	    .date = today,
	    .held = SNAPSHOT_NONE};
	if (to->action == SNAPSHOT_WATCH && s.action != RINGS_NONE)
		to->withheld = in_the_way(b, r->id, &s);
	if (to->action == SNAPSHOT_INSTALL || to->action == SNAPSHOT_OPTIONAL ||
	    to->action == SNAPSHOT_UNINSTALL) {
		p = held_before(b, r->id, s.action);
		to->held = p != NULL && p->held < today ? p->held : today;
		to->deadline = deadline_of(b, &s, to->held);
	}
	if (b->before == NULL || !b->before->rows[r->id].in)
		return;
	p = &b->before->rows[r->id];
	if (p->revision == to->revision && p->action == to->action &&
	    p->deadline == to->deadline &&
	    b->prev->leaf[r->id] == b->to->leaf[r->id]) {
		to->changed = p->changed;
		to->date = p->date;
	}
}

void
brute_ring(const struct reading *b, struct brute_ring *to)
{
	bool a[TOY_IDS + 1] = {false}, w[TOY_IDS + 1] = {false};
	struct g g = {.b = b};
	unsigned id, i;

	for (id = 1; id <= TOY_IDS; id++) {
		a[id] = holds(b, id);
		w[id] = watches(b, id);
	}
	find_g(&g, a, w);
	for (i = 0; i < b->w->nrevs; i++)
		if (g.in[i])
			fill(&g, &b->w->revs[i], a, w,
			    &to->rows[b->w->revs[i].id]);
}
