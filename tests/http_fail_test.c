/* SPDX-License-Identifier: ISC */
/* The client when the server, the network or the options are not right. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/http_peer.h"
#include "tests/http_seen.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"

/* A port of the loopback that nobody listens on. */
static unsigned
closed_port(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	T_EQ(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	T_EQ(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	close(fd);
	return ntohs(sa.sin_port);
}

T_TEST(what_may_pass_is_tried_again_and_only_the_end_is_shown)
{
	static const struct peer_answer first[] = {
	    {.text = BUSY},
	    {.text = "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"},
	    {.text = "HTTP/1.1 504 Late\r\n\r\n", .close = true},
	    {.text = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"},
	    {.text = OK_HEAD "Content-Length: 5\r\n\r\nhel", .close = true},
	    {.text = OK_HEAD "Content-Length: 5\r\n\r\nhel", .reset = true},
	    {.text = OK_HEAD "Content-Length: 5\r\n", .close = true},
	    {.text = "", .n = 0, .close = true},
	    {.text = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n",
		.close = true},
	    {.text = OK_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nhel\r\n"},
	};
	struct peer_answer a[2] = {{0}, {.text = HELLO}};
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i;

	for (i = 0; i < N(first); i++) {
		a[0] = first[i];
		pair_open(&p, a, N(a), &seen_opts);
		T_CALL(http_run(p.http, &p.r, &e), &e);
		T_EQ(p.r.tried, 2);
		T_EQ(p.seen.begins, 2);
		T_STR(seen_body(&p.seen), "hello");
		T_EQ(p.seen.head.status, 200);
		T_EQ(p.seen.heads, i == 4 || i == 5 || i >= 8 ? 2 : 1);
		pair_close(&p);
	}
}

T_TEST(the_last_try_tells_what_it_was)
{
	static const struct {
		struct peer_answer a;
		const char *text;
	} rows[] = {
	    {{.text = OK_HEAD "Content-Length: 5\r\n\r\nhel", .close = true},
		"cut short"},
	    {{.text = OK_HEAD "Content-Length: 5\r\n\r\nhel", .reset = true},
		"reset by peer"},
	    {{.text = "", .close = true}, "no answer from"},
	    {{.text = OK_HEAD "Content-Length: 5\r\n", .close = true},
		"127.0.0.1"},
	};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i;

	o.tries = 3;
	for (i = 0; i < N(rows); i++) {
		pair_open(&p, &rows[i].a, 1, &o);
		T_EQ(http_run(p.http, &p.r, &e), -1);
		T_EQ(e.kind, E_REMOTE);
		T_OK(strstr(e.msg, rows[i].text) != NULL);
		T_OK(strstr(e.msg, p.at) != NULL);
		T_FAILS(-1, &e, E_REMOTE, "(3 tries)");
		T_EQ(p.r.tried, 3);
		p.r.again = false;
		T_FAILS(http_run(p.http, &p.r, &e), &e, E_REMOTE, rows[i].text);
		T_EQ(p.r.tried, 1);
		pair_close(&p);
	}
}

T_TEST(an_answer_that_stays_503_is_shown_in_the_end)
{
	static const struct peer_answer a[] = {{.text = BUSY}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;

	o.tries = 4;
	pair_open(&p, a, N(a), &o);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.r.got.status, 503);
	T_EQ(p.seen.begins, 4);
	T_EQ(p.seen.heads, 1);
	T_STR(seen_body(&p.seen), "busy");
	T_EQ(peer_conns(p.peer), 1);
	p.r.again = false;
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.r.tried, 1);
	T_EQ(p.seen.heads, 2);
	pair_close(&p);
}

T_TEST(a_server_says_how_long_to_wait)
{
	static const struct peer_answer a[] = {
	    {.text = "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n"
		     "Content-Length: 0\r\n\r\n"},
	    {.text = HELLO},
	    {.text = "HTTP/1.1 503 Busy\r\nRetry-After: 3601\r\n"
		     "Content-Length: 0\r\n\r\n"},
	};
	struct err e = ERR_INIT;
	uint64_t t = seen_now_ms();
	struct pair p;

	pair_open(&p, a, N(a), &seen_opts);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.r.tried, 2);
	T_EQ(p.r.got.status, 200);
	T_OK(seen_now_ms() - t >= 1000 && seen_now_ms() - t < 3000);
	/* Nobody waits for longer than an hour. */
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_EQ(p.r.tried, 1);
	T_EQ(p.r.got.status, 503);
	T_EQ(p.r.got.retry_after_s, 3601);
	pair_close(&p);
}

T_TEST(the_body_of_an_answer_that_is_not_shown_is_bounded)
{
	static char big[1 << 20];
	struct peer_answer a[] = {
	    {.text = big, .n = sizeof(big)}, {.text = HELLO}};
	struct err e = ERR_INIT;
	struct pair p;
	int n;

	n = snprintf(big, sizeof(big),
	    "HTTP/1.1 503 Busy\r\nContent-Length: %zu\r\n\r\n",
	    (size_t)1 << 30);
	memset(big + n, 'x', sizeof(big) - (size_t)n);
	pair_open(&p, a, N(a), &seen_opts);
	p.r.max_body = 5;
	T_CALL(http_run(p.http, &p.r, &e), &e);
	T_STR(seen_body(&p.seen), "hello");
	T_EQ(peer_conns(p.peer), 2);
	pair_close(&p);
}

T_TEST(who_is_offline_learns_it_soon)
{
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	uint64_t t = seen_now_ms();
	char url[64], want[96];
	struct http_req r;
	struct http *h;
	struct seen s;
	unsigned port = closed_port();

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", port);
	o.connect_s = 1;
	o.wait_ms = 200;
	o.tries = 100;
	h = seen_open(&o);
	r = seen_request(&s, url);
	snprintf(want, sizeof(want),
	    "cannot connect to 127.0.0.1:%u: Connection refused; "
	    "is the port right? (",
	    port);
	T_FAILS(http_run(h, &r, &e), &e, E_REMOTE, want);
	T_OK(r.tried > 1 && r.tried < 50);
	T_OK(seen_now_ms() - t <= 1200);
	buf_free(&s.body);
	http_close(h);
}

T_TEST(a_server_that_was_there_before_is_waited_for)
{
	static const struct peer_answer a[] = {{.text = HELLO, .close = true}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;

	o.tries = 5;
	pair_open(&p, a, N(a), &o);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	peer_close(p.peer);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_REMOTE, "(5 tries)");
	T_EQ(p.r.tried, 5);
	p.peer = peer_open(a, N(a));
	pair_close(&p);
}

T_TEST(a_try_has_an_end)
{
	static const struct peer_answer a[] = {
	    {.text = HELLO, .wait_ms = 1500}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;

	o.total_s = 1;
	o.tries = 1;
	pair_open(&p, a, N(a), &o);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_REMOTE,
	    "no whole answer from 127.0.0.1");
	pair_close(&p);
}

T_TEST(what_is_no_http_is_called_so)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "no HTTP from"},
	    {"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n", "no HTTP from"},
	    {"HTTP/1.1 2xx OK\r\n\r\n", "127.0.0.1"},
	    {OK_HEAD "Content-Length: -5\r\n\r\n", "127.0.0.1"},
	    {OK_HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
		"two lengths"},
	};
	struct peer_answer a = {.close = true};
	struct err e = ERR_INIT;
	struct pair p;
	unsigned i;

	for (i = 0; i < N(rows); i++) {
		a.text = rows[i].text;
		pair_open(&p, &a, 1, &seen_opts);
		T_FAILS(http_run(p.http, &p.r, &e), &e, E_REMOTE, rows[i].says);
		T_EQ(p.seen.bodies, 0);
		pair_close(&p);
	}
}

T_TEST(a_head_without_end_is_refused)
{
	static char big[200000], many[200000];
	struct peer_answer a[] = {
	    {.text = big, .n = sizeof(big)}, {.text = many, .n = sizeof(many)}};
	struct err e = ERR_INIT;
	struct pair p;
	size_t i;

	memset(big, 'x', sizeof(big));
	memcpy(big, OK_HEAD "A: ", 20);
	for (i = 0; i + 24 <= sizeof(many); i += 24)
		memcpy(many + i, "HTTP/1.1 100 Wait ab\r\n\r\n", 24);
	pair_open(&p, a, 1, &seen_opts);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_LIMIT, "head of the answer");
	T_EQ(p.r.tried, 1);
	T_EQ(p.r.too_long, false);
	pair_close(&p);
	pair_open(&p, a + 1, 1, &seen_opts);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_LIMIT,
	    "head has more than 65536 bytes");
	pair_close(&p);
}

/* libcurl keeps each of its fields. */
T_TEST(a_trailer_without_end_is_refused)
{
	static const char begin[] = OK_HEAD
	    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n";
	static const char field[] = "X-Field: 0123456789abcdef\r\n";
	static char text[128 << 10];
	const struct peer_answer a = {.text = text, .close = true};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;
	size_t at = strlen(begin);

	o.tries = 1;
	memcpy(text, begin, at);
	while (at < 100000) {
		memcpy(text + at, field, strlen(field));
		at += strlen(field);
	}
	memcpy(text + at, "\r\n", 2);
	pair_open(&p, &a, 1, &o);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_LIMIT,
	    "head and trailer have more than 65536 bytes");
	pair_close(&p);
}

T_TEST(only_http_to_a_named_host_is_started)
{
	static const char *const urls[] = {"", "ftp://h/", "file:///etc/passwd",
	    "http://", "//h/", "http://u:secret@h/", "http://h:0/",
	    "http://h:99999/", "http://h/a b", "http://h/\r\nX: y"};
	struct http *h = seen_open(&seen_opts);
	struct err e = ERR_INIT;
	struct http_req r;
	struct seen s;
	size_t i;

	for (i = 0; i < N(urls); i++) {
		r = seen_request(&s, urls[i]);
		T_EQ(http_start(h, &r, &e), -1);
		T_OK(strstr(e.msg, "secret") == NULL);
		T_FAILS(-1, &e, E_USAGE, "no http or https address");
	}
	T_EQ(http_running(h), 0);
	http_close(h);
}

T_TEST(options_that_make_no_sense_are_refused)
{
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct http *h;

	o.user = "a:b";
	T_FAILS(http_open(&h, &o, &e), &e, E_USAGE, "no host");
	T_OK(h == NULL);
	o = seen_opts;
	o.ca_file = "no-such-file.pem";
	T_FAILS(http_open(&h, &o, &e), &e, E_SYS, "no-such-file.pem");
	http_close(NULL);
}

int
main(int argc, char *argv[])
{
	return seen_main(argc, argv);
}
