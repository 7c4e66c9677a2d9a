/* SPDX-License-Identifier: ISC */
/* One request of the protocol: sent, waited for, judged, read. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"

#define TYPE "text/xml; charset=utf-8"
#define SLICE_MS 200 /* between two looks at whether to stop */

int
session_pause(struct fetch *f, uint64_t ms, struct err *e)
{
	uint64_t end = clock_ms() + ms, now;
	struct timespec t;

	while ((now = clock_ms()) < end) {
		if (fetch_check(f, e) == -1)
			return -1;
		ms = end - now < SLICE_MS ? end - now : SLICE_MS;
		t = (struct timespec){.tv_nsec = (long)ms * 1000000};
		(void)nanosleep(&t, NULL);
	}
	return fetch_check(f, e);
}

void
session_post_init(struct session_post *p)
{
	*p = (struct session_post){
	    .ask = BUF_INIT, .answer = BUF_INIT_MAX(SOAP_MAX_MESSAGE)};
}

void
session_post_free(struct session_post *p)
{
	buf_free(&p->ask);
	buf_free(&p->answer);
}

static int
on_begin(struct http_req *r, struct err *e)
{
	struct session_post *p = r->arg;

	(void)e;
	buf_reset(&p->answer);
	return 0;
}

static int
on_body(struct http_req *r, const void *bytes, size_t n, struct err *e)
{
	struct session_post *p = r->arg;

	return buf_put(&p->answer, bytes, n, e);
}

static const char *
url_of(const struct fetch *f, enum ss_op op)
{
	return op == SS_GET_AUTHORIZATION_COOKIE ? f->session.auth_url
						 : f->session.sync_url;
}

int
session_post_start(
    struct fetch *f, struct session_post *p, enum ss_op op, struct err *e)
{
	p->op = op;
	p->session = f->session.number;
	p->done = false;
	buf_reset(&p->answer);
	p->req = (struct http_req){.url = url_of(f, op),
	    .post = p->ask.p,
	    .npost = p->ask.len,
	    .type = TYPE,
	    .soap_action = serversync_op_action(op),
	    .max_body = SOAP_MAX_MESSAGE,
	    .again = true,
	    .begin = on_begin,
	    .body = on_body,
	    .arg = p,
	    .err = ERR_INIT};
	f->n.requests++;
	if (session_http(f, e) == -1)
		return -1;
	return http_start(f->session.http, &p->req, e);
}

int
session_post_wait(struct fetch *f, struct session_post *p, struct err *e)
{
	struct http_req *r;

	while (!p->done) {
		if (fetch_check(f, e) == -1 ||
		    http_next(f->session.http, SLICE_MS, &r, e) == -1)
			return -1;
		if (r != NULL)
			((struct session_post *)r->arg)->done = true;
	}
	return 0;
}

/* The first line that says anything, for a person. */
static void
first_line(const struct buf *b, char *to, size_t max)
{
	size_t i = 0, n = 0;

	while (i < b->len && isspace(b->p[i]))
		i++;
	while (i + n < b->len && n < max - 1 && b->p[i + n] != '\n' &&
	    b->p[i + n] != '\r')
		n++;
	if (n > 0)
		memcpy(to, b->p + i, n);
	to[n] = '\0';
	utf8_clean(to);
}

static bool
is_html(const struct session_post *p)
{
	char line[16];

	if (strncasecmp(p->req.got.type, "text/html", 9) == 0)
		return true;
	first_line(&p->answer, line, sizeof(line));
	return strncasecmp(line, "<!doctype html", 14) == 0 ||
	    strncasecmp(line, "<html", 5) == 0;
}

void
session_moved(char to[SESSION_MOVED_MAX], const struct http_head *h,
    const char *from, const char *option)
{
	char now[SYNC_URL_MAX] = "", was[SYNC_URL_MAX] = "";
	bool away = http_origin(h->location, now, sizeof(now)) &&
	    (!http_origin(from, was, sizeof(was)) || strcmp(now, was) != 0);

	snprintf(to, SESSION_MOVED_MAX,
	    "status %ld, a redirect to %s, which is not followed%s%s%s%.250s",
	    h->status,
	    h->location[0] != '\0' ? h->location : "where it does not say",
	    away ? "; if it has moved there, give " : "", away ? option : "",
	    away ? " " : "", away ? now : "");
}

static int
refuse_answer(
    const struct fetch *f, const struct session_post *p, struct err *e)
{
	const char *op = serversync_op_name(p->op);
	char line[160], moved[SESSION_MOVED_MAX];

	if (p->req.got.status >= 300 && p->req.got.status < 400) {
		session_moved(moved, &p->req.got, f->peer.base, "--upstream");
		return err_set(
		    e, E_REMOTE, "%s: %s: %s", f->peer.base, op, moved);
	}
	switch (p->req.got.status) {
	case 401:
		return err_set(e, E_REMOTE,
		    "%s: %s: 401, it asks who we are; give --user-file with "
		    "user:password%s",
		    f->peer.base, op,
		    f->peer.net.user != NULL ? " that it knows" : "");
	case 407:
		return err_set(e, E_REMOTE,
		    "%s: the proxy asks who we are; give --proxy-user-file",
		    op);
	case 403:
	case 404:
		return err_set(e, E_REMOTE,
		    "%s: %s: %ld; is the port right (WSUS has 8530 for http, "
		    "8531 for https), does it want https?",
		    f->peer.base, op, p->req.got.status);
	}
	first_line(&p->answer, line, sizeof(line));
	return err_set(e, E_REMOTE, "%s: %s: status %ld%s%s", f->peer.base, op,
	    p->req.got.status, *line != '\0' ? ": " : "", line);
}

int
session_post_judge(struct fetch *f, struct session_post *p, struct err *e)
{
	char line[160];

	/* What is too long is said by who reads it: less may be asked for. */
	if (p->req.err.kind != E_NONE && !p->req.too_long) {
		*e = p->req.err;
		return err_ctx(e, "%s", serversync_op_name(p->op));
	}
	f->n.got_bytes += p->answer.len;
	if (p->req.got.status != 200 && p->req.got.status != 500)
		return refuse_answer(f, p, e);
	if (*p->req.got.encoding != '\0' &&
	    strcasecmp(p->req.got.encoding, "identity") != 0)
		return err_set(e, E_REMOTE,
		    "%s: %s: the answer is encoded as '%s', which nobody asked "
		    "for",
		    f->peer.base, serversync_op_name(p->op),
		    p->req.got.encoding);
	if (p->req.got.status == 500 || !is_html(p))
		return 0;
	first_line(&p->answer, line, sizeof(line));
	return err_set(e, E_REMOTE,
	    "%s: %s: a web page came, not an answer; a proxy's? It begins: %s",
	    f->peer.base, serversync_op_name(p->op), line);
}

int
session_post_read(const struct session_post *p, struct ss_reader *r,
    const struct ss_each *each, void *arg, struct ss_reply *reply,
    struct err *e)
{
	bool crash = p->req.got.status == 500;

	if (p->req.too_long) {
		*e = p->req.err;
		return err_ctx(e, "answer to %s", serversync_op_name(p->op));
	}
	if (serversync_read(r, p->op, p->answer.p, p->answer.len, each, arg,
		reply, e) == -1) {
		if (!crash || e->kind != E_FORMAT)
			return err_ctx(
			    e, "answer to %s", serversync_op_name(p->op));
		err_clear(e);
		memset(&reply->fault, 0, sizeof(reply->fault));
		reply->fault.code = SOAP_INTERNAL;
		snprintf(reply->fault.string, sizeof(reply->fault.string),
		    "status 500 without a fault of SOAP");
		return 0;
	}
	if (crash && reply->fault.code == SOAP_OK) {
		reply->fault.code = SOAP_INTERNAL;
		snprintf(reply->fault.string, sizeof(reply->fault.string),
		    "status 500 with an answer");
	}
	return 0;
}

int
session_join(
    const char *base, const char *service, char to[SS_URL_MAX], struct err *e)
{
	char host[SYNC_URL_MAX], ours[SYNC_URL_MAX];
	const char *path = service;
	int n;

	if (strstr(service, "://") != NULL) {
		if (!http_host(service, host, sizeof(host)) ||
		    !http_host(base, ours, sizeof(ours)) ||
		    strcmp(host, ours) != 0)
			return err_set(e, E_FORMAT,
			    "ServiceUrl '%.200s' leads away from %s", service,
			    base);
		path = strstr(service, "://") + 3;
		path += strcspn(path, "/");
	}
	while (*path == '/' || *path == '\\')
		path++;
	if (*path == '\0' || strpbrk(path, "\\ \t\r\n#@") != NULL)
		return err_set(e, E_FORMAT,
		    "ServiceUrl '%.200s' is no path of %s", service, base);
	n = snprintf(to, SS_URL_MAX, "%s/%s", base, path);
	if (n < 0 || n >= SS_URL_MAX)
		return err_set(
		    e, E_LIMIT, "ServiceUrl of %zu bytes", strlen(service));
	return 0;
}
