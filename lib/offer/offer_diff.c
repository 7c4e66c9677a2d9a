/* SPDX-License-Identifier: ISC */
/* Changes as lines of data. */
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/offer/offer_priv.h"

struct diff {
	struct offer *b;
	bool harms; /* these alone */
	struct buf text;
	struct json json;
	uint64_t n[OFFER_CHANGE_KINDS];
};

/* "install by 2026-12-01T03:00:00Z", "waiting: delay", "nothing" */
static int
put_state(struct buf *to, const struct snapshot_offer *o, struct err *e)
{
	char by[UTC_LEN + 1];

	if (o != NULL && o->withheld != SNAPSHOT_NOT_WITHHELD)
		return buf_printf(to, e, "waiting: %s",
		    snapshot_withheld_word(
			(enum snapshot_withheld)o->withheld));
	if (!offer_holds(o))
		return buf_puts(to, "nothing", e);
	if (buf_puts(to, snapshot_action_word((enum snapshot_action)o->action),
		e) == -1)
		return -1;
	if (o->deadline == 0)
		return 0;
	utc_write(by, (int64_t)o->deadline);
	return buf_printf(to, e, " by %s", by);
}

static int
put_text(struct diff *d, const struct offer_change *c,
    const struct offer_named *n, struct err *e)
{
	struct buf *b = &d->text;

	buf_reset(b);
	if (buf_printf(b, e, "%s: %s %s: ", c->ring, offer_change_word(c->kind),
		n->name) == -1)
		return -1;
	if (c->kind != OFFER_GAINS && put_state(b, c->from, e) == -1)
		return -1;
	if (c->kind != OFFER_GAINS && buf_puts(b, " -> ", e) == -1)
		return -1;
	if (put_state(b, c->to, e) == -1)
		return -1;
	if (c->kind == OFFER_CHANGES && c->from_revision != c->revision &&
	    buf_printf(b, e, ", revision %" PRIu32 " -> %" PRIu32,
		c->from_revision, c->revision) == -1)
		return -1;
	if (buf_printf(b, e, "; %s", n->title) == -1 || buf_str(b, e) == NULL)
		return -1;
	utf8_clean((char *)b->p);
	log_data(d->b->log, (char *)b->p, NULL);
	return 0;
}

static void
json_state(
    struct json *j, const char *const keys[3], const struct snapshot_offer *o)
{
	char by[UTC_LEN + 1] = "";

	json_str(j, keys[0],
	    o != NULL ? snapshot_action_word((enum snapshot_action)o->action)
		      : NULL);
	json_str(j, keys[1],
	    o != NULL && o->withheld != SNAPSHOT_NOT_WITHHELD
		? snapshot_withheld_word((enum snapshot_withheld)o->withheld)
		: NULL);
	if (o != NULL && o->deadline != 0)
		utc_write(by, (int64_t)o->deadline);
	json_str(j, keys[2], by[0] != '\0' ? by : NULL);
}

static int
put_json(struct diff *d, const struct offer_change *c,
    const struct offer_named *n, struct err *e)
{
	static const char *const was[] = {
	    "action_before", "withheld_before", "deadline_before"};
	static const char *const is[] = {"action", "withheld", "deadline"};
	struct json *j = &d->json;
	char id[GUID_LEN + 1];
	const char *line;

	guid_write(id, &c->id);
	json_begin(j);
	json_str(j, "type", "change");
	json_str(j, "ring", c->ring);
	json_str(j, "change", offer_change_word(c->kind));
	json_str(j, "id", id);
	json_num(
	    j, "revision", c->revision != 0 ? c->revision : c->from_revision);
	json_str(j, "kb", n->kb[0] != '\0' ? n->kb : NULL);
	json_str(j, "title", n->title);
	json_state(j, is, c->to);
	json_state(j, was, c->from);
	if ((line = json_end(j)) == NULL)
		return err_nomem(e);
	log_data(d->b->log, NULL, line);
	return 0;
}

static int
put_change(void *arg, const struct offer_change *c, struct err *e)
{
	struct diff *d = arg;
	struct offer_named n;

	if (d->harms && offer_harm(c) == OFFER_HARMLESS)
		return 0;
	d->n[c->kind]++;
	if (stop_check(e) == -1 ||
	    offer_named(d->b->store, &c->id, &n, e) == -1)
		return -1;
	return d->b->log->json ? put_json(d, c, &n, e) : put_text(d, c, &n, e);
}

static void
sum_up(struct diff *d)
{
	struct json j = JSON_INIT;
	int k;

	json_begin(&j);
	json_str(&j, "type", "summary");
	for (k = 0; k < OFFER_CHANGE_KINDS; k++)
		json_num(
		    &j, offer_change_word((enum offer_change_kind)k), d->n[k]);
	log_summary(d->b->log, &j,
	    "%" PRIu64 " gained, %" PRIu64 " lost, %" PRIu64
	    " changed, %" PRIu64 " waiting anew, %" PRIu64 " given up",
	    d->n[OFFER_GAINS], d->n[OFFER_LOSES], d->n[OFFER_CHANGES],
	    d->n[OFFER_WAITS], d->n[OFFER_DROPS]);
	json_free(&j);
}

static int
run(struct diff *d, const struct snapshot *old, const struct snapshot *new,
    struct err *e)
{
	int r = offer_compare(old, new, put_change, d, e);

	if (r == 0 && !d->harms)
		sum_up(d);
	buf_free(&d->text);
	json_free(&d->json);
	return r;
}

int
offer_diff(struct offer *b, const struct snapshot *old,
    const struct snapshot *new, struct err *e)
{
	struct diff d = {.b = b, .text = BUF_INIT, .json = JSON_INIT};

	return run(&d, old, new, e);
}

int
offer_diff_harms(struct offer *b, const struct snapshot *old,
    const struct snapshot *new, struct err *e)
{
	struct diff d = {
	    .b = b, .harms = true, .text = BUF_INIT, .json = JSON_INIT};

	return run(&d, old, new, e);
}
