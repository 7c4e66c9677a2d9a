/* SPDX-License-Identifier: ISC */
#include "tests/upstream/upstream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 512
#define STACK ((size_t)1 << 20)

struct upstream up = {.log = -1};

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("upstream: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("\n", stderr);
	va_end(ap);
	_exit(status);
}

static void *
serve(void *arg)
{
	http_run((int)(intptr_t)arg);
	return NULL;
}

static void
start_thread(int fd)
{
	pthread_attr_t at;
	pthread_t t;

	pthread_attr_init(&at);
	pthread_attr_setdetachstate(&at, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&at, STACK);
	if (pthread_create(&t, &at, serve, (void *)(intptr_t)fd) != 0)
		close(fd);
	pthread_attr_destroy(&at);
}

/* ADDRESS:PORT, IPv4 digits. */
static int
listen_on(const char *where)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);
	char host[32];
	const char *colon = strchr(where, ':');
	uint64_t port;
	int fd, one = 1;

	if (colon == NULL ||
	    snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where) >=
		(int)sizeof(host) ||
	    inet_pton(AF_INET, host, &a.sin_addr) != 1 ||
	    !num_read(&port, colon + 1, strlen(colon + 1), 0, 65535))
		die(2, "--listen takes ADDRESS:PORT, not '%s'", where);
	a.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(fd, BACKLOG) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		die(4, "%s: %s", where, strerror(errno));
	snprintf(up.base, sizeof(up.base), "http://%s:%u", host,
	    (unsigned)ntohs(a.sin_port));
	return fd;
}

/* Connections until the end is asked for. */
static void
run(int fd, int sig)
{
	struct pollfd p[2] = {
	    {.fd = fd, .events = POLLIN}, {.fd = sig, .events = POLLIN}};
	int c;

	for (;;) {
		if (poll(p, 2, -1) == -1)
			continue;
		if (p[1].revents != 0)
			return;
		if ((c = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) != -1)
			start_thread(c);
	}
}

static int
signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if ((fd = signalfd(-1, &set, SFD_CLOEXEC)) == -1)
		die(4, "signalfd: %s", strerror(errno));
	return fd;
}

static const char usage[] =
    "usage: upstream --store DIR [--catalog-only] [--listen ADDRESS:PORT]\n"
    "    [--modes FILE] [--log FILE]\n"
    "       upstream --replay DIR [--listen ADDRESS:PORT] [--modes FILE]\n"
    "    [--log FILE]\n";

static void
read_options(int argc, char *argv[], const char **where, const char **log)
{
	static const struct option table[] = {
	    {"store", required_argument, NULL, 's'},
	    {"listen", required_argument, NULL, 'l'},
	    {"modes", required_argument, NULL, 'm'},
	    {"log", required_argument, NULL, 'o'},
	    {"catalog-only", no_argument, NULL, 'c'},
	    {"replay", required_argument, NULL, 'r'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == 's')
			up.store_dir = optarg;
		else if (c == 'l')
			*where = optarg;
		else if (c == 'm')
			up.modes = optarg;
		else if (c == 'o')
			*log = optarg;
		else if (c == 'c')
			up.catalog_only = true;
		else if (c == 'r')
			up.replay = optarg;
		else
			goto bad;
	}
	if (optind == argc && (up.store_dir == NULL) != (up.replay == NULL))
		return;
bad:
	fputs(usage, stderr);
	_exit(2);
}

int
main(int argc, char *argv[])
{
	const char *where = "127.0.0.1:0", *log = NULL;
	struct err e = ERR_INIT;
	int fd, sig;

	read_options(argc, argv, &where, &log);
	if (guid_random(&up.id, &e) == -1)
		die(4, "%s", e.msg);
	if (log != NULL &&
	    (up.log = open(
		 log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) == -1)
		die(4, "%s: %s", log, strerror(errno));
	modes_start(up.modes);
	sig = signals();
	if (up.replay != NULL)
		replay_start(up.replay);
	else
		(void)catalogue_get();
	fd = listen_on(where);
	fprintf(stderr, "listening on %s/\n", up.base);
	run(fd, sig);
	/* Other threads are still at work: nothing of theirs is taken away. */
	_exit(0);
}
