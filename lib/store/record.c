/* SPDX-License-Identifier: ISC */
#include "lib/store/record.h"

#include <string.h>

/* Which statement puts a row, and which one reads it as that was bound. */
static const struct {
	enum store_sql put, read;
} tables[RECORD_TABLES] = {
    {SQL_PUT_REV, SQL_RECORD_REVS},
    {SQL_PUT_TITLES, SQL_RECORD_TITLES},
    {SQL_PUT_WORD, SQL_RECORD_WORDS},
    {SQL_PUT_PREREQ, SQL_RECORD_PREREQS},
    {SQL_PUT_BUNDLE, SQL_RECORD_BUNDLES},
    {SQL_PUT_SUPERSEDED, SQL_RECORD_SUPERSEDED},
    {SQL_PUT_REV_FILE, SQL_RECORD_FILES},
};

void
record_init(struct record *r)
{
	for (size_t i = 0; i < RECORD_TABLES; i++)
		r->rows[i] = (struct buf)BUF_INIT;
	r->row = 0;
	r->err = (struct err)ERR_INIT;
}

void
record_reset(struct record *r)
{
	err_clear(&r->err);
	for (size_t i = 0; i < RECORD_TABLES; i++)
		buf_reset(&r->rows[i]);
}

void
record_free(struct record *r)
{
	for (size_t i = 0; i < RECORD_TABLES; i++)
		buf_free(&r->rows[i]);
}

struct buf *
record_of(struct record *r, enum store_sql id)
{
	for (size_t i = 0; i < RECORD_TABLES; i++)
		if (tables[i].put == id)
			return &r->rows[i];
	return NULL;
}

/* Type, length, bytes: no two rows have the same. */
int
record_put(struct buf *to, int type, const void *p, size_t n, struct err *e)
{
	uint64_t len = n;
	uint8_t *at;

	if ((at = buf_reserve(to, 1 + sizeof(len) + n, e)) == NULL)
		return -1;
	at[0] = (uint8_t)type;
	memcpy(at + 1, &len, sizeof(len));
	if (n != 0)
		memcpy(at + 1 + sizeof(len), p, n);
	to->len += 1 + sizeof(len) + n;
	return 0;
}

int
record_end(const struct record *r, struct err *e)
{
	if (r->err.kind == E_NONE)
		return 0;
	*e = r->err;
	return -1;
}

static int
read_column(struct buf *to, struct query *q, int i, struct err *e)
{
	int type = sqlite3_column_type(q->st, i);
	int64_t v;

	switch (type) {
	case SQLITE_NULL:
		return record_put(to, type, NULL, 0, e);
	case SQLITE_INTEGER:
		v = sqlite3_column_int64(q->st, i);
		return record_put(to, type, &v, sizeof(v), e);
	default:
		return record_put(to, type, sqlite3_column_blob(q->st, i),
		    (size_t)sqlite3_column_bytes(q->st, i), e);
	}
}

static int
read_table(struct buf *to, struct store *s, enum store_sql id, int64_t from,
    int64_t last, struct err *e)
{
	struct query q;
	int r = query_open(&q, s, id, e), n;

	if (r == -1)
		return -1;
	query_int(&q, from);
	query_int(&q, last);
	n = sqlite3_column_count(q.st);
	while (query_each(&q, &r, e))
		for (int i = r = 0; r == 0 && i < n; i++)
			r = read_column(to, &q, i, e);
	return r;
}

int
record_read(
    struct record *r, struct store *s, int64_t from, int64_t to, struct err *e)
{
	for (size_t i = 0; i < RECORD_TABLES; i++)
		if (read_table(&r->rows[i], s, tables[i].read, from, to, e) ==
		    -1)
			return -1;
	return 0;
}

bool
record_same(const struct record *a, const struct record *b)
{
	for (size_t i = 0; i < RECORD_TABLES; i++) {
		const struct buf *x = &a->rows[i], *y = &b->rows[i];

		if (x->len != y->len ||
		    (x->len != 0 && memcmp(x->p, y->p, x->len) != 0))
			return false;
	}
	return true;
}
