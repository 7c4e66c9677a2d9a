/* SPDX-License-Identifier: ISC */
/*
 * Documents out of the store, into texts.  Workers cut and escape; this thread
 * alone knows names and the segment.  A document above LARGE is cut here by
 * itself, its long fragments straight into the segment.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/prog.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/base/words.h"
#include "lib/offer/texts_priv.h"
#include "lib/store/docs_out.h"
#include "lib/store/store.h"

#define LARGE ((uint32_t)1 << 20) /* bytes of a document */
#define OUT_MAX ((uint64_t)4 << 20) /* bytes of documents that are out */

struct doc_row {
	int64_t row; /* first: looked up by it */
	uint32_t rev;
};

struct doc_rows {
	struct texts_job *j; /* borrowed */
	struct doc_row *v; /* owned: by row */
	size_t n;
	uint64_t out; /* bytes of documents that are out */
	struct prog prog; /* shown where there is a log */
};

static void
show(struct doc_rows *rows, uint64_t bytes)
{
	if (rows->j->how->log != NULL)
		prog_add(&rows->prog, bytes, 1);
}

/* --- into the segment, in order --- */

static int
put_piece(struct texts_job *j, const struct texts_cut *c,
    const struct texts_cut_doc *d, const struct texts_cut_text *t,
    struct err *e)
{
	const char *lang = texts_cut_word(c, t->lang),
		   *geo = texts_cut_word(c, t->geo);
	struct texts_piece *p;

	if (grow(&j->pieces, &j->cap_pieces, j->npieces, sizeof(*p), e) == -1)
		return -1;
	p = &j->pieces[j->npieces];
	*p = (struct texts_piece){.type = (uint8_t)t->type, .old = t->old};
	if (texts_names_add(&j->names, lang, strlen(lang), &p->lang, e) == -1 ||
	    texts_names_add(&j->names, geo, strlen(geo), &p->geo, e) == -1)
		return -1;
	j->npieces++;
	j->revs[d->rev].npieces++;
	if (t->old != TEXTS_NONE)
		return 0;
	j->done->made++;
	if (t->len > UINT32_MAX)
		return err_set(e, E_LIMIT,
		    "a text of %" PRIu64 " bytes, at most 4294967295", t->len);
	p->len = (uint32_t)t->len;
	p->off = t->off;
	if (c->straight != NULL && t->type < FRAGMENT_LOCALIZED)
		return 0;
	p->off = texts_segment_size(j->to);
	return texts_segment_put(j->to, c->escaped.p + t->off, p->len, e);
}

static void
tell_odd(const struct texts_job *j, const struct texts_cut_doc *d)
{
	const struct snapshot_revision *r = &j->s->revisions[d->rev];
	char name[GUID_LEN + 1];

	guid_write(name, &j->s->updates[r->update].id);
	if (j->how->log != NULL && d->odd.per_user)
		log_event(j->how->log, LOG_WARN, name,
		    "revision %u: its PerUser is true, which clients are not "
		    "told",
		    r->revision);
	if (j->how->log != NULL && d->odd.ndeclared > 0)
		log_event(j->how->log, LOG_WARN, name,
		    "revision %u: %s was added to what is copied as it stands",
		    r->revision,
		    words_count(d->odd.ndeclared, "namespace declaration").s);
}

static int
name_update(const struct texts_job *j, uint32_t rev, struct err *e)
{
	const struct snapshot_revision *r = &j->s->revisions[rev];
	char name[GUID_LEN + 1];

	guid_write(name, &j->s->updates[r->update].id);
	return err_ctx(e, "update %s revision %u", name, r->revision);
}

static int
put_doc(struct texts_job *j, const struct texts_cut *c,
    const struct texts_cut_doc *d, struct err *e)
{
	size_t i;

	j->revs[d->rev].piece = (uint32_t)j->npieces;
	j->revs[d->rev].npieces = 0;
	j->done->documents++;
	for (i = 0; i < d->n; i++)
		if (put_piece(j, c, d, &c->texts[d->first + i], e) == -1)
			return name_update(j, d->rev, e);
	tell_odd(j, d);
	return 0;
}

/* --- documents out of the store --- */

static int
by_row(const void *va, const void *vb)
{
	const struct doc_row *a = va, *b = vb;

	return (a->row > b->row) - (a->row < b->row);
}

/* Which revisions these are. */
static int
send_batch(void *arg, struct docs_out_batch *b, struct err *e)
{
	struct doc_rows *rows = arg;
	struct texts_cut *c = b->own;
	const struct doc_row *r;
	size_t i;

	(void)e;
	for (i = 0; i < b->n; i++) {
		const struct doc_row key = {.row = b->items[i].row};

		r = sort_find(&key, rows->v, rows->n, sizeof(*r), by_row);
		c->docs[i].rev = r->rev;
	}
	return 0;
}

static void
cut_batch(struct docs_out_batch *b)
{
	struct texts_cut *c = b->own;
	size_t i;

	for (i = 0; i < b->n; i++) {
		struct docs_out_item *it = &b->items[i];

		c->doc = &c->docs[i];
		if (it->err.kind == E_NONE)
			(void)texts_cut_document(
			    c, it->text, it->bytes, &it->err);
	}
}

static int
put_batch(void *arg, struct docs_out_batch *b, struct err *e)
{
	struct doc_rows *rows = arg;
	struct texts_cut *c = b->own;
	size_t i;

	for (i = 0; i < b->n; i++) {
		rows->out -= rows->j->rows[c->docs[i].rev].bytes;
		show(rows, rows->j->rows[c->docs[i].rev].bytes);
		if (b->items[i].err.kind != E_NONE) {
			*e = b->items[i].err;
			return name_update(rows->j, c->docs[i].rev, e);
		}
		if (put_doc(rows->j, c, &c->docs[i], e) == -1)
			return -1;
	}
	texts_cut_forget(c);
	return 0;
}

static int
cut_large(
    struct doc_rows *rows, struct texts_cut *c, uint32_t rev, struct err *e)
{
	struct texts_job *j = rows->j;
	struct buf doc = BUF_INIT;
	int r;

	c->doc = &c->docs[0];
	c->doc->rev = rev;
	r = store_doc_read(j->how->store, j->rows[rev].row, &doc, e);
	if (r == 0)
		r = texts_cut_document(c, doc.p, doc.len, e);
	buf_free(&doc);
	if (r == -1)
		return name_update(j, rev, e);
	if (put_doc(j, c, c->doc, e) == -1)
		return -1;
	texts_cut_forget(c);
	show(rows, j->rows[rev].bytes);
	return stop_check(e);
}

static int
put_rows(struct doc_rows *rows, struct docs_out *d, struct texts_cut *c,
    struct err *e)
{
	uint32_t bytes;
	size_t i;

	for (i = 0; i < rows->n; i++) {
		bytes = rows->j->rows[rows->v[i].rev].bytes;
		if ((bytes > LARGE || rows->out + bytes > OUT_MAX) &&
		    docs_out_flush(d, e) == -1)
			return -1;
		if (bytes > LARGE) {
			if (cut_large(rows, c, rows->v[i].rev, e) == -1)
				return -1;
			continue;
		}
		rows->out += bytes;
		if (docs_out_put(d, rows->v[i].row, e) == -1)
			return -1;
	}
	return docs_out_flush(d, e);
}

static int
open_cut(void *arg, void **own, struct err *e)
{
	const struct doc_rows *rows = arg;
	struct texts_cut *c = NULL;
	int r = texts_cut_open(&c, rows->j, e);

	*own = c;
	return r;
}

static void
close_cut(void *own)
{
	texts_cut_close(own);
}

static int
cut_rows(struct doc_rows *rows, struct err *e)
{
	const struct docs_out_how how = {.jobs = texts_jobs(rows->j->how->jobs),
	    .open = open_cut,
	    .close = close_cut,
	    .send = send_batch,
	    .work = cut_batch,
	    .done = put_batch,
	    .arg = rows};
	struct docs_out *d = NULL;
	struct texts_cut *large = NULL;
	int r = -1;

	if (texts_cut_open(&large, rows->j, e) == 0 &&
	    docs_out_open(&d, rows->j->how->store, &how, e) == 0) {
		large->straight = rows->j->to;
		r = put_rows(rows, d, large, e);
	}
	docs_out_close(d);
	texts_cut_close(large);
	return r;
}

int
texts_docs_cut(struct texts_job *j, struct err *e)
{
	struct doc_rows rows = {.j = j};
	size_t i, n = j->s->nrevisions;
	uint64_t bytes = 0;
	int r;

	if ((rows.v = malloc((n + 1) * sizeof(*rows.v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++) {
		if (!j->revs[i].lacks)
			continue;
		rows.v[rows.n++] = (struct doc_row){
		    .row = j->rows[i].row, .rev = (uint32_t)i};
		bytes += j->rows[i].bytes;
	}
	sort_up(rows.v, rows.n, sizeof(*rows.v), by_row);
	if (j->how->log != NULL)
		prog_begin(&rows.prog, j->how->log, "making texts", "document",
		    bytes, rows.n);
	r = rows.n > 0 ? cut_rows(&rows, e) : 0;
	if (j->how->log != NULL)
		prog_end(&rows.prog);
	free(rows.v);
	return r;
}
