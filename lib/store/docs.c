/* SPDX-License-Identifier: ISC */
#include "lib/store/docs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "formats/package.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/pool.h"
#include "lib/base/stop.h"
#include "lib/store/held_set.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"

#define BATCH_ITEMS 128
#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_ARENA ((size_t)512 << 20)

/* A batch of documents, and what one worker needs for it. */
struct batch {
	struct job job; /* first: the pool's */
	struct docs_item items[BATCH_ITEMS];
	size_t n;
	struct buf text, packed;
	struct buf doc; /* one that arrived packed */
	struct arena arena;
	struct update_reader *reader; /* owned */
	struct store_unpacker unpacker;
	struct store_packer *packer; /* owned, or NULL */
	const struct held_set *held; /* borrowed, or NULL */
};

struct docs {
	struct pool *pool; /* owned */
	struct batch *batches; /* owned: depth + 1 of them, used in turn */
	unsigned nbatches, next;
	int (*each)(void *arg, const struct docs_item *it, struct err *e);
	void *arg;
};

static int
unpack(struct batch *b, struct docs_item *it, const uint8_t *given)
{
	struct sync_arrived a = {
	    .bytes = it->bytes, .packed = given, .packed_len = it->len};

	memcpy(a.sha256, it->sha256, SHA256_LEN);
	it->damaged = sync_unpack(&b->unpacker, &a, &b->doc, &it->err) == -1;
	return it->damaged ? -1 : 0;
}

/* What did not arrive packed. */
static void
hash_batch(struct batch *b)
{
	struct digest_text texts[BATCH_ITEMS];
	struct err e = ERR_INIT;
	size_t n = 0, i;

	for (i = 0; i < b->n; i++)
		if (!b->items[i].arrived)
			texts[n++] = (struct digest_text){
			    .p = b->text.p + b->items[i].at,
			    .n = b->items[i].bytes};
	(void)digest_mem_all(DIGEST_SHA256, texts, n, &e);
	for (i = n = 0; i < b->n; i++) {
		struct docs_item *it = &b->items[i];

		if (it->arrived)
			continue;
		if (e.kind != E_NONE)
			it->err = e;
		memcpy(it->sha256, texts[n++].digest.sha256, SHA256_LEN);
	}
}

/* Its rows are what was read of these very bytes, identity and all. */
static bool
is_held(const struct batch *b, struct docs_item *it)
{
	if (b->held != NULL)
		it->held = held_set_find(
		    b->held, &it->id, it->revision, it->sha256);
	return it->held != 0;
}

/* Bytes that were just compared may stay as they are. */
static bool
may_stay(struct batch *b, struct docs_item *it, const uint8_t *given)
{
	it->as_given = it->arrived && b->packer != NULL &&
	    store_is_packed(b->packer, given, it->len);
	return it->as_given;
}

static int
pack(struct batch *b, struct docs_item *it, const uint8_t *given,
    const uint8_t *doc)
{
	int r;

	if (b->packer == NULL || may_stay(b, it, given))
		return 0;
	it->packed_at = b->packed.len;
	r = store_pack(b->packer, doc, it->bytes, &b->packed, &it->err);
	it->packed_len = b->packed.len - it->packed_at;
	return r;
}

/* Are these the packed bytes that were kept?  The row beside them does not
   count then: 1 0 -1. */
static int
is_sealed(struct docs_item *it, const uint8_t *given)
{
	const struct docs_read *r = it->read;
	struct digest d;

	if (r == NULL)
		return 0;
	if (digest_mem(DIGEST_SHA256, given, it->len, &d, &it->err) == -1)
		return -1;
	if (memcmp(d.sha256, r->seal, SHA256_LEN) != 0)
		return 0;
	it->units = r->units;
	it->bytes = r->bytes;
	it->encoding = r->encoding;
	memcpy(it->sha256, r->sha256, SHA256_LEN);
	it->u = *r->u;
	return 1;
}

static int
work_read(struct batch *b, struct docs_item *it, const uint8_t *given)
{
	if (may_stay(b, it, given))
		return 0;
	return unpack(b, it, given) == -1 ? -1 : pack(b, it, given, b->doc.p);
}

static int
work(struct batch *b, struct docs_item *it)
{
	const uint8_t *given = b->text.p + it->at, *doc = given;
	int r = is_sealed(it, given);

	if (r != 0)
		return r == -1 ? -1 : work_read(b, it, given);
	if (it->err.kind != E_NONE ||
	    (it->arrived && unpack(b, it, given) == -1))
		return -1;
	if (is_held(b, it))
		return 0;
	if (it->arrived)
		doc = b->doc.p;
	if (update_read(
		b->reader, &it->u, &b->arena, doc, it->bytes, &it->err) == -1)
		return -1;
	if (guid_cmp(&it->u.id, &it->id) != 0 || it->u.revision != it->revision)
		return err_set(&it->err, E_FORMAT,
		    "UpdateIdentity differs from the record's header");
	return pack(b, it, given, doc);
}

static void
run_batch(struct job *j)
{
	struct batch *b = (struct batch *)(void *)j;

	hash_batch(b);
	for (size_t i = 0; i < b->n; i++) {
		struct docs_item *it = &b->items[i];
		char id[GUID_LEN + 1];

		if (work(b, it) == 0)
			continue;
		guid_write(id, &it->id);
		err_ctx(&it->err, "%s revision %u (record at byte %llu)", id,
		    it->revision, (unsigned long long)it->off);
	}
}

int
docs_open(struct docs **dp, const struct store *pack_for,
    const struct held_set *held, unsigned jobs,
    int (*each)(void *arg, const struct docs_item *it, struct err *e),
    void *arg, struct err *e)
{
	struct docs *d;

	if ((d = *dp = calloc(1, sizeof(*d))) == NULL)
		return err_nomem(e);
	d->each = each;
	d->arg = arg;
	/* Two batches a thread are out while one more is filled. */
	if (pool_open(&d->pool, jobs, 2 * 64, e) == -1)
		return -1;
	d->nbatches = 2 * pool_threads(d->pool) + 1;
	if ((d->batches = calloc(d->nbatches, sizeof(*d->batches))) == NULL)
		return err_nomem(e);
	for (unsigned i = 0; i < d->nbatches; i++) {
		struct batch *b = &d->batches[i];

		b->job.run = run_batch;
		b->text = (struct buf)BUF_INIT;
		b->packed = (struct buf)BUF_INIT;
		b->doc = (struct buf)BUF_INIT;
		b->unpacker.from = pack_for;
		b->held = held;
		b->arena = (struct arena)ARENA_INIT(BATCH_ARENA);
		if (update_reader_open(&b->reader, &update_default_limits, e) ==
		    -1)
			return -1;
		if (pack_for != NULL &&
		    store_packer_open(&b->packer, pack_for, e) == -1)
			return -1;
	}
	return 0;
}

static void
empty_batch(struct batch *b)
{
	b->n = 0;
	buf_reset(&b->text);
	buf_reset(&b->packed);
	arena_reset(&b->arena);
}

/* Hand on the oldest batch's documents: 1 done, 0 no batch is out, -1. */
static int
drain_batch(struct docs *d, struct err *e)
{
	struct batch *b = (struct batch *)(void *)pool_take(d->pool);

	if (b == NULL)
		return 0;
	for (size_t i = 0; i < b->n; i++) {
		struct docs_item *it = &b->items[i];

		if (it->held != 0)
			it->text = b->text.p + it->at;
		if (it->as_given) {
			it->packed = b->text.p + it->at;
			it->packed_len = it->len;
		} else if (it->packed_len != 0) {
			it->packed = b->packed.p + it->packed_at;
		}
		if (d->each(d->arg, it, e) == -1)
			return -1;
	}
	empty_batch(b);
	return stop_check(e) == -1 ? -1 : 1;
}

/* The batch being filled goes to the workers; the next one becomes free. */
static int
submit(struct docs *d, struct err *e)
{
	struct batch *b = &d->batches[d->next];

	d->next = (d->next + 1) % d->nbatches;
	pool_put(d->pool, &b->job);
	/* In use still: it is the oldest one. */
	if (d->batches[d->next].n != 0 && drain_batch(d, e) == -1)
		return -1;
	return 0;
}

static int
put_piece(struct docs *d, const struct docs_item *what, const void *p, size_t n,
    struct err *e)
{
	struct batch *b = &d->batches[d->next];
	struct docs_item *it = &b->items[b->n];

	*it = *what;
	it->err = (struct err)ERR_INIT;
	it->at = b->text.len;
	it->len = n;
	if (buf_reserve(&b->text, n, e) == NULL ||
	    buf_put(&b->text, p, n, e) == -1)
		return -1;
	b->n++;
	if (b->n == BATCH_ITEMS || b->text.len >= BATCH_BYTES)
		return submit(d, e);
	return 0;
}

int
docs_put(struct docs *d, const struct package_record *rec, struct err *e)
{
	const struct docs_item it = {.id = rec->id,
	    .revision = rec->revision,
	    .units = rec->units,
	    .off = rec->off,
	    .encoding = "utf-8",
	    .bytes = rec->len};

	return put_piece(d, &it, rec->doc, rec->len, e);
}

int
docs_put_arrived(struct docs *d, const struct sync_arrived *a,
    const struct docs_read *read, struct err *e)
{
	bool wide = strcmp(a->encoding, "utf-16le") == 0;
	struct docs_item it = {.id = a->id,
	    .revision = a->revision,
	    .units = a->units,
	    .encoding = wide ? "utf-16le" : "utf-8",
	    .bytes = a->bytes,
	    .arrived = true,
	    .read = read};

	memcpy(it.sha256, a->sha256, SHA256_LEN);
	return put_piece(d, &it, a->packed, a->packed_len, e);
}

int
docs_flush(struct docs *d, struct err *e)
{
	int r;

	if (d->batches[d->next].n != 0 && submit(d, e) == -1)
		return -1;
	while ((r = drain_batch(d, e)) == 1)
		continue;
	return r;
}

void
docs_close(struct docs *d)
{
	if (d == NULL)
		return;
	pool_close(d->pool);
	for (unsigned i = 0; d->batches != NULL && i < d->nbatches; i++) {
		struct batch *b = &d->batches[i];

		buf_free(&b->text);
		buf_free(&b->packed);
		buf_free(&b->doc);
		arena_free(&b->arena);
		update_reader_close(b->reader);
		store_packer_close(b->packer);
		store_unpacker_free(&b->unpacker);
	}
	free(d->batches);
	free(d);
}
