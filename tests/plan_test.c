/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/store/plan.h"
#include "lib/store/store.h"
#include "tests/plan_say.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static struct store *
begun(void)
{
	return make_begun(t_tmpdir());
}

static void
put(struct store *s, struct make *m)
{
	make_put_ok(s, m);
}

static void
plain(struct store *s, unsigned id, uint32_t revision)
{
	struct make m;

	make_update(&m, id, revision);
	put(s, &m);
}

static const struct selection newest = {.n = 0};
static const struct selection all = {.n = 0, .all_revisions = true};

T_TEST(an_order_that_is_valid_stays_as_it_arrived)
{
	struct store *s = begun();
	struct make m;

	plain(s, 5, 1);
	plain(s, 3, 1);
	make_update(&m, 9, 1);
	make_needs(&m, 0, 3);
	make_needs(&m, 1, 5);
	make_needs(&m, 1, 3);
	put(s, &m);
	plain(s, 1, 1);
	make_update(&m, 2, 4);
	make_bundles(&m, 9, 1);
	make_bundles(&m, 9, 1);
	make_needs(&m, 0, 1);
	put(s, &m);
	make_commit(s);
	T_STR(plan_say(s, &all), "5.1 3.1 9.1<1,0 1.1 2.4<3,2 ");
	T_STR(plan_say(s, &newest), "5.1 3.1 9.1<1,0 1.1 2.4<3,2 ");
	store_close(s);
}

T_TEST(what_comes_too_early_is_delayed_only_until_it_can_go)
{
	struct store *s = begun();
	struct make m;

	make_update(&m, 1, 1); /* needs 2 and 3, bundles 4.7 */
	make_needs(&m, 0, 2);
	make_needs(&m, 1, 3);
	make_bundles(&m, 4, 7);
	put(s, &m);
	make_update(&m, 6, 1);
	make_needs(&m, 0, 1);
	put(s, &m);
	plain(s, 3, 1);
	plain(s, 4, 7);
	plain(s, 5, 1);
	plain(s, 2, 1);
	plain(s, 8, 1);
	make_commit(s);
	T_STR(plan_say(s, &all), "3.1 4.7 5.1 2.1 1.1<3,0,1 6.1<4 8.1 ");
	store_close(s);
}

T_TEST(the_first_revision_of_an_id_satisfies)
{
	struct store *s = begun();
	struct make m;

	plain(s, 1, 100);
	make_update(&m, 2, 1);
	make_needs(&m, 0, 1);
	put(s, &m);
	plain(s, 1, 200);
	plain(s, 1, 50);
	make_commit(s);
	T_STR(plan_say(s, &all), "1.100 2.1<0 1.200 1.50 ");
	T_STR(plan_say(s, &newest), "1.200 2.1<0 ");
	store_close(s);
}

T_TEST(a_selection_takes_all_it_needs_and_no_more)
{
	struct guid one = make_guid(10), none = make_guid(99);
	struct selection sel = {.ids = &one, .n = 1};
	struct store *s = begun();
	struct make m;

	plain(s, 1, 1);
	plain(s, 1, 2);
	plain(s, 2, 1);
	plain(s, 3, 5);
	plain(s, 3, 6);
	plain(s, 4, 1);
	make_update(&m, 10, 1);
	make_needs(&m, 0, 2);
	make_bundles(&m, 3, 5);
	put(s, &m);
	make_update(&m, 10, 2);
	make_needs(&m, 1, 1);
	make_needs(&m, 1, 4);
	make_bundles(&m, 3, 5);
	put(s, &m);
	make_commit(s);
	T_STR(plan_say(s, &sel), "1.2 3.5 4.1 10.2<0,2,1 ");
	sel.all_revisions = true;
	T_STR(
	    plan_say(s, &sel), "1.1 1.2 2.1 3.5 3.6 4.1 10.1<2,3 10.2<0,5,3 ");
	sel.ids = &none;
	T_STR(plan_say(s, &sel),
	    "1: update ab4f0000-0000-0000-0000-000000000063: the store does "
	    "not hold it");
	store_close(s);
}

T_TEST(what_cannot_be_whole_is_left_out_with_all_that_needs_it)
{
	struct store *s = begun();
	struct make m;

	plain(s, 1, 1);
	make_update(&m, 2, 1); /* nobody has 70 */
	make_needs(&m, 0, 70);
	put(s, &m);
	make_update(&m, 3, 1); /* needs 2 */
	make_needs(&m, 0, 2);
	put(s, &m);
	make_update(&m, 4, 1); /* bundles 3 */
	make_bundles(&m, 3, 1);
	put(s, &m);
	make_update(&m, 5, 1); /* another revision of 1 than is held */
	make_bundles(&m, 1, 2);
	put(s, &m);
	make_update(&m, 6, 1); /* alternatives: one is there */
	make_needs(&m, 1, 70);
	make_needs(&m, 1, 1);
	make_needs(&m, 1, 3);
	put(s, &m);
	make_update(&m, 7, 1); /* alternatives: none */
	make_needs(&m, 1, 70);
	make_needs(&m, 1, 3);
	make_needs(&m, 2, 1);
	put(s, &m);
	make_commit(s);
	T_STR(plan_say(s, &all),
	    "-2.1(needs 70) -3.1(needs 2 held) "
	    "-4.1(bundles 3 held revision 1) -5.1(bundles 1 revision 2) "
	    "-7.1(needs one, 70 held) 1.1 6.1<0 ");
	store_close(s);
}

T_TEST(those_left_out_are_found_in_any_order_of_arrival)
{
	struct store *s = begun();
	struct make m;

	make_update(&m, 4, 1); /* bundles 3 */
	make_bundles(&m, 3, 1);
	put(s, &m);
	make_update(&m, 3, 1); /* needs 2 */
	make_needs(&m, 1, 2);
	put(s, &m);
	make_update(&m, 2, 1); /* nobody has 70 */
	make_needs(&m, 0, 70);
	put(s, &m);
	plain(s, 1, 1);
	make_commit(s);
	T_STR(plan_say(s, &all),
	    "-4.1(bundles 3 held revision 1) -3.1(needs one, 2 held) "
	    "-2.1(needs 70) 1.1 ");
	store_close(s);
}

T_TEST(another_revision_of_the_id_will_do_for_a_prerequisite)
{
	struct store *s = begun();
	struct make m;

	make_update(&m, 1, 1);
	make_needs(&m, 0, 70);
	put(s, &m);
	plain(s, 1, 2);
	make_update(&m, 2, 1);
	make_needs(&m, 0, 1);
	put(s, &m);
	make_commit(s);
	T_STR(plan_say(s, &all), "-1.1(needs 70) 1.2 2.1<0 ");
	store_close(s);
}

T_TEST(alternatives_give_way_on_a_circle_and_only_there)
{
	struct store *s = begun();
	struct make m;

	/* 8 waits for the circle, though one alternative is out. */
	make_update(&m, 8, 1);
	make_needs(&m, 1, 1);
	make_needs(&m, 1, 2);
	put(s, &m);
	plain(s, 1, 1);
	make_update(&m, 2, 1);
	make_needs(&m, 0, 3);
	put(s, &m);
	make_update(&m, 3, 1); /* either 1, which is out, or 2 */
	make_needs(&m, 1, 2);
	make_needs(&m, 1, 1);
	put(s, &m);
	make_update(&m, 9, 1);
	make_needs(&m, 0, 2);
	put(s, &m);
	make_commit(s);
	T_STR(plan_say(s, &all), "1.1 3.1<0 2.1<1 8.1<0,2 9.1<2 ");
	store_close(s);
}

T_TEST(of_several_that_could_open_a_circle_the_earliest_arrival_does)
{
	struct store *s = begun();
	struct make m;
	unsigned i;

	plain(s, 1, 1);
	for (i = 5; i >= 2; i--) { /* 5 <- 4 <- 3 <- 2 <- 5 */
		make_update(&m, i, 1);
		make_needs(&m, 1, i == 2 ? 5 : i - 1);
		make_needs(&m, 1, 1);
		put(s, &m);
	}
	make_commit(s);
	T_STR(plan_say(s, &all), "1.1 5.1<0 2.1<1,0 3.1<2,0 4.1<3,0 ");
	store_close(s);
}

T_TEST(a_circle_without_alternatives_is_an_error_that_names_it)
{
	struct store *s = begun();
	struct make m;

	plain(s, 1, 1);
	make_update(&m, 4, 1);
	make_needs(&m, 0, 2);
	put(s, &m);
	make_update(&m, 2, 1);
	make_needs(&m, 0, 1);
	make_needs(&m, 0, 3);
	put(s, &m);
	make_update(&m, 3, 1);
	make_bundles(&m, 2, 1);
	put(s, &m);
	make_commit(s);
	T_STR(plan_say(s, &all),
	    "3: update ab4a0000-0000-0000-0000-000000000002 revision 1: its "
	    "prerequisites and bundles lead back to itself, and no AtLeastOne "
	    "group opens the circle");
	store_close(s);
}

T_TEST(a_bundle_of_itself_is_a_circle)
{
	struct store *s = begun();
	struct make m;

	make_update(&m, 2, 1);
	make_bundles(&m, 2, 1);
	put(s, &m);
	make_commit(s);
	T_OK(strstr(plan_say(s, &all), "lead back to itself") != NULL);
	store_close(s);
}

T_TEST(an_empty_store_gives_an_empty_plan)
{
	struct store *s = begun();

	make_commit(s);
	T_STR(plan_say(s, &all), "");
	store_close(s);
}

#define MANY 400

/* A random graph put in a valid order; edges only backwards. */
static void
put_random(struct store *s, unsigned n)
{
	struct make m;
	unsigned i, j, k, next;

	for (i = 0; i < n; i++) {
		/* Now and then another revision of an id. */
		make_update(&m,
		    i > 0 && t_random() % 8 == 0 ? (unsigned)(t_random() % i)
						 : i,
		    1000 + i);
		k = i > 0 ? (unsigned)(t_random() % 6) : 0;
		for (j = 0; j < k; j++) {
			next = (unsigned)(t_random() % i);
			if (t_random() % 3 == 0)
				make_needs(&m, 1 + j / 2, next);
			else
				make_needs(&m, 0, next);
		}
		put(s, &m);
	}
}

struct names {
	struct guid id[MANY];
	uint32_t revision[MANY];
	unsigned n;
};

static int
note_name(void *arg, const struct store_rev *r, struct err *e)
{
	struct names *n = arg;

	(void)e;
	n->id[n->n] = r->id;
	n->revision[n->n++] = r->revision;
	return 0;
}

T_TEST(random_valid_orders_come_out_unchanged)
{
	static struct names names;
	struct err e = ERR_INIT;
	unsigned round, i;

	for (round = 0; round < 5; round++) {
		struct store *s = begun();
		struct plan p;

		/* An id that is never first would be missing: give all. */
		for (i = 0; i < MANY / 2; i++)
			plain(s, i, 1);
		put_random(s, MANY / 2);
		make_commit(s);
		names.n = 0;
		T_CALL(store_each_rev(s, note_name, &names, &e), &e);
		T_CALL(plan_make(&p, s, &all, NULL, NULL, &e), &e);
		T_EQ(p.n, names.n);
		T_EQ(p.left_out, 0);
		for (i = 0; i < p.n; i++)
			if (guid_cmp(&p.items[i].id, &names.id[i]) != 0 ||
			    p.items[i].revision != names.revision[i])
				t_fail(__FILE__, __LINE__,
				    "item %u is out of place", i);
		plan_free(&p);
		store_close(s);
	}
}

/* Edges in both directions: whatever comes out is in a valid order. */
T_TEST(random_orders_come_out_valid)
{
	struct err e = ERR_INIT;
	unsigned round, i, j;

	for (round = 0; round < 20; round++) {
		struct store *s = begun();
		struct plan p;
		struct make m;
		uint32_t k;

		for (i = 0; i < 60; i++) {
			unsigned id = (i * 7 + round) % 60;

			make_update(&m, id, 1);
			for (j = 0; j < t_random() % 4 && id > 0; j++)
				make_needs(&m, 0, (unsigned)(t_random() % id));
			if (id > 0 && t_random() % 4 == 0)
				make_bundles(
				    &m, (unsigned)(t_random() % id), 1);
			put(s, &m);
		}
		make_commit(s);
		T_CALL(plan_make(&p, s, &all, NULL, NULL, &e), &e);
		T_EQ(p.n, 60);
		for (i = 0; i < p.n; i++)
			for (k = 0; k < p.items[i].nedges; k++)
				T_OK(p.edges[p.items[i].edge + k] < i);
		plan_free(&p);
		store_close(s);
	}
}

T_TEST(a_selection_has_one_digest_whatever_its_order)
{
	struct guid a[3] = {make_guid(1), make_guid(2), make_guid(1)};
	struct guid b[2] = {make_guid(2), make_guid(1)};
	struct selection x = {.ids = a, .n = 3}, y = {.ids = b, .n = 2};
	uint8_t dx[SHA256_LEN], dy[SHA256_LEN];
	struct err e = ERR_INIT;

	T_CALL(plan_digest(&x, dx, &e), &e);
	T_CALL(plan_digest(&y, dy, &e), &e);
	T_MEM(dx, dy, SHA256_LEN);
	y.all_revisions = true;
	T_CALL(plan_digest(&y, dy, &e), &e);
	T_OK(memcmp(dx, dy, SHA256_LEN) != 0);
	y.n = 0;
	T_CALL(plan_digest(&y, dx, &e), &e);
	T_OK(memcmp(dx, dy, SHA256_LEN) != 0);
}

T_MAIN
