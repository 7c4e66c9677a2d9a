/* SPDX-License-Identifier: ISC */
/* Destinations, what is acknowledged there, what transfers carried, events. */
#include "lib/store/destination.h"

#include <unistd.h>

#include "lib/store/event.h"
#include "lib/store/row_set.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"
#include "tests/t.h"

MAKE_IN_MEMORY

static struct row_set
rows(int64_t from, int64_t to)
{
	struct row_set s = {.bits = NULL};
	struct err e = ERR_INIT;

	for (; from <= to; from++)
		T_CALL(row_set_add(&s, from, &e), &e);
	return s;
}

static int64_t
count(const struct row_set *s)
{
	int64_t n = 0;

	for (int64_t i = 0; i < s->n; i++)
		n += row_set_has(s, i);
	return n;
}

T_TEST(a_name_is_checked)
{
	static const char *const bad[] = {"", "South", "a b", "s\xc3\xbc",
	    "a/b", "abcdefghijklmnopqrstuvwxyz0123456"};
	struct err e = ERR_INIT;

	T_CALL(destination_check("south-2", &e), &e);
	T_CALL(destination_check("abcdefghijklmnopqrstuvwxyz012345", &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		T_FAILS(destination_check(bad[i], &e), &e, E_USAGE,
		    "1 to 32 of a-z, 0-9 and '-'");
}

T_TEST(a_destination_comes_back_and_is_pinned)
{
	struct store *s = make_begun(t_tmpdir());
	struct destination d = {.name = "south", .since = 5}, back;
	const struct guid id = make_guid(3);
	struct err e = ERR_INIT;

	T_EQ(destination_find(s, "south", &back, &e), 0);
	T_CALL(destination_put(s, &d, &e), &e);
	T_EQ(destination_find(s, "south", &back, &e), 1);
	T_EQ(back.row, d.row);
	T_OK(!back.has_store && !back.has_key && back.base == 0);
	T_EQ(back.since, 5);
	T_EQ(destination_of_store(s, &id, &back, &e), 0);
	d.has_store = d.has_key = true;
	d.store = id;
	memset(d.key, 7, sizeof(d.key));
	T_CALL(destination_put(s, &d, &e), &e);
	T_EQ(destination_of_store(s, &id, &back, &e), 1);
	T_STR(back.name, "south");
	T_OK(back.has_key && back.key[31] == 7);
	/* One store is one destination. */
	d.row = 0;
	snprintf(d.name, sizeof(d.name), "east");
	T_FAILS(destination_put(s, &d, &e), &e, E_FORMAT, "destination.store");
	d.base = UINT64_MAX;
	T_FAILS(destination_put(s, &d, &e), &e, E_LIMIT, "beyond 2^63");
	store_close(s);
}

T_TEST(what_is_acknowledged_takes_the_place_of_what_was)
{
	struct store *s = make_begun(t_tmpdir());
	struct destination d = {.name = "south"}, back;
	struct row_set many = rows(1, 9), few = rows(2, 3);
	struct row_set none = {.bits = NULL}, got = {.bits = NULL};
	struct err e = ERR_INIT;

	T_CALL(destination_put(s, &d, &e), &e);
	T_CALL(destination_held(s, d.row, CARRIED_FILES, &got, &e), &e);
	T_EQ(count(&got), 0);
	T_CALL(destination_acknowledge(s, d.row, 4, &many, &few, &e), &e);
	T_CALL(destination_held(s, d.row, CARRIED_REVISIONS, &got, &e), &e);
	T_EQ(count(&got), 9);
	T_EQ(destination_find(s, "south", &back, &e), 1);
	T_EQ(back.base, 4);
	row_set_free(&got);
	T_CALL(destination_acknowledge(s, d.row, 6, &few, &none, &e), &e);
	T_CALL(destination_held(s, d.row, CARRIED_REVISIONS, &got, &e), &e);
	T_EQ(count(&got), 2);
	row_set_free(&got);
	T_CALL(destination_held(s, d.row, CARRIED_FILES, &got, &e), &e);
	T_EQ(count(&got), 0);
	row_set_free(&many);
	row_set_free(&few);
	row_set_free(&got);
	store_close(s);
}

T_TEST(what_a_transfer_carried_is_known_or_it_is_from_before)
{
	struct store *s = make_begun(t_tmpdir());
	struct row_set a = rows(1, 2), b = rows(5, 5), got = {.bits = NULL};
	struct err e = ERR_INIT;

	T_EQ(carried_add(s, 1, CARRIED_REVISIONS, &got, &e), 0);
	T_CALL(carried_put(s, 1, CARRIED_REVISIONS, &a, &e), &e);
	T_CALL(carried_put(s, 2, CARRIED_REVISIONS, &b, &e), &e);
	T_EQ(carried_add(s, 1, CARRIED_FILES, &got, &e), 0);
	T_EQ(carried_add(s, 1, CARRIED_REVISIONS, &got, &e), 1);
	T_EQ(carried_add(s, 2, CARRIED_REVISIONS, &got, &e), 1);
	T_EQ(count(&got), 3);
	row_set_free(&a);
	row_set_free(&b);
	row_set_free(&got);
	store_close(s);
}

T_TEST(a_damaged_set_is_told_with_its_row)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct row_set a = rows(1, 2), got = {.bits = NULL};
	struct err e = ERR_INIT;

	T_CALL(carried_put(s, 1, CARRIED_FILES, &a, &e), &e);
	make_commit(s);
	store_close(s);
	rig_sql(dir, "UPDATE carried SET runs = x'01'");
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_FAILS(carried_add(s, 1, CARRIED_FILES, &got, &e), &e, E_FORMAT,
	    "what ledger row 1 carried: a run of rows: cut short");
	row_set_free(&a);
	row_set_free(&got);
	store_close(s);
}

static int
note_event(void *arg, const struct event *v, struct err *e)
{
	(void)e;
	make_note(arg, "%s/%d/%s ", v->kind, (int)v->sequence, v->text);
	return 0;
}

T_TEST(events_are_added_and_never_changed)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct event v = {.time = 1,
	    .kind = EVENT_FORK,
	    .origin = make_guid(7),
	    .ledger = 8,
	    .sequence = 4,
	    .text = "one"};
	struct make_notes g = {""};
	struct err e = ERR_INIT;
	int64_t last = 9;

	T_CALL(event_last(s, EVENT_FORK, &v.origin, &last, &e), &e);
	T_EQ(last, 0);
	T_CALL(event_add(s, &v, &e), &e);
	v.sequence = 2;
	v.ledger = 5;
	v.text = "two";
	T_CALL(event_add(s, &v, &e), &e);
	T_CALL(event_each(s, note_event, &g, &e), &e);
	T_STR(g.text, "fork/4/one fork/2/two ");
	T_CALL(event_last(s, EVENT_FORK, &v.origin, &last, &e), &e);
	T_EQ(last, 8);
	T_CALL(event_last(s, EVENT_ALLOWED, &v.origin, &last, &e), &e);
	T_EQ(last, 0);
	make_commit(s);
	store_close(s);
	rig_write(dir,
	    "CREATE TABLE t AS SELECT 1; UPDATE OR IGNORE event SET text = 'x'"
	    " WHERE 0");
	T_EQ(rig_number(dir, "SELECT count(*) FROM event"), 2);
}

T_MAIN
