/* SPDX-License-Identifier: ISC */
/* What is to be asked of an upstream. */
#include "lib/store/store_db.h"
#include "lib/store/sync.h"

/* Of a row of work; see check_all for what may stand there. */
enum { WORK_UNDONE = 1, WORK_UNAVAILABLE = 2 };

static void
bind_rev(struct query *q, const struct guid *id, uint32_t revision)
{
	query_blob(q, id->b, sizeof(id->b));
	query_int(q, revision);
}

static int
wake(struct store *s, int64_t upstream, const struct guid *id,
    uint32_t revision, bool *woken, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_WAKE_WORK, e) == -1)
		return -1;
	query_int(&q, upstream);
	bind_rev(&q, id, revision);
	if (query_done(&q, e) == -1)
		return -1;
	*woken = sqlite3_changes(s->db) > 0;
	return 0;
}

int
sync_add(struct store *s, int64_t upstream, enum sync_kind k,
    const struct guid *id, uint32_t revision, bool *added, struct err *e)
{
	struct query q;

	*added = false;
	if (s->listing && s->sleeping &&
	    wake(s, upstream, id, revision, added, e) == -1)
		return -1;
	if (*added)
		return 0;
	if (query_open(&q, s, SQL_ADD_WORK, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, k);
	bind_rev(&q, id, revision);
	if (query_done(&q, e) == -1)
		return -1;
	*added = sqlite3_changes(s->db) > 0;
	return 0;
}

int
sync_want(struct store *s, int64_t upstream, const struct guid *id, bool *added,
    struct err *e)
{
	struct query q;

	*added = false;
	if (query_open(&q, s, SQL_ADD_WANTED, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_blob(&q, id->b, sizeof(id->b));
	if (query_done(&q, e) == -1)
		return -1;
	*added = sqlite3_changes(s->db) > 0;
	return 0;
}

int
sync_todo(struct store *s, int64_t upstream, const struct sync_work *after,
    struct sync_work *to, unsigned n, struct err *e)
{
	static const struct sync_work first;
	struct query q;
	int r = 0, got = 0;

	if (after == NULL)
		after = &first;
	if (query_open(&q, s, SQL_UNDONE, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, after->kind);
	bind_rev(&q, &after->id, after->revision);
	query_int(&q, n);
	while (query_each(&q, &r, e)) {
		struct sync_work *w = &to[got++];

		w->kind = (enum sync_kind)sqlite3_column_int(q.st, 0);
		(void)query_get_blob(&q, 1, w->id.b, sizeof(w->id.b));
		w->revision = (uint32_t)sqlite3_column_int64(q.st, 2);
		w->tries = (unsigned)sqlite3_column_int64(q.st, 3);
	}
	return r == -1 ? -1 : got;
}

int
sync_dangling(struct store *s, int64_t upstream, struct guid *to, unsigned n,
    struct err *e)
{
	struct query q;
	int r = 0, got = 0;

	if (query_open(&q, s, SQL_DANGLING, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, n);
	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, to[got].b, sizeof(to[got].b));
		got++;
	}
	return r == -1 ? -1 : got;
}

static int
set_state(struct store *s, int state, int64_t upstream, const struct guid *id,
    uint32_t revision, const char *why, struct err *e)
{
	char text[SYNC_WHY_MAX];
	struct query q;
	int64_t now;

	snprintf(text, sizeof(text), "%s", why);
	utf8_clean(text);
	if (utc_now(&now, e) == -1 || query_open(&q, s, SQL_SET_WORK, e) == -1)
		return -1;
	query_int(&q, state);
	query_int(&q, now);
	query_str(&q, text);
	query_int(&q, upstream);
	bind_rev(&q, id, revision);
	return query_done(&q, e);
}

int
sync_unavailable(struct store *s, int64_t upstream, const struct guid *id,
    uint32_t revision, const char *why, struct err *e)
{
	return set_state(s, WORK_UNAVAILABLE, upstream, id, revision, why, e);
}

int
sync_later(struct store *s, int64_t upstream, const struct guid *id,
    uint32_t revision, const char *why, struct err *e)
{
	return set_state(s, WORK_UNDONE, upstream, id, revision, why, e);
}

int
sync_counts(
    struct store *s, int64_t upstream, struct sync_counts *c, struct err *e)
{
	struct query q;
	int r;

	*c = (struct sync_counts){.todo = 0};
	if (query_open(&q, s, SQL_SYNC_COUNTS, e) == -1)
		return -1;
	query_int(&q, upstream);
	if ((r = query_step(&q, e)) == 1) {
		c->todo = (uint64_t)sqlite3_column_int64(q.st, 0);
		c->tried = (uint64_t)sqlite3_column_int64(q.st, 1);
		c->unavailable = (uint64_t)sqlite3_column_int64(q.st, 2);
		c->inbox = (uint64_t)sqlite3_column_int64(q.st, 3);
		c->inbox_bytes = (uint64_t)sqlite3_column_int64(q.st, 4);
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}

int
sync_sweep(struct store *s, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_SWEEP_WORK, e) == -1)
		return -1;
	return query_done(&q, e);
}
