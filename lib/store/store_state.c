/* SPDX-License-Identifier: ISC */
/* Lines of a transfer's state.jsonl: what is kept of them and what is read. */
#include "lib/store/store_db.h"

#include <inttypes.h>

#include "lib/base/enc.h"

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

/* The text of a key: absent gives "", anything but a text is refused. */
static int
get_text(struct query *q, int col, const char *key, char *to, size_t room,
    struct err *e)
{
	const char *type = query_get_str(q, col);
	const char *v;

	to[0] = '\0';
	if (type == NULL)
		return 0;
	if (strcmp(type, "text") != 0)
		return err_set(
		    e, E_FORMAT, "'%s': expected a text, found %s", key, type);
	if ((v = query_get_str(q, col + 1)) == NULL)
		return err_nomem(e);
	if (strlen(v) >= room)
		return err_set(e, E_LIMIT, "'%s': %zu bytes, at most %zu", key,
		    strlen(v), room - 1);
	memcpy(to, v, strlen(v) + 1);
	return 0;
}

static int
get_number(struct query *q, int col, const char *key, uint64_t max,
    uint64_t *to, struct err *e)
{
	const char *type = query_get_str(q, col);
	int64_t v;

	*to = 0;
	if (type == NULL)
		return 0;
	v = sqlite3_column_int64(q->st, col + 1);
	if (strcmp(type, "integer") != 0 || v < 0 || (uint64_t)v > max ||
	    sqlite3_column_type(q->st, col + 1) != SQLITE_INTEGER)
		return err_set(e, E_FORMAT,
		    "'%s': expected a whole number from 0 to %" PRIu64, key,
		    max);
	*to = (uint64_t)v;
	return 0;
}

static int
get_state(struct query *q, struct store_state *st, struct err *e)
{
	const char *whole = query_get_str(q, 0);
	uint64_t revision = 0;

	if (whole == NULL || strcmp(whole, "object") != 0)
		return err_set(e, E_FORMAT, "expected a JSON object, found %s",
		    whole != NULL ? whole : "nothing");
	if (get_text(q, 1, "t", st->t, sizeof(st->t), e) == -1 ||
	    get_text(q, 3, "sha1", st->sha1, sizeof(st->sha1), e) == -1 ||
	    get_text(q, 5, "name", st->name, sizeof(st->name), e) == -1 ||
	    get_text(q, 7, "url", st->url, sizeof(st->url), e) == -1 ||
	    get_number(q, 9, "size", INT64_MAX, &st->size, e) == -1)
		return -1;
	if (st->t[0] == '\0')
		return err_set(e, E_FORMAT, "expected a key 't', found none");
	/* What they are in a line that we do not know is not ours to say. */
	if (strcmp(st->t, "file") == 0 &&
	    (get_text(q, 11, "id", st->id, sizeof(st->id), e) == -1 ||
		get_number(q, 13, "revision", UINT32_MAX, &revision, e) == -1))
		return -1;
	st->revision = (uint32_t)revision;
	whole = query_get_str(q, 15);
	st->unwanted = whole != NULL && strcmp(whole, "false") == 0;
	return 0;
}

int
store_state_parse(struct store *s, const char *line, size_t len,
    struct store_state *st, struct err *e)
{
	struct query q;
	int r;

	/* SQLite would end a text at an escaped NUL and say nothing. */
	if (memchr(line, '\0', len) != NULL ||
	    memmem(line, len, "\\u0000", 6) != NULL ||
	    !utf8_valid((const uint8_t *)line, len))
		return err_set(e, E_FORMAT, "expected UTF-8 without NUL");
	if (query_open(&q, s, SQL_PARSE_STATE, e) == -1)
		return -1;
	query_strn(&q, line, len);
	if ((r = query_step(&q, e)) == 0)
		r = err_set(e, E_FORMAT, "expected one JSON object");
	else if (r == 1)
		r = get_state(&q, st, e);
	query_close(&q);
	return r;
}

static int
take_file(struct store *s, const struct store_state *st,
    const uint8_t sha1[SHA1_LEN], struct err *e)
{
	struct guid id;

	if (!guid_read(&id, st->id, strlen(st->id)))
		return err_set(e, E_FORMAT, "file: id is '%s'", st->id);
	return store_put_extra(s, &id, st->revision, sha1, st->name, e);
}

static bool
is_known(const struct store_state *st)
{
	static const char *const known[] = {"absent", "file", "url"};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(st->t, known[i]) == 0)
			return true;
	return false;
}

int
store_state_take(struct store *s, const char *line, size_t len,
    struct store_state *st, struct err *e)
{
	uint8_t sha1[SHA1_LEN];

	if (store_state_parse(s, line, len, st, e) == -1)
		return -1;
	if (!is_known(st))
		return store_put_state(s, line, len, e);
	if (!hex_read(sha1, SHA1_LEN, st->sha1, strlen(st->sha1)))
		return err_set(
		    e, E_FORMAT, "%s: sha1 is '%s'", st->t, st->sha1);
	if (strcmp(st->t, "absent") == 0)
		return store_file_left_out(s, sha1, st->unwanted, e);
	return strcmp(st->t, "file") == 0
	    ? take_file(s, st, sha1, e)
	    : store_put_url(s, sha1, st->url, "transfer", e);
}

/* A line that this version cannot take either stays as it is. */
static int
take_again(struct store *s, const char *line, struct err *e)
{
	struct store_state st;
	struct query q;

	if (store_state_take(s, line, strlen(line), &st, e) == -1) {
		if (e->kind != E_FORMAT && e->kind != E_LIMIT &&
		    e->kind != E_DIGEST)
			return -1;
		err_clear(e);
		return 0;
	}
	if (!is_known(&st))
		return 0;
	if (query_text(&q, s, "DELETE FROM state WHERE line = ?", e) == -1)
		return -1;
	query_str(&q, line);
	return query_done(&q, e);
}

static int
gather(void *arg, const char *line, struct err *e)
{
	return buf_put(arg, line, strlen(line) + 1, e);
}

int
store_state_again(struct store *s, struct err *e)
{
	struct buf lines = BUF_INIT;
	const char *line;
	size_t at;
	int r;

	r = store_each_state(s, gather, &lines, e);
	for (at = 0; r == 0 && at < lines.len; at += strlen(line) + 1) {
		line = (const char *)lines.p + at;
		r = take_again(s, line, e);
	}
	buf_free(&lines);
	return r;
}
