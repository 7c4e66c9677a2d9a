/* SPDX-License-Identifier: ISC */
#include "lib/store/receipts.h"

#include <inttypes.h>

#include "lib/store/store_db.h"

static int
get(struct query *q, struct receipts_row *v, struct err *e)
{
	*v = (struct receipts_row){.row = sqlite3_column_int64(q->st, 0),
	    .kind = (enum receipts_kind)sqlite3_column_int(q->st, 1),
	    .ledger = sqlite3_column_int64(q->st, 2),
	    .time = sqlite3_column_int64(q->st, 3)};
	if (!query_get_blob(q, 4, v->record, sizeof(v->record)))
		return err_set(e, E_FORMAT,
		    "%s: receipt row %" PRId64 " is damaged: expected %d bytes",
		    STORE_DB, v->row, RECEIPT_BYTES);
	if (receipt_unpack(&v->r, v->record, e) == 0)
		return 0;
	return err_ctx(e, "%s: receipt row %" PRId64, STORE_DB, v->row);
}

static int
get_one(struct query *q, struct receipts_row *v, struct err *e)
{
	int r = query_step(q, e);

	if (r == 1 && get(q, v, e) == -1)
		r = -1;
	query_close(q);
	return r;
}

int
receipts_add(struct store *s, struct receipts_row *v, struct err *e)
{
	struct query q;

	if (receipt_unpack(&v->r, v->record, e) == -1 ||
	    query_open(&q, s, SQL_ADD_RECEIPT, e) == -1)
		return -1;
	query_int(&q, v->kind);
	query_blob(&q, v->r.origin.b, sizeof(v->r.origin.b));
	query_blob(&q, v->r.store.b, sizeof(v->r.store.b));
	query_int(&q, v->r.number);
	query_int(&q, v->r.sequence);
	query_int(&q, v->ledger);
	query_int(&q, v->time);
	query_blob(&q, v->record, sizeof(v->record));
	if (query_done(&q, e) == -1)
		return -1;
	v->row = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int
receipts_last(struct store *s, enum receipts_kind k, const struct guid *store,
    struct receipts_row *v, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_LAST_RECEIPT, e) == -1)
		return -1;
	query_int(&q, k);
	query_blob(&q, store->b, sizeof(store->b));
	return get_one(&q, v, e);
}

int
receipts_last_of(struct store *s, enum receipts_kind k,
    const struct guid *store, const struct guid *origin, struct receipts_row *v,
    struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_LAST_RECEIPT_OF, e) == -1)
		return -1;
	query_int(&q, k);
	query_blob(&q, store->b, sizeof(store->b));
	query_blob(&q, origin->b, sizeof(origin->b));
	return get_one(&q, v, e);
}

int
receipts_find(struct store *s, enum receipts_kind k, const struct guid *store,
    uint32_t number, struct receipts_row *v, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FIND_RECEIPT, e) == -1)
		return -1;
	query_int(&q, k);
	query_blob(&q, store->b, sizeof(store->b));
	query_int(&q, number);
	return get_one(&q, v, e);
}

int
receipts_each(struct store *s,
    int (*each)(void *arg, const struct receipts_row *v, struct err *e),
    void *arg, struct err *e)
{
	struct receipts_row v;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_RECEIPT, e);

	while (query_each(&q, &r, e)) {
		r = get(&q, &v, e);
		if (r == 0)
			r = each(arg, &v, e);
	}
	return r;
}
