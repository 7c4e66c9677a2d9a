/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/err.h"
#include "lib/base/prog.h"
#include "lib/base/sink.h"
#include "lib/transfer/pack.h"
#include "lib/store/docs_out.h"
#include "lib/store/plan.h"
#include "lib/store/store.h"

#define WINDOW ((uint64_t)64 << 10) /* of the spool, read at once */

struct writer {
	struct pack *p;
	const struct pack_part *part;
	uint32_t mark; /* files named already bear it */
	struct cab_writer *cab;
	struct buf text;
	struct buf window; /* of the spool */
	uint64_t window_off;
	size_t ndocs; /* written so far */
	struct prog *prog;
};

static int
read_window(struct writer *w, uint64_t off, uint64_t len, struct err *e)
{
	uint64_t rest = w->p->spooled - off;
	uint8_t *to;

	if (len < WINDOW)
		len = rest < WINDOW ? rest : WINDOW;
	buf_reset(&w->window);
	if ((to = buf_reserve(&w->window, (size_t)len, e)) == NULL)
		return -1;
	if (pread(w->p->spool, to, (size_t)len, (off_t)off) != (ssize_t)len)
		return err_sys(e, "cannot read back a temporary file");
	w->window.len = (size_t)len;
	w->window_off = off;
	return 0;
}

/* A text out of the spool; mostly each is a little beyond the last. */
static int
copy_text(struct writer *w, uint64_t off, uint32_t len, struct err *e)
{
	uint64_t at = off - w->window_off;

	if (off < w->window_off || at > w->window.len ||
	    len > w->window.len - at) {
		if (read_window(w, off, len, e) == -1)
			return -1;
		at = 0;
	}
	return cab_writer_write(w->cab, w->window.p + at, len, e);
}

static int
flush_text(struct writer *w, struct err *e)
{
	int r = cab_writer_write(w->cab, w->text.p, w->text.len, e);

	buf_reset(&w->text);
	return r;
}

static int
write_files(struct writer *w, struct err *e)
{
	struct pack *p = w->p;
	size_t n = pack_part_items(w->part);
	uint64_t put = 0;

	for (size_t i = 0; i < n; i++) {
		const struct pack_update
		    *u = &p->updates[pack_part_item(w->part, i)];

		for (uint32_t r = u->ref; r < u->ref + u->nrefs; r++) {
			struct pack_file *f = &p->files[p->refs[r]];

			if (f->part == w->mark || f->len == 0)
				continue;
			f->part = w->mark;
			if ((put++ == 0 &&
				cab_writer_write(w->cab, "<Files>", 7, e) ==
				    -1) ||
			    copy_text(w, f->off, f->len, e) == -1)
				return -1;
		}
	}
	buf_reset(&w->text);
	if (package_put_updates(&w->text, put, e) == -1)
		return -1;
	return flush_text(w, e);
}

static int
write_index(struct writer *w, struct err *e)
{
	struct pack *p = w->p;
	size_t n = pack_part_items(w->part);

	if (cab_writer_write(w->cab, p->head.p, p->head.len, e) == -1 ||
	    write_files(w, e) == -1)
		return -1;
	if (n != 0 && cab_writer_write(w->cab, "<Updates>", 9, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct pack_update
		    *u = &p->updates[pack_part_item(w->part, i)];

		if (copy_text(w, u->off, u->len, e) == -1)
			return -1;
	}
	buf_reset(&w->text);
	if (package_put_end(&w->text, n, e) == -1)
		return -1;
	return flush_text(w, e);
}

static int
write_doc(struct writer *w, const struct plan_item *it,
    const struct docs_out_item *doc, struct err *e)
{
	char head[PACKAGE_META_HEAD + 1], id[GUID_LEN + 1];

	if (doc->err.kind != E_NONE) {
		guid_write(id, &it->id);
		*e = doc->err;
		return err_ctx(e, "update %s revision %u", id, it->revision);
	}
	if (doc->bytes != it->bytes)
		return err_set(e, E_DIGEST,
		    "a document has %llu bytes, its row says %u",
		    (unsigned long long)doc->bytes, it->bytes);
	package_meta_head(head, &it->id, it->revision, it->units);
	if (cab_writer_write(w->cab, head, PACKAGE_META_HEAD, e) == -1 ||
	    cab_writer_write(w->cab, doc->text, doc->bytes, e) == -1 ||
	    cab_writer_write(w->cab, "\r\n", 2, e) == -1)
		return -1;
	if (w->prog != NULL)
		prog_add(w->prog, it->bytes, 1);
	return 0;
}

static int
write_docs(void *arg, struct docs_out_batch *b, struct err *e)
{
	struct writer *w = arg;

	for (size_t i = 0; i < b->n; i++, w->ndocs++) {
		const struct plan_item
		    *it = &w->p->plan->items[pack_part_item(w->part, w->ndocs)];

		if (write_doc(w, it, &b->items[i], e) == -1)
			return -1;
	}
	return 0;
}

static int
write_meta(struct writer *w, unsigned jobs, struct err *e)
{
	const struct docs_out_how how = {
	    .jobs = jobs, .done = write_docs, .arg = w};
	size_t n = pack_part_items(w->part);
	struct docs_out *docs = NULL;
	int r = docs_out_open(&docs, w->p->store, &how, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = docs_out_put(
		    docs, w->p->plan->items[pack_part_item(w->part, i)].row, e);
	if (r == 0)
		r = docs_out_flush(docs, e);
	docs_out_close(docs);
	return r;
}

int
pack_write(struct pack *p, size_t k, const struct pack_write *o,
    struct sink *to, struct cab_patch *patch, struct err *e)
{
	const struct pack_part *part = &p->parts[k];
	const struct cab_member members[] = {
	    {PACKAGE_INDEX, (uint32_t)part->index_bytes},
	    {PACKAGE_META, (uint32_t)part->meta_bytes}};
	const struct cab_write_opts opts = {.members = members,
	    .nmembers = 2,
	    .time = p->time,
	    .small = o->small,
	    .jobs = o->jobs};
	struct writer w = {.p = p,
	    .part = part,
	    .mark = ++p->mark,
	    .text = BUF_INIT,
	    .window = BUF_INIT,
	    .prog = o->prog};
	int r = -1;

	if (cab_writer_open(&w.cab, to, &opts, e) == 0 &&
	    write_index(&w, e) == 0 && write_meta(&w, o->jobs, e) == 0)
		r = cab_writer_finish(w.cab, patch, e);
	cab_writer_close(w.cab);
	buf_free(&w.text);
	buf_free(&w.window);
	return r;
}
