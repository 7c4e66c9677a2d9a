/* SPDX-License-Identifier: ISC */
#include "lib/store/docs_out.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/pool.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/store/scan.h"

#define BATCH_BYTES ((size_t)256 << 10) /* of texts; the last may pass it */
#define BATCH_MAX ((size_t)2 << 30)
#define KEEP ((size_t)512 << 10) /* of memory, for the next batch */

struct batch {
	struct job job; /* first: the pool's */
	struct docs_out_batch b; /* what the caller sees */
	struct docs_out_item items[DOCS_OUT_BATCH];
	uint64_t bytes; /* of texts, as the rows say */
	struct buf packed, text;
	struct store_unpacker unpacker;
	const struct docs_out_how *how; /* borrowed */
};

struct docs_out {
	struct store *s; /* borrowed */
	const struct docs_out_how *how; /* borrowed */
	struct pool *pool; /* owned */
	struct batch *batches; /* owned: used in turn */
	unsigned nbatches, next;
	struct scan rows;
};

static int
unpack(struct batch *b, struct docs_out_item *it, struct err *e)
{
	const uint8_t *packed = b->packed.p + it->at;

	if (it->dict != store_packed_dict(packed, it->len))
		return err_set(e, E_FORMAT,
		    "its row names another dictionary than it is packed by");
	return store_unpack_add(
	    &b->unpacker, packed, it->len, it->bytes, &b->text, e);
}

static int
longer_first(const void *va, const void *vb)
{
	const struct docs_out_item *a = *(struct docs_out_item *const *)va;
	const struct docs_out_item *b = *(struct docs_out_item *const *)vb;

	return (a->bytes < b->bytes) - (a->bytes > b->bytes);
}

/* The longest first, so that none is left alone for long at the end. */
static void
hash_batch(struct batch *b)
{
	struct docs_out_item *v[DOCS_OUT_BATCH];
	struct digest_text texts[DOCS_OUT_BATCH];
	struct err e = ERR_INIT;
	size_t n = 0, i;

	for (i = 0; i < b->b.n; i++)
		if (b->items[i].err.kind == E_NONE)
			v[n++] = &b->items[i];
	sort_up(v, n, sizeof(*v), longer_first);
	for (i = 0; i < n; i++)
		texts[i] = (struct digest_text){
		    .p = v[i]->text, .n = v[i]->bytes};
	(void)digest_mem_all(DIGEST_SHA256, texts, n, &e);
	for (i = 0; i < n; i++)
		if (e.kind != E_NONE)
			v[i]->err = e;
		else
			(void)store_doc_compare(
			    texts[i].digest.sha256, v[i]->sha256, &v[i]->err);
}

static void
run_batch(struct job *j)
{
	struct batch *b = (struct batch *)(void *)j;

	for (size_t i = 0; i < b->b.n; i++) {
		struct docs_out_item *it = &b->items[i];

		it->off = b->text.len;
		if (it->err.kind == E_NONE)
			(void)unpack(b, it, &it->err);
	}
	/* By now it does not move any more. */
	for (size_t i = 0; i < b->b.n; i++)
		if (b->items[i].err.kind == E_NONE)
			b->items[i].text = b->text.p + b->items[i].off;
	hash_batch(b);
	if (b->how->work != NULL)
		b->how->work(&b->b);
}

static int
open_batch(struct docs_out *d, struct batch *b, struct err *e)
{
	b->job.run = run_batch;
	b->b.items = b->items;
	b->how = d->how;
	b->packed = (struct buf)BUF_INIT;
	b->text = (struct buf)BUF_INIT_MAX(BATCH_MAX);
	b->unpacker.from = d->s;
	return d->how->open != NULL ? d->how->open(d->how->arg, &b->b.own, e)
				    : 0;
}

int
docs_out_open(struct docs_out **dp, struct store *s,
    const struct docs_out_how *how, struct err *e)
{
	struct docs_out *d;

	if ((d = *dp = calloc(1, sizeof(*d))) == NULL)
		return err_nomem(e);
	d->s = s;
	d->how = how;
	d->rows = (struct scan){.s = s, .id = SQL_DOCS_FROM};
	/* Two batches a thread are out while one more is filled. */
	if (pool_open(&d->pool, how->jobs, 2 * 64, e) == -1)
		return -1;
	d->nbatches = 2 * pool_threads(d->pool) + 1;
	if ((d->batches = calloc(d->nbatches, sizeof(*d->batches))) == NULL)
		return err_nomem(e);
	for (unsigned i = 0; i < d->nbatches; i++)
		if (open_batch(d, &d->batches[i], e) == -1)
			return -1;
	return 0;
}

static void
empty(struct buf *b)
{
	if (b->cap > KEEP)
		buf_free(b);
	else
		buf_reset(b);
}

/* The oldest batch: 1 handed on, 0 none is out, -1. */
static int
drain(struct docs_out *d, struct err *e)
{
	struct batch *b = (struct batch *)(void *)pool_take(d->pool);

	if (b == NULL)
		return 0;
	if (d->how->done(d->how->arg, &b->b, e) == -1)
		return -1;
	b->b.n = 0;
	b->bytes = 0;
	empty(&b->packed);
	empty(&b->text);
	return stop_check(e) == -1 ? -1 : 1;
}

/* The batch being filled goes to the workers; the next one becomes free. */
static int
submit(struct docs_out *d, struct err *e)
{
	struct batch *b = &d->batches[d->next];

	if (d->how->send != NULL && d->how->send(d->how->arg, &b->b, e) == -1)
		return -1;
	d->next = (d->next + 1) % d->nbatches;
	pool_put(d->pool, &b->job);
	/* In use still: it is the oldest one. */
	if (d->batches[d->next].b.n != 0 && drain(d, e) == -1)
		return -1;
	return 0;
}

/* The row that the query stands on; what is packed is borrowed from it. */
static const void *
read_row(struct query *q, struct docs_out_item *it)
{
	const void *packed = sqlite3_column_blob(q->st, 6);

	*it = (struct docs_out_item){.row = sqlite3_column_int64(q->st, 0),
	    .revision = (uint32_t)sqlite3_column_int64(q->st, 2),
	    .bytes = (uint64_t)sqlite3_column_int64(q->st, 4),
	    .dict = (uint32_t)sqlite3_column_int64(q->st, 5),
	    .len = (size_t)sqlite3_column_bytes(q->st, 6),
	    .err = ERR_INIT};
	(void)query_get_blob(q, 1, it->id.b, sizeof(it->id.b));
	if (!query_get_blob(q, 3, it->sha256, SHA256_LEN) || packed == NULL)
		(void)err_set(&it->err, E_FORMAT,
		    "%s: a document's row is damaged", STORE_DB);
	return packed;
}

int
docs_out_give(struct docs_out *d, const struct docs_out_item *it,
    const void *packed, struct err *e)
{
	struct batch *b = &d->batches[d->next];
	struct docs_out_item *to = &b->items[b->b.n];

	*to = *it;
	to->at = b->packed.len;
	if (it->err.kind == E_NONE) {
		if (buf_put(&b->packed, packed, it->len, e) == -1)
			return -1;
		b->bytes += it->bytes;
	}
	b->b.n++;
	return b->b.n == DOCS_OUT_BATCH || b->bytes >= BATCH_BYTES
	    ? submit(d, e)
	    : 0;
}

/* Does the revision in the row that it stands on have a document? */
static bool
has_document(struct docs_out *d)
{
	return sqlite3_column_type(d->rows.q.st, 5) != SQLITE_NULL;
}

int
docs_out_put(struct docs_out *d, int64_t row, struct err *e)
{
	struct docs_out_item it = {.row = row, .err = ERR_INIT};
	const void *packed = NULL;
	int r = scan_to(&d->rows, row, &it.err);

	if (r == 1 && has_document(d))
		packed = read_row(&d->rows.q, &it);
	else if (r != -1)
		(void)err_set(&it.err, E_MISSING, "revision has no document");
	if (!err_is_ours(&it.err))
		return docs_out_give(d, &it, packed, e);
	*e = it.err;
	return -1;
}

/*
 * The next revision cannot be read with its document.  Where it can be without,
 * that is what is damaged, and others may be good: 1, with its names; 0: there
 * is no other; -1.
 */
static int
pass_over(
    struct docs_out *d, int64_t from, struct docs_out_item *it, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, d->s, SQL_REV_FROM, e) == -1)
		return -1;
	query_int(&q, from);
	if ((r = query_step(&q, e)) == 1) {
		it->row = sqlite3_column_int64(q.st, 0);
		(void)query_get_blob(&q, 1, it->id.b, sizeof(it->id.b));
		it->revision = (uint32_t)sqlite3_column_int64(q.st, 2);
	}
	query_close(&q);
	return r;
}

/* Beyond that row: 1, or 0 where it is the last that there can be. */
static int
go_on(int64_t *from, int64_t row)
{
	if (row == INT64_MAX)
		return 0;
	*from = row + 1;
	return 1;
}

/* The first revision from a row on, if it has a document: 1, and the row after
   it, 0 there is none, or none after it, -1. */
static int
put_next(struct docs_out *d, int64_t *from, struct err *e)
{
	struct docs_out_item it = {.err = ERR_INIT};
	const void *packed = NULL;
	int r = scan_from(&d->rows, *from, &it.err);

	if (r == 0)
		return 0;
	if (r == 1 && !has_document(d))
		return go_on(from, d->rows.at);
	if (r == 1)
		packed = read_row(&d->rows.q, &it);
	else if (!err_is_ours(&it.err))
		r = pass_over(d, *from, &it, e);
	if (r != 1) {
		if (e->kind == E_NONE)
			*e = it.err;
		return -1;
	}
	return docs_out_give(d, &it, packed, e) == -1 ? -1
						      : go_on(from, it.row);
}

int
docs_out_put_all(struct docs_out *d, struct err *e)
{
	int64_t from = INT64_MIN;
	int r;

	while ((r = put_next(d, &from, e)) == 1)
		continue;
	return r;
}

int
docs_out_flush(struct docs_out *d, struct err *e)
{
	int r;

	if (d->batches[d->next].b.n != 0 && submit(d, e) == -1)
		return -1;
	while ((r = drain(d, e)) == 1)
		continue;
	return r;
}

void
docs_out_close(struct docs_out *d)
{
	if (d == NULL)
		return;
	pool_close(d->pool);
	for (unsigned i = 0; d->batches != NULL && i < d->nbatches; i++) {
		struct batch *b = &d->batches[i];

		if (d->how->close != NULL)
			d->how->close(b->b.own);
		store_unpacker_free(&b->unpacker);
		buf_free(&b->packed);
		buf_free(&b->text);
	}
	scan_close(&d->rows);
	free(d->batches);
	free(d);
}
