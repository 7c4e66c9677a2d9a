/* SPDX-License-Identifier: ISC */
/*
 * idle PORT PATH CONNECTIONS PID: ask for PATH once on so many connections and
 * keep them, from many addresses of 127.0.0.0/8; then ask on new ones.  Prints
 * what the process PID grew by for each, in bytes, and the slowest of 200 new
 * clients, from connect() to the answer, in milliseconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/client.h"

#define NEWCOMERS 200
#define OF_ONE 100 /* connections of an address */

static const char *to, *path;

static int
ask(unsigned from)
{
	int fd = client_dial(to, (long)from), n;
	char text[512];

	n = snprintf(text, sizeof(text),
	    "HEAD %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n ||
	    recv(fd, text, sizeof(text), 0) <= 0)
		client_die("no answer");
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
		client_die("%s", name);
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
	to = argv[1];
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
		began = client_now();
		(void)close(ask((unsigned)(n / OF_ONE) + 1));
		took = client_now() - began;
		worst = took > worst ? took : worst;
	}
	printf("%.2f\n", worst * 1e3);
	return 0;
}
