/* SPDX-License-Identifier: ISC */
/*
 * Random histories of a store and its offer: imports, prunings, rollbacks,
 * backups and restores of either part, damage, replicas that lag, a folder
 * moved away.  No id ever means two things to a client that was not told to
 * begin anew (ServerChanged).
 */
#include "formats/snapshot.h"

#include "tests/snapshot_make.h"
#include "tests/t.h"

#define KEYS 40 /* revisions in the world: KEYS / 2 updates */
#define KEPT 3 /* snapshots in a folder */
#define BACKUPS 3
#define SERVERS 3
#define CLIENTS 4
#define SEEN 400 /* ids that a client remembers */
#define STEPS 60

struct file {
	uint32_t generation;
	bool sound;
	struct buf b; /* owned */
};

struct folder {
	struct file f[KEPT];
	size_t n;
};

struct client {
	bool cookie;
	struct snapshot_issuer issuer;
	struct {
		uint32_t id;
		struct snapshot_key key;
	} seen[SEEN];
	size_t nseen;
};

struct world {
	bool epoch_only; /* the rule that is known not to do */
	struct guid store;
	bool held[KEYS];
	struct folder offer;
	struct {
		bool held[KEYS];
		struct folder offer;
	} backup[BACKUPS];
	struct snapshot server[SERVERS];
	struct client client[CLIENTS];
	uint64_t ncalls, nchanged, nwrong, nbuilds;
	struct err e;
};

static unsigned
any(unsigned n)
{
	return (unsigned)(t_random() % n);
}

static void
folder_free(struct folder *f)
{
	while (f->n > 0)
		buf_free(&f->f[--f->n].b);
}

static void
folder_copy(struct folder *to, const struct folder *from, struct err *e)
{
	folder_free(to);
	for (; to->n < from->n; to->n++) {
		to->f[to->n] = from->f[to->n];
		to->f[to->n].b = (struct buf)BUF_INIT;
		T_CALL(buf_put(&to->f[to->n].b, from->f[to->n].b.p,
			   from->f[to->n].b.len, e),
		    e);
	}
}

/* The sound one with the highest generation, before place n. */
static bool
find_sound(const struct folder *f, size_t n, struct snapshot *s, struct err *e)
{
	while (n-- > 0) {
		int r = snapshot_read(s, f->f[n].b.p, f->f[n].b.len, e);

		T_EQ(r == 0, f->f[n].sound);
		err_clear(e);
		if (r == 0)
			return true;
		snapshot_free(s);
	}
	return false;
}

static struct snapshot_key
key_of(size_t i)
{
	struct snapshot_key k = {.revision = (uint32_t)(i % 2)};

	k.id.b[3] = (uint8_t)(i / 2 * 7);
	return k;
}

/* A new one of these keys, after the newest sound one. */
static void
build(struct world *w, const bool *held)
{
	struct snapshot s = SNAPSHOT_INIT, prev = SNAPSHOT_INIT;
	struct folder *f = &w->offer;
	struct snapshot_key keys[KEYS];
	size_t i, n = 0;
	bool after = find_sound(f, f->n, &prev, &w->e);
	struct file *to;

	T_CALL(snapshot_follow(&s, after ? &prev : NULL, &w->store,
		   (uint32_t)t_random(),
		   f->n > 0 ? f->f[f->n - 1].generation + 1 : 1, &w->e),
	    &w->e);
	for (i = 0; i < KEYS; i++)
		if (held[i])
			keys[n++] = key_of(i);
	T_CALL(snapshot_give_ids(&s, keys, n, &w->e), &w->e);
	for (i = 0; i < n; i++)
		s.ids[keys[i].n - 1].live = 0;
	s.revisions = calloc(n + 1, sizeof(*s.revisions));
	for (i = 0; i < s.nids; i++)
		if (s.ids[i].live == 0) {
			s.revisions[s.nrevisions] = (struct snapshot_revision){
			    .n = (uint32_t)i + 1,
			    .update = s.ids[i].update,
			    .revision = s.ids[i].revision,
			    .kind = UPDATE_SOFTWARE};
			s.ids[i].live = (uint32_t)s.nrevisions++;
		}
	T_EQ(s.nrevisions, n);
	s.built = (int64_t)(t_random() >> 8);
	if (f->n == KEPT) {
		buf_free(&f->f[0].b);
		memmove(f->f, f->f + 1, sizeof(*f->f) * (KEPT - 1));
		f->n--;
	}
	to = &f->f[f->n++];
	*to = (struct file){s.generation, true, BUF_INIT};
	T_CALL(snapshot_bytes(&s, &to->b, &w->e), &w->e);
	w->nbuilds++;
	snapshot_free(&s);
	snapshot_free(&prev);
}

/* What the one before the newest offered, once more. */
static void
roll_back(struct world *w)
{
	struct snapshot s = SNAPSHOT_INIT;
	bool held[KEYS] = {false};
	size_t i, k;

	if (w->offer.n < 2 || !find_sound(&w->offer, w->offer.n - 1, &s, &w->e))
		return;
	for (i = 0; i < s.nrevisions; i++)
		for (k = 0; k < KEYS; k++) {
			struct snapshot_key key = key_of(k);

			held[k] |= key.revision == s.revisions[i].revision &&
			    guid_cmp(&key.id,
				&s.updates[s.revisions[i].update].id) == 0;
		}
	snapshot_free(&s);
	build(w, held);
}

/* The newest that is sound; what it has, where none is. */
static void
take_up(struct world *w, struct snapshot *server)
{
	struct snapshot s = SNAPSHOT_INIT;

	if (!find_sound(&w->offer, w->offer.n, &s, &w->e))
		return;
	snapshot_free(server);
	*server = s;
}

static void
damage(struct world *w)
{
	struct file *f;

	if (w->offer.n == 0 || !w->offer.f[w->offer.n - 1].sound)
		return;
	f = &w->offer.f[w->offer.n - 1];
	f->b.p[any((unsigned)f->b.len)] ^= 1;
	f->sound = false;
}

static void
learn(struct world *w, struct client *c, uint32_t id,
    const struct snapshot_key *key)
{
	size_t i;

	for (i = 0; i < c->nseen; i++)
		if (c->seen[i].id == id) {
			w->nwrong += guid_cmp(&c->seen[i].key.id, &key->id) !=
				0 ||
			    c->seen[i].key.revision != key->revision;
			c->seen[i].key = *key;
			return;
		}
	if (c->nseen == SEEN)
		return;
	c->seen[c->nseen].id = id;
	c->seen[c->nseen++].key = *key;
}

/* Whatever either says by an id, the other must take for the same. */
static void
talk(struct world *w, struct client *c, const struct snapshot *s)
{
	struct snapshot_key key;
	size_t i;

	for (i = 0; i < c->nseen; i++) {
		uint32_t n = c->seen[i].id - s->base;

		if (c->seen[i].id <= s->base || n > s->nids)
			continue;
		key.id = s->updates[s->ids[n - 1].update].id;
		key.revision = s->ids[n - 1].revision;
		learn(w, c, c->seen[i].id, &key);
	}
	for (i = 0; i < s->nrevisions; i++) {
		key.id = s->updates[s->revisions[i].update].id;
		key.revision = s->revisions[i].revision;
		learn(w, c, s->base + s->revisions[i].n, &key);
	}
}

static void
call(struct world *w, struct client *c, const struct snapshot *s)
{
	bool known;

	if (s->generation == 0)
		return; /* serves nothing yet */
	w->ncalls++;
	known = w->epoch_only ? c->issuer.epoch == s->epoch
			      : snapshot_knows(s, &c->issuer);
	if (c->cookie && !known) {
		w->nchanged++;
		c->nseen = 0;
	}
	c->cookie = true;
	c->issuer = (struct snapshot_issuer){
	    .store = s->store, .epoch = s->epoch, .generation = s->generation};
	memcpy(c->issuer.id, s->id, sizeof(s->id));
	talk(w, c, s);
}

static void
step(struct world *w)
{
	unsigned what = any(40), k = any(BACKUPS), i;

	if (what < 4) {
		for (i = 1 + any(4); i > 0; i--)
			w->held[any(KEYS)] = true; /* an import */
	} else if (what < 6) {
		w->held[any(KEYS)] = false; /* pruned, or undone */
	} else if (what < 12) {
		build(w, w->held);
	} else if (what == 12) {
		roll_back(w);
	} else if (what == 13) {
		memcpy(w->backup[k].held, w->held, sizeof(w->held));
		folder_copy(&w->backup[k].offer, &w->offer, &w->e);
	} else if (what == 14) {
		memcpy(w->held, w->backup[k].held, sizeof(w->held));
	} else if (what == 15) {
		folder_copy(&w->offer, &w->backup[k].offer, &w->e);
	} else if (what == 16) {
		memcpy(w->held, w->backup[k].held, sizeof(w->held));
		folder_copy(&w->offer, &w->backup[k].offer, &w->e);
	} else if (what == 17) {
		damage(w);
	} else if (what == 18 && any(4) == 0) {
		folder_free(&w->offer); /* moved away */
	} else if (what < 26) {
		take_up(w, &w->server[any(SERVERS)]);
	} else {
		call(w, &w->client[any(CLIENTS)], &w->server[any(SERVERS)]);
	}
}

static void
history(struct world *w)
{
	size_t i;

	memset(w->held, 0, sizeof(w->held));
	for (i = 0; i < sizeof(w->store.b); i++)
		w->store.b[i] = (uint8_t)any(256);
	for (i = 0; i < STEPS; i++)
		step(w);
	folder_free(&w->offer);
	for (i = 0; i < BACKUPS; i++) {
		folder_free(&w->backup[i].offer);
		memset(w->backup[i].held, 0, sizeof(w->held));
	}
	for (i = 0; i < SERVERS; i++)
		snapshot_free(&w->server[i]);
	memset(w->client, 0, sizeof(w->client));
}

static struct world *
histories(unsigned n, bool epoch_only)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->e = (struct err)ERR_INIT;
	w->epoch_only = epoch_only;
	while (n-- > 0)
		history(w);
	return w;
}

T_TEST(no_id_means_two_things_to_a_client_that_was_not_told)
{
	unsigned n = getenv("WF_LONG") != NULL ? 30000 : 3000;
	struct world *w = histories(n, false);

	T_EQ(w->nwrong, 0);
	T_OK(w->ncalls > 5 * n && w->nbuilds > 2 * n && w->nchanged > n / 2);
	free(w);
}

/* The epoch alone would not do, and the model sees that. */
T_TEST(the_model_sees_ids_with_two_meanings)
{
	struct world *w = histories(1000, true);

	T_OK(w->nwrong > 0);
	free(w);
}

T_MAIN
