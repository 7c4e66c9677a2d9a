/* SPDX-License-Identifier: ISC */
/*
 * paced [ADDRESS:]PORT PATH SECONDS SIZE: ask for 64 KiB of a file of SIZE, one
 * range after the other, each on the next of 8 kept connections and after a
 * pause.  Prints the 99th percentile from asking to the last byte, in
 * milliseconds, and how many there were.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/client.h"

#define KEPT 8
#define RANGE 65536u
#define PAUSE_US 2000
#define MOST 100000

static double took[MOST];

static void
ask(int fd, const char *path, uint64_t at)
{
	char text[RANGE + 4096];
	size_t n = 0, want = 0;
	const char *end;
	ssize_t r;
	int len;

	len = snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nRange: bytes=%" PRIu64
	    "-%" PRIu64 "\r\n\r\n",
	    path, at, at + RANGE - 1);
	if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		client_die("send");
	for (; want == 0 || n < want; n += (size_t)r) {
		r = recv(fd, text + n, sizeof(text) - 1 - n, 0);
		if (r <= 0)
			client_die("the server hung up");
		text[n + (size_t)r] = '\0';
		if (want == 0 && (end = strstr(text, "\r\n\r\n")) != NULL)
			want = (size_t)(end + 4 - text) + RANGE;
	}
	if (strncmp(text, "HTTP/1.1 206", 12) != 0)
		client_die("answer %.40s", text);
}

static int
earlier(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char *argv[])
{
	double began, until;
	int fds[KEPT];
	uint64_t size;
	unsigned n;

	if (argc != 5) {
		fputs(
		    "usage: paced [ADDRESS:]PORT PATH SECONDS SIZE\n", stderr);
		return 2;
	}
	size = strtoull(argv[4], NULL, 10);
	if (size < RANGE)
		client_die("a file of %" PRIu64 " bytes", size);
	for (n = 0; n < KEPT; n++)
		fds[n] = client_dial(argv[1], -1);
	until = client_now() + strtod(argv[3], NULL);
	for (n = 0; n < MOST && (began = client_now()) < until; n++) {
		ask(fds[n % KEPT], argv[2],
		    (uint64_t)n * 7919 % (size / RANGE) * RANGE);
		took[n] = client_now() - began;
		usleep(PAUSE_US);
	}
	qsort(took, n, sizeof(*took), earlier);
	printf("%.3f %u\n", n > 0 ? took[n * 99 / 100] * 1e3 : 0, n);
	return 0;
}
