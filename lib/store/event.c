/* SPDX-License-Identifier: ISC */
#include "lib/store/event.h"

#include <stdio.h>

#include "lib/store/store_db.h"

int
event_add(struct store *s, const struct event *v, struct err *e)
{
	struct query q;

	if (v->sequence > INT64_MAX)
		return err_set(
		    e, E_LIMIT, "event: a number is beyond 2^63 - 1");
	if (query_open(&q, s, SQL_ADD_EVENT, e) == -1)
		return -1;
	query_int(&q, v->time);
	query_str(&q, v->kind);
	query_int(&q, v->ledger);
	query_blob(&q, v->origin.b, sizeof(v->origin.b));
	query_int(&q, (int64_t)v->sequence);
	query_str(&q, v->text);
	return query_done(&q, e);
}

int
event_each(struct store *s,
    int (*each)(void *arg, const struct event *v, struct err *e), void *arg,
    struct err *e)
{
	struct event v;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_EVENT, e);

	while (query_each(&q, &r, e)) {
		v = (struct event){.row = sqlite3_column_int64(q.st, 0),
		    .time = sqlite3_column_int64(q.st, 1),
		    .kind = query_get_text(&q, 2),
		    .ledger = sqlite3_column_int64(q.st, 3),
		    .sequence = (uint64_t)sqlite3_column_int64(q.st, 5),
		    .text = query_get_text(&q, 6)};
		(void)query_get_blob(&q, 4, v.origin.b, sizeof(v.origin.b));
		r = each(arg, &v, e);
	}
	return r;
}

int
event_last(struct store *s, const char *kind, const struct guid *origin,
    int64_t *ledger, struct err *e)
{
	struct query q;
	int r;

	*ledger = 0;
	if (query_open(&q, s, SQL_LAST_EVENT, e) == -1)
		return -1;
	query_str(&q, kind);
	query_blob(&q, origin->b, sizeof(origin->b));
	if ((r = query_step(&q, e)) == 1)
		*ledger = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	return r == -1 ? -1 : 0;
}

int
event_text(struct store *s, const char *kind, int64_t ledger, char *text,
    size_t room, struct err *e)
{
	struct query q;
	int r;

	text[0] = '\0';
	if (query_open(&q, s, SQL_EVENT_TEXT, e) == -1)
		return -1;
	query_str(&q, kind);
	query_int(&q, ledger);
	if ((r = query_step(&q, e)) == 1)
		snprintf(text, room, "%s", query_get_text(&q, 0));
	query_close(&q);
	return r;
}

int
event_texts(struct store *s, const char *kind, int64_t ledger, struct buf *text,
    struct err *e)
{
	const char *between = "";
	struct query q;
	int r;

	if (query_open(&q, s, SQL_EVENT_TEXTS, e) == -1)
		return -1;
	query_str(&q, kind);
	query_int(&q, ledger);
	while ((r = query_step(&q, e)) == 1) {
		if (buf_printf(text, e, "%s%s", between,
			query_get_text(&q, 0)) == -1) {
			r = -1;
			break;
		}
		between = "; ";
	}
	query_close(&q);
	return r;
}
