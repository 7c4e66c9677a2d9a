/* SPDX-License-Identifier: ISC */
/*
 * Going back is going on: a new snapshot with the rings and texts of the one
 * before the newest, the ids and lineage of today, and a higher generation.
 * The cookies of the newest one stay good, and clients hear what changes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/offer/config.h"
#include "lib/offer/offer_priv.h"

struct back {
	const struct snapshot *old; /* what is gone back to */
	struct snapshot *to;
	uint32_t *up; /* owned; of each of old's updates: in to, or NONE */
	uint32_t *place; /* owned; of each of old's revisions: in to */
	uint32_t today;
};

static int
copy_table(void *to, size_t *nto, const void *from, size_t n, size_t size,
    struct err *e)
{
	void *p = calloc(n + 1, size);

	if (p == NULL)
		return err_nomem(e);
	if (n > 0)
		memcpy(p, from, n * size);
	*(void **)to = p;
	*nto = n;
	return 0;
}

#define COPY(x, table, e)                                                      \
	copy_table(&(x)->to->table, &(x)->to->n##table, (x)->old->table,       \
	    (x)->old->n##table, sizeof(*(x)->old->table), e)

/* Tables that name neither updates nor revisions. */
static int
copy_plain(struct back *x, struct err *e)
{
	if (COPY(x, networks, e) == -1 || COPY(x, words, e) == -1 ||
	    COPY(x, names, e) == -1 || COPY(x, text, e) == -1 ||
	    COPY(x, files, e) == -1 || COPY(x, segments, e) == -1)
		return -1;
	return COPY(x, blocks, e);
}

static int
by_id(const void *a, const void *b)
{
	const struct snapshot_key *x = a, *y = b;
	int c = guid_cmp(&x->id, &y->id);

	return c != 0
	    ? c
	    : (x->revision > y->revision) - (x->revision < y->revision);
}

static uint32_t
n_of(const struct snapshot_key *keys, size_t nkeys,
    const struct snapshot_key *key)
{
	const struct snapshot_key *k = sort_find(
	    key, keys, nkeys, sizeof(*keys), by_id);

	return k->n;
}

/* Updates and ids of all that old names; order: its revisions by n. */
static int
give_ids(struct back *x, struct offer_given *order, struct err *e)
{
	const struct snapshot *old = x->old;
	const struct snapshot_revision *r;
	struct snapshot_key *keys, key;
	size_t i;
	int got = -1;

	keys = calloc(old->nupdates + old->nrevisions + 1, sizeof(*keys));
	if (keys == NULL)
		return err_nomem(e);
	for (i = 0; i < old->nupdates; i++)
		keys[i].id = old->updates[i].id;
	if (snapshot_learn(x->to, keys, old->nupdates, e) == -1)
		goto out;
	for (i = 0; i < old->nrevisions; i++) {
		r = &old->revisions[i];
		keys[i] = (struct snapshot_key){
		    .id = old->updates[r->update].id, .revision = r->revision};
	}
	if (snapshot_give_ids(x->to, keys, old->nrevisions, e) == -1)
		goto out;
	for (i = 0; i < old->nrevisions; i++) {
		r = &old->revisions[i];
		key = (struct snapshot_key){
		    .id = old->updates[r->update].id, .revision = r->revision};
		order[i] = (struct offer_given){
		    n_of(keys, old->nrevisions, &key), (uint32_t)i};
	}
	sort_up(order, old->nrevisions, sizeof(*order), offer_by_n);
	got = 0;
out:
	free(keys);
	return got;
}

static void
settle_updates(struct back *x)
{
	const struct snapshot *old = x->old;
	struct snapshot_update *u;
	size_t i;

	for (i = 0; i < old->nupdates; i++) {
		x->up[i] = snapshot_find(x->to, &old->updates[i].id);
		u = &x->to->updates[x->up[i]];
		u->leaf = old->updates[i].leaf;
		u->category = old->updates[i].category;
	}
}

#define END(s, table, i, field, all)                                           \
	((i) + 1 < (s)->n##table ? (s)->table[(i) + 1].field : (s)->n##all)

/* What belongs to a revision goes behind what is there. */
static void
put_revision(struct back *x, const struct offer_given *g)
{
	const struct snapshot *o = x->old;
	const struct snapshot_revision *r = &o->revisions[g->rev];
	struct snapshot *s = x->to;
	size_t c, a, i = g->rev;

	s->revisions[s->nrevisions] = (struct snapshot_revision){.n = g->n,
	    .update = x->up[r->update],
	    .revision = r->revision,
	    .kind = r->kind,
	    .clauses = (uint32_t)s->nclauses,
	    .members = (uint32_t)s->nmembers,
	    .uses = (uint32_t)s->nuses,
	    .fragments = (uint32_t)s->nfragments};
	s->ids[g->n - 1].live = (uint32_t)s->nrevisions++;
	for (c = r->clauses; c < END(o, revisions, i, clauses, clauses); c++) {
		s->clauses[s->nclauses++] = (struct snapshot_clause){
		    o->clauses[c].category, (uint32_t)s->nalternatives};
		for (a = o->clauses[c].first;
		     a < END(o, clauses, c, first, alternatives); a++)
			s->alternatives[s->nalternatives++] =
			    x->up[o->alternatives[a]];
	}
	for (c = r->members; c < END(o, revisions, i, members, members); c++)
		s->members[s->nmembers++] = x->place[o->members[c]];
	for (c = r->uses; c < END(o, revisions, i, uses, uses); c++)
		s->uses[s->nuses++] = o->uses[c];
	for (c = r->fragments; c < END(o, revisions, i, fragments, fragments);
	     c++)
		s->fragments[s->nfragments++] = o->fragments[c];
}

static int
put_revisions(struct back *x, struct err *e)
{
	const struct snapshot *o = x->old;
	struct snapshot *s = x->to;
	struct offer_given *order = calloc(o->nrevisions + 1, sizeof(*order));
	size_t i;
	int r = -1;

	if (order == NULL)
		return err_nomem(e);
	if (give_ids(x, order, e) == -1 || COPY(x, revisions, e) == -1 ||
	    COPY(x, clauses, e) == -1 || COPY(x, alternatives, e) == -1 ||
	    COPY(x, members, e) == -1 || COPY(x, uses, e) == -1 ||
	    COPY(x, fragments, e) == -1)
		goto out;
	settle_updates(x);
	s->nrevisions = s->nclauses = s->nalternatives = s->nmembers = 0;
	s->nuses = s->nfragments = 0;
	for (i = 0; i < o->nrevisions; i++)
		x->place[order[i].rev] = (uint32_t)i;
	for (i = 0; i < o->nrevisions; i++)
		put_revision(x, &order[i]);
	r = snapshot_link(s, e);
out:
	free(order);
	return r;
}

static int
put_ages(struct back *x, struct err *e)
{
	size_t i;

	if (COPY(x, ages, e) == -1)
		return -1;
	for (i = 0; i < x->to->nages; i++)
		x->to->ages[i].update = x->up[x->old->ages[i].update];
	return 0;
}

/* What the newest snapshot says of a revision in the ring of that name. */
static const struct snapshot_offer *
now_said(const struct snapshot *newest, uint64_t ring, uint32_t n)
{
	struct snapshot_offer key;
	size_t i, first, end;

	for (i = 0; i < newest->nrings && newest->rings[i].hash != ring; i++)
		;
	if (i == newest->nrings || n > newest->nids ||
	    newest->ids[n - 1].live == SNAPSHOT_NONE)
		return NULL;
	key.revision = newest->ids[n - 1].live;
	first = newest->rings[i].offers;
	end = END(newest, rings, i, offers, offers);
	return sort_find(&key, newest->offers + first, end - first, sizeof(key),
	    offer_by_revision);
}

static void
put_changed(
    struct back *x, const struct snapshot *newest, size_t ring, size_t at)
{
	struct snapshot *s = x->to;
	struct snapshot_offer *o = &s->offers[at];
	const struct snapshot_revision *r = &s->revisions[o->revision];
	const struct snapshot_offer *b = now_said(
	    newest, s->rings[ring].hash, r->n);
	bool same = b != NULL && b->action == o->action &&
	    b->deadline == o->deadline &&
	    newest->updates[newest->revisions[b->revision].update].leaf ==
		s->updates[r->update].leaf;

	o->changed = same ? b->changed : s->generation;
	o->date = same ? b->date : x->today;
}

static int
put_rings(struct back *x, const struct snapshot *newest, struct err *e)
{
	struct snapshot *s = x->to;
	size_t i, k, first, end;

	if (COPY(x, rings, e) == -1 || COPY(x, offers, e) == -1)
		return -1;
	for (k = 0; k < s->noffers; k++)
		s->offers[k].revision = x->place[s->offers[k].revision];
	for (i = 0; i < s->nrings; i++) {
		first = s->rings[i].offers;
		end = END(s, rings, i, offers, offers);
		sort_up(s->offers + first, end - first, sizeof(*s->offers),
		    offer_by_revision);
		for (k = first; k < end; k++)
			put_changed(x, newest, i, k);
	}
	return 0;
}

static int
make(struct offer *b, const struct snapshot *old, struct err *e)
{
	struct back x = {
	    .old = old, .to = &b->next, .today = (uint32_t)(b->now / 86400)};
	int r = -1;

	x.up = calloc(old->nupdates + 1, sizeof(*x.up));
	x.place = calloc(old->nrevisions + 1, sizeof(*x.place));
	if (x.up == NULL || x.place == NULL) {
		err_nomem(e);
		goto out;
	}
	if (snapshot_follow(x.to, &b->prev, NULL, 0, b->highest + 1, e) == -1)
		goto out;
	x.to->built = b->now;
	/* Who undoes what was undone is where that was. */
	x.to->undone = !b->prev.undone;
	memcpy(x.to->rings_hash,
	    b->prev.undone ? old->rings_hash : b->prev.rings_hash, BLAKE_LEN);
	if (copy_plain(&x, e) == 0 && put_revisions(&x, e) == 0 &&
	    put_ages(&x, e) == 0 && put_rings(&x, &b->prev, e) == 0)
		r = config_make(x.to, &b->prev, b->now, e);
out:
	free(x.up);
	free(x.place);
	return r;
}

int
offer_back(struct offer *b, struct err *e)
{
	struct snapshot old = SNAPSHOT_INIT;
	int r = 0;

	if (b->has_prev)
		r = snap_newest(&old, b->dirfd, &b->prev.store,
		    b->prev.generation, NULL, NULL, e);
	if (r == 0)
		r = err_set(e, E_MISSING,
		    "there is no snapshot before the newest one to go back to");
	else if (r == 1)
		r = make(b, &old, e);
	snapshot_free(&old);
	return r;
}
