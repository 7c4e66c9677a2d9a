/* SPDX-License-Identifier: ISC */
/*
 * A server that does as it is told, for tests of the HTTP client: plain
 * sockets on the loopback, a thread for each connection.
 */
#ifndef WF_HTTP_PEER_H
#define WF_HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>

#define PEER_REQUESTS_MAX 128
#define PEER_TEXT_MAX 4096

struct peer;

/* What is answered to a request: these bytes, and nothing more. */
struct peer_answer {
	const char *text;
	size_t n; /* 0: up to the NUL */
	unsigned wait_ms; /* before it */
	unsigned drip_ms, drip_from; /* before each byte from that one on */
	bool close; /* the connection, after it */
	bool reset; /* the same, rudely */
};

/* The Nth request, over all connections, gets the Nth; later ones the last.
   Borrows the answers.  Fails the test and exits when it cannot. */
struct peer *peer_open(const struct peer_answer *a, size_t n);
void peer_close(struct peer *p);
/* "http://127.0.0.1:PORT" and the path; valid until the next call. */
const char *peer_url(struct peer *p, const char *path);
unsigned peer_port(const struct peer *p);
unsigned peer_conns(struct peer *p); /* accepted so far */
unsigned peer_requests(struct peer *p); /* heads that came whole */
unsigned peer_most(struct peer *p); /* most at the same time */
const char *peer_request(struct peer *p, unsigned i); /* head and body */

#endif
