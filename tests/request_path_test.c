/* SPDX-License-Identifier: ISC */
/* Paths and queries of requests, decoded. */
#include "tests/request_heads.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

static unsigned
path_of(const char *target, char out[REQUEST_TARGET_MAX + 1],
    struct request_fault *f)
{
	static char head[2 * REQUEST_TARGET_MAX];
	struct request rq;

	snprintf(head, sizeof(head), "GET %s HTTP/1.0\r\n\r\n", target);
	T_EQ(heads_read(&rq, head, strlen(head)), REQUEST_WHOLE);
	return request_path(&rq, out, f);
}

T_TEST(a_path_is_decoded_once_and_resolved)
{
	static const struct {
		const char *target, *path;
	} rows[] = {
	    {"/", "/"},
	    {"/a/b", "/a/b"},
	    {"/a/b/", "/a/b/"},
	    {"http://h", "/"},
	    {"http://h?x", "/"},
	    {"http://h/a?x", "/a"},
	    {"/%41%2fb", "/A/b"},
	    {"/a%2541", "/a%41"},
	    {"/a+b", "/a+b"},
	    {"/a%20b", "/a b"},
	    {"/a%ffb",
		"/a\xff"
		"b"},
	    {"/a?b=c%00", "/a"},
	    {"//", "/"},
	    {"///a//b//", "/a/b/"},
	    {"//host/a", "/host/a"},
	    {"/%2f%2Fa", "/a"},
	    {"/.", "/"},
	    {"/./", "/"},
	    {"/a/.", "/a/"},
	    {"/a/./b", "/a/b"},
	    {"/a/..", "/"},
	    {"/a/../", "/"},
	    {"/a/b/../c", "/a/c"},
	    {"/a/b/..", "/a/"},
	    {"/a/b/../..", "/"},
	    {"/a//../b", "/b"},
	    {"/a/%2e%2E/b", "/b"},
	    {"/a%2f..%2fb", "/b"},
	    {"/...", "/..."},
	    {"/.a", "/.a"},
	    {"/a.", "/a."},
	    {"/..a", "/..a"},
	    {"/a../b", "/a../b"},
	    {"/%5c..%5c", "/\\..\\"},
	};
	char out[REQUEST_TARGET_MAX + 1];
	size_t i;

	for (i = 0; i < N(rows); i++) {
		T_EQ(path_of(rows[i].target, out, NULL), 0);
		T_STR(out, rows[i].path);
	}
}

T_TEST(a_path_that_is_none_is_refused)
{
	static const struct {
		const char *target, *clause;
	} rows[] = {
	    {"/a%00b", "RFC 3986, 2.1"},
	    {"/a%0ab", "RFC 3986, 2.1"},
	    {"/a%7f", "RFC 3986, 2.1"},
	    {"/a%4", "RFC 3986, 2.1"},
	    {"/a%", "RFC 3986, 2.1"},
	    {"/a%4g", "RFC 3986, 2.1"},
	    {"/a%+1", "RFC 3986, 2.1"},
	    {"/..", "RFC 3986, 5.2.4"},
	    {"/../", "RFC 3986, 5.2.4"},
	    {"/../a", "RFC 3986, 5.2.4"},
	    {"/a/../../b", "RFC 3986, 5.2.4"},
	    {"/./../b", "RFC 3986, 5.2.4"},
	    {"//../b", "RFC 3986, 5.2.4"},
	    {"/%2e%2e/b", "RFC 3986, 5.2.4"},
	    {"/..%2fb", "RFC 3986, 5.2.4"},
	};
	char out[REQUEST_TARGET_MAX + 1];
	struct request_fault f = {0, NULL, NULL};
	size_t i;

	for (i = 0; i < N(rows); i++) {
		T_EQ(path_of(rows[i].target, out, &f), 400);
		T_EQ(f.status, 400);
		T_STR(f.clause, rows[i].clause);
	}
}

T_TEST(a_path_may_be_as_long_as_a_target)
{
	static char target[REQUEST_TARGET_MAX + 1];
	char out[REQUEST_TARGET_MAX + 1];

	memset(target, 'a', REQUEST_TARGET_MAX);
	target[0] = '/';
	T_EQ(path_of(target, out, NULL), 0);
	T_STR(out, target);
	memset(target, '/', REQUEST_TARGET_MAX);
	T_EQ(path_of(target, out, NULL), 0);
	T_STR(out, "/");
}

T_TEST(a_value_of_a_query_is_decoded_and_bounded)
{
	static const struct {
		const char *query, *key;
		unsigned nth;
		int r;
		const char *value;
	} rows[] = {
	    {"q=Elm+Defender", "q", 0, 1, "Elm Defender"},
	    {"q=Elm%20Defender", "q", 0, 1, "Elm Defender"},
	    {"q=4+%2B+Tools", "q", 0, 1, "4 + Tools"},
	    {"q=", "q", 0, 1, ""},
	    {"q", "q", 0, 1, ""},
	    {"", "q", 0, 0, ""},
	    {"p=1", "q", 0, 0, ""},
	    {"qq=1&q=2", "q", 0, 1, "2"},
	    {"q=a=b", "q", 0, 1, "a=b"},
	    {"&&q=1&", "q", 0, 1, "1"},
	    {"%71=1", "q", 0, 1, "1"},
	    {"Q=1", "q", 0, 0, ""},
	    {"q=1&q=2", "q", 0, 1, "1"},
	    {"q=1&q=2", "q", 1, 1, "2"},
	    {"q=1&q=2", "q", 2, 0, ""},
	    {"q=1;q=2", "q", 0, 1, "1;q=2"},
	    {"q=%c3%a9", "q", 0, 1, "\xc3\xa9"},
	    {"q=%ff", "q", 0, -1, ""},
	    {"q=%", "q", 0, -1, ""},
	    {"q=%4", "q", 0, -1, ""},
	    {"q=%zz", "q", 0, -1, ""},
	    {"q=%00", "q", 0, -1, ""},
	    {"q=a%0ab", "q", 0, -1, ""},
	    {"q=%ff&q=1", "q", 0, -1, ""},
	    {"%zz=1&q=2", "q", 0, 1, "2"},
	    {"%00q=1&q=2", "q", 0, 1, "2"},
	    {"x=%zz&q=2", "q", 0, 1, "2"},
	    {"q=12345678901234567890", "q", 0, 1, "12345678901234567890"},
	    {"q=123456789012345678901", "q", 0, -1, ""},
	    {"utm_source=an+address+of+another+portal&q=x", "q", 0, 1, "x"},
	    {"a_key_that_is_longer_than_any_that_is_asked_for=1&q=x", "q", 0, 1,
		"x"},
	};
	char out[21];
	size_t i;
	int r;

	for (i = 0; i < N(rows); i++) {
		struct slice s = {rows[i].query, strlen(rows[i].query)};

		r = request_query(s, rows[i].key, rows[i].nth, out, 20);
		if (r != rows[i].r || strcmp(out, rows[i].value) != 0)
			t_fail(__FILE__, __LINE__, "'%s': %d '%s', not %d '%s'",
			    rows[i].query, r, out, rows[i].r, rows[i].value);
	}
}

T_TEST(decoding_stays_within_its_room)
{
	char out[8];

	T_OK(request_decode(out, 3, SLICE("a+b"), true));
	T_STR(out, "a b");
	T_OK(request_decode(out, 3, SLICE("a+b"), false));
	T_STR(out, "a+b");
	T_OK(!request_decode(out, 3, SLICE("abcd"), true));
	T_OK(request_decode(out, 1, SLICE("%41"), true));
	T_OK(!request_decode(out, 7, (struct slice){"%41", 2}, true));
	T_OK(request_decode(out, 0, SLICE(""), true));
	T_STR(out, "");
}

T_TEST(letter_case_is_aside_where_it_is_asked)
{
	struct slice s = SLICE("/CONTENT/x");

	T_OK(request_same(s, "/content/X"));
	T_OK(!request_same(s, "/content/"));
	T_OK(!request_same(s, "/content/xy"));
	T_OK(!request_begins(&s, "/contents"));
	T_OK(request_begins(&s, "/content/"));
	T_OK(request_same(s, "X"));
	T_OK(!request_begins(&s, "xy"));
}

T_MAIN
