/* SPDX-License-Identifier: ISC */
/*
 * load [ADDRESS:]PORT PATH CONNECTIONS SECONDS RANGE SIZE [tls]: ask 127.0.0.1,
 * or ADDRESS, for ranges of RANGE bytes of a file of SIZE (RANGE 0: the whole
 * of it) on so many kept connections, throw the answers away and print
 * "requests bytes".
 */
#include <inttypes.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/client.h"

#define HEAD_MAX 4096
#define STEP (256u << 10)

struct conn {
	int fd;
	SSL *ssl; /* NULL: plain */
	size_t have; /* bytes in head, while it is being read */
	uint64_t left; /* bytes of the body to come */
	char head[HEAD_MAX + 1];
};

static uint64_t requests, bytes;
static const char *path;
static uint64_t range, size;

static void
ask(struct conn *c)
{
	static uint64_t x = 88172645463325252u;
	char text[512], span[64] = "";
	uint64_t at;
	int n;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	if (range > 0) {
		at = x % (size / range) * range;
		snprintf(span, sizeof(span),
		    "Range: bytes=%" PRIu64 "-%" PRIu64 "\r\n", at,
		    at + range - 1);
	}
	n = snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, span);
	if (c->ssl != NULL ? SSL_write(c->ssl, text, n) != n
			   : send(c->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		client_die("send");
	c->have = 0;
	c->left = 0;
}

static void
answered(struct conn *c)
{
	requests++;
	ask(c);
}

static void
read_head(struct conn *c)
{
	uint64_t want = range > 0 ? range : size;
	const char *end;
	ssize_t n;

	n = c->ssl != NULL
	    ? SSL_read(c->ssl, c->head + c->have, (int)(HEAD_MAX - c->have))
	    : recv(c->fd, c->head + c->have, HEAD_MAX - c->have, 0);
	if (n <= 0)
		client_die("the server hung up");
	c->have += (size_t)n;
	c->head[c->have] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (end == NULL)
		return;
	if (strncmp(c->head, range > 0 ? "HTTP/1.1 206" : "HTTP/1.1 200", 12) !=
	    0)
		client_die("answer %.40s", c->head);
	n = (ssize_t)c->have - (end + 4 - c->head);
	bytes += (uint64_t)n;
	c->left = want - (uint64_t)n;
	c->have = 0;
	if (c->left == 0)
		answered(c);
}

static void
read_body(struct conn *c)
{
	static char sink[STEP];
	size_t most = c->left < STEP ? (size_t)c->left : STEP;
	ssize_t n = c->ssl != NULL ? SSL_read(c->ssl, sink, (int)most)
				   : recv(c->fd, sink, most, MSG_TRUNC);

	if (n <= 0)
		client_die("the server hung up");
	bytes += (uint64_t)n;
	c->left -= (uint64_t)n;
	if (c->left == 0)
		answered(c);
}

/* Its handshake done; blocking, since only what is there is read. */
static void
secure(struct conn *c)
{
	static SSL_CTX *ctx;

	if (ctx == NULL)
		ctx = SSL_CTX_new(TLS_client_method());
	if (ctx == NULL || (c->ssl = SSL_new(ctx)) == NULL ||
	    SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
		client_die("TLS");
}

static void
serve_one(struct conn *c)
{
	do {
		if (c->left > 0)
			read_body(c);
		else
			read_head(c);
	} while (c->ssl != NULL && SSL_pending(c->ssl) > 0);
}

static void
serve_all(struct conn *c, struct pollfd *p, nfds_t n, double until)
{
	nfds_t i;

	while (client_now() < until) {
		if (poll(p, n, 1000) == -1)
			client_die("poll");
		for (i = 0; i < n; i++) {
			if (p[i].revents == 0)
				continue;
			serve_one(&c[i]);
		}
	}
}

int
main(int argc, char *argv[])
{
	struct pollfd *p;
	struct conn *c;
	unsigned long i, n;

	if (argc != 7 && argc != 8) {
		fputs("usage: load [ADDRESS:]PORT PATH CONNECTIONS SECONDS "
		      "RANGE SIZE "
		      "[tls]\n",
		    stderr);
		return 2;
	}
	path = argv[2];
	n = strtoul(argv[3], NULL, 10);
	range = strtoull(argv[5], NULL, 10);
	size = strtoull(argv[6], NULL, 10);
	c = calloc(n, sizeof(*c));
	p = calloc(n, sizeof(*p));
	if (c == NULL || p == NULL || size < range || n == 0)
		client_die("no memory or no sense");
	for (i = 0; i < n; i++) {
		c[i].fd = client_dial(argv[1], -1);
		p[i] = (struct pollfd){.fd = c[i].fd, .events = POLLIN};
		if (argc == 8)
			secure(&c[i]);
		ask(&c[i]);
	}
	serve_all(c, p, n, client_now() + strtod(argv[4], NULL));
	printf("%" PRIu64 " %" PRIu64 "\n", requests, bytes);
	free(c);
	free(p);
	return 0;
}
