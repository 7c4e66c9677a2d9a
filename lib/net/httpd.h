/* SPDX-License-Identifier: ISC */
/*
 * A read-only HTTP/1.1 server on libmicrohttpd: GET and HEAD, ranges and
 * conditions, files sent by descriptor.  What a path means the caller says.
 */
#ifndef WF_HTTPD_H
#define WF_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/net/httpd_parse.h"

struct err;
struct httpd;

#define HTTPD_WORKERS_MAX 64
#define HTTPD_HEAD_MAX ((size_t)8 << 10) /* request head and answer's head */
#define HTTPD_IDLE_S 120
#define HTTPD_ETAG_MAX 48
#define HTTPD_EXTRA_MAX 160

/* Borrowed until answer() returns. */
struct httpd_req {
	const char *path; /* decoded, begins with a slash */
	bool head;
	unsigned worker; /* number of the calling thread, from 0 */
	void *priv; /* the server's own */
};

/* The decoded value of a key of the query: 1, 0 absent, -1 malformed. */
int httpd_query(
    const struct httpd_req *rq, const char *key, char out[HTTPD_QUERY_MAX + 1]);

/* The value of a header into out, of room bytes: false: absent, or longer. */
bool httpd_header(
    const struct httpd_req *rq, const char *name, char *out, size_t room);

/*
 * The answer; HTTPD_RES_INIT is 404 without a body.  What stands in it the
 * server owns once answer() has returned: bytes, fd, ctx.
 */
struct httpd_res {
	unsigned status;
	const char *type; /* borrowed: a constant; Content-Type */
	struct buf bytes; /* a body in memory; with an etag: conditions, too */
	int fd; /* a body in a file: entity, ranges, conditions; or -1 */
	uint64_t size;
	char etag[HTTPD_ETAG_MAX]; /* strong, with its quotes */
	int64_t modified; /* 0: not known */
	bool changing; /* fd: another one soon, so that it is asked for again */
	/* A body that is made as it is sent: bytes, 0 at the end, -1. */
	ssize_t (*read)(void *ctx, char *p, size_t room);
	/* Where there is a ctx: once, when that or fd is not needed any more. */
	void (*close)(void *ctx);
	void *ctx;
	unsigned retry_s; /* Retry-After; 0: none */
	/* Lines of the head more, each with its CRLF: Content-Encoding, ... */
	char extra[HTTPD_EXTRA_MAX];
};

#define HTTPD_RES_INIT                                                         \
	{                                                                      \
		.status = 404, .bytes = BUF_INIT, .fd = -1                     \
	}

struct httpd_opts {
	unsigned workers; /* 1 to HTTPD_WORKERS_MAX */
	unsigned max_conns, max_conns_ip;
	/* On any worker. */
	void (*answer)(
	    void *arg, const struct httpd_req *rq, struct httpd_res *rs);
	void *arg;
};

struct httpd_counts {
	uint64_t requests, sent, refused, dripping; /* answers 2xx and 304;
						       4xx; cut off */
	uint64_t failed; /* answers 5xx */
	uint64_t busy; /* under way */
};

/*
 * Bind and listen; the address as text, with the port that was
 * picked, in url: "http://127.0.0.1:8530/".  Errors: E_USAGE a host that is no
 * address and has no name; E_SYS the address is in use.
 */
#define HTTPD_URL_MAX 80
int httpd_bind(int *fd, char url[HTTPD_URL_MAX], const struct httpd_where *w,
    struct err *e);
/* Serve on a listening socket, which is the server's from now on. */
int httpd_start(
    struct httpd **h, int fd, const struct httpd_opts *o, struct err *e);
/* Once a second or so, by the thread that started it. */
void httpd_tick(struct httpd *h);
void httpd_counts(struct httpd *h, struct httpd_counts *c);
/* Accept nothing more; what is under way goes on. */
void httpd_quiesce(struct httpd *h);
void httpd_stop(struct httpd *h); /* cuts off what is under way */

#endif
