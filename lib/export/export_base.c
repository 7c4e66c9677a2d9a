/* SPDX-License-Identifier: ISC */
/* What the destination has already, and so what a transfer builds on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/near.h"
#include "lib/base/words.h"
#include "lib/export/export_priv.h"
#include "lib/store/event.h"
#include "lib/store/store.h"

/* The exports of the ledger, by their number. */
struct sent {
	struct export *x;
	struct ledger_row *v; /* owned */
	size_t n, cap;
	uint64_t unknown; /* from before what they carry was noted */
};

static int
add_sent(void *arg, const struct ledger_row *r, struct err *e)
{
	struct sent *s = arg;

	if (r->kind != LEDGER_EXPORT || r->state != LEDGER_WRITTEN)
		return 0;
	if (grow(&s->v, &s->cap, s->n, sizeof(*s->v), e) == -1)
		return -1;
	s->v[s->n++] = *r;
	return 0;
}

static const struct ledger_row *
find_sent(const struct sent *s, uint64_t sequence)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].sequence == sequence)
			return &s->v[i];
	return NULL;
}

/* "north-000003" */
struct id {
	char s[BAG_WORD + 1];
};

static struct id
id_of(const struct export *x, uint64_t sequence)
{
	struct id id;

	bag_info_id(id.s, store_site(x->store), sequence);
	return id;
}

/* A transfer and all that it builds on: 1, 0 of one it is not known, -1. */
static int
add_chain(struct sent *s, uint64_t sequence, struct err *e)
{
	struct export *x = s->x;
	const struct ledger_row *r;
	int known = 1;

	for (; sequence != 0 && known == 1; sequence = r->base) {
		if ((r = find_sent(s, sequence)) == NULL)
			return 0;
		known = carried_add(
		    x->store, r->row, CARRIED_REVISIONS, &x->held, e);
		if (known == 1)
			known = carried_add(
			    x->store, r->row, CARRIED_FILES, &x->held_files, e);
	}
	return known;
}

/* A person vouches for one: what is held is that, beside what was known. */
static int
mark_held(struct sent *s, struct err *e)
{
	struct export *x = s->x;
	uint64_t n = x->o->mark_held;
	const struct ledger_row *r = find_sent(s, n);
	int known;

	if (r == NULL)
		return err_set(e, E_USAGE,
		    "--mark-held %" PRIu64 ": this store wrote no %s", n,
		    id_of(x, n).s);
	if (r->target[0] != '\0' && strcmp(r->target, x->dest.name) != 0)
		return err_set(e, E_USAGE,
		    "--mark-held %" PRIu64 ": %s was written for %s, not for "
		    "%s",
		    n, id_of(x, n).s, r->target, x->dest.name);
	if ((known = add_chain(s, n, e)) == -1)
		return -1;
	if (known == 0)
		return err_set(e, E_USAGE,
		    "--mark-held %" PRIu64 ": %s, or what it builds on, was "
		    "written before this store noted what transfers carry: "
		    "write one now, and mark that",
		    n, id_of(x, n).s);
	if (x->dest.base < n)
		x->dest.base = n;
	x->marked = true;
	return 0;
}

static int
acknowledged(struct export *x, struct err *e)
{
	row_set_free(&x->held);
	row_set_free(&x->held_files);
	x->base_sequence = x->dest.base;
	if (destination_held(
		x->store, x->dest.row, CARRIED_REVISIONS, &x->held, e) == -1)
		return -1;
	return destination_held(
	    x->store, x->dest.row, CARRIED_FILES, &x->held_files, e);
}

/*
 * Beside what is acknowledged, the latest to this destination of which all is
 * known.  Up to the one that was acknowledged there is no more to come: it
 * arrived before that, or is refused as older.
 */
static int
since_last(struct sent *s, struct err *e)
{
	struct export *x = s->x;
	int known = 0;

	for (size_t i = s->n; known == 0 && i-- > 0;) {
		if (strcmp(s->v[i].target, x->dest.name) != 0)
			continue;
		if (s->v[i].sequence <= x->dest.base)
			break;
		if ((known = add_chain(s, s->v[i].sequence, e)) == -1)
			return -1;
		if (known == 1)
			x->base_sequence = s->v[i].sequence;
		else if (acknowledged(x, e) == -1)
			return -1;
	}
	return 0;
}

/* Whatever may be there: what newer revisions are looked for of. */
static int
collect_sent(struct sent *s, struct err *e)
{
	struct export *x = s->x;

	for (size_t i = 0; i < s->n; i++) {
		const struct ledger_row *r = &s->v[i];
		int known;

		if (r->target[0] != '\0' &&
		    strcmp(r->target, x->dest.name) != 0)
			continue;
		known = carried_add(
		    x->store, r->row, CARRIED_REVISIONS, &x->sent, e);
		if (known == -1)
			return -1;
		s->unknown += known == 0;
	}
	return 0;
}

static void
tell_base(const struct sent *s)
{
	const struct export *x = s->x;

	if (s->unknown != 0)
		log_event(x->log, LOG_INFO, NULL,
		    "%s from before this store noted what transfers carry: "
		    "%s as not sent",
		    words_count(s->unknown, "transfer").s,
		    words_pick(s->unknown, "it counts", "they count"));
	if (x->base_sequence == 0)
		log_event(x->log, LOG_INFO, x->dest.name,
		    x->since_last
			? "nothing was sent there yet: a full transfer"
			: "nothing is acknowledged there yet: a full transfer");
	else
		log_event(x->log, LOG_INFO, x->dest.name, "builds on %s",
		    id_of(x, x->base_sequence).s);
}

static int
find_base(struct sent *s, struct err *e)
{
	struct export *x = s->x;

	if (ledger_each(x->store, add_sent, s, e) == -1 ||
	    acknowledged(x, e) == -1 ||
	    (x->o->mark_held != 0 && mark_held(s, e) == -1))
		return -1;
	x->base_sequence = x->dest.base;
	if (x->since_last && since_last(s, e) == -1)
		return -1;
	if (x->o->base != NULL && export_receipt(x, e) == -1)
		return -1;
	if (x->o->full)
		x->base_sequence = 0;
	if (collect_sent(s, e) == -1)
		return -1;
	if (x->o->to != NULL && !x->o->full)
		tell_base(s);
	return 0;
}

/* Wanted payload that came later than its documents, with the update that leads
   to it. */
static int
late_chosen(struct export *x, struct err *e)
{
	for (size_t i = 0; i < x->wanted.n; i++) {
		const struct choose_file *f = &x->wanted.v[i];

		if (f->present && !row_set_has(&x->held_files, f->row) &&
		    row_set_add(&x->also, f->rev, e) == -1)
			return -1;
	}
	return 0;
}

/* What was acknowledged counts as sent, whoever sent it. */
static int
use_base(struct export *x, struct err *e)
{
	for (int64_t row = 0; row < x->held.n; row++)
		if (row_set_has(&x->held, row) &&
		    row_set_add(&x->sent, row, e) == -1)
			return -1;
	x->base = (struct plan_base){
	    .held = &x->held, .sent = &x->sent, .also = &x->also};
	x->sel.base = &x->base;
	if (x->sel.n > 0)
		return 0;
	if (x->o->policy != NULL)
		return late_chosen(x, e);
	return carried_late(x->store, &x->held, &x->held_files, &x->also, e);
}

static int
check_opts(const struct export_opts *o, struct err *e)
{
	if (o->since_last && (o->full || o->mark_held != 0))
		return err_set(e, E_USAGE,
		    "--since-last goes neither with --full nor with "
		    "--mark-held");
	if (o->base != NULL && (o->since_last || o->full || o->mark_held != 0))
		return err_set(e, E_USAGE,
		    "--base goes with none of --since-last, --full and "
		    "--mark-held");
	if (o->destination == NULL &&
	    (o->since_last || o->mark_held != 0 || o->base != NULL))
		return err_set(e, E_USAGE,
		    "%s needs --destination NAME: whose is it?",
		    o->mark_held != 0	? "--mark-held"
			: o->since_last ? "--since-last"
					: "--base");
	return o->destination == NULL ? 0
				      : destination_check(o->destination, e);
}

/* What is said of this run is stronger than the usual. */
static int
read_way(struct export *x, struct err *e)
{
	const struct export_opts *o = x->o;
	const char *word = o->increments;
	bool usual = word != NULL && strcmp(word, "since-last") == 0;

	if (word != NULL && !usual && strcmp(word, "receipt") != 0)
		return err_set(e, E_USAGE,
		    "--increments takes receipt or since-last, not '%s'", word);
	x->since_last = o->since_last ||
	    (usual && o->destination != NULL && !o->full && o->mark_held == 0 &&
		o->base == NULL);
	return 0;
}

struct likely {
	struct near near;
	char name[DESTINATION_MAX + 1];
};

static int
try_name(void *arg, const struct destination *d, struct err *e)
{
	struct likely *l = arg;
	const char *best = l->near.best;

	(void)e;
	near_try(&l->near, d->name);
	if (l->near.best != best)
		snprintf(l->name, sizeof(l->name), "%s", d->name);
	l->near.best = l->near.best == NULL ? NULL : l->name;
	return 0;
}

/* A name that was mistyped is a destination, too, and gets everything. */
static int
begin_destination(struct export *x, const char *name, struct err *e)
{
	struct likely l;

	x->dest.since = x->head.created;
	snprintf(x->dest.name, sizeof(x->dest.name), "%s", name);
	near_begin(&l.near, name);
	if (destination_each(x->store, try_name, &l, e) == -1)
		return -1;
	if (l.near.best != NULL)
		log_event(x->log, LOG_INFO, name,
		    "a new destination; '%s' is known: was that meant?",
		    l.name);
	return 0;
}

int
export_base(struct export *x, struct err *e)
{
	struct sent s = {.x = x};
	const char *name = x->o->destination;
	int r;

	if (check_opts(x->o, e) == -1 || read_way(x, e) == -1)
		return -1;
	if (name == NULL)
		return 0;
	if ((r = destination_find(x->store, name, &x->dest, e)) == -1)
		return -1;
	if (r == 0 && begin_destination(x, name, e) == -1)
		return -1;
	r = find_base(&s, e);
	free(s.v);
	if (r == -1 || x->base_sequence == 0)
		return r;
	return use_base(x, e);
}

/* Kept, although nothing is written. */
static int
commit_mark(struct export *x, struct err *e)
{
	if (!x->marked || x->o->dry_run)
		return 0;
	if (store_accept(x->store, x->log, e) == -1 ||
	    export_base_keep(x, e) == -1)
		return -1;
	return store_commit(x->store, e);
}

int
export_mark(struct export *x, struct err *e)
{
	struct json j = JSON_INIT;

	if (commit_mark(x, e) == -1)
		return -1;
	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", x->o->dry_run);
	json_str(&j, "destination", x->dest.name);
	json_num(&j, "held", x->o->mark_held);
	log_summary(x->log, &j, "%s %s: held there, and what it builds on",
	    x->dest.name, id_of(x, x->o->mark_held).s);
	json_free(&j);
	return 0;
}

/* A policy chooses none, or the destination has all. */
static void
say_nothing(struct export *x, struct json *j)
{
	if (x->base_sequence != 0)
		log_summary(x->log, j,
		    "nothing new for %s since %s: nothing is written",
		    x->dest.name, id_of(x, x->base_sequence).s);
	else
		log_summary(x->log, j, "%s: nothing is written",
		    x->held_back != 0
			? "nothing that the policy chooses can leave"
			: "the policy chooses no update");
}

int
export_nothing(struct export *x, struct err *e)
{
	struct json j = JSON_INIT;

	if (x->o->from_plan != NULL)
		return err_set(e, E_DIGEST,
		    "%s: the store, or what is asked for, is not what it was: "
		    "there is nothing to write; make a new one",
		    x->o->from_plan);
	if (commit_mark(x, e) == -1)
		return -1;
	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", x->o->dry_run);
	json_str(&j, "destination", x->dest.name);
	json_num(&j, "base", x->base_sequence);
	json_num(&j, "revisions", 0);
	json_num(&j, "files", 0);
	json_num(&j, "bytes", 0);
	lacking_json(&j, &x->lacking);
	say_nothing(x, &j);
	json_free(&j);
	return 0;
}

/* Written down with what is written next. */
int
export_base_keep(struct export *x, struct err *e)
{
	struct event v = {.time = x->head.created,
	    .kind = EVENT_HELD,
	    .sequence = x->o->mark_held,
	    .text = x->dest.name};

	if (x->dest.name[0] == '\0')
		return 0;
	if (destination_put(x->store, &x->dest, e) == -1)
		return -1;
	if (!x->marked)
		return 0;
	x->marked = false;
	if (destination_acknowledge(x->store, x->dest.row, x->dest.base,
		&x->held, &x->held_files, e) == -1)
		return -1;
	return event_add(x->store, &v, e);
}
