/* SPDX-License-Identifier: ISC */
#include "tests/http_seen.h"

#include <signal.h>
#include <time.h>

#include "tests/t.h"

const struct http_opts seen_opts = {
    .proxy = "", .agent = "wsusferry/test", .wait_ms = 1, .connect_s = 5};

static int
maybe(const struct seen *s, const char *name, struct err *e)
{
	if (s->fail != NULL && strcmp(s->fail, name) == 0)
		return err_set(e, E_DIGEST, "%s does not like it", name);
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

struct http_req
seen_request(struct seen *s, const char *url)
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

const char *
seen_body(struct seen *s)
{
	struct err e = ERR_INIT;

	return buf_str(&s->body, &e);
}

struct http *
seen_open(const struct http_opts *o)
{
	struct err e = ERR_INIT;
	struct http *h = NULL;

	T_CALL(http_open(&h, o, &e), &e);
	return h;
}

uint64_t
seen_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void
pair_open(struct pair *p, const struct peer_answer *a, size_t n,
    const struct http_opts *o)
{
	p->peer = peer_open(a, n);
	p->http = seen_open(o);
	snprintf(p->url, sizeof(p->url), "%s", peer_url(p->peer, "/"));
	snprintf(p->at, sizeof(p->at), "127.0.0.1:%u", peer_port(p->peer));
	p->r = seen_request(&p->seen, p->url);
}

void
pair_close(struct pair *p)
{
	http_close(p->http);
	peer_close(p->peer);
	buf_free(&p->seen.body);
}

int
seen_main(int argc, char *argv[])
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
