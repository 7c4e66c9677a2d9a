/* SPDX-License-Identifier: ISC */
/* The session with an upstream, and single calls of it. */
#include "lib/fetch/session.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"

#define SESSION_AGAIN 2

static int
open_exchange(struct fetch_exchange *x, struct err *e)
{
	session_post_init(&x->post);
	x->reply = calloc(1, sizeof(*x->reply));
	return x->reply == NULL ? err_nomem(e) : 0;
}

int
session_open(struct session_begin *s, const char *base, struct err *e)
{
	snprintf(s->sync_url, sizeof(s->sync_url), "%s" SS_PATH, base);
	if (open_exchange(&s->call, e) == -1 ||
	    open_exchange(&s->login, e) == -1)
		return -1;
	return serversync_reader_open(&s->reader, e);
}

/* The client first: it uses what goes after it. */
void
session_close(struct session_begin *s)
{
	http_close(s->http);
	session_post_free(&s->call.post);
	session_post_free(&s->login.post);
	serversync_reader_close(s->reader);
	free(s->call.reply);
	free(s->login.reply);
}

int
session_http(struct fetch *f, struct err *e)
{
	struct http **h = &f->session.http;

	return *h != NULL ? 0 : http_open(h, &f->peer.net, e);
}

void
session_stale(struct fetch *f, unsigned session)
{
	if (session == f->session.number)
		f->session.has_cookie = false;
}

void
session_restart(struct fetch *f, unsigned session,
    const struct soap_fault *fault, const struct fetch_tries *t)
{
	session_stale(f, session);
	if (fault->code == SOAP_INVALID_AUTH_COOKIE || t->restarts > 1)
		f->session.has_auth = false;
}

void
session_tell(struct fetch *f, enum ss_op op, const struct soap_fault *fault)
{
	log_event(f->log, LOG_DEBUG, f->peer.base,
	    "%s: fault %s, ID '%s': %s (%s)", serversync_op_name(op),
	    fault->word, fault->id, fault->message, fault->string);
}

/* One request: the answer or the fault is in x->reply. */
static int
exchange(struct fetch *f, struct fetch_exchange *x,
    const struct session_call *c, struct err *e)
{
	struct session_post *p = &x->post;

	buf_reset(&p->ask);
	if (c->ask(f, &p->ask, c->arg, e) == -1 ||
	    session_post_start(f, p, c->op, e) == -1)
		return -1;
	if (session_post_wait(f, p, e) == -1 ||
	    session_post_judge(f, p, e) == -1)
		return -1;
	f->session.came = true;
	return session_post_read(
	    p, f->session.reader, c->each, c->arg, x->reply, e);
}

/* What is to be done before the next try: SESSION_AGAIN, or -1 to give up. */
static int
react(struct fetch *f, struct fetch_exchange *x, const struct session_call *c,
    struct fetch_tries *t, struct err *e)
{
	const struct soap_fault *fault = &x->reply->fault;
	uint64_t wait_ms;

	switch (session_react(
	    f, c->op, fault, t, x->post.req.got.retry_after_s, &wait_ms)) {
	case FETCH_AGAIN:
		log_event(f->log, LOG_INFO, f->peer.base,
		    "%s: %s, waiting %" PRIu64 " ms", serversync_op_name(c->op),
		    fault->word, wait_ms);
		return session_pause(f, wait_ms, e) == -1 ? -1 : SESSION_AGAIN;
	case FETCH_RESTART:
		session_restart(f, x->post.session, fault, t);
		return SESSION_AGAIN;
	case FETCH_FORGET:
		f->way.forget = true;
		break;
	case FETCH_GIVE_UP:
	case FETCH_BISECT:
	case FETCH_SMALLER:
		break;
	}
	return session_refused(f, c->op, fault, e);
}

/* One try: 0 answered, FETCH_FAULT one that is wanted, SESSION_AGAIN, -1. */
static int
try(struct fetch *f, struct fetch_exchange *x, const struct session_call *c,
    struct fetch_tries *t, struct err *e)
{
	const struct soap_fault *fault = &x->reply->fault;

	f->session.came = false;
	if (exchange(f, x, c, e) == -1)
		return -1;
	if (fault->code == SOAP_OK)
		return 0;
	f->n.faults++;
	session_tell(f, c->op, fault);
	if ((c->want_faults & 1U << fault->code) != 0)
		return FETCH_FAULT;
	return react(f, x, c, t, e);
}

int
session_say(struct fetch *f, const struct session_call *c, struct err *e)
{
	struct fetch_tries t = {.restarts = 0};
	int r;

	do
		r = try(f, &f->session.login, c, &t, e);
	while (r == SESSION_AGAIN);
	return r;
}

int
session_call(struct fetch *f, const struct session_call *c, struct err *e)
{
	struct fetch_tries t = {.restarts = 0};
	int r;

	do {
		f->session.came = false;
		if (session_fresh(f, e) == -1)
			return -1;
		r = try(f, &f->session.call, c, &t, e);
	} while (r == SESSION_AGAIN);
	return r;
}
