/* SPDX-License-Identifier: ISC */
/* Statements: made once and kept, bound, stepped, read. */
#include "lib/store/record.h"
#include "lib/store/store_db.h"

static int
prepare(struct store *s, const char *sql, unsigned flags, sqlite3_stmt **st,
    struct err *e)
{
	int rc;

	rc = sqlite3_prepare_v3(s->db, sql, -1, flags, st, NULL);
	return rc == SQLITE_OK ? 0 : store_db_err(s->db, rc, e);
}

int
query_keep(struct query *q, struct store *s, sqlite3_stmt **kept,
    const char *sql, struct err *e)
{
	*q = (struct query){.s = s};
	if (*kept == NULL &&
	    prepare(s, sql, SQLITE_PREPARE_PERSISTENT, kept, e) == -1)
		return -1;
	q->st = *kept;
	if (!sqlite3_stmt_busy(q->st))
		return 0;
	q->own = true;
	return prepare(s, sql, 0, &q->st, e);
}

int
query_open(struct query *q, struct store *s, enum store_sql id, struct err *e)
{
	if (s->record != NULL) {
		*q = (struct query){.s = s, .to = record_of(s->record, id)};
		return 0;
	}
	return query_keep(q, s, &s->kept[id],
	    id < SQL_SYNC ? store_sql[id] : sync_sql[id - SQL_SYNC], e);
}

int
query_text(struct query *q, struct store *s, const char *sql, struct err *e)
{
	*q = (struct query){.s = s, .own = true};
	return prepare(s, sql, 0, &q->st, e);
}

void
query_close(struct query *q)
{
	if (q->st == NULL)
		return;
	if (q->own)
		sqlite3_finalize(q->st);
	else
		sqlite3_reset(q->st);
	q->st = NULL;
}

static void
bound(struct query *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
}

static void
record(struct query *q, int type, const void *p, size_t n)
{
	if (q->to != NULL)
		(void)record_put(q->to, type, p, n, &q->s->record->err);
}

void
query_int(struct query *q, int64_t v)
{
	if (q->st == NULL)
		record(q, SQLITE_INTEGER, &v, sizeof(v));
	else
		bound(q, sqlite3_bind_int64(q->st, ++q->nbound, v));
}

void
query_null(struct query *q)
{
	if (q->st == NULL)
		record(q, SQLITE_NULL, NULL, 0);
	else
		bound(q, sqlite3_bind_null(q->st, ++q->nbound));
}

void
query_strn(struct query *q, const char *v, size_t n)
{
	if (q->st == NULL)
		record(q, SQLITE_TEXT, v, n);
	else
		bound(q,
		    sqlite3_bind_text64(
			q->st, ++q->nbound, v, n, SQLITE_STATIC, SQLITE_UTF8));
}

void
query_str(struct query *q, const char *v)
{
	if (v == NULL)
		query_null(q);
	else
		query_strn(q, v, strlen(v));
}

void
query_blob(struct query *q, const void *p, size_t n)
{
	if (q->st == NULL)
		record(q, SQLITE_BLOB, p, n);
	else
		bound(q,
		    sqlite3_bind_blob64(
			q->st, ++q->nbound, p, n, SQLITE_STATIC));
}

void
query_file(struct query *q, int64_t row, const uint8_t sha1[SHA1_LEN])
{
	if (q->st == NULL)
		query_blob(q, sha1, SHA1_LEN);
	else
		query_int(q, row);
}

int
query_step(struct query *q, struct err *e)
{
	int rc = q->rc;

	if (q->st == NULL) /* no row is ever found in a record */
		return record_end(q->s->record, e);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q->st);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return store_db_err(q->s->db, rc, e);
}

bool
query_each(struct query *q, int *r, struct err *e)
{
	if (*r != -1)
		*r = query_step(q, e);
	if (*r == 1)
		return true;
	query_close(q);
	return false;
}

int
query_done(struct query *q, struct err *e)
{
	int r = 0;

	while (query_each(q, &r, e))
		;
	return r;
}

int64_t
query_row(const struct store *s)
{
	return s->record != NULL ? s->record->row
				 : sqlite3_last_insert_rowid(s->db);
}

const char *
query_get_str(struct query *q, int col)
{
	return (const char *)sqlite3_column_text(q->st, col);
}

const char *
query_get_text(struct query *q, int col)
{
	const char *v = query_get_str(q, col);

	return v != NULL ? v : "";
}

bool
query_get_blob(struct query *q, int col, void *to, size_t n)
{
	const void *p = sqlite3_column_blob(q->st, col);

	memset(to, 0, n);
	if (p == NULL || (size_t)sqlite3_column_bytes(q->st, col) != n)
		return false;
	memcpy(to, p, n);
	return true;
}
