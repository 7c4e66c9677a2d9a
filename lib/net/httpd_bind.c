/* SPDX-License-Identifier: ISC */
/* The listening socket. */
#include "lib/net/httpd.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"

static int
listen_on(int fd, const struct addrinfo *a)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		return -1;
	if (a->ai_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1)
		return -1;
	if (bind(fd, a->ai_addr, a->ai_addrlen) == -1)
		return -1;
	return listen(fd, SOMAXCONN);
}

static int
write_url(char url[HTTPD_URL_MAX], int fd, struct err *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&sa, &len) == -1)
		return err_sys(e, "the listening socket");
	if (getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return err_set(e, E_SYS, "the listening socket: no address");
	snprintf(url, HTTPD_URL_MAX,
	    sa.ss_family == AF_INET6 ? "http://[%.50s]:%.5s/"
				     : "http://%.50s:%.5s/",
	    host, port);
	return 0;
}

int
httpd_bind(int *out, char url[HTTPD_URL_MAX], const struct httpd_where *w,
    struct err *e)
{
	struct addrinfo hint = {.ai_socktype = SOCK_STREAM,
	    .ai_family = w->v6 ? AF_INET6 : AF_UNSPEC,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *a = NULL;
	char port[8];
	int fd = -1, rc, r = -1;

	*out = -1;
	snprintf(port, sizeof(port), "%u", w->port);
	if ((rc = getaddrinfo(w->host, port, &hint, &a)) != 0)
		return err_set(e, E_USAGE, "listening on %s: %s", w->host,
		    gai_strerror(rc));
	fd = socket(
	    a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || listen_on(fd, a) == -1) {
		err_sys(e, "listening on %s, port %s", w->host, port);
		goto out;
	}
	if (write_url(url, fd, e) == -1)
		goto out;
	*out = fd;
	fd = -1;
	r = 0;
out:
	if (fd != -1)
		(void)close(fd);
	freeaddrinfo(a);
	return r;
}
