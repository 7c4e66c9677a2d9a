/* SPDX-License-Identifier: ISC */
/*
 * Random catalogues, ring files and histories: what decide.h says is what a
 * plain reading of the specification says.  WF_SEED gives the seed, WF_LONG ten
 * times as many.
 */
#include "lib/offer/decide.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "tests/brute.h"
#include "tests/t.h"

#define ROUNDS 100
#define STEPS 6

/* One line of history, from build to build. */
struct history {
	struct toy w;
	char text[8192]; /* the ring file */
	uint32_t generation;
	struct brute before;
	struct snapshot prev; /* what decide said, as far as it asks for it */
};

static unsigned seen_action[SNAPSHOT_ACTIONS];
static unsigned seen_withheld[SNAPSHOT_WITHHELDS];
static unsigned seen_cause[DECIDE_CAUSES];
static unsigned seen_carried, seen_late, seen_notice[DECIDE_USELESS + 1];

/* --- what decide is given --- */

struct given {
	struct decide_ring ring;
	uint8_t bits[TOY_IDS / 8 + 1];
	struct decide_upstream up[TOY_IDS];
};

static void
give(struct given *g, const struct toy *w, const struct rings_ring *r,
    unsigned at)
{
	unsigned id;

	*g = (struct given){.ring = {.ring = r, .upstream = g->up}};
	for (id = 1; id <= TOY_IDS; id++) {
		if (w->selected[at][id])
			g->bits[(id - 1) / 8] |= (uint8_t)(1u << (id - 1) % 8);
		if (r->upstream != NULL && w->upstream[at][id].known)
			g->up[g->ring.nupstream++] = (struct decide_upstream){
			    .update = id - 1,
			    .declined = w->upstream[at][id].declined,
			    .action = w->upstream[at][id].declined
				? RINGS_NONE
				: w->upstream[at][id].action,
			    .has_by = w->upstream[at][id].has_by,
			    .by = w->upstream[at][id].by};
	}
	if (rings_selects(r))
		g->ring.selected = g->bits;
}

/* --- what it says --- */

/* Whatever the reading: what must never be. */
static void
look(const struct history *h, const struct facts *f,
    const struct snapshot_offer *o)
{
	const struct facts_rev *r = &f->revs[o->revision];
	uint32_t i;

	if (o->action == SNAPSHOT_INSTALL || o->action == SNAPSHOT_OPTIONAL)
		for (i = r[0].uses; i < r[1].uses; i++) {
			const struct facts_file
			    *file = &f->files[f->uses[i].file];

			if (!file->present ? !file->left_out
					   : !file->has_sha256)
				t_fail(__FILE__, __LINE__,
				    "install with a file missing\n%s", h->text);
		}
	T_OK(o->changed >= 1 && o->changed <= h->generation);
	seen_action[o->action]++;
	seen_withheld[o->withheld]++;
	seen_carried += o->changed != h->generation;
	seen_late += o->deadline != 0;
}

static void
compare(const struct history *h, const struct facts *f,
    const struct decide_rows *rows, const struct brute_ring *want)
{
	const struct snapshot_offer *of[TOY_IDS + 1] = {NULL};
	uint32_t revisions[TOY_IDS + 1] = {0};
	unsigned id;
	size_t i;

	for (i = 0; i < rows->n; i++) {
		T_OK(i == 0 || rows->v[i - 1].revision < rows->v[i].revision);
		id = f->revs[rows->v[i].revision].update + 1;
		if (of[id] != NULL)
			t_fail(__FILE__, __LINE__, "two revisions of %u", id);
		of[id] = &rows->v[i];
		revisions[id] = f->revs[rows->v[i].revision].revision;
		look(h, f, &rows->v[i]);
	}
	brute_compare(want, of, revisions, h->generation, h->text);
}

static void
compare_ages(
    const struct history *h, const struct decide *d, const struct brute *want)
{
	uint32_t days[TOY_IDS];
	unsigned id;
	size_t i;

	memset(days, 0xff, sizeof(days));
	for (i = 0; i < d->nages; i++)
		days[d->ages[i].update] = d->ages[i].day;
	for (id = 1; id <= TOY_IDS; id++)
		if (days[id - 1] !=
		    (want->ages[id].known ? want->ages[id].day : UINT32_MAX))
			t_fail(__FILE__, __LINE__,
			    "generation %u: complete since %u, expected %u",
			    h->generation, days[id - 1], want->ages[id].day);
}

/* --- the snapshot before --- */

static void
forget(struct snapshot *s)
{
	free(s->updates);
	free(s->revisions);
	free(s->ages);
	free(s->rings);
	free(s->offers);
	*s = (struct snapshot)SNAPSHOT_INIT;
}

/* Between its updates stand others, and some of those in f are not in it, so
   that no place is the same in both; place: by update of f. */
static void
put_updates(struct snapshot *s, const struct decide *d, uint32_t *place)
{
	const struct facts *f = d->facts;
	struct snapshot_update *to;
	size_t i, k;

	s->updates = calloc(2 * f->nupdates + 1, sizeof(*s->updates));
	for (i = k = 0; i < f->nupdates; i++) {
		while (k < d->nages && d->ages[k].update < i)
			k++;
		if (f->updates[i].first == f->updates[i + 1].first &&
		    (k == d->nages || d->ages[k].update != i))
			continue;
		place[i] = (uint32_t)s->nupdates;
		to = &s->updates[s->nupdates];
		to->id = f->updates[i].id;
		to->leaf = !f->updates[i].needed;
		if (i % 3 != 0) {
			to[1].id = to->id;
			to[1].id.b[15] = 1;
			s->nupdates++;
		}
		s->nupdates++;
	}
}

static void
begin_snapshot(struct snapshot *s, const struct decide *d, size_t nrings)
{
	const struct facts *f = d->facts;
	uint32_t place[TOY_IDS] = {0};
	size_t i;

	*s = (struct snapshot)SNAPSHOT_INIT;
	s->generation = d->generation;
	put_updates(s, d, place);
	s->nrevisions = f->nrevs;
	s->revisions = calloc(f->nrevs + 1, sizeof(*s->revisions));
	s->ages = calloc(d->nages + 1, sizeof(*s->ages));
	s->rings = calloc(nrings + 1, sizeof(*s->rings));
	s->offers = calloc(nrings * f->nrevs + 1, sizeof(*s->offers));
	for (i = 0; i < d->nages; i++) {
		s->ages[i] = d->ages[i];
		s->ages[i].update = place[d->ages[i].update];
	}
	s->nages = d->nages;
	for (i = 0; i < f->nrevs; i++) {
		s->revisions[i].update = place[f->revs[i].update];
		s->revisions[i].revision = f->revs[i].revision;
	}
}

static void
add_ring(struct snapshot *s, const char *name, const struct decide_rows *rows)
{
	struct snapshot_ring *r = &s->rings[s->nrings++];

	memcpy(r->name, name, strlen(name));
	r->offers = (uint32_t)s->noffers;
	if (rows->n > 0)
		memcpy(s->offers + s->noffers, rows->v,
		    rows->n * sizeof(*rows->v));
	s->noffers += rows->n;
}

/* --- one build after the other --- */

static int
note(void *arg, enum decide_notice n, uint32_t rev, uint32_t other,
    struct err *e)
{
	const struct facts *f = arg;

	(void)e;
	T_OK(rev < f->nrevs && (other == FACTS_NONE || other < f->nrevs));
	seen_notice[n]++;
	return 0;
}

static void
tell(const struct decide *d, struct err *e)
{
	struct buf b = BUF_INIT;
	uint32_t u;

	for (u = 0; u < d->facts->nupdates; u++) {
		seen_cause[decide_verdict(d, u)->cause]++;
		buf_reset(&b);
		T_EQ(decide_tell(d, u, &b, e), 0);
		T_OK(b.len > 0 && b.p[b.len - 1] == '\n');
	}
	buf_free(&b);
}

static int
build(struct history *h, const struct rings *r, struct facts *f,
    struct decide *d, struct err *e)
{
	struct snapshot next = SNAPSHOT_INIT;
	struct decide_rows rows;
	struct given g;
	struct brute want;
	unsigned i;

	brute(&want, h->generation > 1 ? &h->before : NULL, &h->w, r,
	    h->generation);
	if (decide_open(d, f, h->generation > 1 ? &h->prev : NULL, h->w.now,
		h->generation, e) == -1)
		return -1;
	compare_ages(h, d, &want);
	begin_snapshot(&next, d, r->n);
	for (i = 0; i < r->n; i++) {
		give(&g, &h->w, &r->v[i], i);
		if (decide_ring(d, &g.ring, &rows, e) == -1 ||
		    decide_each_notice(d, note, f, e) == -1)
			return -1;
		compare(h, f, &rows, &want.rings[i]);
		tell(d, e);
		add_ring(&next, r->v[i].name, &rows);
	}
	forget(&h->prev);
	h->prev = next;
	h->before = want;
	return 0;
}

static void
step(struct history *h)
{
	struct rings r = RINGS_INIT;
	struct facts f = FACTS_INIT;
	struct decide d = {.facts = NULL};
	struct err e = ERR_INIT;

	h->generation += 1 + (unsigned)(t_random() % 2);
	if (rings_read(&r, h->text, strlen(h->text), &e) == -1 ||
	    rings_default(&r, &e) == -1 || toy_facts(&f, &h->w, &e) == -1 ||
	    build(h, &r, &f, &d, &e) == -1)
		t_fail(__FILE__, __LINE__, "%s\n%s", e.msg, h->text);
	decide_close(&d);
	facts_free(&f);
	rings_free(&r);
}

T_TEST(every_ring_is_offered_what_the_specification_says)
{
	static struct history h;
	unsigned rounds = getenv("WF_LONG") != NULL ? 10 * ROUNDS : ROUNDS;
	unsigned i, k;

	for (i = 0; i < rounds && t_failures() == 0; i++) {
		h = (struct history){.generation = 0};
		toy_begin(&h.w, false);
		toy_rings(h.text, sizeof(h.text));
		for (k = 0; k < STEPS && t_failures() == 0; k++) {
			step(&h);
			toy_go_on(&h.w);
			if (t_random() % 3 == 0)
				toy_rings(h.text, sizeof(h.text));
		}
		forget(&h.prev);
	}
	/* All of it has come about. */
	for (i = SNAPSHOT_EVALUATE; i < SNAPSHOT_ACTIONS; i++)
		T_OK(seen_action[i] > 0);
	for (i = 0; i < SNAPSHOT_WITHHELDS; i++)
		T_OK(seen_withheld[i] > 0);
	for (i = 0; i < DECIDE_CAUSES; i++)
		T_OK(seen_cause[i] > 0);
	for (i = 0; i <= DECIDE_USELESS; i++)
		T_OK(seen_notice[i] > 0);
	T_OK(seen_carried > 0 && seen_late > 0);
}

T_MAIN
