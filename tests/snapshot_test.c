/* SPDX-License-Identifier: ISC */
#include "formats/snapshot.h"

#include "tests/snapshot_make.h"
#include "tests/t.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void
make_bytes(struct buf *b, unsigned size, uint64_t seed)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;

	snapshot_make(&s, size, seed, &e);
	T_CALL(snapshot_bytes(&s, b, &e), &e);
	snapshot_free(&s);
}

static int
read_bytes(const struct buf *b, size_t n, struct err *e)
{
	struct snapshot s = SNAPSHOT_INIT;
	int r = snapshot_read(&s, b->p, n, e);

	snapshot_free(&s);
	return r;
}

T_TEST(what_is_written_reads_back_and_is_written_the_same)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct err e = ERR_INIT;
	uint8_t id[SNAPSHOT_ID_LEN];

	for (unsigned size = 1; size < 400; size += 1 + size / 2) {
		make_bytes(&a, size, t_random());
		T_CALL(snapshot_read(&s, a.p, a.len, &e), &e);
		T_MEM(s.id, a.p + a.len - BLAKE_LEN, SNAPSHOT_ID_LEN);
		memcpy(id, s.id, sizeof(id));
		T_CALL(snapshot_bytes(&s, &b, &e), &e);
		T_MEM(s.id, id, sizeof(id));
		T_EQ(b.len, a.len);
		T_MEM(a.p, b.p, a.len);
		snapshot_free(&s);
	}
	buf_free(&a);
	buf_free(&b);
}

T_TEST(nothing_at_all_is_a_snapshot)
{
	struct snapshot s = SNAPSHOT_INIT, t = SNAPSHOT_INIT;
	const struct guid store = {{7}};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(snapshot_follow(&s, NULL, &store, 9, 1, &e), &e);
	T_CALL(snapshot_bytes(&s, &b, &e), &e);
	T_EQ(b.len, 512 + BLAKE_LEN);
	T_CALL(snapshot_read(&t, b.p, b.len, &e), &e);
	T_EQ(t.epoch, 9);
	T_EQ(t.generation, 1);
	T_EQ(t.base, snapshot_base(&store, 9));
	T_EQ(t.base % SNAPSHOT_IDS, 0);
	T_OK(t.base >= SNAPSHOT_IDS && t.base <= 2146435071u);
	snapshot_free(&s);
	snapshot_free(&t);
	buf_free(&b);
}

T_TEST(every_truncation_is_refused)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t n;

	make_bytes(&b, 4, 3);
	for (n = 0; n < b.len; n++) {
		T_EQ(read_bytes(&b, n, &e), -1);
		T_OK(e.kind == E_FORMAT || e.kind == E_DIGEST);
		err_clear(&e);
	}
	T_CALL(read_bytes(&b, b.len, &e), &e);
	/* Sealed anew, the shape tells. */
	for (; b.len > 0; b.len--) {
		struct buf cut = b;

		cut.len--;
		snapshot_seal(&cut);
		T_EQ(read_bytes(&cut, cut.len, &e), -1);
		err_clear(&e);
	}
	buf_free(&b);
}

T_TEST(every_flipped_bit_and_every_exchange_is_refused)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	uint8_t was;
	size_t i;

	make_bytes(&b, 4, 4);
	for (i = 0; i < b.len; i++) {
		b.p[i] ^= (uint8_t)(1u << (t_random() % 8));
		T_EQ(read_bytes(&b, b.len, &e), -1);
		T_OK(e.kind == E_DIGEST || (i < 16 && e.kind == E_FORMAT));
		err_clear(&e);
		make_bytes(&b, 4, 4);
	}
	for (i = 1; i < b.len; i++) {
		if (b.p[i] == b.p[i - 1])
			continue;
		was = b.p[i];
		b.p[i] = b.p[i - 1];
		b.p[i - 1] = was;
		T_EQ(read_bytes(&b, b.len, &e), -1);
		err_clear(&e);
		b.p[i - 1] = b.p[i];
		b.p[i] = was;
	}
	buf_free(&b);
}

/* --- blocks --- */

/* Each bit counts, and where it stands. */
T_TEST(a_sum_finds_what_a_disk_does)
{
	uint8_t b[200] = {0};
	uint64_t sum;
	size_t i, n;

	for (n = 0; n < sizeof(b); n++)
		b[n] = (uint8_t)(n * 7 + n / 3);
	for (n = 1; n < sizeof(b); n += 13) {
		sum = snapshot_sum(b, n);
		T_OK(sum != snapshot_sum(b, n - 1));
		for (i = 0; i < 8 * n; i++) {
			b[i / 8] ^= (uint8_t)(1 << i % 8);
			T_OK(sum != snapshot_sum(b, n));
			b[i / 8] ^= (uint8_t)(1 << i % 8);
		}
	}
	sum = snapshot_sum(b, 128);
	for (i = 0; i + 40 <= 128; i += 8) {
		uint8_t was[8];

		memcpy(was, b + i, 8);
		memmove(b + i, b + i + 32, 8);
		memcpy(b + i + 32, was, 8);
		T_OK(sum != snapshot_sum(b, 128));
		memcpy(b + i + 32, b + i, 8);
		memcpy(b + i, was, 8);
	}
	/* As wsusferry-formats(5) says. */
	T_EQ(snapshot_sum("", 0), 0);
	memset(b, 0, sizeof(b));
	b[0] = 1;
	T_OK(snapshot_sum(b, 1) == UINT64_C(0x152d2c9cc773eff0));
}

/* --- the shape --- */

static const struct {
	size_t at;
	uint8_t byte;
	const char *text;
} shapes[] = {
    {0, 'x', "no offer: expected 'WFOFFER1' at its beginning"},
    {8, 2, "format 2, expected 1"},
    {12, 23, "23 sections, expected 22"},
    {36, 2, "lineage 1: generation 2, expected more than"},
    {40, 1, "base "},
    {44, 4, "languages of the texts: name 4, expected one of 3, or 0"},
    {128, 1, "config: begins at 513, expected 512"},
    {136, 1, "lineage: begins at "},
    {152 + 3, 1, "lineage: 16777219 items, at most"},
    {152, 200, "lineage: cut short, expected 200 items of 12 bytes at "},
    {128 + 16 * 22, 2, "goes back 2, expected 0 or 1"},
    {128 + 16 * 22 + 4, 1, "byte 0x01 between sections, expected 0"},
    {512 + 100, 1, "byte 0x01 between sections, expected 0"},
};

T_TEST(a_wrong_shape_is_told)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < COUNT(shapes); i++) {
		make_bytes(&b, 4, 5);
		b.p[shapes[i].at] = shapes[i].byte;
		if (shapes[i].at == 36)
			memset(b.p + 37, 0, 3);
		snapshot_seal(&b);
		T_EQ(read_bytes(&b, b.len, &e), -1);
		if (strstr(e.msg, shapes[i].text) == NULL)
			t_fail(__FILE__, __LINE__, "byte %zu: '%s', not '%s'",
			    shapes[i].at, e.msg, shapes[i].text);
		err_clear(&e);
	}
	make_bytes(&b, 4, 5);
	T_CALL(buf_puts(&b, "0123456789abcdef", &e), &e);
	snapshot_seal(&b);
	T_FAILS(read_bytes(&b, b.len, &e), &e, E_FORMAT, "16 bytes too many");
	buf_free(&b);
}

/* --- one field at a time --- */

#define SET(text, statement)                                                   \
	do {                                                                   \
		struct snapshot t = SNAPSHOT_INIT, *s = &t;                    \
		struct err e = ERR_INIT;                                       \
		snapshot_make(s, 40, 6, &e);                                   \
		T_CALL(snapshot_check(s, &e), &e);                             \
		statement;                                                     \
		T_FAILS(snapshot_check(s, &e), &e, E_FORMAT, text);            \
		snapshot_free(s);                                              \
	} while (0)

T_TEST(wrong_identities_are_refused)
{
	SET("generation 0, expected 1", s->npast = 0; s->generation = 0);
	SET("lineage 1: generation 1", s->past[1].generation = 1);
	SET("lineage 2: generation 5",
	    s->past[2].generation = s->generation = 5);
	SET("base ", s->epoch++);
	SET("updates 1: not behind", s->updates[1].id = s->updates[0].id);
	SET("updates 2: leaf 2", s->updates[2].leaf = 2);
	SET("updates 2: category 6", s->updates[2].category = 6);
	SET("updates 3: inverse from", s->updates[3].inverse += 1);
	SET("ids 0: update 999", s->ids[0].update = 999;
	    s->ids[0].live = SNAPSHOT_NONE; s->nrevisions = 0;
	    s->nclauses = s->nmembers = s->nuses = s->nfragments = 0;
	    s->nalternatives = 0);
	SET(
	    "ids: two of update ", s->ids[1].update = s->ids[0].update;
	    s->ids[1].revision = s->ids[0].revision;
	    for (size_t i = 0; i < s->nrevisions;
		 i++) if (s->revisions[i].n == 2) {
		    s->revisions[i].update = s->ids[1].update;
		    s->revisions[i].revision = s->ids[1].revision;
	    });
	SET("revisions 2: n ", s->revisions[2].n = s->revisions[1].n);
	SET("revisions 2: n ", s->revisions[2].update ^= 1);
	SET("revisions 2: n ", s->revisions[2].revision ^= 1);
	SET("revisions 2: n ", s->ids[s->revisions[2].n - 1].live = 1);
	SET("revisions 2: kind 0", s->revisions[2].kind = 0);
	SET("revisions 2: kind 5", s->revisions[2].kind = 5);
}

T_TEST(wrong_relations_are_refused)
{
	SET("revisions 0: clauses from 1", s->revisions[0].clauses = 1);
	SET("revisions 2: clauses from", s->revisions[2].clauses = 999);
	SET("revisions 2: members from", s->revisions[2].members = 999);
	SET("revisions 2: uses from", s->revisions[2].uses = 999);
	SET("revisions 2: fragments from 999", s->revisions[2].fragments = 999);
	SET("revisions 2: holders from", s->revisions[2].holders += 1);
	SET("clauses 1: IsCategory 2", s->clauses[1].category = 2);
	SET("clauses 0: alternatives from 1", s->clauses[0].first = 1);
	SET("clauses 3: alternatives from", s->clauses[3].first = 999);
	SET("alternatives 3: update 999", s->alternatives[3] = 999);
	SET("members 2: revision 999", s->members[2] = 999);
	SET("inverse", s->inverse[0] ^= 1);
	SET("inverse: ", s->ninverse--);
	SET("holders", s->holders[0] ^= 1);
	SET("holders: ", s->nholders--);
	SET("ages 1: update 999", s->ages[1].update = 999);
	SET("ages 1: not behind", s->ages[1] = s->ages[0]);
	SET("ages 2: not behind", s->ages[2].update = 0);
}

T_TEST(wrong_rings_are_refused)
{
	SET("rings 0: a name of other than", s->rings[0].name[1] = 'P');
	SET("rings 0: a name of other than", s->rings[0].name[9] = 'p');
	SET("rings 0: a name of other than", memset(s->rings[0].name, 0, 32));
	SET("rings 1: not the hash of its name", s->rings[1].hash ^= 1);
	SET("rings 1: the hash of ring 0",
	    memcpy(s->rings[1].name, s->rings[0].name, 32);
	    s->rings[1].hash = s->rings[0].hash);
	SET("rings 0: networks from 1", s->rings[0].networks = 1);
	SET("rings 1: words from 9", s->rings[1].words = 9);
	SET("rings 2: offers from 0", s->rings[2].offers = 0);
	SET("rings: none, but networks", s->nrings = 0);
	SET("networks 1: 129 bits", s->networks[1].bits = 129);
	SET("words 1: kind 2", s->words[1].kind = 2);
	SET("words 1: kind ", s->words[1].name = 3);
	SET("offers 1: revision 999", s->offers[1].revision = 999);
	SET("offers 1: revision ",
	    s->offers[1].revision = s->offers[0].revision);
	SET("offers 0: action 0", s->offers[0].action = 0);
	SET("offers 0: action 7", s->offers[0].action = 7);
	SET("offers 0: withheld for 6", s->offers[0].withheld = 6);
	SET("offers 0: withheld for 1 with action 1", s->offers[0].withheld = 1;
	    s->offers[0].action = 1);
	SET("offers 0: changed in 0", s->offers[0].changed = 0);
	SET("offers 0: changed in", s->offers[0].changed = s->generation + 1);
	SET("offers 0: action 3 with since 4294967295", s->offers[0].action = 3;
	    s->offers[0].withheld = 0; s->offers[0].held = SNAPSHOT_NONE);
	SET("offers 0: action 1 with since 5", s->offers[0].action = 1;
	    s->offers[0].withheld = 0; s->offers[0].held = 5);
	SET("offers 0: action 2 with since", s->offers[0].action = 2;
	    s->offers[0].withheld = 0; s->offers[0].held = SNAPSHOT_NONE;
	    s->offers[0].deadline = 1);
}

/* Two of one update stand nowhere near each other. */
T_TEST(two_revisions_of_one_update_in_a_ring_are_refused)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	size_t i, k = 0, first, end;
	bool found = false;

	snapshot_make(&s, 40, 6, &e);
	for (i = 0; !found && i < s.nrevisions; i++)
		for (k = i + 1; !found && k < s.nrevisions; k++)
			found = s.revisions[i].update == s.revisions[k].update;
	T_OK(found);
	i--;
	k--;
	first = s.rings[0].offers;
	end = s.rings[1].offers;
	T_OK(end - first >= 2);
	/* All others go. */
	s.offers[first].revision = (uint32_t)i;
	s.offers[first + 1].revision = (uint32_t)k;
	s.rings[1].offers = s.rings[2].offers = (uint32_t)first + 2;
	s.noffers = first + 2;
	T_FAILS(snapshot_check(&s, &e), &e, E_FORMAT,
	    "offers 1: a second revision of update");
	snapshot_free(&s);
}

T_TEST(wrong_texts_are_refused)
{
	SET("files 1: not behind",
	    memcpy(s->files[1].sha1, s->files[0].sha1, SHA1_LEN));
	SET("files 1: has a SHA-256 2", s->files[1].has_sha256 = 2);
	SET("files 1: has a SHA-256 0", s->files[1].has_sha256 = 0;
	    s->files[1].sha256[5] = 1);
	SET("files 1: no extension", s->files[1].ext[0] = '.');
	SET("files 1: no extension", s->files[1].ext[7] = 'x');
	SET("uses 1: file 999", s->uses[1].file = 999);
	SET("uses 1: file ", s->uses[1].ext[3] = 0);
	SET("segments 1: blocks from 1", s->segments[1].blocks = 1);
	SET("segments 0: 0 bytes", s->segments[0].size = 0);
	SET("segments 1: 9", s->segments[1].size = 9 * SNAPSHOT_BLOCK);
	SET("blocks: 5 items, expected 4",
	    s->segments[1].size = 2 * SNAPSHOT_BLOCK);
	SET("fragments 1: type 0", s->fragments[1].type = 0);
	SET("fragments 1: type 5", s->fragments[1].type = 5);
	SET("fragments 1: names 3", s->fragments[1].lang = 3);
	SET("fragments 1: names ", s->fragments[1].geo = 3);
	SET("fragments 1: names ", s->fragments[1].segment = 2);
	SET("fragments 1: 4294967295 bytes", s->fragments[1].len = UINT32_MAX);
	SET("fragments 1: ", s->fragments[1].off = UINT64_MAX);
	SET("names 1: 7 bytes", s->names[1].len = 7);
	SET("names 1: 2 bytes at 7", s->names[1].off = 7);
	SET("names 1: 2 bytes at 0", s->text[1] = 0xff);
}

T_TEST(what_cannot_be_read_is_not_written)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	snapshot_make(&s, 4, 7, &e);
	s.updates[0].leaf = 2;
	T_FAILS(snapshot_bytes(&s, &b, &e), &e, E_FORMAT, "leaf 2");
	T_EQ(b.len, 0);
	snapshot_free(&s);
	buf_free(&b);
}

T_TEST(blocks_of_a_segment)
{
	static uint8_t text[SNAPSHOT_BLOCK + 5];
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;

	snapshot_make(&s, 4, 8, &e);
	s.segments[1].size = 2 * SNAPSHOT_BLOCK + 5;
	memset(text, 'x', sizeof(text));
	blake_of(s.blocks[2].hash, BLAKE_LEN, text, SNAPSHOT_BLOCK);
	blake_of(s.blocks[4].hash, BLAKE_LEN, text, 5);
	T_CALL(snapshot_check_block(&s, 1, 0, text, SNAPSHOT_BLOCK, &e), &e);
	T_CALL(snapshot_check_block(&s, 1, 2, text, 5, &e), &e);
	T_FAILS(snapshot_check_block(&s, 1, 0, text, 5, &e), &e, E_FORMAT,
	    "block 0: 5 bytes, expected 1048576");
	T_FAILS(snapshot_check_block(&s, 1, 1, text, SNAPSHOT_BLOCK, &e), &e,
	    E_DIGEST, "block 1: its bytes and its hash differ");
	text[77] = 'y';
	T_FAILS(snapshot_check_block(&s, 1, 0, text, SNAPSHOT_BLOCK, &e), &e,
	    E_DIGEST, "block 0");
	snapshot_free(&s);
}

T_TEST(links_made_are_those_that_are_checked)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (unsigned size = 1; size < 200; size += 37) {
		snapshot_make(&s, size, size, &e);
		for (i = 0; i < s.nupdates; i++)
			s.updates[i].inverse = 99;
		for (i = 0; i < s.nrevisions; i++)
			s.revisions[i].holders = 99;
		s.ninverse = s.nholders = 0;
		T_CALL(snapshot_link(&s, &e), &e);
		T_CALL(snapshot_check(&s, &e), &e);
		snapshot_free(&s);
	}
}

/* Those of ids stay, whatever else was named. */
T_TEST(what_follows_knows_the_updates_that_ids_name)
{
	struct snapshot_key keys[] = {{.id = {.b = {5}}, .revision = 1},
	    {.id = {.b = {9}}, .revision = 1}};
	struct snapshot_key named[] = {{.id = {.b = {9}}}, {.id = {.b = {7}}},
	    {.id = {.b = {1}}}, {.id = {.b = {7}}}};
	struct snapshot s = SNAPSHOT_INIT, next = SNAPSHOT_INIT;
	struct guid store = {.b = {3}}, one = {.b = {1}}, nine = {.b = {9}};
	struct err e = ERR_INIT;

	T_CALL(snapshot_follow(&s, NULL, &store, 9, 1, &e), &e);
	T_CALL(snapshot_give_ids(&s, keys, 2, &e), &e);
	T_CALL(snapshot_learn(&s, named, 4, &e), &e);
	T_EQ(s.nupdates, 4);
	T_EQ(snapshot_find(&s, &one), 0);
	T_EQ(snapshot_find(&s, &nine), 3);
	T_EQ(s.ids[0].update, 1);
	T_EQ(s.ids[1].update, 3);
	T_CALL(snapshot_follow(&next, &s, NULL, 0, 2, &e), &e);
	T_EQ(next.nupdates, 2);
	T_EQ(snapshot_find(&next, &one), SNAPSHOT_NONE);
	T_EQ(next.ids[0].update, 0);
	T_EQ(next.ids[1].update, 1);
	snapshot_free(&s);
	snapshot_free(&next);
}

T_MAIN
