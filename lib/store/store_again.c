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
tell(struct err *to, const char *part, const char *held, const char *told)
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
compare(struct store_again *a, unsigned part, size_t from, struct err *e)
{
	size_t n = a->ends[part] - from;
	char *held;
	struct sink k;

	buf_reset(&a->told);
	sink_buf(&k, &a->told);
	if (dump_write(&a->store, &dump_parts[part], INT64_MIN, INT64_MAX, &k,
		e) == -1)
		return -1;
	if (a->told.len == n &&
	    (n == 0 || memcmp(a->held.p + from, a->told.p, n) == 0))
		return 0;
	if (buf_str(&a->told, e) == NULL)
		return -1;
	held = strndup(n > 0 ? (char *)a->held.p + from : "", n);
	if (held == NULL)
		return err_nomem(e);
	(void)tell(
	    &a->differs[part], dump_parts[part].name, held, (char *)a->told.p);
	free(held);
	return 0;
}

/* Put alone; the transaction is never committed. */
static int
derive(struct store_again *a, struct err *e)
{
	struct store_doc d = {.u = &a->read,
	    .bytes = (uint32_t)a->doc.len,
	    .units = (uint32_t)utf8_units(a->doc.p, a->doc.len),
	    .packed = "",
	    .packed_len = 1,
	    .encoding = "utf-8"};
	enum store_put put;
	size_t from = 0;
	unsigned i;

	memcpy(d.sha256, a->sha256, SHA256_LEN);
	if (store_put(&a->store, &d, 0, &put, e) == -1)
		return -1;
	for (i = 0; i < dump_nparts; i++) {
		if (!dump_parts[i].derived)
			continue;
		if (compare(a, i, from, e) == -1)
			return -1;
		from = a->ends[i];
	}
	return 0;
}

static int
check(struct store_again *a, struct err *e)
{
	int r;

	if (a->dict != store_packed_dict(a->packed.p, a->packed.len))
		return err_set(e, E_FORMAT,
		    "its row names another dictionary than it is packed by");
	if (store_unpack(&a->unpacker, a->packed.p, a->packed.len, a->bytes,
		a->sha256, &a->doc, e) == -1)
		return -1;
	if (!a->derive)
		return 0;
	arena_reset(&a->arena);
	if (update_read(a->reader, &a->read, &a->arena, a->doc.p, a->doc.len,
		e) == -1 ||
	    store_begin(&a->store, e) == -1)
		return -1;
	r = derive(a, e);
	store_rollback(&a->store);
	return r;
}

static void
run(struct job *j)
{
	struct store_again *a = (struct store_again *)(void *)j;
	unsigned i;

	for (i = 0; i < STORE_PARTS_MAX; i++)
		a->differs[i] = (struct err)ERR_INIT;
	j->err = (struct err)ERR_INIT;
	(void)check(a, &j->err);
}

int
store_again_open(
    struct store_again *a, const struct store *from, bool derive, struct err *e)
{
	*a = (struct store_again){.job.run = run,
	    .unpacker.from = from,
	    .derive = derive,
	    .packed = BUF_INIT,
	    .held = BUF_INIT,
	    .store = {.writer = true,
		.dirfd = -1,
		.staging = -1,
		.shared = -1,
		.scratch = BUF_INIT,
		.json = JSON_INIT},
	    .arena = ARENA_INIT(ARENA_MAX),
	    .doc = BUF_INIT,
	    .told = BUF_INIT};
	if (!derive)
		return 0;
	if (update_reader_open(&a->reader, &update_default_limits, e) == -1)
		return -1;
	return memory_open(&a->store, e);
}

void
store_again_close(struct store_again *a)
{
	store_db_close(&a->store);
	buf_free(&a->store.scratch);
	json_free(&a->store.json);
	update_reader_close(a->reader);
	store_unpacker_free(&a->unpacker);
	arena_free(&a->arena);
	buf_free(&a->packed);
	buf_free(&a->held);
	buf_free(&a->doc);
	buf_free(&a->told);
}
