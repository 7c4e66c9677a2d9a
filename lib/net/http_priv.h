/* SPDX-License-Identifier: ISC */
/* Inside lib/net/http*.c only: requests under way, and the words of answers. */
#ifndef WF_HTTP_PRIV_H
#define WF_HTTP_PRIV_H

#include <stdatomic.h>

#include "lib/net/http.h"

#define HTTP_ORIGIN_MAX 280
#define HTTP_CAUSE_MAX 256 /* CURL_ERROR_SIZE */
#define HTTP_DROP_MAX ((uint64_t)64 << 10) /* of a body nobody is shown */
#define HTTP_COOKIES_MAX 100 /* of all servers; then all are forgotten */

/* http_opts.c */
int http_opts_check(const struct http_opts *o, struct err *e);
void http_opts_fill(struct http_opts *o); /* what is 0 */
/* Bytes read at a time: short, where a rate must be kept between reads. */
long http_opts_portion(const struct http_opts *o);

/* http_url.c: what a URL says of its server. */
struct http_where {
	bool tls;
	const char *host; /* borrowed from the URL, no brackets */
	size_t nhost;
	bool v6;
	uint16_t port;
};
bool http_where_read(struct http_where *w, const char *url);
/* host:port, for messages, and for counting. */
void http_where_write(char *to, size_t max, const struct http_where *w);

/* http_head.c: an answer's head, line by line, as it comes in. */
struct http_lines {
	size_t seen; /* bytes of this try's heads */
	bool whole; /* the empty line was there */
	int64_t retry_at; /* Retry-After as a date, or 0 */
};
/* E_LIMIT, E_REMOTE.  A status line begins anew. */
int http_head_line(struct http_head *h, struct http_lines *l, const char *p,
    size_t n, struct err *e);

/* http_job.c: a request while it is the client's; knows no libcurl. */
struct http_job {
	struct http_req *r; /* borrowed */
	const struct http_opts *o; /* borrowed from the client */
	uint64_t *came; /* borrowed from the client */
	unsigned *cookies; /* borrowed from the client */
	struct http_job *next;
	void *easy, *fields; /* http.c's, while a try is under way */
	struct http_where where;
	char at[HTTP_ORIGIN_MAX]; /* host:port */
	uint64_t first_ms, due_ms; /* when it was given; when it may begin */
	uint64_t since_ms, since; /* a span of slow_s, and got at its begin */
	struct http_lines lines;
	uint64_t got; /* bytes of the body */
	bool headed; /* the head is final */
	bool dropped; /* the answer is not shown: there will be another */
	bool held; /* has had its portion */
	bool slow; /* cut off by http_job_slow() */
	bool shy; /* has a user for the server, and did not say so yet */
	long auth, proxy_auth; /* how it said so; 0: not at all */
	char cause[HTTP_CAUSE_MAX]; /* filled by libcurl */
	uint16_t hello; /* the version in a ServerHello; 0: none came */
};

struct http_jobs {
	struct http_job *head, **tail;
};

struct http {
	struct http_opts o; /* with what was 0 filled in */
	void *multi; /* owned: connections */
	void *share; /* owned: cookies, TLS sessions */
	struct http_jobs waiting, active, done;
	unsigned n; /* in all three */
	bool answered; /* somebody, ever */
	long auth, proxy_auth; /* the ways in that were found */
	uint64_t came, paid_ms; /* bytes of bodies, not paid for since then */
	uint64_t seen_ms; /* when http_next() looked last */
	unsigned cookies; /* set since they were counted */
	atomic_bool woken;
};

void http_jobs_put(struct http_jobs *q, struct http_job *j);
void http_jobs_take(struct http_jobs *q, struct http_job *j); /* if there */
/* The first that may begin now; or when one may, at the latest at until_ms. */
struct http_job *http_jobs_due(const struct http_jobs *waiting,
    const struct http_jobs *active, unsigned per_host, uint64_t now_ms,
    uint64_t *until_ms);

/* A try begins.  -1: its r->err is filled. */
int http_job_begin(struct http_job *j, uint64_t now_ms);
/* From libcurl's callbacks.  -1: cut it off; r->err says why, or dropped. */
int http_job_line(struct http_job *j, const char *p, size_t n);
int http_job_body(struct http_job *j, const void *p, size_t n);
/* The head is final although no body came. */
int http_job_headed(struct http_job *j);
/* Fills r->err and returns true when the server is too slow. */
bool http_job_slow(struct http_job *j, uint64_t now_ms);
/* The time left for connecting; never 0.  offline: nothing answered so far. */
uint64_t http_job_connect_ms(
    const struct http_job *j, bool offline, uint64_t now_ms);
/*
 * The try has failed in a way that may pass, or its answer was dropped: true
 * when there will be another, at due_ms; r->err is then empty.
 */
bool http_job_again(struct http_job *j, bool offline, uint64_t now_ms);

/*
 * http_curl.c: the only file that knows libcurl.  begin: fills r->err.  why:
 * see http_why().  way: true when the server, or the proxy, asked who we are
 * and may be told from now on.
 */
int http_curl_open(struct http *h, struct err *e);
void http_curl_close(struct http *h);
int http_curl_begin(struct http *h, struct http_job *j, uint64_t now_ms);
void http_curl_release(struct http *h, struct http_job *j); /* ends a try */
int http_curl_perform(struct http *h, struct err *e);
int http_curl_poll(struct http *h, int wait_ms, struct err *e);
void http_curl_wake(struct http *h);
/* A try that has ended, and how (0: well), or NULL. */
struct http_job *http_curl_ended(struct http *h, int *code);
bool http_curl_why(struct http_job *j, int code);
bool http_curl_way(struct http *h, struct http_job *j);

/* http_why.c: why a try failed, in words. */
enum http_fail {
	HTTP_FAIL_OTHER,
	HTTP_FAIL_NAME,
	HTTP_FAIL_PROXY,
	HTTP_FAIL_CONNECT,
	HTTP_FAIL_TIME,
	HTTP_FAIL_NOTHING,
	HTTP_FAIL_SHORT,
	HTTP_FAIL_SEND,
	HTTP_FAIL_RECV,
	HTTP_FAIL_TLS,
	HTTP_FAIL_TRUST,
	HTTP_FAIL_CA_FILE,
	HTTP_FAIL_CERT,
	HTTP_FAIL_PROTOCOL,
	HTTP_FAIL_MEMORY,
	HTTP_NFAILS
};
struct http_fault {
	enum http_fail fail;
	long sys; /* errno, or 0 */
	long connect; /* status of the proxy's answer to CONNECT, or 0 */
	bool connected, begun; /* an answer has begun */
};
/* Fills r->err; true: it may be otherwise the next time. */
bool http_why(struct http_job *j, const struct http_fault *f);
/* Fills r->err only when it returns false. */
bool http_why_dropped(struct http_job *j);

#endif
