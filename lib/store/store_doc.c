/* SPDX-License-Identifier: ISC */
/*
 * Documents, compressed by zstd.  A dictionary is known by the id that zstd
 * gave it, which every frame packed with it names; several may coexist.
 */
#include "lib/store/store_db.h"

#include <inttypes.h>
#include <zdict.h>
#include <zstd.h>

#include "lib/base/enc.h"
#include "lib/base/words.h"

/* Level 3 saves one part in a hundred, and takes twice the time.  Where level 1
   takes 6 bytes for a match, XML is better off with 7, as it repeats itself in
   long ones. */
#define LEVEL 1
#define MATCH_MIN 7
/* Twice the usual places, as the dictionary is to be found in them, too. */
#define HASH_LOG 14
#define DICT_BYTES ((size_t)112 << 10)
#define DOC_MAX ((uint64_t)1 << 30) /* bytes; more than any reader lets in */

struct dict {
	struct dict *next; /* owned */
	uint32_t id;
	void *bytes; /* owned: packers digest it for themselves */
	size_t len;
	ZSTD_DDict *unpack; /* owned */
	/* Of this transaction; one rolled back stays until the store closes,
	   since unpackers borrow it. */
	bool fresh, dead;
};

struct store_packer {
	ZSTD_CCtx *ctx; /* owned; with the dictionary's digest */
	uint32_t id; /* the dictionary's, or 0 */
};

static struct dict *
newest(const struct store *s)
{
	struct dict *d = s->dicts;

	while (d != NULL && d->dead)
		d = d->next;
	return d;
}

static int
dict_add(struct store *s, const void *p, size_t n, bool fresh, struct err *e)
{
	struct dict *d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return err_nomem(e);
	d->next = s->dicts;
	s->dicts = d;
	d->id = ZDICT_getDictID(p, n);
	d->fresh = fresh;
	d->unpack = ZSTD_createDDict(p, n);
	if (d->unpack == NULL || (d->bytes = malloc(n + 1)) == NULL)
		return err_nomem(e);
	memcpy(d->bytes, p, n);
	d->len = n;
	return 0;
}

int
store_dict_load(struct store *s, struct err *e)
{
	struct query q;
	const void *p;
	int r;

	if (s->dicts != NULL)
		return 0;
	r = query_open(&q, s, SQL_GET_DICT, e);
	while (query_each(&q, &r, e))
		if ((p = sqlite3_column_blob(q.st, 1)) != NULL)
			r = dict_add(s, p,
			    (size_t)sqlite3_column_bytes(q.st, 1), false, e);
	return r;
}

void
store_dict_settle(struct store *s, bool kept)
{
	struct dict *d;

	for (d = s->dicts; d != NULL; d = d->next) {
		if (d->fresh && !kept)
			d->dead = true;
		d->fresh = false;
	}
}

void
store_dict_free(struct store *s)
{
	struct dict *d;

	while ((d = s->dicts) != NULL) {
		s->dicts = d->next;
		ZSTD_freeDDict(d->unpack);
		free(d->bytes);
		free(d);
	}
}

bool
store_has_dict(const struct store *s)
{
	return newest(s) != NULL;
}

int
store_train(struct store *s, const void *docs, const size_t *lens, unsigned n,
    struct err *e)
{
	struct query q;
	size_t len, bytes = 0;
	void *p;
	int r = -1;

	for (unsigned i = 0; i < n; i++)
		bytes += lens[i];
	if ((n < STORE_TRAIN_MIN && bytes < STORE_TRAIN_BYTES / 2) ||
	    store_has_dict(s))
		return 0;
	if ((p = malloc(DICT_BYTES)) == NULL)
		return err_nomem(e);
	len = ZDICT_trainFromBuffer(p, DICT_BYTES, docs, lens, n);
	if (ZDICT_isError(len) || ZDICT_getDictID(p, len) == 0) {
		r = 0; /* too little, or too much alike: do without */
		goto out;
	}
	if (query_open(&q, s, SQL_PUT_DICT, e) == -1)
		goto out;
	query_int(&q, ZDICT_getDictID(p, len));
	query_blob(&q, p, len);
	if (query_done(&q, e) == -1)
		goto out;
	r = dict_add(s, p, len, s->begun, e);
out:
	free(p);
	return r;
}

int
store_packer_open(
    struct store_packer **out, const struct store *s, struct err *e)
{
	struct store_packer *p;

	if ((p = *out = calloc(1, sizeof(*p))) == NULL ||
	    (p->ctx = ZSTD_createCCtx()) == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(
		p->ctx, ZSTD_c_compressionLevel, LEVEL)) ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_minMatch, MATCH_MIN)) ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_hashLog, HASH_LOG)))
		err_nomem(e); /* the only way in which it can fail */
	else if (store_packer_renew(p, s, e) == 0)
		return 0;
	store_packer_close(p);
	*out = NULL;
	return -1;
}

int
store_packer_renew(struct store_packer *p, const struct store *s, struct err *e)
{
	const struct dict *d = newest(s);

	if (d == NULL || d->id == p->id)
		return 0;
	if (ZSTD_isError(ZSTD_CCtx_loadDictionary(p->ctx, d->bytes, d->len)))
		return err_nomem(e);
	p->id = d->id;
	return 0;
}

void
store_packer_close(struct store_packer *p)
{
	if (p == NULL)
		return;
	ZSTD_freeCCtx(p->ctx);
	free(p);
}

int
store_pack(struct store_packer *p, const void *doc, size_t len, struct buf *to,
    struct err *e)
{
	size_t room = ZSTD_compressBound(len), n;
	uint8_t *at;

	if ((at = buf_reserve(to, room, e)) == NULL)
		return -1;
	n = ZSTD_compress2(p->ctx, at, room, doc, len);
	if (ZSTD_isError(n))
		return err_nomem(e); /* the only way in which it can fail */
	to->len += n;
	return 0;
}

bool
store_is_packed(const struct store_packer *p, const void *packed, size_t len)
{
	return store_packed_dict(packed, len) == p->id;
}

uint32_t
store_packed_dict(const void *packed, size_t len)
{
	return ZSTD_getDictID_fromFrame(packed, len);
}

int
store_unpack_add(struct store_unpacker *u, const void *packed, size_t len,
    uint64_t bytes, struct buf *doc, struct err *e)
{
	uint32_t id = ZSTD_getDictID_fromFrame(packed, len);
	const struct dict *d = u->from->dicts;
	uint8_t *at;
	size_t n;

	if (bytes > DOC_MAX)
		return err_set(e, E_LIMIT,
		    "document of %" PRIu64 " bytes, at most %" PRIu64, bytes,
		    DOC_MAX);
	while (d != NULL && (d->dead || d->id != id))
		d = d->next;
	if (id != 0 && d == NULL)
		return err_set(e, E_FORMAT,
		    "document packed with dictionary %" PRIu32
		    ", which is not held",
		    id);
	if ((at = buf_reserve(doc, (size_t)bytes + 1, e)) == NULL)
		return -1;
	if (u->ctx == NULL && (u->ctx = ZSTD_createDCtx()) == NULL)
		return err_nomem(e);
	if (id != 0)
		n = ZSTD_decompress_usingDDict(
		    u->ctx, at, (size_t)bytes, packed, len, d->unpack);
	else
		n = ZSTD_decompressDCtx(u->ctx, at, (size_t)bytes, packed, len);
	if (ZSTD_isError(n))
		return err_set(e, E_DIGEST, "document does not unpack: %s",
		    ZSTD_getErrorName(n));
	if (n != bytes)
		return err_set(e, E_DIGEST,
		    "document has %s, expected %" PRIu64,
		    words_count(n, "byte").s, bytes);
	doc->len += n;
	return 0;
}

int
store_doc_compare(const uint8_t found[SHA256_LEN],
    const uint8_t wanted[SHA256_LEN], struct err *e)
{
	char held[2 * SHA256_LEN + 1], text[2 * SHA256_LEN + 1];

	if (memcmp(found, wanted, SHA256_LEN) == 0)
		return 0;
	hex_lower(held, wanted, SHA256_LEN);
	hex_lower(text, found, SHA256_LEN);
	return err_set(
	    e, E_DIGEST, "document's sha256 is %s, recorded is %s", text, held);
}

int
store_unpack(struct store_unpacker *u, const void *packed, size_t len,
    uint64_t bytes, const uint8_t sha256[SHA256_LEN], struct buf *doc,
    struct err *e)
{
	struct digest d;

	buf_reset(doc);
	if (store_unpack_add(u, packed, len, bytes, doc, e) == -1 ||
	    digest_mem(DIGEST_SHA256, doc->p, doc->len, &d, e) == -1)
		return -1;
	return store_doc_compare(d.sha256, sha256, e);
}

void
store_unpacker_free(struct store_unpacker *u)
{
	ZSTD_freeDCtx(u->ctx);
	u->ctx = NULL;
}

int
store_doc_read(struct store *s, int64_t row, struct buf *doc, struct err *e)
{
	struct store_unpacker u = {.from = s};
	uint8_t sha256[SHA256_LEN];
	struct query q;
	const void *p;
	int r;

	if (query_open(&q, s, SQL_GET_DOC, e) == -1)
		return -1;
	query_int(&q, row);
	if ((r = query_step(&q, e)) == 0)
		r = err_set(e, E_MISSING, "revision has no document");
	if (r == -1)
		goto out;
	r = -1;
	if (!query_get_blob(&q, 0, sha256, sizeof(sha256)) ||
	    (p = sqlite3_column_blob(q.st, 2)) == NULL) {
		err_set(
		    e, E_FORMAT, "%s: a document's row is damaged", STORE_DB);
		goto out;
	}
	if (sqlite3_column_int64(q.st, 3) !=
	    store_packed_dict(p, (size_t)sqlite3_column_bytes(q.st, 2))) {
		err_set(e, E_FORMAT,
		    "%s: a document's row names another dictionary than it is "
		    "packed by",
		    STORE_DB);
		goto out;
	}
	r = store_unpack(&u, p, (size_t)sqlite3_column_bytes(q.st, 2),
	    (uint64_t)sqlite3_column_int64(q.st, 1), sha256, doc, e);
	store_unpacker_free(&u);
out:
	query_close(&q);
	return r;
}
