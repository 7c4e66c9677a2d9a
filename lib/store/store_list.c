/* SPDX-License-Identifier: ISC */
/* What lists and the server ask for. */
#include "lib/store/store_list.h"

#include "lib/store/store_db.h"

#define NEWEST(r)                                                              \
	" NOT EXISTS (SELECT 1 FROM revision n WHERE n.id = " r ".id"          \
	" AND n.revision > " r ".revision)"

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
store_match_open(struct query *q, struct store *s, struct buf *pattern,
    const char *sql, const char *text, struct err *e)
{
	const char *kb = text;

	if ((kb[0] == 'K' || kb[0] == 'k') && (kb[1] == 'B' || kb[1] == 'b'))
		kb += 2;
	if (put_pattern(pattern, text, e) == -1 ||
	    query_text(q, s, sql, e) == -1)
		return -1;
	query_strn(q, (const char *)pattern->p, pattern->len);
	query_str(q, kb);
	return 0;
}

int
store_each_match(struct store *s, const char *text,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct query q;
	int r = -1;

	if (store_match_open(&q, s, &b,
		"SELECT row FROM revision WHERE title LIKE ? ESCAPE '\\'"
		" UNION SELECT rev FROM word WHERE kind = 1 AND value = ?",
		text, e) == 0)
		r = each_row(&q, each, arg, e);
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
		" JOIN shown s ON s.row = l.rev GROUP BY c.id)"
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
store_last(struct store *s, int64_t *row, struct err *e)
{
	struct query q;
	int r;

	if (query_text(&q, s, "SELECT ifnull(max(row), 0) FROM revision", e) ==
	    -1)
		return -1;
	if ((r = query_step(&q, e)) == 1)
		*row = sqlite3_column_int64(q.st, 0);
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
