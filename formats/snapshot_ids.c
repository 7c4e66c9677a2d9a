/* SPDX-License-Identifier: ISC */
/* Ids and lineage, from snapshot to snapshot. */
#include <stdlib.h>
#include <string.h>

#include "formats/snapshot_priv.h"
#include "lib/base/err.h"

uint32_t
snapshot_base(const struct guid *store, uint32_t epoch)
{
	uint8_t in[sizeof(store->b) + 4], hash[BLAKE_LEN];

	memcpy(in, store->b, sizeof(store->b));
	snapshot_put_le(in + sizeof(store->b), epoch, 4);
	blake_of(hash, sizeof(hash), in, sizeof(in));
	return SNAPSHOT_IDS * (1 + (uint32_t)(snapshot_get_le(hash, 8) % 2046));
}

bool
snapshot_knows(const struct snapshot *s, const struct snapshot_issuer *i)
{
	size_t k;

	if (guid_cmp(&i->store, &s->store) != 0 || i->epoch != s->epoch)
		return false;
	if (i->generation == s->generation)
		return memcmp(i->id, s->id, sizeof(s->id)) == 0;
	for (k = 0; k < s->npast; k++)
		if (s->past[k].generation == i->generation)
			return memcmp(i->id, s->past[k].id, sizeof(s->id)) == 0;
	return false;
}

static int
copy(void *to, size_t *nto, const void *from, size_t n, size_t more,
    size_t size, struct err *e)
{
	void *p = calloc(n + more + 1, size);

	if (p == NULL)
		return err_nomem(e);
	if (n > 0)
		memcpy(p, from, n * size);
	*(void **)to = p;
	*nto = n;
	return 0;
}

/* Only what an id names stays. */
static int
drop_unnamed(struct snapshot *s, struct err *e)
{
	uint32_t *place = calloc(s->nupdates + 1, sizeof(*place));
	size_t i, n = 0;

	if (place == NULL)
		return err_nomem(e);
	for (i = 0; i < s->nids; i++)
		place[s->ids[i].update] = 1;
	for (i = 0; i < s->nupdates; i++) {
		if (place[i] == 0)
			continue;
		place[i] = (uint32_t)n;
		s->updates[n] = s->updates[i];
		s->updates[n++].inverse = 0;
	}
	s->nupdates = n;
	for (i = 0; i < s->nids; i++) {
		s->ids[i].update = place[s->ids[i].update];
		s->ids[i].live = SNAPSHOT_NONE;
	}
	free(place);
	return 0;
}

int
snapshot_follow(struct snapshot *s, const struct snapshot *prev,
    const struct guid *store, uint32_t epoch, uint32_t generation,
    struct err *e)
{
	struct snapshot none = SNAPSHOT_INIT;
	struct snapshot_past *last;

	if (prev == NULL) {
		none.store = *store;
		none.epoch = epoch;
	}
	s->store = prev != NULL ? prev->store : none.store;
	s->epoch = prev != NULL ? prev->epoch : none.epoch;
	s->base = snapshot_base(&s->store, s->epoch);
	s->generation = generation;
	prev = prev != NULL ? prev : &none;
	if (copy(&s->past, &s->npast, prev->past, prev->npast, 1,
		sizeof(*s->past), e) == -1 ||
	    copy(&s->updates, &s->nupdates, prev->updates, prev->nupdates, 0,
		sizeof(*s->updates), e) == -1 ||
	    copy(&s->ids, &s->nids, prev->ids, prev->nids, 0, sizeof(*s->ids),
		e) == -1 ||
	    drop_unnamed(s, e) == -1)
		return -1;
	if (prev == &none)
		return 0;
	last = &s->past[s->npast++];
	last->generation = prev->generation;
	memcpy(last->id, prev->id, sizeof(last->id));
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	return guid_cmp(&((const struct snapshot_update *)a)->id,
	    &((const struct snapshot_update *)b)->id);
}

/* It is known. */
static const struct snapshot_update *
find_update(const struct snapshot *s, const struct guid *id)
{
	const struct snapshot_update key = {.id = *id};

	return bsearch(&key, s->updates, s->nupdates, sizeof(key), by_id);
}

static int
by_key(const void *a, const void *b)
{
	const struct snapshot_key *x = a, *y = b;
	int c = guid_cmp(&x->id, &y->id);

	return c != 0
	    ? c
	    : (x->revision > y->revision) - (x->revision < y->revision);
}

/* New updates among the keys, which are sorted, each in its place. */
static int
learn(struct snapshot *s, const struct snapshot_key *keys, size_t n,
    struct err *e)
{
	struct snapshot_update *all = calloc(s->nupdates + n + 1, sizeof(*all));
	uint32_t *place = calloc(s->nupdates + 1, sizeof(*place));
	size_t i = 0, k = 0, m = 0;
	int c;

	if (all == NULL || place == NULL) {
		free(all);
		free(place);
		return err_nomem(e);
	}
	while (i < s->nupdates || k < n) {
		c = i == s->nupdates ? 1
		    : k == n	     ? -1
				     : guid_cmp(&s->updates[i].id, &keys[k].id);
		if (c <= 0) {
			place[i] = (uint32_t)m;
			all[m++] = s->updates[i++];
		} else {
			all[m].id = keys[k].id;
			all[m++].leaf = 1;
		}
		while (k < n && guid_cmp(&all[m - 1].id, &keys[k].id) == 0)
			k++;
	}
	for (i = 0; i < s->nids; i++)
		s->ids[i].update = place[s->ids[i].update];
	free(place);
	free(s->updates);
	s->updates = all;
	s->nupdates = m;
	return 0;
}

uint32_t
snapshot_find(const struct snapshot *s, const struct guid *id)
{
	const struct snapshot_update *u = s->nupdates == 0 ? NULL
							   : find_update(s, id);

	return u == NULL ? SNAPSHOT_NONE : (uint32_t)(u - s->updates);
}

int
snapshot_learn(
    struct snapshot *s, struct snapshot_key *keys, size_t n, struct err *e)
{
	if (n > 0)
		qsort(keys, n, sizeof(*keys), by_key);
	return learn(s, keys, n, e);
}

struct meaning {
	uint32_t update, revision, n;
};

static int
by_meaning(const void *a, const void *b)
{
	const struct meaning *x = a, *y = b;

	if (x->update != y->update)
		return x->update < y->update ? -1 : 1;
	return (x->revision > y->revision) - (x->revision < y->revision);
}

static struct meaning *
meanings(const struct snapshot *s)
{
	struct meaning *v = calloc(s->nids + 1, sizeof(*v));
	size_t i;

	if (v == NULL)
		return NULL;
	for (i = 0; i < s->nids; i++)
		v[i] = (struct meaning){
		    s->ids[i].update, s->ids[i].revision, (uint32_t)i + 1};
	qsort(v, s->nids, sizeof(*v), by_meaning);
	return v;
}

/* In the order of keys; old: what had an id before. */
static int
give(struct snapshot *s, const struct meaning *old, size_t nold,
    struct snapshot_key *keys, size_t n, struct err *e)
{
	const struct meaning *m;
	struct meaning want;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0 && by_key(&keys[i - 1], &keys[i]) == 0) {
			keys[i].n = keys[i - 1].n;
			continue;
		}
		want.update = (uint32_t)(find_update(s, &keys[i].id) -
		    s->updates);
		want.revision = keys[i].revision;
		m = bsearch(&want, old, nold, sizeof(want), by_meaning);
		if (m != NULL) {
			keys[i].n = m->n;
			continue;
		}
		if (s->nids == SNAPSHOT_IDS - 1)
			return err_set(e, E_LIMIT,
			    "all %u ids of this offer are given away: move it "
			    "aside to begin anew, and each client refreshes "
			    "once",
			    SNAPSHOT_IDS - 1);
		s->ids[s->nids++] = (struct snapshot_id){
		    want.update, want.revision, SNAPSHOT_NONE};
		keys[i].n = (uint32_t)s->nids;
	}
	return 0;
}

int
snapshot_give_ids(
    struct snapshot *s, struct snapshot_key *keys, size_t n, struct err *e)
{
	struct snapshot_id *ids;
	struct meaning *old;
	size_t nold = s->nids;
	int r;

	ids = realloc(s->ids, (s->nids + n + 1) * sizeof(*ids));
	if (ids == NULL)
		return err_nomem(e);
	s->ids = ids;
	if (snapshot_learn(s, keys, n, e) == -1)
		return -1;
	if ((old = meanings(s)) == NULL)
		return err_nomem(e);
	r = give(s, old, nold, keys, n, e);
	free(old);
	return r;
}
