/* SPDX-License-Identifier: ISC */
#include "lib/store/withdrawn.h"

#include "lib/store/store_db.h"

int
withdrawn_begin(struct store *s, const struct guid *origin, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_DROP_WITHDRAWN, e) == -1)
		return -1;
	query_blob(&q, origin->b, sizeof(origin->b));
	return query_done(&q, e);
}

int
withdrawn_put(struct store *s, const struct guid *origin, const struct guid *id,
    uint32_t revision, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_WITHDRAWN, e) == -1)
		return -1;
	query_blob(&q, origin->b, sizeof(origin->b));
	query_blob(&q, id->b, sizeof(id->b));
	query_int(&q, revision);
	return query_done(&q, e);
}

int
withdrawn_each(struct store *s,
    int (*each)(void *arg, int64_t row, const struct guid *id,
	uint32_t revision, struct err *e),
    void *arg, struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_WITHDRAWN, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 1, id.b, sizeof(id.b));
		r = each(arg, sqlite3_column_int64(q.st, 0), &id,
		    (uint32_t)sqlite3_column_int64(q.st, 2), e);
	}
	return r;
}
