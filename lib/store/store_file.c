/* SPDX-License-Identifier: ISC */
/*
 * Payload files: what documents declare, what was measured, where they come
 * from.  The first arrival fixes name and extension; size and SHA-256 may only
 * be added, never changed.
 */
#include "lib/store/store_db.h"

#include <inttypes.h>

#include "lib/base/enc.h"

struct facts {
	int64_t row;
	bool has_size, has_declared, has_measured, present;
	uint64_t size;
	uint8_t declared[SHA256_LEN], measured[SHA256_LEN];
};

static int
conflict_size(
    const uint8_t sha1[SHA1_LEN], uint64_t held, uint64_t given, struct err *e)
{
	char name[2 * SHA1_LEN + 1];

	hex_upper(name, sha1, SHA1_LEN);
	return err_set(e, E_DIGEST,
	    "file %s: held with size %" PRIu64 ", given with %" PRIu64, name,
	    held, given);
}

static int
conflict_sha256(const uint8_t sha1[SHA1_LEN], const uint8_t *held,
    const uint8_t *given, struct err *e)
{
	char name[2 * SHA1_LEN + 1];
	char a[2 * SHA256_LEN + 1], b[2 * SHA256_LEN + 1];

	hex_upper(name, sha1, SHA1_LEN);
	hex_lower(a, held, SHA256_LEN);
	hex_lower(b, given, SHA256_LEN);
	return err_set(e, E_DIGEST,
	    "file %s: held with sha256 %s, given with %s", name, a, b);
}

/* 1 found, 0 not, -1. */
static int
read_facts(struct store *s, const uint8_t sha1[SHA1_LEN], struct facts *f,
    struct err *e)
{
	struct query q;
	int r;

	*f = (struct facts){.row = 0};
	if (query_open(&q, s, SQL_FILE_FACTS, e) == -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	if ((r = query_step(&q, e)) == 1) {
		f->row = sqlite3_column_int64(q.st, 0);
		f->has_size = sqlite3_column_type(q.st, 1) != SQLITE_NULL;
		f->size = (uint64_t)sqlite3_column_int64(q.st, 1);
		f->has_declared = query_get_blob(
		    &q, 2, f->declared, SHA256_LEN);
		f->has_measured = query_get_blob(
		    &q, 3, f->measured, SHA256_LEN);
		f->present = sqlite3_column_int(q.st, 4) != 0;
	}
	query_close(&q);
	return r;
}

static int
write_facts(struct store *s, const struct facts *f, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_SET_FILE, e) == -1)
		return -1;
	if (f->has_size)
		query_int(&q, (int64_t)f->size);
	else
		query_null(&q);
	if (f->has_declared)
		query_blob(&q, f->declared, SHA256_LEN);
	else
		query_null(&q);
	if (f->has_measured)
		query_blob(&q, f->measured, SHA256_LEN);
	else
		query_null(&q);
	query_int(&q, f->present);
	query_int(&q, f->row);
	return query_done(&q, e);
}

/* What f may say of a file of which h is known. */
static int
agree(const struct facts *h, const struct update_file *f, struct err *e)
{
	if (h->has_size && f->has_size && h->size != f->size)
		return conflict_size(f->sha1, h->size, f->size, e);
	if (!f->has_sha256)
		return 0;
	if (h->has_declared && memcmp(h->declared, f->sha256, SHA256_LEN) != 0)
		return conflict_sha256(f->sha1, h->declared, f->sha256, e);
	if (h->has_measured && memcmp(h->measured, f->sha256, SHA256_LEN) != 0)
		return conflict_sha256(f->sha1, h->measured, f->sha256, e);
	return 0;
}

/* Size as SQLite's signed integer. */
static int
check_size(const struct update_file *f, struct err *e)
{
	if (f->has_size && f->size > INT64_MAX)
		return err_set(
		    e, E_LIMIT, "file of %" PRIu64 " bytes", f->size);
	return 0;
}

int
store_file_check(
    struct store *s, const struct update_file *f, int64_t *row, struct err *e)
{
	struct facts h;
	int r;

	*row = 0;
	if (check_size(f, e) == -1 || (r = read_facts(s, f->sha1, &h, e)) == -1)
		return -1;
	if (r == 0)
		return 0;
	*row = h.row;
	return agree(&h, f, e);
}

static int
add_row(
    struct store *s, const struct update_file *f, int64_t *row, struct err *e)
{
	char ext[UPDATE_EXT_MAX + 1];
	struct query q;

	update_file_ext(ext, f->name);
	if (query_open(&q, s, SQL_PUT_FILE, e) == -1)
		return -1;
	query_blob(&q, f->sha1, SHA1_LEN);
	if (f->has_size)
		query_int(&q, (int64_t)f->size);
	else
		query_null(&q);
	if (f->has_sha256)
		query_blob(&q, f->sha256, SHA256_LEN);
	else
		query_null(&q);
	query_str(&q, ext);
	query_str(&q, f->name);
	if (query_done(&q, e) == -1)
		return -1;
	*row = query_row(s);
	return 0;
}

int
store_file_put(
    struct store *s, const struct update_file *f, int64_t *row, struct err *e)
{
	struct facts h;
	int r;

	if (*row == 0)
		return add_row(s, f, row, e);
	if ((r = read_facts(s, f->sha1, &h, e)) != 1)
		return r;
	if ((h.has_size || !f->has_size) && (h.has_declared || !f->has_sha256))
		return 0;
	if (f->has_size) {
		h.has_size = true;
		h.size = f->size;
	}
	if (f->has_sha256 && !h.has_declared) {
		h.has_declared = true;
		memcpy(h.declared, f->sha256, SHA256_LEN);
		h.has_measured = false; /* equal, see store_schema.c */
	}
	return write_facts(s, &h, e);
}

int
store_file_declare(struct store *s, const struct update_file *f, struct err *e)
{
	struct facts h;
	int r;

	if ((r = read_facts(s, f->sha1, &h, e)) != 1 || h.has_declared)
		return r == -1 ? -1 : 0;
	/* What is here is another: as if it had never been taken. */
	if (h.has_measured && memcmp(h.measured, f->sha256, SHA256_LEN) != 0)
		h.present = false;
	h.has_measured = false;
	h.has_declared = true;
	memcpy(h.declared, f->sha256, SHA256_LEN);
	return write_facts(s, &h, e);
}

int
store_file_lost(struct store *s, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	struct facts h;
	int r;

	if ((r = read_facts(s, sha1, &h, e)) != 1 || !h.present)
		return r == -1 ? -1 : 0;
	h.present = false;
	return write_facts(s, &h, e);
}

int
store_file_present(struct store *s, const uint8_t sha1[SHA1_LEN],
    const struct digest *d, struct err *e)
{
	char name[2 * SHA1_LEN + 1];
	struct facts h;
	int r;

	hex_upper(name, sha1, SHA1_LEN);
	if (memcmp(sha1, d->sha1, SHA1_LEN) != 0) {
		char found[2 * SHA1_LEN + 1];

		hex_upper(found, d->sha1, SHA1_LEN);
		return err_set(
		    e, E_DIGEST, "file %s: its sha1 is %s", name, found);
	}
	if ((r = read_facts(s, sha1, &h, e)) == -1)
		return -1;
	if (r == 0)
		return err_set(
		    e, E_MISSING, "file %s: no document names it", name);
	if (h.has_size && h.size != d->bytes)
		return conflict_size(sha1, h.size, d->bytes, e);
	if (h.has_declared && memcmp(h.declared, d->sha256, SHA256_LEN) != 0)
		return conflict_sha256(sha1, h.declared, d->sha256, e);
	if (h.has_measured && memcmp(h.measured, d->sha256, SHA256_LEN) != 0)
		return conflict_sha256(sha1, h.measured, d->sha256, e);
	if (h.present)
		return 0;
	h.present = h.has_size = true;
	h.size = d->bytes;
	h.has_measured = !h.has_declared;
	memcpy(h.measured, d->sha256, SHA256_LEN);
	if (store_file_left_out(s, sha1, false, e) == -1)
		return -1;
	return write_facts(s, &h, e);
}

int
store_file_left_out(
    struct store *s, const uint8_t sha1[SHA1_LEN], bool out, struct err *e)
{
	struct query q;

	if (query_open(&q, s, out ? SQL_PUT_LEFT_OUT : SQL_DROP_LEFT_OUT, e) ==
	    -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	return query_done(&q, e);
}

/* 1 there, 0 not, -1. */
static int
has_url(struct store *s, int64_t file, const char *url, struct err *e)
{
	struct query q;
	int r;

	if (query_open(&q, s, SQL_HAS_URL, e) == -1)
		return -1;
	query_int(&q, file);
	query_str(&q, url);
	r = query_step(&q, e);
	query_close(&q);
	return r;
}

int
store_put_url(struct store *s, const uint8_t sha1[SHA1_LEN], const char *url,
    const char *source, struct err *e)
{
	struct query q;
	int64_t row = 0;
	int r;

	if (s->nothing)
		return 0;
	if (query_open(&q, s, SQL_FILE_ROW, e) == -1)
		return -1;
	query_blob(&q, sha1, SHA1_LEN);
	if ((r = query_step(&q, e)) == 1)
		row = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	if (r != 1)
		return r;
	if ((r = has_url(s, row, url, e)) != 0)
		return r == 1 ? 0 : -1;
	if (query_open(&q, s, SQL_PUT_URL, e) == -1)
		return -1;
	query_int(&q, row);
	query_str(&q, url);
	query_str(&q, source);
	return query_done(&q, e);
}
