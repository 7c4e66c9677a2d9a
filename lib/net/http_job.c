/* SPDX-License-Identifier: ISC */
/* A request while it is the client's: when it may begin, what it is shown. */
#include <inttypes.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/net/http_priv.h"

void
http_jobs_put(struct http_jobs *q, struct http_job *j)
{
	j->next = NULL;
	if (q->head == NULL)
		q->tail = &q->head;
	*q->tail = j;
	q->tail = &j->next;
}

void
http_jobs_take(struct http_jobs *q, struct http_job *j)
{
	struct http_job **p;

	for (p = &q->head; *p != NULL && *p != j; p = &(*p)->next)
		;
	if (*p == NULL)
		return;
	*p = j->next;
	if (q->tail == &j->next)
		q->tail = p;
	j->next = NULL;
}

static unsigned
count_at(const struct http_jobs *q, const char *at)
{
	const struct http_job *j;
	unsigned n = 0;

	for (j = q->head; j != NULL; j = j->next)
		n += strcmp(j->at, at) == 0;
	return n;
}

struct http_job *
http_jobs_due(const struct http_jobs *waiting, const struct http_jobs *active,
    unsigned per_host, uint64_t now_ms, uint64_t *until_ms)
{
	struct http_job *j;

	for (j = waiting->head; j != NULL; j = j->next) {
		if (j->due_ms > now_ms) {
			if (j->due_ms < *until_ms)
				*until_ms = j->due_ms;
		} else if (count_at(active, j->at) < per_host) {
			return j;
		}
	}
	return NULL;
}

int
http_job_begin(struct http_job *j, uint64_t now_ms)
{
	struct http_req *r = j->r;

	memset(&r->got, 0, sizeof(r->got));
	r->got.length = r->got.total = HTTP_UNKNOWN;
	memset(&j->lines, 0, sizeof(j->lines));
	j->since_ms = now_ms;
	j->since = j->got = 0;
	j->headed = j->dropped = j->slow = j->held = false;
	j->cause[0] = '\0';
	j->hello = 0;
	r->tried++;
	return r->begin == NULL ? 0 : r->begin(r, &r->err);
}

/* The answers that a server gives while it is restarted, or has no time. */
static bool
passing(long status)
{
	return status == 429 || (status >= 502 && status <= 504);
}

static bool
tries_left(const struct http_job *j)
{
	return j->r->again && j->r->tried < j->o->tries &&
	    j->r->got.retry_after_s <= HTTP_RETRY_AFTER_MAX_S;
}

static int
too_long(struct http_job *j, uint64_t n)
{
	j->r->too_long = true;
	return err_set(&j->r->err, E_LIMIT,
	    "%s: an answer of %" PRIu64 " bytes or more, at most %" PRIu64
	    " were expected",
	    j->at, n, j->r->max_body);
}

int
http_job_headed(struct http_job *j)
{
	struct http_req *r = j->r;
	const struct http_head *h = &r->got;

	j->headed = true;
	j->since_ms = clock_ms();
	/* What the proxy says of itself is not the server's answer. */
	j->dropped = h->status == 407 || (h->status == 401 && j->shy) ||
	    (passing(h->status) && tries_left(j));
	if (j->dropped)
		return 0;
	if (r->head != NULL && r->head(r, h, &r->err) == -1)
		return -1;
	if (h->length != HTTP_UNKNOWN && h->length > r->max_body &&
	    h->status != 204 && h->status != 304)
		return too_long(j, h->length);
	return 0;
}

static int
count_trailer(struct http_job *j, size_t n)
{
	if (n > HTTP_HEAD_BYTES_MAX - j->lines.seen)
		return err_set(&j->r->err, E_LIMIT,
		    "%s: the answer's head and trailer have more than %zu "
		    "bytes",
		    j->at, HTTP_HEAD_BYTES_MAX);
	j->lines.seen += n;
	return 0;
}

int
http_job_line(struct http_job *j, const char *p, size_t n)
{
	struct http_req *r = j->r;

	/* Fields behind the body are nobody's, but libcurl keeps them all. */
	if (j->headed)
		return count_trailer(j, n);
	if (http_head_line(&r->got, &j->lines, p, n, &r->err) == -1)
		return err_ctx(&r->err, "%s", j->at);
	/* A 401 or 407 may be a part of authentication: its body will tell. */
	if (!j->lines.whole || r->got.status < 200 || r->got.status == 401 ||
	    r->got.status == 407)
		return 0;
	return http_job_headed(j);
}

int
http_job_body(struct http_job *j, const void *p, size_t n)
{
	struct http_req *r = j->r;

	if (n == 0)
		return 0;
	*j->came += n;
	if (!j->headed && http_job_headed(j) == -1)
		return -1;
	if (j->dropped) {
		j->got += n;
		return j->got > HTTP_DROP_MAX ? -1 : 0;
	}
	if (n > r->max_body - j->got)
		return too_long(j, j->got + n);
	j->got += n;
	return r->body == NULL ? 0 : r->body(r, p, n, &r->err);
}

/*
 * Ours, not libcurl's: that one counts the time until an answer begins, too,
 * and a server may think for minutes.
 */
bool
http_job_slow(struct http_job *j, uint64_t now_ms)
{
	uint64_t span = now_ms - j->since_ms, least;

	if (!j->headed) {
		if (span < (uint64_t)j->o->answer_s * 1000)
			return false;
		err_set(&j->r->err, E_REMOTE, "%s: no answer within %u s",
		    j->at, j->o->answer_s);
		return j->slow = true;
	}
	if (span < (uint64_t)j->o->slow_s * 1000)
		return false;
	least = (uint64_t)j->o->slow_rate * j->o->slow_s;
	if (j->got - j->since < (least > 0 ? least : 1)) {
		err_set(&j->r->err, E_REMOTE,
		    "%s: less than %u bytes/s for %u s", j->at,
		    j->o->slow_rate > 0 ? j->o->slow_rate : 1, j->o->slow_s);
		return j->slow = true;
	}
	j->since_ms = now_ms;
	j->since = j->got;
	return false;
}

uint64_t
http_job_connect_ms(const struct http_job *j, bool offline, uint64_t now_ms)
{
	uint64_t all = (uint64_t)j->o->connect_s * 1000;
	uint64_t gone = now_ms - j->first_ms;

	if (!offline)
		return all;
	return gone < all ? all - gone : 1;
}

bool
http_job_again(struct http_job *j, bool offline, uint64_t now_ms)
{
	uint64_t pause;

	if (!tries_left(j))
		return false;
	pause = http_pause_ms(
	    j->r->tried + 1, j->o->wait_ms, j->r->got.retry_after_s);
	if (offline && pause >= http_job_connect_ms(j, true, now_ms))
		return false;
	err_clear(&j->r->err);
	j->due_ms = now_ms + pause;
	return true;
}
