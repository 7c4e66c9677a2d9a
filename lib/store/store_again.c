/* SPDX-License-Identifier: ISC */
#include "lib/store/store_again.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/sink.h"
#include "lib/store/dump.h"

#define ARENA_MAX ((size_t)512 << 20)

static int
memory_open(struct store *s, struct err *e)
{
	struct guid id = {.b = {0}};
	int rc;

	rc = sqlite3_open_v2(":memory:", &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY |
		SQLITE_OPEN_NOMUTEX,
	    NULL);
	if (rc != SQLITE_OK)
		return s->db != NULL ? store_db_err(s->db, rc, e)
				     : err_nomem(e);
	return store_schema_make(s, &id, "site", e);
}

/* The first line in which the two differ, as far as it fits. */
static int
differing(struct err *to, const char *part, const char *held, const char *told)
{
	size_t n = 0, line = 0;

	for (; held[n] != '\0' && held[n] == told[n]; n++)
		if (held[n] == '\n')
			line = n + 1;
	return err_set(to, E_FORMAT,
	    "%s: the store has '%.150s', the document says '%.150s'", part,
	    held[line] != '\0' ? held + line : "nothing",
	    told[line] != '\0' ? told + line : "nothing");
}

static int
put(struct store *s, const struct docs_out_item *it, const struct update *u,
    struct err *e)
{
	struct store_doc d = {.u = u,
	    .bytes = (uint32_t)it->bytes,
	    .units = (uint32_t)utf8_units(it->text, it->bytes),
	    .packed = "",
	    .packed_len = 1,
	    .encoding = "utf-8"};
	enum store_put how;

	memcpy(d.sha256, it->sha256, SHA256_LEN);
	return store_put(s, &d, 0, &how, e);
}

/* Is a part what is held of it, from there on?  What was put is in told. */
static int
is_held(struct store_again *a, unsigned part, size_t from, struct err *e)
{
	size_t n = a->ends[part] - from;
	struct sink k;

	buf_reset(&a->told);
	sink_buf(&k, &a->told);
	if (dump_write(&a->store, &dump_parts[part], INT64_MIN, INT64_MAX, &k,
		e) == -1)
		return -1;
	return a->told.len == n &&
	    (n == 0 || memcmp(a->held.p + from, a->told.p, n) == 0);
}

static int
put_all(struct store_again *a, const struct docs_out_batch *b, struct err *e)
{
	record_reset(&a->put);
	for (size_t i = 0; i < b->n; i++) {
		a->put.row = b->items[i].row;
		if (b->items[i].err.kind == E_NONE &&
		    put(&a->recorder, &b->items[i], &a->reads[i], e) == -1)
			return -1;
	}
	return 0;
}

void
store_again_read(struct store_again *a, struct docs_out_batch *b)
{
	struct err e = ERR_INIT;

	arena_reset(&a->arena);
	for (size_t i = 0; i < b->n; i++) {
		struct docs_out_item *it = &b->items[i];

		if (it->err.kind == E_NONE)
			(void)update_read(a->reader, &a->reads[i], &a->arena,
			    it->text, it->bytes, &it->err);
	}
	/* Whatever goes wrong here goes wrong again when each is alone. */
	a->differs = put_all(a, b, &e) == -1 || !record_same(&a->has, &a->put);
}

static int
tell_part(struct store_again *a, unsigned part, size_t from,
    int (*tell)(void *arg, const struct err *fault, struct err *e), void *arg,
    struct err *e)
{
	size_t n = a->ends[part] - from;
	struct err fault = ERR_INIT;
	char *held;

	if (buf_str(&a->told, e) == NULL)
		return -1;
	held = strndup(n > 0 ? (char *)a->held.p + from : "", n);
	if (held == NULL)
		return err_nomem(e);
	(void)differing(&fault, dump_parts[part].name, held, (char *)a->told.p);
	free(held);
	return tell(arg, &fault, e);
}

int
store_again_compare(struct store_again *a, const struct docs_out_item *it,
    const struct update *u,
    int (*tell)(void *arg, const struct err *fault, struct err *e), void *arg,
    struct err *e)
{
	size_t from = 0;
	int r = -1, same;

	if (a->store.db == NULL && memory_open(&a->store, e) == -1)
		return -1;
	/* The transaction is never committed. */
	if (store_begin(&a->store, e) == -1 || put(&a->store, it, u, e) == -1)
		goto out;
	for (unsigned i = 0; i < dump_nparts; i++) {
		if (!dump_parts[i].derived)
			continue;
		if ((same = is_held(a, i, from, e)) == -1 ||
		    (same == 0 && tell_part(a, i, from, tell, arg, e) == -1))
			goto out;
		from = a->ends[i];
	}
	r = 0;
out:
	store_rollback(&a->store);
	return r;
}

int
store_again_look(struct store_again *a, struct store *s, int64_t from,
    int64_t to, struct err *e)
{
	record_reset(&a->has);
	return record_read(&a->has, s, from, to, e);
}

int
store_again_hold(struct store_again *a, struct store *s, int64_t from,
    int64_t to, struct err *e)
{
	struct sink k;

	buf_reset(&a->held);
	sink_buf(&k, &a->held);
	for (unsigned i = 0; i < dump_nparts; i++) {
		if (!dump_parts[i].derived)
			continue;
		if (dump_write(s, &dump_parts[i], from, to, &k, e) == -1)
			return -1;
		a->ends[i] = a->held.len;
	}
	return 0;
}

int
store_again_open(struct store_again **ap, struct err *e)
{
	struct store_again *a;

	if ((a = *ap = calloc(1, sizeof(*a))) == NULL)
		return err_nomem(e);
	a->held = (struct buf)BUF_INIT;
	a->told = (struct buf)BUF_INIT;
	a->arena = (struct arena)ARENA_INIT(ARENA_MAX);
	a->store = a->recorder = (struct store){.writer = true,
	    .dirfd = -1,
	    .staging = -1,
	    .shared = -1,
	    .scratch = BUF_INIT,
	    .json = JSON_INIT};
	record_init(&a->has);
	record_init(&a->put);
	a->recorder.record = &a->put;
	return update_reader_open(&a->reader, &update_default_limits, e);
}

void
store_again_close(struct store_again *a)
{
	if (a == NULL)
		return;
	store_db_close(&a->store);
	buf_free(&a->store.scratch);
	json_free(&a->store.json);
	buf_free(&a->recorder.scratch);
	json_free(&a->recorder.json);
	record_free(&a->has);
	record_free(&a->put);
	update_reader_close(a->reader);
	arena_free(&a->arena);
	buf_free(&a->held);
	buf_free(&a->told);
	free(a);
}
