/* SPDX-License-Identifier: ISC */
/* What each ring gains, loses and changes from one snapshot to another. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/offer/offer_priv.h"

/* An offer that people ask for. */
struct entry {
	const struct guid *id; /* borrowed */
	const struct snapshot_offer *o; /* borrowed */
	uint32_t revision;
};

struct entries {
	struct entry *v; /* owned */
	size_t n, cap;
};

struct compare {
	struct entries old, new;
	struct offer_change c;
	int (*each)(void *arg, const struct offer_change *c, struct err *e);
	void *arg;
};

bool
offer_holds(const struct snapshot_offer *o)
{
	return o != NULL && snapshot_holds(o);
}

static bool
waits(const struct snapshot_offer *o)
{
	return o != NULL && o->withheld != SNAPSHOT_NOT_WITHHELD;
}

static int
by_id(const void *a, const void *b)
{
	return guid_cmp(
	    ((const struct entry *)a)->id, ((const struct entry *)b)->id);
}

/* Of the ring in that place; SIZE_MAX: there is none. */
static int
gather(struct entries *to, const struct snapshot *s, size_t ring, struct err *e)
{
	const struct snapshot_revision *r;
	size_t i, end;

	to->n = 0;
	if (ring == SIZE_MAX)
		return 0;
	end = ring + 1 < s->nrings ? s->rings[ring + 1].offers : s->noffers;
	for (i = s->rings[ring].offers; i < end; i++) {
		if (!offer_holds(&s->offers[i]) && !waits(&s->offers[i]))
			continue;
		if (grow(&to->v, &to->cap, to->n, sizeof(*to->v), e) == -1)
			return -1;
		r = &s->revisions[s->offers[i].revision];
		to->v[to->n++] = (struct entry){
		    &s->updates[r->update].id, &s->offers[i], r->revision};
	}
	sort_up(to->v, to->n, sizeof(*to->v), by_id);
	return 0;
}

/* false: nothing that anybody asks for. */
static bool
judge(struct offer_change *c)
{
	const struct snapshot_offer *from = c->from, *to = c->to;

	if (offer_holds(to)) {
		c->kind = offer_holds(from) ? OFFER_CHANGES : OFFER_GAINS;
		return !offer_holds(from) || from->action != to->action ||
		    from->deadline != to->deadline ||
		    c->from_revision != c->revision;
	}
	if (offer_holds(from)) {
		c->kind = OFFER_LOSES;
		return true;
	}
	c->kind = waits(to) ? OFFER_WAITS : OFFER_DROPS;
	return !waits(to) || !waits(from) || from->withheld != to->withheld;
}

static int
compare_ring(struct compare *x, struct err *e)
{
	const struct entry *a, *b;
	size_t i = 0, k = 0;
	int c;

	while (i < x->old.n || k < x->new.n) {
		a = &x->old.v[i];
		b = &x->new.v[k];
		c = i == x->old.n   ? 1
		    : k == x->new.n ? -1
				    : guid_cmp(a->id, b->id);
		x->c.id = c <= 0 ? *a->id : *b->id;
		x->c.from = c <= 0 ? a->o : NULL;
		x->c.from_revision = c <= 0 ? a->revision : 0;
		x->c.to = c >= 0 ? b->o : NULL;
		x->c.revision = c >= 0 ? b->revision : 0;
		i += c <= 0;
		k += c >= 0;
		if (judge(&x->c) && x->each(x->arg, &x->c, e) == -1)
			return -1;
	}
	return 0;
}

/* The place of the ring of that name, or SIZE_MAX. */
static size_t
find_ring(const struct snapshot *s, const struct snapshot_ring *of)
{
	size_t i;

	for (i = 0; s != NULL && i < s->nrings; i++)
		if (s->rings[i].hash == of->hash)
			return i;
	return SIZE_MAX;
}

static int
compare_at(struct compare *x, const struct snapshot *old, size_t a,
    const struct snapshot *new, size_t b, struct err *e)
{
	const struct snapshot_ring *r = b != SIZE_MAX ? &new->rings[b]
						      : &old->rings[a];

	memcpy(x->c.ring, r->name, SNAPSHOT_RING_NAME);
	x->c.ring[SNAPSHOT_RING_NAME] = '\0';
	if (gather(&x->old, old, a, e) == -1 ||
	    gather(&x->new, new, b, e) == -1)
		return -1;
	return compare_ring(x, e);
}

int
offer_compare(const struct snapshot *old, const struct snapshot *new,
    int (*each)(void *arg, const struct offer_change *c, struct err *e),
    void *arg, struct err *e)
{
	struct compare x = {.each = each, .arg = arg};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < new->nrings; i++)
		r = compare_at(
		    &x, old, find_ring(old, &new->rings[i]), new, i, e);
	/* Rings that are gone, with all that they had. */
	for (i = 0; r == 0 && old != NULL && i < old->nrings; i++)
		if (find_ring(new, &old->rings[i]) == SIZE_MAX)
			r = compare_at(&x, old, i, new, SIZE_MAX, e);
	free(x.old.v);
	free(x.new.v);
	return r;
}

const char *
offer_change_word(enum offer_change_kind k)
{
	static const char *const words[OFFER_CHANGE_KINDS] = {
	    [OFFER_GAINS] = "gains",
	    [OFFER_LOSES] = "loses",
	    [OFFER_CHANGES] = "changes",
	    [OFFER_WAITS] = "waits",
	    [OFFER_DROPS] = "drops"};

	return words[k];
}
