/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <unistd.h>

#include "lib/store/store_db.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

#define THREE "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"

T_TEST(a_loop_takes_each_row_and_closes)
{
	struct store *s = make_store(t_tmpdir());
	struct query q;
	struct err e;
	int r, sum = 0;

	r = query_text(&q, s, THREE, &e);
	while (query_each(&q, &r, &e)) {
		sum += sqlite3_column_int(q.st, 0);
		r = 1; /* only -1 ends it */
	}
	T_EQ(r, 0);
	T_EQ(sum, 6);
	T_OK(q.st == NULL);
	store_close(s);
}

T_TEST(a_loop_that_fails_ends_there_and_closes)
{
	struct store *s = make_store(t_tmpdir());
	struct query q;
	struct err e = ERR_INIT;
	int r, n = 0;

	r = query_text(&q, s, THREE, &e);
	while (query_each(&q, &r, &e))
		if (++n == 2)
			r = err_set(&e, E_FORMAT, "the second");
	T_EQ(r, -1);
	T_EQ(n, 2);
	T_OK(q.st == NULL);
	T_EQ(e.kind, E_FORMAT);
	store_close(s);
}

T_TEST(what_cannot_be_opened_has_no_rows)
{
	struct store *s = make_store(t_tmpdir());
	struct query q;
	struct err e = ERR_INIT;
	int r, n = 0;

	r = query_text(&q, s, "SELECT nothing", &e);
	query_int(&q, 1);
	while (query_each(&q, &r, &e))
		n++;
	T_EQ(r, -1);
	T_EQ(n, 0);
	store_close(s);
}

T_TEST(a_row_that_fails_is_told)
{
	struct store *s = make_store(t_tmpdir());
	struct query q;
	struct err e = ERR_INIT;
	int r, n = 0;

	r = query_text(&q, s, "SELECT 1 UNION ALL SELECT json('{')", &e);
	while (query_each(&q, &r, &e))
		n++;
	T_EQ(r, -1);
	T_EQ(n, 1);
	T_OK(strstr(e.msg, "malformed JSON") != NULL);
	store_close(s);
}

/* A change ends by its result. */
T_TEST(what_failed_is_rolled_back_and_what_did_not_is_kept)
{
	struct store *s = make_store(t_tmpdir());
	struct store_counts n;
	struct err e = ERR_INIT;
	struct make m;

	make_update(&m, 1, 1);
	T_CALL(store_begin(s, &e), &e);
	T_EQ(make_put(s, &m, &e), 0);
	T_EQ(store_end(s, -1, &e), -1);
	T_CALL(store_counts(s, &n, &e), &e);
	T_EQ(n.revisions, 0);
	T_CALL(store_begin(s, &e), &e);
	T_EQ(make_put(s, &m, &e), 0);
	T_EQ(store_end(s, 1, &e), 1);
	store_rollback(s);
	T_CALL(store_counts(s, &n, &e), &e);
	T_EQ(n.revisions, 1);
	store_close(s);
}

T_MAIN
