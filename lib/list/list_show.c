/* SPDX-License-Identifier: ISC */
/* What a store says of one update, or of a file and the updates that name
   it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/snapshot.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/list/list_priv.h"
#include "lib/store/ledger.h"
#include "lib/store/store_related.h"
#include "lib/view/show.h"
#include "lib/view/snap.h"
#include "lib/view/status.h"

#define DAY_S 86400
#define LABEL 16 /* columns, behind four blanks */

struct showing {
	struct list *l;
	struct show show;
	const char *label; /* of relations: not yet printed; else NULL */
	uint64_t files, absent, left_out;
};

static int
fact(struct list *l, const char *label, const char *value, struct err *e)
{
	if (value == NULL)
		return 0;
	if (buf_puts(&l->text, "    ", e) == -1 ||
	    list_cell(l, LABEL, label, e) == -1 ||
	    list_cell(l, 0, value, e) == -1)
		return -1;
	return list_line(l, e);
}

/* Damage is worse than absence, as everywhere. */
static void
count(struct showing *x, const struct store_file *f, const char *state)
{
	struct log *log = x->l->o->log;
	bool damaged = !f->present && !f->left_out &&
	    strcmp(state, "absent") != 0;

	x->files++;
	x->left_out += f->left_out;
	if (f->present || f->left_out)
		return;
	x->absent++;
	log->worst = err_worst(
	    log->worst, err_status(damaged ? E_DIGEST : E_PARTIAL));
}

static int
count_file(void *arg, const struct store_file *row, struct err *e)
{
	struct showing *x = arg;
	struct store_file f = *row;
	const char *state;

	if (list_file_look(x->l, &f, &state, e) == -1)
		return -1;
	count(x, &f, state);
	return 0;
}

static int
put_file(void *arg, const struct store_file *row, struct err *e)
{
	struct showing *x = arg;
	struct list *l = x->l;
	struct store_file f = *row;
	char sha1[2 * SHA1_LEN + 1];
	const char *state;

	if (list_file_look(l, &f, &state, e) == -1)
		return -1;
	if (l->o->log->json)
		return list_file_json(l, &f, state, e);
	hex_upper(sha1, f.sha1, SHA1_LEN);
	if (buf_puts(&l->text, "        ", e) == -1 ||
	    list_cell(l, 40, sha1, e) == -1 ||
	    list_cell_num(l, 12, f.size, e) == -1 ||
	    list_cell(l, 8, state, e) == -1 || list_cell(l, 0, f.name, e) == -1)
		return -1;
	return list_line(l, e);
}

/* "2 files, 1 absent, 1 left out by a policy" */
static void
payload_words(const struct showing *x, char *to, size_t room)
{
	int n;

	if (x->files == 0) {
		(void)snprintf(to, room, "none");
		return;
	}
	n = snprintf(to, room, "%s, %s", words_count(x->files, "file").s,
	    x->absent + x->left_out == 0 ? "all here" : "");
	if (x->absent + x->left_out == 0 || n < 0)
		return;
	to += n;
	room -= (size_t)n;
	n = snprintf(to, room, "%" PRIu64 " here, %" PRIu64 " absent",
	    x->files - x->absent - x->left_out, x->absent);
	if (x->left_out > 0 && n > 0)
		(void)snprintf(to + n, room - (size_t)n,
		    ", %" PRIu64 " left out by a policy", x->left_out);
}

static int
put_payload(struct showing *x, struct err *e)
{
	char text[128];

	if (store_each_file_under(
		x->l->store, x->show.rev.row, count_file, x, e) == -1)
		return -1;
	payload_words(x, text, sizeof(text));
	if (!x->l->o->log->json && fact(x->l, "payload", text, e) == -1)
		return -1;
	return x->l->o->log->json ? 0
				  : store_each_file_under(x->l->store,
					x->show.rev.row, put_file, x, e);
}

/* "2026-11-12T06:07:08Z with north-000003, signed with ..." */
static int
came_words(struct showing *x, char *to, size_t room, struct err *e)
{
	char name[STATUS_NAME_MAX], when[UTC_LEN + 1];
	struct ledger_row r;
	int found = show_came(&x->show, &r, e);

	if (found == -1)
		return -1;
	if (found == 0) {
		(void)snprintf(to, room, "from an upstream server");
		return 0;
	}
	utc_write(when, r.time);
	status_transfer(name, &r);
	(void)snprintf(to, room, "%s %s %s%s%s", when,
	    r.kind == LEDGER_FETCH ? "from" : "with", name,
	    r.kind == LEDGER_FETCH ? ""
		: *r.key != '\0'   ? ", signed with "
				   : ", unsigned",
	    r.key);
	return 0;
}

static int
put_revision(void *arg, int64_t row, uint32_t revision, struct err *e)
{
	struct buf *b = arg;

	(void)row;
	return buf_printf(b, e, "%s%" PRIu32, b->len > 0 ? " " : "", revision);
}

static int
revisions(struct showing *x, struct err *e)
{
	struct list *l = x->l;

	buf_reset(&l->names);
	if (store_each_revision(
		l->store, &x->show.rev.id, put_revision, &l->names, e) == -1 ||
	    buf_str(&l->names, e) == NULL)
		return -1;
	return 0;
}

static int
titles(struct showing *x, const char *label, enum category_type kind,
    struct err *e)
{
	struct list *l = x->l;

	if (!x->show.shown)
		return 0;
	if (store_show_titles(&l->names, l->store, x->show.rev.row, kind, e) ==
	    -1)
		return -1;
	return fact(
	    l, label, l->names.len > 1 ? (const char *)l->names.p : NULL, e);
}

/* In text a line each, the label in front of the first. */
static int
put_related(void *arg, const struct store_related *r, struct err *e)
{
	struct showing *x = arg;
	struct list *l = x->l;
	char id[GUID_LEN + 1];
	const char *label = x->label;

	guid_write(id, &r->id);
	if (l->o->log->json) {
		json_item(&l->json, id);
		return 0;
	}
	x->label = "";
	if (buf_puts(&l->text, "    ", e) == -1 ||
	    list_cell(l, LABEL, label, e) == -1 ||
	    buf_printf(&l->text, e, "%s  %s%s", id,
		r->row == 0	       ? "(not held)"
		    : r->title != NULL ? r->title
				       : "",
		r->any ? "  (one of several)" : "") == -1)
		return -1;
	return list_line(l, e);
}

static int
relations(struct showing *x, struct err *e)
{
	const struct {
		enum store_relation k;
		const char *label, *key;
		bool asked;
	} rows[] = {
	    {STORE_REL_NEWER, "superseded by", "superseded_by",
		x->show.superseded},
	    {STORE_REL_OLDER, "supersedes", "supersedes", true},
	    {STORE_REL_INSIDE, "part of", "part_of", x->show.inner},
	    {STORE_REL_HOLDS, "bundles", "bundles", true},
	    {STORE_REL_NEEDS, "needs", "needs", true},
	};
	struct list *l = x->l;
	bool json = l->o->log->json;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		x->label = rows[i].label;
		if (json)
			json_list(&l->json, rows[i].key);
		if (rows[i].asked &&
		    show_each_related(&x->show, rows[i].k, put_related, x, e) ==
			-1)
			return -1;
		if (json)
			json_list_end(&l->json);
	}
	return 0;
}

/* "pilot: offered, install since 2026-11-29" */
static int
put_offer(
    void *arg, const char *ring, const struct snapshot_offer *o, struct err *e)
{
	struct showing *x = arg;
	struct list *l = x->l;
	char text[256], since[UTC_LEN + 1] = "";
	const char *label = x->label;

	if (o->held != SNAPSHOT_NONE)
		utc_write(since, (int64_t)o->held * DAY_S);
	(void)snprintf(text, sizeof(text), "%s: %s, %s%s%.10s", ring,
	    snapshot_state_word(snapshot_state(o)),
	    o->withheld != SNAPSHOT_NOT_WITHHELD
		? snapshot_withheld_word((enum snapshot_withheld)o->withheld)
		: snapshot_action_word((enum snapshot_action)o->action),
	    *since != '\0' ? " since " : "", since);
	x->label = "";
	if (!l->o->log->json)
		return fact(l, label, text, e);
	json_item(&l->json, text);
	return 0;
}

static int
offers(struct showing *x, struct err *e)
{
	struct list *l = x->l;

	if (l->offered == NULL)
		return 0;
	x->label = "offers";
	if (l->o->log->json)
		json_list(&l->json, "offers");
	if (list_offers_each(l->offered, &x->show.rev.id, put_offer, x, e) ==
	    -1)
		return -1;
	if (l->o->log->json)
		json_list_end(&l->json);
	return 0;
}

static const char *
state_of(const struct showing *x)
{
	return store_show_state(x->show.superseded, &x->show.rev);
}

static int
text(struct showing *x, struct err *e)
{
	char came[2 * STATUS_NAME_MAX], id[GUID_LEN + 1];
	struct show *s = &x->show;
	struct list *l = x->l;

	guid_write(id, &s->rev.id);
	if (buf_puts(&l->text, s->title != NULL ? s->title : id, e) == -1 ||
	    list_line(l, e) == -1 || fact(l, "id", id, e) == -1 ||
	    revisions(x, e) == -1 ||
	    fact(l, "revisions", (char *)l->names.p, e) == -1 ||
	    fact(l, "kind", update_type_word(s->rev.type), e) == -1 ||
	    fact(l, "state", state_of(x), e) == -1 ||
	    store_kbs_of(l->store, s->rev.row, &l->kbs, e) == -1 ||
	    buf_str(&l->kbs, e) == NULL ||
	    fact(l, "KB", l->kbs.len > 1 ? (char *)l->kbs.p : NULL, e) == -1 ||
	    titles(x, "classification", CATEGORY_CLASSIFICATION, e) == -1 ||
	    titles(x, "products", CATEGORY_PRODUCT, e) == -1 ||
	    fact(l, "severity", s->severity, e) == -1 ||
	    fact(l, "created", s->created, e) == -1 ||
	    came_words(x, came, sizeof(came), e) == -1 ||
	    fact(l, "came", came, e) == -1 || offers(x, e) == -1 ||
	    put_payload(x, e) == -1)
		return -1;
	return relations(x, e);
}

static int
came_json(struct showing *x, struct err *e)
{
	char name[STATUS_NAME_MAX], when[UTC_LEN + 1];
	struct json *j = &x->l->json;
	struct ledger_row r;
	int found = show_came(&x->show, &r, e);

	if (found != 1)
		return found;
	utc_write(when, r.time);
	status_transfer(name, &r);
	json_str(j, "arrived", when);
	json_str(j, "with", list_kind(&r));
	json_str(j, "transfer", name);
	json_str(j, "key", *r.key != '\0' ? r.key : NULL);
	return 0;
}

static int
json(struct showing *x, struct err *e)
{
	struct list *l = x->l;
	struct json *j = &l->json;

	/* What is asked of the store while the object grows uses no list. */
	if (put_payload(x, e) == -1)
		return -1;
	json_begin(j);
	json_str(j, "type", "show");
	if (store_show_update(
		j, l->store, &x->show.rev, state_of(x), &l->kbs, e) == -1)
		return -1;
	json_str(j, "description", x->show.description);
	json_num(j, "files", x->files);
	json_num(j, "absent", x->absent);
	json_num(j, "left_out", x->left_out);
	if (came_json(x, e) == -1 || offers(x, e) == -1 ||
	    relations(x, e) == -1 || list_object(l, e) == -1)
		return -1;
	return store_each_file_under(l->store, x->show.rev.row, put_file, x, e);
}

static int
one(void *arg, const struct guid *id, struct err *e)
{
	struct showing x = {.l = arg};
	int r;

	if (stop_check(e) == -1)
		return -1;
	r = show_open(&x.show, x.l->store, &x.l->content, id, e);
	if (r == 1) {
		x.l->count++;
		r = x.l->o->log->json ? json(&x, e) : text(&x, e);
	}
	show_free(&x.show);
	return r == -1 ? -1 : 0;
}

/* Of a file that was asked for, in front of the updates that name it. */
static int
file(void *arg, const struct store_file *f, struct err *e)
{
	struct showing x = {.l = arg};

	return count_file(&x, f, e) == -1 ? -1 : list_file(x.l, f, e);
}

/* Without it the rest is still true. */
static int
read_offers(struct list *l, struct snapshot *s, struct err *e)
{
	struct err fault = ERR_INIT;
	int r = snap_read_current(
	    s, store_dirfd(l->store), store_id(l->store), &fault);

	if (r == -1 && err_is_ours(&fault)) {
		*e = fault;
		return -1;
	}
	if (r == -1)
		log_event(l->o->log, LOG_WARN, NULL,
		    "what is offered is not known: %s", fault.msg);
	l->offered = r == 1 ? s : NULL;
	return 0;
}

static int
each_update(struct list *l, const struct show_asked *a, struct err *e)
{
	struct snapshot s = SNAPSHOT_INIT;
	int r = read_offers(l, &s, e);

	if (r == 0)
		r = show_each_update(a, l->store, one, l, e);
	l->offered = NULL;
	snapshot_free(&s);
	return r;
}

int
list_show(struct list *l, struct err *e)
{
	struct show_asked a;

	if (show_ask(&a, l->o->of, e) == -1 ||
	    show_each_file(&a, l->store, file, l, e) == -1)
		return -1;
	l->count = 0; /* files stand in front of what is counted */
	if (each_update(l, &a, e) == -1)
		return -1;
	if (l->count > 0)
		return 0;
	return err_set(e, E_MISSING, "'%s': no update of this store %s",
	    l->o->of,
	    a.key == SHOW_ID	   ? "has that GUID"
		: a.key == SHOW_KB ? "has that KB number"
				   : "names such a file");
}
