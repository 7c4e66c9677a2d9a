/* SPDX-License-Identifier: ISC */
/* ledger.tsv: wsusferry-transfer(5). */
#include <string.h>

#include "formats/bag.h"
#include "lib/base/buf.h"
#include "tests/t.h"

#define A "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
#define Z "0000000000000000000000000000000000000000000000000000000000000000"

static const char good[] = "1\t" A "\twritten\n"
			   "7\t" Z "\tresumed\n"
			   "9223372036854775807\t" A "\twritten\n";

static int
put(void *arg, const struct bag_ledger_line *l, struct err *e)
{
	return bag_put_ledger(arg, l, e);
}

static int
read_text(struct buf *back, const char *text, size_t n, size_t step,
    uint64_t *lines, struct err *e)
{
	struct bag_ledger *r = NULL;
	int result = -1;

	buf_reset(back);
	if (bag_ledger_open(&r, put, back, e) == 0)
		result = 0;
	for (size_t at = 0; result == 0 && at < n; at += step)
		result = sink_write(bag_ledger_sink(r), text + at,
		    n - at < step ? n - at : step, e);
	if (result == 0)
		result = bag_ledger_finish(r, lines, e);
	bag_ledger_close(r);
	return result;
}

T_TEST(a_ledger_is_read_and_written_back_in_portions_of_any_size)
{
	struct buf back = BUF_INIT;
	struct err e = ERR_INIT;
	size_t n = strlen(good);
	uint64_t lines;

	for (size_t step = 1; step <= n; step += 5) {
		T_CALL(read_text(&back, good, n, step, &lines, &e), &e);
		T_EQ(lines, 3);
		T_EQ(back.len, n);
		T_MEM(back.p, good, n);
	}
	T_CALL(read_text(&back, "", 0, 1, &lines, &e), &e);
	T_EQ(lines, 0);
	buf_free(&back);
}

T_TEST(every_truncation_is_refused_unless_it_ends_a_line)
{
	struct buf back = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t n = 1; n < strlen(good); n++) {
		int r = read_text(&back, good, n, n, NULL, &e);

		T_EQ(r, good[n - 1] == '\n' ? 0 : -1);
		err_clear(&e);
	}
	buf_free(&back);
}

static const struct {
	const char *text, *why;
	uint64_t at;
} bad[] = {
    {"\n", "line 1: expected three fields parted by tabs", 0},
    {"1\t" A "\n", "line 1: expected three fields", 66},
    {"1\t" A "\twritten\t\n", "line 1: expected three fields", 67},
    {"0\t" A "\twritten\n", "line 1: expected a sequence from 1", 0},
    {"01\t" A "\twritten\n", "line 1: expected a sequence from 1", 0},
    {"9223372036854775808\t" A "\twritten\n", "a sequence from 1", 0},
    {"1\t" A "0\twritten\n", "64 lower-case hex digits", 2},
    {"1\tA" A "\twritten\n", "64 lower-case hex digits", 2},
    {"1\t" A "\tWritten\n", "the word 'written' or 'resumed'", 67},
    {"1\t" A "\t\n", "the word 'written' or 'resumed'", 67},
    {"1\t" A "\twritten\n1\t" Z "\twritten\n", "line 2: expected a higher", 75},
    {"2\t" A "\twritten\n1\t" Z "\twritten\n", "line 2: expected a higher", 75},
};

T_TEST(other_forms_are_refused)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf back = BUF_INIT;
		struct err e = ERR_INIT;
		const char *text = bad[i].text;

		T_FAILS(read_text(&back, text, strlen(text), 9, NULL, &e), &e,
		    E_FORMAT, bad[i].why);
		if (read_text(&back, text, strlen(text), 9, NULL, &e) == -1)
			T_EQ(e.at, bad[i].at);
		buf_free(&back);
	}
}

T_TEST(a_line_more_than_the_limit_is_refused)
{
	struct buf text = BUF_INIT, back = BUF_INIT;
	struct bag_ledger_line l = {.sequence = 0};
	struct err e = ERR_INIT;

	T_FAILS(bag_put_ledger(&text, &l, &e), &e, E_FORMAT, "from 1");
	while (l.sequence++ < BAG_MAX_LEDGER)
		T_CALL(bag_put_ledger(&text, &l, &e), &e);
	T_CALL(read_text(&back, (char *)text.p, text.len, 4096, NULL, &e), &e);
	T_OK(text.len < BAG_MAX_TAG);
	T_CALL(bag_put_ledger(&text, &l, &e), &e);
	T_FAILS(read_text(&back, (char *)text.p, text.len, 4096, NULL, &e), &e,
	    E_LIMIT, "more than 10000 lines");
	buf_free(&text);
	buf_free(&back);
}

T_MAIN
