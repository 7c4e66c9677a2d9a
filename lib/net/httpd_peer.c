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
	struct httpd_conn *ring; /* the loop's own */
	unsigned n; /* under the lock */
};

struct httpd_peer {
	struct httpd_peer *next;
	uint8_t key[16];
	unsigned n; /* all */
	struct here here[];
};

struct httpd_peers {
	pthread_mutex_t lock; /* of the buckets, and of counts in peers */
	unsigned loops;
	uint64_t seed;
	struct httpd_peer *buckets[BUCKETS];
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

static void
make_key(uint8_t key[16], const uint8_t address[16])
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	memcpy(key, address, 16);
	if (memcmp(address, mapped, sizeof(mapped)) != 0)
		memset(key + PREFIX, 0, 16 - PREFIX);
}

static struct httpd_peer **
bucket(struct httpd_peers *p, const uint8_t key[16])
{
	uint64_t h = p->seed;
	unsigned i;

	for (i = 0; i < 16; i++)
		h = (h ^ key[i]) * UINT64_C(0x100000001b3);
	return &p->buckets[(h >> 32) % BUCKETS];
}

static struct httpd_peer *
find(struct httpd_peers *p, const uint8_t key[16])
{
	struct httpd_peer *x, **at = bucket(p, key);

	for (x = *at; x != NULL; x = x->next)
		if (memcmp(x->key, key, 16) == 0)
			return x;
	x = calloc(1, sizeof(*x) + p->loops * sizeof(x->here[0]));
	if (x == NULL)
		return NULL;
	memcpy(x->key, key, 16);
	x->next = *at;
	*at = x;
	return x;
}

struct httpd_peer *
httpd_peer_enter(struct httpd_peers *p, const uint8_t address[16],
    struct httpd_conn *c, unsigned loop, unsigned *n)
{
	struct httpd_peer *x;
	struct httpd_conn *first;
	uint8_t key[16];

	make_key(key, address);
	pthread_mutex_lock(&p->lock);
	if ((x = find(p, key)) != NULL) {
		*n = ++x->n;
		x->here[loop].n++;
	}
	pthread_mutex_unlock(&p->lock);
	if (x == NULL)
		return NULL;
	c->peer = x;
	c->ring_next = c->ring_prev = c;
	if ((first = x->here[loop].ring) != NULL) {
		c->ring_next = first;
		c->ring_prev = first->ring_prev;
		first->ring_prev->ring_next = c;
		first->ring_prev = c;
	} else {
		x->here[loop].ring = c;
	}
	return x;
}

void
httpd_peer_leave(struct httpd_peers *p, struct httpd_conn *c, unsigned loop)
{
	struct httpd_peer *x = c->peer, **at;

	if (x == NULL)
		return;
	c->ring_prev->ring_next = c->ring_next;
	c->ring_next->ring_prev = c->ring_prev;
	if (x->here[loop].ring == c)
		x->here[loop].ring = c->ring_next != c ? c->ring_next : NULL;
	c->peer = NULL;
	pthread_mutex_lock(&p->lock);
	x->here[loop].n--;
	if (--x->n == 0) {
		for (at = bucket(p, x->key); *at != x; at = &(*at)->next)
			continue;
		*at = x->next;
		free(x);
	}
	pthread_mutex_unlock(&p->lock);
}

struct httpd_peer *
httpd_peer_here(struct httpd_peers *p, const uint8_t address[16], unsigned loop)
{
	struct httpd_peer *x;
	uint8_t key[16];

	make_key(key, address);
	pthread_mutex_lock(&p->lock);
	for (x = *bucket(p, key); x != NULL; x = x->next)
		if (memcmp(x->key, key, 16) == 0)
			break;
	/* Else it may be gone once it is not locked. */
	if (x != NULL && x->here[loop].n == 0)
		x = NULL;
	pthread_mutex_unlock(&p->lock);
	return x;
}

struct httpd_conn *
httpd_peer_ring(const struct httpd_peer *p, unsigned loop)
{
	return p->here[loop].ring;
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
