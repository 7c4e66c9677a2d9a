/* SPDX-License-Identifier: ISC */
/*
 * A loop: what the kernel tells of its connections, what workers send back, and
 * whose time is over.  It waits here, and nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/net/httpd_priv.h"

#define EVENTS 256
#define WAKE UINT32_MAX /* in place of a listening socket's number */

int
httpd_loop_open(struct httpd_loop *l, struct err *e)
{
	const struct httpd_limits *m = &l->h->limits;
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = WAKE};
	const uint64_t limits[HTTPD_NSTATES] = {
	    [HTTPD_HANDSHAKE] = m->handshake,
	    [HTTPD_IDLE] = m->idle,
	    [HTTPD_HEAD] = m->head,
	    [HTTPD_BODY] = m->body,
	    [HTTPD_STARVED] = m->starved,
	    [HTTPD_QUEUED] = m->queued,
	    [HTTPD_SEND] = m->send,
	    [HTTPD_AWAIT] = m->send,
	    [HTTPD_LINGER] = m->linger};

	memcpy(l->limits, limits, sizeof(limits));
	STAILQ_INIT(&l->ready);
	if (httpd_table_open(&l->table, l->h->o.max_conns, e) == -1)
		return -1;
	l->table.loop = l->number;
	l->ep = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->ep == -1 || l->wake == -1 ||
	    epoll_ctl(l->ep, EPOLL_CTL_ADD, l->wake, &ev) == -1 ||
	    (l->spare = fcntl(l->ep, F_DUPFD_CLOEXEC, 0)) == -1)
		return err_sys(e, "a loop of the server");
	return 0;
}

void
httpd_loop_close(struct httpd_loop *l)
{
	struct httpd_exchange *x;
	const int fds[] = {l->ep, l->wake, l->spare};
	size_t i;

	while ((x = STAILQ_FIRST(&l->mail)) != NULL) {
		STAILQ_REMOVE_HEAD(&l->mail, next);
		httpd_res_free(&x->res);
		httpd_exchange_free(l, x);
	}
	while ((x = STAILQ_FIRST(&l->unused)) != NULL) {
		STAILQ_REMOVE_HEAD(&l->unused, next);
		free(x);
	}
	for (i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] != -1)
			(void)close(fds[i]);
	httpd_table_close(&l->table);
	pthread_mutex_destroy(&l->lock);
}

void
httpd_loop_wake(struct httpd_loop *l)
{
	const uint64_t one = 1;

	/* Full it is woken anyway. */
	if (write(l->wake, &one, sizeof(one)) == -1)
		return;
}

void
httpd_loop_mail(struct httpd_loop *l, struct httpd_exchange *x)
{
	bool first;

	pthread_mutex_lock(&l->lock);
	first = STAILQ_EMPTY(&l->mail);
	STAILQ_INSERT_TAIL(&l->mail, x, next);
	pthread_mutex_unlock(&l->lock);
	if (first)
		httpd_loop_wake(l);
}

static void
take_mail(struct httpd_loop *l)
{
	struct httpd_exchanges mail = STAILQ_HEAD_INITIALIZER(mail);
	struct httpd_exchange *x;
	struct httpd_conn *c;

	pthread_mutex_lock(&l->lock);
	STAILQ_CONCAT(&mail, &l->mail);
	pthread_mutex_unlock(&l->lock);
	while ((x = STAILQ_FIRST(&mail)) != NULL) {
		STAILQ_REMOVE_HEAD(&mail, next);
		c = httpd_table_find(&l->table, x->who.i, x->who.serial);
		if (x->job == HTTPD_JOB_EVICT)
			httpd_evict_peer(l, x->address);
		/* It may have ended, or have another answer by now. */
		if (c != NULL && c->x == x)
			httpd_conn_back(l, c, x);
		else
			httpd_exchange_free(l, x);
	}
}

static void
look_at_clock(struct httpd_loop *l)
{
	struct timespec t;

	l->now_ms = clock_ms();
	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	if (t.tv_sec != l->date_s) {
		l->date_s = t.tv_sec;
		httpdate_write(l->date, t.tv_sec);
	}
}

static void
on_event(struct httpd_loop *l, const struct epoll_event *ev)
{
	uint32_t serial = (uint32_t)(ev->data.u64 >> 32);
	uint32_t i = (uint32_t)ev->data.u64;
	struct httpd_conn *c;
	uint64_t n;

	if (serial == 0 && i == WAKE) {
		if (read(l->wake, &n, sizeof(n)) == sizeof(n))
			take_mail(l);
		return;
	}
	if (serial == 0) {
		httpd_accept(l, &l->h->listens[i]);
		return;
	}
	if ((c = httpd_table_find(&l->table, i, serial)) == NULL)
		return;
	/* Where both sides have ended there may be bytes yet; to close over
	   them would reset what the client is still reading. */
	if ((ev->events & EPOLLERR) != 0) {
		httpd_conn_close(l, c);
		return;
	}
	c->ended |= (ev->events & (EPOLLRDHUP | EPOLLHUP)) != 0;
	c->readable |= c->ended || (ev->events & EPOLLIN) != 0;
	httpd_conn_run(l, c);
}

/* Those that have had their turn; once each. */
static void
run_ready(struct httpd_loop *l)
{
	struct httpd_ready now = STAILQ_HEAD_INITIALIZER(now);
	struct httpd_conn *c;

	STAILQ_CONCAT(&now, &l->ready);
	while ((c = STAILQ_FIRST(&now)) != NULL) {
		STAILQ_REMOVE_HEAD(&now, next_ready);
		c->ready = false;
		if (c->state != HTTPD_UNUSED)
			httpd_conn_run(l, c);
	}
}

static void
expire(struct httpd_loop *l)
{
	struct httpd_conn *c;
	unsigned i;

	for (i = HTTPD_UNUSED + 1; i < HTTPD_NSTATES; i++)
		while ((c = TAILQ_FIRST(&l->table.lists[i])) != NULL &&
		    l->now_ms - c->since_ms >= l->limits[i])
			httpd_conn_expire(l, c);
}

static void
close_all(struct httpd_loop *l, enum httpd_state state)
{
	struct httpd_conn *c;

	while ((c = TAILQ_FIRST(&l->table.lists[state])) != NULL)
		httpd_conn_close(l, c);
}

static int
patience(const struct httpd_loop *l)
{
	if (!STAILQ_EMPTY(&l->ready))
		return 0;
	if (!TAILQ_EMPTY(&l->table.lists[HTTPD_STARVED]))
		return 20;
	return l->table.n > 0 || !l->listening ? 250 : -1;
}

void *
httpd_loop_run(void *arg)
{
	struct httpd_loop *l = arg;
	struct epoll_event ev[EVENTS];
	unsigned i;
	int n;

	look_at_clock(l);
	httpd_share(l);
	while (!atomic_load(&l->h->stopping)) {
		n = epoll_wait(l->ep, ev, EVENTS, patience(l));
		look_at_clock(l);
		for (i = 0; n > 0 && i < (unsigned)n; i++)
			on_event(l, &ev[i]);
		run_ready(l);
		expire(l);
		httpd_conn_bind(l);
		httpd_conn_feed(l);
		if (atomic_load(&l->h->quiet) && !l->quiet) {
			l->quiet = true;
			close_all(l, HTTPD_IDLE);
		}
		httpd_share(l);
	}
	for (i = HTTPD_UNUSED + 1; i < HTTPD_NSTATES; i++)
		close_all(l, i);
	return NULL;
}
