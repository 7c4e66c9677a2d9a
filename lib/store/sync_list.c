/* SPDX-License-Identifier: ISC */
/* What an upstream lists, and what has vanished from there. */
#include "lib/store/store_db.h"
#include "lib/store/sync.h"

/* A statement about one list. */
static int
of_list(struct store *s, enum store_sql id, int64_t upstream, enum sync_kind k,
    struct err *e)
{
	struct query q;

	if (query_open(&q, s, id, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, k);
	return query_done(&q, e);
}

static int
clear_fresh(struct store *s, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_CLEAR_FRESH, e) == -1)
		return -1;
	return query_done(&q, e);
}

/* What is not to be had by what documents refer to it: once more, too. */
static int
revive(struct store *s, int64_t upstream, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_REVIVE_CLOSURE, e) == -1)
		return -1;
	query_int(&q, upstream);
	if (query_done(&q, e) == -1 ||
	    query_open(&q, s, SQL_DROP_NO_KEYS, e) == -1)
		return -1;
	return query_done(&q, e);
}

/*
 * The new list is gathered in memory, so that only what differs is written:
 * most often nothing.
 */
int
sync_listed_begin(struct store *s, int64_t upstream, enum sync_kind k,
    bool same_filter, struct err *e)
{
	if (store_exec(s,
		"CREATE TEMP TABLE IF NOT EXISTS fresh (id BLOB,"
		" revision INTEGER, PRIMARY KEY (id, revision))"
		" WITHOUT ROWID",
		e) == -1 ||
	    clear_fresh(s, e) == -1 ||
	    of_list(s, SQL_SLEEP_WORK, upstream, k, e) == -1)
		return -1;
	s->sleeping = sqlite3_changes(s->db) > 0;
	if (k == SYNC_LIST && revive(s, upstream, e) == -1)
		return -1;
	s->listing = true;
	s->same_filter = same_filter;
	return 0;
}

int
sync_listed(struct store *s, int64_t upstream, enum sync_kind k,
    const struct guid *id, uint32_t revision, struct err *e)
{
	struct query q;

	if (query_open(&q, s, s->listing ? SQL_PUT_FRESH : SQL_PUT_LISTED, e) ==
	    -1)
		return -1;
	if (!s->listing) {
		query_int(&q, upstream);
		query_int(&q, k);
	}
	query_blob(&q, id->b, sizeof(id->b));
	query_int(&q, revision);
	return query_done(&q, e);
}

static int
mark_absent(struct store *s, int64_t upstream, enum sync_kind k, int64_t now,
    uint64_t *absent, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_MARK_ABSENT, e) == -1)
		return -1;
	query_int(&q, now);
	query_int(&q, upstream);
	query_int(&q, k);
	if (query_done(&q, e) == -1)
		return -1;
	*absent = (uint64_t)sqlite3_changes64(s->db);
	return 0;
}

int
sync_listed_end(struct store *s, int64_t upstream, enum sync_kind k,
    int64_t now, uint64_t *absent, struct err *e)
{
	*absent = 0;
	if ((s->same_filter &&
		mark_absent(s, upstream, k, now, absent, e) == -1) ||
	    of_list(s, SQL_DROP_LISTED, upstream, k, e) == -1 ||
	    of_list(s, SQL_TAKE_FRESH, upstream, k, e) == -1 ||
	    of_list(s, SQL_DROP_SLEEPING, upstream, k, e) == -1)
		return -1;
	s->listing = false;
	return clear_fresh(s, e);
}

int
sync_each_absent(struct store *s,
    int (*each)(void *arg, const struct guid *id, uint32_t revision,
	int64_t since, struct err *e),
    void *arg, struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_ABSENT, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = each(arg, &id, (uint32_t)sqlite3_column_int64(q.st, 1),
		    sqlite3_column_int64(q.st, 2), e);
	}
	return r;
}

int
sync_listed_count(struct store *s, int64_t upstream, enum sync_kind k,
    uint64_t *n, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_COUNT_LISTED, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, k);
	return sync_count(&q, n, e);
}
