/* SPDX-License-Identifier: ISC */
/* The client against a server that does as it is told. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/stop.h"
#include "lib/net/http.h"
#include "tests/http_peer.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define HELLO OK_HEAD "Content-Length: 5\r\n\r\nhello"

static const struct http_opts quick = {
    .proxy = "", .agent = "wsusferry/test", .wait_ms = 1, .connect_s = 5};

/* What the callbacks of a request saw. */
struct seen {
	unsigned begins, heads, bodies;
	struct http_head head;
	struct buf body;
	const char *fail; /* which callback fails */
};

static int
maybe(const struct seen *s, const char *name, struct err *e)
{
	if (s->fail != NULL && strcmp(s->fail, name) == 0)
		return err_set(e, E_FORMAT, "%s does not like it", name);
	return 0;
}

static int
on_begin(struct http_req *r, struct err *e)
{
	struct seen *s = r->arg;

	s->begins++;
	buf_reset(&s->body);
	return maybe(s, "begin", e);
}

static int
on_head(struct http_req *r, const struct http_head *h, struct err *e)
{
	struct seen *s = r->arg;

	s->heads++;
	s->head = *h;
	return maybe(s, "head", e);
}

static int
on_body(struct http_req *r, const void *p, size_t n, struct err *e)
{
	struct seen *s = r->arg;

	s->bodies++;
	if (maybe(s, "body", e) == -1)
		return -1;
	return buf_put(&s->body, p, n, e);
}

static struct http_req
request(struct seen *s, const char *url)
{
	struct http_req r = {.url = url,
	    .max_body = 1 << 20,
	    .again = true,
	    .begin = on_begin,
	    .head = on_head,
	    .body = on_body,
	    .arg = s};

	memset(s, 0, sizeof(*s));
	s->body = (struct buf)BUF_INIT;
	return r;
}

static const char *
text(struct seen *s)
{
	struct err e = ERR_INIT;

	return buf_str(&s->body, &e);
}

static struct http *
open_with(const struct http_opts *o)
{
	struct err e = ERR_INIT;
	struct http *h = NULL;

	T_CALL(http_open(&h, o, &e), &e);
	return h;
}

T_TEST(an_answer_comes_whole_through_the_callbacks)
{
	static const struct peer_answer a[] = {{.text = OK_HEAD
	    "Content-Type: text/xml; charset=utf-8\r\nETag: \"a\"\r\n"
	    "Accept-Ranges: bytes\r\nContent-Length: 5\r\n\r\nhello"}};
	struct peer *p = peer_open(a, N(a));
	struct http *h = open_with(&quick);
	struct err e = ERR_INIT;
	struct seen s;
	struct http_req r = request(&s, peer_url(p, "/a?b=c"));

	T_CALL(http_run(h, &r, &e), &e);
	T_EQ(s.begins, 1);
	T_EQ(s.heads, 1);
	T_STR(text(&s), "hello");
	T_EQ(s.head.status, 200);
	T_EQ(r.got.length, 5);
	T_STR(r.got.type, "text/xml; charset=utf-8");
	T_STR(r.got.etag, "\"a\"");
	T_OK(r.got.ranges);
	T_EQ(r.tried, 1);
	T_EQ(http_running(h), 0);
	T_OK(strncmp(peer_request(p, 0), "GET /a?b=c HTTP/1.1\r\n", 21) == 0);
	buf_free(&s.body);
	http_close(h);
	peer_close(p);
}

static int
http_test_main(int argc, char *argv[])
{
	struct err e = ERR_INIT;
	int r;

	(void)signal(SIGPIPE, SIG_IGN);
	if (http_init(&e) == -1)
		return 4;
	r = t_main(argc, argv);
	http_cleanup();
	return r;
}

int
main(int argc, char *argv[])
{
	return http_test_main(argc, argv);
}
