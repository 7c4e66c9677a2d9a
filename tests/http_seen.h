/* SPDX-License-Identifier: ISC */
/* What the callbacks of a request saw, for tests of the HTTP client. */
#ifndef WF_HTTP_SEEN_H
#define WF_HTTP_SEEN_H

#include "lib/base/buf.h"
#include "lib/net/http.h"
#include "tests/http_peer.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define HELLO OK_HEAD "Content-Length: 5\r\n\r\nhello"

struct seen {
	unsigned begins, heads, bodies;
	struct http_head head;
	struct buf body;
	const char *fail; /* the callback that fails: begin, head, body */
};

/* No proxy, a millisecond between tries. */
extern const struct http_opts seen_opts;

/* A request that may be tried again, with all callbacks. */
struct http_req seen_request(struct seen *s, const char *url);
const char *seen_body(struct seen *s);
struct http *seen_open(const struct http_opts *o);
uint64_t seen_now_ms(void);

/* A peer, a client, and a request for the peer's "/" with all callbacks. */
struct pair {
	struct peer *peer;
	struct http *http;
	struct seen seen;
	struct http_req r;
	char url[64], at[32]; /* at: "127.0.0.1:PORT" */
};
void pair_open(struct pair *p, const struct peer_answer *a, size_t n,
    const struct http_opts *o);
void pair_close(struct pair *p);

/* Instead of T_MAIN. */
int seen_main(int argc, char *argv[]);

#endif
