/* SPDX-License-Identifier: ISC */
#include "lib/store/destination.h"

#include <inttypes.h>

#include "lib/store/row_set.h"
#include "lib/store/runs.h"
#include "lib/store/store_db.h"

int
destination_check(const char *name, struct err *e)
{
	size_t n = strlen(name);

	if (n > 0 && n <= DESTINATION_MAX &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n)
		return 0;
	return err_set(e, E_USAGE,
	    "a destination is 1 to %d of a-z, 0-9 and '-', not '%s'",
	    DESTINATION_MAX, name);
}

static void
get(struct query *q, struct destination *d)
{
	*d = (struct destination){.row = sqlite3_column_int64(q->st, 0),
	    .since = sqlite3_column_int64(q->st, 4),
	    .base = (uint64_t)sqlite3_column_int64(q->st, 5)};
	snprintf(d->name, sizeof(d->name), "%s", query_get_text(q, 1));
	d->has_store = query_get_blob(q, 2, d->store.b, sizeof(d->store.b));
	d->has_key = query_get_blob(q, 3, d->key, sizeof(d->key));
}

static int
get_one(struct query *q, struct destination *d, struct err *e)
{
	int r = query_step(q, e);

	if (r == 1)
		get(q, d);
	query_close(q);
	return r;
}

int
destination_find(
    struct store *s, const char *name, struct destination *d, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_DESTINATION, e) == -1)
		return -1;
	query_str(&q, name);
	return get_one(&q, d, e);
}

int
destination_of_store(struct store *s, const struct guid *store,
    struct destination *d, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_DESTINATION_OF, e) == -1)
		return -1;
	query_blob(&q, store->b, sizeof(store->b));
	return get_one(&q, d, e);
}

int
destination_each(struct store *s,
    int (*each)(void *arg, const struct destination *d, struct err *e),
    void *arg, struct err *e)
{
	struct destination d;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_DESTINATION, e);

	while (query_each(&q, &r, e)) {
		get(&q, &d);
		r = each(arg, &d, e);
	}
	return r;
}

int
destination_put(struct store *s, struct destination *d, struct err *e)
{
	struct query q;

	if (d->base > INT64_MAX)
		return err_set(
		    e, E_LIMIT, "destination: a number is beyond 2^63 - 1");
	if (query_open(&q, s,
		d->row == 0 ? SQL_ADD_DESTINATION : SQL_SET_DESTINATION,
		e) == -1)
		return -1;
	query_str(&q, d->name);
	if (d->has_store)
		query_blob(&q, d->store.b, sizeof(d->store.b));
	else
		query_null(&q);
	if (d->has_key)
		query_blob(&q, d->key, sizeof(d->key));
	else
		query_null(&q);
	query_int(&q, d->since);
	query_int(&q, (int64_t)d->base);
	if (d->row != 0)
		query_int(&q, d->row);
	if (query_done(&q, e) == -1)
		return -1;
	if (d->row == 0)
		d->row = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int
put_held(struct store *s, int64_t row, enum carried_kind k,
    const struct row_set *set, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_ACKNOWLEDGED, e) == -1)
		return -1;
	query_int(&q, row);
	query_int(&q, k);
	return runs_put(&q, set, e);
}

int
destination_acknowledge(struct store *s, int64_t row, uint64_t sequence,
    const struct row_set *revs, const struct row_set *files, struct err *e)
{
	struct query q;

	if (sequence > INT64_MAX)
		return err_set(
		    e, E_LIMIT, "destination: a number is beyond 2^63 - 1");
	if (put_held(s, row, CARRIED_REVISIONS, revs, e) == -1 ||
	    put_held(s, row, CARRIED_FILES, files, e) == -1 ||
	    query_open(&q, s, SQL_BASE_DESTINATION, e) == -1)
		return -1;
	query_int(&q, (int64_t)sequence);
	query_int(&q, row);
	return query_done(&q, e);
}

int
destination_held(struct store *s, int64_t row, enum carried_kind k,
    struct row_set *to, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_GET_ACKNOWLEDGED, e) == -1)
		return -1;
	query_int(&q, row);
	query_int(&q, k);
	if ((r = query_step(&q, e)) == 1 && runs_get(&q, 0, to, e) == -1) {
		err_ctx(e, "%s: what destination %" PRId64 " acknowledged",
		    STORE_DB, row);
		r = -1;
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}
