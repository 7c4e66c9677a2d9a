/* SPDX-License-Identifier: ISC */
#include "formats/wanted.h"

#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/t.h"

#define A "0000000000000000000000000000000000000001"
#define B "F572D396FAE9206628714FB2CE00F72E94F2258F"
#define T1 "2026-11-29T12:00:00Z"
#define T2 "2026-11-30T00:00:01Z"
#define ROW_A A "\t3\t2\t" T1 "\t" T2 "\n"
#define ROW_B B "\t1\t1\t" T1 "\t" T1 "\n"
#define TITLE WANTED_TITLE "\n"

static const struct wanted_limits *const lim = &wanted_default_limits;

static int
read_text(struct wanted *w, const char *text, size_t n, struct err *e)
{
	char *copy = malloc(n == 0 ? 1 : n); /* no byte behind it */
	int r;

	memcpy(copy, text, n);
	r = wanted_read(w, copy, n, lim, e);
	free(copy);
	return r;
}

static const char *
text_of(const struct wanted *w)
{
	static struct buf b;
	struct err e = ERR_INIT;
	struct sink to;

	b.max = BUF_MAX_DEFAULT;
	buf_reset(&b);
	sink_buf(&to, &b);
	T_CALL(wanted_write(w, lim, &to, &e), &e);
	return buf_str(&b, &e);
}

T_TEST(what_is_read_is_written_to_the_byte)
{
	static const char *const texts[] = {TITLE, TITLE ROW_A, TITLE ROW_B,
	    TITLE ROW_A ROW_B,
	    TITLE A "\t9007199254740992\t64\t1970-01-01T00:00:00Z\t"
		    "9999-12-31T23:59:59Z\n"};
	struct err e = ERR_INIT;
	struct wanted w;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		T_CALL(read_text(&w, texts[i], strlen(texts[i]), &e), &e);
		T_STR(text_of(&w), texts[i]);
		wanted_free(&w);
	}
}

T_TEST(every_truncation_is_an_error)
{
	static const char text[] = TITLE ROW_A ROW_B;
	struct err e = ERR_INIT;
	struct wanted w;
	size_t n;
	int r;

	for (n = 0; n < sizeof(text) - 1; n++) {
		r = read_text(&w, text, n, &e);
		/* Rows are whole in themselves. */
		if (n == strlen(TITLE) || n == strlen(TITLE ROW_A)) {
			T_EQ(r, 0);
		} else {
			T_EQ(r, -1);
			T_EQ(e.kind, E_FORMAT);
			err_clear(&e);
		}
		wanted_free(&w);
	}
}

T_TEST(each_wrong_field_is_told)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "line 1: cut short"},
	    {"wsusferry-wanted 2\n", "line 1: expected 'wsusferry-wanted 1'"},
	    {WANTED_TITLE "\r\n", "line 1: expected"},
	    {TITLE "\n", "line 2: 1 fields: expected 5"},
	    {TITLE A "\t1\t1\t" T1 "\n", "line 2: 4 fields"},
	    {TITLE A "\t1\t1\t" T1 "\t" T1 "\t\n", "line 2: more than 5"},
	    {TITLE "0" A "\t1\t1\t" T1 "\t" T1 "\n", "expected 40 hex digits"},
	    {TITLE "f572D396FAE9206628714FB2CE00F72E94F2258F\t1\t1\t" T1 "\t" T1
		   "\n",
		"upper case"},
	    {TITLE A "\t0\t1\t" T1 "\t" T1 "\n", "0 requests: expected 1 to"},
	    {TITLE A "\t01\t1\t" T1 "\t" T1 "\n",
		"requests: expected a number"},
	    {TITLE A "\t-1\t1\t" T1 "\t" T1 "\n",
		"requests: expected a number"},
	    {TITLE A "\t9007199254740993\t1\t" T1 "\t" T1 "\n",
		"expected 1 to"},
	    {TITLE A "\t1\t0\t" T1 "\t" T1 "\n", "0 addresses"},
	    {TITLE A "\t1\t2\t" T1 "\t" T1 "\n", "2 addresses"},
	    {TITLE A "\t99\t65\t" T1 "\t" T1 "\n", "65 addresses"},
	    {TITLE A "\t99\t99999999999\t" T1 "\t" T1 "\n", "addresses"},
	    {TITLE A "\t1\tx\t" T1 "\t" T1 "\n",
		"addresses: expected a number"},
	    {TITLE A "\t1\t1\t" T2 "\t" T1 "\n", "before the first"},
	    {TITLE A "\t1\t1\t2026-11-29T12:00:00.5Z\t" T1 "\n",
		"first: expected a time"},
	    {TITLE A "\t1\t1\t" T1 "\t2026-13-29T12:00:00Z\n",
		"last: expected a time"},
	    {TITLE A "\t1\t1\t1969-12-31T23:59:59Z\t" T1 "\n",
		"first: expected"},
	    {TITLE ROW_B ROW_A, "line 3: digest: expected one that is higher"},
	    {TITLE ROW_A ROW_A, "line 3: digest: expected one that is higher"},
	};
	struct err e = ERR_INIT;
	struct wanted w;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		T_FAILS(read_text(&w, rows[i].text, strlen(rows[i].text), &e),
		    &e, E_FORMAT, rows[i].says);
		wanted_free(&w);
	}
}

static void
digest(uint8_t sha1[SHA1_LEN], unsigned n)
{
	memset(sha1, 0, SHA1_LEN);
	sha1[0] = (uint8_t)(7 * n); /* in no order */
	sha1[19] = (uint8_t)n;
}

T_TEST(a_time_of_nul_bytes_is_no_time)
{
	static const char *const says[] = {
	    "first: expected a time", "last: expected a time"};
	struct err e = ERR_INIT;
	struct wanted w;
	size_t i;

	for (i = 0; i < 2; i++) {
		char text[] = TITLE A "\t1\t1\t" T1 "\t" T1 "\n";
		char *at = text + sizeof(text) - 2 - strlen(T1);

		if (i == 0)
			at -= strlen(T1) + 1;
		memset(at, 0, strlen(T1));
		T_FAILS(read_text(&w, text, sizeof(text) - 1, &e), &e, E_FORMAT,
		    says[i]);
		wanted_free(&w);
	}
}

T_TEST(requests_are_counted_and_the_oldest_makes_way)
{
	const struct wanted_limits few = {
	    .max_rows = 3, .max_number = 2, .max_addresses = 64};
	struct wanted w = WANTED_INIT;
	struct err e = ERR_INIT;
	struct wanted_row *r;
	uint8_t sha1[SHA1_LEN];
	unsigned i;

	for (i = 1; i <= 5; i++) {
		digest(sha1, i);
		T_CALL(wanted_note(&w, sha1, 1000 + i, &few, &r, &e), &e);
		T_EQ(r->requests, 1);
		if (i < 3) /* asked for again, 1 is not the oldest */
			continue;
		digest(sha1, 1);
		T_CALL(wanted_note(&w, sha1, 1000 + i, &few, &r, &e), &e);
		T_EQ(r->first, 1001);
		T_EQ(r->requests, 2); /* and not more than can be told */
	}
	T_EQ(w.n, 3);
	digest(sha1, 2);
	T_OK(memcmp(w.v[0].sha1, sha1, SHA1_LEN) != 0);
	T_OK(strncmp(text_of(&w), TITLE, strlen(TITLE)) == 0);
	wanted_free(&w);
}

T_TEST(too_many_rows_are_refused)
{
	const struct wanted_limits one = {
	    .max_rows = 1, .max_number = 9, .max_addresses = 9};
	static const char text[] = TITLE ROW_A ROW_B;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct wanted w;
	struct sink to;

	T_FAILS(wanted_read(&w, text, strlen(text), &one, &e), &e, E_LIMIT,
	    "line 3: more than 1 rows");
	wanted_free(&w);
	T_CALL(read_text(&w, text, strlen(text), &e), &e);
	sink_buf(&to, &b);
	T_FAILS(wanted_write(&w, &one, &to, &e), &e, E_LIMIT, "2 rows");
	wanted_free(&w);
	buf_free(&b);
}

T_MAIN
