/* SPDX-License-Identifier: ISC */
/*
 * --budget: what fits, and the list of what waits for the next transfer.  What
 * documents come to is known when they are packed; so a choice is packed and
 * counted, and where it is more than was thought, made again.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/volume.h"
#include "lib/base/words.h"
#include "lib/export/budget.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_choose.h"
#include "lib/store/store_walk.h"

#define PASSES 12
#define GUESS 256u /* of 1024 bytes of documents, before it is known */
#define PER_FILE 320u /* bytes: its lines in both manifests */
#define WITH_LINES 700u /* bytes: the same of a file of --with */
#define TAR_OWN ((uint64_t)32 << 10) /* headers of the rest, and its end */
#define OWN ((uint64_t)16 << 10) /* bag-info.txt, README.txt and the like */

int
export_budget_read(struct export *x, struct err *e)
{
	const char *text = x->o->budget;
	bool disc;

	if (text == NULL)
		return 0;
	if (!volume_size_read(&x->budget, &disc, text))
		return err_set(e, E_USAGE,
		    "--budget takes a size like 20G, or cd, dvd or bd, not "
		    "'%s'",
		    text);
	return 0;
}

struct facts {
	struct export *x;
	struct budget *b;
	struct row_set rows, parts; /* owned: of the plan; bundled there */
	uint8_t class;
};

static int
add_part(void *arg, int64_t row, int64_t other, struct err *e)
{
	struct facts *f = arg;

	return row_set_has(&f->rows, row) ? row_set_add(&f->parts, other, e)
					  : 0;
}

static int
add_class(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct facts *f = arg;
	uint8_t class = budget_class(id);

	(void)title;
	(void)e;
	if (class < f->class)
		f->class = class;
	return 0;
}

static bool
has_payload(const struct export *x, size_t i)
{
	const struct pack_update *u = &x->pack.updates[i];

	for (uint32_t k = 0; k < u->nrefs; k++)
		if (pack_carries(&x->pack.files[x->pack.refs[u->ref + k]]))
			return true;
	return false;
}

/* What is there already, and brings no payload, is in the plan for others. */
static enum budget_role
role_of(const struct facts *f, size_t i, const struct store_rev *r)
{
	const struct export *x = f->x;
	bool fresh = x->base_sequence == 0 || !row_set_has(&x->held, r->row);

	if (r->type != UPDATE_SOFTWARE && r->type != UPDATE_DRIVER)
		return fresh ? BUDGET_MUST : BUDGET_NEEDED;
	if (row_set_has(&f->parts, r->row) || (!fresh && !has_payload(x, i)))
		return BUDGET_NEEDED;
	return BUDGET_UPDATE;
}

static int
look_at(struct facts *f, struct store_walk *w, size_t i, struct err *e)
{
	int64_t row = f->x->plan.items[i].row;
	struct budget_rev *to = &f->b->revs[i];
	struct store_rev r;

	f->class = BUDGET_CLASS_LAST;
	if (store_walk_categories(
		w, row, CATEGORY_CLASSIFICATION, add_class, f, e) == -1 ||
	    store_walk_rev(w, row, &r, e) == -1)
		return -1;
	*to = (struct budget_rev){.role = role_of(f, i, &r),
	    .expired = r.expired,
	    .severity = budget_severity(r.severity),
	    .class = f->class};
	if (r.created != NULL)
		snprintf(to->created, sizeof(to->created), "%s", r.created);
	return 0;
}

static int
look(struct export *x, struct budget *b, struct err *e)
{
	struct facts f = {.x = x, .b = b};
	struct store_walk *w = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->plan.n; i++)
		r = row_set_add(&f.rows, x->plan.items[i].row, e);
	if (r == 0)
		r = store_each_pair(x->store, STORE_PARTS, add_part, &f, e);
	if (r == 0)
		r = store_walk_open(&w, x->store, e);
	for (size_t i = 0; r == 0 && i < x->plan.n; i++)
		r = look_at(&f, w, i, e);
	store_walk_close(w);
	row_set_free(&f.rows);
	row_set_free(&f.parts);
	if (r == 0)
		budget_rank(b);
	return r;
}

typedef int make_text(struct export *, struct sink *, struct err *);

static int
count_texts(struct export *x, make_text *const *v, size_t n, uint64_t *bytes,
    struct err *e)
{
	struct sink none;

	sink_null(&none);
	for (size_t i = 0; i < n; i++)
		if (v[i](x, &none, e) == -1)
			return -1;
	*bytes = none.bytes;
	return 0;
}

/* Of a tar: a header, and the rest of the last block. */
static unsigned
per_file(const struct export *x)
{
	return x->tar ? (unsigned)export_archive_takes(1) : 0;
}

/* What is the same whatever is carried. */
static int
count_fixed(struct export *x, uint64_t *bytes, struct err *e)
{
	make_text *const texts[] = {
	    export_far_import, export_far_verify, export_policy_put};

	if (count_texts(x, texts, 3, bytes, e) == -1 ||
	    export_ledger(x, e) == -1)
		return -1;
	*bytes += OWN + x->ledger.len + x->with.bytes +
	    x->with.n * (uint64_t)(WITH_LINES + per_file(x));
	if (x->tar)
		*bytes += TAR_OWN;
	return 0;
}

/* The rest, without payload: as many bytes, or fewer. */
static int
count_grown(struct export *x, uint64_t *bytes, struct err *e)
{
	make_text *const texts[] = {
	    export_state, export_inventory, export_far_approve};

	if (count_texts(x, texts, 3, bytes, e) == -1)
		return -1;
	*bytes += x->packed_bytes +
	    (x->files + x->npackages) * (uint64_t)(PER_FILE + per_file(x));
	return 0;
}

/* What waits is left out of the plan, and that is packed and counted. */
static int
make_plan(
    struct export *x, const struct budget *b, uint64_t *grown, struct err *e)
{
	row_set_free(&x->waits);
	for (size_t i = 0; i < b->plan->n; i++)
		if (!b->taken[i] &&
		    row_set_add(&x->waits, b->plan->items[i].row, e) == -1)
			return -1;
	x->sel.waits = &x->waits;
	if (export_plan_again(x, e) == -1 || export_pack(x, e) == -1)
		return -1;
	return count_grown(x, grown, e);
}

struct pass {
	uint64_t limit; /* bytes that are given out */
	uint64_t packed; /* of 1024 bytes of documents */
	uint64_t fixed; /* bytes of what is the same in each transfer */
	bool refined;
};

/* What documents come to did not settle: none of the choices was within it. */
static int
unsettled(const struct export *x, struct err *e)
{
	return err_set(e, E_USAGE,
	    "--budget %s: %d choices came to more than that, each by other "
	    "documents; give a little more or less",
	    x->o->budget, PASSES);
}

static int
too_small(struct export *x, const struct budget *b, const struct pass *p,
    struct err *e)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < b->nwaiting; i++)
		if (b->waiting[i].bytes < least)
			least = b->waiting[i].bytes;
	return err_set(e, E_USAGE,
	    "--budget %s: no update fits; categories, lists and the smallest "
	    "update take about %s",
	    x->o->budget, words_size(p->fixed + b->must + least).s);
}

/* 1: it fits and is good; 0: once more. */
static int
judge(struct export *x, const struct budget *b, struct pass *p, uint64_t grown)
{
	uint64_t raw = budget_documents(b), need = x->bytes + p->fixed + grown;
	uint64_t known = raw == 0 ? p->packed : grown * 1024 / raw + 1;

	if (need > x->budget) {
		uint64_t over = need - x->budget + x->budget / 512 + 4096;

		p->refined = true;
		if (known > p->packed)
			p->packed = known + known / 32 + 1;
		else
			p->limit = p->limit > over ? p->limit - over : 0;
		return 0;
	}
	if (p->refined || b->nwaiting == 0 || known >= p->packed)
		return 1;
	/* Documents come to less: that is given to others. */
	p->refined = true;
	p->packed = known + known / 32 + 1;
	return 0;
}

static int
keep_waiting(struct export *x, const struct budget *b, struct err *e)
{
	x->waiting = calloc(b->nwaiting + 1, sizeof(*x->waiting));
	if (x->waiting == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < b->nwaiting; i++) {
		x->waiting[i] = (struct export_waiting){
		    .row = b->plan->items[b->waiting[i].item].row,
		    .bytes = b->waiting[i].bytes};
		x->too_large += b->waiting[i].bytes > x->budget;
	}
	x->nwaiting = b->nwaiting;
	x->waiting_bytes = b->waiting_bytes;
	return 0;
}

static int
choose(struct export *x, struct budget *b, struct err *e)
{
	struct pass p = {.packed = GUESS};
	uint64_t grown;
	int good = 0;
	bool none = false;

	if (count_fixed(x, &p.fixed, e) == -1)
		return -1;
	p.limit = x->budget > p.fixed ? x->budget - p.fixed : 0;
	for (int i = 0; !good && i < PASSES; i++) {
		budget_fill(b, p.limit, p.packed);
		none = b->nwaiting != 0 && b->nupdates == 0;
		if (none)
			break;
		if (make_plan(x, b, &grown, e) == -1)
			return -1;
		good = judge(x, b, &p, grown);
	}
	if (none)
		return too_small(x, b, &p, e);
	return good ? keep_waiting(x, b, e) : unsettled(x, e);
}

int
export_budget(struct export *x, struct err *e)
{
	struct budget b = BUDGET_INIT;
	struct plan plan = x->plan;
	struct pack pack = x->pack;
	int r = -1;

	if (x->budget == 0 || plan.n == 0)
		return 0;
	/* The whole stays here, while its parts are tried. */
	if (budget_open(&b, &plan, &pack, e) == 0 && look(x, &b, e) == 0) {
		pack.plan = &plan;
		x->plan = (struct plan)PLAN_INIT;
		x->pack = (struct pack)PACK_INIT;
		r = choose(x, &b, e);
		pack_free(&pack);
		plan_free(&plan);
	}
	budget_close(&b);
	return r;
}

struct line {
	struct buf class; /* owned */
	struct json j; /* owned */
};

static int
tell_one(struct export *x, const struct export_waiting *w, struct line *l,
    struct err *e)
{
	char id[GUID_LEN + 1], text[512];
	const char *json = NULL;
	struct store_rev r;

	if (store_show_titles(&l->class, x->store, w->row,
		CATEGORY_CLASSIFICATION, e) == -1 ||
	    store_rev(x->store, w->row, &r, e) == -1)
		return -1;
	guid_write(id, &r.id);
	if (x->log->json) {
		json_begin(&l->j);
		json_str(&l->j, "type", "waiting");
		json_str(&l->j, "id", id);
		json_num(&l->j, "revision", r.revision);
		json_str(&l->j, "kb", r.kb);
		json_str(&l->j, "title", r.title);
		json_str(&l->j, "severity", r.severity);
		json_str(&l->j, "classification", (char *)l->class.p);
		json_str(&l->j, "created", r.created);
		json_num(&l->j, "bytes", w->bytes);
		if ((json = json_end(&l->j)) == NULL)
			return err_nomem(e);
	}
	snprintf(text, sizeof(text), "%-10s %s%s %.300s, %s, %s, %s", "waits",
	    r.kb != NULL ? "KB" : "", r.kb != NULL ? r.kb : id,
	    r.title != NULL ? r.title : "",
	    r.severity != NULL ? r.severity : "no severity",
	    l->class.len > 1 ? (char *)l->class.p : "no classification",
	    words_size(w->bytes).s);
	log_data(x->log, text, json);
	return 0;
}

int
export_budget_tell(struct export *x, struct err *e)
{
	struct line l = {.class = BUF_INIT, .j = JSON_INIT};
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->nwaiting; i++)
		r = tell_one(x, &x->waiting[i], &l, e);
	buf_free(&l.class);
	json_free(&l.j);
	if (r == -1 || x->nwaiting == 0)
		return r;
	log_event(x->log, LOG_INFO,
	    x->dest.name[0] != '\0' ? x->dest.name : NULL,
	    "%s, %s, %s for the next transfer",
	    words_count(x->nwaiting, "update").s,
	    words_size(x->waiting_bytes).s,
	    words_pick(x->nwaiting, "waits", "wait"));
	if (x->dest.name[0] == '\0')
		log_event(x->log, LOG_WARN, NULL,
		    "without --destination NAME the next transfer begins with "
		    "the same updates again");
	if (x->too_large != 0)
		log_event(x->log, LOG_WARN, NULL,
		    "%s that %s %s alone more than --budget %s: no transfer of "
		    "that size carries %s",
		    words_count(x->too_large, "update").s,
		    words_pick(x->too_large, "waits", "wait"),
		    words_pick(x->too_large, "takes", "take"), x->o->budget,
		    words_pick(x->too_large, "it", "them"));
	return 0;
}
