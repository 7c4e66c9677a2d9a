/* SPDX-License-Identifier: ISC */
/*
 * The HTTP client: libcurl's multi interface.  A struct http belongs to one
 * thread and holds connections that are kept alive, cookies, and requests
 * under way; several may run at the same time.  Nothing is followed that was
 * not asked for, nothing compressed is asked for, the peer and its name are
 * always verified.
 */
#ifndef WF_HTTP_H
#define WF_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct http;

/* All strings borrowed while the client is open; NULL: none. */
struct http_opts {
	const char *proxy; /* NULL: the environment's; "" and "none": none */
	const char *proxy_user; /* see below */
	const char *no_proxy;
	/*
	 * The host that user and cert are for, and that ca_file alone vouches
	 * for; needed with user and cert, which no other host is shown.
	 */
	const char *home;
	const char *user; /* see below */
	const char *ca_file; /* PEM; NULL: the system's */
	const char *cert, *cert_key; /* PEM, of this client; key NULL: in it */
	const char *agent;
	unsigned per_host; /* connections to one host; 0: 4 */
	unsigned connect_s; /* 0: 30 */
	unsigned answer_s; /* until an answer begins; 0: 180 */
	unsigned total_s; /* of one try; 0: no limit */
	unsigned slow_rate, slow_s; /* of a body: bytes/s, s; 0: 100 and 60 */
	uint64_t rate; /* most bytes/s of bodies, all together; 0: any */
	unsigned tries; /* of one request; 0: 6 */
	unsigned wait_ms; /* before the second try, doubled up; 0: 1000 */
};
/*
 * user is "name:password" for NTLM and, over TLS, Basic, or ":" for Negotiate
 * with a Kerberos ticket; nothing of it is sent before the server asks.
 * proxy_user is the same, with Digest, and Basic always.
 *
 * Until something has answered a client for the first time, connecting is given
 * up when connect_s have passed, all tries together: who is offline learns it.
 */
#define HTTP_PER_HOST_MAX 64
#define HTTP_TRIES_MAX 100
#define HTTP_WAIT_MAX_MS 60000 /* longest pause between tries */
#define HTTP_RETRY_AFTER_MAX_S 3600 /* a longer one is not waited for */
#define HTTP_HEAD_BYTES_MAX ((size_t)64 << 10) /* heads, trailer of a try */

/* Once, before threads start, and at the end.  SIGPIPE must be ignored. */
int http_init(struct err *e);
void http_cleanup(void);

#define HTTP_FIELD_MAX 256

/* What came with an answer.  Fields too long are left empty. */
struct http_head {
	long status;
	uint64_t length; /* Content-Length; HTTP_UNKNOWN: absent */
	uint64_t from, to; /* Content-Range, where has_range */
	uint64_t total; /* Content-Range, also of 416; HTTP_UNKNOWN: not said */
	bool has_range;
	bool ranges; /* Accept-Ranges: bytes */
	char type[HTTP_FIELD_MAX]; /* Content-Type */
	char encoding[HTTP_FIELD_MAX]; /* Content-Encoding */
	char etag[HTTP_FIELD_MAX], modified[HTTP_FIELD_MAX];
	char location[HTTP_FIELD_MAX]; /* where a redirect leads */
	int64_t date; /* Date, seconds since 1970; 0: absent */
	unsigned retry_after_s; /* 0: absent */
};
#define HTTP_UNKNOWN UINT64_MAX

/*
 * One request: zeroed, filled, started; untouched and kept by the caller until
 * http_next() returns it.
 */
struct http_req {
	const char *url; /* borrowed; http or https */
	const void *post; /* borrowed; NULL: GET */
	size_t npost;
	const char *type; /* Content-Type of post */
	const char *soap_action; /* header SOAPAction, with its quotes */
	uint64_t from; /* Range: bytes=FROM-; 0: none */
	const char *if_range; /* borrowed; with from; a strong tag or a date */
	uint64_t max_body; /* bytes; more is E_LIMIT; 0: nothing may come */
	bool again; /* what the network failed at, 502-504, 429: tried again */
	/*
	 * begin: a try begins, whatever came before is void; may change from
	 * and if_range.  head: the final answer's head, before its body; status
	 * is not judged, but what is tried again is not shown.  body: a
	 * portion.  Each may be NULL; each stops the request by -1 with e
	 * filled; that is never tried again.  They may call http_start().
	 */
	int (*begin)(struct http_req *r, struct err *e);
	int (*head)(
	    struct http_req *r, const struct http_head *h, struct err *e);
	int (*body)(struct http_req *r, const void *p, size_t n, struct err *e);
	void *arg; /* the caller's */

	/* Filled when it is done: */
	struct http_head got;
	/*
	 * kind E_NONE: an answer came, whole, whatever its status.  E_REMOTE:
	 * none came, or cut short, or the proxy wants a password (407); the
	 * message names host and cause.  Else: what a callback failed with,
	 * E_LIMIT, E_USAGE (certificates that cannot be used), E_SYS, E_STOP.
	 */
	struct err err;
	bool too_long; /* E_LIMIT, because of max_body */
	unsigned tried;
	void *priv; /* the client's */
};

/* Errors: E_USAGE, E_SYS (a file of certificates cannot be read, too). */
int http_open(struct http **h, const struct http_opts *o, struct err *e);
void http_close(struct http *h); /* what is under way is dropped */
/*
 * Queued: it goes out in http_next(), when fewer than per_host are under way to
 * its host.  -1: not started; r is the caller's again.  E_USAGE: no address.
 */
int http_start(struct http *h, struct http_req *r, struct err *e);
unsigned http_running(const struct http *h); /* not yet returned */
/*
 * Works until a request is done (it is set in *r), http_wake() was called, or
 * timeout_ms have passed (*r NULL); negative: any time.  E_SYS, E_STOP when the
 * program is asked to stop (requests stay under way).
 */
int http_next(
    struct http *h, int timeout_ms, struct http_req **r, struct err *e);
/* From any thread. */
void http_wake(struct http *h);
/*
 * One request by itself, while no other runs: start it and wait.  -1 with what
 * r->err says.
 */
int http_run(struct http *h, struct http_req *r, struct err *e);

/*
 * scheme://host[:port] of a URL into to (NUL-terminated), lower case, without
 * the scheme's own port; and its host alone, without brackets.  false: no http
 * or https URL, or too long, or it holds a user's name or what no URL holds.
 */
bool http_origin(const char *url, char *to, size_t max);
bool http_host(const char *url, char *to, size_t max);

/*
 * The pause before try n (2 is the first that waits), full jitter: a random
 * number up to min(cap, wait << (n - 2)), at least what Retry-After says.
 */
uint64_t http_pause_ms(unsigned n, unsigned wait_ms, unsigned retry_after_s);

#endif
