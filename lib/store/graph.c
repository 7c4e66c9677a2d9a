/* SPDX-License-Identifier: ISC */
#include "lib/store/graph.h"

#include <inttypes.h>

#include "lib/store/store_db.h"

struct entry {
	struct guid guid;
	uint32_t revision, rev;
};

static uint32_t
bucket(const struct guid *id)
{
	return (uint32_t)id->b[0] << 8 | id->b[1];
}

static int
by_guid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = guid_cmp(&x->guid, &y->guid);

	if (r != 0)
		return r;
	return (x->revision > y->revision) - (x->revision < y->revision);
}

static int
count_revs(struct store *s, uint32_t *n, struct err *e)
{
	struct query q;
	int64_t got = 0;

	if (query_text(&q, s, "SELECT count(*) FROM revision", e) == -1)
		return -1;
	if (query_step(&q, e) == 1)
		got = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	if (e->kind != E_NONE)
		return -1;
	if (got > GRAPH_MAX_REVS)
		return err_set(e, E_LIMIT,
		    "%" PRId64 " revisions, at most %" PRIu32, got,
		    GRAPH_MAX_REVS);
	*n = (uint32_t)got;
	return 0;
}

static int
load_revs(struct graph *g, struct store *s, struct entry *en, uint32_t max,
    struct err *e)
{
	struct graph_rev *rev;
	struct query q;
	int r;

	if (query_open(&q, s, SQL_SCAN_REV, e) == -1)
		return -1;
	while (g->nrevs < max && (r = query_step(&q, e)) == 1) {
		rev = &g->revs[g->nrevs];
		rev->row = sqlite3_column_int64(q.st, 0);
		rev->revision = (uint32_t)sqlite3_column_int64(q.st, 2);
		rev->bytes = (uint32_t)sqlite3_column_int64(q.st, 3);
		rev->type = (uint8_t)sqlite3_column_int(q.st, 4);
		rev->category = (uint8_t)sqlite3_column_int(q.st, 5);
		rev->units = (uint32_t)sqlite3_column_int64(q.st, 6);
		(void)query_get_blob(&q, 1, en[g->nrevs].guid.b, 16);
		en[g->nrevs].revision = rev->revision;
		en[g->nrevs].rev = g->nrevs;
		g->nrevs++;
	}
	query_close(&q);
	return e->kind == E_NONE ? 0 : -1;
}

static void
number_ids(struct graph *g, const struct entry *en)
{
	uint32_t i, b = 0;

	for (i = 0; i < g->nrevs; i++) {
		if (i == 0 || guid_cmp(&en[i].guid, &en[i - 1].guid) != 0) {
			g->ids[g->nids].guid = en[i].guid;
			g->ids[g->nids].first = en[i].rev;
			g->ids[g->nids++].start = i;
		}
		if (en[i].rev < g->ids[g->nids - 1].first)
			g->ids[g->nids - 1].first = en[i].rev;
		g->by_id[i] = en[i].rev;
		g->revs[en[i].rev].id = g->nids - 1;
	}
	g->ids[g->nids].start = g->nrevs;
	for (i = 0; i < g->nids; i++)
		while (b <= bucket(&g->ids[i].guid))
			g->buckets[b++] = i;
	while (b <= GRAPH_BUCKETS)
		g->buckets[b++] = g->nids;
}

int
graph_load(struct graph *g, struct store *s, struct err *e)
{
	struct entry *en = NULL;
	uint32_t n = 0;
	int r = -1;

	*g = (struct graph)GRAPH_INIT;
	if (count_revs(s, &n, e) == -1)
		return -1;
	en = calloc((size_t)n + 1, sizeof(*en));
	g->revs = calloc((size_t)n + 1, sizeof(*g->revs));
	g->ids = calloc((size_t)n + 1, sizeof(*g->ids));
	g->by_id = calloc((size_t)n + 1, sizeof(*g->by_id));
	g->buckets = calloc(GRAPH_BUCKETS + 1, sizeof(*g->buckets));
	if (en == NULL || g->revs == NULL || g->ids == NULL ||
	    g->by_id == NULL || g->buckets == NULL) {
		err_nomem(e);
		goto out;
	}
	if (load_revs(g, s, en, n, e) == -1)
		goto out;
	qsort(en, g->nrevs, sizeof(*en), by_guid);
	number_ids(g, en);
	r = 0;
out:
	free(en);
	if (r == -1)
		graph_free(g);
	return r;
}

void
graph_free(struct graph *g)
{
	free(g->revs);
	free(g->ids);
	free(g->by_id);
	free(g->buckets);
	*g = (struct graph)GRAPH_INIT;
}

uint32_t
graph_find(const struct graph *g, const struct guid *id)
{
	uint32_t b = bucket(id);
	uint32_t lo = g->buckets[b], hi = g->buckets[b + 1], mid;
	int r;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if ((r = guid_cmp(id, &g->ids[mid].guid)) == 0)
			return mid;
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return GRAPH_NONE;
}

uint32_t
graph_find_rev(const struct graph *g, const struct guid *id, uint32_t revision)
{
	uint32_t i = graph_find(g, id), lo, hi, mid, found;

	if (i == GRAPH_NONE)
		return GRAPH_NONE;
	lo = g->ids[i].start;
	hi = g->ids[i + 1].start;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		found = g->revs[g->by_id[mid]].revision;
		if (found == revision)
			return g->by_id[mid];
		if (revision < found)
			hi = mid;
		else
			lo = mid + 1;
	}
	return GRAPH_NONE;
}

uint32_t
graph_newest(const struct graph *g, uint32_t id)
{
	return g->by_id[g->ids[id + 1].start - 1];
}

int
graph_seek(const struct graph *g, uint32_t *at, int64_t row, struct err *e)
{
	while (*at < g->nrevs && g->revs[*at].row < row)
		(*at)++;
	if (*at < g->nrevs && g->revs[*at].row == row)
		return 0;
	return err_set(e, E_FORMAT,
	    "%s: a relation belongs to row %" PRId64 ", which is not there",
	    STORE_DB, row);
}

uint32_t
graph_row(const struct graph *g, int64_t row)
{
	uint32_t lo = 0, hi = g->nrevs;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (g->revs[mid].row < row)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->nrevs && g->revs[lo].row == row ? lo : GRAPH_NONE;
}
