/* SPDX-License-Identifier: ISC */
#include "lib/store/ledger.h"

#include "lib/store/store_db.h"

static void
bind_row(struct query *q, const struct ledger_row *r)
{
	query_int(q, r->kind);
	query_int(q, r->state);
	query_blob(q, r->origin.b, sizeof(r->origin.b));
	query_str(q, r->site);
	query_str(q, r->destination);
	query_int(q, (int64_t)r->sequence);
	query_int(q, (int64_t)r->base);
	query_blob(q, r->selection, SHA256_LEN);
	if (r->has_tag)
		query_blob(q, r->tag, SHA256_LEN);
	else
		query_null(q);
	query_str(q, r->key);
	query_str(q, r->where);
	query_int(q, r->time);
	query_int(q, (int64_t)r->revisions);
	query_int(q, (int64_t)r->files);
	query_int(q, (int64_t)r->bytes);
}

static void
get_text(struct query *q, int col, char *to, size_t room)
{
	snprintf(to, room, "%s", query_get_text(q, col));
}

static uint64_t
get_num(struct query *q, int col)
{
	return (uint64_t)sqlite3_column_int64(q->st, col);
}

static void
get_row(struct query *q, struct ledger_row *r)
{
	*r = (struct ledger_row){.row = sqlite3_column_int64(q->st, 0)};
	r->kind = (enum ledger_kind)sqlite3_column_int(q->st, 1);
	r->state = (enum ledger_state)sqlite3_column_int(q->st, 2);
	(void)query_get_blob(q, 3, r->origin.b, sizeof(r->origin.b));
	get_text(q, 4, r->site, sizeof(r->site));
	get_text(q, 5, r->destination, sizeof(r->destination));
	r->sequence = get_num(q, 6);
	r->base = get_num(q, 7);
	(void)query_get_blob(q, 8, r->selection, SHA256_LEN);
	r->has_tag = query_get_blob(q, 9, r->tag, SHA256_LEN);
	get_text(q, 10, r->key, sizeof(r->key));
	get_text(q, 11, r->where, sizeof(r->where));
	r->time = sqlite3_column_int64(q->st, 12);
	r->revisions = get_num(q, 13);
	r->files = get_num(q, 14);
	r->bytes = get_num(q, 15);
	get_text(q, 16, r->target, sizeof(r->target));
	get_text(q, 17, r->reason, sizeof(r->reason));
	get_text(q, 18, r->gate, sizeof(r->gate));
	r->has_head = query_get_blob(q, 19, r->head, LEDGER_HEAD);
}

static int
get_one(struct query *q, struct ledger_row *r, struct err *e)
{
	int got = query_step(q, e);

	if (got == 1)
		get_row(q, r);
	query_close(q);
	return got;
}

/* What SQLite's signed integers hold. */
static int
check_row(const struct ledger_row *r, struct err *e)
{
	if (r->sequence > INT64_MAX || r->base > INT64_MAX ||
	    r->revisions > INT64_MAX || r->files > INT64_MAX ||
	    r->bytes > INT64_MAX)
		return err_set(
		    e, E_LIMIT, "ledger: a number is beyond 2^63 - 1");
	return 0;
}

static int
put_note(struct store *s, const struct ledger_row *r, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_NOTE, e) == -1)
		return -1;
	query_int(&q, r->row);
	query_str(&q, r->target);
	query_str(&q, r->reason);
	query_str(&q, r->gate);
	if (r->has_head)
		query_blob(&q, r->head, LEDGER_HEAD);
	else
		query_null(&q);
	return query_done(&q, e);
}

int
ledger_add(struct store *s, struct ledger_row *r, struct err *e)
{
	struct query q;

	if (check_row(r, e) == -1 || query_open(&q, s, SQL_ADD_LEDGER, e) == -1)
		return -1;
	bind_row(&q, r);
	if (query_done(&q, e) == -1)
		return -1;
	r->row = sqlite3_last_insert_rowid(s->db);
	return put_note(s, r, e);
}

int
ledger_update(struct store *s, const struct ledger_row *r, struct err *e)
{
	struct query q;

	if (check_row(r, e) == -1 || query_open(&q, s, SQL_SET_LEDGER, e) == -1)
		return -1;
	bind_row(&q, r);
	query_int(&q, r->row);
	return query_done(&q, e) == -1 ? -1 : put_note(s, r, e);
}

int
ledger_last_export(struct store *s, struct ledger_row *r, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_LAST_EXPORT, e) == -1)
		return -1;
	return get_one(&q, r, e);
}

int
ledger_find(struct store *s, enum ledger_kind k, const uint8_t tag[SHA256_LEN],
    struct ledger_row *r, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FIND_LEDGER, e) == -1)
		return -1;
	query_int(&q, k);
	query_blob(&q, tag, SHA256_LEN);
	return get_one(&q, r, e);
}

int
ledger_last_import(struct store *s, const struct guid *origin,
    struct ledger_row *r, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_LAST_IMPORT, e) == -1)
		return -1;
	query_blob(&q, origin->b, sizeof(origin->b));
	return get_one(&q, r, e);
}

int
ledger_find_import(struct store *s, const struct guid *origin,
    uint64_t sequence, struct ledger_row *r, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FIND_IMPORT, e) == -1)
		return -1;
	query_blob(&q, origin->b, sizeof(origin->b));
	query_int(&q, (int64_t)sequence);
	return get_one(&q, r, e);
}

int
ledger_each(struct store *s,
    int (*each)(void *arg, const struct ledger_row *r, struct err *e),
    void *arg, struct err *e)
{
	struct ledger_row row;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_LEDGER, e);

	while (query_each(&q, &r, e)) {
		get_row(&q, &row);
		r = each(arg, &row, e);
	}
	return r;
}
