/* SPDX-License-Identifier: ISC */
/* How downloads went, keys of encrypted files. */
#include "lib/store/store_db.h"
#include "lib/store/sync.h"

int
sync_file_put(struct store *s, const struct sync_file *f, struct err *e)
{
	char why[SYNC_WHY_MAX];
	struct query q;

	snprintf(why, sizeof(why), "%s", f->why != NULL ? f->why : "");
	utf8_clean(why);
	if (query_open(&q, s, SQL_PUT_OUTCOME, e) == -1)
		return -1;
	query_blob(&q, f->sha1, SHA1_LEN);
	query_int(&q, f->outcome);
	query_int(&q, f->at);
	query_int(&q, f->tries);
	query_str(&q, why);
	return query_done(&q, e);
}

int
sync_each_file(struct store *s,
    int (*each)(void *arg, const struct sync_file *f, struct err *e), void *arg,
    struct err *e)
{
	struct sync_file f;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_OUTCOME, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, f.sha1, SHA1_LEN);
		f.outcome = (enum sync_outcome)sqlite3_column_int(q.st, 1);
		f.at = sqlite3_column_int64(q.st, 2);
		f.tries = (unsigned)sqlite3_column_int64(q.st, 3);
		f.why = query_get_text(&q, 4);
		r = each(arg, &f, e);
	}
	return r;
}

int
sync_key_put(struct store *s, const uint8_t sha1[SHA1_LEN], const void *key,
    size_t n, struct err *e)
{
	struct query q;

	if (n > SYNC_KEY_MAX)
		return err_set(e, E_LIMIT,
		    "decryption key of %zu bytes, at most %d", n, SYNC_KEY_MAX);
	if (query_open(&q, s, SQL_PUT_KEY, e) == -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	query_blob(&q, n > 0 ? key : "", n);
	return query_done(&q, e);
}

int
sync_key_none(
    struct store *s, const struct guid *id, uint32_t revision, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_NO_KEYS, e) == -1)
		return -1;
	query_blob(&q, id->b, sizeof(id->b));
	query_int(&q, revision);
	return query_done(&q, e);
}

int
sync_each_keyless(struct store *s,
    int (*each)(
	void *arg, const struct guid *id, uint32_t revision, struct err *e),
    void *arg, struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_KEYLESS, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = each(arg, &id, (uint32_t)sqlite3_column_int64(q.st, 1), e);
	}
	return r;
}
