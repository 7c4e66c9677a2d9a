/* SPDX-License-Identifier: ISC */
/*
 * A loop's connections: a list for each state, in the order in which they came
 * into it, so that whose time is over, or who is to go, stands in front.
 */
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

int
httpd_table_open(struct httpd_table *t, unsigned max, struct err *e)
{
	*t = (struct httpd_table){.max = max};
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
unlink_conn(struct httpd_table *t, struct httpd_conn *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		t->lists[c->state].first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		t->lists[c->state].last = c->prev;
}

static void
append(struct httpd_table *t, struct httpd_conn *c, enum httpd_state to,
    uint64_t now_ms)
{
	c->state = (uint8_t)to;
	c->since_ms = now_ms;
	c->next = NULL;
	c->prev = t->lists[to].last;
	if (c->prev != NULL)
		c->prev->next = c;
	else
		t->lists[to].first = c;
	t->lists[to].last = c;
}

struct httpd_conn *
httpd_table_add(struct httpd_table *t, uint64_t now_ms)
{
	struct httpd_conn *c = t->unused;
	uint32_t serial;
	bool ready;

	if (c == NULL && t->used == t->max)
		return NULL;
	if (c != NULL)
		t->unused = c->next;
	else
		c = &t->conns[t->used++];
	serial = c->serial + 1;
	/* It may still stand in the list of ready ones, and do no harm there. */
	ready = c->ready;
	*c = (struct httpd_conn){.serial = serial != 0 ? serial : 1,
	    .ready = ready,
	    .ready_next = c->ready_next,
	    .fd = -1};
	append(t, c, HTTPD_HEAD, now_ms);
	t->n++;
	return c;
}

void
httpd_table_remove(struct httpd_table *t, struct httpd_conn *c)
{
	unlink_conn(t, c);
	c->state = HTTPD_UNUSED;
	c->serial++;
	c->next = t->unused;
	t->unused = c;
	t->n--;
}

void
httpd_table_move(struct httpd_table *t, struct httpd_conn *c,
    enum httpd_state to, uint64_t now_ms)
{
	unlink_conn(t, c);
	append(t, c, to, now_ms);
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
static const unsigned char rank[HTTPD_NSTATES] = {[HTTPD_IDLE] = 1,
    [HTTPD_LINGER] = 2,
    [HTTPD_HANDSHAKE] = 2,
    [HTTPD_HEAD] = 2,
    [HTTPD_BODY] = 2,
    [HTTPD_STARVED] = 2,
    [HTTPD_MEMORY] = 3,
    [HTTPD_FILE] = 3};

/* Is a to go before b? */
static bool
goes_before(const struct httpd_conn *a, const struct httpd_conn *b,
    uint64_t now_ms, uint64_t stalled_ms)
{
	if (a == NULL || rank[a->state] == 0 ||
	    (rank[a->state] == 3 && now_ms - a->since_ms < stalled_ms))
		return false;
	if (b == NULL || rank[a->state] != rank[b->state])
		return b == NULL || rank[a->state] < rank[b->state];
	return a->since_ms < b->since_ms;
}

struct httpd_conn *
httpd_table_victim(const struct httpd_table *t, const struct httpd_peer *of,
    uint64_t now_ms, uint64_t stalled_ms)
{
	struct httpd_conn *c, *first, *best = NULL;
	unsigned i;

	if (of == NULL) {
		for (i = 0; i < HTTPD_NSTATES; i++)
			if (goes_before(
				t->lists[i].first, best, now_ms, stalled_ms))
				best = t->lists[i].first;
		return best;
	}
	first = c = httpd_peer_ring(of, t->loop);
	while (c != NULL) {
		if (goes_before(c, best, now_ms, stalled_ms))
			best = c;
		c = c->ring_next != first ? c->ring_next : NULL;
	}
	return best;
}
