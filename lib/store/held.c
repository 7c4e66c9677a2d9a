/* SPDX-License-Identifier: ISC */
#include "lib/store/held.h"

#include <inttypes.h>

#include "lib/base/enc.h"
#include "lib/base/grow.h"
#include "lib/store/store_db.h"

int
held_differs(const struct store_doc *d, const uint8_t held[SHA256_LEN],
    const char *how, struct err *e)
{
	char text[GUID_LEN + 1];
	char a[2 * SHA256_LEN + 1], b[2 * SHA256_LEN + 1];

	guid_write(text, &d->u->id);
	hex_lower(a, held, SHA256_LEN);
	hex_lower(b, d->sha256, SHA256_LEN);
	return err_set(e, E_DIGEST,
	    "update %s revision %" PRIu32 ": %s with sha256 %s, given with %s",
	    text, d->u->revision, how, a, b);
}

/* The next character, where one is left; a line end is LF. */
static bool
next(const uint8_t **p, const uint8_t *end, uint8_t *c)
{
	if (*p == end)
		return false;
	*c = *(*p)++;
	if (*c != '\r')
		return true;
	*c = '\n';
	if (*p < end && **p == '\n')
		(*p)++;
	return true;
}

bool
held_alike(const void *va, size_t na, const void *vb, size_t nb)
{
	const uint8_t *a = va, *b = vb, *enda = a + na, *endb = b + nb;
	uint8_t x = 0, y = 0;
	bool more;

	do {
		more = next(&a, enda, &x);
		if (next(&b, endb, &y) != more)
			return false;
	} while (more && x == y);
	return !more;
}

/* 1 alike, 0 not, -1.  Where either text is not kept, nothing can be said. */
int
held_compare(struct store *s, const struct store_doc *d, const void *packed,
    size_t len, uint64_t bytes, const uint8_t sha256[SHA256_LEN], struct err *e)
{
	struct store_unpacker u = {.from = s};
	struct buf mine = BUF_INIT, given = BUF_INIT;
	int r = -1;

	if (len == 0 || d->packed_len == 0)
		return 0;
	if (store_unpack(&u, packed, len, bytes, sha256, &mine, e) == -1)
		err_ctx(e, "what is held");
	else if (store_unpack(&u, d->packed, d->packed_len, d->bytes, d->sha256,
		     &given, e) == 0)
		r = held_alike(mine.p, mine.len, given.p, given.len);
	store_unpacker_free(&u);
	buf_free(&mine);
	buf_free(&given);
	return r;
}

static int
compare_row(
    struct store *s, const struct store_doc *d, struct held *h, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_GET_DOC, e) == -1)
		return -1;
	query_int(&q, h->row);
	if ((r = query_step(&q, e)) == 1)
		r = held_compare(s, d, sqlite3_column_blob(q.st, 2),
		    (size_t)sqlite3_column_bytes(q.st, 2),
		    (uint64_t)sqlite3_column_int64(q.st, 1), h->sha256, e);
	query_close(&q);
	h->how = r == 1 ? HELD_ALIKE : HELD_OTHER;
	return r == -1 ? -1 : 0;
}

int
held_look(
    struct store *s, const struct store_doc *d, struct held *h, struct err *e)
{
	struct query q;
	int r;

	*h = (struct held){.how = HELD_NOT};
	if (query_open(&q, s, SQL_HELD, e) == -1)
		return -1;
	query_blob(&q, d->u->id.b, sizeof(d->u->id.b));
	query_int(&q, d->u->revision);
	if ((r = query_step(&q, e)) == 1) {
		(void)query_get_blob(&q, 0, h->sha256, SHA256_LEN);
		h->row = sqlite3_column_int64(q.st, 1);
		h->transfer = sqlite3_column_int64(q.st, 2);
	}
	query_close(&q);
	if (r != 1)
		return r;
	h->how = HELD_SAME;
	return memcmp(h->sha256, d->sha256, SHA256_LEN) == 0
	    ? 0
	    : compare_row(s, d, h, e);
}

static int
damaged(struct err *e)
{
	return err_set(
	    e, E_FORMAT, "%s: a row of a revision is damaged", STORE_DB);
}

static int
read_facts(struct store *s, int64_t row, struct update *u, struct err *e)
{
	struct query q;
	int r;

	*u = (struct update){.revision = 0};
	if (query_open(&q, s, SQL_HELD_FACTS, e) == -1)
		return -1;
	query_int(&q, row);
	if ((r = query_step(&q, e)) == 1) {
		if (!query_get_blob(&q, 0, u->id.b, sizeof(u->id.b)))
			r = 0;
		u->revision = (uint32_t)sqlite3_column_int64(q.st, 1);
		u->type = (enum update_type)sqlite3_column_int(q.st, 2);
		u->category = (enum category_type)sqlite3_column_int(q.st, 3);
	}
	query_close(&q);
	return r == 0 ? damaged(e) : r == 1 ? 0 : -1;
}

static int
add_prereq(struct held_doc *d, struct query *q, struct err *e)
{
	struct update_ref *to;

	if (grow(&d->prereqs, &d->capprereqs, d->u.nprereqs,
		sizeof(*d->prereqs), e) == -1)
		return -1;
	to = &d->prereqs[d->u.nprereqs++];
	*to = (struct update_ref){.revision = 0};
	return query_get_blob(q, 0, to->id.b, sizeof(to->id.b)) ? 0
								: damaged(e);
}

static int
add_file(struct held_doc *d, struct query *q, struct err *e)
{
	struct update_file *to;

	if (grow(&d->files, &d->capfiles, d->u.nfiles, sizeof(*d->files), e) ==
	    -1)
		return -1;
	to = &d->files[d->u.nfiles++];
	*to = (struct update_file){.name = ""};
	return query_get_blob(q, 0, to->sha1, SHA1_LEN) ? 0 : damaged(e);
}

static int
each_of(struct store *s, enum store_sql sql, int64_t row, struct held_doc *d,
    int (*add)(struct held_doc *d, struct query *q, struct err *e),
    struct err *e)
{
	struct query q;
	int r = query_open(&q, s, sql, e);

	if (r == 0)
		query_int(&q, row);
	while (query_each(&q, &r, e))
		r = add(d, &q, e);
	return r;
}

int
held_doc_read(struct store *s, int64_t row, struct held_doc *d, struct err *e)
{
	if (read_facts(s, row, &d->u, e) == -1 ||
	    each_of(s, SQL_HELD_PREREQS, row, d, add_prereq, e) == -1 ||
	    each_of(s, SQL_HELD_FILES, row, d, add_file, e) == -1)
		return -1;
	d->u.prereqs = d->prereqs;
	d->u.files = d->files;
	return 0;
}

void
held_doc_free(struct held_doc *d)
{
	free(d->prereqs);
	free(d->files);
	*d = (struct held_doc){.capprereqs = 0};
}
