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

/* What a statement finds, if anything. */
static int
add_found(struct query *q, struct row_set *to, struct err *e)
{
	int r = query_step(q, e);

	if (r == 1)
		r = row_set_add(to, sqlite3_column_int64(q->st, 0), e);
	query_close(q);
	return r;
}

int
carried_revision(struct store *s, const struct guid *id, uint32_t revision,
    struct row_set *to, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_REV_ROW, e) == -1)
		return -1;
	query_blob(&q, id->b, sizeof(id->b));
	query_int(&q, revision);
	return add_found(&q, to, e);
}

int
carried_file(struct store *s, const uint8_t sha1[SHA1_LEN], struct row_set *to,
    struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FILE_ROW, e) == -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	return add_found(&q, to, e);
}

int
carried_late(struct store *s, const struct row_set *revs,
    const struct row_set *files, struct row_set *to, struct err *e)
{
	struct query q;
	int r = query_open(&q, s, SQL_LATE_FILES, e);

	while (query_each(&q, &r, e)) {
		int64_t file = sqlite3_column_int64(q.st, 0);
		int64_t rev = sqlite3_column_int64(q.st, 1);

		r = row_set_has(files, file) || !row_set_has(revs, rev)
		    ? 0
		    : row_set_add(to, rev, e);
	}
	return r;
}
