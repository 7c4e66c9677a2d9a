/* SPDX-License-Identifier: ISC */
/* What stands behind a request's head: kept, or dropped to a bound. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/cur.h"
#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

#define FIRST ((size_t)16 << 10)
#define SMALL ((size_t)64 << 10) /* for what is left of the budget */

/* Is there room for what one read may bring?  It is charged as it grows. */
static bool
grow(struct httpd_loop *l, struct httpd_exchange *x)
{
	size_t want = x->held < FIRST ? FIRST : 2 * x->held;
	size_t max = HTTPD_BODY_MAX + REQUEST_HEAD_MAX;
	struct err e = ERR_INIT;

	if (x->drop || x->held - x->body.len >= REQUEST_HEAD_MAX)
		return true;
	if (!x->rq.chunked && x->rq.length < HTTPD_BODY_MAX)
		max = (size_t)x->rq.length + REQUEST_HEAD_MAX;
	if (want > max)
		want = max;
	if (!httpd_budget_take(&l->h->budget, want - x->held, want <= SMALL))
		return false;
	x->held = want;
	x->body.max = want;
	return buf_reserve(&x->body, want - x->body.len, &e) != NULL;
}

static enum httpd_bodily
keep(struct httpd_exchange *x, const char *p, size_t n)
{
	struct err e = ERR_INIT;

	x->total += n;
	if (!x->drop)
		return buf_put(&x->body, p, n, &e) == 0 ? HTTPD_BODY_MORE
							: HTTPD_BODY_LOST;
	return x->total <= HTTPD_DROP_MAX ? HTTPD_BODY_MORE : HTTPD_BODY_ENOUGH;
}

static enum httpd_bodily
by_chunks(struct httpd_exchange *x, struct cur *in)
{
	enum httpd_bodily r = HTTPD_BODY_MORE;
	struct slice piece;

	while (r == HTTPD_BODY_MORE)
		switch (request_chunks_read(&x->chunks, in, &piece)) {
		case REQUEST_PIECE:
			r = keep(x, piece.p, piece.n);
			break;
		case REQUEST_WHOLE:
			return HTTPD_BODY_WHOLE;
		case REQUEST_BAD:
			httpd_answer_fault(x, &x->chunks.fault);
			return HTTPD_BODY_ENOUGH;
		case REQUEST_MORE:
			return HTTPD_BODY_MORE;
		}
	return r;
}

static enum httpd_bodily
by_length(struct httpd_exchange *x, struct cur *in)
{
	size_t n = cur_left(in);
	enum httpd_bodily r;

	if (n > x->left)
		n = (size_t)x->left;
	x->left -= n;
	r = keep(x, (const char *)cur_take(in, n), n);
	return r == HTTPD_BODY_MORE && x->left == 0 ? HTTPD_BODY_WHOLE : r;
}

static enum httpd_bodily
feed(struct httpd_exchange *x, const char *p, size_t n, size_t *rest)
{
	struct cur in;
	enum httpd_bodily r;

	cur_init(&in, p, n);
	r = x->rq.chunked ? by_chunks(x, &in) : by_length(x, &in);
	*rest = cur_left(&in);
	return r;
}

enum httpd_bodily
httpd_body(struct httpd_loop *l, struct httpd_conn *c)
{
	enum httpd_bodily r;
	size_t rest, had;
	ssize_t n;

	do {
		if (!grow(l, c->x))
			return HTTPD_BODY_STARVED;
		if ((had = c->nin) > 0) {
			r = feed(c->x, c->in, had, &rest);
			httpd_conn_behind(c, c->in + had - rest, rest);
			continue;
		}
		if (!c->readable)
			return HTTPD_BODY_MORE;
		n = httpd_recv(c, l->in, sizeof(l->in));
		if (n == -1)
			return HTTPD_BODY_MORE;
		if (n <= 0)
			return HTTPD_BODY_LOST;
		r = feed(c->x, l->in, (size_t)n, &rest);
		if (!httpd_conn_behind(c, l->in + n - rest, rest))
			return HTTPD_BODY_LOST;
	} while (r == HTTPD_BODY_MORE);
	return r;
}
