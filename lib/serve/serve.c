/* SPDX-License-Identifier: ISC */
#include "lib/serve/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
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

/* Damage stays as it is, and clients ask again and again. */
static bool
is_told(struct serve *s, const struct err *e)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const char *p;
	unsigned i;

	if (e->kind != E_DIGEST && e->kind != E_MISSING)
		return false;
	for (p = e->msg; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(1099511628211);
	for (i = 0; i < SERVE_TOLD; i++)
		if (s->told[i] == h)
			return true;
	s->told[s->ntold++ % SERVE_TOLD] = h;
	return false;
}

void
serve_tell_failure(struct serve *s, struct log *l)
{
	if (atomic_load(&s->failure) != FAILURE_THERE)
		return;
	if (!is_told(s, s->failed))
		log_event(
		    l, LOG_ERROR, NULL, "a request failed: %s", s->failed->msg);
	atomic_store(&s->failure, FAILURE_NONE);
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

	for (i = 0; i < s->nloops + s->nslow; i++) {
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

	for (i = 0; i < s->nloops + s->nslow; i++) {
		serve_worker_close(&s->workers[i]);
	}
	serve_files_close(&s->files);
	serve_index_close(s);
	serve_folders_close(s);
	serve_wanted_close(&s->wanted);
	serve_gate_close(&s->gate);
	serve_log_close(&s->log);
	store_close(s->store);
	serve_view_free(&s->view);
}

int
serve_run(const struct serve_opts *o, struct err *e)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct err failed = ERR_INIT;
	struct serve_listens listens = {.n = 0};
	struct serve s = {.dir = o->store,
	    .failed = &failed,
	    .scan.dirfd = -1,
	    .self_update = -1};
	struct httpd_opts ho = {
	    .max_conns = o->max_conns != 0 ? o->max_conns : SERVE_CONNS,
	    .max_conns_ip = o->max_conns_ip != 0 ? o->max_conns_ip
						 : SERVE_CONNS_IP,
	    .kind = serve_kind,
	    .quick = serve_quick,
	    .done = o->access_log != NULL ? serve_done : NULL,
	    .answer = serve_answer,
	    .arg = &s};
	unsigned i;
	int r = -1;

	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	s.nloops = o->workers != 0   ? o->workers
	    : cpus < 1		     ? 1
	    : cpus > HTTPD_LOOPS_MAX ? HTTPD_LOOPS_MAX
				     : (unsigned)cpus;
	s.nslow = s.nloops > SERVE_SLOW ? s.nloops : SERVE_SLOW;
	ho.loops = ho.workers = s.nloops;
	ho.slow_workers = s.nslow;
	serve_view_init(&s.view);
	serve_files_open(&s.files);
	for (i = 0; i < s.nloops + s.nslow; i++)
		serve_worker_open(&s.workers[i], &s.files);
	serve_index_init(&s);
	serve_wanted_init(&s.wanted);
	serve_log_init(&s.log);
	if (serve_listen(&listens, o, e) == 0 &&
	    open_workers(&s, o->log, e) == 0 &&
	    serve_folders_open(&s, o->scan_cab, o->self_update, e) == 0 &&
	    serve_wanted_open(&s.wanted, o->state, e) == 0 &&
	    serve_gate_open(&s.gate, o->allow, o->nallow, o->rate, e) == 0 &&
	    serve_log_open(&s.log, o->access_log, o->access_json, e) == 0)
		r = serve_live(&s, o, &listens, &ho, e);
	serve_listen_close(&listens);
	close_workers(&s);
	return r;
}
