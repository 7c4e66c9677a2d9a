/* SPDX-License-Identifier: ISC */
#include "lib/store/buckets.h"

#include <string.h>

#include "lib/base/enc.h"
#include "lib/store/row_set.h"
#include "lib/store/store_db.h"

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static int
of_key(const uint8_t *key, size_t n, unsigned *bucket, uint32_t *add,
    struct err *e)
{
	struct digest d;

	if (digest_mem(DIGEST_SHA256, key, n, &d, e) == -1)
		return -1;
	*bucket = d.sha256[0] >> 4;
	*add = be32(d.sha256 + 1);
	return 0;
}

int
buckets_of_rev(const struct guid *id, uint32_t revision, unsigned *bucket,
    uint32_t *add, struct err *e)
{
	uint8_t key[1 + sizeof(id->b) + 4] = "r";
	size_t at = 1 + sizeof(id->b);

	memcpy(key + 1, id->b, sizeof(id->b));
	for (int shift = 24; shift >= 0; shift -= 8)
		key[at++] = (uint8_t)(revision >> shift);
	return of_key(key, sizeof(key), bucket, add, e);
}

int
buckets_of_file(const uint8_t sha1[SHA1_LEN], unsigned *bucket, uint32_t *add,
    struct err *e)
{
	uint8_t key[1 + SHA1_LEN] = "f";

	memcpy(key + 1, sha1, SHA1_LEN);
	return of_key(key, sizeof(key), bucket, add, e);
}

/* What is done with each row of a set, and where it belongs. */
struct pass {
	struct store *s; /* borrowed, as all of it */
	bool held;
	struct buckets *b; /* counted into; or NULL */
	const struct buckets *mine, *theirs; /* compared */
	struct row_set *to_revs, *to_files;
};

static int
see_rev(struct pass *p, struct query *q, struct err *e)
{
	struct guid id;
	unsigned k;
	uint32_t add;

	if (!query_get_blob(q, 1, id.b, sizeof(id.b)))
		return err_set(e, E_FORMAT, "%s: an id is damaged", STORE_DB);
	if (buckets_of_rev(&id, (uint32_t)sqlite3_column_int64(q->st, 2), &k,
		&add, e) == -1)
		return -1;
	if (p->b != NULL) {
		p->b->rev[k] += add;
		p->b->nrevs++;
	} else if (p->mine->rev[k] == p->theirs->rev[k]) {
		return row_set_add(
		    p->to_revs, sqlite3_column_int64(q->st, 0), e);
	}
	return 0;
}

static int
see_file(struct pass *p, struct query *q, struct err *e)
{
	uint8_t sha1[SHA1_LEN];
	unsigned k;
	uint32_t add;

	if (p->held && sqlite3_column_int(q->st, 2) == 0)
		return 0;
	if (!query_get_blob(q, 1, sha1, sizeof(sha1)))
		return err_set(
		    e, E_FORMAT, "%s: a file's digest is damaged", STORE_DB);
	if (buckets_of_file(sha1, &k, &add, e) == -1)
		return -1;
	if (p->b != NULL) {
		p->b->file[k] += add;
		p->b->nfiles++;
	} else if (p->mine->file[k] == p->theirs->file[k]) {
		return row_set_add(
		    p->to_files, sqlite3_column_int64(q->st, 0), e);
	}
	return 0;
}

static int
each(struct pass *p, enum store_sql id, const struct row_set *set,
    int (*see)(struct pass *p, struct query *q, struct err *e), struct err *e)
{
	struct query q;
	int r = query_open(&q, p->s, id, e);

	while (query_each(&q, &r, e))
		if (row_set_has(set, sqlite3_column_int64(q.st, 0)))
			r = see(p, &q, e);
	return r;
}

static int
run(struct pass *p, const struct row_set *revs, const struct row_set *files,
    struct err *e)
{
	if (each(p, SQL_SCAN_REV, revs, see_rev, e) == -1)
		return -1;
	return each(p, SQL_SCAN_FILE, files, see_file, e);
}

int
buckets_count(struct store *s, const struct row_set *revs,
    const struct row_set *files, bool held, struct buckets *b, struct err *e)
{
	struct pass p = {.s = s, .held = held, .b = b};

	*b = (struct buckets){.nrevs = 0};
	return run(&p, revs, files, e);
}

int
buckets_agree(struct store *s, const struct row_set *revs,
    const struct row_set *files, const struct buckets *mine,
    const struct buckets *theirs, struct row_set *to_revs,
    struct row_set *to_files, struct err *e)
{
	struct pass p = {.s = s,
	    .mine = mine,
	    .theirs = theirs,
	    .to_revs = to_revs,
	    .to_files = to_files};

	return run(&p, revs, files, e);
}
