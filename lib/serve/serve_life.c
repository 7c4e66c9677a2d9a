/* SPDX-License-Identifier: ISC */
/* The server's life: what it gives up, what it says, and how it ends. */
#include <sys/resource.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/sandbox.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/net/httpd_tls.h"
#include "lib/serve/serve.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"

#define FULL_S 60 /* between two lines on that it is full */
#define SOON_S (14 * 86400) /* before a certificate ends it is told */

/*
 * A descriptor a connection, better two, though a file that is sent to many is
 * open once, and some of our own.  Fewer connections where the limit is low.
 */
static int
limit_conns(struct httpd_opts *o, struct log *l, struct err *e)
{
	const rlim_t own = 64 + SERVE_CACHED +
	    12 * ((rlim_t)o->workers + (rlim_t)o->slow_workers);
	const rlim_t least = (rlim_t)o->max_conns + own;
	const rlim_t want = least + (rlim_t)o->max_conns;
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == -1)
		return err_sys(e, "the limit on open files");
	lim.rlim_cur = lim.rlim_max < want ? lim.rlim_max : want;
	lim.rlim_max = lim.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &lim) == -1)
		return err_sys(e, "the limit on open files");
	if (lim.rlim_cur >= least)
		return 0;
	if (lim.rlim_cur < own + (rlim_t)o->loops)
		return err_set(e, E_SYS,
		    "at most %llu open files are allowed: too few",
		    (unsigned long long)lim.rlim_cur);
	o->max_conns = (unsigned)(lim.rlim_cur - own);
	log_event(l, LOG_WARN, NULL,
	    "at most %llu open files are allowed: %u connections",
	    (unsigned long long)lim.rlim_cur, o->max_conns);
	return 0;
}

/* Files and privileges; calls of the kernel once all threads are there. */
static int
confine(struct serve *s, const struct serve_opts *o, struct httpd_tls *tls,
    struct err *e)
{
	int dirs[4 + HTTPD_TLS_DIRS], rw[2];
	size_t n = 0, nrw = 0;

	dirs[n++] = store_dirfd(s->workers[0].store);
	/* Payload may lie elsewhere, behind a link. */
	if (s->workers[0].content.dirfd != -1)
		dirs[n++] = s->workers[0].content.dirfd;
	if (s->scan.dirfd != -1)
		dirs[n++] = s->scan.dirfd;
	if (s->self_update != -1)
		dirs[n++] = s->self_update;
	if (tls != NULL)
		n += httpd_tls_dirs(tls, dirs + n);
	if (o->user != NULL && sandbox_user(o->user, e) == -1)
		return -1;
	if (sandbox_left_off())
		return 0;
	if (s->wanted.dirfd != -1)
		rw[nrw++] = s->wanted.dirfd;
	if (s->log.dirfd != -1)
		rw[nrw++] = s->log.dirfd;
	return sandbox_enter(dirs, n, rw, nrw, o->log, e);
}

static void
nap(time_t s, long ms)
{
	const struct timespec t = {.tv_sec = s, .tv_nsec = ms * 1000000};

	(void)nanosleep(&t, NULL); /* a signal ends it early, as it should */
}

static void
summarize(struct httpd *h, struct log *l)
{
	struct json j = JSON_INIT;
	struct httpd_counts c;

	httpd_counts(h, &c);
	json_begin(&j);
	json_str(&j, "type", "summary");
	json_num(&j, "requests", c.requests);
	json_num(&j, "sent", c.sent);
	json_num(&j, "refused", c.refused);
	json_num(&j, "failed", c.failed);
	json_num(&j, "dripping", c.dripping);
	json_num(&j, "evicted", c.evicted);
	json_num(&j, "turned_away", c.turned_away);
	json_num(&j, "cut_off", c.busy);
	json_num(&j, "bytes", c.bytes);
	log_summary(l, &j,
	    "stopped: %s: %llu sent, %llu refused, %llu failed; %s and %s cut "
	    "off",
	    words_count(c.requests, "request").s, (unsigned long long)c.sent,
	    (unsigned long long)c.refused, (unsigned long long)c.failed,
	    words_count(c.dripping, "slow client").s,
	    words_count(c.busy, "other").s);
	json_free(&j);
}

/* As fetch and import do, when it listens and after each commit. */
static void
tell_lacking(struct serve *s, int64_t *told, struct log *l)
{
	struct lacking lacking;

	if (serve_view_news(&s->view, told, &lacking) && lacking_any(&lacking))
		log_event(
		    l, LOG_WARN, s->dir, "%s", lacking_summary(&lacking).s);
}

struct fullness {
	int64_t next_s;
	uint64_t evicted, turned_away;
};

/* A limit that is reached is not to be reached in silence. */
static void
tell_full(struct httpd *h, struct fullness *f, struct log *l)
{
	struct httpd_counts c;

	httpd_counts(h, &c);
	if (clock_s() < f->next_s ||
	    (c.evicted == f->evicted && c.turned_away == f->turned_away))
		return;
	log_event(l, LOG_WARN, NULL,
	    "no room for more connections: %s closed for newcomers, %s turned "
	    "away; see --connections and --connections-per-client",
	    words_count(c.evicted - f->evicted, "idle or slow one").s,
	    words_count(c.turned_away - f->turned_away, "newcomer").s);
	*f = (struct fullness){clock_s() + FULL_S, c.evicted, c.turned_away};
}

/* Clients tell nobody why they stay away. */
static void
tell_certificate(const struct httpd_tls *tls, const struct serve_opts *o)
{
	char day[UTC_LEN + 1];
	int64_t from, to, now = (int64_t)time(NULL);

	if (tls == NULL || !httpd_tls_span(tls, &from, &to) ||
	    (from <= now && now + SOON_S < to))
		return;
	utc_write(day, now < from ? from : to);
	log_event(o->log, LOG_WARN, NULL,
	    "%s: the certificate %s %s%s, then send SIGHUP", o->tls_cert,
	    now < from	    ? "is good only from"
		: to <= now ? "was good until"
			    : "is good until",
	    day,
	    now < from	    ? ": set the clock, or put another there"
		: to <= now ? ": clients refuse it; put a new one there"
			    : ": put a new one there");
}

static void
reload(struct serve *s, struct httpd_tls *tls, const struct serve_opts *o)
{
	struct err e = ERR_INIT;

	if (!stop_reload_asked())
		return;
	serve_log_reopen(&s->log, o->log);
	if (tls == NULL && s->log.dirfd == -1)
		log_event(o->log, LOG_INFO, NULL,
		    "SIGHUP: there is no certificate to read again");
	else if (tls == NULL)
		return;
	else if (httpd_tls_reload(tls, &e) == -1)
		log_event(o->log, LOG_ERROR, NULL, "SIGHUP: %s", e.msg);
	else {
		log_event(o->log, LOG_INFO, NULL, "SIGHUP: %s is read again",
		    o->tls_cert);
		tell_certificate(tls, o);
	}
}

static void
serve_until_stopped(struct serve *s, const struct serve_opts *o,
    struct httpd *h, struct httpd_tls *tls)
{
	struct fullness full = {.next_s = 0};
	struct httpd_counts c;
	int64_t told = -1;
	struct err e = ERR_INIT;
	int i;

	tell_certificate(tls, o);
	while (!stop_asked()) {
		/* Of a small one a request will meet it again, and say it. */
		if (serve_view_prepare(&s->view, s->store, &e) == -1 &&
		    serve_view_is_big(&s->view))
			serve_note(s, &e);
		err_clear(&e);
		tell_lacking(s, &told, o->log);
		serve_index_tick(s);
		serve_wanted_tick(&s->wanted, false, o->log);
		nap(1, 0);
		serve_tell_failure(s, o->log);
		serve_log_tick(&s->log, o->log);
		tell_full(h, &full, o->log);
		reload(s, tls, o);
	}
	httpd_quiesce(h);
	for (i = 0; i < SERVE_GRACE_S * 20; i++) {
		httpd_counts(h, &c);
		if (c.busy == 0)
			break;
		nap(0, 50);
	}
	serve_tell_failure(s, o->log);
	serve_wanted_tick(&s->wanted, true, o->log);
	full.next_s = 0;
	tell_full(h, &full, o->log);
	summarize(h, o->log);
}

static int
say_where(
    const struct serve_listens *l, const struct serve_opts *o, struct err *e)
{
	char url[HTTPD_URL_MAX];
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (httpd_url(url, &l->v[i], e) == -1)
			return -1;
		log_event(o->log, LOG_INFO, NULL, "listening on %s", url);
	}
	return 0;
}

/* From the threads to a signal. */
static int
run(struct serve *s, const struct serve_opts *o, struct serve_listens *l,
    const struct httpd_opts *ho, struct err *e)
{
	size_t n = l->n;
	struct httpd *h;
	int r = -1;

	l->n = 0; /* the server's, whatever happens */
	if (httpd_start(&h, l->v, n, ho, e) == -1)
		return -1;
	l->n = n;
	atomic_store(&s->httpd, h);
	if (serve_log_start(&s->log, e) == 0 && sandbox_calls(o->log, e) == 0 &&
	    say_where(l, o, e) == 0) {
		serve_until_stopped(s, o, h, ho->tls);
		r = 0;
	}
	l->n = 0;
	atomic_store(&s->httpd, NULL);
	httpd_stop(h);
	return r;
}

int
serve_live(struct serve *s, const struct serve_opts *o, struct serve_listens *l,
    const struct httpd_opts *given, struct err *e)
{
	struct httpd_opts ho = *given;
	struct httpd_tls *tls = NULL;
	int r = -1;

	if (o->tls_cert != NULL &&
	    httpd_tls_open(&tls, o->tls_cert, o->tls_key, e) == -1)
		return -1;
	ho.tls = tls;
	stop_hangup_reloads();
	if (limit_conns(&ho, o->log, e) == 0 && confine(s, o, tls, e) == 0)
		r = run(s, o, l, &ho, e);
	httpd_tls_close(tls);
	return r;
}
