/* SPDX-License-Identifier: ISC */
/*
 * Are the derived columns what the documents say?  Each document is read and
 * put once more, by the same code, into a store in memory, and the lines of
 * both dumps are compared.
 */
#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/base/enc.h"
#include "lib/base/sink.h"
#include "lib/base/stop.h"
#include "lib/store/store_check.h"
#include "lib/store/store_db.h"
#include "lib/store/store_derive.h"
#include "lib/store/store_dump.h"

#define ARENA_MAX ((size_t)512 << 20)

struct rebuild {
	struct check *c; /* borrowed */
	struct store again; /* in memory; release with again_close() */
	struct update_reader *reader; /* owned */
	struct arena arena;
	struct buf held, told; /* lines of a dump */
};

static int
again_open(struct store *s, struct err *e)
{
	struct guid id = {.b = {0}};
	int rc;

	*s = (struct store){.writer = true, .dirfd = -1, .staging = -1};
	s->scratch = (struct buf)BUF_INIT;
	s->json = (struct json)JSON_INIT;
	rc = sqlite3_open_v2(":memory:", &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY |
		SQLITE_OPEN_NOMUTEX,
	    NULL);
	if (rc != SQLITE_OK)
		return s->db != NULL ? store_db_err(s->db, rc, e)
				     : err_nomem(e);
	return store_schema_make(s, &id, "site", e);
}

static void
again_close(struct store *s)
{
	store_finalize(s);
	sqlite3_close(s->db);
	buf_free(&s->scratch);
	json_free(&s->json);
}

/* The first line in which the two differ, as far as it fits. */
static int
tell(struct rebuild *b, const char *what, const char *part, struct err *e)
{
	const char *x = buf_str(&b->held, e), *y;
	size_t n = 0, line = 0;

	if (x == NULL || (y = buf_str(&b->told, e)) == NULL)
		return -1;
	for (; x[n] != '\0' && x[n] == y[n]; n++)
		if (x[n] == '\n')
			line = n + 1;
	return check_bad(b->c, what, E_FORMAT, e,
	    "%s: the store has '%.150s', the document says '%.150s'", part,
	    x[line] != '\0' ? x + line : "nothing",
	    y[line] != '\0' ? y + line : "nothing");
}

static int
compare_part(struct rebuild *b, const struct dump_part *p, const char *what,
    int64_t row, struct err *e)
{
	struct sink k;

	buf_reset(&b->held);
	buf_reset(&b->told);
	sink_buf(&k, &b->held);
	if (dump_write(b->c->s, p, row, row, &k, e) == -1)
		return -1;
	sink_buf(&k, &b->told);
	if (dump_write(&b->again, p, INT64_MIN, INT64_MAX, &k, e) == -1)
		return -1;
	if (b->held.len == b->told.len &&
	    memcmp(b->held.p, b->told.p, b->held.len) == 0)
		return 0;
	return tell(b, what, p->name, e);
}

/* Put alone; files stay, since the first arrival decides about them. */
static int
put_again(struct rebuild *b, const struct store_rev *r, const struct update *u,
    struct err *e)
{
	struct store_doc d = {.u = u,
	    .bytes = (uint32_t)b->c->doc.len,
	    .units = (uint32_t)utf8_units(b->c->doc.p, b->c->doc.len),
	    .packed = "",
	    .packed_len = 1,
	    .encoding = "utf-8"};
	enum store_put put;

	memcpy(d.sha256, r->sha256, SHA256_LEN);
	if (store_exec(&b->again,
		"DELETE FROM revision; DELETE FROM document;"
		"DELETE FROM title; DELETE FROM word; DELETE FROM prereq;"
		"DELETE FROM bundle; DELETE FROM superseded;"
		"DELETE FROM rev_file",
		e) == -1)
		return -1;
	return store_put(&b->again, &d, 0, &put, e);
}

static int
rebuild_rev(void *arg, const struct store_rev *r, struct err *e)
{
	struct rebuild *b = arg;
	char what[CHECK_NAME_MAX];
	struct update u;
	unsigned i;

	if (stop_check(e) == -1)
		return -1;
	check_name(what, &r->id, r->revision);
	if (store_doc_read(b->c->s, r->row, &b->c->doc, e) == -1) {
		if (e->kind != E_SYS)
			err_clear(e); /* found before */
		return e->kind == E_NONE ? 0 : -1;
	}
	arena_reset(&b->arena);
	if (update_read(b->reader, &u, &b->arena, b->c->doc.p, b->c->doc.len,
		e) == -1 ||
	    put_again(b, r, &u, e) == -1)
		return check_err(b->c, what, e);
	for (i = 0; i < dump_nparts; i++)
		if (dump_parts[i].derived &&
		    compare_part(b, &dump_parts[i], what, r->row, e) == -1)
			return -1;
	return 0;
}

/* A list may have named the file before a document did. */
static int
same_name(struct rebuild *b, const struct store_file *f,
    const struct store_file *h, struct err *e)
{
	if (strcmp(f->name, h->name) == 0 && strcmp(f->ext, h->ext) == 0)
		return 1;
	return store_is_extra(b->c->s, h->row, e);
}

static int
rebuild_file(void *arg, const struct store_file *f, struct err *e)
{
	struct rebuild *b = arg;
	char name[2 * SHA1_LEN + 1];
	struct store_file h;
	int r, same = 0;

	hex_upper(name, f->sha1, SHA1_LEN);
	if ((r = store_file(b->c->s, f->sha1, &h, e)) == -1)
		return -1;
	if (r == 1 && (same = same_name(b, f, &h, e)) == -1)
		return -1;
	if (r == 1 && same &&
	    (!f->has_size || (h.has_size && h.size == f->size)) &&
	    f->has_declared == h.has_declared &&
	    memcmp(f->declared, h.declared, SHA256_LEN) == 0)
		return 0;
	return check_bad(b->c, name, E_FORMAT, e,
	    "the store's row of this file is not what the documents say");
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
	r = 0;
out:
	nums_free(&changed);
	derive_free(&d);
	return r;
}

int
check_rebuild(struct check *c, struct err *e)
{
	struct rebuild b = {.c = c,
	    .arena = ARENA_INIT(ARENA_MAX),
	    .held = BUF_INIT,
	    .told = BUF_INIT};
	int r = -1;

	if (again_open(&b.again, e) == -1 ||
	    update_reader_open(&b.reader, &update_default_limits, e) == -1 ||
	    store_each_rev(c->s, rebuild_rev, &b, e) == -1 ||
	    store_each_file(&b.again, false, rebuild_file, &b, e) == -1 ||
	    rebuild_derived(c, e) == -1)
		goto out;
	r = 0;
out:
	update_reader_close(b.reader);
	arena_free(&b.arena);
	buf_free(&b.held);
	buf_free(&b.told);
	again_close(&b.again);
	return r;
}
