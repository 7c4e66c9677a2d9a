/* SPDX-License-Identifier: ISC */
#include "lib/store/shown.h"

#include "lib/base/sort.h"
#include "lib/store/check.h"
#include "lib/store/graph.h"
#include "lib/store/store_db.h"

#define SHOWN_SINCE 5 /* the schema that has the table */

enum { NEWEST = 1, SUPERSEDED = 2, INNER = 4 };

/* Numbers for each revision: those of rev begin at at[rev]. */
struct lists {
	uint32_t *at; /* owned; nrevs + 1 */
	struct nums v;
};

struct shown {
	const struct graph *g; /* borrowed */
	uint8_t *flags; /* owned; of each revision */
	struct lists files, parts; /* rows of files; revisions */
	/* What is beneath one. */
	uint32_t *stamp; /* owned; of each revision: the last walk to it */
	uint32_t walks; /* how many there were */
	struct nums todo, under;
	struct buf packed;
};

void
shown_mark(struct store *s)
{
	s->stale = !s->nothing;
}

static int
add_file(struct shown *x, struct query *q, struct err *e)
{
	int64_t row = sqlite3_column_int64(q->st, 1);

	if (row < 0 || row > UINT32_MAX)
		return err_set(e, E_FORMAT,
		    "%s: the row of a file is out of range", STORE_DB);
	return nums_add(&x->files.v, (uint32_t)row, e);
}

static int
add_part(struct shown *x, struct query *q, struct err *e)
{
	struct guid id;
	uint32_t part;

	(void)query_get_blob(q, 1, id.b, sizeof(id.b));
	part = graph_find_rev(
	    x->g, &id, (uint32_t)sqlite3_column_int64(q->st, 2));
	if (part == GRAPH_NONE)
		return 0;
	x->flags[part] |= INNER;
	return nums_add(&x->parts.v, part, e);
}

/* Rows in the order of the revisions that they begin with. */
static int
load_lists(struct shown *x, struct store *s, struct lists *l, enum store_sql id,
    int (*add)(struct shown *x, struct query *q, struct err *e), struct err *e)
{
	uint32_t rev = 0, i, n = x->g->nrevs;
	struct query q;
	int r;

	if ((l->at = calloc((size_t)n + 1, sizeof(*l->at))) == NULL)
		return err_nomem(e);
	r = query_open(&q, s, id, e);
	while (query_each(&q, &r, e)) {
		r = graph_seek(x->g, &rev, sqlite3_column_int64(q.st, 0), e);
		if (r == 0 && (r = add(x, &q, e)) == 0)
			l->at[rev + 1] = (uint32_t)l->v.n;
	}
	for (i = 0; i < n; i++)
		if (l->at[i + 1] < l->at[i])
			l->at[i + 1] = l->at[i];
	return r;
}

static int
load_superseded(struct shown *x, struct store *s, struct err *e)
{
	const struct graph *g = x->g;
	uint32_t rev = 0, old;
	struct guid id;
	struct query q;
	int r = query_open(&q, s, SQL_SCAN_SUPERSEDED, e);

	while (query_each(&q, &r, e)) {
		r = graph_seek(g, &rev, sqlite3_column_int64(q.st, 0), e);
		(void)query_get_blob(&q, 1, id.b, sizeof(id.b));
		if (r == -1 || (x->flags[rev] & NEWEST) == 0 ||
		    (old = graph_find(g, &id)) == GRAPH_NONE ||
		    old == g->revs[rev].id)
			continue;
		x->flags[graph_newest(g, old)] |= SUPERSEDED;
	}
	return r;
}

static int
shown_load(
    struct shown *x, struct store *s, const struct graph *g, struct err *e)
{
	size_t n = (size_t)g->nrevs + 1;
	uint32_t i;

	*x = (struct shown){.g = g, .packed = BUF_INIT};
	x->flags = calloc(n, sizeof(*x->flags));
	x->stamp = calloc(n, sizeof(*x->stamp));
	if (x->flags == NULL || x->stamp == NULL)
		return err_nomem(e);
	for (i = 0; i < g->nids; i++)
		x->flags[graph_newest(g, i)] |= NEWEST;
	if (load_superseded(x, s, e) == -1 ||
	    load_lists(x, s, &x->files, SQL_SCAN_REV_FILE, add_file, e) == -1)
		return -1;
	return load_lists(x, s, &x->parts, SQL_SCAN_BUNDLE, add_part, e);
}

static void
shown_free(struct shown *x)
{
	free(x->flags);
	free(x->stamp);
	free(x->files.at);
	nums_free(&x->files.v);
	free(x->parts.at);
	nums_free(&x->parts.v);
	nums_free(&x->todo);
	nums_free(&x->under);
	buf_free(&x->packed);
}

static bool
is_shown(const struct shown *x, uint32_t rev)
{
	uint8_t type = x->g->revs[rev].type;

	return (x->flags[rev] & NEWEST) != 0 &&
	    (type == UPDATE_SOFTWARE || type == UPDATE_DRIVER);
}

static int
visit(struct shown *x, uint32_t rev, struct err *e)
{
	if (x->stamp[rev] == x->walks)
		return 0;
	x->stamp[rev] = x->walks;
	return nums_add(&x->todo, rev, e);
}

/* 1 all beneath rev stands in under; 0 it is too much; -1. */
static int
walk(struct shown *x, uint32_t rev, struct err *e)
{
	uint32_t i, part, parts = 0;

	x->todo.n = x->under.n = 0;
	x->walks++;
	if (visit(x, rev, e) == -1)
		return -1;
	while (x->todo.n > 0) {
		part = x->todo.v[--x->todo.n];
		if (++parts > SHOWN_PARTS_MAX)
			return 0;
		for (i = x->files.at[part]; i < x->files.at[part + 1]; i++)
			if (nums_add(&x->under, x->files.v.v[i], e) == -1)
				return -1;
		for (i = x->parts.at[part]; i < x->parts.at[part + 1]; i++)
			if (visit(x, x->parts.v.v[i], e) == -1)
				return -1;
	}
	return 1;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The column of rev, in packed: each number less the one before it, seven bits
   a byte, the low ones first.  1, 0 where it is null, -1. */
static int
pack_files(struct shown *x, uint32_t rev, struct err *e)
{
	uint32_t left, last = 0;
	uint8_t b[5];
	size_t i, n, k;
	int r = walk(x, rev, e);

	buf_reset(&x->packed);
	if (r != 1)
		return r;
	n = sort_unique(x->under.v, x->under.n, sizeof(*x->under.v), by_number);
	if (n > SHOWN_FILES_MAX)
		return 0;
	for (i = 0; i < n; i++) {
		left = x->under.v[i] - last;
		last = x->under.v[i];
		for (k = 0; left > 0x7f; left >>= 7)
			b[k++] = (uint8_t)(0x80 | left);
		b[k++] = (uint8_t)left;
		if (buf_put(&x->packed, b, k, e) == -1)
			return -1;
	}
	return 1;
}

int
shown_files(struct nums *to, const void *files, size_t len, struct err *e)
{
	const uint8_t *p = files;
	uint64_t row = 0, v;
	unsigned shift;
	size_t i = 0;

	to->n = 0;
	while (i < len) {
		for (v = shift = 0; i < len && p[i] > 0x7f && shift < 28;
		     shift += 7)
			v |= (uint64_t)(p[i++] & 0x7f) << shift;
		if (i == len || p[i] > 0x7f ||
		    (row += v | (uint64_t)p[i++] << shift) > UINT32_MAX)
			return err_set(e, E_FORMAT,
			    "%s: the files of an update that lists show are "
			    "damaged",
			    STORE_DB);
		if (nums_add(to, (uint32_t)row, e) == -1)
			return -1;
	}
	return 0;
}

/* Does the row that q stands on say of rev what follows?  1 0 -1 */
static int
same_row(struct shown *x, struct query *q, uint32_t rev, struct err *e)
{
	uint8_t flags = x->flags[rev];
	size_t len = (size_t)sqlite3_column_bytes(q->st, 3);
	int r;

	if (!is_shown(x, rev) ||
	    sqlite3_column_int64(q->st, 1) != ((flags & SUPERSEDED) != 0) ||
	    sqlite3_column_int(q->st, 2) != ((flags & INNER) != 0))
		return 0;
	if ((r = pack_files(x, rev, e)) == -1)
		return -1;
	if (r == 0 || sqlite3_column_type(q->st, 3) != SQLITE_BLOB)
		return r == 0 && sqlite3_column_type(q->st, 3) == SQLITE_NULL;
	return len == x->packed.len &&
	    (len == 0 ||
		memcmp(sqlite3_column_blob(q->st, 3), x->packed.p, len) == 0);
}

/* The table beside the revisions: those of which it says something else, and
   how many rows belong to none. */
static int
find_changed(struct shown *x, struct store *s, struct nums *changed,
    unsigned *strays, struct err *e)
{
	uint32_t rev = 0, n = x->g->nrevs;
	struct query q;
	int64_t row;
	int r = query_open(&q, s, SQL_SCAN_SHOWN, e), same;

	*strays = 0;
	while (query_each(&q, &r, e)) {
		row = sqlite3_column_int64(q.st, 0);
		for (r = 0; r == 0 && rev < n && x->g->revs[rev].row < row;
		     rev++)
			if (is_shown(x, rev))
				r = nums_add(changed, rev, e);
		if (r == -1)
			continue;
		if (rev == n || x->g->revs[rev].row != row) {
			++*strays;
			continue;
		}
		if ((same = same_row(x, &q, rev, e)) == 0)
			r = nums_add(changed, rev, e);
		else
			r = same == -1 ? -1 : 0;
		rev++;
	}
	for (; r == 0 && rev < n; rev++)
		if (is_shown(x, rev))
			r = nums_add(changed, rev, e);
	return r;
}

static int
drop_row(struct store *s, int64_t row, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_DROP_SHOWN, e) == -1)
		return -1;
	query_int(&q, row);
	return query_done(&q, e);
}

static int
put_row(struct shown *x, struct store *s, uint32_t rev, struct err *e)
{
	int64_t row = x->g->revs[rev].row;
	struct query q;
	int kept;

	if (drop_row(s, row, e) == -1)
		return -1;
	if (!is_shown(x, rev))
		return 0;
	if ((kept = pack_files(x, rev, e)) == -1 ||
	    query_open(&q, s, SQL_PUT_SHOWN, e) == -1)
		return -1;
	query_int(&q, row);
	query_int(&q, (x->flags[rev] & SUPERSEDED) != 0);
	query_int(&q, (x->flags[rev] & INNER) != 0);
	if (kept == 0)
		query_null(&q);
	else
		query_blob(&q,
		    x->packed.len > 0 ? x->packed.p : (const uint8_t *)"",
		    x->packed.len);
	return query_done(&q, e);
}

int
shown_put(struct store *s, const struct graph *g, struct err *e)
{
	struct nums changed = {.v = NULL};
	unsigned strays = 0;
	struct shown x;
	size_t i;
	int r = -1;

	s->stale = false;
	if (s->nothing)
		return 0;
	if (shown_load(&x, s, g, e) == -1 ||
	    find_changed(&x, s, &changed, &strays, e) == -1)
		goto out;
	for (i = 0; i < changed.n; i++)
		if (put_row(&x, s, changed.v[i], e) == -1)
			goto out;
	r = strays == 0 ? 0
			: store_exec(s,
			      "DELETE FROM shown WHERE row NOT IN"
			      " (SELECT row FROM revision)",
			      e);
out:
	nums_free(&changed);
	shown_free(&x);
	return r;
}

int
shown_commit(struct store *s, struct err *e)
{
	struct graph g;
	int r;

	if (!s->stale)
		return 0;
	if (graph_load(&g, s, e) == -1)
		return -1;
	r = shown_put(s, &g, e);
	graph_free(&g);
	return r;
}

static int
tell_changed(
    struct check *c, const struct graph *g, uint32_t rev, struct err *e)
{
	char what[CHECK_NAME_MAX];

	check_name(what, &g->ids[g->revs[rev].id].guid, g->revs[rev].revision);
	return check_bad(c, what, E_FORMAT, e,
	    "what lists show of it (superseded or not, in a bundle or not, "
	    "its files) does not follow from the documents");
}

int
shown_check(struct check *c, const struct graph *g, struct err *e)
{
	struct nums changed = {.v = NULL};
	unsigned strays = 0;
	struct shown x;
	size_t i;
	int r = -1;

	/* An older store has no such rows: what stands in is worked out. */
	if (c->s->schema < SHOWN_SINCE && !c->s->raised)
		return 0;
	if (shown_load(&x, c->s, g, e) == -1 ||
	    find_changed(&x, c->s, &changed, &strays, e) == -1)
		goto out;
	for (i = 0; i < changed.n; i++)
		if (tell_changed(c, g, changed.v[i], e) == -1)
			goto out;
	if (strays > 0 &&
	    check_bad(c, STORE_DB, E_FORMAT, e,
		"of what lists show, %u %s to no revision", strays,
		strays == 1 ? "row belongs" : "rows belong") == -1)
		goto out;
	r = 0;
out:
	nums_free(&changed);
	shown_free(&x);
	return r;
}
