/* SPDX-License-Identifier: ISC */
/* A list of the upstream becomes work, with its anchor as pending. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/base/grow.h"
#include "lib/store/store.h"

struct list {
	enum sync_kind kind;
	struct listing_filter filter;
	struct sync_anchor anchor;
	bool full;
	struct ss_rev *v; /* owned */
	size_t n, cap;
	uint64_t added;
};

static const char *
name(enum sync_kind k)
{
	return k == SYNC_CONFIG ? "categories" : "updates";
}

static int
see_rev(void *arg, const struct ss_rev *r, struct err *e)
{
	struct list *l = arg;

	if (grow(&l->v, &l->cap, l->n, sizeof(*l->v), e) == -1)
		return -1;
	l->v[l->n++] = *r;
	return 0;
}

static void
mark(struct ss_filter_id *v, size_t n, bool delta)
{
	for (size_t i = 0; i < n; i++)
		v[i].delta = delta;
}

static int
ask(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct list *l = arg;
	struct listing_filter *x = &l->filter;
	struct ss_filter s = {.config = l->kind == SYNC_CONFIG,
	    .anchor = l->full ? NULL : l->anchor.value,
	    .categories = x->categories,
	    .ncategories = x->ncategories,
	    .classifications = x->classifications,
	    .nclassifications = x->nclassifications};

	l->n = 0;
	mark(x->categories, x->ncategories, !l->full);
	mark(x->classifications, x->nclassifications, !l->full);
	return serversync_ask_list(b, &f->session.cookie, &s, e);
}

/* An anchor that the upstream cannot read is dropped, once. */
static int
call(struct fetch *f, struct list *l, struct err *e)
{
	const struct ss_each each = {.rev = see_rev};
	struct session_call c = {
	    .op = SS_GET_REVISION_ID_LIST, .ask = ask, .each = &each, .arg = l};
	int r;

	if (!l->full)
		c.want_faults = 1U << SOAP_INVALID_PARAMETERS;
	if ((r = session_call(f, &c, e)) != FETCH_FAULT)
		return r;
	log_event(f->log, LOG_WARN, f->peer.base,
	    "the anchor '%s' is not accepted any more (%s); asking for the "
	    "whole list of %s",
	    l->anchor.value, f->session.call.reply->fault.message,
	    name(l->kind));
	l->full = true;
	c.want_faults = 0;
	return session_call(f, &c, e);
}

/* In the work list 0 stands for any, and nobody would ask for it. */
static int
pass_over(struct fetch *f, const struct ss_rev *r)
{
	char id[GUID_LEN + 1];

	guid_write(id, &r->id);
	log_event(f->log, LOG_WARN, id,
	    "listed with revision 0, which is none; passed over");
	f->n.unavailable++;
	return 0;
}

static int
put_rev(struct fetch *f, struct list *l, const struct ss_rev *r, struct err *e)
{
	bool added;

	if (r->revision == 0)
		return pass_over(f, r);
	if (sync_listed(f->store, f->up.row, l->kind, &r->id, r->revision, e) ==
	    -1)
		return -1;
	if (sync_add(f->store, f->up.row, l->kind, &r->id, r->revision, &added,
		e) == -1)
		return -1;
	l->added += added;
	return 0;
}

/* Nothing at all, where all of it was asked for: it is not believed. */
static int
drop_anchor(struct fetch *f, struct list *l, struct err *e)
{
	struct sync_anchor *a = &l->anchor;

	if (a->taken != 0 && sync_restart(f->store, f->up.row, e) == -1)
		return -1;
	a->value[0] = a->pending[0] = '\0';
	a->taken = 0;
	return sync_anchor_put(f->store, f->up.row, l->kind, a, e);
}

static int
put_all(struct fetch *f, struct list *l, struct err *e)
{
	struct sync_anchor *a = &l->anchor;
	bool same = memcmp(a->filter, l->filter.hash, SHA256_LEN) == 0;
	uint64_t absent = 0;

	if (l->full && l->n == 0)
		return drop_anchor(f, l, e);
	/* Whatever an earlier run left is too old, or of another filter. */
	if (a->taken != 0 && sync_restart(f->store, f->up.row, e) == -1)
		return -1;
	if (l->full &&
	    sync_listed_begin(
		f->store, f->up.row, l->kind, same && a->full != 0, e) == -1)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (put_rev(f, l, &l->v[i], e) == -1)
			return -1;
	if (l->full &&
	    sync_listed_end(f->store, f->up.row, l->kind, f->now, &absent, e) ==
		-1)
		return -1;
	f->n.absent += absent;
	f->n.to_get += l->added;
	memcpy(a->pending, f->session.call.reply->anchor, sizeof(a->pending));
	memcpy(a->pending_filter, l->filter.hash, SHA256_LEN);
	a->pending_full = l->full;
	/* With an empty one there is nothing to go on from. */
	a->taken = *a->pending != '\0' ? f->now : 0;
	return sync_anchor_put(f->store, f->up.row, l->kind, a, e);
}

static int
put_listing(struct fetch *f, struct list *l, struct err *e)
{
	int r;

	if (store_begin(f->store, e) == -1)
		return -1;
	if (!f->o->dry_run)
		return store_end(f->store, put_all(f, l, e), e);
	r = put_all(f, l, e);
	store_rollback(f->store);
	return r;
}

/*
 * An upstream that was set up anew, or whose database is being restored, has an
 * empty list, too: nothing is taken for gone, and the next run asks again.
 */
static int
tell_empty(struct fetch *f, struct list *l, struct err *e)
{
	bool same = memcmp(l->anchor.filter, l->filter.hash, SHA256_LEN) == 0;
	char text[256], matter[32];
	uint64_t before = 0;
	bool news;

	if (sync_listed_count(f->store, f->up.row, l->kind, &before, e) == -1)
		return -1;
	before = same || l->kind == SYNC_CONFIG ? before : 0;
	snprintf(matter, sizeof(matter), "empty list of %s", name(l->kind));
	snprintf(text, sizeof(text), "its whole list of %s is empty%s%s%s; %s",
	    name(l->kind), before > 0 ? ", and had " : "",
	    before > 0 ? words_count(before, "revision").s : "",
	    before > 0 ? " before" : "",
	    before > 0 || l->kind == SYNC_CONFIG
		? "nothing is taken for gone, and the next run asks again: has "
		  "it synchronized itself, is it being restored?"
		: "does it have what the policy names?");
	if (news_check_text(f, matter, text, &news, e) == -1)
		return -1;
	if (news)
		log_event(f->log, LOG_WARN, f->peer.base, "%s", text);
	if (before > 0 || l->kind == SYNC_CONFIG)
		f->log->worst = err_worst(f->log->worst, err_status(E_PARTIAL));
	return 0;
}

/* The work that an earlier run left is gone on with while it is fresh. */
static bool
goes_on(struct fetch *f, const struct list *l)
{
	const struct sync_anchor *a = &l->anchor;

	return a->taken != 0 && !f->way.full && a->taken <= f->now &&
	    f->now - a->taken < FETCH_WORK_MAX_S &&
	    memcmp(a->pending_filter, l->filter.hash, SHA256_LEN) == 0;
}

static bool
wants_full(struct fetch *f, const struct list *l)
{
	const struct sync_anchor *a = &l->anchor;

	return f->way.full || f->way.doubt || *a->value == '\0' ||
	    a->full == 0 || a->full > f->now ||
	    f->now - a->full >= FETCH_FULL_S ||
	    memcmp(a->filter, l->filter.hash, SHA256_LEN) != 0;
}

static int
run_listing(struct fetch *f, struct list *l, struct err *e)
{
	if (sync_anchor(f->store, f->up.row, l->kind, &l->anchor, e) == -1)
		return -1;
	if (goes_on(f, l)) {
		log_event(f->log, LOG_DEBUG, f->peer.base,
		    "going on with the list of %s of the run before",
		    name(l->kind));
		return 0;
	}
	l->full = wants_full(f, l);
	if (call(f, l, e) == -1)
		return -1;
	f->n.listed += l->n;
	if ((l->full && l->n == 0 && tell_empty(f, l, e) == -1) ||
	    put_listing(f, l, e) == -1)
		return -1;
	log_event(f->log, LOG_DEBUG, f->peer.base,
	    "list of %s, %s: %s, %" PRIu64 " to get", name(l->kind),
	    l->full ? "all of it" : "what changed",
	    words_count(l->n, "revision").s, l->added);
	return 0;
}

int
listing_fetch(struct fetch *f, enum sync_kind k, struct err *e)
{
	struct list l = {.kind = k};
	int r = -1;

	if (k == SYNC_CONFIG || listing_filter(f, &l.filter, e) == 0) {
		f->way.filtered = l.filter.ncategories > 0;
		r = run_listing(f, &l, e);
	}
	listing_filter_free(&l.filter);
	free(l.v);
	return r;
}
