/* SPDX-License-Identifier: ISC */
/* Calls and bytes of a first scan, by hand. */
#include "lib/offer/offer_priv.h"

#include "formats/fragment.h"
#include "tests/t.h"

#define MOST 1000

/* n updates in one ring, each with a Core text of that length. */
struct rig {
	struct snapshot s;
	struct snapshot_update updates[MOST];
	struct snapshot_revision revisions[MOST];
	struct snapshot_fragment fragments[2 * MOST];
	struct snapshot_offer offers[MOST];
	struct snapshot_clause clauses[MOST];
	uint32_t alternatives[MOST];
	struct snapshot_ring ring;
};
static struct rig rig;

static struct snapshot *
make(size_t n, uint32_t len)
{
	struct snapshot *s = &rig.s;
	size_t i;

	memset(&rig, 0, sizeof(rig));
	*s = (struct snapshot){.updates = rig.updates,
	    .revisions = rig.revisions,
	    .fragments = rig.fragments,
	    .offers = rig.offers,
	    .clauses = rig.clauses,
	    .alternatives = rig.alternatives,
	    .rings = &rig.ring,
	    .nupdates = n,
	    .nrevisions = n,
	    .nfragments = 2 * n,
	    .noffers = n,
	    .nrings = 1};
	for (i = 0; i < n; i++) {
		rig.updates[i].leaf = 1;
		rig.revisions[i].update = (uint32_t)i;
		rig.revisions[i].kind = UPDATE_SOFTWARE;
		rig.revisions[i].fragments = (uint32_t)(2 * i);
		rig.fragments[2 * i].type = FRAGMENT_CORE;
		rig.fragments[2 * i].len = len;
		rig.fragments[2 * i + 1].type = FRAGMENT_EXTENDED;
		rig.fragments[2 * i + 1].len = 1 << 30;
		rig.offers[i].revision = (uint32_t)i;
	}
	return s;
}

static void
scans(struct snapshot *s, uint64_t calls, uint64_t updates, uint64_t bytes)
{
	struct offer_scan got;
	struct err e = ERR_INIT;

	T_CALL(snapshot_link(s, &e), &e);
	T_CALL(offer_scan(s, 0, &got, &e), &e);
	T_EQ(got.calls, calls);
	T_EQ(got.updates, updates);
	T_EQ(got.bytes, bytes);
	free(s->inverse);
	free(s->holders);
	s->inverse = s->holders = NULL;
}

/* The last call brings nothing, and so the scan ends. */
T_TEST(a_page_has_two_hundred_updates)
{
	scans(make(0, 1), 1, 0, 0);
	scans(make(200, 1000), 2, 200, 200000);
	scans(make(201, 1000), 3, 201, 201000);
	scans(make(450, 1000), 4, 450, 450000);
}

T_TEST(or_a_mebibyte_or_a_sixteenth_of_what_is_new)
{
	/* 100 of 100 KB: 10 MB, a page has 10. */
	scans(make(100, 100000), 11, 100, 10000000);
	/* 2.5 MB are a sixteenth: one a page, and so on to the last. */
	scans(make(20, 2000000), 21, 20, 40000000);
	scans(make(3, 5000000), 4, 3, 15000000);
}

T_TEST(what_needs_another_one_comes_after_it)
{
	struct snapshot *s = make(4, 10);
	size_t i;

	for (i = 0; i < 3; i++) {
		rig.updates[i].leaf = 0;
		rig.clauses[i].first = (uint32_t)i;
		rig.alternatives[i] = (uint32_t)i;
	}
	for (i = 1; i < 4; i++)
		rig.revisions[i].clauses = (uint32_t)i - 1;
	s->nclauses = s->nalternatives = 3;
	scans(s, 5, 4, 40);
	/* A leaf opens nothing. */
	rig.updates[1].leaf = 1;
	scans(s, 3, 2, 20);
}

T_TEST(drivers_are_another_pass)
{
	struct snapshot *s = make(3, 10);

	rig.revisions[1].kind = UPDATE_DRIVER;
	scans(s, 2, 2, 20);
}

T_MAIN
