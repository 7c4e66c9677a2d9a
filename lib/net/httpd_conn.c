/* SPDX-License-Identifier: ISC */
/*
 * A connection goes on: each function looks at one state, and says whether
 * there is more to be done at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/net/httpd_priv.h"
#include "lib/net/httpd_tls.h"

#define LINGER_MAX ((uint64_t)256 << 10) /* bytes that are dropped */

static void
move(struct httpd_loop *l, struct httpd_conn *c, enum httpd_state to)
{
	httpd_table_move(&l->table, c, to, l->now_ms);
}

void
httpd_conn_ready(struct httpd_loop *l, struct httpd_conn *c)
{
	if (c->ready)
		return;
	c->ready = true;
	STAILQ_INSERT_TAIL(&l->ready, c, next_ready);
}

static void
count(struct httpd_loop *l, const struct httpd_conn *c,
    const struct httpd_exchange *x)
{
	struct httpd_tally *t = &l->tally;

	httpd_add(&t->requests, 1);
	httpd_add(x->res.status >= 500 ? &t->failed
		: x->res.status >= 400 ? &t->refused
				       : &t->sent,
	    1);
	httpd_add(&t->bytes, httpd_exchange_sent(c, x));
}

static void
end_exchange(struct httpd_loop *l, struct httpd_conn *c, bool whole)
{
	struct httpd_exchange *x = c->x;

	c->x = NULL;
	if (x->begun) {
		httpd_add(&l->tally.busy, UINT64_MAX);
		if (x->out_len > 0) {
			count(l, c, x);
			httpd_exchange_tell(l, c, x, whole);
		}
	}
	httpd_exchange_free(l, x);
}

/* What a worker has comes back, and is freed then. */
static void
cancel(struct httpd_loop *l, struct httpd_conn *c)
{
	atomic_store(&c->x->cancelled, true);
	httpd_add(&l->tally.busy, UINT64_MAX);
	if (c->state == HTTPD_AWAIT) {
		count(l, c, c->x);
		httpd_exchange_tell(l, c, c->x, false);
	}
	c->x = NULL;
}

void
httpd_conn_close(struct httpd_loop *l, struct httpd_conn *c)
{
	if (c->x != NULL && c->x->away)
		cancel(l, c);
	else if (c->x != NULL)
		end_exchange(l, c, false);
	httpd_tls_free(c->ssl);
	(void)close(c->fd);
	httpd_peer_leave(l->h->peers, c, l->number);
	httpd_table_remove(&l->table, c);
	atomic_fetch_sub(&l->h->nconns, 1);
}

/* The answer is out: whoever still sends is to see it, and not a reset. */
static bool
linger(struct httpd_loop *l, struct httpd_conn *c)
{
	if (c->ssl != NULL)
		httpd_tls_end(c->ssl);
	(void)shutdown(c->fd, SHUT_WR);
	c->taken = 0;
	c->readable = true;
	move(l, c, HTTPD_LINGER);
	return true;
}

static bool
drop(struct httpd_loop *l, struct httpd_conn *c)
{
	ssize_t n = recv(c->fd, l->block, HTTPD_BLOCK, 0);

	if (n > 0 && (c->taken += (uint64_t)n) <= LINGER_MAX)
		return true;
	if (n != -1 || errno != EAGAIN)
		httpd_conn_close(l, c);
	return false;
}

static bool
to_worker(struct httpd_loop *l, struct httpd_conn *c, enum httpd_state state)
{
	struct httpd_exchange *x = c->x;

	x->who = (struct httpd_handle){
	    l->number, httpd_table_index(&l->table, c), c->serial};
	x->away = true;
	move(l, c, state);
	httpd_work_put(l->h, x);
	return false;
}

/* All of the answer is given to the kernel. */
static bool
finish(struct httpd_loop *l, struct httpd_conn *c)
{
	struct httpd_exchange *was = c->x, *x = NULL;
	bool keep = was->keep;
	size_t n = was->nin - was->in_at;

	/* What came behind that request begins the next one. */
	if (keep && n > 0 && (x = httpd_exchange_new(l)) == NULL) {
		httpd_conn_close(l, c);
		return false;
	}
	if (x != NULL)
		memcpy(x->in, was->in + was->in_at, x->nin = n);
	end_exchange(l, c, true);
	if (!keep)
		return linger(l, c);
	c->x = x;
	move(l, c, HTTPD_IDLE);
	if (x == NULL)
		return c->readable;
	httpd_conn_ready(l, c);
	return false;
}

static bool
send_on(struct httpd_loop *l, struct httpd_conn *c)
{
	uint64_t before = c->sent;

	switch (httpd_send(l, c)) {
	case HTTPD_SENT_ALL:
		return finish(l, c);
	case HTTPD_SENT_TURN:
		httpd_conn_ready(l, c);
		move(l, c, HTTPD_SEND);
		return false;
	case HTTPD_SENT_FULL:
		if (c->sent != before || c->state != HTTPD_SEND)
			move(l, c, HTTPD_SEND);
		return false;
	case HTTPD_SENT_AWAIT:
		return to_worker(l, c, HTTPD_AWAIT);
	case HTTPD_SENT_FAILED:
		break;
	}
	httpd_conn_close(l, c);
	return false;
}

bool
httpd_conn_answer(struct httpd_loop *l, struct httpd_conn *c)
{
	struct httpd_exchange *x = c->x;

	x->keep = x->keep && x->body_over && !l->quiet;
	x->total = x->left = 0;
	if (x->res.bytes.len > 0) {
		httpd_budget_force(&l->h->budget, x->res.bytes.len);
		x->held += x->res.bytes.len;
	}
	httpd_answer(l, x);
	x->head = x->out_len;
	x->sent_at = c->sent;
	if (x->making && (x->piece = malloc(HTTPD_PIECE)) == NULL) {
		httpd_conn_close(l, c);
		return false;
	}
	c->taken = c->rated = c->sent;
	c->rated_ms = l->now_ms;
	c->rate = HTTPD_NO_RATE;
	return send_on(l, c);
}

static bool
answer_busy(struct httpd_loop *l, struct httpd_conn *c)
{
	httpd_answer_status(c->x, 503);
	c->x->res.retry_s = HTTPD_RETRY_S;
	return httpd_conn_answer(l, c);
}

/* A page is not even begun while the budget is used up. */
static bool
ask_worker(struct httpd_loop *l, struct httpd_conn *c)
{
	if ((c->x->kind & HTTPD_SLOW) == 0 || !httpd_budget_full(&l->h->budget))
		return to_worker(l, c, HTTPD_QUEUED);
	move(l, c, HTTPD_STARVED);
	return false;
}

bool
httpd_conn_dispatch(struct httpd_loop *l, struct httpd_conn *c)
{
	const struct httpd_opts *o = &l->h->o;
	struct httpd_exchange *x = c->x;
	struct httpd_req rq;

	x->body_over = true;
	if (x->refused)
		return httpd_conn_answer(l, c);
	httpd_work_request(&rq, x, l->path, l->number, l->now_ms);
	if (o->quick != NULL && o->quick(o->arg, &rq, &x->res))
		return httpd_conn_answer(l, c);
	x->kind = o->kind(o->arg, l->path);
	return ask_worker(l, c);
}

static bool
read_body(struct httpd_loop *l, struct httpd_conn *c)
{
	switch (httpd_body(l, c)) {
	case HTTPD_BODY_MORE:
		if (c->state != HTTPD_BODY)
			move(l, c, HTTPD_BODY);
		return false;
	case HTTPD_BODY_WHOLE:
		/* It was good when the body began. */
		(void)request_path(&c->x->rq, l->path, NULL);
		return httpd_conn_dispatch(l, c);
	case HTTPD_BODY_ENOUGH:
		return httpd_conn_answer(l, c);
	case HTTPD_BODY_STARVED:
		if (c->state != HTTPD_STARVED)
			move(l, c, HTTPD_STARVED);
		return false;
	case HTTPD_BODY_LOST:
		break;
	}
	httpd_conn_close(l, c);
	return false;
}

static bool
handshake(struct httpd_loop *l, struct httpd_conn *c)
{
	ssize_t r = httpd_tls_handshake(c->ssl);

	if (r == 1)
		move(l, c, HTTPD_HEAD);
	else if (r != -1)
		httpd_conn_close(l, c);
	return r == 1;
}

void
httpd_conn_run(struct httpd_loop *l, struct httpd_conn *c)
{
	static bool (*const by_state[HTTPD_NSTATES])(struct httpd_loop *,
	    struct httpd_conn *) = {[HTTPD_HANDSHAKE] = handshake,
	    [HTTPD_IDLE] = httpd_head,
	    [HTTPD_HEAD] = httpd_head,
	    [HTTPD_BODY] = read_body,
	    [HTTPD_SEND] = send_on,
	    [HTTPD_LINGER] = drop};

	while (by_state[c->state] != NULL && by_state[c->state](l, c))
		continue;
}

void
httpd_conn_back(
    struct httpd_loop *l, struct httpd_conn *c, struct httpd_exchange *x)
{
	bool good = x->job != HTTPD_JOB_PIECE || httpd_send_piece(x);

	x->away = false;
	move(l, c, HTTPD_SEND);
	/* None was sent yet: that can be said still. */
	if (!good && x->total == 0)
		httpd_answer_status(x, 500);
	else if (!good) {
		httpd_conn_close(l, c);
		return;
	}
	if (!good || x->job == HTTPD_JOB_ANSWER ? httpd_conn_answer(l, c)
						: send_on(l, c))
		httpd_conn_run(l, c);
}

/* The worker keeps what it has; the answer is another one. */
static bool
instead(struct httpd_loop *l, struct httpd_conn *c)
{
	struct httpd_exchange *was = c->x, *x = httpd_exchange_new(l);

	if (x == NULL) {
		httpd_conn_close(l, c);
		return false;
	}
	/* To all of this nobody writes any more. */
	memcpy(x->in, was->in, was->nin);
	x->nin = was->nin;
	x->in_at = was->in_at;
	x->rq = was->rq;
	x->rq.base = x->in;
	x->began_ms = was->began_ms;
	x->begun = true;
	x->keep = was->keep;
	x->tls = was->tls;
	x->body_over = true;
	atomic_store(&was->cancelled, true);
	c->x = x;
	return answer_busy(l, c);
}

/* Is it taken, if slowly?  Then it has time again. */
static bool
is_taken(struct httpd_loop *l, struct httpd_conn *c)
{
	uint64_t taken = httpd_send_taken(c);

	if (taken < c->taken || taken - c->taken < l->h->limits.send_bytes)
		return false;
	c->taken = taken;
	move(l, c, c->state);
	return true;
}

void
httpd_conn_expire(struct httpd_loop *l, struct httpd_conn *c)
{
	if (c->state == HTTPD_QUEUED || c->state == HTTPD_STARVED) {
		if (c->state == HTTPD_STARVED)
			c->x->keep = false;
		if (c->state == HTTPD_STARVED ? answer_busy(l, c)
					      : instead(l, c))
			httpd_conn_run(l, c);
		return;
	}
	if (c->state == HTTPD_SEND && is_taken(l, c))
		return;
	/* Else it was idle, or told us nothing yet, or has been answered. */
	if (c->x != NULL || c->state == HTTPD_HANDSHAKE)
		httpd_add(&l->tally.dripping, 1);
	httpd_conn_close(l, c);
}

/* Of those that wait longest; who is bound already costs a look. */
void
httpd_conn_bind(struct httpd_loop *l)
{
	static const enum httpd_state states[] = {HTTPD_SEND, HTTPD_IDLE};
	struct httpd_conn *c;
	size_t i;

	if (l->now_ms - l->bound_ms < HTTPD_TAKER_MS / 4)
		return;
	l->bound_ms = l->now_ms;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		for (c = TAILQ_FIRST(&l->table.lists[states[i]]);
		     c != NULL && l->now_ms - c->since_ms >= HTTPD_TAKER_MS;
		     c = TAILQ_NEXT(c, list)) {
			if (!c->taker)
				continue;
			httpd_send_bound(c->fd, HTTPD_UNSENT);
			c->taker = false;
			c->bound_at = c->sent;
		}
}

/* What it needs yet: a page nothing, a body of unknown length much. */
static uint64_t
need(const struct httpd_exchange *x)
{
	return x->body_over ? 0 : x->rq.chunked ? HTTPD_BODY_MAX : x->left;
}

void
httpd_conn_feed(struct httpd_loop *l)
{
	struct httpd_conn *c, *least;
	unsigned i;

	for (i = 0; i < 64; i++) {
		least = NULL;
		TAILQ_FOREACH(c, &l->table.lists[HTTPD_STARVED], list)
		if (least == NULL || need(c->x) < need(least->x))
			least = c;
		if (least == NULL)
			return;
		if (least->x->body_over ? ask_worker(l, least)
					: read_body(l, least))
			httpd_conn_run(l, least);
		if (least->state == HTTPD_STARVED)
			return;
	}
}
