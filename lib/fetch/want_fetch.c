/* SPDX-License-Identifier: ISC */
/*
 * The wanted payload.  Workers download into staging; here, on the main thread,
 * what came gets its names, many files at a time, and then its rows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/base/pool.h"
#include "lib/fetch/want.h"
#include "lib/store/store.h"

#define DOWNLOADS 4
#define DEPTH_MAX 4096 /* jobs that are out: one huge file stalls no others */
#define BATCH_FILES 8192
#define BATCH_BYTES ((uint64_t)1 << 30)
#define BATCH_MS 5000
#define WAIT_MS 200
#define FAILED_TOLD 10 /* files that could not be had, by name */

struct pass {
	struct wants *w;
	struct fetch *f;
	struct get_env env;
	struct pool *pool; /* owned */
	struct get *gets; /* owned: used in turn */
	unsigned depth, next, nout;
	struct content_staged *batch; /* owned: BATCH_FILES of them */
	size_t nbatch;
	uint64_t batch_bytes, batch_ms; /* since when, on the monotonic clock */
	struct want **failed; /* owned: as many */
	size_t nfailed;
	bool broken; /* what comes from now on is left to the next run */
	bool stopped; /* some job was */
	long long shown; /* bytes */
	uint64_t by_sha1; /* files for which no SHA-256 is declared */
};

/* The name is there; a row that disagrees is a finding, and not ours. */
static int
put_got(struct pass *p, const struct content_staged *st, struct err *e)
{
	struct sync_file sf = {.outcome = SYNC_GOT, .at = p->f->now};
	struct err fault = ERR_INIT;
	char name[CONTENT_NAME_MAX];

	memcpy(sf.sha1, st->sha1, SHA1_LEN);
	if (store_file_present(p->f->store, st->sha1, &st->digest, &fault) == 0)
		return sync_file_put(p->f->store, &sf, e);
	if (fault.kind == E_SYS) {
		*e = fault;
		return -1;
	}
	content_name(name, st->sha1, st->ext);
	log_finding_err(p->f->log, name, &fault);
	return 0;
}

static int
put_failed(struct pass *p, const struct want *t, struct err *e)
{
	struct sync_file sf = {
	    .outcome = t->outcome, .at = p->f->now, .why = t->why};

	memcpy(sf.sha1, t->file->sha1, SHA1_LEN);
	return sync_file_put(p->f->store, &sf, e);
}

static int
put_rows(struct pass *p, struct err *e)
{
	struct store *s = p->f->store;
	int r = 0;

	if (store_begin(s, e) == -1)
		return -1;
	for (size_t i = 0; r == 0 && i < p->nbatch; i++)
		r = put_got(p, &p->batch[i], e);
	for (size_t i = 0; r == 0 && i < p->nfailed; i++)
		r = put_failed(p, p->failed[i], e);
	return store_end(s, r, e);
}

/* Names first, then rows, then what stood beside the parts. */
static int
settle_batch(struct pass *p, struct err *e)
{
	int staging = p->f->content.staging;

	if (p->nbatch == 0 && p->nfailed == 0)
		return 0;
	p->broken = true;
	if (content_settle(&p->f->content, p->batch, p->nbatch, e) == -1 ||
	    put_rows(p, e) == -1)
		return -1;
	p->f->n.files += p->nbatch;
	p->f->n.files_bytes += p->batch_bytes;
	for (size_t i = 0; i < p->nbatch; i++) {
		const uint8_t *sha1 = p->batch[i].sha1;

		if (download_forget(staging, sha1, CONTENT_PART_INFO, e) ==
			-1 ||
		    download_forget(staging, sha1, CONTENT_PART_BAD, e) == -1)
			return -1;
	}
	p->nbatch = p->nfailed = 0;
	p->batch_bytes = 0;
	p->broken = false;
	return 0;
}

static void
show(struct pass *p)
{
	long long now = atomic_load_explicit(
	    &p->env.bytes, memory_order_relaxed);

	prog_add(&p->f->prog, (uint64_t)(now - p->shown), 0);
	p->shown = now;
}

/* While the workers work: progress, the batch that waits, reasons to stop. */
static int
tick(struct pass *p, struct err *e)
{
	show(p);
	if (p->nbatch + p->nfailed != 0 && !p->broken &&
	    clock_ms() - p->batch_ms >= BATCH_MS && settle_batch(p, e) == -1)
		return -1;
	return fetch_check(p->f, e);
}

static int
take_got(struct pass *p, const struct get *g, struct err *e)
{
	char name[CONTENT_NAME_MAX];
	struct fetch *f = p->f;

	content_name(name, g->sha1, g->ext);
	if (g->mended[0] != '\0')
		log_event(
		    f->log, LOG_WARN, name, "fetched anew: %s", g->mended);
	log_event(f->log, LOG_DEBUG, name, "fetched, %s%s",
	    words_size(g->st.digest.bytes).s,
	    g->has_sha256 ? "" : ", by SHA-1 alone: no SHA-256 is declared");
	p->by_sha1 += g->has_sha256 ? 0 : 1;
	p->batch[p->nbatch++] = g->st;
	p->batch_bytes += g->st.digest.bytes;
	if (p->nbatch < BATCH_FILES && p->batch_bytes < BATCH_BYTES)
		return 0;
	return settle_batch(p, e);
}

static int
take_failed(struct pass *p, const struct get *g, struct err *e)
{
	struct want *t = g->of;

	free(t->why);
	if ((t->why = strdup(g->why)) == NULL)
		return err_nomem(e);
	p->failed[p->nfailed++] = t;
	return p->nfailed < BATCH_FILES ? 0 : settle_batch(p, e);
}

static int
take_result(struct pass *p, struct get *g, struct err *e)
{
	struct want *t = g->of;
	char name[CONTENT_NAME_MAX];

	prog_add(&p->f->prog, 0, 1);
	p->stopped = p->stopped || g->job.err.kind == E_STOP;
	if (g->job.err.kind == E_STOP || p->broken)
		return 0;
	if (g->job.err.kind != E_NONE) {
		content_name(name, g->sha1, g->ext);
		*e = g->job.err;
		return err_ctx(e, "%s", name);
	}
	t->outcome = g->outcome;
	t->absent = g->absent;
	t->held = false;
	t->here = 0; /* want_measure() */
	if (p->nbatch + p->nfailed == 0)
		p->batch_ms = clock_ms();
	if (g->outcome == SYNC_GOT)
		return take_got(p, g, e);
	return take_failed(p, g, e);
}

/* The first failure asks all to stop; what came is taken even so. */
static void
keep_first(struct pass *p, struct err *e, struct err *later)
{
	atomic_store(&p->env.stop, true);
	if (e->kind == E_NONE)
		*e = *later;
	err_clear(later);
}

/* The oldest job, when it is done. */
static void
drain_hashes(struct pass *p, struct err *e)
{
	struct err later = ERR_INIT;
	struct get *g;

	do {
		if (tick(p, &later) == -1)
			keep_first(p, e, &later);
	} while (!pool_wait(p->pool, WAIT_MS));
	g = (struct get *)(void *)pool_take(p->pool);
	p->nout--;
	if (take_result(p, g, &later) == -1)
		keep_first(p, e, &later);
	get_free(g);
	show(p);
}

/* Until all are out and back, or something is filled into e. */
static void
work(struct pass *p, bool (*which)(const struct want *t), struct err *e)
{
	struct err later = ERR_INIT;

	for (size_t i = 0; i < p->w->n && e->kind == E_NONE; i++) {
		struct want *t = &p->w->v[i];
		struct get *g = &p->gets[p->next];

		if (!which(t))
			continue;
		if (p->nout == p->depth)
			drain_hashes(p, e);
		if (want_get(p->w, t, g, &later) == -1) {
			keep_first(p, e, &later);
			get_free(g);
			break;
		}
		g->env = &p->env;
		g->of = t;
		p->next = (p->next + 1) % p->depth;
		p->nout++;
		pool_put(p->pool, &g->job);
		if (tick(p, &later) == -1)
			keep_first(p, e, &later);
	}
	while (p->nout > 0)
		drain_hashes(p, e);
	if (!p->broken && settle_batch(p, &later) == -1)
		keep_first(p, e, &later);
	if (p->stopped && e->kind == E_NONE)
		err_set(e, E_STOP, "stopped on request; run it again");
}

static int
open_pass(struct pass *p, size_t n, struct err *e)
{
	const struct fetch_opts *o = p->f->o;
	unsigned downloads = o->downloads == 0 ? DOWNLOADS : o->downloads;

	if (downloads > GET_WORKERS_MAX)
		downloads = GET_WORKERS_MAX;
	p->depth = n < DEPTH_MAX ? (unsigned)n : DEPTH_MAX;
	p->gets = calloc(p->depth, sizeof(*p->gets));
	p->batch = calloc(BATCH_FILES, sizeof(*p->batch));
	p->failed = calloc(BATCH_FILES, sizeof(struct want *));
	if (p->gets == NULL || p->batch == NULL || p->failed == NULL)
		return err_nomem(e);
	if (get_env_open(&p->env, &p->f->content, &p->f->peer.net, downloads,
		o->limit_rate, e) == -1)
		return -1;
	return pool_open(&p->pool, downloads, p->depth, e);
}

int
want_fetch(struct wants *w, bool (*which)(const struct want *t), struct err *e)
{
	struct pass *p = calloc(1, sizeof(*p));
	uint64_t bytes = 0;
	size_t n = 0;

	if (p == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < w->n; i++)
		if (which(&w->v[i])) {
			n++;
			bytes += w->v[i].file->size;
		}
	p->w = w;
	p->f = w->f;
	if (n > 0 && open_pass(p, n, e) == 0) {
		prog_begin(&p->f->prog, p->f->log, "fetching payload", "file",
		    bytes, n);
		work(p, which, e);
		prog_end(&p->f->prog);
	}
	if (p->by_sha1 > 0)
		log_event(p->f->log, LOG_INFO, NULL,
		    "%s of those fetched %s checked by SHA-1 alone, because no "
		    "SHA-256 is declared",
		    words_count(p->by_sha1, "file").s,
		    words_pick(p->by_sha1, "was", "were"));
	pool_close(p->pool);
	get_env_close(&p->env);
	free(p->gets);
	free(p->batch);
	free(p->failed);
	free(p);
	return e->kind == E_NONE ? 0 : -1;
}

static bool
any(const struct want *t)
{
	(void)t;
	return true;
}

/* Which could not be had, and in what way; how many were not tried. */
static int
count(struct wants *w, uint8_t sha256[SHA256_LEN], struct err *e)
{
	struct fetch_counts *n = &w->f->n;
	struct digest_ctx d = DIGEST_CTX_INIT;
	struct digest out;
	int r = digest_open(&d, DIGEST_SHA256, e);

	for (size_t i = 0; i < w->n; i++) {
		const struct want *t = &w->v[i];
		uint8_t how = (uint8_t)t->outcome;

		if (t->outcome == SYNC_GOT)
			continue;
		if (t->outcome == 0) {
			n->files_left++;
			if (t->file->has_size)
				n->bytes_left += t->file->size - t->here;
			continue;
		}
		n->files_failed++;
		if (r == 0 &&
		    ((r = digest_add(&d, t->file->sha1, SHA1_LEN, e)) == -1 ||
			(r = digest_add(&d, &how, 1, e)) == -1))
			continue;
	}
	if (r == 0 && (r = digest_done(&d, &out, e)) == 0)
		memcpy(sha256, out.sha256, SHA256_LEN);
	digest_close(&d);
	return r;
}

/* Which file of which update, for a person: its name here is a digest. */
static int
tell_file(const struct wants *w, const struct want *t, struct err *e)
{
	const struct choose_file *cf = t->file;
	char name[CONTENT_NAME_MAX], of[512];
	struct store_file file;
	struct store_rev rev;
	int n;

	if (store_rev(w->f->store, cf->rev, &rev, e) == -1)
		return -1;
	n = snprintf(of, sizeof(of), "%s%s%.200s%s",
	    lacking_name(rev.kb, &rev.id).s, rev.title != NULL ? " '" : "",
	    rev.title != NULL ? rev.title : "", rev.title != NULL ? "'" : "");
	if (store_file(w->f->store, cf->sha1, &file, e) == -1)
		return -1;
	snprintf(of + n, sizeof(of) - (size_t)n, " '%.150s'%s%s", file.name,
	    cf->has_size ? ", " : "",
	    cf->has_size ? words_size(cf->size).s : "");
	content_name(name, cf->sha1, cf->ext);
	log_finding(w->f->log, E_PARTIAL, name, E_NO_OFFSET,
	    "not fetched: %s: %s", of, t->why);
	return 0;
}

/* Each with its cause; of many, where nobody asked for all, the first. */
static int
tell_failed(const struct wants *w, struct err *e)
{
	struct log *log = w->f->log;
	bool all = log->json || log->verbose > 0;
	uint64_t told = 0, more = 0, bytes = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct want *t = &w->v[i];

		if (t->outcome == SYNC_GOT || t->outcome == 0)
			continue;
		if (!all && told == FAILED_TOLD) {
			more++;
			bytes += t->file->size;
			continue;
		}
		if (tell_file(w, t, e) == -1)
			return -1;
		told++;
	}
	if (more > 0)
		log_finding(log, E_PARTIAL, NULL, E_NO_OFFSET,
		    "not fetched: %s more, %s; all of them and why: -v",
		    words_count(more, "file").s, words_size(bytes).s);
	return 0;
}

/* What could not be had the night before, in the same way, is no news. */
static void
report(struct wants *w)
{
	struct err late = ERR_INIT;
	struct fetch *f = w->f;
	uint8_t sha256[SHA256_LEN];
	bool news = true;

	want_measure(w);
	if (count(w, sha256, &late) == -1 ||
	    news_check(f, "payload", sha256, &news, &late) == -1)
		log_error(f->log, NULL, &late);
	if ((news || f->log->json) && tell_failed(w, &late) == -1)
		log_error(f->log, NULL, &late);
	if (f->n.files_failed > 0)
		f->log->worst = err_worst(f->log->worst, err_status(E_PARTIAL));
}

static void
announce(const struct wants *w)
{
	log_event(w->f->log, LOG_INFO, NULL,
	    "payload: %s %s wanted, %s to be fetched, %s, of which %s are here",
	    words_count(w->files.updates, "update").s,
	    words_pick(w->files.updates, "is", "are"),
	    words_count(w->n, "file").s, words_size(w->bytes).s,
	    words_size(w->here).s);
}

static int
fetch_wanted(struct wants *w, struct err *e)
{
	const struct lacking_of of = {
	    .wanted = want_has, .arg = w, .noted = true};
	struct fetch *f = w->f;
	int r = -1;

	/* What it does not want, nobody misses here. */
	if (missed_mark(f, &of, e) == -1)
		return -1;
	if (want_sweep(w, e) == 0 && want_room(w, e) == 0 &&
	    want_fetch(w, any, e) == 0 &&
	    (!f->o->request_missing || want_ask(w, e) == 0))
		r = 0;
	report(w);
	if (r == -1)
		return -1;
	f->way.judged = true;
	if (lacking_count(f->store, &of, &f->lacking, e) == -1)
		return -1;
	f->log->worst = lacking_worst(&f->lacking, f->log->worst);
	return 0;
}

int
want_payload(struct fetch *f, struct err *e)
{
	struct wants w = WANTS_INIT;
	int r = -1;

	if (want_open(&w, f, e) == -1)
		goto out;
	if (w.n > 0)
		announce(&w);
	if (f->o->dry_run)
		f->n.files_left = w.n;
	r = f->o->dry_run ? want_print(&w, e) : fetch_wanted(&w, e);
out:
	want_close(&w);
	return r;
}
