/* SPDX-License-Identifier: ISC */
/* Payload files of revisions that their documents do not name. */
#include "lib/store/shown.h"
#include "lib/store/store_db.h"

/* 1 found, 0 not, -1. */
static int
find_rev(struct store *s, const struct guid *id, uint32_t revision,
    int64_t *row, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_REV_ROW, e) == -1)
		return -1;
	query_blob(&q, id->b, sizeof(id->b));
	query_int(&q, revision);
	if ((r = query_step(&q, e)) == 1)
		*row = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	return r;
}

int
store_put_extra(struct store *s, const struct guid *id, uint32_t revision,
    const uint8_t sha1[SHA1_LEN], const char *name, struct err *e)
{
	struct update_file f = {.name = name};
	struct query q;
	int64_t rev, file;
	int r;

	if ((r = find_rev(s, id, revision, &rev, e)) != 1)
		return r;
	memcpy(f.sha1, sha1, SHA1_LEN);
	if (store_file_check(s, &f, &file, e) == -1 ||
	    store_file_put(s, &f, &file, e) == -1 ||
	    query_open(&q, s, SQL_PUT_EXTRA, e) == -1)
		return -1;
	query_int(&q, rev);
	query_int(&q, file);
	query_str(&q, name);
	shown_mark(s);
	return query_done(&q, e);
}

int
store_each_extra(struct store *s,
    int (*each)(void *arg, const struct store_extra *x, struct err *e),
    void *arg, struct err *e)
{
	struct store_extra x;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_EXTRA, e);

	while (query_each(&q, &r, e)) {
		x.rev = sqlite3_column_int64(q.st, 0);
		(void)query_get_blob(&q, 1, x.id.b, sizeof(x.id.b));
		x.revision = (uint32_t)sqlite3_column_int64(q.st, 2);
		(void)query_get_blob(&q, 3, x.sha1, SHA1_LEN);
		x.name = query_get_text(&q, 4);
		r = each(arg, &x, e);
	}
	return r;
}

int
store_is_extra(struct store *s, int64_t file, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_IS_EXTRA, e) == -1)
		return -1;
	query_int(&q, file);
	r = query_step(&q, e);
	query_close(&q);
	return r;
}
