/* SPDX-License-Identifier: ISC */
/*
 * Are the derived columns what the documents say?  Workers unpack, read and put
 * each document once more (store_again.h); the main thread reads the store,
 * gives the documents out in order of arrival, and tells what came back in the
 * same order.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/enc.h"
#include "lib/base/sink.h"
#include "lib/base/stop.h"
#include "lib/store/row_set.h"
#include "lib/store/store_again.h"
#include "lib/store/check.h"
#include "lib/store/store_db.h"
#include "lib/store/derive.h"
#include "lib/store/dump.h"
#include "lib/store/shown.h"

struct rebuild {
	struct check *c; /* borrowed */
	bool derive;
	struct pool *pool; /* owned */
	struct store_again *jobs; /* owned: used in turn */
	unsigned njobs, next;
	struct row_set seen, declared; /* files that documents named so far */
};

/* A list may have named the file before a document did. */
static int
same_name(struct rebuild *b, const struct update_file *f,
    const struct store_file *h, struct err *e)
{
	char ext[UPDATE_EXT_MAX + 1];

	if (row_set_has(&b->seen, h->row))
		return 1; /* the first arrival fixed it */
	update_file_ext(ext, f->name);
	if (strcmp(f->name, h->name) == 0 && strcmp(ext, h->ext) == 0)
		return 1;
	return store_is_extra(b->c->s, h->row, e);
}

static int
bad_file(struct rebuild *b, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	char name[2 * SHA1_LEN + 1];

	hex_upper(name, sha1, SHA1_LEN);
	return check_bad(b->c, name, E_FORMAT, e,
	    "the store's row of this file is not what the documents say");
}

static int
settle_file(struct rebuild *b, const struct update_file *f, struct err *e)
{
	struct store_file h;
	int r, same = 0;

	if ((r = store_file(b->c->s, f->sha1, &h, e)) == -1 ||
	    (r == 1 && (same = same_name(b, f, &h, e)) == -1))
		return -1;
	if (r == 0)
		return bad_file(b, f->sha1, e);
	if (row_set_add(&b->seen, h.row, e) == -1 ||
	    (f->has_sha256 && row_set_add(&b->declared, h.row, e) == -1))
		return -1;
	if (!same || (f->has_size && (!h.has_size || h.size != f->size)) ||
	    (f->has_sha256 &&
		(!h.has_declared ||
		    memcmp(h.declared, f->sha256, SHA256_LEN) != 0)))
		return bad_file(b, f->sha1, e);
	return 0;
}

/* The oldest document that is out: 1 told, 0 none is out, -1. */
static int
settle(struct rebuild *b, struct err *e)
{
	struct store_again *a = (struct store_again *)(void *)pool_take(
	    b->pool);
	char what[CHECK_NAME_MAX];
	size_t i;

	if (a == NULL)
		return 0;
	a->given = false;
	check_name(what, &a->id, a->revision);
	if (a->job.err.kind != E_NONE) {
		*e = a->job.err;
		return check_err(b->c, what, e) == -1 ? -1 : 1;
	}
	for (i = 0; i < STORE_PARTS_MAX; i++)
		if (a->differs[i].kind != E_NONE &&
		    check_bad(
			b->c, what, E_FORMAT, e, "%s", a->differs[i].msg) == -1)
			return -1;
	for (i = 0; b->derive && i < a->read.nfiles; i++)
		if (settle_file(b, &a->read.files[i], e) == -1)
			return -1;
	return 1;
}

/* 1 it has one, 0 it has none: a rule says so, -1. */
static int
get_doc(struct rebuild *b, struct store_again *a, int64_t row, struct err *e)
{
	struct query q;
	const void *p;
	int r = -1;

	buf_reset(&a->packed);
	if (query_open(&q, b->c->s, SQL_GET_DOC, e) == -1)
		return -1;
	query_int(&q, row);
	if ((r = query_step(&q, e)) != 1)
		goto out;
	a->bytes = (uint64_t)sqlite3_column_int64(q.st, 1);
	a->dict = (uint32_t)sqlite3_column_int64(q.st, 3);
	if (!query_get_blob(&q, 0, a->sha256, sizeof(a->sha256)) ||
	    (p = sqlite3_column_blob(q.st, 2)) == NULL)
		r = err_set(
		    e, E_FORMAT, "%s: a document's row is damaged", STORE_DB);
	else if (buf_put(&a->packed, p, (size_t)sqlite3_column_bytes(q.st, 2),
		     e) == -1)
		r = -1;
out:
	query_close(&q);
	return r;
}

/* What the store says of it. */
static int
get_lines(struct rebuild *b, struct store_again *a, int64_t row, struct err *e)
{
	struct sink k;
	unsigned i;

	buf_reset(&a->held);
	sink_buf(&k, &a->held);
	for (i = 0; b->derive && i < dump_nparts; i++) {
		if (!dump_parts[i].derived)
			continue;
		if (dump_write(b->c->s, &dump_parts[i], row, row, &k, e) == -1)
			return -1;
		a->ends[i] = a->held.len;
	}
	return 0;
}

static int
give(void *arg, const struct store_rev *r, struct err *e)
{
	struct rebuild *b = arg;
	struct store_again *a = &b->jobs[b->next];
	char what[CHECK_NAME_MAX];
	int got;

	if (stop_check(e) == -1 ||
	    ((a->given || pool_full(b->pool)) && settle(b, e) == -1))
		return -1;
	a->id = r->id;
	a->revision = r->revision;
	if ((got = get_doc(b, a, r->row, e)) == -1) {
		check_name(what, &r->id, r->revision);
		return check_err(b->c, what, e);
	}
	if (got == 0)
		return 0;
	if (get_lines(b, a, r->row, e) == -1)
		return -1;
	a->given = true;
	pool_put(b->pool, &a->job);
	b->next = (b->next + 1) % b->njobs;
	return 0;
}

/* What no document declares. */
static int
rest_file(void *arg, const struct store_file *f, struct err *e)
{
	struct rebuild *b = arg;
	int extra;

	if (!f->has_declared || row_set_has(&b->declared, f->row))
		return 0;
	if ((extra = store_is_extra(b->c->s, f->row, e)) != 0)
		return extra == -1 ? -1 : 0;
	return bad_file(b, f->sha1, e);
}

static int
rebuild_derived(struct check *c, struct err *e)
{
	struct derive d = {.kind = NULL};
	struct nums changed = {.v = NULL};
	char what[CHECK_NAME_MAX];
	int r = -1, same;
	size_t i;

	if (derive_compute(&d, c->s, e) == -1 ||
	    derive_changed(&d, c->s, &changed, e) == -1 ||
	    (same = derive_same_missing(&d, c->s, e)) == -1)
		goto out;
	if (same == 1 && (same = derive_same_lacking(&d, c->s, e)) == -1)
		goto out;
	for (i = 0; i < changed.n; i++) {
		const struct graph_rev *g = &d.g.revs[changed.v[i]];

		check_name(what, &d.g.ids[g->id].guid, g->revision);
		if (check_bad(c, what, E_FORMAT, e,
			"it is not filed under the products and "
			"classifications that follow from the documents") == -1)
			goto out;
	}
	if (same == 0 &&
	    check_bad(c, STORE_DB, E_FORMAT, e,
		"the list of what is missing does not follow from the "
		"documents") == -1)
		goto out;
	r = shown_check(c, &d.g, e);
out:
	nums_free(&changed);
	derive_free(&d);
	return r;
}

static int
open_jobs(struct rebuild *b, unsigned jobs, struct err *e)
{
	unsigned i;

	if (pool_open(&b->pool, jobs, 0, e) == -1)
		return -1;
	b->njobs = 2 * pool_threads(b->pool);
	if ((b->jobs = calloc(b->njobs, sizeof(*b->jobs))) == NULL)
		return err_nomem(e);
	for (i = 0; i < b->njobs; i++)
		if (store_again_open(&b->jobs[i], b->c->s, b->derive, e) == -1)
			return -1;
	return 0;
}

int
check_docs(struct check *c, bool derive, unsigned jobs, struct err *e)
{
	struct rebuild b = {.c = c, .derive = derive};
	int r = -1, more;
	unsigned i;

	if (open_jobs(&b, jobs, e) == -1 ||
	    store_each_rev(c->s, give, &b, e) == -1)
		goto out;
	while ((more = settle(&b, e)) == 1)
		continue;
	if (more == 0 &&
	    (!derive ||
		(store_each_file(c->s, false, rest_file, &b, e) == 0 &&
		    rebuild_derived(c, e) == 0)))
		r = 0;
out:
	pool_close(b.pool);
	for (i = 0; b.jobs != NULL && i < b.njobs; i++)
		store_again_close(&b.jobs[i]);
	free(b.jobs);
	row_set_free(&b.seen);
	row_set_free(&b.declared);
	return r;
}
