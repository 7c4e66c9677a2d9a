/* SPDX-License-Identifier: ISC */
/* Heads of requests: what they say, and why they are refused. */
#include "formats/request_priv.h"
#include "tests/request_heads.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

static bool
is_text(const struct request *rq, struct request_at at, const char *want)
{
	struct slice s = request_text(rq, at);

	return s.n == strlen(want) && memcmp(s.p, want, s.n) == 0;
}

T_TEST(a_native_request_is_read)
{
	struct request rq;
	struct slice s;
	unsigned i = 0;

	T_EQ(
	    heads_read(&rq, heads_native, strlen(heads_native)), REQUEST_WHOLE);
	T_EQ(rq.size, strlen(heads_native));
	T_EQ(rq.method, REQUEST_GET);
	T_EQ(rq.minor, 1);
	T_OK(rq.persistent && rq.has_length && !rq.chunked && !rq.expects);
	T_EQ(rq.length, 0);
	T_OK(is_text(&rq, rq.path,
	    "/Content/AB/2F88DF42DA48AA980FB748D13BAA2DE49CD154AB.exe"));
	T_OK(is_text(&rq, rq.target,
	    "/Content/AB/2F88DF42DA48AA980FB748D13BAA2DE49CD154AB.exe"));
	T_OK(is_text(&rq, rq.query, ""));
	T_OK(is_text(&rq, rq.word, "GET"));
	T_OK(is_text(&rq, rq.authority, "192.0.2.1:8530"));
	T_OK(is_text(&rq, rq.host, "192.0.2.1"));
	T_EQ(rq.nheaders, 7);
	T_OK(request_only(&rq, REQUEST_CONNECTION, &s));
	T_OK(request_same(s, "Keep-Alive"));
	T_OK(request_only(&rq, REQUEST_RANGE, &s));
	T_OK(request_same(s, "BYTES=102760448-103809023"));
	T_OK(request_other(&rq, "ms-cv", &i, &s));
	T_OK(request_same(s, "e8u3dmxOhkGW0Ilt.2.0.0.8.1.1.3.1.1.115"));
	T_OK(!request_other(&rq, "ms-cv", &i, &s));
}

/* The bytes may be kept elsewhere. */
T_TEST(a_head_can_be_moved)
{
	static char copy[512];
	struct request rq, kept;
	struct slice s;

	T_EQ(
	    heads_read(&rq, heads_native, strlen(heads_native)), REQUEST_WHOLE);
	memcpy(copy, rq.base, rq.size);
	kept = rq;
	kept.base = copy;
	T_OK(request_only(&kept, REQUEST_USER_AGENT, &s));
	T_OK(s.p > copy && s.p < copy + sizeof(copy));
	T_OK(request_same(s, "Microsoft-Delivery-Optimization/10.1"));
}

T_TEST(what_a_target_says)
{
	static const struct {
		const char *line, *path, *query, *authority, *host;
		bool https;
	} rows[] = {
	    {"GET /a/b?c=d&e HTTP/1.1", "/a/b", "c=d&e", "a", "a", false},
	    {"GET /? HTTP/1.1", "/", "", "a", "a", false},
	    {"GET /?a?b/c HTTP/1.1", "/", "a?b/c", "a", "a", false},
	    {"GET //x/y HTTP/1.1", "//x/y", "", "a", "a", false},
	    {"GET /a:b@c,d;e=f!$&'()*+~ HTTP/1.1", "/a:b@c,d;e=f!$&'()*+~", "",
		"a", "a", false},
	    {"GET /[]^|?[]^|`{}\\ HTTP/1.1", "/[]^|", "[]^|`{}\\", "a", "a",
		false},
	    {"GET http://b/c?d HTTP/1.1", "/c", "d", "b", "b", false},
	    {"GET http://b:80 HTTP/1.1", "", "", "b:80", "b", false},
	    {"GET HTTP://b?d HTTP/1.1", "", "d", "b", "b", false},
	    {"GET hTTps://B.c-d_e:8531/f HTTP/1.1", "/f", "", "B.c-d_e:8531",
		"B.c-d_e", true},
	    {"GET http://[::1]:80/ HTTP/1.1", "/", "", "[::1]:80", "[::1]",
		false},
	    {"OPTIONS * HTTP/1.1", "*", "", "a", "a", false},
	    {"OPTIONS /x HTTP/1.1", "/x", "", "a", "a", false},
	    {"CONNECT b:443 HTTP/1.1", "", "", "b:443", "b", false},
	};
	char head[200];
	struct request rq;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		snprintf(head, sizeof(head), "%s\r\n" HOST END, rows[i].line);
		if (heads_read(&rq, head, strlen(head)) != REQUEST_WHOLE ||
		    !is_text(&rq, rq.path, rows[i].path) ||
		    !is_text(&rq, rq.query, rows[i].query) ||
		    !is_text(&rq, rq.authority, rows[i].authority) ||
		    !is_text(&rq, rq.host, rows[i].host) ||
		    rq.https != rows[i].https)
			t_fail(__FILE__, __LINE__, "'%s': %s", rows[i].line,
			    rq.fault.status != 0 ? rq.fault.why : "otherwise");
	}
}

T_TEST(what_could_be_read_in_two_ways_is_refused)
{
	struct request rq;
	size_t i;

	for (i = 0; heads_bad[i].head != NULL; i++) {
		enum request_result r = heads_read(
		    &rq, heads_bad[i].head, strlen(heads_bad[i].head));

		if (r != REQUEST_BAD ||
		    rq.fault.status != heads_bad[i].status ||
		    strcmp(rq.fault.clause, heads_bad[i].clause) != 0)
			t_fail(__FILE__, __LINE__,
			    "row %zu '%s': %d, %u (%s: %s), not %u (%s)", i,
			    heads_bad[i].head, (int)r, rq.fault.status,
			    rq.fault.why != NULL ? rq.fault.why : "",
			    rq.fault.clause != NULL ? rq.fault.clause : "",
			    heads_bad[i].status, heads_bad[i].clause);
	}
}

T_TEST(a_nul_is_no_part_of_a_head)
{
	static const char *const at[] = {
	    "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n",
	    "GET /abb HTTP/1.1\r\nHo\0t: a\r\n\r\n",
	    "GET /abb HTTP/1.1\r\nHost: \0\r\n\r\n",
	};
	struct request rq;
	size_t i;

	for (i = 0; i < N(at); i++) {
		T_EQ(heads_read(&rq, at[i], 30), REQUEST_BAD);
		T_EQ(rq.fault.status, 400);
		T_STR(rq.fault.clause, "RFC 9110, 5.5");
	}
}

T_TEST(what_a_head_says_of_connection_and_body)
{
	struct request rq;
	size_t i;

	for (i = 0; heads_good[i].head != NULL; i++) {
		size_t n = strlen(heads_good[i].head);

		if (heads_read(&rq, heads_good[i].head, n) != REQUEST_WHOLE ||
		    rq.size != n || rq.minor != heads_good[i].minor ||
		    rq.persistent != heads_good[i].persistent ||
		    rq.expects != heads_good[i].expects ||
		    rq.chunked != heads_good[i].chunked ||
		    rq.has_length != heads_good[i].has_length ||
		    rq.length != heads_good[i].length)
			t_fail(__FILE__, __LINE__, "row %zu '%s': %s", i,
			    heads_good[i].head,
			    rq.fault.status != 0 ? rq.fault.why : "otherwise");
	}
}

T_TEST(lists_go_over_repeated_lines)
{
	static const char head[] = GET "Connection: a , ,b\r\n"
				       "X: c\r\n"
				       "Connection:\r\n"
				       "connection: \"d,e\" f,\"g\r\n\r\n";
	static const char *const want[] = {"a", "b", "\"d,e\" f", "\"g"};
	struct request_list l = REQUEST_LIST(REQUEST_CONNECTION);
	struct request_list none = REQUEST_LIST(REQUEST_EXPECT);
	struct request rq;
	struct slice s;
	size_t i;

	T_EQ(heads_read(&rq, head, sizeof(head) - 1), REQUEST_WHOLE);
	for (i = 0; i < N(want); i++) {
		T_OK(request_list(&rq, &l, &s));
		T_EQ(s.n, strlen(want[i]));
		T_OK(request_same(s, want[i]));
	}
	T_OK(!request_list(&rq, &l, &s));
	T_OK(!request_list(&rq, &none, &s));
	T_OK(!request_only(&rq, REQUEST_CONNECTION, &s));
}

/* The classes of bytes, as the standards spell them. */
T_TEST(bytes_are_of_the_classes_of_the_standards)
{
#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	static const struct {
		unsigned class;
		const char *members;
	} rows[] = {
	    {REQUEST_TOKEN, ALNUM "!#$%&'*+-.^_`|~"},
	    {REQUEST_IN_PATH, ALNUM "-._~!$&'()*+,;=:@%/[]^|"},
	    {REQUEST_IN_QUERY, ALNUM "-._~!$&'()*+,;=:@%/[]^|?`{}\\"},
	    {REQUEST_IN_NAME, ALNUM "-._"},
	    {REQUEST_IN_ADDRESS, "0123456789abcdefABCDEF:."},
	};
	unsigned c, i;

	for (c = 0; c < 256; c++) {
		bool text = c == '\t' || (c >= 0x20 && c != 0x7f);

		T_EQ((request_class[c] & REQUEST_TEXT) != 0, text);
		for (i = 0; i < N(rows); i++)
			if (((request_class[c] & rows[i].class) != 0) !=
			    (c != 0 && strchr(rows[i].members, (int)c) != NULL))
				t_fail(__FILE__, __LINE__, "0x%02x in %u", c,
				    rows[i].class);
	}
}

T_MAIN
