/* SPDX-License-Identifier: ISC */
/* What came of a span of ids: into the inbox, asked for again, or given up. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/fetch/batch.h"
#include "lib/store/store.h"

static int
unavailable(
    struct fetch *f, const struct sync_work *w, const char *why, struct err *e)
{
	char id[GUID_LEN + 1];

	guid_write(id, &w->id);
	log_event(f->log, LOG_INFO, id,
	    "revision %" PRIu32 " is not to be had: %s", w->revision, why);
	f->n.unavailable++;
	prog_add(&f->prog, 0, 1);
	return sync_unavailable(
	    f->store, f->up.row, &w->id, w->revision, why, e);
}

static int
put_bad(struct fetch *f, const struct sync_work *w, const struct err *why,
    struct err *e)
{
	char id[GUID_LEN + 1], name[GUID_LEN + 32];
	struct err bad = *why;

	guid_write(id, &w->id);
	snprintf(name, sizeof(name), "%s revision %" PRIu32, id, w->revision);
	log_finding_err(f->log, name, &bad);
	f->n.unavailable++;
	return sync_unavailable(
	    f->store, f->up.row, &w->id, w->revision, why->msg, e);
}

/* Bundles in bundles without end would fill the disk. */
static int
follow(
    struct fetch *f, const struct sync_work *w, uint64_t added, struct err *e)
{
	char id[GUID_LEN + 1];

	f->n.followed += added;
	if (f->n.followed <= f->limits.follow_max)
		return 0;
	guid_write(id, &w->id);
	return err_set(e, E_LIMIT,
	    "%s: %s revision %" PRIu32 ": its bundles and prerequisites, and "
	    "those before it, lead to %" PRIu64 " revisions that no list "
	    "names, expected at most %" PRIu64 " in one run; what came is "
	    "kept, unseen: run it again to go on, if that upstream is to be "
	    "trusted",
	    f->peer.base, id, w->revision, f->n.followed, f->limits.follow_max);
}

static int
put_item(struct fetch *f, struct slot *s, struct slot_item *it, struct err *e)
{
	const struct sync_work *w = &s->h.ids[it->at];
	struct store_doc d = {.u = &it->u,
	    .bytes = (uint32_t)it->bytes,
	    .units = (uint32_t)it->units,
	    .packed = s->packed.p + it->packed_at,
	    .packed_len = it->packed_len,
	    .encoding = it->encoding,
	    .extra = (const uint8_t(*)[SHA1_LEN])it->extra,
	    .nextra = it->nextra};
	uint64_t added;

	s->h.any = true;
	if (it->err.kind != E_NONE)
		return put_bad(f, w, &it->err, e);
	memcpy(d.sha256, it->sha256, SHA256_LEN);
	if (sync_arrive(f->store, f->up.row, w->kind, &d, &added, e) == -1) {
		if (e->kind != E_DIGEST)
			return -1;
		fetch_kept_other(f, e);
	} else {
		carry_keep(&f->carry, &d, it->seal);
	}
	if (w->kind != SYNC_CONFIG)
		f->way.untrained += it->bytes;
	prog_add(&f->prog, it->bytes, 1);
	return follow(f, w, added, e);
}

static int
put_url(struct fetch *f, const struct slot_url *u, struct err *e)
{
	if (u->key != NULL &&
	    sync_key_put(f->store, u->sha1, u->key, u->nkey, e) == -1)
		return -1;
	if (u->url == NULL)
		return 0;
	return sync_url_put(f->store, f->up.row, u->sha1, u->url, e);
}

static int
put_all(struct fetch *f, struct slot *s, struct err *e)
{
	for (unsigned i = 0; i < s->nitems; i++)
		if (put_item(f, s, &s->items[i], e) == -1)
			return -1;
	for (size_t i = 0; i < s->nurls; i++)
		if (put_url(f, &s->urls[i], e) == -1)
			return -1;
	return 0;
}

static int
lost(void *arg, const struct sync_work *w, const char *why, bool later,
    struct err *e)
{
	struct fetch *f = arg;

	return later
	    ? sync_later(f->store, f->up.row, &w->id, w->revision, why, e)
	    : unavailable(f, w, why, e);
}

static int
split(struct fetch *f, struct slot *s, const char *why, struct err *e)
{
	const struct halves_lost l = {lost, f};

	return batch_halves_split(&s->h, why, &l, e);
}

/* The same again. */
static void
push(struct slot *s)
{
	batch_halves_push(&s->h, s->h.span.lo, s->h.span.n);
}

static int
smaller(struct fetch *f, struct slot *s, struct err *e)
{
	unsigned half = s->h.span.n / 2;

	f->limits.smaller = true;
	if (session_config(f, e) == -1)
		return -1;
	if (f->limits.batch > half)
		f->limits.batch = half > 0 ? half : 1;
	push(s);
	return 0;
}

/* Requests that were under way when another one met the same fault. */
static bool
is_seen_to(const struct fetch *f, struct slot *s)
{
	switch (s->reply->fault.code) {
	case SOAP_INVALID_COOKIE:
		return (s->post.session != f->session.number ||
			   !f->session.has_cookie) &&
		    s->tries.restarts++ < FETCH_RESTARTS_CALL;
	case SOAP_INVALID_PARAMETERS:
		return s->h.span.n > f->limits.batch;
	default:
		return false;
	}
}

/* A fault: what table 6.2 of the specification asks for. */
static int
settle_fault(struct fetch *f, struct slot *s, struct err *e)
{
	const struct soap_fault *fault = &s->reply->fault;
	const struct halves_lost l = {lost, f};
	uint64_t wait_ms = 0;

	f->n.faults++;
	session_tell(f, SS_GET_UPDATE_DATA, fault);
	/* A crash page may have begun with an answer. */
	batch_halves_forget(&s->h);
	if (is_seen_to(f, s)) {
		push(s);
		return 0;
	}
	switch (session_react(f, SS_GET_UPDATE_DATA, fault, &s->tries,
	    s->post.req.got.retry_after_s, &wait_ms)) {
	case FETCH_AGAIN:
		s->not_before_ms = clock_ms() + wait_ms;
		push(s);
		return 0;
	case FETCH_RESTART:
		session_restart(f, s->post.session, fault, &s->tries);
		push(s);
		return 0;
	case FETCH_BISECT:
		return batch_halves_fault(&s->h, fault, &l, e);
	case FETCH_SMALLER:
		return smaller(f, s, e);
	case FETCH_FORGET:
		f->way.forget = true;
		break;
	case FETCH_GIVE_UP:
		break;
	}
	return session_refused(f, SS_GET_UPDATE_DATA, fault, e);
}

static int
settle_answer(struct fetch *f, struct slot *s, struct err *e)
{
	s->tries = (struct fetch_tries){.restarts = 0};
	if (s->unasked > 0)
		log_event(f->log, LOG_WARN, f->peer.base,
		    "%s in an answer that nobody asked for; passed over",
		    words_count(s->unasked, "update").s);
	if (put_all(f, s, e) == -1)
		return -1;
	if (s->nitems == 0)
		return split(f, s, "the upstream answers with nothing", e);
	s->h.again = false;
	batch_halves_rest(&s->h);
	return 0;
}

/* An answer that cannot be read may be one document's fault; one that is too
   large for us alone is no smaller the next time. */
static int
settle_broken(struct fetch *f, struct slot *s, struct err *e)
{
	if (s->job.err.kind == E_SYS) {
		*e = s->job.err;
		return -1;
	}
	batch_halves_forget(&s->h);
	/* Nobody's fault; whoever asked for the next is told. */
	if (s->job.err.kind == E_STOP) {
		push(s);
		return 0;
	}
	if (s->job.err.kind == E_LIMIT && s->h.span.n == 1) {
		s->h.failures++;
		s->h.again = false;
		return put_bad(f, &s->h.ids[s->h.span.lo], &s->job.err, e);
	}
	log_event(f->log, LOG_WARN, f->peer.base, "%s", s->job.err.msg);
	return split(f, s, s->job.err.msg, e);
}

/*
 * A lost id is no news; a batch of which nothing came, and nothing was named as
 * missing, is.  Where nothing at all can be had any more, asking on is no use.
 */
static int
count_barren(struct fetch *f, struct slot *s, struct err *e)
{
	if (s->h.nspans > 0)
		return 0;
	f->way.barren = s->h.any ? 0 : f->way.barren + s->h.nids;
	if (!s->h.any && s->h.nids > 1)
		log_finding(f->log, E_PARTIAL, f->peer.base, E_NO_OFFSET,
		    "%u revisions were asked for, and none came", s->h.nids);
	if (f->way.barren < SLOT_BARREN)
		return 0;
	return err_set(e, E_REMOTE, "%s gives none of the last %s asked for",
	    f->peer.base, words_count(f->way.barren, "revision").s);
}

int
batch_slot_settle(struct fetch *f, struct slot *s, struct err *e)
{
	int r;

	/* Config may be read anew: no transaction is open while that lasts. */
	bool fault = s->job.err.kind == E_NONE &&
	    s->reply->fault.code == SOAP_INVALID_PARAMETERS;

	if (!fault && store_begin(f->store, e) == -1)
		return -1;
	if (s->job.err.kind != E_NONE)
		r = settle_broken(f, s, e);
	else if (s->reply->fault.code != SOAP_OK)
		r = settle_fault(f, s, e);
	else
		r = settle_answer(f, s, e);
	if (r == -1) {
		store_rollback(f->store);
		return -1;
	}
	if (!fault && store_commit(f->store, e) == -1)
		return -1;
	batch_slot_empty(s);
	s->state = s->h.nspans > 0 ? SLOT_READY : SLOT_FREE;
	return count_barren(f, s, e);
}
