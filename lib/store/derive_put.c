/* SPDX-License-Identifier: ISC */
/*
 * What was derived, compared with the tables; only what differs is written, so
 * that an import of nothing new writes nothing.
 */
#include "lib/store/derive.h"

#include "lib/store/shown.h"
#include "lib/store/store_db.h"

static const enum category_type kinds[DERIVE_KINDS] = {
    [DERIVE_CLASS] = CATEGORY_CLASSIFICATION,
    [DERIVE_PRODUCT] = CATEGORY_PRODUCT,
};

/* A category stands in the table as the row of the first of its revisions. */
static int64_t
category_row(const struct graph *g, uint32_t id)
{
	return g->revs[g->ids[id].first].row;
}

/* A walk over the table beside the walk over the revisions. */
struct old {
	struct query q;
	int more; /* what query_step() said */
};

static int
same_kind(struct derive *d, struct old *o, unsigned k, uint32_t rev, bool *same,
    struct err *e)
{
	const struct derive_span *sp = &d->spans[k][rev];
	int64_t row = d->g.revs[rev].row;
	uint32_t n = 0;

	while (o->more == 1 && sqlite3_column_int64(o->q.st, 0) == row &&
	    sqlite3_column_int(o->q.st, 1) == (int)kinds[k]) {
		if (n >= sp->n ||
		    sqlite3_column_int64(o->q.st, 2) !=
			category_row(&d->g, d->values[k].v[sp->at + n]))
			*same = false;
		n++;
		o->more = query_step(&o->q, e);
	}
	if (n != sp->n)
		*same = false;
	return o->more == -1 ? -1 : 0;
}

int
derive_changed(
    struct derive *d, struct store *s, struct nums *changed, struct err *e)
{
	struct old o;
	uint32_t i;
	int r = -1;

	if (query_open(&o.q, s, SQL_SCAN_CATEGORY, e) == -1)
		return -1;
	if ((o.more = query_step(&o.q, e)) == -1)
		goto out;
	for (i = 0; i < d->g.nrevs; i++) {
		int64_t row = d->g.revs[i].row;
		bool same = true;

		if (same_kind(d, &o, DERIVE_CLASS, i, &same, e) == -1 ||
		    same_kind(d, &o, DERIVE_PRODUCT, i, &same, e) == -1)
			goto out;
		/* Rows of another kind, or out of place: a damaged table. */
		while (o.more == 1 && sqlite3_column_int64(o.q.st, 0) <= row) {
			same = false;
			if ((o.more = query_step(&o.q, e)) == -1)
				goto out;
		}
		if (!same && nums_add(changed, i, e) == -1)
			goto out;
	}
	r = 0;
out:
	query_close(&o.q);
	return r;
}

static int
put_kind(
    struct derive *d, struct store *s, unsigned k, uint32_t rev, struct err *e)
{
	const struct derive_span *sp = &d->spans[k][rev];
	struct query q;
	uint32_t n;

	for (n = 0; n < sp->n; n++) {
		if (query_open(&q, s, SQL_PUT_CATEGORY, e) == -1)
			return -1;
		query_int(&q, d->g.revs[rev].row);
		query_int(&q, kinds[k]);
		query_int(&q, n);
		query_int(&q, category_row(&d->g, d->values[k].v[sp->at + n]));
		if (query_done(&q, e) == -1)
			return -1;
	}
	return 0;
}

static int
put_changed(struct derive *d, struct store *s, const struct nums *changed,
    struct err *e)
{
	struct query q;
	size_t i;

	for (i = 0; i < changed->n; i++) {
		uint32_t rev = changed->v[i];

		if (query_open(&q, s, SQL_DEL_CATEGORY, e) == -1)
			return -1;
		query_int(&q, d->g.revs[rev].row);
		if (query_done(&q, e) == -1 ||
		    put_kind(d, s, DERIVE_CLASS, rev, e) == -1 ||
		    put_kind(d, s, DERIVE_PRODUCT, rev, e) == -1)
			return -1;
	}
	return 0;
}

int
derive_same_missing(struct derive *d, struct store *s, struct err *e)
{
	const struct derive_missing *m;
	struct guid id;
	struct query q;
	size_t n = 0;
	int r;

	if (query_open(&q, s, SQL_EACH_MISSING, e) == -1)
		return -1;
	while ((r = query_step(&q, e)) == 1) {
		m = n < d->nmissing ? &d->missing[n] : NULL;
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		if (m == NULL || guid_cmp(&id, &m->id) != 0 ||
		    sqlite3_column_int64(q.st, 1) != m->revision ||
		    sqlite3_column_int64(q.st, 2) != m->rev)
			break;
		n++;
	}
	query_close(&q);
	if (r == -1)
		return -1;
	return r == 0 && n == d->nmissing;
}

static int
put_missing(struct derive *d, struct store *s, struct err *e)
{
	struct query q;
	size_t i;
	int r;

	if ((r = derive_same_missing(d, s, e)) != 0)
		return r == 1 ? 0 : -1;
	if (query_open(&q, s, SQL_CLEAR_MISSING, e) == -1 ||
	    query_done(&q, e) == -1)
		return -1;
	for (i = 0; i < d->nmissing; i++) {
		if (query_open(&q, s, SQL_PUT_MISSING, e) == -1)
			return -1;
		query_blob(&q, d->missing[i].id.b, sizeof(struct guid));
		query_int(&q, d->missing[i].revision);
		query_int(&q, d->missing[i].rev);
		if (query_done(&q, e) == -1)
			return -1;
	}
	return 0;
}

int
derive_same_lacking(struct derive *d, struct store *s, struct err *e)
{
	const struct derive_lack *l;
	struct guid id;
	struct query q;
	size_t n = 0;
	int r;

	if (query_open(&q, s, SQL_SCAN_LACKING, e) == -1)
		return -1;
	while ((r = query_step(&q, e)) == 1 && n < d->nlacks) {
		l = &d->lacks[n];
		(void)query_get_blob(&q, 4, id.b, sizeof(id.b));
		if (sqlite3_column_int64(q.st, 0) != l->bundled ||
		    sqlite3_column_int64(q.st, 1) != d->g.revs[l->rev].row ||
		    sqlite3_column_int64(q.st, 2) != l->n ||
		    sqlite3_column_int64(q.st, 3) != l->any ||
		    guid_cmp(&id, &l->id) != 0 ||
		    sqlite3_column_int64(q.st, 5) != l->revision)
			break;
		n++;
	}
	query_close(&q);
	if (r == -1)
		return -1;
	return r == 0 && n == d->nlacks;
}

static int
put_lacking(struct derive *d, struct store *s, struct err *e)
{
	const struct derive_lack *l;
	struct query q;
	size_t i;
	int r;

	if ((r = derive_same_lacking(d, s, e)) != 0)
		return r == 1 ? 0 : -1;
	if (query_open(&q, s, SQL_CLEAR_LACKING, e) == -1 ||
	    query_done(&q, e) == -1)
		return -1;
	for (i = 0; i < d->nlacks; i++) {
		l = &d->lacks[i];
		if (query_open(&q, s, SQL_PUT_LACKING, e) == -1)
			return -1;
		query_int(&q, l->bundled);
		query_int(&q, d->g.revs[l->rev].row);
		query_int(&q, l->n);
		query_int(&q, l->any);
		query_blob(&q, l->id.b, sizeof(l->id.b));
		query_int(&q, l->revision);
		if (query_done(&q, e) == -1)
			return -1;
	}
	return 0;
}

int
derive_all(struct store *s, struct err *e)
{
	struct derive d = {.kind = NULL};
	struct nums changed = {.v = NULL};
	int r = -1;

	if (derive_compute(&d, s, e) == -1 ||
	    derive_changed(&d, s, &changed, e) == -1 ||
	    put_changed(&d, s, &changed, e) == -1 ||
	    put_missing(&d, s, e) == -1 || put_lacking(&d, s, e) == -1 ||
	    shown_put(s, &d.g, e) == -1 || sync_sweep(s, e) == -1)
		goto out;
	r = 0;
out:
	nums_free(&changed);
	derive_free(&d);
	return r;
}
