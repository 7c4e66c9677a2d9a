/* SPDX-License-Identifier: ISC */
/*
 * A loop's connections: a list for each state, in the order in which they came
 * into it, so that whose time is over, or who is to go, stands in front.
 */
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

#define RATED_MS 1000
#define FRESH_MS 200 /* too short to be called slow */
#define NEW_MS 1000 /* its request may be under way */
#define LOOKED_AT 64

int
httpd_table_open(struct httpd_table *t, unsigned max, struct err *e)
{
	unsigned i;

	*t = (struct httpd_table){.max = max};
	for (i = 0; i < HTTPD_NSTATES; i++)
		TAILQ_INIT(&t->lists[i]);
	t->conns = calloc(max, sizeof(*t->conns));
	return t->conns == NULL ? err_nomem(e) : 0;
}

void
httpd_table_close(struct httpd_table *t)
{
	free(t->conns);
	t->conns = NULL;
}

static void
append(struct httpd_table *t, struct httpd_conn *c, enum httpd_state to,
    uint64_t now_ms)
{
	c->state = (uint8_t)to;
	c->since_ms = now_ms;
	TAILQ_INSERT_TAIL(&t->lists[to], c, list);
}

struct httpd_conn *
httpd_table_add(struct httpd_table *t, uint64_t now_ms)
{
	struct httpd_conn *c = TAILQ_LAST(&t->lists[HTTPD_UNUSED], httpd_conns);

	if (c == NULL && t->used == t->max)
		return NULL;
	if (c != NULL)
		TAILQ_REMOVE(&t->lists[HTTPD_UNUSED], c, list);
	else
		c = &t->conns[t->used++];
	/* It may still stand in the list of ready ones, and do no harm there. */
	*c = (struct httpd_conn){
	    .serial = c->serial + 1 != 0 ? c->serial + 1 : 1,
	    .ready = c->ready,
	    .next_ready = c->next_ready,
	    .fd = -1};
	append(t, c, HTTPD_HEAD, now_ms);
	t->n++;
	return c;
}

void
httpd_table_move(struct httpd_table *t, struct httpd_conn *c,
    enum httpd_state to, uint64_t now_ms)
{
	TAILQ_REMOVE(&t->lists[c->state], c, list);
	append(t, c, to, now_ms);
}

void
httpd_table_remove(struct httpd_table *t, struct httpd_conn *c)
{
	httpd_table_move(t, c, HTTPD_UNUSED, 0);
	c->serial++;
	t->n--;
}

uint32_t
httpd_table_index(const struct httpd_table *t, const struct httpd_conn *c)
{
	return (uint32_t)(c - t->conns);
}

struct httpd_conn *
httpd_table_find(const struct httpd_table *t, uint32_t i, uint32_t serial)
{
	struct httpd_conn *c;

	if (i >= t->max)
		return NULL;
	c = &t->conns[i];
	return c->state != HTTPD_UNUSED && c->serial == serial ? c : NULL;
}

/* The order in which they are to go; 0: not at all. */
enum { NEVER, AT_ONCE, LONG_ABOUT_IT, TAKES_SLOWLY, NEW, NONE };

static const unsigned char order[HTTPD_NSTATES] = {[HTTPD_IDLE] = AT_ONCE,
    [HTTPD_LINGER] = AT_ONCE,
    [HTTPD_HANDSHAKE] = LONG_ABOUT_IT,
    [HTTPD_HEAD] = LONG_ABOUT_IT,
    [HTTPD_BODY] = LONG_ABOUT_IT,
    [HTTPD_STARVED] = LONG_ABOUT_IT,
    [HTTPD_SEND] = TAKES_SLOWLY};

struct choice {
	struct httpd_conn *c; /* or NULL */
	unsigned order;
	uint64_t rate; /* bytes a second that it takes; where it is sent to */
};

/*
 * In the last whole second or more in which somebody asked.  Before there is
 * one: does it get on?  What a kernel takes at once, for a client that then
 * takes nothing, is not to count.
 */
static uint64_t
rate_of(struct httpd_conn *c, uint64_t now_ms)
{
	uint64_t taken, age = now_ms - c->rated_ms;
	bool first = c->rate == HTTPD_NO_RATE;

	if (age >= RATED_MS) {
		taken = httpd_send_taken(c);
		c->rate = first || taken < c->rated
		    ? 0
		    : (taken - c->rated) * 1000 / age;
		c->rated = taken;
		c->rated_ms = now_ms;
	}
	if (first)
		return now_ms - c->since_ms >= FRESH_MS ? 0 : UINT64_MAX;
	return c->rate;
}

/* Is c to go rather than what was chosen before? */
static void
consider(
    struct choice *best, struct httpd_conn *c, uint64_t now_ms, uint64_t slow)
{
	struct choice x = {c, order[c->state], 0};

	if (x.order == LONG_ABOUT_IT && now_ms - c->since_ms < NEW_MS)
		x.order = NEW;
	if (x.order == NEVER || x.order > best->order ||
	    (best->c == NULL && x.order == best->order))
		return;
	if (x.order == TAKES_SLOWLY && (x.rate = rate_of(c, now_ms)) >= slow)
		return;
	if (x.order < best->order ||
	    (x.order == TAKES_SLOWLY ? x.rate < best->rate
				     : c->since_ms < best->c->since_ms))
		*best = x;
}

struct httpd_conn *
httpd_table_victim(const struct httpd_table *t, const struct httpd_conn *of,
    uint64_t now_ms, uint64_t slow, bool new)
{
	struct choice best = {.order = new ? NONE : NEW};
	struct httpd_conn *c;
	unsigned i, n;

	if (of != NULL) {
		for (c = httpd_peer_ring(of->peer, t->loop); c != NULL;
		     c = LIST_NEXT(c, ring))
			if (c != of)
				consider(&best, c, now_ms, slow);
		return best.c;
	}
	/* Of most states the first; of those that are sent to, some that have
	   waited longest. */
	for (i = 0; i < HTTPD_NSTATES; i++) {
		n = order[i] == TAKES_SLOWLY ? LOOKED_AT : 1;
		for (c = TAILQ_FIRST(&t->lists[i]); c != NULL && n > 0;
		     c = TAILQ_NEXT(c, list), n--)
			consider(&best, c, now_ms, slow);
	}
	return best.c;
}
