/* SPDX-License-Identifier: ISC */
/* Plans of what a destination lacks. */
#include "tests/t.h"

#include <unistd.h>

#include "lib/store/plan.h"
#include "lib/store/row_set.h"
#include "lib/store/store.h"
#include "tests/plan_say.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

static void
plain(struct store *s, unsigned id, uint32_t revision)
{
	struct make m;

	make_update(&m, id, revision);
	make_put_ok(s, &m);
}

/* "1 4" as a set of rows. */
static struct row_set
rows(const char *text)
{
	struct row_set s = {.bits = NULL};
	struct err e = ERR_INIT;
	char *end;

	for (; *text != '\0'; text = end + (*end == ' '))
		T_CALL(row_set_add(&s, strtol(text, &end, 10), &e), &e);
	return s;
}

/* Category 1 (rows 1, 6), prerequisite 2 (row 2), bundle 3 (row 4, and 7) of
   part 4 (row 3), 5 (row 5) by itself, 6 (row 8) that lacks something. */
static struct store *
increments(void)
{
	struct store *s = make_begun(t_tmpdir());
	struct make m;

	make_category(&m, 1, CATEGORY_PRODUCT);
	make_put_ok(s, &m);
	plain(s, 2, 1);
	plain(s, 4, 1);
	make_update(&m, 3, 1);
	make_needs(&m, 1, 1);
	make_needs(&m, 0, 2);
	make_bundles(&m, 4, 1);
	make_put_ok(s, &m);
	plain(s, 5, 1);
	make_category(&m, 1, CATEGORY_PRODUCT);
	m.u.revision = 2;
	make_put_ok(s, &m);
	make_update(&m, 3, 2);
	make_needs(&m, 1, 1);
	make_needs(&m, 0, 2);
	make_bundles(&m, 4, 1);
	make_put_ok(s, &m);
	make_update(&m, 6, 1);
	make_needs(&m, 0, 70);
	make_put_ok(s, &m);
	make_commit(s);
	return s;
}

T_TEST(an_increment_is_what_is_not_held_with_all_it_needs_in_its_newest)
{
	static const struct {
		const char *what, *held, *sent, *also, *chosen, *plan;
	} table[] = {
	    {"all held", "1 2 3 4 5 6 7 8", "", "", NULL, ""},
	    {"none held", "", "", "", NULL,
		"-6.1(needs 70) 1.1 2.1 4.1 3.1<0,1,2 5.1 1.2 3.2<0,1,2 "},
	    {"one by itself", "1 2 3 4 6 7 8", "", "", NULL, "5.1 "},
	    {"a newer one with what it needs", "1 2 3 4 5 6 8", "", "", NULL,
		"2.1 4.1 1.2 3.2<2,0,1 "},
	    {"a category alone", "1 2 3 4 5 7 8", "", "", NULL, "1.2 "},
	    {"not selected", "1 2", "", "", "5", "5.1 "},
	    {"selected by another revision", "1 2 3 6", "", "", "4",
		"2.1 4.1 1.2 3.1<2,0,1 3.2<2,0,1 "},
	    {"newer than what is held", "1 4", "1 4", "", "5",
		"2.1 4.1 5.1 1.2 3.2<3,0,1 "},
	    {"newer than what was sent", "5", "4", "", "5",
		"2.1 4.1 1.2 3.2<2,0,1 "},
	    {"held, and named", "1 2 3 4 5 6 7 8", "", "5", NULL, "5.1 "},
	};
	struct store *s = increments();

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct row_set held = rows(table[i].held);
		struct row_set sent = rows(table[i].sent);
		struct row_set also = rows(table[i].also), chosen;
		struct plan_base base = {
		    .held = &held, .sent = &sent, .also = &also};
		struct selection sel = {.all_revisions = true, .base = &base};
		unsigned before = t_failures();

		if (table[i].chosen != NULL) {
			chosen = rows(table[i].chosen);
			sel.rows = &chosen;
		}
		T_STR(plan_say(s, &sel), table[i].plan);
		if (t_failures() != before)
			t_fail(
			    __FILE__, __LINE__, "that was: %s", table[i].what);
		row_set_free(&held);
		row_set_free(&sent);
		row_set_free(&also);
		if (table[i].chosen != NULL)
			row_set_free(&chosen);
	}
	store_close(s);
}

T_TEST(an_increment_of_named_updates_has_their_newest_at_least)
{
	struct store *s = increments();
	struct row_set held = rows("1 2 3 4 5 6 7"), none = rows("");
	struct guid id = make_guid(3);
	struct plan_base base = {.held = &held, .sent = &none};
	struct selection sel = {
	    .ids = &id, .n = 1, .all_revisions = true, .base = &base};

	T_STR(plan_say(s, &sel), "2.1 4.1 1.2 3.2<2,0,1 ");
	row_set_free(&held);
	row_set_free(&none);
	store_close(s);
}

T_TEST(what_waits_is_not_asked_for_and_goes_where_it_is_needed)
{
	struct store *s = increments();
	struct row_set none = rows(""), waits = rows("1 2 3 5 6"), also;
	struct plan_base base = {.held = &none, .sent = &none};
	struct selection sel = {.all_revisions = true, .waits = &waits};
	struct guid id = make_guid(5);

	/* 5 waits; 3 is asked for, and brings what it needs. */
	T_STR(plan_say(s, &sel),
	    "-6.1(needs 70) 1.1 2.1 4.1 3.1<0,1,2 1.2 3.2<0,1,2 ");
	row_set_free(&waits);
	waits = rows("1 2 3 4 6 7");
	T_STR(plan_say(s, &sel), "-6.1(needs 70) 5.1 ");
	/* So in an increment, also of what is asked for beside the rest. */
	sel.base = &base;
	T_STR(plan_say(s, &sel), "-6.1(needs 70) 5.1 ");
	row_set_free(&waits);
	waits = rows("1 2 3 4 5 6 7");
	also = rows("5");
	base.also = &also;
	T_STR(plan_say(s, &sel), "-6.1(needs 70) ");
	sel.ids = &id;
	sel.n = 1;
	T_STR(plan_say(s, &sel), "");
	row_set_free(&none);
	row_set_free(&waits);
	row_set_free(&also);
	store_close(s);
}

T_TEST(rows_select_every_revision_of_their_updates)
{
	struct store *s = increments();
	struct row_set chosen = rows("4");
	struct selection sel = {.rows = &chosen, .all_revisions = true};

	T_STR(plan_say(s, &sel), "1.1 2.1 4.1 3.1<0,1,2 1.2 3.2<0,1,2 ");
	sel.all_revisions = false;
	T_STR(plan_say(s, &sel), "2.1 4.1 1.2 3.2<2,0,1 ");
	row_set_free(&chosen);
	store_close(s);
}

T_MAIN
