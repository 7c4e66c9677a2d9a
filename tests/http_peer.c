/* SPDX-License-Identifier: ISC */
#include "tests/http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNS_MAX 128

struct conn {
	struct peer *peer;
	int fd;
	pthread_t thread;
};

struct peer {
	const struct peer_answer *answers;
	size_t nanswers;
	int fd;
	unsigned port;
	pthread_t thread;
	atomic_bool stop;
	pthread_mutex_t lock; /* of all below */
	struct conn conns[CONNS_MAX];
	unsigned nconns, nrequests, now, most;
	char requests[PEER_REQUESTS_MAX][PEER_TEXT_MAX];
	char url[256];
};

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(4);
}

/* False: the test is over. */
static bool
rest(struct peer *p, unsigned ms)
{
	for (; ms > 0 && !atomic_load(&p->stop); ms -= ms > 10 ? 10 : ms)
		(void)poll(NULL, 0, ms > 10 ? 10 : (int)ms);
	return !atomic_load(&p->stop);
}

static bool
send_all(int fd, const char *s, size_t n)
{
	ssize_t k;

	for (; n > 0; s += k, n -= (size_t)k)
		if ((k = send(fd, s, n, MSG_NOSIGNAL)) <= 0)
			return false;
	return true;
}

/* A head and as much as its Content-Length says.  False: there is none. */
static bool
receive(int fd, char text[PEER_TEXT_MAX])
{
	size_t n = 0, want = 0;
	const char *end = NULL, *length;
	ssize_t k;

	while (end == NULL || n < want) {
		k = recv(fd, text + n, PEER_TEXT_MAX - 1 - n, 0);
		if (k <= 0)
			return false;
		n += (size_t)k;
		text[n] = '\0';
		if (end != NULL || (end = strstr(text, "\r\n\r\n")) == NULL)
			continue;
		length = strcasestr(text, "\r\ncontent-length:");
		want = (size_t)(end - text) + 4;
		if (length != NULL && length < end)
			want += (size_t)strtoul(length + 17, NULL, 10);
		if (want >= PEER_TEXT_MAX)
			want = PEER_TEXT_MAX - 1;
	}
	return true;
}

static bool
reply(struct peer *p, int fd, const struct peer_answer *a)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	size_t n = a->n != 0 ? a->n : strlen(a->text), i;

	if (!rest(p, a->wait_ms))
		return false;
	i = a->drip_ms != 0 && a->drip_from < n ? a->drip_from : n;
	if (!send_all(fd, a->text, i))
		return false;
	for (; i < n; i++)
		if (!rest(p, a->drip_ms) || !send_all(fd, a->text + i, 1))
			return false;
	if (a->reset)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return !a->close && !a->reset;
}

static void *
converse(void *arg)
{
	struct conn *c = arg;
	struct peer *p = c->peer;
	char text[PEER_TEXT_MAX];
	bool more = true;
	unsigned i;

	while (more && receive(c->fd, text)) {
		pthread_mutex_lock(&p->lock);
		i = p->nrequests++;
		if (i < PEER_REQUESTS_MAX)
			memcpy(p->requests[i], text, sizeof(text));
		if (++p->now > p->most)
			p->most = p->now;
		pthread_mutex_unlock(&p->lock);
		if (i >= p->nanswers)
			i = (unsigned)p->nanswers - 1;
		more = reply(p, c->fd, &p->answers[i]);
		pthread_mutex_lock(&p->lock);
		p->now--;
		pthread_mutex_unlock(&p->lock);
	}
	pthread_mutex_lock(&p->lock);
	close(c->fd);
	c->fd = -1;
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void *
welcome(void *arg)
{
	struct peer *p = arg;
	struct conn *c;
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) != -1) {
		pthread_mutex_lock(&p->lock);
		need(p->nconns < CONNS_MAX, "too many connections");
		c = &p->conns[p->nconns++];
		c->peer = p;
		c->fd = fd;
		need(pthread_create(&c->thread, NULL, converse, c) == 0,
		    "thread");
		pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

struct peer *
peer_open(const struct peer_answer *a, size_t n)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);
	struct peer *p = calloc(1, sizeof(*p));

	need(p != NULL, "memory");
	p->answers = a;
	p->nanswers = n;
	pthread_mutex_init(&p->lock, NULL);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	need(p->fd != -1 &&
		bind(p->fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 &&
		listen(p->fd, 64) == 0 &&
		getsockname(p->fd, (struct sockaddr *)&sa, &len) == 0,
	    "the peer's socket");
	p->port = ntohs(sa.sin_port);
	need(pthread_create(&p->thread, NULL, welcome, p) == 0, "thread");
	return p;
}

void
peer_close(struct peer *p)
{
	unsigned i;

	atomic_store(&p->stop, true);
	shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	pthread_mutex_lock(&p->lock);
	for (i = 0; i < p->nconns; i++)
		if (p->conns[i].fd != -1)
			shutdown(p->conns[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->nconns; i++)
		pthread_join(p->conns[i].thread, NULL);
	close(p->fd);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

const char *
peer_url(struct peer *p, const char *path)
{
	snprintf(
	    p->url, sizeof(p->url), "http://127.0.0.1:%u%s", p->port, path);
	return p->url;
}

unsigned
peer_port(const struct peer *p)
{
	return p->port;
}

static unsigned
locked(struct peer *p, const unsigned *v)
{
	unsigned r;

	pthread_mutex_lock(&p->lock);
	r = *v;
	pthread_mutex_unlock(&p->lock);
	return r;
}

unsigned
peer_conns(struct peer *p)
{
	return locked(p, &p->nconns);
}

unsigned
peer_requests(struct peer *p)
{
	return locked(p, &p->nrequests);
}

unsigned
peer_most(struct peer *p)
{
	return locked(p, &p->most);
}

const char *
peer_request(struct peer *p, unsigned i)
{
	return p->requests[i];
}
