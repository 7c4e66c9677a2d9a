/* SPDX-License-Identifier: ISC */
#include "bench/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

void
client_die(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(saved));
	exit(1);
}

double
client_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
client_dial(const char *to, long from)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *colon = strchr(to, ':');
	char host[INET_ADDRSTRLEN] = "127.0.0.1";

	if (fd == -1)
		client_die("socket");
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)from);
	if (from >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		client_die("bind");
	if (colon != NULL)
		snprintf(host, sizeof(host), "%.*s", (int)(colon - to), to);
	a.sin_port = htons(
	    (uint16_t)strtoul(colon != NULL ? colon + 1 : to, NULL, 10));
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1 ||
	    connect(fd, (const struct sockaddr *)&a, sizeof(a)) == -1)
		client_die("%s", to);
	return fd;
}
