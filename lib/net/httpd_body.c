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
	size_t max = HTTPD_BODY_MAX + HTTPD_IN_MAX;
	struct err e = ERR_INIT;

	if (x->drop || x->held - x->body.len >= HTTPD_IN_MAX)
		return true;
	if (!x->rq.chunked && x->rq.length < HTTPD_BODY_MAX)
		max = (size_t)x->rq.length + HTTPD_IN_MAX;
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

enum httpd_bodily
httpd_body(struct httpd_loop *l, struct httpd_conn *c)
{
	struct httpd_exchange *x = c->x;
	enum httpd_bodily r;
	struct cur in;
	ssize_t n;

	do {
		if (!grow(l, x))
			return HTTPD_BODY_STARVED;
		if (x->in_at == x->nin) {
			x->in_at = x->nin = x->rq.size;
			n = httpd_recv(
			    c, x->in + x->nin, HTTPD_IN_MAX - x->nin);
			if (n <= 0)
				return n == -1 ? HTTPD_BODY_MORE
					       : HTTPD_BODY_LOST;
			x->nin += (size_t)n;
		}
		cur_init(&in, x->in + x->in_at, x->nin - x->in_at);
		r = x->rq.chunked ? by_chunks(x, &in) : by_length(x, &in);
		x->in_at += cur_off(&in);
	} while (r == HTTPD_BODY_MORE);
	return r;
}
