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
#include "lib/net/httpd_answer.h"
#include "lib/net/httpd_watch.h"

struct httpd {
	struct MHD_Daemon *daemon; /* owned */
	struct watch *watch; /* owned */
	struct httpd_opts o;
	int fd; /* owned: listening */
	atomic_uint nthreads;
	atomic_ullong requests, sent, refused, failed, dripping;
};

/* What the library keeps for us of a request: a file is sent, with this to do
   when that is over. */
struct sent {
	void (*close)(void *ctx); /* NULL: nothing */
	void *ctx;
};
static struct sent corked;

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

bool
httpd_header(
    const struct httpd_req *rq, const char *name, char *out, size_t room)
{
	const char *v = httpd_answer_to(rq->priv, name);

	if (v == NULL || strlen(v) >= room)
		return false;
	memcpy(out, v, strlen(v) + 1);
	return true;
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
	struct sent *sent = *state;

	if (sent != NULL && *state != cls) {
		if (why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
			set_cork(c, 0);
		if (sent->close != NULL) {
			sent->close(sent->ctx);
			free(sent);
		}
	}
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

static void
count_answer(struct httpd *h, unsigned status)
{
	atomic_fetch_add(&h->requests, 1);
	atomic_fetch_add(status >= 500 ? &h->failed
		: status >= 400	       ? &h->refused
				       : &h->sent,
	    1);
}

/* What is to be done after a file was sent goes with the request. */
static struct sent *
keep_sent(struct MHD_Response **r, struct httpd_res *rs)
{
	struct sent *sent;

	if (rs->ctx == NULL)
		return &corked;
	if ((sent = malloc(sizeof(*sent))) == NULL) {
		MHD_destroy_response(*r);
		*r = NULL;
		return NULL;
	}
	*sent = (struct sent){rs->close, rs->ctx};
	rs->ctx = NULL;
	return sent;
}

static enum MHD_Result
reply(struct httpd *h, struct MHD_Connection *c, struct httpd_res *rs,
    bool head, bool last, void **state)
{
	bool file = rs->fd != -1 && !head;
	struct MHD_Response *r = httpd_answer(c, rs, head);
	struct sent *sent = NULL;
	enum MHD_Result done;

	if (file && rs->status < 300 && r != NULL)
		sent = keep_sent(&r, rs);
	httpd_answer_free(rs);
	if (last)
		httpd_answer_header(&r, MHD_HTTP_HEADER_CONNECTION, "close");
	if (sent != NULL) {
		set_cork(c, 1);
		*state = sent;
	}
	if (r == NULL)
		return MHD_NO; /* no memory: the connection is closed */
	count_answer(h, rs->status);
	httpd_watch_answering(watched(c));
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
