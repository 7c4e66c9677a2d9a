/* SPDX-License-Identifier: ISC */
/* The server as a whole: its threads begin and end. */
#include "lib/net/httpd.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

#define BUDGET ((size_t)64 << 20)

const struct httpd_limits httpd_limits = {.handshake = 30000,
    .head = 30000,
    .body = 60000,
    .idle = 120000,
    .linger = 5000,
    .starved = 60000,
    .queued = 60000,
    .send = 60000,
    .send_bytes = 4096,
    .slow = 65536};

bool
httpd_is_v4(const uint8_t address[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(address, mapped, sizeof(mapped)) == 0;
}

int
httpd_query(
    const struct httpd_req *rq, const char *key, char out[HTTPD_QUERY_MAX + 1])
{
	out[0] = '\0';
	return request_query(request_text(rq->head_of, rq->head_of->query), key,
	    0, out, HTTPD_QUERY_MAX);
}

bool
httpd_header(
    const struct httpd_req *rq, const char *name, char *out, size_t room)
{
	struct slice v;
	unsigned i = 0;

	if (!request_other(rq->head_of, name, &i, &v) || v.n >= room)
		return false;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
	return true;
}

static int
open_loops(struct httpd *h, struct err *e)
{
	unsigned i;

	h->loops = aligned_alloc(
	    _Alignof(struct httpd_loop), h->o.loops * sizeof(*h->loops));
	if (h->loops == NULL)
		return err_nomem(e);
	memset(h->loops, 0, h->o.loops * sizeof(*h->loops));
	for (i = 0; i < h->o.loops; i++) {
		h->loops[i].h = h;
		h->loops[i].number = i;
		h->loops[i].ep = h->loops[i].wake = h->loops[i].spare = -1;
		STAILQ_INIT(&h->loops[i].mail);
		STAILQ_INIT(&h->loops[i].unused);
		pthread_mutex_init(&h->loops[i].lock, NULL);
	}
	for (i = 0; i < h->o.loops; i++)
		if (httpd_loop_open(&h->loops[i], e) == -1)
			return -1;
	return 0;
}

static int
start_loops(struct httpd *h, struct err *e)
{
	unsigned i;

	for (i = 0; i < h->o.loops; i++) {
		errno = pthread_create(
		    &h->loops[i].thread, NULL, httpd_loop_run, &h->loops[i]);
		if (errno != 0)
			return err_sys(e, "a thread of the server");
		h->loops[i].started = true;
	}
	return 0;
}

/* Signals are for the thread that waits for them. */
static int
start_threads(struct httpd *h, struct err *e)
{
	sigset_t all, was;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	r = httpd_work_start(h, e) == -1 ? -1 : start_loops(h, e);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return r;
}

static void
take_listens(struct httpd *h, const struct httpd_listen *v, size_t n)
{
	int on = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		h->listens[i] = v[i];
		/* Connections have it from them.  An answer's last packet is
		   not to wait for the one before to be acknowledged. */
		(void)setsockopt(
		    v[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		httpd_send_bound(
		    v[i].fd, v[i].tls ? 4 * HTTPD_UNSENT : HTTPD_UNSENT);
	}
	h->nlistens = n;
}

int
httpd_start(struct httpd **out, const struct httpd_listen *v, size_t n,
    const struct httpd_opts *o, struct err *e)
{
	struct httpd *h = calloc(1, sizeof(*h));
	unsigned i;

	*out = NULL;
	if (h == NULL)
		return err_nomem(e);
	h->o = *o;
	h->limits = o->limits != NULL ? *o->limits : httpd_limits;
	h->budget.max = o->budget != 0 ? o->budget : BUDGET;
	for (i = 0; i < HTTPD_NQ; i++) {
		pthread_mutex_init(&h->queues[i].lock, NULL);
		pthread_cond_init(&h->queues[i].more, NULL);
		STAILQ_INIT(&h->queues[i].list);
	}
	take_listens(h, v, n);
	if ((h->peers = httpd_peers_new(o->loops, e)) == NULL ||
	    open_loops(h, e) == -1 || start_threads(h, e) == -1) {
		httpd_stop(h);
		return -1;
	}
	*out = h;
	return 0;
}

void
httpd_counts(struct httpd *h, struct httpd_counts *c)
{
	const struct httpd_tally *t;
	unsigned i;

	*c = (struct httpd_counts){.conns = atomic_load(&h->nconns),
	    .held = atomic_load(&h->budget.used)};
	for (i = 0; i < h->o.loops; i++) {
		t = &h->loops[i].tally;
		c->requests += atomic_load(&t->requests);
		c->sent += atomic_load(&t->sent);
		c->refused += atomic_load(&t->refused);
		c->failed += atomic_load(&t->failed);
		c->dripping += atomic_load(&t->dripping);
		c->evicted += atomic_load(&t->evicted);
		c->turned_away += atomic_load(&t->turned_away);
		c->bytes += atomic_load(&t->bytes);
		c->accepted += atomic_load(&t->accepted);
		c->busy += atomic_load(&t->busy);
	}
}

static void
wake_all(struct httpd *h)
{
	unsigned i;

	for (i = 0; h->loops != NULL && i < h->o.loops; i++)
		if (h->loops[i].started)
			httpd_loop_wake(&h->loops[i]);
}

void
httpd_quiesce(struct httpd *h)
{
	atomic_store(&h->quiet, true);
	wake_all(h);
}

void
httpd_stop(struct httpd *h)
{
	unsigned i;

	if (h == NULL)
		return;
	atomic_store(&h->stopping, true);
	wake_all(h);
	for (i = 0; h->loops != NULL && i < h->o.loops; i++)
		if (h->loops[i].started)
			pthread_join(h->loops[i].thread, NULL);
	/* What they had in hand comes back to loops that nobody runs. */
	httpd_work_stop(h);
	for (i = 0; h->loops != NULL && i < h->o.loops; i++)
		httpd_loop_close(&h->loops[i]);
	for (i = 0; i < HTTPD_NQ; i++) {
		pthread_mutex_destroy(&h->queues[i].lock);
		pthread_cond_destroy(&h->queues[i].more);
	}
	for (i = 0; i < h->nlistens; i++)
		(void)close(h->listens[i].fd);
	httpd_peers_free(h->peers);
	free(h->loops);
	free(h);
}
