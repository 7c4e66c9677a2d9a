/* SPDX-License-Identifier: ISC */
#include "lib/store/store_related.h"

#include "lib/store/store_db.h"

#define NEWEST_OF(r)                                                           \
	" NOT EXISTS (SELECT 1 FROM revision m WHERE m.id = " r ".id"          \
	" AND m.revision > " r ".revision)"

/* id, revision, row, title, any, category, group.  ?1 the row, ?2 the id, ?3
   the revision.  What a document says twice is told once. */
static const char *const texts[STORE_RELS] = {
    [STORE_REL_NEEDS] = "SELECT p.id, 0, n.row, n.title, p.any, p.is_category,"
			" p.grp FROM prereq p LEFT JOIN revision n"
			" ON n.id = p.id AND" NEWEST_OF(
			    "n") " WHERE p.rev = ?1 ORDER BY p.n",
    [STORE_REL_HOLDS] =
	"SELECT b.id, b.revision, n.row, n.title, b.any, 0, b.grp"
	" FROM bundle b LEFT JOIN revision n ON n.id = b.id"
	" AND n.revision = b.revision WHERE b.rev = ?1 ORDER BY b.n",
    [STORE_REL_INSIDE] =
	"SELECT n.id, 0, n.row, n.title, 0, 0, 0 FROM bundle b"
	" CROSS JOIN revision n ON n.row = b.rev WHERE b.id = ?2"
	" AND b.revision = ?3 AND" NEWEST_OF("n") " GROUP BY b.rev"
						  " ORDER BY b.rev",
    [STORE_REL_OLDER] = "SELECT x.id, 0, n.row, n.title, 0, 0, 0"
			" FROM superseded x LEFT JOIN revision n"
			" ON n.id = x.id AND" NEWEST_OF(
			    "n") " WHERE x.rev = ?1 GROUP BY x.id"
				 " ORDER BY min(x.n)",
    [STORE_REL_NEWER] = "SELECT n.id, 0, n.row, n.title, 0, 0, 0"
			" FROM superseded x CROSS JOIN revision n"
			" ON n.row = x.rev WHERE x.id = ?2 AND n.id <> ?2"
			" AND" NEWEST_OF("n") " GROUP BY x.rev ORDER BY x.rev",
};

/* The same, of row ?4. */
#define BY_ROW                                                                 \
	"SELECT n.id, 0, n.row, n.title, 0, 0, 0 FROM revision n"              \
	" WHERE n.row = ?4 AND" NEWEST_OF("n")
static const char *const by_row[STORE_RELS] = {
    [STORE_REL_INSIDE] = BY_ROW
    " AND EXISTS (SELECT 1 FROM bundle b WHERE b.rev = n.row"
    " AND b.id = ?2 AND b.revision = ?3)",
    [STORE_REL_NEWER] = BY_ROW
    " AND n.id <> ?2 AND EXISTS (SELECT 1 FROM superseded x"
    " WHERE x.rev = n.row AND x.id = ?2)",
};

static void
bind(struct query *q, const struct store_rev *r, int64_t row)
{
	int n = sqlite3_bind_parameter_count(q->st);

	if (n >= 1)
		query_int(q, r->row);
	if (n >= 2)
		query_blob(q, r->id.b, sizeof(r->id.b));
	if (n >= 3)
		query_int(q, r->revision);
	if (n >= 4)
		query_int(q, row);
}

static int
each_of(struct store *s, const char *text, const struct store_rev *rev,
    int64_t row,
    int (*each)(void *arg, const struct store_related *x, struct err *e),
    void *arg, struct err *e)
{
	struct store_related x;
	struct query q;
	int r = query_text(&q, s, text, e), heard = 0;

	if (r == 0)
		bind(&q, rev, row);
	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, x.id.b, sizeof(x.id.b));
		x.revision = (uint32_t)sqlite3_column_int64(q.st, 1);
		x.row = sqlite3_column_int64(q.st, 2);
		x.title = query_get_str(&q, 3);
		x.any = sqlite3_column_int(q.st, 4) != 0;
		x.category = sqlite3_column_int(q.st, 5) != 0;
		x.group = (uint32_t)sqlite3_column_int64(q.st, 6);
		if ((heard = each(arg, &x, e)) != 0)
			break;
	}
	if (heard != 0)
		query_close(&q);
	return heard == -1 || r == -1 ? -1 : 0;
}

int
store_each_related(struct store *s, const struct store_rev *rev,
    enum store_relation k,
    int (*each)(void *arg, const struct store_related *x, struct err *e),
    void *arg, struct err *e)
{
	return each_of(s, texts[k], rev, 0, each, arg, e);
}

int
store_related_by(struct store *s, const struct store_rev *rev,
    enum store_relation k, int64_t row,
    int (*each)(void *arg, const struct store_related *x, struct err *e),
    void *arg, struct err *e)
{
	return each_of(s, by_row[k], rev, row, each, arg, e);
}

int
store_each_tie(struct store *s, enum store_relation k,
    int (*each)(void *arg, int64_t row, const struct guid *id, struct err *e),
    void *arg, struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_text(&q, s,
	    k == STORE_REL_NEWER ? "SELECT rev, id FROM superseded ORDER BY rev"
				 : "SELECT rev, id FROM bundle ORDER BY rev",
	    e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 1, id.b, sizeof(id.b));
		r = each(arg, sqlite3_column_int64(q.st, 0), &id, e);
	}
	return r;
}

int
store_each_revision(struct store *s, const struct guid *id,
    int (*each)(void *arg, int64_t row, uint32_t revision, struct err *e),
    void *arg, struct err *e)
{
	struct query q;
	int r = query_text(&q, s,
	    "SELECT row, revision FROM revision WHERE id = ?"
	    " ORDER BY revision DESC",
	    e);

	if (r == 0)
		query_blob(&q, id->b, sizeof(id->b));
	while (query_each(&q, &r, e))
		r = each(arg, sqlite3_column_int64(q.st, 0),
		    (uint32_t)sqlite3_column_int64(q.st, 1), e);
	return r;
}

/* The first column of the first row: 1, 0 there is none, -1. */
static int
get_one(struct query *q, int64_t *v, struct err *e)
{
	int r;

	if ((r = query_step(q, e)) == 1)
		*v = sqlite3_column_int64(q->st, 0);
	query_close(q);
	return r;
}

int
store_came_with(struct store *s, int64_t row, int64_t *transfer, struct err *e)
{
	struct query q;

	*transfer = 0;
	if (query_text(
		&q, s, "SELECT transfer FROM revision WHERE row = ?", e) == -1)
		return -1;
	query_int(&q, row);
	return get_one(&q, transfer, e) == -1 ? -1 : 0;
}

int
store_each_first_use(struct store *s,
    int (*each)(void *arg, int64_t file, int64_t rev, struct err *e), void *arg,
    struct err *e)
{
	struct query q;
	int r = query_text(&q, s,
	    "SELECT file, min(rev) FROM rev_file GROUP BY file ORDER BY file",
	    e);

	while (query_each(&q, &r, e))
		r = each(arg, sqlite3_column_int64(q.st, 0),
		    sqlite3_column_int64(q.st, 1), e);
	return r;
}

int
store_each_naming(struct store *s, int64_t file,
    int (*each)(void *arg, const struct guid *id, struct err *e), void *arg,
    struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_text(&q, s,
	    "SELECT DISTINCT r.id FROM rev_file l JOIN revision r"
	    " ON r.row = l.rev WHERE l.file = ? ORDER BY r.id",
	    e);

	if (r == 0)
		query_int(&q, file);
	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = each(arg, &id, e);
	}
	return r;
}

int
store_is_shown(
    struct store *s, int64_t row, bool *superseded, bool *inner, struct err *e)
{
	struct query q;
	int r;

	*superseded = *inner = false;
	if (query_text(&q, s,
		"SELECT superseded, top IS NULL FROM shown WHERE row = ?",
		e) == -1)
		return -1;
	query_int(&q, row);
	if ((r = query_step(&q, e)) == 1) {
		*superseded = sqlite3_column_int(q.st, 0) != 0;
		*inner = sqlite3_column_int(q.st, 1) != 0;
	}
	query_close(&q);
	return r;
}
