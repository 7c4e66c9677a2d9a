/* SPDX-License-Identifier: ISC */
/* What stands in the rows, for lists, exports and checks. */
#include "lib/store/store_db.h"

#include <inttypes.h>

#include "lib/store/store_list.h"

void
store_get_rev(struct query *q, struct store_rev *r)
{
	r->row = sqlite3_column_int64(q->st, 0);
	(void)query_get_blob(q, 1, r->id.b, sizeof(r->id.b));
	r->revision = (uint32_t)sqlite3_column_int64(q->st, 2);
	r->bytes = (uint32_t)sqlite3_column_int64(q->st, 3);
	r->units = (uint32_t)sqlite3_column_int64(q->st, 4);
	(void)query_get_blob(q, 5, r->sha256, SHA256_LEN);
	r->type = (enum update_type)sqlite3_column_int(q->st, 6);
	r->category = (enum category_type)sqlite3_column_int(q->st, 7);
	r->expired = sqlite3_column_int(q->st, 8) != 0;
	r->newest = sqlite3_column_int(q->st, 9) != 0;
	r->title = query_get_str(q, 10);
	r->kb = query_get_str(q, 11);
	r->severity = query_get_str(q, 12);
	r->created = query_get_str(q, 13);
	r->transfer = sqlite3_column_int64(q->st, 14);
}

int
store_each_rev(struct store *s,
    int (*each)(void *arg, const struct store_rev *r, struct err *e), void *arg,
    struct err *e)
{
	struct store_rev rev;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_REV, e);

	while (query_each(&q, &r, e)) {
		store_get_rev(&q, &rev);
		r = each(arg, &rev, e);
	}
	return r;
}

/* One after the other into b; what stood in SQLite now stands there. */
static int
lend(struct buf *b, const char **strings[], size_t n, struct err *e)
{
	size_t i, at = 0;

	buf_reset(b);
	for (i = 0; i < n; i++)
		if (*strings[i] != NULL &&
		    buf_put(b, *strings[i], strlen(*strings[i]) + 1, e) == -1)
			return -1;
	for (i = 0; i < n; i++)
		if (*strings[i] != NULL) {
			*strings[i] = (const char *)b->p + at;
			at += strlen(*strings[i]) + 1;
		}
	return 0;
}

int
store_rev(struct store *s, int64_t row, struct store_rev *r, struct err *e)
{
	const char **strings[] = {&r->title, &r->kb, &r->severity, &r->created};
	struct query q;
	int got;

	if (query_open(&q, s, SQL_ONE_REV, e) == -1)
		return -1;
	query_int(&q, row);
	if ((got = query_step(&q, e)) == 1) {
		store_get_rev(&q, r);
		got = lend(&s->lent_rev, strings, 4, e);
	} else if (got == 0) {
		got = err_set(e, E_MISSING,
		    "revision in row %" PRId64 ": there is none", row);
	}
	query_close(&q);
	return got;
}

void
store_get_file(struct query *q, struct store_file *f)
{
	f->row = sqlite3_column_int64(q->st, 0);
	(void)query_get_blob(q, 1, f->sha1, SHA1_LEN);
	f->has_size = sqlite3_column_type(q->st, 2) != SQLITE_NULL;
	f->size = (uint64_t)sqlite3_column_int64(q->st, 2);
	f->has_declared = query_get_blob(q, 3, f->declared, SHA256_LEN);
	f->has_measured = query_get_blob(q, 4, f->measured, SHA256_LEN);
	snprintf(f->ext, sizeof(f->ext), "%s", query_get_text(q, 5));
	f->name = query_get_text(q, 6);
	f->present = sqlite3_column_int(q->st, 7) != 0;
	f->url = query_get_str(q, 8);
	f->left_out = sqlite3_column_int(q->st, 9) != 0;
	/* store_schema.c says why it is not kept twice. */
	if (f->present && !f->has_measured && f->has_declared) {
		f->has_measured = true;
		memcpy(f->measured, f->declared, SHA256_LEN);
	}
}

static int
each_file(struct query *q,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct store_file f;
	int r = 0;

	while (query_each(q, &r, e)) {
		store_get_file(q, &f);
		r = each(arg, &f, e);
	}
	return r;
}

int
store_each_file(struct store *s, bool present_only,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct query q;

	if (query_open(&q, s, present_only ? SQL_EACH_PRESENT : SQL_EACH_FILE,
		e) == -1)
		return -1;
	return each_file(&q, each, arg, e);
}

int
store_each_file_row(struct store *s,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FILES_BY_ROW, e) == -1)
		return -1;
	return each_file(&q, each, arg, e);
}

int
store_each_file_of(struct store *s, int64_t rev,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FILES_OF, e) == -1)
		return -1;
	query_int(&q, rev);
	return each_file(&q, each, arg, e);
}

int
store_each_file_under(struct store *s, int64_t rev,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FILES_UNDER, e) == -1)
		return -1;
	query_int(&q, rev);
	return each_file(&q, each, arg, e);
}

int
store_each_file_after(struct store *s, const uint8_t *sha1, unsigned n,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_FILES_AFTER, e) == -1)
		return -1;
	query_blob(&q, sha1 != NULL ? sha1 : (const uint8_t *)"",
	    sha1 != NULL ? SHA1_LEN : 0);
	query_int(&q, n);
	return each_file(&q, each, arg, e);
}

int
store_file(struct store *s, const uint8_t sha1[SHA1_LEN], struct store_file *f,
    struct err *e)
{
	const char **strings[] = {&f->name, &f->url};
	struct query q;
	int r;

	if (query_open(&q, s, SQL_ONE_FILE, e) == -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	if ((r = query_step(&q, e)) == 1) {
		store_get_file(&q, f);
		if (lend(&s->lent_file, strings, 2, e) == -1)
			r = -1;
	}
	query_close(&q);
	return r;
}

int
store_each_category_of(struct store *s, int64_t rev, enum category_type kind,
    int (*each)(
	void *arg, const struct guid *id, const char *title, struct err *e),
    void *arg, struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_open(&q, s, SQL_CATEGORIES_OF, e);

	query_int(&q, rev);
	query_int(&q, kind);
	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = each(arg, &id, query_get_str(&q, 1), e);
	}
	return r;
}

int
store_kbs_of(struct store *s, int64_t rev, struct buf *to, struct err *e)
{
	struct query q;
	int r;

	buf_reset(to);
	if (query_open(&q, s, SQL_KBS_OF, e) == -1)
		return -1;
	query_int(&q, rev);
	for (r = 0; query_each(&q, &r, e);)
		if ((to->len > 0 && buf_put(to, " ", 1, e) == -1) ||
		    buf_puts(to, query_get_text(&q, 0), e) == -1)
			r = -1;
	return r;
}

int
store_each_url(struct store *s,
    int (*each)(void *arg, const uint8_t sha1[SHA1_LEN], const char *url,
	struct err *e),
    void *arg, struct err *e)
{
	uint8_t sha1[SHA1_LEN];
	struct query q;
	int r = query_open(&q, s, SQL_EACH_URL, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, sha1, SHA1_LEN);
		r = each(arg, sha1, query_get_text(&q, 1), e);
	}
	return r;
}

int
store_each_missing(struct store *s,
    int (*each)(void *arg, const struct guid *id, uint32_t revision,
	uint64_t wanted_by, struct err *e),
    void *arg, struct err *e)
{
	struct guid id;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_MISSING, e);

	while (query_each(&q, &r, e)) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		r = each(arg, &id, (uint32_t)sqlite3_column_int64(q.st, 1),
		    (uint64_t)sqlite3_column_int64(q.st, 2), e);
	}
	return r;
}

static uint64_t
column(struct query *q, int col)
{
	return (uint64_t)sqlite3_column_int64(q->st, col);
}

int
store_counts(struct store *s, struct store_counts *c, struct err *e)
{
	struct query q;
	int r;

	*c = (struct store_counts){.revisions = 0};
	if (query_open(&q, s, SQL_COUNTS, e) == -1)
		return -1;
	if ((r = query_step(&q, e)) == 1) {
		c->revisions = column(&q, 0);
		c->updates = column(&q, 1);
		c->categories = column(&q, 2);
		c->files = column(&q, 3);
		c->present = column(&q, 4);
		c->left_out = column(&q, 7);
		c->absent = c->files - c->present - c->left_out;
		c->payload_bytes = column(&q, 5);
		c->doc_bytes = column(&q, 6);
	}
	query_close(&q);
	return r == -1 ? -1 : 0;
}
