/* SPDX-License-Identifier: ISC */
/* What lists and the server ask for. */
#include "lib/store/store_list.h"

#include "lib/store/store_db.h"

#define NEWEST(r)                                                              \
	" NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = " r ".id"          \
	" AND n.revision > " r ".revision)"
#define SHOWN(r) " " r ".type IN (1, 2) AND" NEWEST(r)

static int
each_row(struct query *q, int (*each)(void *arg, int64_t row, struct err *e),
    void *arg, struct err *e)
{
	int r = 0;

	while (query_each(q, &r, e))
		r = each(arg, sqlite3_column_int64(q->st, 0), e);
	return r;
}

int
store_each_top(struct store *s,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e)
{
	struct query q;

	if (query_text(&q, s,
		/* One column: for two SQLite would scan at every row. */
		"SELECT r.row FROM revision r WHERE" SHOWN(
		    "r") " AND r.row NOT IN (SELECT c.row FROM bundle b JOIN "
			 "revision c"
			 " ON c.id = b.id AND c.revision = b.revision)"
			 " ORDER BY r.created DESC, r.row DESC",
		e) == -1)
		return -1;
	return each_row(&q, each, arg, e);
}

int
store_each_shown(struct store *s, int64_t after, unsigned n,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e)
{
	struct query q;

	if (query_text(&q, s,
		"SELECT r.row FROM revision r WHERE r.row > ? AND" SHOWN(
		    "r") " ORDER BY r.row LIMIT ?",
		e) == -1)
		return -1;
	query_int(&q, after);
	query_int(&q, n);
	return each_row(&q, each, arg, e);
}

int
store_each_superseded(struct store *s,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e)
{
	struct query q;

	if (query_text(&q, s,
		"SELECT row FROM revision WHERE id IN (SELECT x.id"
		" FROM superseded x JOIN revision r ON r.row = x.rev WHERE"
		" r.id <> x.id AND" NEWEST("r") ") ORDER BY row",
		e) == -1)
		return -1;
	return each_row(&q, each, arg, e);
}

/* A pattern of LIKE that stands for the text itself. */
static int
put_pattern(struct buf *b, const char *text, struct err *e)
{
	if (buf_puts(b, "%", e) == -1)
		return -1;
	for (; *text != '\0'; text++)
		if ((strchr("%_\\", *text) != NULL &&
			buf_puts(b, "\\", e) == -1) ||
		    buf_put(b, text, 1, e) == -1)
			return -1;
	return buf_puts(b, "%", e);
}

int
store_each_match(struct store *s, const char *text,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e)
{
	struct buf b = BUF_INIT;
	const char *kb = text;
	struct query q;
	int r = -1;

	if ((kb[0] == 'K' || kb[0] == 'k') && (kb[1] == 'B' || kb[1] == 'b'))
		kb += 2;
	if (put_pattern(&b, text, e) == -1 ||
	    query_text(&q, s,
		"SELECT row FROM revision WHERE title LIKE ? ESCAPE '\\'"
		" UNION SELECT rev FROM word WHERE kind = 1 AND value = ?",
		e) == -1)
		goto out;
	query_strn(&q, (const char *)b.p, b.len);
	query_str(&q, kb);
	r = each_row(&q, each, arg, e);
out:
	buf_free(&b);
	return r;
}

int
store_each_of_kb(struct store *s, const char *kb,
    int (*each)(void *arg, const struct guid *id, struct err *e), void *arg,
    struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_text(&q, s,
	    "SELECT DISTINCT r.id FROM word w JOIN revision r ON r.row = w.rev"
	    " WHERE w.kind = 1 AND w.value IN (?1, 'KB' || ?1)"
	    " AND r.type IN (1, 2) ORDER BY r.id",
	    e);

	if (strncasecmp(kb, "KB", 2) == 0)
		kb += 2;
	if (r == 0)
		query_str(&q, kb);
	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = each(arg, &id, e);
	}
	return r;
}

int
store_each_category(struct store *s,
    int (*each)(void *arg, const struct store_category *c, struct err *e),
    void *arg, struct err *e)
{
	struct store_category c;
	struct query q;
	int r = 0;

	/* A category's revisions are counted as one, whichever is meant. */
	if (query_text(&q, s,
		"WITH used (id, n) AS (SELECT c.id, count(DISTINCT l.rev)"
		" FROM rev_category l JOIN revision c ON c.row = l.category"
		" JOIN revision r ON r.row = l.rev WHERE" SHOWN(
		    "r") " GROUP BY c.id)"
			 " SELECT r.id, r.category, r.title, ifnull(used.n, 0)"
			 " FROM revision r LEFT JOIN used ON used.id = r.id"
			 " WHERE r.type = 3 AND" NEWEST(
			     "r") " ORDER BY r.category, r.title, r.id",
		e) == -1)
		return -1;
	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, c.id.b, sizeof(c.id.b));
		c.type = (enum category_type)sqlite3_column_int(q.st, 1);
		c.title = query_get_str(&q, 2);
		c.updates = (uint64_t)sqlite3_column_int64(q.st, 3);
		r = each(arg, &c, e);
	}
	return r;
}

int
store_version(struct store *s, int64_t *version, struct err *e)
{
	struct query q;
	int r;

	/* PRAGMA data_version counts every snapshot where -shm is read-only. */
	if (query_text(&q, s, "SELECT ifnull(max(row), 0) FROM revision", e) ==
	    -1)
		return -1;
	if ((r = query_step(&q, e)) == 1)
		*version = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	return r == -1 ? -1 : 0;
}

int
store_cache(struct store *s, unsigned kib, struct err *e)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%u", kib);
	return store_exec(s, sql, e);
}
