/* SPDX-License-Identifier: ISC */
#include "lib/net/httpd_watch.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/base/err.h"

struct watch_conn {
	int fd; /* borrowed; -1: free */
	struct watch_conn *next; /* of the free ones */
	atomic_uint turn; /* odd: an answer is under way */
	/* What the sweeper saw when the turn began. */
	unsigned seen;
	bool dripping; /* bytes of a head have come */
	uint64_t since_ms, bytes;
};

struct watch {
	pthread_mutex_t lock; /* of fd and next, not of turns */
	struct watch_conn *conns, *unused; /* owned; points into conns */
	unsigned max;
};

int
httpd_watch_open(struct watch **out, unsigned max, struct err *e)
{
	struct watch *w;
	unsigned i;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return err_nomem(e);
	if ((w->conns = calloc(max, sizeof(*w->conns))) == NULL) {
		free(w);
		return err_nomem(e);
	}
	w->max = max;
	for (i = max; i-- > 0;) {
		w->conns[i].fd = -1;
		w->conns[i].next = w->unused;
		w->unused = &w->conns[i];
	}
	pthread_mutex_init(&w->lock, NULL);
	*out = w;
	return 0;
}

void
httpd_watch_close(struct watch *w)
{
	if (w == NULL)
		return;
	pthread_mutex_destroy(&w->lock);
	free(w->conns);
	free(w);
}

struct watch_conn *
httpd_watch_add(struct watch *w, int fd)
{
	struct watch_conn *c;

	pthread_mutex_lock(&w->lock);
	if ((c = w->unused) != NULL) {
		w->unused = c->next;
		c->fd = fd;
		/* The next even one: the sweeper has not seen it. */
		atomic_store(&c->turn, (atomic_load(&c->turn) | 1) + 1);
	}
	pthread_mutex_unlock(&w->lock);
	return c;
}

void
httpd_watch_remove(struct watch *w, struct watch_conn *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	httpd_watch_waiting(c);
	c->fd = -1;
	c->next = w->unused;
	w->unused = c;
	pthread_mutex_unlock(&w->lock);
}

void
httpd_watch_answering(struct watch_conn *c)
{
	if (c != NULL && atomic_load(&c->turn) % 2 == 0)
		atomic_fetch_add(&c->turn, 1);
}

void
httpd_watch_waiting(struct watch_conn *c)
{
	if (c != NULL && atomic_load(&c->turn) % 2 == 1)
		atomic_fetch_add(&c->turn, 1);
}

size_t
httpd_watch_busy(struct watch *w)
{
	size_t n = 0;
	unsigned i;

	for (i = 0; i < w->max; i++)
		n += atomic_load(&w->conns[i].turn) % 2;
	return n;
}

/* Is it one that drips?  bytes: came, or were taken, so far. */
static bool
drips(struct watch_conn *c, unsigned turn, uint64_t bytes, uint64_t now_ms)
{
	if (turn != c->seen) {
		c->seen = turn;
		c->since_ms = now_ms;
		c->bytes = bytes;
		c->dripping = false;
	} else if (turn % 2 == 1) {
		if (now_ms - c->since_ms < WATCH_SLOW_MS)
			return false;
		if (bytes - c->bytes < WATCH_SLOW_BYTES)
			return true;
		c->since_ms = now_ms;
		c->bytes = bytes;
	} else if (!c->dripping) {
		c->dripping = bytes != c->bytes;
		c->since_ms = now_ms;
	} else {
		return now_ms - c->since_ms >= WATCH_HEAD_MS;
	}
	return false;
}

static bool
sweep_one(struct watch_conn *c, uint64_t now_ms)
{
	unsigned turn = atomic_load(&c->turn);
	struct tcp_info info = {.tcpi_bytes_acked = 0};
	socklen_t len = sizeof(info);

	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return false;
	if (!drips(c, turn,
		turn % 2 == 1 ? info.tcpi_bytes_acked
			      : info.tcpi_bytes_received,
		now_ms))
		return false;
	return shutdown(c->fd, SHUT_RDWR) == 0;
}

size_t
httpd_watch_sweep(struct watch *w, uint64_t now_ms)
{
	size_t n = 0;
	unsigned i;

	/* Held for each one, so that its descriptor is not another's. */
	for (i = 0; i < w->max; i++) {
		pthread_mutex_lock(&w->lock);
		if (w->conns[i].fd != -1 && sweep_one(&w->conns[i], now_ms))
			n++;
		pthread_mutex_unlock(&w->lock);
	}
	return n;
}
