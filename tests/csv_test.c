/* SPDX-License-Identifier: ISC */
#include "lib/base/csv.h"

#include "lib/base/sink.h"
#include "tests/t.h"

/* One field between two others, as a line. */
static void
field(const char *v, const char *want)
{
	struct csv c = CSV_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char line[200];
	struct sink to;

	sink_buf(&to, &b);
	csv_begin(&c);
	csv_num(&c, UINT64_MAX);
	csv_str(&c, v);
	csv_num(&c, 0);
	T_CALL(csv_end(&c, &to, &e), &e);
	snprintf(line, sizeof(line), "18446744073709551615,%s,0\r\n", want);
	T_STR(buf_str(&b, &e), line);
	csv_free(&c);
	buf_free(&b);
}

T_TEST(plain_text_stands_as_it_is)
{
	field("KB1 2", "KB1 2");
	field("a=b'c", "a=b'c");
	field("", "");
	field(NULL, "");
}

T_TEST(separators_quotes_and_line_ends_are_quoted)
{
	field("a,b", "\"a,b\"");
	field("a \"b\"", "\"a \"\"b\"\"\"");
	field("a\nb", "\"a\nb\"");
	field("a\rb", "\"a\rb\"");
}

T_TEST(what_a_spreadsheet_takes_for_a_formula_is_text)
{
	field("=1+1", "'=1+1");
	field("+1", "'+1");
	field("-1", "'-1");
	field("@SUM(A1)", "'@SUM(A1)");
	field("\t=1", "'\t=1");
	field("\r=1", "\"'\r=1\"");
	field("=a,\"b\"", "\"'=a,\"\"b\"\"\"");
}

T_TEST(what_a_terminal_would_act_on_is_not_there)
{
	field("a\x1b[2Jb\x7f\tc", "a?[2Jb?\tc");
	field("\xc2\x9b"
	      "31m\xc2\xa0\xc3\x9b\xe2\x82\xac",
	    "?31m\xc2\xa0\xc3\x9b\xe2\x82\xac");
}

T_TEST(lines_follow_each_other)
{
	struct csv c = CSV_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct sink to;
	int i;

	sink_buf(&to, &b);
	for (i = 0; i < 2; i++) {
		csv_begin(&c);
		csv_str(&c, i == 0 ? "x" : NULL);
		csv_num(&c, 7);
		T_CALL(csv_end(&c, &to, &e), &e);
	}
	T_STR(buf_str(&b, &e), "x,7\r\n,7\r\n");
	csv_free(&c);
	buf_free(&b);
}

T_MAIN
