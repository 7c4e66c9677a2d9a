/* SPDX-License-Identifier: ISC */
/* The requests under way: begun, tried again, given back. */
#include "lib/net/http.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/stop.h"
#include "lib/base/trace.h"
#include "lib/net/http_priv.h"

#define POLL_MS 250 /* how long a wish to stop may wait */
#define HELD_MS 50 /* how long we hold back without looking around */
#define CREDIT_MS 200 /* of a rate not made use of */
#define AWAY_MS 1000 /* not looking for so long is not the server's fault */

int
http_open(struct http **out, const struct http_opts *o, struct err *e)
{
	struct http *h;

	*out = NULL;
	if (http_opts_check(o, e) == -1)
		return -1;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return err_nomem(e);
	h->o = *o;
	http_opts_fill(&h->o);
	h->seen_ms = h->paid_ms = clock_ms();
	if (http_curl_open(h, e) == -1) {
		http_close(h);
		return -1;
	}
	*out = h;
	return 0;
}

static void
drop_all(struct http *h, struct http_jobs *q)
{
	struct http_job *j;

	while ((j = q->head) != NULL) {
		http_jobs_take(q, j);
		http_curl_release(h, j);
		j->r->priv = NULL;
		free(j);
		h->n--;
	}
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	drop_all(h, &h->active);
	drop_all(h, &h->waiting);
	drop_all(h, &h->done);
	http_curl_close(h);
	free(h);
}

int
http_start(struct http *h, struct http_req *r, struct err *e)
{
	struct http_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return err_nomem(e);
	if (!http_where_read(&j->where, r->url)) {
		free(j);
		/* Not with what may be a password in it. */
		return err_set(e, E_USAGE, "%.200s: no http or https address",
		    strchr(r->url, '@') == NULL ? r->url
						: "an address with a user");
	}
	http_where_write(j->at, sizeof(j->at), &j->where);
	j->r = r;
	j->o = &h->o;
	j->came = &h->came;
	j->cookies = &h->cookies;
	j->first_ms = j->due_ms = clock_ms();
	r->priv = j;
	r->tried = 0;
	r->too_long = false;
	r->err = (struct err)ERR_INIT;
	http_jobs_put(&h->waiting, j);
	h->n++;
	return 0;
}

unsigned
http_running(const struct http *h)
{
	return h->n;
}

/* Those that may; returns when the next may, at the latest until_ms. */
static uint64_t
start_due(struct http *h, uint64_t until_ms)
{
	uint64_t now = clock_ms();
	struct http_job *j;

	while ((j = http_jobs_due(&h->waiting, &h->active, h->o.per_host, now,
		    &until_ms)) != NULL) {
		http_jobs_take(&h->waiting, j);
		if (http_job_begin(j, now) == 0 &&
		    http_curl_begin(h, j, now) == 0) {
			http_jobs_put(&h->active, j);
			continue;
		}
		http_curl_release(h, j);
		http_jobs_put(&h->done, j);
	}
	return until_ms;
}

/* True: it may be otherwise the next time.  Else r->err, if any, is final. */
static bool
judge(struct http_job *j, int code)
{
	if (j->r->err.kind != E_NONE)
		return j->slow;
	if (j->dropped)
		return http_why_dropped(j);
	return code != 0 && http_curl_why(j, code);
}

/* What a header or a body holds is not told: a secret may be among it. */
static void
trace_try(const struct http_job *j, int code, bool again)
{
	const struct http_req *r = j->r;

	trace_line(TRACE_HTTP,
	    "%s %s (%s, %zu bytes) from %" PRIu64 ": status %ld, %" PRIu64
	    " bytes%s%s%s",
	    r->post != NULL ? "POST" : "GET", r->url,
	    r->soap_action != NULL ? r->soap_action : "no action", r->npost,
	    r->from, r->got.status, j->got,
	    r->err.kind != E_NONE || code != 0 ? ": " : "",
	    r->err.kind != E_NONE ? r->err.msg
		: code != 0	  ? j->cause
				  : "",
	    again ? ", another try follows" : "");
}

/* A try has ended. */
static void
finish_try(struct http *h, struct http_job *j, int code)
{
	uint64_t now = clock_ms();
	bool again, way;

	if (j->lines.whole)
		h->answered = true;
	if (code == 0 && !j->headed && j->r->err.kind == E_NONE)
		(void)http_job_headed(j);
	way = j->r->err.kind == E_NONE && http_curl_way(h, j);
	again = way || (judge(j, code) && http_job_again(j, !h->answered, now));
	/* Being asked who we are is not a failure. */
	if (way) {
		j->due_ms = now;
		j->r->tried--;
	}
	if (trace_on(TRACE_HTTP))
		trace_try(j, code, again);
	http_curl_release(h, j);
	http_jobs_take(&h->active, j);
	http_jobs_put(again ? &h->waiting : &h->done, j);
}

static void
collect_ended(struct http *h)
{
	struct http_job *j;
	int code;

	while ((j = http_curl_ended(h, &code)) != NULL)
		finish_try(h, j, code);
}

static void
cut_slow(struct http *h)
{
	uint64_t now = clock_ms(), away = now - h->seen_ms;
	struct http_job *j, *next;

	h->seen_ms = now;
	for (j = h->active.head; j != NULL; j = next) {
		next = j->next;
		if (away > AWAY_MS)
			j->since_ms += away;
		if (http_job_slow(j, now))
			finish_try(h, j, 0);
	}
}

/* The request is the caller's again. */
static struct http_req *
give(struct http *h, struct http_job *j)
{
	struct http_req *r = j->r;

	http_jobs_take(&h->active, j);
	http_jobs_take(&h->waiting, j);
	http_jobs_take(&h->done, j);
	http_curl_release(h, j);
	free(j);
	h->n--;
	r->priv = NULL;
	return r;
}

/*
 * Bytes that came are paid for by time in which none are read.  libcurl's own
 * limit lets seconds' worth through at the beginning, and is one transfer's.
 */
static bool
in_debt(struct http *h, uint64_t now)
{
	uint64_t even;

	if (h->o.rate == 0)
		return false;
	even = h->paid_ms + h->came * 1000 / h->o.rate;
	if (now < even)
		return true;
	h->paid_ms = now - even > CREDIT_MS ? now - CREDIT_MS : even;
	h->came = 0;
	return false;
}

/* Until something happens; at the latest at until_ms. */
static int
wait_for(struct http *h, uint64_t now, uint64_t until_ms, struct err *e)
{
	bool held = in_debt(h, now);
	uint64_t most = held ? HELD_MS : POLL_MS;

	if (until_ms <= now)
		return 0;
	if (until_ms - now < most)
		most = until_ms - now;
	if (!held)
		return http_curl_poll(h, (int)most, e);
	(void)poll(NULL, 0, (int)most);
	return 0;
}

int
http_next(struct http *h, int timeout_ms, struct http_req **r, struct err *e)
{
	uint64_t now = clock_ms(), end, until;

	*r = NULL;
	end = timeout_ms < 0 ? UINT64_MAX : now + (uint64_t)timeout_ms;
	for (;;) {
		if (stop_check(e) == -1)
			return -1;
		(void)start_due(h, end);
		if (!in_debt(h, now) && http_curl_perform(h, e) == -1)
			return -1;
		collect_ended(h);
		cut_slow(h);
		/* What has become free is used before the caller is called. */
		until = start_due(h, end);
		if (h->done.head != NULL) {
			*r = give(h, h->done.head);
			return 0;
		}
		now = clock_ms();
		if (now >= end || atomic_exchange(&h->woken, false))
			return 0;
		if (wait_for(h, now, until, e) == -1)
			return -1;
		now = clock_ms();
	}
}

void
http_wake(struct http *h)
{
	atomic_store(&h->woken, true);
	http_curl_wake(h);
}

int
http_run(struct http *h, struct http_req *r, struct err *e)
{
	struct http_req *done = NULL;
	struct http_job *j;

	if (http_start(h, r, e) == -1)
		return -1;
	j = r->priv;
	while (done == NULL)
		if (http_next(h, -1, &done, e) == -1) {
			r->err = *e;
			(void)give(h, j);
			return -1;
		}
	if (r->err.kind == E_NONE)
		return 0;
	*e = r->err;
	return -1;
}
