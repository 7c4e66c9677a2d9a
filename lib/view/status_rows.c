/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/snapshot.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/room.h"
#include "lib/base/words.h"
#include "lib/store/content.h"
#include "lib/store/destination.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "lib/view/snap.h"
#include "lib/view/status.h"

#define DAY 86400
#define TEXT_MAX 1024

struct rows {
	struct store *store;
	const struct status *t;
	const struct status_limits *lim;
	int64_t now;
	int (*each)(void *arg, const struct status_row *r, struct err *e);
	void *arg;
	/* Of the ledger. */
	bool exported, carried;
	struct ledger_row export, last; /* last: that carried bytes */
	int64_t latest; /* of all times that the store has */
	int64_t came; /* when revisions came last */
	/* Of one destination. */
	const struct destination *to;
	struct ledger_row sent, waits; /* the last; the first not known there */
};

static int put(struct rows *x, const char *name, enum status_is is,
    struct err *e, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static int
put(struct rows *x, const char *name, enum status_is is, struct err *e,
    const char *fmt, ...)
{
	char text[TEXT_MAX];
	struct status_row r = {name, is, text};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	utf8_clean(text);
	return x->each(x->arg, &r, e);
}

/* "2026-11-10" */
struct day {
	char s[11];
};

static struct day
day_of(int64_t t)
{
	char when[UTC_LEN + 1];
	struct day d;

	utc_write(when, t);
	(void)snprintf(d.s, sizeof(d.s), "%.10s", when);
	return d;
}

static uint64_t
days_since(const struct rows *x, int64_t t)
{
	return x->now > t ? (uint64_t)(x->now - t) / DAY : 0;
}

/* Of the month in which a time is. */
static int64_t
second_tuesday(int64_t t)
{
	char first[UTC_LEN + 1];
	int64_t begins, weekday;

	utc_write(first, t);
	memcpy(first + 8, "01T00:00:00Z", 13);
	if (!utc_read(&begins, first, UTC_LEN))
		return 0;
	weekday = ((begins / DAY + 4) % 7 + 7) % 7; /* Sunday is 0 */
	return begins + ((2 - weekday + 7) % 7 + 7) * DAY;
}

/* The last one that is so many days ago. */
static int64_t
release_due(const struct rows *x)
{
	int64_t then = x->now - (int64_t)x->lim->release_days * DAY;
	int64_t due = second_tuesday(then);

	return due <= then ? due : second_tuesday(due - 20 * DAY);
}

static int
put_release(struct rows *x, struct err *e)
{
	struct day due = day_of(release_due(x));

	if (*x->t->newest == '\0')
		return put(x, "release", STATUS_BAD, e, "no update is held");
	if (strcmp(x->t->newest, due.s) >= 0)
		return put(x, "release", STATUS_GOOD, e,
		    "the newest that is held is of %s", x->t->newest);
	return put(x, "release", STATUS_BAD, e,
	    "the newest that is held is of %s; one of %s has been out for "
	    "%" PRIu64 " days",
	    x->t->newest, due.s, days_since(x, release_due(x)));
}

static int
put_age(struct rows *x, const char *name, const char *what,
    const struct ledger_row *r, struct err *e)
{
	char transfer[STATUS_NAME_MAX];
	uint64_t days = days_since(x, r->time);

	status_transfer(transfer, r);
	if (days <= x->lim->transfer_days)
		return put(x, name, STATUS_GOOD, e, "%s on %s; the next by %s",
		    transfer, day_of(r->time).s,
		    day_of(r->time + (int64_t)x->lim->transfer_days * DAY).s);
	return put(x, name, STATUS_BAD, e,
	    "%s on %s: %s for %" PRIu64 " days, more than %" PRIu64, transfer,
	    day_of(r->time).s, what, days, x->lim->transfer_days);
}

static int
put_transfers(struct rows *x, struct err *e)
{
	if (x->t->imported &&
	    put_age(x, "import", "nothing came", &x->t->import, e) == -1)
		return -1;
	return x->exported ? put_age(x, "export", "nothing left", &x->export, e)
			   : 0;
}

static int
see_sent(void *arg, const struct ledger_row *r, struct err *e)
{
	struct rows *x = arg;

	(void)e;
	if (r->kind != LEDGER_EXPORT || r->state != LEDGER_WRITTEN ||
	    strcmp(r->target, x->to->name) != 0)
		return 0;
	x->sent = *r;
	if (r->sequence > x->to->base && x->waits.row == 0)
		x->waits = *r;
	return 0;
}

static int
put_receipt(void *arg, const struct destination *d, struct err *e)
{
	struct rows *x = arg;
	uint64_t days;

	x->to = d;
	x->sent = x->waits = (struct ledger_row){.row = 0};
	if (ledger_each(x->store, see_sent, x, e) == -1)
		return -1;
	if (x->sent.row == 0)
		return 0;
	if (x->waits.row == 0)
		return put(x, "receipt", STATUS_GOOD, e,
		    "%s has number %" PRIu64 ", the last that was sent",
		    d->name, d->base);
	days = days_since(x, x->waits.time);
	return put(x, "receipt",
	    days > x->lim->receipt_days ? STATUS_BAD : STATUS_GOOD, e,
	    "%s has not acknowledged number %" PRIu64 ", sent %" PRIu64
	    " days ago, on %s%s",
	    d->name, x->waits.sequence, days, day_of(x->waits.time).s,
	    days > x->lim->receipt_days ? ": ask for its receipt" : "");
}

static int
put_lacking(struct rows *x, struct err *e)
{
	const struct lacking *l = &x->t->lacking;
	struct lacking_text text = lacking_summary(l);

	if (l->revisions == 0 &&
	    put(x, "revisions", STATUS_GOOD, e, "none is incomplete") == -1)
		return -1;
	if (l->revisions != 0 &&
	    put(x, "revisions", STATUS_LACKING, e,
		"%s incomplete: wsusferry-list lacking says why",
		words_count(l->revisions, "revision").s) == -1)
		return -1;
	return put(x, "payload",
	    l->damaged != 0	? STATUS_BAD
		: l->files != 0 ? STATUS_LACKING
				: STATUS_GOOD,
	    e, "%s", l->files == 0 ? "none is absent" : text.s);
}

/* Where payload lies, which may be another volume. */
static int
free_bytes(struct rows *x, uint64_t *n, struct err *e)
{
	int fd = -1, r = content_tree(store_dirfd(x->store), &fd, e);

	if (r == -1)
		return -1;
	r = room_free(r == 1 ? fd : store_dirfd(x->store), n, e);
	if (fd != -1)
		(void)close(fd);
	return r;
}

static int
put_room(struct rows *x, struct err *e)
{
	uint64_t have, want = x->last.bytes * x->lim->room_times;
	int r;

	if (!x->carried || x->lim->room_times == 0)
		return 0;
	if ((r = free_bytes(x, &have, e)) != 1)
		return r;
	return put(x, "room", have < want ? STATUS_BAD : STATUS_GOOD, e,
	    "%s free; the last transfer had %s%s", words_size(have).s,
	    words_size(x->last.bytes).s, have < want ? ": make room" : "");
}

static int
put_fetch(void *arg, const struct sync_upstream *u, struct err *e)
{
	struct rows *x = arg;
	struct sync_run run = {.status = 0};
	uint64_t days = days_since(x, u->last_success);
	int r = sync_last_run(x->store, u->row, &run, e);

	if (r == -1)
		return -1;
	if (r == 1 && run.status != 0 && run.status != err_status(E_PARTIAL))
		return put(x, "fetch", STATUS_BAD, e,
		    "%s: the last run ended with %d on %s", u->url, run.status,
		    day_of(run.ended).s);
	if (u->last_success == 0)
		return put(x, "fetch", STATUS_BAD, e, "%s: never yet", u->url);
	return put(x, "fetch",
	    days > x->lim->fetch_days ? STATUS_BAD : STATUS_GOOD, e,
	    "%s: last on %s%s", u->url, day_of(u->last_success).s,
	    days > x->lim->fetch_days ? ", too long ago" : "");
}

/* Where nothing of what came concerns a ring, none newer is made. */
static int
tell_offer(struct rows *x, const struct snapshot *s, struct err *e)
{
	return put(x, "offer", STATUS_GOOD, e,
	    "number %" PRIu32 ", made on %s%s%s", s->generation,
	    day_of(s->built).s,
	    x->came > s->built ? ", before what came on " : "",
	    x->came > s->built ? day_of(x->came).s : "");
}

static int
put_offer(struct rows *x, struct err *e)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err fault = ERR_INIT;
	int r = snap_read_current(
	    &s, store_dirfd(x->store), store_id(x->store), &fault);

	if (r == 1)
		r = tell_offer(x, &s, e);
	else if (r == -1 && err_is_ours(&fault))
		*e = fault;
	else if (r == -1)
		r = put(x, "offer", STATUS_BAD, e,
		    "it cannot be read: %s; run wsusferry-offer", fault.msg);
	snapshot_free(&s);
	return r;
}

/* What is to come cannot have been. */
static int
put_clock(struct rows *x, struct err *e)
{
	if (x->latest <= x->now + DAY)
		return 0;
	return put(x, "clock", STATUS_BAD, e,
	    "it says %s, and the store has records of %s: set it, or nothing "
	    "below is true",
	    day_of(x->now).s, day_of(x->latest).s);
}

static int
see_ledger(void *arg, const struct ledger_row *r, struct err *e)
{
	struct rows *x = arg;

	(void)e;
	if (r->time > x->latest)
		x->latest = r->time;
	if (r->state == LEDGER_IMPORTED && r->revisions > 0)
		x->came = r->time;
	if (r->kind == LEDGER_EXPORT && r->state == LEDGER_WRITTEN) {
		x->exported = true;
		x->export = *r;
	}
	if (r->kind != LEDGER_FETCH && r->bytes > 0) {
		x->carried = true;
		x->last = *r;
	}
	return 0;
}

const char *
status_word(enum status_is is)
{
	static const char *const words[] = {"good", "lacking", "bad"};

	return words[is];
}

int
status_each(struct store *s, const struct status *t,
    const struct status_limits *lim, int64_t now,
    int (*each)(void *arg, const struct status_row *r, struct err *e),
    void *arg, struct err *e)
{
	struct rows x = {.store = s,
	    .t = t,
	    .lim = lim,
	    .now = now,
	    .each = each,
	    .arg = arg,
	    .latest = t->fetched};

	if (ledger_each(s, see_ledger, &x, e) == -1 || put_clock(&x, e) == -1 ||
	    put_release(&x, e) == -1 || put_transfers(&x, e) == -1 ||
	    destination_each(s, put_receipt, &x, e) == -1 ||
	    put_lacking(&x, e) == -1 || put_room(&x, e) == -1 ||
	    put_offer(&x, e) == -1)
		return -1;
	return sync_each_upstream(s, put_fetch, &x, e);
}
