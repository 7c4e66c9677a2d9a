/* SPDX-License-Identifier: ISC */
/* Where the server listens: what it was told, and what systemd gives it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/serve/serve.h"
#include "lib/serve/serve_priv.h"

#define FIRST_FD 3 /* sd_listen_fds(3) */

static int
full(struct err *e)
{
	return err_set(
	    e, E_USAGE, "at most %d sockets to listen on", HTTPD_LISTEN_MAX);
}

static int
add_all(struct serve_listens *l, const char *const *v, size_t n, bool tls,
    bool admin, struct err *e)
{
	struct httpd_where where;
	size_t i;

	for (i = 0; i < n; i++) {
		if (l->n == HTTPD_LISTEN_MAX)
			return full(e);
		l->v[l->n].tls = tls;
		l->v[l->n].admin = admin;
		if (httpd_where_read(&where, v[i], e) == -1 ||
		    httpd_bind(&l->v[l->n], &where, e) == -1)
			return -1;
		l->n++;
	}
	return 0;
}

/* One of systemd's: is it what it has to be? */
static int
take_given(
    struct serve_listens *l, int fd, const char *name, size_t n, struct err *e)
{
	int listening = 0, type = 0, flags = fcntl(fd, F_GETFL);
	socklen_t len = sizeof(int);

	if (l->n == HTTPD_LISTEN_MAX)
		return full(e);
	if (flags == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
	    !listening || type != SOCK_STREAM)
		return err_set(e, E_USAGE,
		    "LISTEN_FDS: descriptor %d is no listening stream socket",
		    fd);
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return err_sys(e, "LISTEN_FDS: descriptor %d", fd);
	l->v[l->n++] = (struct httpd_listen){
	    .fd = fd, .tls = n == 3 && strncmp(name, "tls", n) == 0};
	return 0;
}

static int
add_given(struct serve_listens *l, struct err *e)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	uint64_t is, n, i;
	size_t len;

	if (pid == NULL || fds == NULL ||
	    !num_read(&is, pid, strlen(pid), 0, INT32_MAX) ||
	    is != (uint64_t)getpid())
		return 0;
	if (!num_read(&n, fds, strlen(fds), 0, HTTPD_LISTEN_MAX))
		return err_set(e, E_USAGE,
		    "LISTEN_FDS: expected a number up to %d, found '%s'",
		    HTTPD_LISTEN_MAX, fds);
	for (i = 0; i < n; i++) {
		len = names != NULL ? strcspn(names, ":") : 0;
		if (take_given(l, FIRST_FD + (int)i, names, len, e) == -1)
			return -1;
		if (names != NULL)
			names += len + (names[len] == ':');
	}
	return 0;
}

static int
check(const struct serve_listens *l, const struct serve_opts *o, struct err *e)
{
	size_t i, plain = 0;

	for (i = 0; i < l->n; i++)
		plain += !l->v[i].tls;
	if (plain < l->n && o->tls_cert == NULL)
		return err_set(e, E_USAGE,
		    "to listen by TLS give --tls-cert and --tls-key");
	if (plain == 0)
		return err_set(e, E_USAGE,
		    "TLS alone: Windows fetches payload without it; give "
		    "--listen, too");
	return 0;
}

int
serve_listen(struct serve_listens *l, const struct serve_opts *o, struct err *e)
{
	static const char *const usual[] = {SERVE_LISTEN};

	l->n = 0;
	if ((o->tls_cert == NULL) != (o->tls_key == NULL))
		return err_set(
		    e, E_USAGE, "--tls-cert and --tls-key belong together");
	if (o->ntls_listen > 0 && o->tls_cert == NULL)
		return err_set(
		    e, E_USAGE, "--tls-listen needs --tls-cert and --tls-key");
	if (add_given(l, e) == -1 ||
	    add_all(l, o->listen, o->nlisten, false, false, e) == -1)
		return -1;
	if (l->n == 0 && add_all(l, usual, 1, false, false, e) == -1)
		return -1;
	if (add_all(l, o->tls_listen, o->ntls_listen, true, false, e) == -1 ||
	    check(l, o, e) == -1)
		return -1;
	return add_all(l, o->admin, o->nadmin, false, true, e);
}

void
serve_listen_close(struct serve_listens *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		(void)close(l->v[i].fd);
	l->n = 0;
}
