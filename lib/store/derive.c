/* SPDX-License-Identifier: ISC */
/*
 * Products and classifications.  A revision's own are the categories among its
 * prerequisites, in the document's order.  One that has none of a kind takes
 * those of the bundles that contain exactly this revision, bundles in arrival
 * order, each value once; they may have inherited theirs.  Where bundles
 * contain each other, the earliest arrival looks first, and what is not yet
 * known gives nothing.  Categories and detectoids have none.
 */
#include "lib/store/derive.h"

#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/store_db.h"

#define MAX_VALUES ((size_t)64 << 20) /* of one kind, of all revisions */

/* The bundles' edges: by parent as they are read, by child after. */
struct edges {
	struct nums parents, children; /* one of each for an edge */
	uint32_t *by_child, *by_parent; /* owned; starts, nrevs + 1 */
	uint32_t *up; /* owned; parents, by child, in arrival order */
	uint32_t *pending; /* owned; parents not yet known */
	uint32_t *stamp; /* owned; of each id: last list it was put into */
	uint32_t lists; /* how many were made */
	bool *known; /* owned */
};

static void
classify(struct derive *d)
{
	const struct graph_rev *r;
	uint32_t i;

	for (i = 0; i < d->g.nids; i++) {
		r = &d->g.revs[graph_newest(&d->g, i)];
		d->kind[i] = DERIVE_KINDS;
		if (r->type != UPDATE_CATEGORY)
			continue;
		if (r->category == CATEGORY_CLASSIFICATION)
			d->kind[i] = DERIVE_CLASS;
		else if (r->category == CATEGORY_PRODUCT)
			d->kind[i] = DERIVE_PRODUCT;
	}
}

static bool
filed(const struct derive *d, uint32_t rev)
{
	return d->g.revs[rev].type != UPDATE_CATEGORY &&
	    d->g.revs[rev].type != UPDATE_DETECTOID;
}

static int
want_id(struct derive *d, const struct guid *id, uint32_t revision,
    uint32_t rev, struct err *e)
{
	if (grow(&d->missing, &d->cap_missing, d->nmissing, sizeof(*d->missing),
		e) == -1)
		return -1;
	d->missing[d->nmissing++] = (struct derive_missing){
	    .id = *id, .revision = revision, .rev = rev};
	return 0;
}

static int
lack(struct derive *d, const struct derive_lack *l, struct err *e)
{
	if (grow(&d->lacks, &d->cap_lacks, d->nlacks, sizeof(*l), e) == -1)
		return -1;
	d->lacks[d->nlacks++] = *l;
	return 0;
}

/* Adds a value to the list of rev, which is the last list of its kind. */
static int
file_under(struct derive *d, struct edges *x, uint32_t list, unsigned kind,
    uint32_t rev, uint32_t id, struct err *e)
{
	struct derive_span *sp = &d->spans[kind][rev];

	if (x->stamp[id] == list)
		return 0;
	x->stamp[id] = list;
	if (d->values[kind].n == MAX_VALUES)
		return err_set(e, E_LIMIT,
		    "more than %zu products or classifications in all",
		    MAX_VALUES);
	if (sp->n == 0)
		sp->at = (uint32_t)d->values[kind].n;
	sp->n++;
	return nums_add(&d->values[kind], id, e);
}

/* A plain prerequisite, or alternatives; open: there is one. */
struct clause {
	struct derive_lack first;
	uint32_t grp;
	bool open, met;
};

static int
end_clause(struct derive *d, struct clause *c, struct err *e)
{
	return c->open && !c->met ? lack(d, &c->first, e) : 0;
}

/* The row that q stands on belongs to the clause before, or begins one. */
static int
see_clause(struct derive *d, struct clause *c, struct query *q, uint32_t rev,
    bool held, struct err *e)
{
	uint32_t grp = (uint32_t)sqlite3_column_int64(q->st, 1);
	bool any = sqlite3_column_int(q->st, 2) != 0;

	if (!c->open || !any || !c->first.any || c->grp != grp ||
	    c->first.rev != rev) {
		if (end_clause(d, c, e) == -1)
			return -1;
		*c = (struct clause){.open = true,
		    .grp = grp,
		    .first = {.rev = rev,
			.n = (uint32_t)sqlite3_column_int64(q->st, 4),
			.any = any}};
		(void)query_get_blob(q, 3, c->first.id.b, sizeof(struct guid));
	}
	c->met |= held;
	return 0;
}

static int
see_prereq(struct derive *d, struct edges *x, struct clause *c, struct query *q,
    uint32_t rev, struct err *e)
{
	struct guid guid;
	uint32_t id;

	(void)query_get_blob(q, 3, guid.b, sizeof(guid.b));
	id = graph_find(&d->g, &guid);
	if (see_clause(d, c, q, rev, id != GRAPH_NONE, e) == -1)
		return -1;
	if (id == GRAPH_NONE)
		return want_id(d, &guid, 0, rev, e);
	if (d->kind[id] == DERIVE_KINDS || !filed(d, rev))
		return 0;
	return file_under(d, x, rev + 1, d->kind[id], rev, id, e);
}

static int
read_prereqs(struct derive *d, struct store *s, struct edges *x, struct err *e)
{
	struct clause clause = {.open = false};
	uint32_t rev = 0;
	struct query q;
	int r = query_open(&q, s, SQL_SCAN_PREREQ, e);

	while (query_each(&q, &r, e)) {
		r = graph_seek(&d->g, &rev, sqlite3_column_int64(q.st, 0), e);
		if (r == 0)
			r = see_prereq(d, x, &clause, &q, rev, e);
	}
	return r == 0 ? end_clause(d, &clause, e) : r;
}

static int
see_bundled(struct derive *d, struct edges *x, struct query *q, uint32_t rev,
    struct err *e)
{
	struct derive_lack l = {.rev = rev,
	    .revision = (uint32_t)sqlite3_column_int64(q->st, 2),
	    .n = (uint32_t)sqlite3_column_int64(q->st, 3),
	    .bundled = true};
	uint32_t child;

	(void)query_get_blob(q, 1, l.id.b, sizeof(l.id.b));
	child = graph_find_rev(&d->g, &l.id, l.revision);
	if (child == GRAPH_NONE)
		return want_id(d, &l.id, l.revision, rev, e) == -1
		    ? -1
		    : lack(d, &l, e);
	return nums_add(&x->parents, rev, e) == -1
	    ? -1
	    : nums_add(&x->children, child, e);
}

static int
read_bundles(struct derive *d, struct store *s, struct edges *x, struct err *e)
{
	uint32_t rev = 0;
	struct query q;
	int r = query_open(&q, s, SQL_SCAN_BUNDLE, e);

	while (query_each(&q, &r, e)) {
		r = graph_seek(&d->g, &rev, sqlite3_column_int64(q.st, 0), e);
		if (r == 0)
			r = see_bundled(d, x, &q, rev, e);
	}
	return r;
}

/* Starts of parts out of one index for each edge: counts, then sums. */
static void
starts(uint32_t *to, uint32_t n, const struct nums *index)
{
	size_t i;

	for (i = 0; i < index->n; i++)
		to[index->v[i] + 1]++;
	for (i = 0; i < n; i++)
		to[i + 1] += to[i];
}

static int
index_edges(struct edges *x, uint32_t n, struct err *e)
{
	size_t i;
	uint32_t c;

	x->by_child = calloc((size_t)n + 1, sizeof(uint32_t));
	x->by_parent = calloc((size_t)n + 1, sizeof(uint32_t));
	x->pending = calloc((size_t)n + 1, sizeof(uint32_t));
	x->up = calloc(x->parents.n + 1, sizeof(uint32_t));
	x->known = calloc((size_t)n + 1, sizeof(bool));
	if (x->by_child == NULL || x->by_parent == NULL || x->pending == NULL ||
	    x->up == NULL || x->known == NULL)
		return err_nomem(e);
	starts(x->by_child, n, &x->children);
	starts(x->by_parent, n, &x->parents);
	for (i = 0; i < x->children.n; i++) {
		c = x->children.v[i];
		x->up[x->by_child[c] + x->pending[c]++] = x->parents.v[i];
	}
	return 0;
}

static int
inherit(struct derive *d, struct edges *x, uint32_t rev, struct err *e)
{
	const struct derive_span *from;
	uint32_t i, j, list, up;
	unsigned k;

	for (k = 0; k < DERIVE_KINDS && filed(d, rev); k++) {
		if (d->spans[k][rev].n > 0)
			continue;
		list = d->g.nrevs + ++x->lists;
		for (i = x->by_child[rev]; i < x->by_child[rev + 1]; i++) {
			up = x->up[i];
			from = &d->spans[k][up];
			for (j = 0; x->known[up] && j < from->n; j++)
				if (file_under(d, x, list, k, rev,
					d->values[k].v[from->at + j], e) == -1)
					return -1;
		}
	}
	x->known[rev] = true;
	return 0;
}

/* Rev is known: so may those be that it contains; they are put on the stack. */
static int
release(const struct edges *x, uint32_t rev, struct nums *ready, struct err *e)
{
	uint32_t i, c;

	for (i = x->by_parent[rev]; i < x->by_parent[rev + 1]; i++) {
		c = x->children.v[i];
		if (--x->pending[c] == 0 && !x->known[c] &&
		    nums_add(ready, c, e) == -1)
			return -1;
	}
	return 0;
}

static int
settle_rev(struct derive *d, struct edges *x, uint32_t rev, struct nums *ready,
    struct err *e)
{
	if (inherit(d, x, rev, e) == -1 || release(x, rev, ready, e) == -1)
		return -1;
	while (ready->n > 0) {
		rev = ready->v[--ready->n];
		if (inherit(d, x, rev, e) == -1 ||
		    release(x, rev, ready, e) == -1)
			return -1;
	}
	return 0;
}

static int
inherit_all(struct derive *d, struct edges *x, struct err *e)
{
	struct nums ready = {.v = NULL};
	uint32_t i;
	int r = -1;

	for (i = 0; i < d->g.nrevs; i++)
		if (!x->known[i] && x->pending[i] == 0 &&
		    settle_rev(d, x, i, &ready, e) == -1)
			goto out;
	for (i = 0; i < d->g.nrevs; i++) /* bundles that contain each other */
		if (!x->known[i] && settle_rev(d, x, i, &ready, e) == -1)
			goto out;
	r = 0;
out:
	nums_free(&ready);
	return r;
}

static int
by_id(const void *a, const void *b)
{
	const struct derive_missing *x = a, *y = b;
	int r = guid_cmp(&x->id, &y->id);

	if (r == 0)
		r = (x->revision > y->revision) - (x->revision < y->revision);
	if (r == 0)
		r = (x->rev > y->rev) - (x->rev < y->rev);
	return r;
}

/* One entry for each thing missed, with the number of those that want it. */
static void
count_missing(struct derive *d)
{
	struct derive_missing *m = d->missing;
	uint32_t last = GRAPH_NONE;
	size_t i, n = 0;

	sort_up(m, d->nmissing, sizeof(*m), by_id);
	for (i = 0; i < d->nmissing; i++) {
		if (n > 0 && guid_cmp(&m[n - 1].id, &m[i].id) == 0 &&
		    m[n - 1].revision == m[i].revision) {
			m[n - 1].rev += m[i].rev != last;
			last = m[i].rev;
			continue;
		}
		last = m[i].rev;
		m[n] = m[i];
		m[n++].rev = 1;
	}
	d->nmissing = n;
}

static void
edges_free(struct edges *x)
{
	nums_free(&x->parents);
	nums_free(&x->children);
	free(x->by_child);
	free(x->by_parent);
	free(x->up);
	free(x->pending);
	free(x->stamp);
	free(x->known);
}

int
derive_compute(struct derive *d, struct store *s, struct err *e)
{
	struct edges x = {.lists = 0};
	size_t n;
	int r = -1;

	if (graph_load(&d->g, s, e) == -1)
		return -1;
	n = (size_t)d->g.nrevs + 1;
	d->kind = calloc(n, sizeof(*d->kind));
	d->spans[DERIVE_CLASS] = calloc(n, sizeof(struct derive_span));
	d->spans[DERIVE_PRODUCT] = calloc(n, sizeof(struct derive_span));
	x.stamp = calloc(n, sizeof(*x.stamp));
	if (d->kind == NULL || d->spans[DERIVE_CLASS] == NULL ||
	    d->spans[DERIVE_PRODUCT] == NULL || x.stamp == NULL) {
		err_nomem(e);
		goto out;
	}
	classify(d);
	if (read_prereqs(d, s, &x, e) == -1 ||
	    read_bundles(d, s, &x, e) == -1 ||
	    index_edges(&x, d->g.nrevs, e) == -1 || inherit_all(d, &x, e) == -1)
		goto out;
	count_missing(d);
	r = 0;
out:
	edges_free(&x);
	return r;
}

void
derive_free(struct derive *d)
{
	unsigned k;

	graph_free(&d->g);
	free(d->kind);
	free(d->missing);
	free(d->lacks);
	for (k = 0; k < DERIVE_KINDS; k++) {
		nums_free(&d->values[k]);
		free(d->spans[k]);
	}
	*d = (struct derive){.kind = NULL};
}
