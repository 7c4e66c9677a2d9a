/* SPDX-License-Identifier: ISC */
/*
 * The rows that the writer prepared (shown.h), with what other tables have of
 * the same revisions: each table is read once, in the order of the revisions,
 * all side by side.
 */
#include "lib/store/store_list.h"

#include "lib/store/nums.h"
#include "lib/store/shown.h"
#include "lib/store/store_db.h"

/* A table that is read beside the revisions; more: it stands on a row. */
struct side {
	struct query q;
	int more;
};

struct walk {
	struct store *s;
	struct store_shown u; /* borrows from what follows */
	struct side words, categories;
	struct buf kbs;
	struct nums classes, products, files;
};

static int
side_open(struct side *d, struct store *s, enum store_sql id, int64_t after,
    struct err *e)
{
	if (query_open(&d->q, s, id, e) == -1)
		return -1;
	query_int(&d->q, after);
	d->more = query_step(&d->q, e);
	return d->more == -1 ? -1 : 0;
}

/* 1 it stands on a row of that revision, 0 there is none left, -1. */
static int
side_at(struct side *d, int64_t rev, struct err *e)
{
	while (d->more == 1 && sqlite3_column_int64(d->q.st, 0) < rev)
		d->more = query_step(&d->q, e);
	if (d->more != 1)
		return d->more;
	return sqlite3_column_int64(d->q.st, 0) == rev;
}

static int
get_kbs(struct walk *w, int64_t rev, struct err *e)
{
	struct side *d = &w->words;
	int r;

	buf_reset(&w->kbs);
	while ((r = side_at(d, rev, e)) == 1) {
		if ((w->kbs.len > 0 && buf_put(&w->kbs, " ", 1, e) == -1) ||
		    buf_puts(&w->kbs, query_get_text(&d->q, 1), e) == -1)
			return -1;
		d->more = query_step(&d->q, e);
	}
	if (r == -1 || buf_str(&w->kbs, e) == NULL)
		return -1;
	w->u.kbs = (char *)w->kbs.p;
	return 0;
}

static int
get_categories(struct walk *w, int64_t rev, struct err *e)
{
	struct side *d = &w->categories;
	int64_t row;
	int r, kind;

	w->classes.n = w->products.n = 0;
	while ((r = side_at(d, rev, e)) == 1) {
		kind = sqlite3_column_int(d->q.st, 1);
		row = sqlite3_column_int64(d->q.st, 2);
		if (row < 0 || row > UINT32_MAX)
			return err_set(e, E_FORMAT,
			    "%s: the row of a category is out of range",
			    STORE_DB);
		if (nums_add(kind == CATEGORY_CLASSIFICATION ? &w->classes
							     : &w->products,
			(uint32_t)row, e) == -1)
			return -1;
		d->more = query_step(&d->q, e);
	}
	w->u.classes = w->classes.v;
	w->u.nclasses = w->classes.n;
	w->u.products = w->products.v;
	w->u.nproducts = w->products.n;
	return r;
}

static int
add_file(void *arg, const struct store_file *f, struct err *e)
{
	return nums_add(arg, (uint32_t)f->row, e);
}

/* Those that are not kept are asked for. */
static int
get_files(struct walk *w, struct query *q, struct err *e)
{
	int r;

	w->files.n = 0;
	if (sqlite3_column_type(q->st, 2) == SQLITE_NULL)
		r = store_each_file_under(w->s, sqlite3_column_int64(q->st, 0),
		    add_file, &w->files, e);
	else
		r = shown_files(&w->files, sqlite3_column_blob(q->st, 2),
		    (size_t)sqlite3_column_bytes(q->st, 2), e);
	w->u.files = w->files.v;
	w->u.nfiles = w->files.n;
	return r;
}

static int
get_shown(struct walk *w, struct query *q, struct err *e)
{
	struct store_rev *r = &w->u.rev;

	r->row = sqlite3_column_int64(q->st, 0);
	w->u.superseded = sqlite3_column_int(q->st, 1) != 0;
	(void)query_get_blob(q, 3, r->id.b, sizeof(r->id.b));
	r->revision = (uint32_t)sqlite3_column_int64(q->st, 4);
	r->type = (enum update_type)sqlite3_column_int(q->st, 5);
	r->expired = sqlite3_column_int(q->st, 6) != 0;
	r->newest = true;
	r->title = query_get_str(q, 7);
	r->severity = query_get_str(q, 8);
	r->created = query_get_str(q, 9);
	w->u.inner = sqlite3_column_int(q->st, 10) != 0;
	return get_kbs(w, r->row, e) == -1 || get_categories(w, r->row, e) == -1
	    ? -1
	    : get_files(w, q, e);
}

int
store_each_shown(struct store *s, int64_t after, unsigned n,
    int (*each)(void *arg, const struct store_shown *u, struct err *e),
    void *arg, struct err *e)
{
	struct walk w = {.s = s, .kbs = BUF_INIT};
	struct query q;
	int r = -1;

	if (side_open(&w.words, s, SQL_KBS_AFTER, after, e) == -1 ||
	    side_open(&w.categories, s, SQL_CATEGORIES_AFTER, after, e) == -1 ||
	    query_open(&q, s, SQL_SHOWN_AFTER, e) == -1)
		goto out;
	query_int(&q, after);
	query_int(&q, n);
	for (r = 0; query_each(&q, &r, e);)
		if ((r = get_shown(&w, &q, e)) == 0)
			r = each(arg, &w.u, e);
out:
	query_close(&w.words.q);
	query_close(&w.categories.q);
	buf_free(&w.kbs);
	nums_free(&w.classes);
	nums_free(&w.products);
	nums_free(&w.files);
	return r;
}

int
store_count_top(struct store *s, uint64_t *n, struct err *e)
{
	struct query q;
	int r;

	*n = 0;
	if (query_open(&q, s, SQL_COUNT_TOP, e) == -1)
		return -1;
	if ((r = query_step(&q, e)) == 1)
		*n = (uint64_t)sqlite3_column_int64(q.st, 0);
	query_close(&q);
	return r == -1 ? -1 : 0;
}

static int
each_top(struct query *q,
    int (*each)(void *arg, int64_t row, bool superseded, struct err *e),
    void *arg, struct err *e)
{
	int r = 0;

	while (query_each(q, &r, e))
		r = each(arg, sqlite3_column_int64(q->st, 0),
		    sqlite3_column_int(q->st, 1) != 0, e);
	return r;
}

int
store_each_top(struct store *s, uint64_t skip, unsigned n,
    int (*each)(void *arg, int64_t row, bool superseded, struct err *e),
    void *arg, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_EACH_TOP, e) == -1)
		return -1;
	query_int(&q, n);
	query_int(&q, skip > INT64_MAX ? INT64_MAX : (int64_t)skip);
	return each_top(&q, each, arg, e);
}

int
store_each_top_match(struct store *s, const char *text,
    int (*each)(void *arg, int64_t row, bool superseded, struct err *e),
    void *arg, struct err *e)
{
	struct buf b = BUF_INIT;
	struct query q;
	int r = -1;

	if (store_match_open(&q, s, &b,
		/* The order of the rows, whatever an index offers. */
		"SELECT s.row, s.superseded FROM shown s CROSS JOIN revision r"
		" ON r.row = s.row WHERE +s.top IS NOT NULL AND (r.title"
		" LIKE ? ESCAPE '\\' OR s.row IN (SELECT rev FROM word"
		" WHERE kind = 1 AND value = ?))"
		" ORDER BY +s.top DESC, s.row DESC",
		text, e) == 0)
		r = each_top(&q, each, arg, e);
	buf_free(&b);
	return r;
}

int
store_category_title(
    struct store *s, int64_t row, struct buf *to, struct err *e)
{
	char hex[GUID_LEN + 1];
	struct guid id;
	struct query q;
	int r;

	buf_reset(to);
	if (query_open(&q, s, SQL_CATEGORY_TITLE, e) == -1)
		return -1;
	query_int(&q, row);
	if ((r = query_step(&q, e)) == 1) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		guid_write(hex, &id);
		r = buf_puts(to,
		    query_get_str(&q, 1) != NULL ? query_get_str(&q, 1) : hex,
		    e);
	}
	query_close(&q);
	return r == -1 || buf_str(to, e) == NULL ? -1 : 0;
}

int
store_file_sha1(
    struct store *s, int64_t row, uint8_t sha1[SHA1_LEN], struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_FILE_SHA1, e) == -1)
		return -1;
	query_int(&q, row);
	if ((r = query_step(&q, e)) == 1)
		(void)query_get_blob(&q, 0, sha1, SHA1_LEN);
	query_close(&q);
	return r;
}
