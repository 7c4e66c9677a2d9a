/* SPDX-License-Identifier: ISC */
#include "lib/store/runs.h"

#include "lib/base/buf.h"
#include "lib/store/row_set.h"
#include "lib/store/store.h"
#include "tests/t.h"

/* "3 5-7" as a set. */
static struct row_set
set_of(const char *text)
{
	struct row_set s = {.bits = NULL};
	struct err e = ERR_INIT;
	long from, to;
	char *end;

	while (*text != '\0') {
		from = to = strtol(text, &end, 10);
		if (*end == '-')
			to = strtol(end + 1, &end, 10);
		for (; from <= to; from++)
			T_CALL(row_set_add(&s, from, &e), &e);
		text = end + (*end == ' ');
	}
	return s;
}

static bool
same(const struct row_set *a, const struct row_set *b)
{
	for (int64_t i = 0; i < a->n || i < b->n; i++)
		if (row_set_has(a, i) != row_set_has(b, i))
			return false;
	return true;
}

static const struct {
	const char *rows, *bytes;
	size_t n;
} good[] = {
    {"", "", 0},
    {"0", "\x00\x01", 2},
    {"1-3", "\x01\x03", 2},
    {"3 5-7", "\x03\x01\x01\x03", 4},
    {"0-1 127-128", "\x00\x02\x7d\x02", 4},
    {"128", "\x80\x01\x01", 3},
    {"1-300 1000", "\x01\xac\x02\xbb\x05\x01", 6},
};

T_TEST(a_set_has_one_form_and_comes_back)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct row_set s = set_of(good[i].rows), back = {.bits = NULL};
		struct buf b = BUF_INIT;
		struct err e = ERR_INIT;

		T_CALL(runs_write(&s, &b, &e), &e);
		T_EQ(b.len, good[i].n);
		if (good[i].n != 0)
			T_MEM(b.p, good[i].bytes, good[i].n);
		T_CALL(runs_read(&back, b.p, b.len, &e), &e);
		T_OK(same(&s, &back));
		row_set_free(&s);
		row_set_free(&back);
		buf_free(&b);
	}
}

T_TEST(what_is_read_is_added)
{
	struct row_set s = set_of("2 9"), all = set_of("2-4 9");
	struct err e = ERR_INIT;

	T_CALL(runs_read(&s, "\x03\x02", 2, &e), &e);
	T_OK(same(&s, &all));
	row_set_free(&s);
	row_set_free(&all);
}

T_TEST(random_sets_come_back)
{
	for (int round = 0; round < 50; round++) {
		struct row_set s = {.bits = NULL}, back = {.bits = NULL};
		struct buf b = BUF_INIT;
		struct err e = ERR_INIT;
		int64_t row = 0;

		for (int i = 0; i < 200; i++) {
			row += (int64_t)(t_random() %
				   (t_random() % 4 == 0 ? 3000 : 2)) +
			    1;
			T_CALL(row_set_add(&s, row, &e), &e);
		}
		T_CALL(runs_write(&s, &b, &e), &e);
		T_CALL(runs_read(&back, b.p, b.len, &e), &e);
		T_OK(same(&s, &back));
		row_set_free(&s);
		row_set_free(&back);
		buf_free(&b);
	}
}

static const struct {
	const char *bytes;
	size_t n;
	const char *what;
} bad[] = {
    {"\x01", 1, "cut short"},
    {"\x01\x80", 2, "cut short"},
    {"\x01\x03\x01", 3, "cut short"},
    {"\x01\x00", 2, "expected rows"},
    {"\x01\x03\x00\x01", 4, "some between"},
    {"\x81\x00\x01", 3, "the last of them not 0"},
    {"\x80\x80\x80\x80\x80\x01\x01", 7, "at most five bytes"},
    {"\xff\xff\xff\x7f\x02", 5, "expected rows below 268435456"},
    {"\x02\xff\xff\xff\x7f", 5, "expected rows below 268435456"},
    {"\xff\xff\xff\xff\x7f\x01", 6, "expected rows below 268435456"},
};

T_TEST(other_forms_are_refused)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct row_set s = {.bits = NULL};
		struct err e = ERR_INIT;

		T_FAILS(runs_read(&s, bad[i].bytes, bad[i].n, &e), &e, E_FORMAT,
		    bad[i].what);
		row_set_free(&s);
	}
}

T_TEST(every_truncation_is_refused_or_a_smaller_set)
{
	const char *bytes = good[6].bytes;

	for (size_t n = 0; n < good[6].n; n++) {
		struct row_set s = {.bits = NULL};
		struct err e = ERR_INIT;
		int r = runs_read(&s, bytes, n, &e);

		T_EQ(r, n == 0 || n == 3 ? 0 : -1);
		row_set_free(&s);
	}
}

T_MAIN
