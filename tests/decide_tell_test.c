/* SPDX-License-Identifier: ISC */
/* The sentences of decide_tell(). */
#include "lib/base/buf.h"
#include "lib/offer/decide.h"
#include "tests/t.h"
#include "tests/toy.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define ID(n) "a0000000-0000-0000-0000-000000000" n "00"
#define EULA "e0000000-0000-0000-0000-000000000001"
#define FILE1 "0101010101010101010101010101010101010101"
#define FILE2 "0202020202020202020202020202020202020202"
#define ALL "kb = 1\naction = install\n"

/*
 * Day 20000 is 2024-10-04; all arrived two days before.  1: category; 3:
 * detectoid, which 9 needs; 4: driver; 5: file 0, which is here; supersedes 6,
 * which supersedes 7.  6: file 1, absent.  7: file 2, without SHA-256.  8: a
 * part with a licence, of 9.  10: expired.  11: a bundle of 12, which nobody
 * holds, and of 8.  KB numbers are the ids, to 6 for 5 and 6 and 1 for 7, 9.
 */
static const struct toy_rev revs[] = {
    {.id = 1, .type = UPDATE_CATEGORY},
    {.id = 3, .type = UPDATE_DETECTOID},
    {.id = 4, .type = UPDATE_DRIVER, .deployable = true},
    {.id = 5,
	.kb = 5,
	.nfiles = 1,
	.files = {0},
	.nsupersedes = 1,
	.supersedes = {6},
	.deployable = true},
    {.id = 6,
	.kb = 6,
	.nfiles = 1,
	.files = {1},
	.nsupersedes = 1,
	.supersedes = {7},
	.deployable = true},
    {.id = 7, .kb = 1, .nfiles = 1, .files = {2}, .deployable = true},
    {.id = 8, .eula = 1},
    {.id = 9,
	.kb = 2,
	.nparts = 1,
	.npart = {1},
	.parts = {{{8, 1}}},
	.nclauses = 1,
	.nclause = {1},
	.clauses = {{3}},
	.deployable = true},
    {.id = 10, .kb = 3, .deployable = true, .expired = true},
    {.id = 11,
	.kb = 4,
	.nparts = 2,
	.npart = {1, 1},
	.parts = {{{12, 7}}, {{8, 1}}},
	.deployable = true},
};

static const struct {
	const char *lines;
	unsigned id;
	const char *want;
} rows[] = {
    {"", 12, "no revision of it is held\nnot sent to clients\n"},
    {"", 1, "of type Category, which is not approved\nsent for evaluation\n"},
    {"", 4, "of type Driver, which is not approved\nnot sent to clients\n"},
    {"", 3,
	"of type Detectoid, which is not approved\n"
	"sent for evaluation, needed by " ID("9") "\n"},
    {"", 8,
	"not approved by itself: it comes inside a bundle\n"
	"sent as a member of " ID("9") "\n"},
    {"", 10, "expired by its publisher\nnot sent to clients\n"},
    {"decline = 5\n", 5, "declined by line 2\nnot sent to clients\n"},
    {"approve-upstream = G\n", 9,
	"declined by the upstream\nnot sent to clients\n"},
    {"approve-upstream = G\ndeadline = 1\n", 5,
	"by the upstream's approval: optional\n"
	"offered, since 2024-10-04, deadline 2024-10-05T00:00:00Z\n"},
    {"", 5, "no line approves it\nwatched: clients report it\n"},
    {"watch = none\n", 5, "no line approves it\nnot sent to clients\n"},
    {"approve = 5 by 2024-12-01T03:00Z\n", 5,
	"approved by its KB number in line 2: install\n"
	"offered, since 2024-10-04, deadline 2024-12-01T03:00:00Z\n"},
    {"approve = " ID("5") " none\n", 5,
	"approved by its id in line 2: none\nwatched: clients report it\n"},
    {ALL, 5, "the ring's action: install\noffered, since 2024-10-04\n"},
    {ALL "delay = 3\n", 5,
	"the ring's action: install\n"
	"withheld, delay: until 2024-10-05; complete since 2024-10-02\n"
	"watched: clients report it\n"},
    {ALL "freeze = 2024-10-03..2024-10-05\nfreeze = 2024-10-06..2024-10-06\n",
	5,
	"the ring's action: install\nwithheld, freeze: until 2024-10-07\n"
	"watched: clients report it\n"},
    {ALL, 6,
	"no action: superseded by " ID("5") ", which has its action\n"
					    "not sent to clients\n"},
    {ALL, 7,
	"no action: superseded by " ID("6") ", and that by what has its "
					    "action\nnot sent to clients\n"},
    {ALL "decline = 5\n", 6,
	"the ring's action: install\nwithheld, absent: file " FILE1 "\n"
	"watched: clients report it\n"},
    {ALL "decline = 5\n", 7,
	"the ring's action: install\n"
	"withheld, sha1-only: no SHA-256 is declared of file " FILE2 "\n"
	"superseded by " ID("6") ", which has not taken its place yet\n"
				 "watched: clients report it\n"},
    {ALL, 9,
	"the ring's action: install\n"
	"withheld, eula: wants 'accept-eula = " EULA "'\n"
	"watched: clients report it\n"},
    {ALL "accept-eula = " EULA "\n", 9,
	"the ring's action: install\noffered, since 2024-10-04\n"},
    {ALL, 11,
	"the ring's action: install\n"
	"withheld, absent: unheld member " ID(
	    "c") " revision 7\n"
		 "watched: clients report it\n"},
    {ALL "decline = " ID("8") "\n", 9,
	"the ring's action: install\n"
	"withheld, absent: declined member " ID(
	    "8") " revision 1\n"
		 "watched: clients report it\n"},
};

static void
make_world(struct toy *w)
{
	unsigned i;

	*w = (struct toy){.nrevs = COUNT(revs),
	    .now = TOY_DAY * (int64_t)86400,
	    .files = {{.present = true, .sha256 = true}, {.sha256 = true},
		{.present = true}}};
	for (i = 0; i < COUNT(revs); i++) {
		w->revs[i] = revs[i];
		w->revs[i].revision = 1;
		w->revs[i].arrived = TOY_DAY - 2;
		if (revs[i].type == 0)
			w->revs[i].type = UPDATE_SOFTWARE;
	}
}

static int
tell(const struct facts *f, const struct rings_ring *ring, unsigned id,
    struct buf *b, struct err *e)
{
	static const struct decide_upstream up[] = {
	    {.update = 4, .action = RINGS_OPTIONAL},
	    {.update = 8, .declined = true}};
	static const uint8_t all[] = {0xff, 0xff};
	struct decide_ring r = {
	    .ring = ring, .selected = rings_selects(ring) ? all : NULL};
	struct decide_rows out;
	struct decide d;
	int got = -1;

	if (ring->upstream != NULL) {
		r.upstream = up;
		r.nupstream = COUNT(up);
	}
	if (decide_open(&d, f, NULL, TOY_DAY * (int64_t)86400, 1, e) == 0 &&
	    decide_ring(&d, &r, &out, e) == 0)
		got = decide_tell(&d, id - 1, b, e);
	decide_close(&d);
	return got;
}

T_TEST(every_reason_has_its_sentence)
{
	struct facts f = FACTS_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct rings r;
	char text[500];
	struct toy w;
	size_t i;

	make_world(&w);
	T_CALL(toy_facts(&f, &w, &e), &e);
	for (i = 0; i < COUNT(rows); i++) {
		r = (struct rings)RINGS_INIT;
		buf_reset(&b);
		snprintf(text, sizeof(text), "ring = a\n%s", rows[i].lines);
		T_CALL(rings_read(&r, text, strlen(text), &e), &e);
		T_CALL(tell(&f, &r.v[0], rows[i].id, &b, &e), &e);
		T_STR(buf_str(&b, &e), rows[i].want);
		rings_free(&r);
	}
	buf_free(&b);
	facts_free(&f);
}

T_MAIN
