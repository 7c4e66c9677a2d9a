/* SPDX-License-Identifier: ISC */
#include "lib/store/carried.h"

#include <inttypes.h>

#include "lib/store/row_set.h"
#include "lib/store/runs.h"
#include "lib/store/store_db.h"

int
carried_put(struct store *s, int64_t row, enum carried_kind k,
    const struct row_set *set, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_CARRIED, e) == -1)
		return -1;
	query_int(&q, row);
	query_int(&q, k);
	return runs_put(&q, set, e);
}

int
carried_add(struct store *s, int64_t row, enum carried_kind k,
    struct row_set *to, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_GET_CARRIED, e) == -1)
		return -1;
	query_int(&q, row);
	query_int(&q, k);
	if ((r = query_step(&q, e)) == 1 && runs_get(&q, 0, to, e) == -1) {
		err_ctx(e, "%s: what ledger row %" PRId64 " carried", STORE_DB,
		    row);
		r = -1;
	}
	query_close(&q);
	return r;
}
