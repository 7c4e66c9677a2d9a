/* SPDX-License-Identifier: ISC */
/* A request begins: its head, and what it says of a body. */
#include <stdlib.h>
#include <string.h>

#include "lib/net/httpd_priv.h"

static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

/* Nothing is there to be read of a head that is not whole. */
static bool
wait(struct httpd_loop *l, struct httpd_conn *c, ssize_t why)
{
	if (why != -1) {
		httpd_conn_close(l, c);
	} else if (c->x->nin == 0) { /* not even begun: who is idle is so */
		httpd_exchange_free(l, c->x);
		c->x = NULL;
	} else if (c->state != HTTPD_HEAD) {
		httpd_table_move(&l->table, c, HTTPD_HEAD, l->now_ms);
	}
	return false;
}

/* There is a body behind the head. */
static bool
begin_body(struct httpd_loop *l, struct httpd_conn *c)
{
	static const struct request_fault large = {
	    413, "the body is larger than 4 MiB", "RFC 9110, 15.5.14"};
	struct httpd_exchange *x = c->x;
	bool wanted = !x->refused;

	x->drop = !wanted;
	if (wanted && x->rq.length > HTTPD_BODY_MAX) {
		httpd_answer_fault(x, &large);
		return httpd_conn_answer(l, c);
	}
	/* Who waits for leave to send it is told at once that he need not. */
	if (!wanted && (x->rq.expects || x->rq.length > HTTPD_DROP_MAX))
		return httpd_conn_answer(l, c);
	if (x->rq.expects && x->in_at == x->nin &&
	    httpd_write(c, go_on, sizeof(go_on) - 1, false) !=
		sizeof(go_on) - 1) {
		httpd_conn_close(l, c);
		return false;
	}
	x->left = x->rq.length;
	request_chunks_init(&x->chunks, HTTPD_BODY_MAX);
	httpd_table_move(&l->table, c, HTTPD_BODY, l->now_ms);
	return true;
}

/* Clients of WSUS send "Content-Length: 0" with GET. */
static bool
begin(struct httpd_loop *l, struct httpd_conn *c)
{
	static const struct request_fault body = {
	    400, "a body with GET or HEAD", "RFC 9110, 9.3.1"};
	struct httpd_exchange *x = c->x;
	bool has_body = x->rq.chunked || x->rq.length > 0;
	bool get = x->rq.method == REQUEST_GET || x->rq.method == REQUEST_HEAD;
	struct request_fault fault;

	x->keep = x->rq.persistent;
	x->tls = c->ssl != NULL;
	x->admin = c->admin;
	x->remote = c->peer != NULL;
	memcpy(x->address, c->address, sizeof(x->address));
	x->body_over = !has_body;
	if (request_path(&x->rq, l->path, &fault) != 0) {
		httpd_answer_fault(x, &fault);
		return httpd_conn_answer(l, c);
	}
	if (get && has_body) {
		httpd_answer_fault(x, &body);
		return httpd_conn_answer(l, c);
	}
	/* Most of the others are answered quickly, and nobody asks. */
	if (!get)
		x->kind = l->h->o.kind(l->h->o.arg, l->path);
	if (!get &&
	    (x->rq.method != REQUEST_POST || (x->kind & HTTPD_POST) == 0))
		httpd_answer_status(x,
		    (x->kind & HTTPD_NOTHING) != 0 && *l->path == '/' ? 404
								      : 405);
	return has_body ? begin_body(l, c) : httpd_conn_dispatch(l, c);
}

bool
httpd_head(struct httpd_loop *l, struct httpd_conn *c)
{
	struct httpd_exchange *x = c->x;
	enum request_result r;
	ssize_t n;

	if (x == NULL && !c->readable)
		return false;
	if (x == NULL && (x = c->x = httpd_exchange_new(l)) == NULL) {
		httpd_conn_close(l, c);
		return false;
	}
	while ((r = request_read(&x->rq, x->in, x->nin)) == REQUEST_MORE) {
		n = httpd_recv(c, x->in + x->nin, REQUEST_HEAD_MAX - x->nin);
		if (n <= 0)
			return wait(l, c, n);
		x->nin += (size_t)n;
	}
	x->in_at = x->rq.size;
	x->began_ms = l->now_ms;
	x->begun = true;
	httpd_add(&l->tally.busy, 1);
	if (r == REQUEST_WHOLE)
		return begin(l, c);
	httpd_answer_fault(x, &x->rq.fault);
	return httpd_conn_answer(l, c);
}
