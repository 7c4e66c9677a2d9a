/* SPDX-License-Identifier: ISC */
/* The server: what libmicrohttpd calls, and what it is given to send. */
#include "lib/net/httpd.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/net/httpd_watch.h"

/* Nothing that an update's text may have smuggled in is run or loaded. */
#define NO_SCRIPTS                                                             \
	"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "  \
	"base-uri 'none'; frame-ancestors 'none'"
#define STREAM_BLOCK ((size_t)32 << 10)

struct httpd {
	struct MHD_Daemon *daemon; /* owned */
	struct watch *watch; /* owned */
	struct httpd_opts o;
	int fd; /* owned: listening */
	atomic_uint nthreads;
	atomic_ullong requests, sent, refused, failed, dripping;
};

/* What the library keeps for us of a request: its answer is held together. */
static char corked;

/* 1 and up: which of the workers this thread is. */
static _Thread_local unsigned thread_number;

/* We decode by ourselves, since here %00 would end the path. */
static size_t
keep_escapes(void *cls, struct MHD_Connection *c, char *s)
{
	(void)cls;
	(void)c;
	return strlen(s);
}

static const char *
header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

int
httpd_query(
    const struct httpd_req *rq, const char *key, char out[HTTPD_QUERY_MAX + 1])
{
	const char *v = MHD_lookup_connection_value(
	    rq->priv, MHD_GET_ARGUMENT_KIND, key);

	out[0] = '\0';
	if (v == NULL)
		return 0;
	return httpd_decode(out, HTTPD_QUERY_MAX, v, strlen(v), true) ? 1 : -1;
}

static struct watch_conn *
watched(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static void
on_connection(void *cls, struct MHD_Connection *c, void **socket,
    enum MHD_ConnectionNotificationCode what)
{
	struct httpd *h = cls;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		httpd_watch_remove(h->watch, *socket);
		*socket = NULL;
		return;
	}
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket = httpd_watch_add(h->watch, info->connect_fd);
}

/* The library would send the head in a packet of its own. */
static void
set_cork(struct MHD_Connection *c, int on)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    c, MHD_CONNECTION_INFO_CONNECTION_FD);

	(void)setsockopt(
	    info->connect_fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

static void
on_completed(void *cls, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	(void)cls;
	if (*state == &corked && why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		set_cork(c, 0);
	httpd_watch_waiting(watched(c));
}

struct seen {
	unsigned hosts;
	bool bad;
};

/* Clients of WSUS send "Content-Length: 0" with GET.  RFC 9112, 5.1. */
static enum MHD_Result
see_header(
    void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct seen *s = cls;

	(void)kind;
	if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0)
		s->hosts++;
	else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
		s->bad |= value != NULL && value[strspn(value, "0")] != '\0';
	else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0 ||
	    name[strcspn(name, " \t")] != '\0')
		s->bad = true;
	return MHD_YES;
}

/* A proxy may have believed another line than the library, so: all of them. */
static bool
is_bad(struct MHD_Connection *c, const char *version)
{
	struct seen s = {.hosts = 0};

	(void)MHD_get_connection_values(c, MHD_HEADER_KIND, see_header, &s);
	return s.bad || s.hosts > 1 ||
	    (s.hosts == 0 && strcmp(version, MHD_HTTP_VERSION_1_1) == 0);
}

/* One header of the answer; the answer is dropped if it cannot be had. */
static void
add_header(struct MHD_Response **r, const char *name, const char *value)
{
	if (*r == NULL || MHD_add_response_header(*r, name, value) == MHD_YES)
		return;
	MHD_destroy_response(*r);
	*r = NULL;
}

static struct MHD_Response *
empty(void)
{
	return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

/* Most files have the date that the file before had. */
static const char *
date_of(int64_t t)
{
	static _Thread_local char date[HTTPD_DATE_LEN + 1];
	static _Thread_local int64_t is;

	if (date[0] == '\0' || t != is)
		httpd_date_write(date, t);
	is = t;
	return date;
}

static void
add_entity(struct MHD_Response **r, const struct httpd_res *rs)
{
	add_header(r, MHD_HTTP_HEADER_LAST_MODIFIED, date_of(rs->modified));
	add_header(r, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	add_header(r, MHD_HTTP_HEADER_ETAG, rs->etag);
}

static void
add_range(struct MHD_Response **r, const struct httpd_verdict *v, uint64_t size)
{
	char text[80];

	if (v->status == 206)
		snprintf(text, sizeof(text), "bytes %llu-%llu/%llu",
		    (unsigned long long)v->off,
		    (unsigned long long)(v->off + v->len - 1),
		    (unsigned long long)size);
	else
		snprintf(text, sizeof(text), "bytes */%llu",
		    (unsigned long long)size);
	add_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, text);
}

/* The descriptor goes with the answer that sends from it. */
static struct MHD_Response *
file_response(struct MHD_Connection *c, struct httpd_res *rs, bool head)
{
	const struct httpd_cond cond = {
	    .if_match = header(c, MHD_HTTP_HEADER_IF_MATCH),
	    .if_none_match = header(c, MHD_HTTP_HEADER_IF_NONE_MATCH),
	    .if_modified_since = header(c, MHD_HTTP_HEADER_IF_MODIFIED_SINCE),
	    .if_unmodified_since = header(
		c, MHD_HTTP_HEADER_IF_UNMODIFIED_SINCE),
	    .if_range = header(c, MHD_HTTP_HEADER_IF_RANGE),
	    .range = header(c, MHD_HTTP_HEADER_RANGE)};
	const struct httpd_entity entity = {
	    .etag = rs->etag, .modified = rs->modified, .size = rs->size};
	struct httpd_verdict v;
	struct MHD_Response *r;

	httpd_judge(&v, &cond, &entity, head);
	rs->status = v.status;
	/* A 304 says the length, and the library sends none of it. */
	if (v.status == 200 || v.status == 206 || v.status == 304) {
		r = MHD_create_response_from_fd_at_offset64(
		    v.len, rs->fd, v.off);
		if (r != NULL)
			rs->fd = -1;
		if (v.status != 304)
			add_header(&r, MHD_HTTP_HEADER_CONTENT_TYPE, rs->type);
	} else {
		r = empty();
	}
	if (v.status != 412)
		add_entity(&r, rs);
	if (v.status == 206 || v.status == 416)
		add_range(&r, &v, rs->size);
	return r;
}

static struct MHD_Response *
bytes_response(struct httpd_res *rs)
{
	struct MHD_Response *r;

	r = MHD_create_response_from_buffer(
	    rs->bytes.len, rs->bytes.p, MHD_RESPMEM_MUST_FREE);
	if (r != NULL)
		rs->bytes = (struct buf)BUF_INIT;
	return r;
}

struct stream {
	ssize_t (*read)(void *ctx, char *p, size_t room);
	void (*close)(void *ctx);
	void *ctx; /* owned */
};

static ssize_t
stream_read(void *cls, uint64_t pos, char *p, size_t room)
{
	struct stream *s = cls;
	ssize_t n = s->read(s->ctx, p, room);

	(void)pos;
	if (n == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void
stream_free(void *cls)
{
	struct stream *s = cls;

	s->close(s->ctx);
	free(s);
}

static struct MHD_Response *
stream_response(struct httpd_res *rs)
{
	struct stream *s = malloc(sizeof(*s));
	struct MHD_Response *r;

	if (s == NULL)
		return NULL;
	*s = (struct stream){rs->read, rs->close, rs->ctx};
	r = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, s, stream_free);
	if (r == NULL)
		free(s);
	else
		rs->ctx = NULL;
	return r;
}

static struct MHD_Response *
make_response(struct MHD_Connection *c, struct httpd_res *rs, bool head)
{
	struct MHD_Response *r;
	char text[16];

	if (rs->fd != -1)
		return file_response(c, rs, head);
	r = rs->ctx != NULL	? stream_response(rs)
	    : rs->bytes.len > 0 ? bytes_response(rs)
				: empty();
	if (rs->type != NULL) {
		add_header(&r, MHD_HTTP_HEADER_CONTENT_TYPE, rs->type);
		add_header(&r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
		add_header(&r, "X-Content-Type-Options", "nosniff");
		add_header(&r, "Content-Security-Policy", NO_SCRIPTS);
	}
	if (rs->status == 405)
		add_header(&r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (rs->retry_s > 0) {
		snprintf(text, sizeof(text), "%u", rs->retry_s);
		add_header(&r, MHD_HTTP_HEADER_RETRY_AFTER, text);
	}
	return r;
}

static void
release(struct httpd_res *rs)
{
	if (rs->fd != -1)
		(void)close(rs->fd);
	if (rs->ctx != NULL)
		rs->close(rs->ctx);
	buf_free(&rs->bytes);
}

static void
count_answer(struct httpd *h, unsigned status)
{
	atomic_fetch_add(&h->requests, 1);
	atomic_fetch_add(status >= 500 ? &h->failed
		: status >= 400	       ? &h->refused
				       : &h->sent,
	    1);
}

static enum MHD_Result
reply(struct httpd *h, struct MHD_Connection *c, struct httpd_res *rs,
    bool head, bool last, void **state)
{
	bool file = rs->fd != -1 && !head;
	struct MHD_Response *r = make_response(c, rs, head);
	enum MHD_Result done;

	release(rs);
	if (last)
		add_header(&r, MHD_HTTP_HEADER_CONNECTION, "close");
	if (r == NULL)
		return MHD_NO; /* no memory: the connection is closed */
	count_answer(h, rs->status);
	httpd_watch_answering(watched(c));
	if (file && rs->status < 300) {
		set_cork(c, 1);
		*state = &corked;
	}
	done = MHD_queue_response(c, rs->status, r);
	MHD_destroy_response(r);
	return done;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **state)
{
	struct httpd *h = cls;
	struct httpd_res rs = HTTPD_RES_INIT;
	char path[HTTPD_TARGET_MAX + 1];
	struct httpd_req rq = {.path = path, .priv = c};
	bool get = strcmp(method, MHD_HTTP_METHOD_GET) == 0;
	bool bad = *state == NULL && is_bad(c, version);

	(void)upload;
	(void)upload_len;
	/* What is answered at the first call ends the connection. */
	if (*state == NULL && !bad) {
		*state = h;
		return MHD_YES;
	}
	if (thread_number == 0)
		thread_number = 1 + atomic_fetch_add(&h->nthreads, 1);
	rq.worker = (thread_number - 1) % h->o.workers;
	rq.head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	if (!get && !rq.head) {
		rs.status = 405;
	} else if (bad) {
		rs.status = 400;
	} else if ((rs.status = httpd_path(path, url)) == 0) {
		rs.status = 404;
		h->o.answer(h->o.arg, &rq, &rs);
	}
	return reply(h, c, &rs, rq.head, bad || rs.status == 400, state);
}

/* Signals are for the thread that waits for them. */
static struct MHD_Daemon *
start_daemon(struct httpd *h)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC;
	struct MHD_OptionItem pool[] = {
	    {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)h->o.workers, NULL},
	    {MHD_OPTION_END, 0, NULL}};
	struct MHD_Daemon *d;
	sigset_t all, was;

	if (h->o.workers == 1)
		pool[0].option = MHD_OPTION_END;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	d = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h,
	    MHD_OPTION_LISTEN_SOCKET, h->fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    HTTPD_HEAD_MAX, MHD_OPTION_CONNECTION_LIMIT, h->o.max_conns,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, h->o.max_conns_ip,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTPD_IDLE_S,
	    MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_ARRAY,
	    pool, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return d;
}

int
httpd_start(
    struct httpd **out, int fd, const struct httpd_opts *o, struct err *e)
{
	struct httpd *h;

	*out = NULL;
	if ((h = calloc(1, sizeof(*h))) == NULL) {
		(void)close(fd);
		return err_nomem(e);
	}
	h->fd = fd;
	h->o = *o;
	if (httpd_watch_open(&h->watch, o->max_conns, e) == -1)
		goto fail;
	if ((h->daemon = start_daemon(h)) == NULL) {
		err_set(e, E_SYS, "the server's threads cannot be started");
		goto fail;
	}
	*out = h;
	return 0;
fail:
	httpd_stop(h);
	return -1;
}

void
httpd_tick(struct httpd *h)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	atomic_fetch_add(&h->dripping,
	    httpd_watch_sweep(h->watch,
		(uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000));
}

void
httpd_counts(struct httpd *h, struct httpd_counts *c)
{
	c->requests = atomic_load(&h->requests);
	c->sent = atomic_load(&h->sent);
	c->refused = atomic_load(&h->refused);
	c->failed = atomic_load(&h->failed);
	c->dripping = atomic_load(&h->dripping);
	c->busy = httpd_watch_busy(h->watch);
}

void
httpd_quiesce(struct httpd *h)
{
	(void)MHD_quiesce_daemon(h->daemon);
}

void
httpd_stop(struct httpd *h)
{
	if (h == NULL)
		return;
	if (h->daemon != NULL) {
		/* Else it would close the socket too. */
		httpd_quiesce(h);
		MHD_stop_daemon(h->daemon);
	}
	httpd_watch_close(h->watch);
	if (h->fd != -1)
		(void)close(h->fd);
	free(h);
}
