/* SPDX-License-Identifier: ISC */
/* The work list into the inbox: several requests at a time, read by workers. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/pool.h"
#include "lib/fetch/batch.h"

#define SLICE_MS 200
#define ASK_MICROSOFT 4
#define ASK_WSUS 2

struct data {
	struct fetch *f;
	struct pool *pool; /* owned */
	struct slot *slots; /* owned */
	unsigned nslots, most; /* requests at a time */
	unsigned asking;
	struct sync_work after; /* how far this pass over the list is */
	bool begun;
	bool settled; /* something was, in this pass */
};

static void
wake(void *arg)
{
	http_wake(arg);
}

static int
open_slots(struct data *d, struct err *e)
{
	struct fetch *f = d->f;

	if (session_http(f, e) == -1)
		return -1;
	d->most = f->o->requests != 0 ? f->o->requests
	    : f->peer.microsoft	      ? ASK_MICROSOFT
				      : ASK_WSUS;
	if (pool_open(&d->pool, f->o->jobs, 64, e) == -1)
		return -1;
	pool_on_done(d->pool, wake, f->session.http);
	d->nslots = d->most + pool_threads(d->pool);
	d->slots = calloc(d->nslots, sizeof(*d->slots));
	if (d->slots == NULL)
		return err_nomem(e);
	for (unsigned i = 0; i < d->nslots; i++)
		if (batch_slot_open(&d->slots[i], f->store, e) == -1)
			return -1;
	return 0;
}

/* What is under way still uses the slots: the client goes before them. */
static void
close_slots(struct data *d)
{
	pool_close(d->pool);
	if (d->asking > 0) {
		http_close(d->f->session.http);
		d->f->session.http = NULL;
	}
	for (unsigned i = 0; d->slots != NULL && i < d->nslots; i++)
		batch_slot_close(&d->slots[i]);
	free(d->slots);
}

static bool
is_idle(const struct data *d)
{
	for (unsigned i = 0; i < d->nslots; i++)
		if (d->slots[i].state != SLOT_FREE)
			return false;
	return true;
}

/* Fills the slot with the next ids: 1 done, 0 none are left now, -1. */
static int
take_batch(struct data *d, struct slot *s, struct err *e)
{
	struct fetch *f = d->f;
	int n;

	s->h.nids = s->h.nspans = 0;
	n = sync_todo(f->store, f->up.row, d->begun ? &d->after : NULL,
	    s->h.ids, f->limits.batch, e);
	if (n <= 0)
		return n;
	d->begun = true;
	d->after = s->h.ids[n - 1];
	s->tries = (struct fetch_tries){.restarts = 0};
	s->not_before_ms = 0;
	batch_halves_begin(&s->h, (unsigned)n);
	s->state = SLOT_READY;
	return 1;
}

static int
ask(struct data *d, struct slot *s, struct err *e)
{
	struct fetch *f = d->f;
	struct ss_rev ids[FETCH_BATCH_MAX];

	if (session_fresh(f, e) == -1)
		return -1;
	(void)batch_halves_next(&s->h, f->limits.batch, ids);
	buf_reset(&s->post.ask);
	if (serversync_ask_revs(&s->post.ask, SS_GET_UPDATE_DATA,
		&f->session.cookie, ids, s->h.span.n, e) == -1 ||
	    session_post_start(f, &s->post, SS_GET_UPDATE_DATA, e) == -1)
		return -1;
	s->state = SLOT_ASKING;
	d->asking++;
	return 0;
}

/* Ask for as much as may be under way. */
static int
give(struct data *d, struct err *e)
{
	uint64_t now = clock_ms();
	struct slot *s;
	int r = 1;

	for (unsigned i = 0; i < d->nslots && d->asking < d->most; i++) {
		s = &d->slots[i];
		if (s->state == SLOT_FREE && r == 1 &&
		    (r = take_batch(d, s, e)) == -1)
			return -1;
		if (s->state == SLOT_READY && s->not_before_ms <= now &&
		    ask(d, s, e) == -1)
			return -1;
	}
	return 0;
}

/* Answers that came go to the workers. */
static int
collect_answers(struct data *d, struct err *e)
{
	for (unsigned i = 0; i < d->nslots; i++) {
		struct slot *s = &d->slots[i];

		if (s->state != SLOT_ASKING || !s->post.done)
			continue;
		d->asking--;
		s->state = SLOT_FREE;
		if (session_post_judge(d->f, &s->post, e) == -1)
			return -1;
		if (store_packer_renew(s->packer, d->f->store, e) == -1)
			return -1;
		s->state = SLOT_READING;
		err_clear(&s->job.err);
		pool_put(d->pool, &s->job);
	}
	return 0;
}

/* What the workers have done goes into the inbox; all of it with wait. */
static int
settle_slots(struct data *d, bool wait, struct err *e)
{
	struct slot *s;

	while ((wait || pool_wait(d->pool, 0)) &&
	    (s = (struct slot *)(void *)pool_take(d->pool)) != NULL) {
		d->settled = true;
		if (batch_slot_settle(d->f, s, e) == -1 ||
		    train_early(d->f, e) == -1)
			return -1;
	}
	return 0;
}

/* Until something happens. */
static int
wait_more(struct data *d, struct err *e)
{
	struct http_req *r;

	if (d->f->session.http == NULL)
		return err_set(
		    e, E_REMOTE, "%s: the connection is gone", d->f->peer.base);
	if (http_next(d->f->session.http, SLICE_MS, &r, e) == -1)
		return -1;
	if (r != NULL)
		((struct session_post *)r->arg)->done = true;
	return 0;
}

/* The list is gone through from its start until a pass finds nothing: what
   came may refer to what sorts before it. */
static int
pass(struct data *d, struct err *e)
{
	for (;;) {
		if (fetch_check(d->f, e) == -1 || give(d, e) == -1)
			return -1;
		if (is_idle(d)) {
			if (!d->settled)
				return 0;
			d->settled = d->begun = false;
			continue;
		}
		if (wait_more(d, e) == -1 || collect_answers(d, e) == -1 ||
		    settle_slots(d, false, e) == -1)
			return -1;
	}
}

int
batch_fetch(struct fetch *f, struct err *e)
{
	struct data d = {.f = f};
	struct err late = ERR_INIT;
	struct sync_counts n;
	int r;

	if (sync_counts(f->store, f->up.row, &n, e) == -1)
		return -1;
	if (n.todo == 0)
		return 0;
	prog_begin(&f->prog, f->log, "getting updates", "revision", 0, n.todo);
	if ((r = open_slots(&d, e)) == 0)
		r = pass(&d, e);
	/* What came before a failure is kept. */
	if (r == -1 && d.pool != NULL && settle_slots(&d, true, &late) == -1)
		log_event(f->log, LOG_DEBUG, f->peer.base, "%s", late.msg);
	prog_end(&f->prog);
	close_slots(&d);
	return r;
}
