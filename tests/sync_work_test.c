/* SPDX-License-Identifier: ISC */
/* The work list. */
#include "tests/t.h"

#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "tests/sync_make.h"

MAKE_IN_MEMORY

T_TEST(work_comes_by_kind_id_and_revision)
{
	/* Numbers whose identities are in this order. */
	static const unsigned ids[] = {7, 1, 8, 2};
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	size_t i;

	for (i = 4; i > 0; i--) {
		T_EQ(sync_list(s, up, SYNC_CLOSURE, ids[i - 1] + 50, 1), 1);
		T_EQ(sync_list(s, up, SYNC_LIST, ids[i - 1], 200), 1);
		T_EQ(sync_list(s, up, SYNC_LIST, ids[i - 1], 9), 1);
		T_EQ(sync_list(s, up, SYNC_CONFIG, ids[i - 1] + 90, 1), 1);
	}
	T_STR(sync_todos(s, up),
	    "1 97.1 tries 0;1 91.1 tries 0;1 98.1 tries 0;1 92.1 tries 0;"
	    "2 7.9 tries 0;2 7.200 tries 0;2 1.9 tries 0;2 1.200 tries 0;"
	    "2 8.9 tries 0;2 8.200 tries 0;2 2.9 tries 0;2 2.200 tries 0;"
	    "3 57.1 tries 0;3 51.1 tries 0;3 58.1 tries 0;3 52.1 tries 0;");
	store_close(s);
}

T_TEST(what_is_held_or_received_or_listed_is_not_added)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct make m;

	make_update(&m, 1, 5);
	make_put_ok(s, &m);
	make_update(&m, 2, 5);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 5), 0);
	T_EQ(sync_list(s, up, SYNC_LIST, 2, 5), 0);
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 6), 1);
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 6), 0);
	T_EQ(sync_list(s, up, SYNC_CLOSURE, 1, 6), 0);
	T_EQ(sync_list(s, up, SYNC_CONFIG, 1, 6), 0);
	T_EQ(sync_list(s, up, SYNC_LIST, 3, UINT32_MAX), 1);
	T_STR(sync_todos(s, up), "2 1.6 tries 0;2 3.4294967295 tries 0;");
	store_close(s);
}

T_TEST(upstreams_have_work_of_their_own)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct guid id = make_guid(1);
	struct sync_upstream other;
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(sync_upstream(s, "http://other", &other, &e), &e);
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 1), 1);
	T_EQ(sync_list(s, other.row, SYNC_LIST, 1, 1), 1);
	T_CALL(sync_unavailable(s, up, &id, 1, "gone", &e), &e);
	T_STR(sync_todos(s, up), "");
	T_STR(sync_todos(s, other.row), "2 1.1 tries 0;");
	/* Had from one, it is needed from no other. */
	make_update(&m, 1, 1);
	sync_bring_ok(s, other.row, SYNC_LIST, &m);
	T_STR(sync_counted(s, up),
	    "todo 0 tried 0 unavailable 0 inbox 1 of 13 bytes");
	store_close(s);
}

T_TEST(later_stays_to_do_and_unavailable_does_not)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct guid one = make_guid(1), two = make_guid(2);
	struct err e = ERR_INIT;

	T_EQ(sync_list(s, up, SYNC_LIST, 1, 1), 1);
	T_EQ(sync_list(s, up, SYNC_LIST, 2, 1), 1);
	T_EQ(sync_list(s, up, SYNC_LIST, 3, 1), 1);
	T_CALL(sync_later(s, up, &one, 1, "busy", &e), &e);
	T_CALL(sync_later(s, up, &one, 1, "busy", &e), &e);
	T_CALL(sync_unavailable(s, up, &two, 1, "no such update", &e), &e);
	T_STR(sync_todos(s, up), "2 1.1 tries 2;2 3.1 tries 0;");
	T_STR(sync_counted(s, up),
	    "todo 2 tried 1 unavailable 1 inbox 0 of 0 bytes");
	/* A list of changes does not ask for it again. */
	T_EQ(sync_list(s, up, SYNC_LIST, 2, 1), 0);
	T_STR(sync_todos(s, up), "2 1.1 tries 2;2 3.1 tries 0;");
	store_close(s);
}

static struct store *
with_unavailable(int64_t *up)
{
	struct store *s = sync_store(t_tmpdir(), up);
	struct guid id;
	struct err e = ERR_INIT;
	unsigned i;

	for (i = 1; i <= 4; i++) {
		id = make_guid(i);
		T_EQ(sync_list(s, *up, (enum sync_kind)(i < 4 ? i : 2), i, 1),
		    1);
		T_CALL(sync_unavailable(s, *up, &id, 1, "gone", &e), &e);
	}
	return s;
}

T_TEST(a_full_list_asks_again_for_what_it_lists)
{
	int64_t up;
	struct store *s = with_unavailable(&up);
	struct err e = ERR_INIT;
	uint64_t absent;

	T_CALL(sync_listed_begin(s, up, SYNC_LIST, true, &e), &e);
	T_EQ(sync_list(s, up, SYNC_LIST, 2, 1), 1);
	T_EQ(sync_list(s, up, SYNC_LIST, 2, 1), 0);
	T_CALL(sync_listed_end(s, up, SYNC_LIST, SYNC_NOW, &absent, &e), &e);
	/* 3 is what a document refers to; 4 is not listed any more. */
	T_STR(sync_todos(s, up), "2 2.1 tries 1;3 3.1 tries 1;");
	T_STR(sync_counted(s, up),
	    "todo 2 tried 2 unavailable 1 inbox 0 of 0 bytes");
	T_CALL(sync_listed_begin(s, up, SYNC_CONFIG, true, &e), &e);
	T_EQ(sync_list(s, up, SYNC_CONFIG, 1, 1), 1);
	T_CALL(sync_listed_end(s, up, SYNC_CONFIG, SYNC_NOW, &absent, &e), &e);
	T_STR(sync_todos(s, up), "1 1.1 tries 1;2 2.1 tries 1;3 3.1 tries 1;");
	T_EQ(sync_list(s, up, SYNC_LIST, 4, 1), 1);
	store_close(s);
}

static int
no_fault(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)arg, (void)e;
	t_fail(__FILE__, __LINE__, "%s: %s", what, fault->msg);
	return 0;
}

T_TEST(what_any_revision_would_do_for_dangles_until_one_is_there)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 60, 1);
	make_put_ok(s, &m);
	make_update(&m, 61, 1);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_EQ(sync_list(s, up, SYNC_LIST, 62, 1), 1);
	make_update(&m, 10, 1);
	make_needs(&m, 0, 60);
	make_needs(&m, 0, 61);
	make_needs(&m, 0, 62);
	make_needs(&m, 1, 70);
	make_needs(&m, 1, 71);
	make_needs(&m, 1, 72);
	make_needs(&m, 2, 70);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_STR(sync_danglings(s, up), "70 71 72 ");
	T_STR(sync_todos(s, up), "2 62.1 tries 0;");
	/* One is put, one arrives, one is listed: and dangles no more. */
	make_update(&m, 70, 3);
	make_put_ok(s, &m);
	T_STR(sync_danglings(s, up), "71 72 ");
	make_update(&m, 71, 3);
	sync_bring_ok(s, up, SYNC_CLOSURE, &m);
	T_STR(sync_danglings(s, up), "72 ");
	T_EQ(sync_list(s, up, SYNC_CLOSURE, 72, 3), 1);
	T_STR(sync_danglings(s, up), "");
	/* Nothing is left of them. */
	make_commit(s);
	T_CALL(check_all(s, false, 2, no_fault, NULL, &e), &e);
	store_close(s);
}

T_TEST(dangling_ids_are_counted_and_given_up_for_a_time)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct guid id[2], gone = make_guid(70);
	struct err e = ERR_INIT;
	struct make m;
	uint64_t absent;

	make_update(&m, 10, 1);
	make_needs(&m, 0, 70);
	make_needs(&m, 0, 71);
	make_needs(&m, 0, 72);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	T_EQ(sync_dangling(s, up, id, 2, &e), 2);
	T_EQ(sync_number(&id[1]), 71);
	T_CALL(sync_unavailable(s, up, &gone, 0, "unknown", &e), &e);
	T_STR(sync_danglings(s, up), "71 72 ");
	sync_put_all(s, up);
	T_STR(sync_danglings(s, up), "");
	T_STR(sync_counted(s, up),
	    "todo 0 tried 0 unavailable 0 inbox 0 of 0 bytes");
	T_CALL(sync_listed_begin(s, up, SYNC_LIST, true, &e), &e);
	T_CALL(sync_listed_end(s, up, SYNC_LIST, SYNC_NOW, &absent, &e), &e);
	T_STR(sync_danglings(s, up), "70 71 72 ");
	store_close(s);
}

/* An import may bring it meanwhile. */
T_TEST(work_for_what_was_put_by_another_way_goes)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct make m;

	T_EQ(sync_list(s, up, SYNC_LIST, 1, 1), 1);
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 2), 1);
	make_update(&m, 10, 1);
	make_needs(&m, 0, 70);
	make_needs(&m, 0, 71);
	sync_bring_ok(s, up, SYNC_LIST, &m);
	make_update(&m, 1, 2);
	make_put_ok(s, &m);
	make_update(&m, 70, 9);
	make_put_ok(s, &m);
	make_commit(s);
	T_STR(sync_todos(s, up), "2 1.1 tries 0;");
	T_STR(sync_danglings(s, up), "71 ");
	store_close(s);
}

T_TEST(a_reason_is_cut_to_its_length_and_cleaned)
{
	int64_t up;
	struct store *s = sync_store(t_tmpdir(), &up);
	struct guid id = make_guid(1);
	struct err e = ERR_INIT;
	char why[1000];

	memset(why, 'x', sizeof(why) - 1);
	why[0] = '\n';
	why[SYNC_WHY_MAX - 2] = '\xc3'; /* and the rest is cut off */
	why[sizeof(why) - 1] = '\0';
	T_EQ(sync_list(s, up, SYNC_LIST, 1, 1), 1);
	T_CALL(sync_later(s, up, &id, 1, why, &e), &e);
	T_STR(sync_todos(s, up), "2 1.1 tries 1;");
	store_close(s);
}

T_MAIN
