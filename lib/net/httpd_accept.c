/* SPDX-License-Identifier: ISC */
/* Newcomers: who gets in, and who goes for them. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/net/httpd_priv.h"
#include "lib/net/httpd_tls.h"

#define AT_ONCE 8 /* accepted before others have their turn */
#define DEAF_MS 200

static void
set_listening(struct httpd_loop *l, bool on)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	uint32_t i;

	if (on == l->listening)
		return;
	l->listening = on;
	for (i = 0; i < l->h->nlistens; i++) {
		ev.data.u64 = i;
		(void)epoll_ctl(l->ep, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
		    l->h->listens[i].fd, &ev);
	}
}

const char *
httpd_peer_text(const struct httpd_conn *c, char out[INET6_ADDRSTRLEN])
{
	bool v4 = httpd_is_v4(c->address);

	if (c->peer == NULL)
		return "-";
	(void)inet_ntop(v4 ? AF_INET : AF_INET6, c->address + (v4 ? 12 : 0),
	    out, INET6_ADDRSTRLEN);
	return out;
}

/* False: it has none. */
static bool
address_of(uint8_t to[16], const struct sockaddr_storage *from)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (from->ss_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		memset(to, 0, 10);
		memset(to + 10, 0xff, 2);
		memcpy(to + 12, &v4.sin_addr, 4);
	} else if (from->ss_family == AF_INET6) {
		memcpy(&v6, from, sizeof(v6));
		memcpy(to, &v6.sin6_addr, 16);
	} else {
		return false;
	}
	return true;
}

/* of: the newcomer, where others of his address are to go; or NULL. */
static bool
evict(struct httpd_loop *l, const struct httpd_conn *of, bool new)
{
	struct httpd_conn *c = httpd_table_victim(
	    &l->table, of, l->now_ms, l->h->limits.slow, new);

	if (c == NULL)
		return false;
	httpd_add(&l->tally.evicted, 1);
	httpd_conn_close(l, c);
	return true;
}

/* The newcomer is another loop's, so that of ours one stays. */
void
httpd_evict_peer(struct httpd_loop *l, const uint8_t address[16])
{
	const struct httpd_conn *c = httpd_peer_here(
	    l->h->peers, address, l->number);

	if (c != NULL)
		(void)evict(l, c, true);
}

/* All are at work: he is to come again, and to know it. */
static void
turn_away(struct httpd_loop *l, int fd, bool tls)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
				   "Retry-After: 10\r\n"
				   "Content-Length: 0\r\n"
				   "Connection: close\r\n\r\n";

	if (!tls)
		(void)send(
		    fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	httpd_add(&l->tally.turned_away, 1);
	(void)close(fd);
}

/* Has that address too many now?  False: and none of them can go. */
static bool
make_room(struct httpd_loop *l, struct httpd_conn *c, unsigned n)
{
	const unsigned max = l->h->o.max_conns_ip;
	struct httpd_exchange *x;
	int other;

	if (n <= max)
		return true;
	if (evict(l, c, false))
		return true;
	/* Rather another loop's than one here that has just come. */
	other = httpd_peer_elsewhere(l->h->peers, c->peer, l->number);
	if (other == -1 || n > 2 * max || (x = httpd_exchange_new(l)) == NULL)
		return evict(l, c, true);
	x->job = HTTPD_JOB_EVICT;
	memcpy(x->address, c->address, sizeof(x->address));
	httpd_loop_mail(&l->h->loops[other], x);
	return true;
}

static bool
enter(struct httpd_loop *l, struct httpd_conn *c,
    const struct sockaddr_storage *from)
{
	struct epoll_event ev = {
	    .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	unsigned n;

	ev.data.u64 = (uint64_t)c->serial << 32 |
	    httpd_table_index(&l->table, c);
	if (address_of(c->address, from) &&
	    (httpd_peer_enter(l->h->peers, c->address, c, l->number, &n) ==
		    NULL ||
		!make_room(l, c, n)))
		return false;
	return epoll_ctl(l->ep, EPOLL_CTL_ADD, c->fd, &ev) == 0;
}

static void
admit(struct httpd_loop *l, int fd, const struct sockaddr_storage *from,
    const struct httpd_listen *on)
{
	struct httpd *h = l->h;
	struct httpd_conn *c;

	if ((atomic_load(&h->nconns) >= h->o.max_conns ||
		l->table.n == l->table.max) &&
	    !evict(l, NULL, true)) {
		turn_away(l, fd, on->tls);
		return;
	}
	c = httpd_table_add(&l->table, l->now_ms);
	atomic_fetch_add(&h->nconns, 1);
	httpd_add(&l->tally.accepted, 1);
	c->fd = fd;
	c->admin = on->admin;
	if (on->tls) {
		c->ssl = httpd_tls_accept(h->o.tls, fd);
		httpd_table_move(&l->table, c, HTTPD_HANDSHAKE, l->now_ms);
	}
	if ((on->tls && c->ssl == NULL) || !enter(l, c, from)) {
		c->fd = -1;
		httpd_conn_close(l, c);
		turn_away(l, fd, on->tls);
	}
}

/* No descriptor is left: the spare one takes him, and shows him out.  False: it
   does not help. */
static bool
no_descriptor(struct httpd_loop *l, const struct httpd_listen *on)
{
	int fd;

	if (evict(l, NULL, true))
		return true;
	(void)close(l->spare);
	fd = accept4(on->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd != -1)
		turn_away(l, fd, on->tls);
	l->spare = fcntl(l->ep, F_DUPFD_CLOEXEC, 0);
	return fd != -1;
}

/* Full while others are not: these take the next. */
void
httpd_share(struct httpd_loop *l)
{
	unsigned share = (l->h->o.max_conns + l->h->o.loops - 1) /
	    l->h->o.loops;

	set_listening(l,
	    !l->quiet && l->now_ms >= l->deaf_until_ms &&
		(l->table.n < share ||
		    atomic_load(&l->h->nconns) >= l->h->o.max_conns));
}

void
httpd_accept(struct httpd_loop *l, const struct httpd_listen *on)
{
	struct sockaddr_storage from;
	socklen_t len;
	unsigned i;
	int fd;

	for (i = 0; i < AT_ONCE; i++) {
		len = sizeof(from);
		from.ss_family = AF_UNSPEC;
		fd = accept4(on->fd, (struct sockaddr *)&from, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			admit(l, fd, &from, on);
			continue;
		}
		if (errno == EAGAIN)
			break;
		if (errno == ECONNABORTED ||
		    ((errno == EMFILE || errno == ENFILE) &&
			no_descriptor(l, on)))
			continue;
		/* Without memory he stays where he is; to be told of him all
		   the time would not make any. */
		l->deaf_until_ms = l->now_ms + DEAF_MS;
		break;
	}
	httpd_share(l);
}
