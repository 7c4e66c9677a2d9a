/* SPDX-License-Identifier: ISC */
/* The client against a server that does as it is told. */
#include <pthread.h>
#include <unistd.h>

#include "lib/base/stop.h"
#include "tests/http_peer.h"
#include "tests/http_seen.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

T_TEST(an_answer_comes_whole_through_the_callbacks)
{
	static const struct peer_answer a[] = {
	    {.text = OK_HEAD "Content-Type: text/xml; charset=utf-8\r\n"
			     "ETag: \"a\"\r\nAccept-Ranges: bytes\r\n"
			     "Content-Length: 5\r\n\r\nhello"}};
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	p.r.url = peer_url(p.peer, "/a?b=c");
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.seen.begins, 1);
	T_EQ(p.seen.heads, 1);
	T_STR(seen_body(&p.seen), "hello");
	T_EQ(p.seen.head.status, 200);
	T_EQ(p.r.got.length, 5);
	T_STR(p.r.got.type, "text/xml; charset=utf-8");
	T_STR(p.r.got.etag, "\"a\"");
	T_OK(p.r.got.ranges);
	T_EQ(p.r.tried, 1);
	T_EQ(p.r.err.kind, E_NONE);
	T_EQ(http_running(p.http), 0);
	T_OK(strncmp(peer_request(p.peer, 0), "GET /a?b=c HTTP/1.1\r\n", 21) ==
	    0);
	pair_close(&p);
}

T_TEST(a_soap_post_has_just_the_headers_a_server_was_seen_to_take)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;
	char want[512];

	o.agent = NULL;
	pair_open(&p, a, N(a), &o);
	p.r.post = "<soap/>";
	p.r.npost = 7;
	p.r.type = "text/xml; charset=utf-8";
	p.r.soap_action = "\"http://www.example.org/GetCookie\"";
	T_CALL(http_run(p.http, &p.r, &e), &e);
	snprintf(want, sizeof(want),
	    "POST / HTTP/1.1\r\n"
	    "Host: 127.0.0.1:%u\r\n"
	    "Accept-Encoding: identity\r\n"
	    "Content-Type: text/xml; charset=utf-8\r\n"
	    "SOAPAction: \"http://www.example.org/GetCookie\"\r\n"
	    "Content-Length: 7\r\n\r\n<soap/>",
	    peer_port(p.peer));
	T_STR(peer_request(p.peer, 0), want);
	pair_close(&p);
}

T_TEST(a_big_post_waits_for_no_permission)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	static char big[2000000];
	struct err e = ERR_INIT;
	struct pair p;

	memset(big, 'x', sizeof(big));
	pair_open(&p, a, N(a), &seen_opts);
	p.r.post = big;
	p.r.npost = 3000;
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_OK(strcasestr(peer_request(p.peer, 0), "Expect:") == NULL);
	T_OK(strstr(peer_request(p.peer, 0), "Content-Length: 3000\r\n"));
	pair_close(&p);
}

T_TEST(a_range_is_asked_for_with_its_condition)
{
	static const struct peer_answer a[] = {
	    {.text = "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n"
		     "Content-Range: bytes 7-9/10\r\n\r\nhij"},
	    {.text = "HTTP/1.1 416 No\r\nContent-Length: 0\r\n"
		     "Content-Range: bytes */10\r\n\r\n"},
	    {.text = HELLO}};
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	p.r.from = 7;
	p.r.if_range = "\"tag\"";
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_OK(strstr(peer_request(p.peer, 0), "\r\nRange: bytes=7-\r\n"));
	T_OK(strstr(peer_request(p.peer, 0), "\r\nIf-Range: \"tag\"\r\n"));
	T_EQ(p.seen.head.status, 206);
	T_OK(p.seen.head.has_range);
	T_EQ(p.seen.head.from, 7);
	T_EQ(p.seen.head.to, 9);
	T_EQ(p.seen.head.total, 10);
	T_STR(seen_body(&p.seen), "hij");
	p.r.from = (uint64_t)5 << 32;
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_OK(
	    strstr(peer_request(p.peer, 1), "\r\nRange: bytes=21474836480-\r"));
	T_EQ(p.r.got.status, 416);
	T_OK(!p.r.got.has_range);
	T_EQ(p.r.got.total, 10);
	p.r.from = 0;
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_OK(strstr(peer_request(p.peer, 2), "Range:") == NULL);
	pair_close(&p);
}

T_TEST(a_value_that_would_end_its_header_is_not_sent)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	p.r.from = 1;
	p.r.if_range = "\"a\"\r\nX-Evil: 1";
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_USAGE, "If-Range");
	p.r.from = 0;
	p.r.soap_action = "\"a\"\nX-Evil: 1";
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_USAGE, "SOAPAction");
	T_EQ(peer_requests(p.peer), 0);
	pair_close(&p);
}

T_TEST(an_answer_of_any_status_is_an_answer)
{
	static const struct peer_answer a[] = {
	    {.text = "HTTP/1.1 500 Oops\r\nContent-Type: text/xml\r\n"
		     "Content-Length: 8\r\n\r\n<fault/>"},
	    {.text = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"},
	    {.text = "HTTP/1.1 302 There\r\nLocation: /other\r\n"
		     "Content-Length: 0\r\n\r\n"},
	    {.text = "HTTP/1.1 401 Who?\r\nContent-Length: 3\r\n\r\nwho"},
	    {.text = "HTTP/1.1 401 Who?\r\nWWW-Authenticate: NTLM\r\n"
		     "Content-Length: 0\r\n\r\n"},
	    {.text = "HTTP/1.1 204 Nothing\r\nContent-Length: 9\r\n\r\n"}};
	static const long status[] = {500, 404, 302, 401, 401, 204};
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i;

	pair_open(&p, a, N(a), &seen_opts);
	p.r.max_body = 8;
	for (i = 0; i < N(status); i++) {
		T_CALL(http_run(p.http, &p.r, &e), &e);
		T_EQ(p.r.got.status, status[i]);
		T_EQ(p.seen.heads, i + 1);
		T_EQ(p.r.tried, 1);
		if (status[i] == 500)
			T_STR(seen_body(&p.seen), "<fault/>");
	}
	T_EQ(peer_requests(p.peer), N(status));
	pair_close(&p);
}

T_TEST(heads_on_the_way_are_not_shown)
{
	static const struct peer_answer a[] = {
	    {.text = "HTTP/1.1 100 Continue\r\nETag: \"100\"\r\n\r\n"
		     "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" HELLO}};
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.seen.heads, 1);
	T_EQ(p.seen.head.status, 200);
	T_STR(p.seen.head.etag, "");
	T_STR(seen_body(&p.seen), "hello");
	pair_close(&p);
}

T_TEST(chunks_are_put_together_and_fields_behind_them_are_nobodys)
{
	static const struct peer_answer a[] = {
	    {.text = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			     "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n"
			     "ETag: \"behind\"\r\nContent-Length: 9\r\n\r\n"},
	    {.text = HELLO}};
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_STR(seen_body(&p.seen), "hello");
	T_EQ(p.r.got.length, HTTP_UNKNOWN);
	T_STR(p.r.got.etag, "");
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(peer_conns(p.peer), 1);
	pair_close(&p);
}

T_TEST(what_was_encoded_unasked_is_handed_over_as_it_is)
{
	static const char gz[] = OK_HEAD
	    "Content-Encoding: gzip\r\nContent-Length: "
	    "4\r\n\r\n\x1f\x8b\x08\x00";
	const struct peer_answer a[] = {{.text = gz, .n = sizeof(gz) - 1}};
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_STR(p.r.got.encoding, "gzip");
	T_EQ(p.seen.body.len, 4);
	T_MEM(p.seen.body.p, "\x1f\x8b\x08\x00", 4);
	pair_close(&p);
}

T_TEST(a_connection_and_a_cookie_are_kept)
{
	static const struct peer_answer a[] = {
	    {.text = OK_HEAD "Set-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"},
	    {.text = HELLO}};
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i;

	pair_open(&p, a, N(a), &seen_opts);
	for (i = 0; i < 20; i++)
		T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(peer_conns(p.peer), 1);
	T_EQ(peer_requests(p.peer), 20);
	T_OK(strstr(peer_request(p.peer, 0), "Cookie:") == NULL);
	T_OK(strstr(peer_request(p.peer, 19), "\r\nCookie: a=b\r\n"));
	pair_close(&p);
}

/* An answer that sets n cookies, whose names begin with c. */
static void
set_cookies(char *text, size_t max, char c, unsigned n)
{
	size_t at = (size_t)snprintf(text, max, "%s", OK_HEAD);

	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(
		    text + at, max - at, "Set-Cookie: %c%u=x\r\n", c, i);
	(void)snprintf(text + at, max - at, "Content-Length: 0\r\n\r\n");
}

T_TEST(cookies_are_bounded)
{
	static char text[4][2048];
	struct peer_answer a[4];
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i;

	for (i = 0; i < N(a); i++) {
		set_cookies(
		    text[i], sizeof(text[i]), (char)('a' + i), i < 3 ? 40 : 1);
		a[i] = (struct peer_answer){.text = text[i]};
	}
	pair_open(&p, a, N(a), &seen_opts);
	for (i = 0; i < 120; i++)
		T_CALL(http_run(p.http, &p.r, &e), &e);
	T_OK(strstr(peer_request(p.peer, 2), "b39=x"));
	T_OK(strstr(peer_request(p.peer, 3), "Cookie:") == NULL);
	/* One that is set again and again is kept. */
	for (i = 4; i < 120; i++)
		T_OK(strstr(peer_request(p.peer, i), "\r\nCookie: d0=x\r\n"));
	pair_close(&p);
}

T_TEST(a_callback_that_fails_ends_the_request_at_once)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	static const char *const names[] = {"begin", "head", "body"};
	struct err e = ERR_INIT;
	struct pair p;
	size_t i;

	for (i = 0; i < N(names); i++) {
		pair_open(&p, a, N(a), &seen_opts);
		p.seen.fail = names[i];
		T_FAILS(http_run(p.http, &p.r, &e), &e, E_DIGEST, names[i]);
		T_EQ(p.r.err.kind, E_DIGEST);
		T_EQ(p.r.tried, 1);
		T_EQ(p.seen.begins, 1);
		T_EQ(p.seen.heads, i >= 1);
		T_EQ(p.seen.bodies, i == 2);
		T_EQ(http_running(p.http), 0);
		pair_close(&p);
	}
}

T_TEST(no_byte_too_many_is_shown)
{
	static const struct peer_answer a[] = {{.text = HELLO},
	    {.text = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"
			     "4\r\nhell\r\n1\r\no\r\n0\r\n\r\n"},
	    {.text = OK_HEAD "\r\nhello", .close = true}};
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i;

	for (i = 0; i < N(a); i++) {
		pair_open(&p, a + i, 1, &seen_opts);
		p.r.max_body = 4;
		T_FAILS(http_run(p.http, &p.r, &e), &e, E_LIMIT, "at most 4");
		T_EQ(p.seen.heads, 1);
		T_OK(p.seen.body.len <= 4);
		T_EQ(p.seen.bodies, i == 1);
		T_EQ(p.r.tried, 1);
		p.r.max_body = 0;
		T_FAILS(http_run(p.http, &p.r, &e), &e, E_LIMIT, "at most 0");
		T_EQ(p.r.too_long, true);
		p.r.max_body = 5;
		T_CALL(http_run(p.http, &p.r, &e), &e);
		T_EQ(p.r.too_long, false);
		T_STR(seen_body(&p.seen), "hello");
		pair_close(&p);
	}
}

T_TEST(a_length_too_long_is_refused_before_the_body_comes)
{
	static const struct peer_answer a[] = {
	    {.text = HELLO, .drip_ms = 20000, .drip_from = 38}};
	uint64_t t = seen_now_ms();
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	p.r.max_body = 4;
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_LIMIT, "127.0.0.1");
	T_EQ(p.seen.heads, 1);
	T_EQ(p.seen.bodies, 0);
	T_OK(seen_now_ms() - t < 5000);
	pair_close(&p);
}

T_TEST(requests_to_a_host_are_bounded_and_share_connections)
{
	static const struct peer_answer a[] = {{.text = HELLO, .wait_ms = 20}};
	struct http_opts o = seen_opts;
	struct http_req r[24], *done;
	struct seen seen[24];
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i, n = 0;

	o.per_host = 3;
	pair_open(&p, a, N(a), &o);
	for (i = 0; i < N(r); i++) {
		r[i] = seen_request(&seen[i], p.url);
		T_CALL(http_start(p.http, &r[i], &e), &e);
	}
	T_EQ(http_running(p.http), N(r));
	for (; n < N(r); n++) {
		T_CALL(http_next(p.http, 5000, &done, &e), &e);
		if (done == NULL)
			break;
		T_EQ(done->err.kind, E_NONE);
		T_STR(seen_body(done->arg), "hello");
	}
	T_EQ(n, N(r));
	T_EQ(peer_most(p.peer), 3);
	T_EQ(peer_conns(p.peer), 3);
	for (i = 0; i < N(r); i++)
		buf_free(&seen[i].body);
	pair_close(&p);
}

/* Starts its successor from its body. */
static struct http *chain_http;
static struct http_req chain_next;

static int
chain(struct http_req *r, const void *b, size_t n, struct err *e)
{
	(void)r;
	(void)b;
	(void)n;
	return http_start(chain_http, &chain_next, e);
}

T_TEST(a_request_may_start_another)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	struct http_req *done = NULL;
	struct err e = ERR_INIT;
	struct seen second;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	chain_http = p.http;
	chain_next = seen_request(&second, p.url);
	p.r.body = chain;
	T_CALL(http_start(p.http, &p.r, &e), &e);
	T_CALL(http_next(p.http, 5000, &done, &e), &e);
	T_OK(done == &p.r);
	T_CALL(http_next(p.http, 5000, &done, &e), &e);
	T_OK(done == &chain_next);
	T_STR(seen_body(&second), "hello");
	buf_free(&second.body);
	pair_close(&p);
}

static void *
wake_soon(void *arg)
{
	usleep(50000);
	http_wake(arg);
	return NULL;
}

T_TEST(waiting_ends_by_time_by_a_call_or_by_the_wish_to_stop)
{
	static const struct peer_answer a[] = {
	    {.text = HELLO, .wait_ms = 60000}};
	struct http_req *done = &(struct http_req){0};
	struct err e = ERR_INIT;
	struct pair p;
	pthread_t t;

	pair_open(&p, a, N(a), &seen_opts);
	T_CALL(http_next(p.http, 0, &done, &e), &e);
	T_OK(done == NULL);
	T_CALL(http_start(p.http, &p.r, &e), &e);
	T_CALL(http_next(p.http, 50, &done, &e), &e);
	T_OK(done == NULL);
	T_EQ(pthread_create(&t, NULL, wake_soon, p.http), 0);
	T_CALL(http_next(p.http, -1, &done, &e), &e);
	T_OK(done == NULL);
	pthread_join(t, NULL);
	/* A call that comes before anybody waits is not lost. */
	http_wake(p.http);
	T_CALL(http_next(p.http, -1, &done, &e), &e);
	stop_set(true);
	T_FAILS(http_next(p.http, -1, &done, &e), &e, E_STOP, "stopped");
	T_EQ(http_running(p.http), 1);
	stop_set(false);
	pair_close(&p);
}

T_TEST(what_we_hold_back_is_not_the_servers_slowness)
{
	static char big[24000];
	struct peer_answer a[] = {{.text = big, .n = sizeof(big)}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	uint64_t t = seen_now_ms();
	struct pair p;
	int n;

	n = snprintf(big, sizeof(big), OK_HEAD "Connection: close\r\n\r\n");
	memset(big + n, 'x', sizeof(big) - (size_t)n);
	a[0].close = true;
	o.rate = 16000;
	o.slow_rate = 1000000;
	o.slow_s = 1;
	pair_open(&p, a, N(a), &o);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.seen.body.len, sizeof(big) - (size_t)n);
	T_OK(seen_now_ms() - t >= 1200);
	pair_close(&p);
}

T_TEST(a_request_by_itself_is_given_back_when_asked_to_stop)
{
	static const struct peer_answer a[] = {{.text = HELLO}};
	struct err e = ERR_INIT;
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	stop_set(true);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_STOP, "stopped");
	stop_set(false);
	T_EQ(p.r.err.kind, E_STOP);
	T_EQ(http_running(p.http), 0);
	pair_close(&p);
}

int
main(int argc, char *argv[])
{
	return seen_main(argc, argv);
}
