/* SPDX-License-Identifier: ISC */
#include "lib/serve/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/sandbox.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/serve/serve_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

#define CACHE_KIB 8192 /* pages of the database, for each reader */

/* Places of the one failure that waits to be told. */
enum { FAILURE_NONE, FAILURE_FILLING, FAILURE_THERE };

/* A worker has no log; the main thread looks here.  Else it is only counted. */
void
serve_note(struct serve *s, struct err *e)
{
	int none = FAILURE_NONE;

	if (!atomic_compare_exchange_strong(
		&s->failure, &none, FAILURE_FILLING))
		return;
	*s->failed = *e;
	atomic_store(&s->failure, FAILURE_THERE);
}

static void
tell_failure(struct serve *s, struct log *l)
{
	if (atomic_load(&s->failure) != FAILURE_THERE)
		return;
	log_event(l, LOG_ERROR, NULL, "a request failed: %s", s->failed->msg);
	atomic_store(&s->failure, FAILURE_NONE);
}

static int
send_file(struct serve *s, struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    const char *ext, struct httpd_res *rs, struct err *e)
{
	if (serve_file(w, sha1, ext, rs, e) == 0)
		return 0;
	atomic_fetch_or(&s->view.lost, UINT64_C(1) << sha1[0] % 64);
	return -1;
}

static int
route(struct serve *s, const struct httpd_req *rq, struct httpd_res *rs,
    struct err *e)
{
	struct serve_worker *w = &s->workers[rq->worker];
	char ext[UPDATE_EXT_MAX + 1];
	uint8_t sha1[SHA1_LEN];

	if (serve_name(rq->path, sha1, ext))
		return send_file(s, w, sha1, ext, rs, e);
	if (strcasecmp(rq->path, "/index.json") == 0)
		return serve_index(s, w, INDEX_JSON, rs, e);
	if (strcasecmp(rq->path, "/updates.csv") == 0)
		return serve_index(s, w, INDEX_CSV, rs, e);
	if (strcasecmp(rq->path, "/content/" CONTENT_CHECK_FILE) == 0) {
		rs->status = 200;
		rs->type = "text/plain";
		return 0;
	}
	return serve_page(s, w, rq, rs, e);
}

static void
answer(void *arg, const struct httpd_req *rq, struct httpd_res *rs)
{
	struct serve *s = arg;
	struct err e = ERR_INIT;

	if (route(s, rq, rs, &e) == 0)
		return;
	rs->status = e.kind == E_MISSING ? 404 : 500;
	serve_note(s, &e);
}

static int
open_reader(const struct serve *s, struct store **to, struct err *e)
{
	if (store_open(to, s->dir, STORE_READ, NULL, e) == -1)
		return -1;
	return store_cache(*to, CACHE_KIB, e);
}

/* All of them here: opening is for one thread, and before the sandbox. */
static int
open_workers(struct serve *s, struct log *l, struct err *e)
{
	struct serve_worker *w;
	unsigned i;

	for (i = 0; i < s->nworkers; i++) {
		w = &s->workers[i];
		if (open_reader(s, &w->store, e) == -1 ||
		    content_open(&w->content, store_dirfd(w->store), -1, e) ==
			-1)
			return -1;
	}
	for (i = 0; i < SERVE_SLOTS; i++)
		if (open_reader(s, &s->slots[i].store, e) == -1 ||
		    content_open(&s->slots[i].content,
			store_dirfd(s->slots[i].store), -1, e) == -1)
			return -1;
	return serve_index_open(s, l, e) == -1 ? -1
					       : open_reader(s, &s->store, e);
}

static void
close_workers(struct serve *s)
{
	unsigned i;

	for (i = 0; i < s->nworkers; i++) {
		serve_files_close(&s->workers[i]);
		store_close(s->workers[i].store);
	}
	serve_index_close(s);
	store_close(s->store);
	serve_view_free(&s->view);
}

/*
 * Two descriptors a connection, its socket and a file, and some of our own.
 * Fewer connections where the limit is low.
 */
static int
limit_conns(struct httpd_opts *o, struct log *l, struct err *e)
{
	const rlim_t own = 64 + (SERVE_CACHED + 8) * (rlim_t)o->workers;
	rlim_t want = 2 * (rlim_t)o->max_conns + own;
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == -1)
		return err_sys(e, "the limit on open files");
	lim.rlim_cur = lim.rlim_max < want ? lim.rlim_max : want;
	lim.rlim_max = lim.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &lim) == -1)
		return err_sys(e, "the limit on open files");
	if (lim.rlim_cur == want)
		return 0;
	if (lim.rlim_cur < own + 2 * (rlim_t)o->workers)
		return err_set(e, E_SYS,
		    "at most %llu open files are allowed: too few",
		    (unsigned long long)lim.rlim_cur);
	o->max_conns = (unsigned)((lim.rlim_cur - own) / 2);
	log_event(l, LOG_WARN, NULL,
	    "at most %llu open files are allowed: %u connections",
	    (unsigned long long)lim.rlim_cur, o->max_conns);
	return 0;
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
	json_num(&j, "cut_off", c.busy);
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

static void
serve_until_stopped(struct serve *s, struct httpd *h, struct log *l)
{
	struct httpd_counts c;
	int64_t told = -1;
	int i;

	while (!stop_asked()) {
		serve_view_prepare(&s->view, s->store);
		tell_lacking(s, &told, l);
		serve_index_tick(s);
		nap(1, 0);
		httpd_tick(h);
		tell_failure(s, l);
	}
	httpd_quiesce(h);
	for (i = 0; i < SERVE_GRACE_S * 20; i++) {
		httpd_counts(h, &c);
		if (c.busy == 0)
			break;
		nap(0, 50);
	}
	tell_failure(s, l);
	summarize(h, l);
}

static int
listen_and_run(struct serve *s, const struct serve_opts *o,
    const struct httpd_where *where, struct err *e)
{
	struct httpd_opts ho = {.workers = s->nworkers,
	    .max_conns = o->max_conns != 0 ? o->max_conns : SERVE_CONNS,
	    .max_conns_ip = o->max_conns_ip != 0 ? o->max_conns_ip
						 : SERVE_CONNS_IP,
	    .answer = answer,
	    .arg = s};
	char url[HTTPD_URL_MAX];
	struct httpd *h;
	/* Payload may lie elsewhere, behind a link. */
	const int dirs[] = {
	    store_dirfd(s->workers[0].store), s->workers[0].content.dirfd};
	int fd;

	if (httpd_bind(&fd, url, where, e) == -1)
		return -1;
	if (limit_conns(&ho, o->log, e) == -1 ||
	    sandbox_enter(dirs, dirs[1] != -1 ? 2 : 1, NULL, 0, o->log, e) ==
		-1) {
		(void)close(fd);
		return -1;
	}
	if (httpd_start(&h, fd, &ho, e) == -1)
		return -1;
	log_event(o->log, LOG_INFO, NULL, "listening on %s", url);
	serve_until_stopped(s, h, o->log);
	httpd_stop(h);
	return 0;
}

int
serve_run(const struct serve_opts *o, struct err *e)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct err failed = ERR_INIT;
	struct httpd_where where;
	struct serve s = {.dir = o->store, .failed = &failed};
	unsigned i;
	int r = -1;

	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	s.nworkers = o->workers != 0   ? o->workers
	    : cpus < 1		       ? 1
	    : cpus > HTTPD_WORKERS_MAX ? HTTPD_WORKERS_MAX
				       : (unsigned)cpus;
	serve_view_init(&s.view);
	for (i = 0; i < s.nworkers; i++)
		serve_files_open(&s.workers[i]);
	serve_index_init(&s);
	if (httpd_where_read(
		&where, o->listen != NULL ? o->listen : SERVE_LISTEN, e) == 0 &&
	    open_workers(&s, o->log, e) == 0)
		r = listen_and_run(&s, o, &where, e);
	close_workers(&s);
	return r;
}
