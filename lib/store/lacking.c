/* SPDX-License-Identifier: ISC */
#include "lib/store/lacking.h"

#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/gone.h"
#include "lib/store/store_db.h"
#include "lib/store/store_show.h"

static const struct lacking_of everything;

static bool
concerns(const struct lacking_of *of, int64_t row)
{
	return of->only == NULL || row_set_has(of->only, row);
}

/* What is lacked, for counting each once. */
struct need {
	struct guid id;
	uint32_t revision;
};

static int
by_need(const void *a, const void *b)
{
	const struct need *x = a, *y = b;
	int r = guid_cmp(&x->id, &y->id);

	return r != 0
	    ? r
	    : (x->revision > y->revision) - (x->revision < y->revision);
}

static int
count_revisions(struct store *s, const struct lacking_of *of, struct lacking *l,
    struct err *e)
{
	struct need *needs = NULL;
	size_t n = 0, cap = 0;
	int64_t last = 0, row;
	struct query q;
	int r = query_open(&q, s, SQL_LACKING_ROWS, e);

	while (query_each(&q, &r, e)) {
		row = sqlite3_column_int64(q.st, 0);
		if (!concerns(of, row))
			continue;
		l->revisions += row != last;
		last = row;
		l->lacks++;
		if ((r = grow(&needs, &cap, n, sizeof(*needs), e)) == -1)
			continue;
		(void)query_get_blob(&q, 1, needs[n].id.b, sizeof(struct guid));
		needs[n++].revision = (uint32_t)sqlite3_column_int64(q.st, 2);
	}
	l->needs = sort_unique(needs, n, sizeof(*needs), by_need);
	free(needs);
	return r;
}

/* Files that are not here, by row. */
struct away {
	int64_t row;
	uint64_t size;
	uint8_t sha1[SHA1_LEN];
	bool has_size, left_out, told;
	const struct gone_file *gone; /* a row calls it present, or NULL */
};

struct aways {
	struct away *v; /* owned */
	size_t n, cap;
	struct gone found; /* owned, where nobody gave it */
};

static void
free_aways(struct aways *a)
{
	free(a->v);
	gone_free(&a->found);
}

static int
load_absent(struct aways *a, struct store *s, const struct lacking_of *of,
    struct err *e)
{
	struct away *v;
	struct query q;
	int r = query_open(&q, s, SQL_AWAY, e);

	while (query_each(&q, &r, e)) {
		if ((r = grow(&a->v, &a->cap, a->n, sizeof(*a->v), e)) == -1)
			continue;
		v = &a->v[a->n++];
		*v = (struct away){.row = sqlite3_column_int64(q.st, 0),
		    .has_size = sqlite3_column_type(q.st, 2) != SQLITE_NULL,
		    .size = (uint64_t)sqlite3_column_int64(q.st, 2),
		    .left_out = sqlite3_column_int(q.st, 3) != 0};
		(void)query_get_blob(&q, 1, v->sha1, SHA1_LEN);
		a->n -= of->known != NULL && !of->known(of->arg, v->sha1);
	}
	return r;
}

/* What rows call present, and is not here. */
static int
load_gone(struct aways *a, struct store *s, const struct lacking_of *of,
    struct err *e)
{
	const struct gone *g = of->gone;
	struct away *v;

	if (of->noted)
		return 0;
	if (g == NULL && gone_find(&a->found, s, e) == -1)
		return -1;
	g = g != NULL ? g : &a->found;
	for (size_t i = 0; i < g->n; i++) {
		if (grow(&a->v, &a->cap, a->n, sizeof(*a->v), e) == -1)
			return -1;
		v = &a->v[a->n++];
		*v = (struct away){.row = g->v[i].row,
		    .has_size = true,
		    .size = g->v[i].size,
		    .gone = &g->v[i]};
		memcpy(v->sha1, g->v[i].sha1, SHA1_LEN);
	}
	return 0;
}

static int
away_cmp(const void *a, const void *b)
{
	const struct away *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

static int
load_aways(struct aways *a, struct store *s, const struct lacking_of *of,
    struct err *e)
{
	if (of->no_files)
		return 0;
	if (load_absent(a, s, of, e) == -1 || load_gone(a, s, of, e) == -1)
		return -1;
	sort_up(a->v, a->n, sizeof(*a->v), away_cmp);
	for (size_t i = 0; of->wanted != NULL && i < a->n; i++)
		a->v[i].left_out = !of->wanted(of->arg, a->v[i].sha1);
	return 0;
}

static int
by_row(const void *key, const void *entry)
{
	int64_t row = *(const int64_t *)key;
	const struct away *v = entry;

	return (row > v->row) - (row < v->row);
}

/* Each of those that a revision of interest names, once: what each() gets is
   that revision's row.  1 from it: enough. */
static int
each_away(struct aways *a, struct store *s, const struct lacking_of *of,
    int (*each)(void *arg, struct away *v, int64_t rev, struct err *e),
    void *arg, struct err *e)
{
	int64_t rev, file;
	struct away *v;
	struct query q;
	int r;

	if (a->n == 0)
		return 0;
	r = query_open(&q, s, SQL_SCAN_REV_FILE, e);
	while (query_each(&q, &r, e)) {
		rev = sqlite3_column_int64(q.st, 0);
		file = sqlite3_column_int64(q.st, 1);
		if (!concerns(of, rev))
			continue;
		v = sort_find(&file, a->v, a->n, sizeof(*v), by_row);
		if (v == NULL || v->told)
			continue;
		v->told = true;
		if ((r = each(arg, v, rev, e)) == 1)
			break;
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}

static void
count_away(struct lacking *l, const struct away *v)
{
	uint64_t bytes = v->has_size ? v->size : 0;

	l->files += !v->left_out;
	l->bytes += v->left_out ? 0 : bytes;
	l->damaged += !v->left_out && v->gone != NULL;
	l->left_out += v->left_out;
	l->left_out_bytes += v->left_out ? bytes : 0;
}

static int
see_away(void *arg, struct away *v, int64_t rev, struct err *e)
{
	(void)rev, (void)e;
	count_away(arg, v);
	return 0;
}

int
lacking_count(struct store *s, const struct lacking_of *of, struct lacking *l,
    struct err *e)
{
	struct aways a = {.v = NULL};
	int r = -1;
	size_t i;

	of = of != NULL ? of : &everything;
	*l = (struct lacking){.revisions = 0};
	if (count_revisions(s, of, l, e) == -1 ||
	    load_aways(&a, s, of, e) == -1)
		goto out;
	/* Every file has somebody who names it. */
	for (i = 0; of->only == NULL && i < a.n; i++)
		count_away(l, &a.v[i]);
	r = of->only == NULL ? 0 : each_away(&a, s, of, see_away, l, e);
out:
	free_aways(&a);
	return r;
}

int
lacking_worst(const struct lacking *l, int worst)
{
	if (lacking_any(l))
		worst = err_worst(worst, err_status(E_PARTIAL));
	return l->damaged != 0 ? err_worst(worst, err_status(E_DIGEST)) : worst;
}

int
lacking_mark(struct store *s, const struct lacking_of *of, struct err *e)
{
	const struct lacking_of all = {.noted = true};
	struct aways a = {.v = NULL};
	int r = load_aways(&a, s, &all, e);
	size_t i;
	bool out;

	for (i = 0; r == 0 && i < a.n; i++) {
		out = !of->wanted(of->arg, a.v[i].sha1);
		if (out != a.v[i].left_out)
			r = store_file_left_out(s, a.v[i].sha1, out, e);
	}
	free_aways(&a);
	return r;
}

static int
was_refused(struct store *s, struct lacking_rev *v, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_REFUSED, e) == -1)
		return -1;
	query_blob(&q, v->needs.b, sizeof(v->needs.b));
	query_int(&q, v->needs_revision);
	r = query_step(&q, e);
	query_close(&q);
	v->refused = r == 1;
	return r == -1 ? -1 : 0;
}

static void
get_rev(struct query *q, struct lacking_rev *v)
{
	*v = (struct lacking_rev){.row = sqlite3_column_int64(q->st, 0),
	    .revision = (uint32_t)sqlite3_column_int64(q->st, 2),
	    .title = query_get_str(q, 3),
	    .kb = query_get_str(q, 4),
	    .bundled = sqlite3_column_int(q->st, 5) != 0,
	    .among = (unsigned)sqlite3_column_int(q->st, 6),
	    .needs_revision = (uint32_t)sqlite3_column_int64(q->st, 8),
	    .needs_title = query_get_str(q, 9)};
	(void)query_get_blob(q, 1, v->id.b, sizeof(v->id.b));
	(void)query_get_blob(q, 7, v->needs.b, sizeof(v->needs.b));
}

int
lacking_each_rev(struct store *s, const struct lacking_of *of,
    int (*each)(void *arg, const struct lacking_rev *r, struct err *e),
    void *arg, struct err *e)
{
	struct lacking_rev v;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_LACKING, e);

	of = of != NULL ? of : &everything;
	while (query_each(&q, &r, e)) {
		if (!concerns(of, sqlite3_column_int64(q.st, 0)))
			continue;
		get_rev(&q, &v);
		if ((r = was_refused(s, &v, e)) == 0 &&
		    (r = each(arg, &v, e)) == 1)
			break;
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}

int
lacking_each_other(struct store *s,
    int (*each)(
	void *arg, const struct guid *id, uint64_t named_by, struct err *e),
    void *arg, struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_open(&q, s, SQL_LACKING_OTHER, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = each(arg, &id, (uint64_t)sqlite3_column_int64(q.st, 1), e);
	}
	return r;
}

struct files {
	struct store *s;
	int (*each)(void *arg, const struct lacking_file *f, struct err *e);
	void *arg;
};

static int
give_file(void *arg, struct away *v, int64_t rev, struct err *e)
{
	struct files *x = arg;
	struct lacking_file f = {
	    .row = rev, .has_size = v->has_size, .size = v->size};
	struct store_file row;
	struct store_rev r;

	if (v->left_out)
		return 0;
	if (store_rev(x->s, rev, &r, e) == -1 ||
	    store_file(x->s, v->sha1, &row, e) == -1)
		return -1;
	memcpy(f.sha1, v->sha1, SHA1_LEN);
	if (v->gone != NULL)
		content_fault(f.fault, &v->gone->seen, v->size);
	f.id = r.id;
	f.title = r.title;
	f.kb = r.kb;
	f.name = row.name;
	return x->each(x->arg, &f, e);
}

int
lacking_each_file(struct store *s, const struct lacking_of *of,
    int (*each)(void *arg, const struct lacking_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct files x = {.s = s, .each = each, .arg = arg};
	struct aways a = {.v = NULL};
	int r;

	of = of != NULL ? of : &everything;
	if ((r = load_aways(&a, s, of, e)) == 0)
		r = each_away(&a, s, of, give_file, &x, e);
	free_aways(&a);
	return r;
}
