/* SPDX-License-Identifier: ISC */
/* The listening sockets. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/net/httpd.h"

#define LOCAL "unix:"

int
httpd_where_read(struct httpd_where *w, const char *text, struct err *e)
{
	const char *host = text, *colon = strrchr(text, ':'), *end = colon;
	struct sockaddr_un un;
	uint64_t port;

	*w = (struct httpd_where){.v6 = text[0] == '['};
	if (strncmp(text, LOCAL, sizeof(LOCAL) - 1) == 0) {
		text += sizeof(LOCAL) - 1;
		if (text[0] == '\0' || strlen(text) >= sizeof(un.sun_path))
			return err_set(e, E_USAGE,
			    "'" LOCAL "%s': expected a path of at most %zu "
			    "bytes",
			    text, sizeof(un.sun_path) - 1);
		w->local = true;
		snprintf(w->host, sizeof(w->host), "%s", text);
		return 0;
	}
	if (colon == NULL)
		return err_set(e, E_USAGE,
		    "'%s': expected HOST:PORT, [ADDRESS]:PORT or unix:PATH",
		    text);
	if (w->v6) {
		host++;
		end = colon - 1;
		if (end < host || *end != ']')
			return err_set(
			    e, E_USAGE, "'%s': expected [ADDRESS]:PORT", text);
	}
	if (!num_read(&port, colon + 1, strlen(colon + 1), 0, UINT16_MAX))
		return err_set(e, E_USAGE,
		    "'%s': expected a port from 0 to 65535, found '%s'", text,
		    colon + 1);
	if (end == host || end - host > HTTPD_HOST_MAX ||
	    (!w->v6 && memchr(host, ':', (size_t)(end - host)) != NULL))
		return err_set(e, E_USAGE,
		    "'%s': expected HOST:PORT or [ADDRESS]:PORT", text);
	memcpy(w->host, host, (size_t)(end - host));
	w->port = (uint16_t)port;
	return 0;
}

static int
listen_on(int fd, const struct sockaddr *sa, socklen_t len)
{
	int on = 1;

	if (sa->sa_family != AF_UNIX &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		return -1;
	if (sa->sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1)
		return -1;
	if (bind(fd, sa, len) == -1)
		return -1;
	return listen(fd, SOMAXCONN);
}

static int
open_socket(int family, const struct sockaddr *sa, socklen_t len)
{
	int saved, fd;

	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || listen_on(fd, sa, len) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* Left by one that has ended: there, and nobody listens. */
static void
remove_stale(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return;
	if (connect(fd, (const struct sockaddr *)un, sizeof(*un)) == -1 &&
	    errno == ECONNREFUSED)
		(void)unlink(un->sun_path);
	(void)close(fd);
}

static int
bind_local(struct httpd_listen *l, const struct httpd_where *w, struct err *e)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	snprintf(un.sun_path, sizeof(un.sun_path), "%.*s",
	    (int)sizeof(un.sun_path) - 1, w->host);
	remove_stale(&un);
	l->fd = open_socket(AF_UNIX, (const struct sockaddr *)&un, sizeof(un));
	return l->fd == -1 ? err_sys(e, "listening on " LOCAL "%s", w->host)
			   : 0;
}

int
httpd_bind(struct httpd_listen *l, const struct httpd_where *w, struct err *e)
{
	struct addrinfo hint = {.ai_socktype = SOCK_STREAM,
	    .ai_family = w->v6 ? AF_INET6 : AF_UNSPEC,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *a = NULL;
	char port[8];
	int rc;

	l->fd = -1;
	if (w->local)
		return bind_local(l, w, e);
	snprintf(port, sizeof(port), "%u", w->port);
	if ((rc = getaddrinfo(w->host, port, &hint, &a)) != 0)
		return err_set(e, E_USAGE, "listening on %s: %s", w->host,
		    gai_strerror(rc));
	l->fd = open_socket(a->ai_family, a->ai_addr, a->ai_addrlen);
	if (l->fd == -1)
		err_sys(e, "listening on %s, port %s", w->host, port);
	freeaddrinfo(a);
	return l->fd == -1 ? -1 : 0;
}

int
httpd_url(char url[HTTPD_URL_MAX], const struct httpd_listen *l, struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_un un;

	memset(&sa, 0, sizeof(sa));
	if (getsockname(l->fd, (struct sockaddr *)&sa, &len) == -1)
		return err_sys(e, "the listening socket");
	if (sa.ss_family == AF_UNIX) {
		memcpy(&un, &sa, sizeof(un));
		snprintf(url, HTTPD_URL_MAX, LOCAL "%s", un.sun_path);
		return 0;
	}
	if (getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return err_set(e, E_SYS, "the listening socket: no address");
	snprintf(url, HTTPD_URL_MAX,
	    sa.ss_family == AF_INET6 ? "%s://[%.50s]:%.5s/"
				     : "%s://%.50s:%.5s/",
	    l->tls ? "https" : "http", host, port);
	return 0;
}
