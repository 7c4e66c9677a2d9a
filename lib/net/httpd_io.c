/* SPDX-License-Identifier: ISC */
/* Bytes of a connection, plain or by TLS. */
#include <errno.h>
#include <sys/socket.h>

#include "lib/net/httpd_priv.h"
#include "lib/net/httpd_tls.h"

static ssize_t
failed(void)
{
	return errno == EAGAIN ? -1 : -2;
}

ssize_t
httpd_recv(struct httpd_conn *c, char *p, size_t room)
{
	ssize_t n;

	if (!c->readable)
		return -1;
	if (c->ssl != NULL) {
		n = httpd_tls_read(c->ssl, p, room);
		c->readable = n != -1;
		return n;
	}
	n = recv(c->fd, p, room, 0);
	/* That was all; what comes later is told, but not twice that nothing
	   will. */
	if (n != 0 && n < (ssize_t)room)
		c->readable = c->ended;
	return n == -1 ? failed() : n;
}

ssize_t
httpd_write(struct httpd_conn *c, const char *p, size_t n, bool more)
{
	ssize_t r;

	if (c->ssl != NULL) {
		r = httpd_tls_write(c->ssl, p, n, more);
	} else {
		r = send(c->fd, p, n, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
		if (r == -1)
			return failed();
	}
	if (r > 0)
		c->sent += (uint64_t)r;
	return r;
}
