/* SPDX-License-Identifier: ISC */
/*
 * Who has how many connections: one table of addresses for all loops, asked
 * when a connection begins and ends.  Of an IPv6 address its /64 counts, which
 * one customer has whole.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

#define BUCKETS 4096u /* a power of two */
#define PREFIX 8 /* bytes of an IPv6 address */

struct here { /* on one loop */
	struct httpd_ring ring; /* the loop's own */
	unsigned n; /* under the lock */
};

struct httpd_peer {
	LIST_ENTRY(httpd_peer) list; /* of its bucket */
	uint8_t key[16];
	unsigned n; /* all */
	struct here here[];
};

struct httpd_peers {
	pthread_mutex_t lock; /* of the buckets, and of counts in peers */
	unsigned loops;
	uint64_t seed;
	LIST_HEAD(, httpd_peer) buckets[BUCKETS];
};

struct httpd_peers *
httpd_peers_new(unsigned loops, struct err *e)
{
	struct httpd_peers *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&p->lock, NULL);
	p->loops = loops;
	/* Where it lies: nobody outside can choose what collides. */
	p->seed = (uintptr_t)p * UINT64_C(0x9e3779b97f4a7c15);
	return p;
}

void
httpd_peers_free(struct httpd_peers *p)
{
	if (p == NULL)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* NULL: it is not known, or there is no memory for one that is new. */
static struct httpd_peer *
find(struct httpd_peers *p, const uint8_t address[16], bool new)
{
	uint64_t h = p->seed;
	uint8_t key[16] = {0};
	struct httpd_peer *x;
	unsigned i;

	memcpy(key, address, httpd_is_v4(address) ? sizeof(key) : PREFIX);
	for (i = 0; i < sizeof(key); i++)
		h = (h ^ key[i]) * UINT64_C(0x100000001b3);
	h = (h >> 32) % BUCKETS;
	LIST_FOREACH(x, &p->buckets[h], list)
	if (memcmp(x->key, key, sizeof(key)) == 0)
		return x;
	if (!new ||
	    (x = calloc(1, sizeof(*x) + p->loops * sizeof(x->here[0]))) == NULL)
		return NULL;
	memcpy(x->key, key, sizeof(key));
	LIST_INSERT_HEAD(&p->buckets[h], x, list);
	return x;
}

struct httpd_peer *
httpd_peer_enter(struct httpd_peers *p, const uint8_t address[16],
    struct httpd_conn *c, unsigned loop, unsigned *n)
{
	pthread_mutex_lock(&p->lock);
	if ((c->peer = find(p, address, true)) != NULL) {
		*n = ++c->peer->n;
		c->peer->here[loop].n++;
	}
	pthread_mutex_unlock(&p->lock);
	if (c->peer != NULL)
		LIST_INSERT_HEAD(&c->peer->here[loop].ring, c, ring);
	return c->peer;
}

void
httpd_peer_leave(struct httpd_peers *p, struct httpd_conn *c, unsigned loop)
{
	struct httpd_peer *x = c->peer;

	if (x == NULL)
		return;
	LIST_REMOVE(c, ring);
	c->peer = NULL;
	pthread_mutex_lock(&p->lock);
	x->here[loop].n--;
	if (--x->n == 0) {
		LIST_REMOVE(x, list);
		free(x);
	}
	pthread_mutex_unlock(&p->lock);
}

struct httpd_conn *
httpd_peer_ring(const struct httpd_peer *p, unsigned loop)
{
	return LIST_FIRST(&p->here[loop].ring);
}

struct httpd_conn *
httpd_peer_here(struct httpd_peers *p, const uint8_t address[16], unsigned loop)
{
	struct httpd_peer *x;

	pthread_mutex_lock(&p->lock);
	x = find(p, address, false);
	/* Else it may be gone once it is not locked. */
	if (x != NULL && x->here[loop].n == 0)
		x = NULL;
	pthread_mutex_unlock(&p->lock);
	return x != NULL ? httpd_peer_ring(x, loop) : NULL;
}

int
httpd_peer_elsewhere(
    struct httpd_peers *p, const struct httpd_peer *peer, unsigned loop)
{
	unsigned i;
	int most = -1;

	pthread_mutex_lock(&p->lock);
	for (i = 0; i < p->loops; i++)
		if (i != loop && peer->here[i].n > 0 &&
		    (most == -1 || peer->here[i].n > peer->here[most].n))
			most = (int)i;
	pthread_mutex_unlock(&p->lock);
	return most;
}
