/* SPDX-License-Identifier: ISC */
/*
 * idle PORT PATH CONNECTIONS PID: ask for PATH once on so many connections and
 * keep them, from many addresses of 127.0.0.0/8; then ask on new ones.  Prints
 * what the process PID grew by for each, in bytes, and the slowest of 200 new
 * clients, from connect() to the answer, in milliseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NEWCOMERS 200
#define OF_ONE 100 /* connections of an address */

static uint16_t port;
static const char *path;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
ask(unsigned from)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), n;
	char text[512];

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + from);
	if (fd == -1 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		die("bind");
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(port);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		die("connect");
	n = snprintf(text, sizeof(text),
	    "HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n ||
	    recv(fd, text, sizeof(text), 0) <= 0)
		die("no answer");
	return fd;
}

static long
memory_of(const char *pid)
{
	char name[64], line[200];
	long kib = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%.20s/status", pid);
	if ((f = fopen(name, "r")) == NULL)
		die("%s", name);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	fclose(f);
	return kib * 1024;
}

int
main(int argc, char *argv[])
{
	struct rlimit lim;
	double began, took, worst = 0;
	unsigned long i, n;
	long before;

	if (argc != 5) {
		fputs("usage: idle PORT PATH CONNECTIONS PID\n", stderr);
		return 2;
	}
	port = (uint16_t)strtoul(argv[1], NULL, 10);
	path = argv[2];
	n = strtoul(argv[3], NULL, 10);
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
	/* What is made once is made. */
	for (i = 0; i < 64; i++)
		(void)close(ask(0));
	before = memory_of(argv[4]);
	for (i = 0; i < n; i++)
		(void)ask((unsigned)(i / OF_ONE));
	printf("%ld ", (memory_of(argv[4]) - before) / (long)n);
	for (i = 0; i < NEWCOMERS; i++) {
		began = now();
		(void)close(ask((unsigned)(n / OF_ONE) + 1));
		took = now() - began;
		worst = took > worst ? took : worst;
	}
	printf("%.2f\n", worst * 1e3);
	return 0;
}
