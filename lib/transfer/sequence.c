/* SPDX-License-Identifier: ISC */
#include "lib/transfer/sequence.h"

#include <stdio.h>
#include <string.h>

#include "lib/store/event.h"
#include "lib/store/store.h"
#include "lib/transfer/transfer.h"

/* What its origin says of that number, or NULL. */
static const struct bag_ledger_line *
line_of(const struct transfer *t, uint64_t sequence)
{
	for (size_t i = 0; i < t->nledger; i++)
		if (t->ledger[i].sequence == sequence)
			return &t->ledger[i];
	return NULL;
}

static int
check_base(struct store *s, const struct transfer *t, struct err *e)
{
	const struct bag_ledger_line *l = line_of(t, t->info.base);
	char id[BAG_WORD + 1], when[UTC_LEN + 1];
	struct ledger_row base;
	int r;

	if (t->info.base == 0)
		return 0;
	bag_info_id(id, t->info.site, t->info.base);
	r = ledger_find_import(s, &t->info.origin, t->info.base, &base, e);
	if (r == -1)
		return -1;
	if (r == 0)
		return err_set(e, E_SEQ,
		    "%s builds on %s, which was not imported here: import "
		    "that one first",
		    t->info.id, id);
	if (l != NULL && memcmp(l->sha256, base.tag, SHA256_LEN) == 0)
		return 0;
	utc_write(when, base.time);
	when[10] = '\0';
	return err_set(e, E_SEQ,
	    "%s builds on another %s than the one that was imported on %s: the "
	    "exporting store was set back to an older state, or two are "
	    "exporting as one; take a full transfer from it",
	    t->info.id, id, when);
}

static int
check_store(struct store *s, const struct transfer *t, struct err *e)
{
	char mine[GUID_LEN + 1];

	guid_write(mine, store_id(s));
	if (strcmp(t->info.destination, "any") != 0 &&
	    strcmp(t->info.destination, mine) != 0)
		return err_set(e, E_SEQ, "made for store %s, this is %s",
		    t->info.destination, mine);
	if (guid_cmp(&t->info.origin, store_id(s)) == 0)
		return err_set(e, E_SEQ, "this store exported it itself");
	return 0;
}

/* A medium that is not the last does not say whether it is of that very one. */
static int
refuse_medium(const struct bag_info *i, const char *when, struct err *e)
{
	return err_set(e, E_SEQ,
	    "%s was imported on %s, or another of that number: medium %u of %u "
	    "is not needed any more; give its last medium too to compare them",
	    i->id, when, i->bag, i->bags);
}

/*
 * Not above the last one.  Where that very number was imported as another
 * transfer, the exporter gave it out twice.
 */
static int
refuse_old(struct store *s, const struct bag_info *i,
    const struct ledger_row *last, bool *fork, struct err *e)
{
	char id[BAG_WORD + 1], when[UTC_LEN + 1];
	struct ledger_row same;
	int r;

	if ((r = ledger_find_import(s, &i->origin, i->sequence, &same, e)) ==
	    -1)
		return -1;
	*fork = r == 1;
	utc_write(when, r == 1 ? same.time : last->time);
	when[10] = '\0';
	if (r == 1 && i->bag != i->bags)
		return refuse_medium(i, when, e);
	if (r == 1)
		return err_set(e, E_SEQ,
		    "another %s was imported on %s: the exporting store was "
		    "set back to an older state, or two are exporting as one; "
		    "the next number that is taken here is %llu (see "
		    "wsusferry-export(1), An exporter that was set back)",
		    i->id, when, (unsigned long long)last->sequence + 1);
	bag_info_id(id, last->site, last->sequence);
	return err_set(e, E_SEQ,
	    "%s is older than %s, imported on %s: nothing to do", i->id, id,
	    when);
}

/* What was imported, against what the origin says that it published. */
struct fork {
	const struct transfer *t;
	uint64_t from; /* lower numbers are not compared */
	int64_t since; /* nor what was imported before that row */
	struct ledger_row row; /* the first that differs */
	bool found;
};

static int
compare(void *arg, const struct ledger_row *r, struct err *e)
{
	struct fork *f = arg;
	const struct transfer *t = f->t;
	const struct bag_ledger_line *l;

	(void)e;
	if (f->found || r->kind != LEDGER_IMPORT ||
	    r->state != LEDGER_IMPORTED || r->row < f->since ||
	    guid_cmp(&r->origin, &t->info.origin) != 0 ||
	    r->sequence < f->from || r->sequence >= t->info.sequence)
		return 0;
	l = line_of(t, r->sequence);
	if (l != NULL && memcmp(l->sha256, r->tag, SHA256_LEN) == 0)
		return 0;
	f->row = *r;
	f->found = true;
	return 0;
}

/* 1: the origin's history is not the one that was imported. */
static int
find_fork(
    struct store *s, const struct transfer *t, struct fork *f, struct err *e)
{
	*f = (struct fork){.t = t};
	if (t->nledger == 0)
		return 0;
	f->from = t->ledger[0].sequence;
	for (size_t i = 0; i < t->nledger; i++)
		if (t->ledger[i].resumed)
			f->from = t->ledger[i].sequence;
	if (event_last(s, EVENT_FORK, &t->info.origin, &f->since, e) == -1 ||
	    ledger_each(s, compare, f, e) == -1)
		return -1;
	return f->found;
}

static int
refuse_fork(const struct transfer *t, const struct fork *f, struct err *e)
{
	char id[BAG_WORD + 1], when[UTC_LEN + 1];

	bag_info_id(id, f->row.site, f->row.sequence);
	utc_write(when, f->row.time);
	when[10] = '\0';
	return err_set(e, E_SEQ,
	    "%s: its origin %s %s, which was imported on %s: the exporting "
	    "store was set back to an older state, or two are exporting as one "
	    "(see wsusferry-export(1), An exporter that was set back)",
	    t->info.id,
	    line_of(t, f->row.sequence) == NULL ? "knows nothing of"
						: "published another",
	    id, when);
}

/* Not as its origin and this store went on so far. */
static int
check_order(
    struct store *s, const struct transfer *t, bool *fork, struct err *e)
{
	struct ledger_row last;
	struct fork f;
	int r;

	if ((r = ledger_last_import(s, &t->info.origin, &last, e)) == -1)
		return -1;
	if (r == 1 && t->info.sequence <= last.sequence)
		return refuse_old(s, &t->info, &last, fork, e);
	if ((r = find_fork(s, t, &f, e)) == 1) {
		*fork = true;
		return refuse_fork(t, &f, e);
	}
	return r;
}

int
sequence_check(struct store *s, const struct transfer *t, struct sequence *q,
    struct err *e)
{
	struct ledger_row last;
	int any, r;

	q->allowed = q->fork = false;
	if (check_store(s, t, e) == -1 ||
	    (r = ledger_find(s, LEDGER_IMPORT, t->tag, &q->row, e)) == -1 ||
	    (any = ledger_last_import(s, &t->info.origin, &last, e)) == -1)
		return -1;
	q->already = r == 1;
	q->last = any == 1 && r == 1 && last.row == q->row.row;
	if (q->already)
		return 0;
	err_clear(&q->why);
	if (check_order(s, t, &q->fork, &q->why) == -1) {
		q->allowed = q->allow && q->why.kind == E_SEQ;
		if (!q->allowed) {
			*e = q->why;
			return -1;
		}
	}
	return check_base(s, t, e);
}

static int
note_plan(struct store *s, const struct transfer *t,
    const struct ledger_row *row, struct err *e)
{
	const struct event v = {.time = row->time,
	    .kind = EVENT_PLAN,
	    .ledger = row->row,
	    .origin = row->origin,
	    .sequence = row->sequence,
	    .text = t->info.plan};

	return event_add(s, &v, e);
}

int
sequence_add(struct store *s, const struct transfer *t, struct ledger_row *row,
    struct err *e)
{
	*row = (struct ledger_row){.kind = LEDGER_IMPORT,
	    .state = LEDGER_OPEN,
	    .origin = t->info.origin,
	    .sequence = t->info.sequence,
	    .base = t->info.base,
	    .revisions = t->info.revisions,
	    .files = t->info.files,
	    .bytes = t->info.oxum_bytes,
	    .has_tag = true,
	    .has_head = t->has_ledger,
	    .time = row->time};
	memcpy(row->tag, t->tag, SHA256_LEN);
	memcpy(row->head, t->head, sizeof(row->head));
	snprintf(row->site, sizeof(row->site), "%s", t->info.site);
	snprintf(row->destination, sizeof(row->destination), "%s",
	    t->info.destination);
	snprintf(row->key, sizeof(row->key), "%s", t->key);
	snprintf(row->where, sizeof(row->where), "%s", t->info.id);
	snprintf(row->reason, sizeof(row->reason), "%s", t->info.reason);
	(void)hex_read(row->selection, SHA256_LEN, t->info.selection,
	    strlen(t->info.selection));
	if (ledger_add(s, row, e) == -1)
		return -1;
	return t->info.plan[0] == '\0' ? 0 : note_plan(s, t, row, e);
}

int
sequence_note(struct store *s, const struct sequence *q,
    const struct ledger_row *row, struct err *e)
{
	const struct event v = {.time = row->time,
	    .kind = q->fork ? EVENT_FORK : EVENT_ALLOWED,
	    .ledger = row->row,
	    .origin = row->origin,
	    .sequence = row->sequence,
	    .text = q->why.msg};

	return q->allowed ? event_add(s, &v, e) : 0;
}
