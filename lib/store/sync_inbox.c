/* SPDX-License-Identifier: ISC */
/* What has arrived and is not taken. */
#include <inttypes.h>

#include "lib/store/held.h"
#include "lib/store/store_db.h"
#include "lib/store/sync.h"

#define NAME_MAX_LEN 128 /* of a file, from its URL */

int
sync_pack(struct store_packer *p, const void *doc, size_t len, struct buf *to,
    struct err *e)
{
	if (len > SYNC_DOC_MAX)
		return err_set(e, E_LIMIT, "document of %zu bytes, at most %zu",
		    len, SYNC_DOC_MAX);
	return store_pack(p, doc, len, to, e);
}

static int
work_done(struct store *s, const struct update *u, struct err *e)
{
	struct query q;
	int k;

	for (k = SYNC_CONFIG; k <= SYNC_CLOSURE; k++) {
		if (query_open(&q, s, SQL_WORK_DONE, e) == -1)
			return -1;
		query_int(&q, k);
		query_blob(&q, u->id.b, sizeof(u->id.b));
		query_int(&q, u->revision);
		if (query_done(&q, e) == -1)
			return -1;
	}
	return 0;
}

/* 0 no, 1 yes and the same revision, -1. */
static int
in_inbox(struct store *s, const struct store_doc *d, struct err *e)
{
	uint8_t held[SHA256_LEN];
	struct query q;
	int r, alike = 1;

	if (query_open(&q, s, SQL_IN_INBOX, e) == -1)
		return -1;
	query_blob(&q, d->u->id.b, sizeof(d->u->id.b));
	query_int(&q, d->u->revision);
	if ((r = query_step(&q, e)) == 1 &&
	    (!query_get_blob(&q, 0, held, sizeof(held)) ||
		memcmp(held, d->sha256, SHA256_LEN) != 0))
		alike = held_compare(s, d, sqlite3_column_blob(q.st, 2),
		    (size_t)sqlite3_column_bytes(q.st, 2),
		    (uint64_t)sqlite3_column_int64(q.st, 1), held, e);
	query_close(&q);
	if (r != 1 || alike == 1)
		return r;
	return alike == -1 ? -1 : held_differs(d, held, "received before", e);
}

static int
put_inbox(struct store *s, int64_t upstream, enum sync_kind k,
    const struct store_doc *d, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_PUT_INBOX, e) == -1)
		return -1;
	query_int(&q, upstream);
	query_int(&q, k);
	query_blob(&q, d->u->id.b, sizeof(d->u->id.b));
	query_int(&q, d->u->revision);
	query_blob(&q, d->sha256, SHA256_LEN);
	query_int(&q, d->bytes);
	query_int(&q, d->units);
	query_str(&q, d->encoding);
	query_blob(&q, d->packed, d->packed_len);
	query_blob(&q, d->nextra > 0 ? (const void *)d->extra : "",
	    d->nextra * SHA1_LEN);
	return query_done(&q, e);
}

static int
add_refs(struct store *s, int64_t upstream, const struct update *u, uint64_t *n,
    struct err *e)
{
	bool added;
	size_t i;

	for (i = 0; i < u->nbundled; i++, *n += added)
		if (sync_add(s, upstream, SYNC_CLOSURE, &u->bundled[i].id,
			u->bundled[i].revision, &added, e) == -1)
			return -1;
	for (i = 0; i < u->nprereqs; i++, *n += added)
		if (sync_want(s, upstream, &u->prereqs[i].id, &added, e) == -1)
			return -1;
	return 0;
}

int
sync_arrive(struct store *s, int64_t upstream, enum sync_kind k,
    const struct store_doc *d, uint64_t *added, struct err *e)
{
	struct held h;
	int r;

	*added = 0;
	/* Done whatever comes of it: nothing better will come. */
	if (work_done(s, d->u, e) == -1)
		return -1;
	if (held_look(s, d, &h, e) == -1)
		return -1;
	if (h.how == HELD_OTHER)
		return held_differs(d, h.sha256, "held", e);
	r = h.how != HELD_NOT ? 1 : in_inbox(s, d, e);
	if (r != 0)
		return r == 1 ? 0 : -1;
	if (put_inbox(s, upstream, k, d, e) == -1)
		return -1;
	return add_refs(s, upstream, d->u, added, e);
}

int
sync_unpack(struct store_unpacker *u, const struct sync_arrived *a,
    struct buf *doc, struct err *e)
{
	return store_unpack(
	    u, a->packed, a->packed_len, a->bytes, a->sha256, doc, e);
}

static void
get_arrived(struct query *q, struct sync_arrived *a)
{
	(void)query_get_blob(q, 0, a->id.b, sizeof(a->id.b));
	a->revision = (uint32_t)sqlite3_column_int64(q->st, 1);
	(void)query_get_blob(q, 2, a->sha256, SHA256_LEN);
	a->bytes = (uint64_t)sqlite3_column_int64(q->st, 3);
	a->units = (uint32_t)sqlite3_column_int64(q->st, 4);
	a->encoding = query_get_text(q, 5);
	a->packed = sqlite3_column_blob(q->st, 6);
	a->packed_len = (size_t)sqlite3_column_bytes(q->st, 6);
}

int
sync_each_arrived(struct store *s,
    int (*each)(void *arg, const struct sync_arrived *a, struct err *e),
    void *arg, struct err *e)
{
	struct sync_arrived a;
	struct query q;
	int r = query_open(&q, s, SQL_EACH_INBOX, e);

	while (query_each(&q, &r, e)) {
		get_arrived(&q, &a);
		r = each(arg, &a, e);
	}
	return r;
}

/* What a URL ends with: names are for people, but for their extension. */
static void
name_of(const char *url, char to[NAME_MAX_LEN + 1])
{
	size_t n = strcspn(url, "?#"), from = n;

	while (from > 0 && url[from - 1] != '/' && n - from < NAME_MAX_LEN)
		from--;
	memcpy(to, url + from, n - from);
	to[n - from] = '\0';
	utf8_clean(to);
}

static int
put_extra(struct store *s, const struct guid *id, uint32_t revision,
    const uint8_t *sha1, struct err *e)
{
	char name[NAME_MAX_LEN + 1] = "";
	struct query q;
	int r;

	if (query_open(&q, s, SQL_INBOX_URL, e) == -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	if ((r = query_step(&q, e)) == 1)
		name_of(query_get_text(&q, 0), name);
	query_close(&q);
	return r == -1 ? -1 : store_put_extra(s, id, revision, sha1, name, e);
}

int
sync_put_extra(struct store *s, struct err *e)
{
	const uint8_t *p;
	struct guid id;
	struct query q;
	int i, n, r;

	if (query_open(&q, s, SQL_EACH_INBOX_FILES, e) == -1)
		return -1;
	while ((r = query_step(&q, e)) == 1) {
		(void)query_get_blob(&q, 0, id.b, sizeof(id.b));
		n = sqlite3_column_bytes(q.st, 2) / SHA1_LEN;
		p = sqlite3_column_blob(q.st, 2);
		for (i = 0; i < n && r == 1; i++)
			r = put_extra(s, &id,
				(uint32_t)sqlite3_column_int64(q.st, 1),
				p + (size_t)i * SHA1_LEN, e) == -1
			    ? -1
			    : 1;
		if (r == -1)
			break;
	}
	query_close(&q);
	return r;
}

static int
of_row(struct store *s, enum store_sql sql, const struct guid *id,
    uint32_t revision, struct err *e)
{
	struct query q;

	if (query_open(&q, s, sql, e) == -1)
		return -1;
	query_blob(&q, id->b, sizeof(id->b));
	query_int(&q, revision);
	return query_done(&q, e);
}

int
sync_arrive_again(
    struct store *s, const struct guid *id, uint32_t revision, struct err *e)
{
	if (of_row(s, SQL_REDO_ARRIVED, id, revision, e) == -1)
		return -1;
	return of_row(s, SQL_DROP_ARRIVED, id, revision, e);
}
