/* SPDX-License-Identifier: ISC */
/*
 * Since schema 7 the SHA-256 that a document declares of a licence is taken as
 * that of any other file.  An older store has the documents: those that name a
 * file without one are read once more.
 */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/store/nums.h"
#include "lib/store/store_db.h"

#define ARENA_MAX ((size_t)256 << 20) /* of one document's strings */

struct declare {
	struct store *s; /* borrowed */
	struct update_reader *r; /* owned */
	struct arena a; /* owned */
	struct buf doc; /* owned */
};

static int
list_revisions(struct store *s, struct nums *rows, struct err *e)
{
	struct query q;
	int r = query_text(&q, s,
	    "SELECT DISTINCT l.rev FROM rev_file l JOIN file f"
	    " ON f.row = l.file WHERE f.declared IS NULL ORDER BY l.rev",
	    e);

	while (query_each(&q, &r, e))
		r = nums_add(rows, (uint32_t)sqlite3_column_int64(q.st, 0), e);
	return r;
}

/* What is wrong with it verify tells; nothing is declared then. */
static int
read_doc(struct declare *d, int64_t row, struct update *u, struct err *e)
{
	buf_reset(&d->doc);
	arena_reset(&d->a);
	if (store_doc_read(d->s, row, &d->doc, e) == 0 &&
	    update_read(d->r, u, &d->a, d->doc.p, d->doc.len, e) == 0)
		return 1;
	if (err_is_ours(e))
		return -1;
	err_clear(e);
	return 0;
}

static int
declare_of(struct declare *d, int64_t row, struct err *e)
{
	struct update u;
	int r = read_doc(d, row, &u, e);
	size_t i;

	for (i = 0; r == 1 && i < u.nfiles; i++)
		if (u.files[i].has_sha256 &&
		    store_file_declare(d->s, &u.files[i], e) == -1)
			r = -1;
	return r == -1 ? -1 : 0;
}

static int
declare_all(struct declare *d, const struct nums *rows, struct err *e)
{
	size_t i;
	int r = update_reader_open(&d->r, NULL, e);

	for (i = 0; r == 0 && i < rows->n; i++)
		r = declare_of(d, rows->v[i], e);
	update_reader_close(d->r);
	arena_free(&d->a);
	buf_free(&d->doc);
	return r;
}

int
store_declare(struct store *s, struct err *e)
{
	struct declare d = {
	    .s = s, .a = ARENA_INIT(ARENA_MAX), .doc = BUF_INIT};
	struct nums rows = {.v = NULL};
	int r = list_revisions(s, &rows, e);

	/* A store that is tried out has not read them yet. */
	if (r == 0 && rows.n > 0 && (r = store_dict_load(s, e)) == 0)
		r = declare_all(&d, &rows, e);
	nums_free(&rows);
	return r;
}
