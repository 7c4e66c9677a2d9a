/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include "lib/store/row_set.h"
#include "lib/store/store.h"

T_TEST(a_set_of_rows_grows)
{
	struct err e = ERR_INIT;
	struct row_set s = {.bits = NULL};
	int64_t i;

	T_OK(!row_set_has(&s, 0));
	for (i = 1; i < 100000; i += 3)
		T_CALL(row_set_add(&s, i, &e), &e);
	for (i = 0; i < 100000; i++)
		if (row_set_has(&s, i) != (i % 3 == 1))
			t_fail(__FILE__, __LINE__, "row %d", (int)i);
	T_OK(!row_set_has(&s, INT64_MAX));
	row_set_free(&s);
}

/* A damaged row is neither a place in memory nor a lack of it. */
T_TEST(no_row_of_a_store_is_refused)
{
	static const int64_t rows[] = {
	    -1, INT64_MIN, STORE_ROWS_MAX, INT64_MAX - 7, INT64_MAX};
	struct err e = ERR_INIT;
	struct row_set s = {.bits = NULL};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		T_FAILS(row_set_add(&s, rows[i], &e), &e, E_FORMAT,
		    "is damaged: expected 0 to 268435455");
		T_OK(!row_set_has(&s, rows[i]));
	}
	T_EQ(s.n, 0);
	T_CALL(row_set_add(&s, 0, &e), &e);
	T_OK(row_set_has(&s, 0) && !row_set_has(&s, -1));
	row_set_free(&s);
}

T_MAIN
