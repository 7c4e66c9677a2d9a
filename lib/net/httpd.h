/* SPDX-License-Identifier: ISC */
/*
 * An HTTP/1.1 server: loops on epoll that never wait, and workers that make
 * what has to be waited for.  What a path means the caller says.
 */
#ifndef WF_HTTPD_H
#define WF_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"

struct err;
struct httpd;
struct httpd_tls;
struct request; /* formats/request.h */

#define HTTPD_HOST_MAX 255
#define HTTPD_QUERY_MAX 200 /* bytes of one decoded value of a query */
#define HTTPD_LOOPS_MAX 64
#define HTTPD_WORKERS_MAX 64 /* of each kind */
#define HTTPD_ETAG_MAX 48
#define HTTPD_EXTRA_MAX 160

/* Borrowed until the call it is given to returns. */
struct httpd_req {
	const char *path; /* decoded, begins with a slash; "//" is "/" */
	bool head, post; /* neither: GET */
	bool tls, admin; /* by which kind of listener it came */
	/* The client's, 16 bytes, those of IPv4 as ::ffff:a.b.c.d; NULL: a
	   socket of this machine. */
	const uint8_t *address;
	unsigned worker; /* quick(): the loop; answer(): the worker, from 0 */
	uint64_t now_ms; /* clock_ms(), of a moment ago */
	const uint8_t *body; /* of a POST, whole */
	size_t body_len;
	const struct request *head_of; /* the rest: formats/request.h */
};

/* Of such 16 bytes: are they an IPv4 address, in the last four? */
bool httpd_is_v4(const uint8_t address[16]);
/* The decoded value of a key of the query: 1, 0 absent, -1 malformed. */
int httpd_query(
    const struct httpd_req *rq, const char *key, char out[HTTPD_QUERY_MAX + 1]);
/* The value of a header into out, of room bytes: false: absent, or longer.  Of
   several lines the first; who takes lists asks request_list(). */
bool httpd_header(
    const struct httpd_req *rq, const char *name, char *out, size_t room);

/*
 * The answer; HTTPD_RES_INIT is 404 without a body.  What stands in it is the
 * server's once the callback has returned: bytes, fd, ctx.  A body in memory or
 * in a file that has an etag is an entity: conditions are judged by the server,
 * and of a file ranges, too, where it is to be answered with 200.
 */
struct httpd_res {
	unsigned status;
	const char *type; /* borrowed: a constant; Content-Type */
	struct buf bytes; /* a body in memory */
	int fd; /* a body in a file; or -1 */
	bool fd_kept; /* fd is not the server's to close: close() does */
	uint64_t size; /* of the file */
	char etag[HTTPD_ETAG_MAX]; /* strong, with its quotes; "": none */
	int64_t modified; /* 0: not known */
	bool changing; /* another one soon, so that it is asked for again */
	/* A body that is made as it is sent: bytes, 0 at the end, -1.  Called
	   by slow workers, never by two at a time, a piece only when the one
	   before is sent. */
	ssize_t (*read)(void *ctx, char *p, size_t room);
	/* Where there is a ctx: once, when that or fd is not needed any more.
	   Of a path that is HTTPD_SLOW by a slow worker; else by a loop, so
	   that it must not wait. */
	void (*close)(void *ctx);
	void *ctx;
	unsigned retry_s; /* Retry-After; 0: none */
	const char *allow; /* borrowed: a constant; of 405: Allow */
	/* Lines of the head more, each with its CRLF: Content-Encoding, ... */
	char extra[HTTPD_EXTRA_MAX];
};

#define HTTPD_RES_INIT                                                         \
	{                                                                      \
		.status = 404, .bytes = BUF_INIT, .fd = -1                     \
	}

/* What kind() says of a path, added up. */
#define HTTPD_SLOW 1u /* answered by the workers of pages and lists */
#define HTTPD_POST 2u /* takes POST; else it is refused before its body */
#define HTTPD_NOTHING 4u /* nothing is there: 404 where it would be 405 */

struct httpd_done { /* an answer that has ended; for logs */
	const char *peer; /* address, text */
	const char *method, *target; /* as the client wrote them, printable */
	const char *agent, *referer; /* the same; "": none */
	unsigned minor; /* HTTP/1.minor */
	unsigned status;
	uint64_t bytes; /* of the body, given to the kernel */
	uint64_t ms; /* from the head's end */
	bool whole, tls;
};

/* How long a connection may be in a state; milliseconds. */
struct httpd_limits {
	uint64_t handshake, head, body, idle, linger;
	uint64_t starved, queued; /* then 503 */
	uint64_t send; /* in each such span ... */
	uint64_t send_bytes; /* ... as many bytes must be taken */
	uint64_t slow; /* bytes a second; who takes less may be evicted */
};
extern const struct httpd_limits httpd_limits;

struct httpd_opts {
	unsigned loops; /* 1 to HTTPD_LOOPS_MAX */
	/* Of files and of pages, 1 to HTTPD_WORKERS_MAX each; answer() gets
	   0 to workers - 1, and workers to workers + slow_workers - 1. */
	unsigned workers, slow_workers;
	unsigned max_conns, max_conns_ip;
	const struct httpd_limits *limits; /* borrowed; NULL: httpd_limits */
	size_t budget; /* bytes of bodies and of answers in memory; 0: 64 MiB */
	struct httpd_tls *tls; /* borrowed; NULL: none */
	/* On a loop: from the path alone. */
	unsigned (*kind)(void *arg, const char *path);
	/* On a loop, so it must not wait for anything: an answer at once, or
	   false, and a worker is asked.  Each request comes by here once.
	   NULL: there is none. */
	bool (*quick)(
	    void *arg, const struct httpd_req *rq, struct httpd_res *rs);
	/* On any worker. */
	void (*answer)(
	    void *arg, const struct httpd_req *rq, struct httpd_res *rs);
	/* On a loop, when an answer has ended; NULL: nobody asks. */
	void (*done)(void *arg, const struct httpd_done *d);
	void *arg;
};

struct httpd_counts {
	uint64_t requests, sent, refused, failed; /* answers 2xx and 304; 4xx;
						     5xx */
	uint64_t dripping; /* cut off */
	uint64_t evicted; /* closed for a newcomer, idle or slow */
	uint64_t turned_away; /* newcomers that found no room */
	uint64_t bytes; /* sent, of bodies */
	uint64_t accepted, conns; /* so far; now */
	uint64_t busy; /* answers under way */
	uint64_t held; /* bytes of the budget */
};

/* Where to listen. */
struct httpd_where {
	char host[HTTPD_HOST_MAX + 1]; /* no brackets; or a socket's path */
	uint16_t port; /* 0: any that is free */
	bool v6; /* stood in brackets */
	bool local; /* a socket of this machine */
};
/* HOST:PORT, [ADDRESS]:PORT or unix:PATH.  E_USAGE. */
int httpd_where_read(struct httpd_where *w, const char *text, struct err *e);

/* A socket to listen on. */
struct httpd_listen {
	int fd; /* owned by whoever has it; the server's from httpd_start() on */
	bool tls, admin;
};

#define HTTPD_LISTEN_MAX 32
#define HTTPD_URL_MAX 320
/*
 * Bind and listen.  A local socket that nobody listens on any more is replaced.
 * Errors: E_USAGE a host that is no address and has no name; E_SYS the address
 * is in use.
 */
int httpd_bind(
    struct httpd_listen *l, const struct httpd_where *w, struct err *e);
/* "http://127.0.0.1:8530/", with the port that was picked; "unix:PATH". */
int httpd_url(
    char url[HTTPD_URL_MAX], const struct httpd_listen *l, struct err *e);

/* Takes the sockets, also after a failure. */
int httpd_start(struct httpd **h, const struct httpd_listen *l, size_t n,
    const struct httpd_opts *o, struct err *e);
void httpd_counts(struct httpd *h, struct httpd_counts *c);
/* Accept nothing more; what is under way goes on, what is idle is closed. */
void httpd_quiesce(struct httpd *h);
void httpd_stop(struct httpd *h); /* cuts off what is under way */

#endif
