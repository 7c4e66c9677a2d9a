/* SPDX-License-Identifier: ISC */
/* The server's words: targets, names, conditions, ranges. */
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/net/httpd_parse.h"
#include "lib/net/httpd_watch.h"
#include "lib/store/store_show.h"
#include "lib/serve/serve_priv.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define SHA "307239632577DD22E1977183F77462919DDFAD83"

T_TEST(a_place_to_listen_is_a_host_and_a_port)
{
	static const struct {
		const char *text, *host;
		unsigned port;
		bool v6;
	} good[] = {
	    {"127.0.0.1:8530", "127.0.0.1", 8530, false},
	    {"[::1]:0", "::1", 0, true},
	    {"[::]:65535", "::", 65535, true},
	    {"localhost:80", "localhost", 80, false},
	};
	static const char *const bad[] = {"", ":", "8530", "a:", ":80", "a:b",
	    "a:65536", "a:-1", "a:+1", "a: 1", "::1:80", "[::1]", "[::1]80",
	    "[]:80", "[::1:80", "a:1:2", "a:99999999999999999999"};
	struct err e = ERR_INIT;
	struct httpd_where w;
	size_t i;

	for (i = 0; i < N(good); i++) {
		T_CALL(httpd_where_read(&w, good[i].text, &e), &e);
		T_STR(w.host, good[i].host);
		T_EQ(w.port, good[i].port);
		T_EQ(w.v6, good[i].v6);
	}
	for (i = 0; i < N(bad); i++)
		T_FAILS(
		    httpd_where_read(&w, bad[i], &e), &e, E_USAGE, "expected");
}

T_TEST(a_target_is_decoded_once_and_strictly)
{
	static const struct {
		const char *target;
		unsigned status;
		const char *path;
	} rows[] = {
	    {"/a/b", 0, "/a/b"},
	    {"/%41%2fb", 0, "/A/b"},
	    {"/a%2541", 0, "/a%41"},
	    {"/a+b", 0, "/a+b"},
	    {"/a?b=c%00", 0, "/a"},
	    {"/a#b", 0, "/a"},
	    {"http://host:1/a?b", 0, "/a"},
	    {"HTTP://host", 0, "/"},
	    {"http://host?x", 0, "/"},
	    {"/../../etc/passwd", 0, "/../../etc/passwd"},
	    {"/a%00b", 400, NULL},
	    {"/a%0ab", 400, NULL},
	    {"/a%7f", 400, NULL},
	    {"/a\x01", 400, NULL},
	    {"/a b", 400, NULL},
	    {"/a%20b", 0, "/a b"},
	    {"/a%4", 400, NULL},
	    {"/a%", 400, NULL},
	    {"/a%4g", 400, NULL},
	    {"/a%+1", 400, NULL},
	    {"*", 400, NULL},
	    {"a", 400, NULL},
	    {"https://host/a", 400, NULL},
	    {"host:80", 400, NULL},
	};
	char path[HTTPD_TARGET_MAX + 1], target[HTTPD_TARGET_MAX + 2];
	size_t i;

	for (i = 0; i < N(rows); i++) {
		T_EQ(httpd_path(path, rows[i].target), rows[i].status);
		if (rows[i].status == 0)
			T_STR(path, rows[i].path);
	}
	memset(target, '/', sizeof(target));
	target[sizeof(target) - 1] = '\0';
	T_EQ(httpd_path(path, target + 1), 0);
	T_EQ(strlen(path), HTTPD_TARGET_MAX);
	target[sizeof(target) - 1] = '\0';
	target[HTTPD_TARGET_MAX] = 'x';
	T_EQ(strlen(target), HTTPD_TARGET_MAX + 1);
	T_EQ(httpd_path(path, target), 414);
}

T_TEST(a_value_of_a_query_is_bounded)
{
	char out[HTTPD_QUERY_MAX + 1];

	T_OK(httpd_decode(out, 3, "a+b", 3, true));
	T_STR(out, "a b");
	T_OK(httpd_decode(out, 3, "a+b", 3, false));
	T_STR(out, "a+b");
	T_OK(!httpd_decode(out, 3, "abcd", 4, true));
	T_OK(httpd_decode(out, 1, "%41", 3, true));
	T_OK(!httpd_decode(out, 9, "%41", 2, true));
}

T_TEST(a_name_of_payload_is_its_digest)
{
	static const struct {
		const char *path, *ext;
	} rows[] = {
	    {"/Content/83/" SHA ".psf", "psf"},
	    {"/cOnTeNt/83/307239632577dd22e1977183f77462919ddfad83.PSF", "PSF"},
	    {"/Content/83/" SHA, ""},
	    {"/Content/83/" SHA ".12345678", "12345678"},
	    {"/Content/83/" SHA ".123456789", NULL},
	    {"/Content/83/" SHA ".", NULL},
	    {"/Content/82/" SHA ".psf", NULL},
	    {"/Content/3/" SHA ".psf", NULL},
	    {"/Content/083/" SHA ".psf", NULL},
	    {"/Content/83/0" SHA ".psf", NULL},
	    {"/Content/83/307239632577DD22E1977183F77462919DDFAD8.psf", NULL},
	    {"/Content/83/" SHA "/x", NULL},
	    {"/Content/83//" SHA, NULL},
	    {"/Content//83/" SHA, NULL},
	    {"/Content/83/G07239632577DD22E1977183F77462919DDFAD83", NULL},
	    {"/Content/83", NULL},
	    {"/Content/8", NULL},
	    {"/Content/", NULL},
	    {"/Content", NULL},
	    {"/Contents/83/" SHA, NULL},
	    {"/", NULL},
	    {"", NULL},
	};
	char ext[UPDATE_EXT_MAX + 1], hex[2 * SHA1_LEN + 1];
	uint8_t sha1[SHA1_LEN];
	size_t i;

	for (i = 0; i < N(rows); i++) {
		T_EQ(serve_name(rows[i].path, sha1, ext), rows[i].ext != NULL);
		if (rows[i].ext == NULL)
			continue;
		hex_upper(hex, sha1, SHA1_LEN);
		T_STR(hex, SHA);
		T_STR(ext, rows[i].ext);
	}
}

T_TEST(a_range_is_one_span_of_bytes_or_nothing)
{
	static const struct {
		const char *text;
		uint64_t size;
		enum httpd_range r;
		uint64_t off, len;
	} rows[] = {
	    {"bytes=0-918943", 918944, HTTPD_RANGE_OK, 0, 918944},
	    {"bytes=918943-", 918944, HTTPD_RANGE_OK, 918943, 1},
	    {"bytes=-1", 918944, HTTPD_RANGE_OK, 918943, 1},
	    {"bytes=-99999999", 918944, HTTPD_RANGE_OK, 0, 918944},
	    {"bytes=0-999999999", 918944, HTTPD_RANGE_OK, 0, 918944},
	    {"bytes=918944-", 918944, HTTPD_RANGE_BEYOND, 0, 0},
	    {"bytes=-0", 918944, HTTPD_RANGE_BEYOND, 0, 0},
	    {"bytes=5-4", 918944, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=0-0,2-2", 918944, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=0-0,", 918944, HTTPD_RANGE_NONE, 0, 0},
	    {"Bytes=1-2", 10, HTTPD_RANGE_OK, 1, 2},
	    {"bytes= 1-2 ", 10, HTTPD_RANGE_OK, 1, 2},
	    {"bytes=1 -2", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes =1-2", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=-", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=--1", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=+1-2", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=0x1-2", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=1-2x", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=a-b", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"lines=1-2", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"1-2", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"", 10, HTTPD_RANGE_NONE, 0, 0},
	    {"bytes=0-", 0, HTTPD_RANGE_BEYOND, 0, 0},
	    {"bytes=-5", 0, HTTPD_RANGE_BEYOND, 0, 0},
	    {"bytes=0-18446744073709551615", 10, HTTPD_RANGE_OK, 0, 10},
	    {"bytes=3-18446744073709551616", 10, HTTPD_RANGE_OK, 3, 7},
	    {"bytes=0-99999999999999999999999", UINT64_MAX, HTTPD_RANGE_OK, 0,
		UINT64_MAX},
	    {"bytes=18446744073709551615-", UINT64_MAX, HTTPD_RANGE_BEYOND, 0,
		0},
	    {"bytes=18446744073709551614-", UINT64_MAX, HTTPD_RANGE_OK,
		UINT64_MAX - 1, 1},
	    {"bytes=99999999999999999999-", 10, HTTPD_RANGE_BEYOND, 0, 0},
	    {"bytes=-18446744073709551616", 10, HTTPD_RANGE_OK, 0, 10},
	};
	uint64_t off, len;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		off = len = 0;
		if (httpd_range_read(rows[i].text, rows[i].size, &off, &len) !=
		    rows[i].r)
			t_fail(__FILE__, __LINE__, "'%s'", rows[i].text);
		T_EQ(off, rows[i].off);
		T_EQ(len, rows[i].len);
	}
}

T_TEST(tags_are_compared_weakly_or_strongly)
{
	static const struct {
		const char *list;
		bool weak, strong;
	} rows[] = {
	    {"\"a\"", true, true},
	    {"*", true, true},
	    {" * ", true, true},
	    {"W/\"a\"", true, false},
	    {"\"b\", \"a\"", true, true},
	    {"\"b\",,W/\"a\"", true, false},
	    {"\"b\"", false, false},
	    {"a", false, false},
	    {"\"a", false, false},
	    {"", false, false},
	    {"\"ab\"", false, false},
	    {"w/\"a\"", false, false},
	    {"\"b\" x \"a\"", false, false},
	    {"*, \"b\"", false, false},
	};
	size_t i;

	for (i = 0; i < N(rows); i++) {
		T_EQ(httpd_etag_in(rows[i].list, "\"a\"", true), rows[i].weak);
		T_EQ(httpd_etag_in(rows[i].list, "\"a\"", false),
		    rows[i].strong);
	}
}

#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

T_TEST(conditions_stand_in_the_order_of_the_standard)
{
	const struct httpd_entity n = {"\"a\"", 784111777, 10};
	static const struct {
		struct httpd_cond c;
		bool head;
		unsigned status;
	} rows[] = {
	    {{.if_match = "\"a\""}, false, 200},
	    {{.if_match = "\"b\""}, false, 412},
	    {{.if_match = "W/\"a\""}, false, 412},
	    {{.if_match = "\"b\"", .if_none_match = "\"a\""}, false, 412},
	    {{.if_unmodified_since = BEFORE}, false, 412},
	    {{.if_unmodified_since = THEN}, false, 200},
	    {{.if_unmodified_since = "x"}, false, 200},
	    {{.if_match = "*", .if_unmodified_since = BEFORE}, false, 200},
	    {{.if_none_match = "\"a\""}, false, 304},
	    {{.if_none_match = "W/\"a\""}, true, 304},
	    {{.if_none_match = "\"b\"", .if_modified_since = THEN}, false, 200},
	    {{.if_modified_since = THEN}, false, 304},
	    {{.if_modified_since = AFTER}, false, 304},
	    {{.if_modified_since = BEFORE}, false, 200},
	    {{.if_modified_since = "x"}, false, 200},
	    {{.range = "bytes=0-1"}, false, 206},
	    {{.range = "bytes=0-1"}, true, 200},
	    {{.range = "bytes=10-"}, false, 416},
	    {{.range = "bytes=10-"}, true, 200},
	    {{.range = "bytes=0-1", .if_none_match = "\"a\""}, false, 304},
	    {{.range = "bytes=0-1", .if_range = "\"a\""}, false, 206},
	    {{.range = "bytes=0-1", .if_range = "\"b\""}, false, 200},
	    {{.range = "bytes=0-1", .if_range = "W/\"a\""}, false, 200},
	    {{.range = "bytes=0-1", .if_range = THEN}, false, 206},
	    {{.range = "bytes=0-1", .if_range = AFTER}, false, 200},
	    {{.range = "bytes=10-", .if_range = "\"b\""}, false, 200},
	};
	struct httpd_verdict v;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		httpd_judge(&v, &rows[i].c, &n, rows[i].head);
		if (v.status != rows[i].status)
			t_fail(__FILE__, __LINE__, "row %zu: %u, not %u", i,
			    v.status, rows[i].status);
		T_EQ(v.len, v.status == 206 ? 2 : 10);
	}
}

T_TEST(a_watch_counts_answers_and_gives_places_back)
{
	struct err e = ERR_INIT;
	struct watch_conn *a, *b;
	struct watch *w;

	T_CALL(httpd_watch_open(&w, 2, &e), &e);
	a = httpd_watch_add(w, -1);
	b = httpd_watch_add(w, -1);
	T_OK(a != NULL && b != NULL);
	T_OK(httpd_watch_add(w, -1) == NULL);
	httpd_watch_answering(a);
	httpd_watch_answering(a);
	httpd_watch_answering(b);
	T_EQ(httpd_watch_busy(w), 2);
	httpd_watch_waiting(b);
	httpd_watch_waiting(b);
	T_EQ(httpd_watch_busy(w), 1);
	httpd_watch_remove(w, a);
	T_EQ(httpd_watch_busy(w), 0);
	T_OK(httpd_watch_add(w, -1) == a);
	T_EQ(httpd_watch_busy(w), 0);
	httpd_watch_close(w);
}

/* A connection over loopback: ours[0] the server's end, ours[1] the client's. */
static bool
connection(int ends[2])
{
	struct sockaddr_in sa = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok;

	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	ok = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
	    listen(fd, 1) == 0 &&
	    getsockname(fd, (struct sockaddr *)&sa, &len) == 0 &&
	    connect(ends[1], (struct sockaddr *)&sa, len) == 0;
	ends[0] = ok ? accept(fd, NULL, NULL) : -1;
	close(fd);
	return ends[0] != -1;
}

T_TEST(a_head_that_drips_is_cut_off)
{
	struct err e = ERR_INIT;
	struct watch_conn *c;
	struct watch *w;
	int ends[2];

	if (!connection(ends))
		t_skip("no loopback");
	T_CALL(httpd_watch_open(&w, 1, &e), &e);
	c = httpd_watch_add(w, ends[0]);
	T_EQ(httpd_watch_sweep(w, 5), 0);
	/* Idle is not for us to judge. */
	T_EQ(httpd_watch_sweep(w, 5 + 10 * WATCH_HEAD_MS), 0);
	T_EQ(write(ends[1], "G", 1), 1);
	T_EQ(httpd_watch_sweep(w, 10 + 10 * WATCH_HEAD_MS), 0);
	T_EQ(write(ends[1], "E", 1), 1);
	T_EQ(httpd_watch_sweep(w, 9 + 11 * WATCH_HEAD_MS), 0);
	T_EQ(httpd_watch_sweep(w, 10 + 11 * WATCH_HEAD_MS), 1);
	httpd_watch_remove(w, c);
	httpd_watch_close(w);
	close(ends[0]);
	close(ends[1]);
}

T_TEST(an_answer_must_be_taken_at_some_speed)
{
	static char bytes[2 * WATCH_SLOW_BYTES];
	struct err e = ERR_INIT;
	struct watch_conn *c;
	struct watch *w;
	int ends[2], i;

	if (!connection(ends))
		t_skip("no loopback");
	T_CALL(httpd_watch_open(&w, 1, &e), &e);
	c = httpd_watch_add(w, ends[0]);
	httpd_watch_answering(c);
	T_EQ(httpd_watch_sweep(w, 5), 0);
	for (i = 1; i < 4; i++) {
		T_EQ(write(ends[0], bytes, sizeof(bytes)), sizeof(bytes));
		T_EQ(recv(ends[1], bytes, sizeof(bytes), MSG_WAITALL),
		    sizeof(bytes));
		/* Until it is acknowledged. */
		(void)poll(NULL, 0, 100);
		T_EQ(httpd_watch_sweep(w, 5 + (uint64_t)i * WATCH_SLOW_MS), 0);
	}
	T_EQ(httpd_watch_sweep(w, 4 + 4 * (uint64_t)WATCH_SLOW_MS), 0);
	T_EQ(httpd_watch_sweep(w, 5 + 4 * (uint64_t)WATCH_SLOW_MS), 1);
	httpd_watch_remove(w, c);
	httpd_watch_close(w);
	close(ends[0]);
	close(ends[1]);
}

T_MAIN
