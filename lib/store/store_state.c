/* SPDX-License-Identifier: ISC */
/* Lines of a transfer's state.jsonl: what is kept of them and what is read. */
#include "lib/store/store_db.h"

#include "formats/state.h"

int
store_put_state(struct store *s, const char *line, size_t len, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_STATE, e) == -1)
		return -1;
	query_strn(&q, line, len);
	return query_done(&q, e);
}

int
store_each_state(struct store *s,
    int (*each)(void *arg, const char *line, struct err *e), void *arg,
    struct err *e)
{
	struct query q;
	int r = query_open(&q, s, SQL_EACH_STATE, e);

	while (query_each(&q, &r, e))
		r = each(arg, query_get_text(&q, 0), e);
	return r;
}

int
store_state_take(struct store *s, const struct state_line *l, const char *text,
    size_t len, struct err *e)
{
	switch (l->type) {
	case STATE_ABSENT:
		return store_file_left_out(s, l->sha1, l->unwanted, e);
	case STATE_FILE:
		return store_put_extra(
		    s, &l->id, l->revision, l->sha1, l->name, e);
	case STATE_URL:
		return store_put_url(s, l->sha1, l->url, "transfer", e);
	case STATE_PARTS:
		return 0; /* how one transfer carried it */
	case STATE_WITHDRAWN:
		return 0; /* withdrawn.h: whoever says it counts */
	case STATE_APPROVAL:
	case STATE_UNKNOWN:
		break;
	}
	return store_put_state(s, text, len, e);
}

static int
drop(struct store *s, const char *line, struct err *e)
{
	struct query q;

	if (query_text(&q, s, "DELETE FROM state WHERE line = ?", e) == -1)
		return -1;
	query_str(&q, line);
	return query_done(&q, e);
}

/* A line that this version cannot take either stays as it is. */
static int
take_again(struct store *s, const char *line, struct err *e)
{
	struct err fault = ERR_INIT;
	struct state_line l;

	if (state_read_line(&l, line, strlen(line), &fault) == -1)
		return 0;
	if (l.type == STATE_UNKNOWN || l.type == STATE_APPROVAL)
		return 0;
	if (store_state_take(s, &l, line, strlen(line), &fault) == 0)
		return drop(s, line, e);
	if (fault.kind == E_FORMAT || fault.kind == E_LIMIT ||
	    fault.kind == E_DIGEST)
		return 0;
	*e = fault;
	return -1;
}

/* Also one that is an approval and has another fault. */
static int
drop_approval(struct store *s, const char *line, struct err *e)
{
	struct err fault = ERR_INIT;
	struct state_line l;

	(void)state_read_line(&l, line, strlen(line), &fault);
	return strcmp(l.t, "approval") == 0 ? drop(s, line, e) : 0;
}

static int
gather(void *arg, const char *line, struct err *e)
{
	return buf_put(arg, line, strlen(line) + 1, e);
}

/* Lines cannot be dropped while they are walked. */
static int
each_kept(struct store *s,
    int (*each)(struct store *s, const char *line, struct err *e),
    struct err *e)
{
	struct buf lines = BUF_INIT;
	const char *line;
	size_t at;
	int r;

	r = store_each_state(s, gather, &lines, e);
	for (at = 0; r == 0 && at < lines.len; at += strlen(line) + 1) {
		line = (const char *)lines.p + at;
		r = each(s, line, e);
	}
	buf_free(&lines);
	return r;
}

int
store_state_again(struct store *s, struct err *e)
{
	return each_kept(s, take_again, e);
}

int
store_drop_approvals(struct store *s, struct err *e)
{
	return each_kept(s, drop_approval, e);
}
