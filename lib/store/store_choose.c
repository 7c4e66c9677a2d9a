/* SPDX-License-Identifier: ISC */
#include "lib/store/store_choose.h"

#include "lib/store/store_db.h"

#define NEWEST(r)                                                              \
	" NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = " r ".id"          \
	" AND n.revision > " r ".revision)"

int
store_each_fact(struct store *s, int64_t row,
    int (*each)(void *arg, const struct store_fact *f, struct err *e),
    void *arg, struct err *e)
{
	struct store_fact f;
	struct query q;
	int r = query_text(&q, s,
	    "SELECT r.row, r.id, r.revision, r.type, r.category, r.expired,"
	    " r.deployable," NEWEST("r") ", r.title, r.created, r.langs"
					 " FROM revision r WHERE"
					 " r.row BETWEEN ? AND ?"
					 " ORDER BY r.row",
	    e);

	query_int(&q, row);
	query_int(&q, row != 0 ? row : INT64_MAX);
	while (query_each(&q, &r, e)) {
		f.row = sqlite3_column_int64(q.st, 0);
		(void)query_get_blob(&q, 1, f.id.b, sizeof(f.id.b));
		f.revision = (uint32_t)sqlite3_column_int64(q.st, 2);
		f.type = (enum update_type)sqlite3_column_int(q.st, 3);
		f.category = (enum category_type)sqlite3_column_int(q.st, 4);
		f.expired = sqlite3_column_int(q.st, 5) != 0;
		f.deployable = sqlite3_column_int(q.st, 6) != 0;
		f.newest = sqlite3_column_int(q.st, 7) != 0;
		f.title = query_get_str(&q, 8);
		f.created = query_get_str(&q, 9);
		f.langs = query_get_str(&q, 10);
		r = each(arg, &f, e);
	}
	return r;
}

int
store_each_pair(struct store *s, enum store_pair k,
    int (*each)(void *arg, int64_t row, int64_t other, struct err *e),
    void *arg, struct err *e)
{
	static const char *const texts[STORE_PAIRS] = {
	    [STORE_PARTS] = "SELECT b.rev, r.row FROM bundle b JOIN revision r"
			    " ON r.id = b.id AND r.revision = b.revision"
			    " ORDER BY b.rev, b.n",
	    [STORE_REPLACES] = "SELECT x.rev, r.row FROM superseded x"
			       " JOIN revision r ON r.id = x.id"
			       " ORDER BY x.rev, x.n",
	    [STORE_PRODUCTS] = "SELECT rev, category FROM rev_category"
			       " WHERE kind = 4 ORDER BY rev, kind, n",
	    [STORE_CLASSES] = "SELECT rev, category FROM rev_category"
			      " WHERE kind = 1 ORDER BY rev, kind, n",
	    [STORE_UNDER] =
		"SELECT r.row, c.row FROM revision r JOIN prereq p"
		" ON p.rev = r.row JOIN revision c ON c.id = p.id"
		" WHERE r.type = 3 AND c.type = 3 AND" NEWEST(
		    "r") " AND" NEWEST("c") " ORDER BY c.row, r.row",
	};
	struct query q;
	int r = query_text(&q, s, texts[k], e);

	while (query_each(&q, &r, e))
		r = each(arg, sqlite3_column_int64(q.st, 0),
		    sqlite3_column_int64(q.st, 1), e);
	return r;
}

int
store_each_kb(struct store *s,
    int (*each)(void *arg, int64_t row, const char *kb, struct err *e),
    void *arg, struct err *e)
{
	struct query q;
	int r = query_text(
	    &q, s, "SELECT rev, value FROM word WHERE kind = 1", e);

	while (query_each(&q, &r, e))
		r = each(arg, sqlite3_column_int64(q.st, 0),
		    query_get_text(&q, 1), e);
	return r;
}

int
store_each_name(struct store *s,
    int (*each)(void *arg, const struct store_name *n, struct err *e),
    void *arg, struct err *e)
{
	struct store_name n;
	struct query q;
	int r = query_text(&q, s,
	    "WITH c AS (SELECT r.row, r.id, r.category, r.title"
	    " FROM revision r WHERE r.type = 3 AND r.category BETWEEN 1"
	    " AND 4 AND" NEWEST(
		"r") "), o AS (SELECT c.row, c.id, c.category, o.row AS at,"
		     " o.title FROM c JOIN revision o ON o.id = c.id"
		     " AND o.row <> c.row)"
		     " SELECT row, id, category, title, 0 FROM c"
		     " UNION ALL SELECT c.row, c.id, c.category, j.value, 1"
		     " FROM c JOIN title t ON t.rev = c.row,"
		     " json_each(t.titles) j WHERE j.type = 'text'"
		     " UNION ALL SELECT row, id, category, title, 2 FROM o"
		     " WHERE title IS NOT NULL"
		     " UNION ALL SELECT o.row, o.id, o.category, j.value, 2"
		     " FROM o JOIN title t ON t.rev = o.at,"
		     " json_each(t.titles) j WHERE j.type = 'text'",
	    e);

	while (query_each(&q, &r, e)) {
		n.row = sqlite3_column_int64(q.st, 0);
		(void)query_get_blob(&q, 1, n.id.b, sizeof(n.id.b));
		n.type = (enum category_type)sqlite3_column_int(q.st, 2);
		n.title = query_get_text(&q, 3);
		n.which = (enum store_title)sqlite3_column_int(q.st, 4);
		r = each(arg, &n, e);
	}
	return r;
}

int
store_newest(
    struct store *s, const struct guid *id, int64_t *row, struct err *e)
{
	struct query q;
	int r;

	if (query_text(&q, s,
		"SELECT row FROM revision WHERE id = ? ORDER BY revision DESC"
		" LIMIT 1",
		e) == -1)
		return -1;
	query_blob(&q, id->b, sizeof(id->b));
	if ((r = query_step(&q, e)) == 1)
		*row = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	return r;
}

int
store_each_use(struct store *s, int64_t rev,
    int (*each)(
	void *arg, const struct store_file *f, bool express, struct err *e),
    void *arg, struct err *e)
{
	struct store_file f;
	struct query q;
	int r = query_open(&q, s, SQL_USES_OF, e);

	query_int(&q, rev);
	while (query_each(&q, &r, e)) {
		f.row = sqlite3_column_int64(q.st, 0);
		(void)query_get_blob(&q, 1, f.sha1, SHA1_LEN);
		f.has_size = sqlite3_column_type(q.st, 2) != SQLITE_NULL;
		f.size = (uint64_t)sqlite3_column_int64(q.st, 2);
		f.has_declared = query_get_blob(&q, 3, f.declared, SHA256_LEN);
		f.has_measured = query_get_blob(&q, 4, f.measured, SHA256_LEN);
		snprintf(f.ext, sizeof(f.ext), "%s", query_get_text(&q, 5));
		f.name = query_get_text(&q, 6);
		f.present = sqlite3_column_int(q.st, 7) != 0;
		f.url = NULL;
		r = each(arg, &f, sqlite3_column_int(q.st, 8) != 0, e);
	}
	return r;
}
