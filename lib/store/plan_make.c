/* SPDX-License-Identifier: ISC */
#include "lib/store/plan.h"

#include "lib/base/sort.h"
#include "lib/store/plan_priv.h"
#include "lib/store/store_db.h"

/* What stands at that place of the revision's relations. */
static int
read_cause(struct work *w, struct store *s, uint32_t rev, struct plan_left *l,
    struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, l->bundled ? SQL_BUNDLE_AT : SQL_PREREQ_AT, e) ==
	    -1)
		return -1;
	query_int(&q, l->row);
	query_int(&q, w->why[rev] & WHY_AT);
	if ((r = query_step(&q, e)) == 1) {
		(void)query_get_blob(&q, 0, l->needs.b, sizeof(l->needs.b));
		if (l->bundled)
			l->needs_revision = (uint32_t)sqlite3_column_int64(
			    q.st, 1);
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}

/* Is one of the alternatives that begin there held? */
static bool
some_held(const struct work *w, uint32_t rev, uint32_t at)
{
	do {
		if (need_id(w, at++) != GRAPH_NONE)
			return true;
	} while (at < w->need_at[rev + 1] && (w->needs.v[at] & NEED_NEW) == 0);
	return false;
}

static int
explain(struct work *w, struct store *s, uint32_t rev, struct plan_left *l,
    struct err *e)
{
	const struct graph_rev *r = &w->g.revs[rev];
	uint32_t at = w->need_at[rev] + (w->why[rev] & WHY_AT);

	*l = (struct plan_left){.row = r->row,
	    .id = w->g.ids[r->id].guid,
	    .revision = r->revision,
	    .bundled = (w->why[rev] & WHY_BUNDLE) != 0};
	if (read_cause(w, s, rev, l, e) == -1)
		return -1;
	if (l->bundled) {
		l->held = graph_find_rev(&w->g, &l->needs, l->needs_revision) !=
		    GRAPH_NONE;
	} else {
		l->any = (w->needs.v[at] & NEED_ANY) != 0;
		l->held = some_held(w, rev, at);
	}
	return 0;
}

static int
report(struct plan *p, struct work *w, struct store *s,
    int (*left_out)(void *arg, const struct plan_left *l, struct err *e),
    void *arg, struct err *e)
{
	struct plan_left l;
	uint32_t rev;

	for (rev = 0; rev < w->g.nrevs; rev++) {
		if (w->why[rev] == GRAPH_NONE)
			continue;
		p->left_out++;
		if (left_out != NULL &&
		    (explain(w, s, rev, &l, e) == -1 ||
			left_out(arg, &l, e) == -1))
			return -1;
	}
	return 0;
}

/* What item k needs and has behind it, each once. */
static int
add_edges(struct work *w, uint32_t k, uint32_t *stamp, struct nums *edges,
    struct err *e)
{
	uint32_t rev = w->order.v[k], i, to, id;
	uint32_t nneeds = w->need_at[rev + 1] - w->need_at[rev];
	uint32_t nparts = w->part_at[rev + 1] - w->part_at[rev];

	for (i = 0; i < nneeds + nparts; i++) {
		if (i < nneeds) {
			id = need_id(w, w->need_at[rev] + i);
			to = id != GRAPH_NONE ? w->first[id] : GRAPH_NONE;
		} else {
			to = w->pos[w->parts.v[w->part_at[rev] + i - nneeds]];
		}
		/* Later ones: alternatives given up to open a circle. */
		if (to >= k || stamp[to] == k + 1)
			continue;
		stamp[to] = k + 1;
		if (nums_add(edges, to, e) == -1)
			return -1;
	}
	return 0;
}

static int
fill_plan(struct plan *p, struct work *w, struct err *e)
{
	struct nums edges = {.v = NULL};
	const struct graph_rev *r;
	uint32_t *stamp = NULL;
	int result = -1;
	uint32_t k;

	p->n = w->order.n;
	p->items = calloc(p->n + 1, sizeof(*p->items));
	stamp = calloc(p->n + 1, sizeof(*stamp));
	if (p->items == NULL || stamp == NULL) {
		err_nomem(e);
		goto out;
	}
	for (k = 0; k < p->n; k++) {
		r = &w->g.revs[w->order.v[k]];
		p->items[k] = (struct plan_item){.row = r->row,
		    .id = w->g.ids[r->id].guid,
		    .revision = r->revision,
		    .units = r->units,
		    .bytes = r->bytes,
		    .edge = (uint32_t)edges.n};
		if (add_edges(w, k, stamp, &edges, e) == -1)
			goto out;
		p->items[k].nedges = (uint32_t)edges.n - p->items[k].edge;
	}
	p->edges = edges.v;
	p->nedges = edges.n;
	edges.v = NULL;
	result = 0;
out:
	nums_free(&edges);
	free(stamp);
	return result;
}

int
plan_make(struct plan *p, struct store *s, const struct selection *sel,
    int (*left_out)(void *arg, const struct plan_left *l, struct err *e),
    void *arg, struct err *e)
{
	struct work w = {.ncycles = 0};
	int r = -1;

	*p = (struct plan)PLAN_INIT;
	if (plan_load(&w, s, e) == -1 || plan_close(&w, s, sel, e) == -1 ||
	    report(p, &w, s, left_out, arg, e) == -1 ||
	    plan_order(&w, e) == -1 || fill_plan(p, &w, e) == -1)
		goto out;
	r = 0;
out:
	plan_work_free(&w);
	if (r == -1)
		plan_free(p);
	return r;
}

void
plan_free(struct plan *p)
{
	free(p->items);
	free(p->edges);
	*p = (struct plan)PLAN_INIT;
}

/*
 * The canonical text: "all-revisions" or "newest-revisions", then "everything"
 * or "update ID" for each id in order, once; every line ends in LF.
 */
int
plan_digest(const struct selection *sel, uint8_t out[SHA256_LEN], struct err *e)
{
	struct buf b = BUF_INIT;
	struct guid *ids = NULL;
	char text[GUID_LEN + 1];
	struct digest d;
	int r = -1;
	size_t i;

	if (buf_puts(&b,
		sel->all_revisions ? "all-revisions\n" : "newest-revisions\n",
		e) == -1 ||
	    (sel->n == 0 && buf_puts(&b, "everything\n", e) == -1))
		goto out;
	if ((ids = calloc(sel->n + 1, sizeof(*ids))) == NULL) {
		err_nomem(e);
		goto out;
	}
	if (sel->n > 0)
		memcpy(ids, sel->ids, sel->n * sizeof(*ids));
	sort_up(ids, sel->n, sizeof(*ids), sort_by_guid);
	for (i = 0; i < sel->n; i++) {
		guid_write(text, &ids[i]);
		if ((i == 0 || guid_cmp(&ids[i], &ids[i - 1]) != 0) &&
		    buf_printf(&b, e, "update %s\n", text) == -1)
			goto out;
	}
	if (digest_mem(DIGEST_SHA256, b.p, b.len, &d, e) == -1)
		goto out;
	memcpy(out, d.sha256, SHA256_LEN);
	r = 0;
out:
	free(ids);
	buf_free(&b);
	return r;
}
