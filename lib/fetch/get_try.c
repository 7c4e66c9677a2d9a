/* SPDX-License-Identifier: ISC */
/*
 * One URL of one file.  An answer is taken only where it can be what was asked
 * for: the whole with the size that is declared, or the rest from exactly the
 * byte at which we are.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/stop.h"
#include "lib/fetch/get.h"
#include "lib/fetch/session.h"

#define WAIT_MS 200 /* between looks at the stop flag */
#define PROGRESS                                                               \
	((uint64_t)1 << 20) /* bytes that are worth a further request */
#define OTHER_BODY 65536 /* bytes of what comes with a 404 or so */

static int why(struct get_try *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
why(struct get_try *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->why, sizeof(t->why), fmt, ap);
	va_end(ap);
	return -1;
}

/* It ends the request; what that means is in t. */
static int
wrong(struct get_try *t, struct err *e)
{
	t->said = GET_SAID_WRONG;
	t->take = false;
	return err_set(e, E_DIGEST, "%s", t->why);
}

/* The rest cannot be had, the whole perhaps. */
static int
not_the_rest(struct get_try *t, struct err *e)
{
	t->anew = true;
	return wrong(t, e);
}

static uint64_t
most(const struct get *g)
{
	return g->has_size ? g->size : g->env->max_unknown;
}

bool
get_stopped(void *env)
{
	struct get_env *n = env;

	return stop_asked() ||
	    atomic_load_explicit(&n->stop, memory_order_relaxed);
}

void
get_count(struct get *g, const struct download *p)
{
	long long more = (long long)(p->have - g->counted);

	g->counted = p->have;
	atomic_fetch_add_explicit(&g->env->bytes, more, memory_order_relaxed);
}

static int
rewind_part(struct get_try *t, struct err *e)
{
	if (download_rewind(t->download, e) == -1)
		return -1;
	get_count(t->g, t->download);
	return 0;
}

/* From where we are, if the server can tell that it is the same file. */
static int
begin_try(struct http_req *r, struct err *e)
{
	struct get_try *t = r->arg;
	struct download *p = t->download;
	const char *v = download_validator(&p->info);

	t->take = false;
	if (download_flush(p, e) == -1)
		return -1;
	if (t->g->has_size && p->have == t->g->size) {
		t->enough = true;
		return err_set(e, E_PARTIAL, "nothing is left to ask for");
	}
	if (p->have > 0 && (v == NULL || strcmp(p->info.url, t->u->url) != 0) &&
	    rewind_part(t, e) == -1)
		return -1;
	r->from = p->have;
	r->if_range = p->have > 0 ? v : NULL;
	return 0;
}

static int
take_whole(struct get_try *t, const struct http_head *h, struct err *e)
{
	struct get *g = t->g;

	if (h->length != HTTP_UNKNOWN && g->has_size && h->length != g->size) {
		why(t, "%" PRIu64 " bytes announced, expected %" PRIu64,
		    h->length, g->size);
		return wrong(t, e);
	}
	if (h->length != HTTP_UNKNOWN && h->length > most(g)) {
		why(t,
		    "%" PRIu64 " bytes announced, at most %" PRIu64
		    " of a file without a declared size",
		    h->length, most(g));
		return wrong(t, e);
	}
	if (t->download->have > 0 && rewind_part(t, e) == -1)
		return -1;
	download_info_set(&t->download->info, t->u->url, h,
	    g->has_size ? g->size : h->length);
	t->take = true;
	return 0;
}

/* Only what was asked for: anything else would make the file grow wrongly. */
static int
take_rest(struct get_try *t, const struct http_head *h, struct err *e)
{
	struct download *p = t->download;
	uint64_t size = t->g->has_size ? t->g->size : p->info.size;

	if (t->req.from == 0 || !h->has_range) {
		why(t, "a part came, expected %s",
		    t->req.from == 0 ? "the whole" : "a Content-Range with it");
		return wrong(t, e);
	}
	if (size == DOWNLOAD_ANY)
		size = h->total;
	if (h->from != p->have || size == HTTP_UNKNOWN || size == 0 ||
	    h->to != size - 1 ||
	    (h->total != HTTP_UNKNOWN && h->total != size) ||
	    (h->length != HTTP_UNKNOWN && h->length != size - p->have)) {
		why(t,
		    "bytes %" PRIu64 "-%" PRIu64 " came, expected %" PRIu64
		    "-%" PRIu64,
		    h->from, h->to, p->have, size - 1);
		return not_the_rest(t, e);
	}
	t->take = true;
	return 0;
}

static int
head(struct http_req *r, const struct http_head *h, struct err *e)
{
	struct get_try *t = r->arg;
	struct download *p = t->download;

	t->answered = true;
	t->take = false;
	if ((h->status == 200 || h->status == 206) && h->encoding[0] != '\0' &&
	    strcmp(h->encoding, "identity") != 0) {
		why(t, "it came encoded as '%s', expected it as it is",
		    h->encoding);
		return wrong(t, e);
	}
	if (h->status == 200)
		return take_whole(t, h, e);
	if (h->status == 206)
		return take_rest(t, h, e);
	if (h->status != 416 || r->from == 0)
		return 0;
	/* Without a declared size, what is there may have been all. */
	if (!t->g->has_size && h->total == p->have) {
		t->enough = true;
		return 0;
	}
	why(t, "the rest from byte %" PRIu64 " was refused", p->have);
	return not_the_rest(t, e);
}

static int
body(struct http_req *r, const void *data, size_t n, struct err *e)
{
	struct get_try *t = r->arg;
	struct get *g = t->g;

	if (get_stopped(g->env))
		return err_set(e, E_STOP, "stopped on request");
	g->received += n;
	if (!t->take)
		return 0;
	if (n > most(g) - t->download->have)
		return err_set(e, E_LIMIT, "more bytes came than there are");
	if (download_put(t->download, data, n, e) == -1)
		return -1;
	get_count(g, t->download);
	return 0;
}

/* Until it is done; a stop drops it, and with it the client. */
static int
run_try(struct get_try *t, struct http **h, struct err *e)
{
	struct http_req *done = NULL;

	if (http_start(*h, &t->req, e) == -1) {
		t->req.err = *e;
		err_clear(e);
		return 0;
	}
	while (done == NULL) {
		if (http_next(*h, WAIT_MS, &done, e) == -1)
			break;
		if (done == NULL && get_stopped(t->g->env)) {
			err_set(e, E_STOP, "stopped on request");
			break;
		}
	}
	if (done != NULL)
		return 0;
	http_close(*h);
	*h = NULL;
	return -1;
}

static void
judge_status(struct get_try *t)
{
	long status = t->req.got.status;
	char moved[SESSION_MOVED_MAX];

	if (status == 404 || status == 410) {
		t->said = GET_SAID_ABSENT;
		why(t, "status %ld, it is not there", status);
	} else if (status >= 300 && status < 400) {
		session_moved(moved, &t->req.got, t->u->url, "--content-base");
		why(t, "%s", moved);
	} else if (status == 401 || status == 407) {
		why(t, "status %ld, it asks who we are", status);
	} else {
		why(t, "status %ld", status);
	}
}

/* 0 with t->said and t->why, or -1 for what ends the run. */
static int
judge(struct get_try *t, struct err *e)
{
	const struct err *got = &t->req.err;
	struct get *g = t->g;

	if (got->kind == E_STOP || got->kind == E_SYS) {
		*e = *got;
		return -1;
	}
	if (t->said == GET_SAID_WRONG)
		return 0;
	if (t->enough) {
		t->said = GET_SAID_WHOLE;
	} else if (t->answered && !t->take &&
	    (got->kind == E_NONE || got->kind == E_LIMIT)) {
		judge_status(t);
	} else if (got->kind == E_LIMIT) {
		t->said = GET_SAID_WRONG;
		why(t, "more than %" PRIu64 " bytes came", most(g));
	} else if (got->kind != E_NONE) {
		why(t, "%s", got->msg);
	} else if (g->has_size && t->download->have != g->size) {
		t->said = GET_SAID_WRONG;
		why(t, "%" PRIu64 " bytes came, expected %" PRIu64,
		    t->download->have, g->size);
	} else {
		t->said = GET_SAID_WHOLE;
	}
	return 0;
}

int
get_try(struct get_try *t, struct get_slot *s, struct err *e)
{
	uint64_t most_body = most(t->g), before;
	bool sure = t->u->base != 1 ||
	    atomic_load(&t->g->env->bases[1]) == GET_BASE_RIGHT;

	do {
		before = t->download->have;
		t->said = GET_SAID_NOTHING;
		t->answered = t->take = t->enough = t->anew = false;
		t->req = (struct http_req){.url = t->u->url,
		    .max_body = most_body < OTHER_BODY ? OTHER_BODY : most_body,
		    .again = sure,
		    .begin = begin_try,
		    .head = head,
		    .body = body,
		    .arg = t,
		    .err = ERR_INIT};
		if ((s->http == NULL &&
			http_open(&s->http, &t->g->env->net, e) == -1) ||
		    run_try(t, &s->http, e) == -1 || judge(t, e) == -1)
			return -1;
	} while (t->said == GET_SAID_NOTHING && t->req.err.kind == E_REMOTE &&
	    t->download->have > before &&
	    t->download->have - before >= PROGRESS);
	return 0;
}
