/* SPDX-License-Identifier: ISC */
#include "tests/snapshot_make.h"

#include "formats/fragment.h"
#include "lib/base/sink.h"
#include "tests/t.h"

struct make {
	struct snapshot *s;
	uint64_t seed;
	unsigned size;
	struct err *e;
};

/* xorshift64* */
static uint32_t
any(struct make *m, uint32_t n)
{
	m->seed ^= m->seed >> 12;
	m->seed ^= m->seed << 25;
	m->seed ^= m->seed >> 27;
	return (uint32_t)((m->seed * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static void *
table(size_t *n, size_t want, size_t size)
{
	void *p = calloc(want + 1, size);

	if (p == NULL)
		abort();
	*n = want;
	return p;
}

static void
random_bytes(struct make *m, uint8_t *p, size_t n)
{
	while (n-- > 0)
		*p++ = (uint8_t)any(m, 256);
}

static void
make_ids(struct make *m)
{
	struct snapshot *s = m->s;
	struct snapshot_key *keys;
	struct guid store;
	size_t i, n;

	random_bytes(m, store.b, sizeof(store.b));
	T_CALL(snapshot_follow(
		   s, NULL, &store, any(m, 1000), 5 + any(m, 100), m->e),
	    m->e);
	free(s->past);
	s->past = table(&s->npast, 3, sizeof(*s->past));
	for (i = 0; i < s->npast; i++) {
		s->past[i].generation = (uint32_t)i + 1;
		random_bytes(m, s->past[i].id, SNAPSHOT_ID_LEN);
	}
	keys = table(&n, m->size, sizeof(*keys));
	for (i = 0; i < n; i++) {
		keys[i].id.b[0] = (uint8_t)any(m, m->size);
		keys[i].id.b[15] = (uint8_t)any(m, 3);
		keys[i].revision = any(m, 4);
	}
	T_CALL(snapshot_give_ids(s, keys, n, m->e), m->e);
	free(keys);
	for (i = 0; i < s->nupdates; i++) {
		s->updates[i].leaf = (uint8_t)any(m, 2);
		s->updates[i].category = (uint8_t)any(m, 6);
	}
}

static void
make_revisions(struct make *m)
{
	struct snapshot *s = m->s;
	struct snapshot_revision *r;
	size_t i, n = s->nids;

	s->revisions = table(&s->nrevisions, n, sizeof(*r));
	s->clauses = table(&s->nclauses, 2 * n, sizeof(*s->clauses));
	s->alternatives = table(&s->nalternatives, 4 * n, sizeof(uint32_t));
	s->members = table(&s->nmembers, n, sizeof(uint32_t));
	s->nrevisions = s->nclauses = s->nalternatives = s->nmembers = 0;
	for (i = 0; i < n; i++) {
		if (any(m, 4) == 0)
			continue;
		r = &s->revisions[s->nrevisions];
		s->ids[i].live = (uint32_t)s->nrevisions++;
		*r = (struct snapshot_revision){.n = (uint32_t)i + 1,
		    .update = s->ids[i].update,
		    .revision = s->ids[i].revision,
		    .kind = (uint8_t)(1 + any(m, 4)),
		    .clauses = (uint32_t)s->nclauses,
		    .members = (uint32_t)s->nmembers};
		for (uint32_t k = any(m, 3); k > 0; k--) {
			s->clauses[s->nclauses].category = (uint8_t)any(m, 2);
			s->clauses[s->nclauses++].first = (uint32_t)
							      s->nalternatives;
			for (uint32_t a = any(m, 3); a > 0; a--)
				s->alternatives[s->nalternatives++] = any(
				    m, (uint32_t)s->nupdates);
		}
		if (any(m, 3) == 0)
			s->members[s->nmembers++] = any(
			    m, (uint32_t)s->nrevisions);
	}
}

/* By brute force: of each target all that name it. */
static void
make_links(struct make *m)
{
	struct snapshot *s = m->s;
	size_t i, k, end;

	s->inverse = table(&s->ninverse, s->nalternatives, sizeof(uint32_t));
	s->holders = table(&s->nholders, s->nmembers, sizeof(uint32_t));
	s->ninverse = s->nholders = 0;
	for (i = 0; i < s->nupdates; i++) {
		s->updates[i].inverse = (uint32_t)s->ninverse;
		for (k = 0, end = 0; end < s->nalternatives; end++) {
			while (k + 1 < s->nclauses &&
			    s->clauses[k + 1].first <= end)
				k++;
			if (s->alternatives[end] == i)
				s->inverse[s->ninverse++] = (uint32_t)k;
		}
	}
	for (i = 0; i < s->nrevisions; i++) {
		s->revisions[i].holders = (uint32_t)s->nholders;
		for (k = 0, end = 0; end < s->nmembers; end++) {
			while (k + 1 < s->nrevisions &&
			    s->revisions[k + 1].members <= end)
				k++;
			if (s->members[end] == i)
				s->holders[s->nholders++] = (uint32_t)k;
		}
	}
}

static void
make_offers(struct make *m, size_t ring)
{
	struct snapshot *s = m->s;
	struct snapshot_offer *o;
	bool *have = calloc(s->nupdates + 1, sizeof(*have));
	size_t i;

	s->rings[ring].offers = (uint32_t)s->noffers;
	for (i = 0; i < s->nrevisions; i++) {
		if (have[s->revisions[i].update] || any(m, 3) == 0)
			continue;
		have[s->revisions[i].update] = true;
		o = &s->offers[s->noffers++];
		o->revision = (uint32_t)i;
		o->action = (uint8_t)(1 + any(m, 6));
		o->changed = 1 + any(m, s->generation);
		o->date = 20000 + any(m, 1000);
		o->held = SNAPSHOT_NONE;
		if (o->action == SNAPSHOT_WATCH)
			o->withheld = (uint8_t)any(m, SNAPSHOT_WITHHELDS);
		if (o->action >= SNAPSHOT_INSTALL &&
		    o->action <= SNAPSHOT_UNINSTALL) {
			o->held = o->date;
			o->deadline = any(m, 2) * 1700000000ULL;
		}
	}
	free(have);
}

static void
make_rings(struct make *m)
{
	static const char *const names[] = {"pilot", "line-2", "default"};
	struct snapshot *s = m->s;
	uint8_t hash[BLAKE_LEN];
	size_t i, k;

	s->rings = table(&s->nrings, 3, sizeof(*s->rings));
	s->networks = table(&s->nnetworks, 3, sizeof(*s->networks));
	s->words = table(&s->nwords, 3, sizeof(*s->words));
	s->offers = table(&s->noffers, 3 * s->nrevisions, sizeof(*s->offers));
	s->noffers = 0;
	for (i = 0; i < s->nrings; i++) {
		memcpy(s->rings[i].name, names[i], strlen(names[i]));
		blake_of(hash, sizeof(hash), names[i], strlen(names[i]));
		for (k = 8; k > 0; k--)
			s->rings[i].hash = s->rings[i].hash << 8 | hash[k - 1];
		s->rings[i].networks = (uint32_t)i;
		s->rings[i].words = (uint32_t)i;
		random_bytes(m, s->networks[i].addr, 16);
		s->networks[i].bits = (uint8_t)any(m, 129);
		s->words[i] = (struct snapshot_word){
		    (uint8_t)any(m, SNAPSHOT_WORDS), any(m, 3)};
		make_offers(m, i);
	}
	s->ages = table(&s->nages, s->nupdates, sizeof(*s->ages));
	for (i = 0; i < s->nages; i++) {
		s->ages[i].update = (uint32_t)i;
		random_bytes(m, s->ages[i].files, 16);
		s->ages[i].day = any(m, 30000);
	}
}

static void
make_texts(struct make *m)
{
	struct snapshot *s = m->s;
	size_t i;

	s->text = table(&s->ntext, 6, 1);
	memcpy(s->text, "endepc", 6);
	s->names = table(&s->nnames, 3, sizeof(*s->names));
	for (i = 1; i < 3; i++)
		s->names[i] = (struct snapshot_name){(uint32_t)(2 * i - 2), 2};
	s->texts = any(m, 4);
	s->segments = table(&s->nsegments, 2, sizeof(*s->segments));
	s->blocks = table(&s->nblocks, 5, sizeof(*s->blocks));
	for (i = 0; i < 2; i++)
		random_bytes(m, s->segments[i].hash, BLAKE_LEN);
	s->segments[0].size = 2 * SNAPSHOT_BLOCK;
	s->segments[1].size = 2 * SNAPSHOT_BLOCK + 1 + any(m, 1000);
	s->segments[1].blocks = 2;
	for (i = 0; i < s->nblocks; i++)
		random_bytes(m, s->blocks[i].hash, BLAKE_LEN);
	s->fragments = table(
	    &s->nfragments, 2 * s->nrevisions, sizeof(*s->fragments));
	for (i = 0; i < s->nfragments; i++)
		s->fragments[i] = (struct snapshot_fragment){
		    .type = (uint8_t)(1 + any(m, 4)),
		    .lang = any(m, 3),
		    .geo = any(m, 3),
		    .segment = any(m, 2),
		    .len = any(m, 1 << 20),
		    .off = any(m, 1 << 20)};
	for (i = 0; i < s->nrevisions; i++)
		s->revisions[i].fragments = 2 * (uint32_t)i;
}

static void
make_files(struct make *m)
{
	struct snapshot *s = m->s;
	size_t i;

	s->files = table(&s->nfiles, m->size, sizeof(*s->files));
	for (i = 0; i < s->nfiles; i++) {
		random_bytes(m, s->files[i].sha1, SHA1_LEN);
		s->files[i].sha1[0] = (uint8_t)(i >> 8);
		s->files[i].sha1[1] = (uint8_t)i;
		s->files[i].has_sha256 = (uint8_t)any(m, 2);
		if (s->files[i].has_sha256)
			random_bytes(m, s->files[i].sha256, SHA256_LEN);
		s->files[i].size = any(m, 1 << 30) * 20ULL;
		memcpy(s->files[i].ext, "Cab", any(m, 4));
	}
	s->uses = table(&s->nuses, s->nrevisions, sizeof(*s->uses));
	for (i = 0; i < s->nuses; i++) {
		s->revisions[i].uses = (uint32_t)i;
		s->uses[i].file = any(m, (uint32_t)s->nfiles);
		memcpy(s->uses[i].ext, "longname", 8);
	}
}

void
snapshot_make(struct snapshot *s, unsigned size, uint64_t seed, struct err *e)
{
	struct make m = {.s = s, .seed = seed | 1, .size = size, .e = e};

	make_ids(&m);
	make_revisions(&m);
	make_links(&m);
	make_rings(&m);
	make_texts(&m);
	make_files(&m);
	s->config = table(&s->nconfig, 100, 1);
	random_bytes(&m, s->config, s->nconfig);
	random_bytes(&m, s->config_hash, BLAKE_LEN);
	random_bytes(&m, s->rings_hash, BLAKE_LEN);
	s->undone = any(&m, 2) == 1;
	s->built = 1790000000 + any(&m, 1000);
	s->last_change = 1780000000;
}

int
snapshot_bytes(struct snapshot *s, struct buf *b, struct err *e)
{
	struct sink to = SINK_INIT;

	buf_reset(b);
	sink_buf(&to, b);
	return snapshot_write(s, &to, e);
}

void
snapshot_seal(struct buf *b)
{
	if (b->len >= BLAKE_LEN)
		blake_of(b->p + b->len - BLAKE_LEN, BLAKE_LEN, b->p,
		    b->len - BLAKE_LEN);
}
