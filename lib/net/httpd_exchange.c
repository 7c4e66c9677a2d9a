/* SPDX-License-Identifier: ISC */
/* A request and its answer: where its memory comes from and goes. */
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/net/httpd_priv.h"

#define SPARE_MAX 64 /* kept by each loop */

struct httpd_exchange *
httpd_exchange_new(struct httpd_loop *l)
{
	struct httpd_exchange *x = STAILQ_FIRST(&l->unused);

	if (x != NULL) {
		STAILQ_REMOVE_HEAD(&l->unused, next);
		l->nunused--;
	} else if ((x = malloc(sizeof(*x))) == NULL) {
		return NULL;
	}
	memset(x, 0, offsetof(struct httpd_exchange, out));
	request_init(&x->rq);
	x->body = (struct buf)BUF_INIT_MAX(HTTPD_BODY_MAX);
	x->res = (struct httpd_res)HTTPD_RES_INIT;
	return x;
}

void
httpd_res_free(struct httpd_res *rs)
{
	if (rs->fd != -1 && !rs->fd_kept)
		(void)close(rs->fd);
	if (rs->ctx != NULL && rs->close != NULL)
		rs->close(rs->ctx);
	buf_free(&rs->bytes);
	*rs = (struct httpd_res)HTTPD_RES_INIT;
}

void
httpd_exchange_free(struct httpd_loop *l, struct httpd_exchange *x)
{
	if (x == NULL)
		return;
	/* To close what makes a list may take time. */
	if (x->res.ctx != NULL && (x->kind & HTTPD_SLOW) != 0) {
		x->job = HTTPD_JOB_CLOSE;
		x->who = (struct httpd_handle){.loop = l->number};
		httpd_work_put(l->h, x);
		return;
	}
	httpd_res_free(&x->res);
	buf_free(&x->body);
	free(x->multi);
	free(x->piece);
	if (x->held > 0)
		httpd_budget_give(&l->h->budget, x->held);
	if (l->nunused == SPARE_MAX) {
		free(x);
		return;
	}
	STAILQ_INSERT_HEAD(&l->unused, x, next);
	l->nunused++;
}

/* Without the head; what stands around chunks counts until the body is over. */
uint64_t
httpd_exchange_sent(const struct httpd_conn *c, const struct httpd_exchange *x)
{
	uint64_t n = c->sent - x->sent_at;

	n -= n < x->head ? n : x->head;
	return n < x->total ? n : x->total;
}

/* Bytes of a stranger's, for a line of a log: printable ASCII, to a bound. */
static const char *
show(char *to, size_t room, struct slice s)
{
	size_t i, n = s.n < room ? s.n : room - 1;

	for (i = 0; i < n; i++)
		to[i] = s.p[i] > ' ' - 1 && s.p[i] < 0x7f && s.p[i] != '"' &&
			s.p[i] != '\\'
		    ? s.p[i]
		    : '?';
	to[n] = '\0';
	return to;
}

void
httpd_exchange_tell(struct httpd_loop *l, const struct httpd_conn *c,
    const struct httpd_exchange *x, bool whole)
{
	char peer[INET6_ADDRSTRLEN], method[24], target[2048], agent[256],
	    referer[256];
	struct slice s = {"", 0};
	struct httpd_done d = {.minor = x->rq.minor,
	    .status = x->res.status,
	    .bytes = httpd_exchange_sent(c, x),
	    .ms = l->now_ms - x->began_ms,
	    .whole = whole,
	    .tls = x->tls};

	if (l->h->o.done == NULL)
		return;
	d.peer = httpd_peer_text(c, peer);
	d.method = show(
	    method, sizeof(method), request_text(&x->rq, x->rq.word));
	d.target = show(
	    target, sizeof(target), request_text(&x->rq, x->rq.target));
	(void)request_only(&x->rq, REQUEST_USER_AGENT, &s);
	d.agent = show(agent, sizeof(agent), s);
	s = (struct slice){"", 0};
	(void)request_only(&x->rq, REQUEST_REFERER, &s);
	d.referer = show(referer, sizeof(referer), s);
	l->h->o.done(l->h->o.arg, &d);
}
