/* SPDX-License-Identifier: ISC */
#include "formats/cab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/cab_priv.h"
#include "lib/base/err.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"

struct walk {
	const struct cab *c;
	struct src *s;
	int (*bad)(void *arg, const struct err *fault, struct err *e);
	void *arg;
	struct err fault;
	struct cab_data d; /* where the walk stands */
	uint64_t total; /* bytes the folder's blocks hold, unpacked */
	uint64_t end; /* of the data walked so far */
	uint8_t buf[CAB_DATA_HEAD + UINT8_MAX + UINT16_MAX];
};

/* Hands the fault on; 0 unless the receiver wants no more. */
static int
tell_fault(struct walk *w, struct err *e)
{
	int r = w->bad(w->arg, &w->fault, e);

	err_clear(&w->fault);
	return r;
}

/* A source that ends is a fault of the cabinet, one that fails is ours. */
static int
cut_short(struct walk *w, struct err *e)
{
	if (e->kind != E_FORMAT)
		return -1;
	w->fault = *e;
	err_clear(e);
	err_ctx(&w->fault, "folder %u block %u", w->d.folder, w->d.block);
	return tell_fault(w, e);
}

/* Reads n bytes at w->end: 1, or 0 when they are not there, or -1. */
static int
take_bytes(struct walk *w, uint8_t *to, size_t n, struct err *e)
{
	if (n > w->c->size - w->end) {
		err_at(&w->fault, w->end,
		    "folder %u block %u runs past the cabinet's %" PRIu32
		    " bytes",
		    w->d.folder, w->d.block, w->c->size);
		return tell_fault(w, e);
	}
	if (src_read_full(w->s, to, n, e) == -1)
		return cut_short(w, e);
	w->end += n;
	return 1;
}

/* Tells what was found, if anything was (r -1). */
static int
tell_if(struct walk *w, int r, struct err *e)
{
	return r == 0 ? 0 : tell_fault(w, e);
}

/* 1, or 0 when the walk of this folder cannot go on, or -1. */
static int
check_block(struct walk *w, struct err *e)
{
	size_t head = (size_t)CAB_DATA_HEAD + w->c->data_reserve;
	struct cab_data *d = &w->d;
	uint64_t at = w->end;
	int r;

	if (stop_check(e) == -1)
		return -1;
	if ((r = take_bytes(w, w->buf, head, e)) != 1)
		return r;
	cab_data_head(d, w->buf, at);
	if (tell_if(w,
		cab_data_packed(d,
		    d->comp == CAB_MSZIP ? MSZIP_MAX : CAB_DATA_MAX, &w->fault),
		e) == -1 ||
	    tell_if(w, cab_data_unpacked(d, &w->fault), e) == -1)
		return -1;
	w->total += d->unpacked;
	if ((r = take_bytes(w, w->buf + head, d->packed, e)) != 1)
		return r;
	if (tell_if(w, cab_data_sum(d, w->buf + head, &w->fault), e) == -1)
		return -1;
	if (d->comp == CAB_MSZIP &&
	    tell_if(w, cab_data_mszip(d, w->buf + head, at + head, &w->fault),
		e) == -1)
		return -1;
	return 1;
}

/* Every block has been seen: does the folder hold what its members need? */
static int
check_total(struct walk *w, struct err *e)
{
	const struct cab_folder *f = &w->c->folders[w->d.folder];

	if (f->end <= w->total)
		return 0;
	err_at(&w->fault, f->data_off,
	    "%s reaches to byte %" PRIu32
	    " of folder %u, whose blocks hold %" PRIu64,
	    w->c->files[f->furthest].name, f->end, w->d.folder, w->total);
	return tell_fault(w, e);
}

/* Brings the source to the folder's data: 1, 0 not possible, -1. */
static int
go(struct walk *w, uint32_t off, struct err *e)
{
	size_t n;

	if (off < w->end) {
		err_at(&w->fault, off,
		    "folder %u: its data begins at %" PRIu32
		    ", inside that of the folder before, which ends at "
		    "%" PRIu64,
		    w->d.folder, off, w->end);
		if (tell_fault(w, e) == -1 || w->s->ops->seek == NULL)
			return w->s->ops->seek == NULL ? 0 : -1;
	}
	w->end = off;
	if (w->s->ops->seek != NULL)
		return src_seek(w->s, off, e) == -1 ? -1 : 1;
	if (off < w->s->off)
		return err_set(e, E_USAGE, "a stream cannot be read again");
	while (w->s->off < off) {
		n = sizeof(w->buf);
		if (n > off - w->s->off)
			n = (size_t)(off - w->s->off);
		if (src_read_full(w->s, w->buf, n, e) == -1)
			return cut_short(w, e);
	}
	return 1;
}

static int
check_folder(struct walk *w, unsigned folder, struct err *e)
{
	const struct cab_folder *f = &w->c->folders[folder];
	int r;

	w->d = (struct cab_data){.folder = folder, .comp = f->comp};
	w->total = 0;
	if (f->nblocks == 0)
		return 0;
	if ((r = go(w, f->data_off, e)) != 1)
		return r;
	for (; w->d.block < f->nblocks; w->d.block++) {
		w->d.last = w->d.block + 1 == f->nblocks;
		if ((r = check_block(w, e)) != 1)
			return r;
	}
	return check_total(w, e);
}

/* Something that has a place in the cabinet, to be put in order. */
struct place {
	uint64_t folder, off, end;
	unsigned i;
};

static int
by_place(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->folder != b->folder)
		return a->folder < b->folder ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

/* Twice the very same bytes are one body under two names, which is no fault. */
static int
check_members(struct walk *w, struct place *p, struct err *e)
{
	const struct cab *c = w->c;
	unsigned n = 0;

	for (unsigned i = 0; i < c->nfiles; i++) {
		const struct cab_file *f = &c->files[i];

		if (f->size != 0)
			p[n++] = (struct place){
			    f->folder, f->off, (uint64_t)f->off + f->size, i};
	}
	qsort(p, n, sizeof(*p), by_place);
	for (unsigned i = 1; i < n; i++) {
		if (p[i].folder != p[i - 1].folder ||
		    p[i].off >= p[i - 1].end ||
		    (p[i].off == p[i - 1].off && p[i].end == p[i - 1].end))
			continue;
		err_at(&w->fault, E_NO_OFFSET,
		    "%s overlaps %s: at %" PRIu64 " of folder %" PRIu64
		    ", which the other leaves at "
		    "%" PRIu64,
		    c->files[p[i].i].name, c->files[p[i - 1].i].name, p[i].off,
		    p[i].folder, p[i - 1].end);
		if (tell_fault(w, e) == -1)
			return -1;
	}
	return 0;
}

/* The one field of the header that no reader looks at. */
static int
check_version(struct walk *w, struct err *e)
{
	if (w->c->version == CAB_VERSION)
		return 0;
	err_at(&w->fault, 24, "expected cabinet version 1.3, found %u.%u",
	    w->c->version >> 8, w->c->version & 0xff);
	return tell_fault(w, e);
}

static int
check_folders(struct walk *w, struct place *p, struct err *e)
{
	const struct cab *c = w->c;

	for (unsigned i = 0; i < c->nfolders; i++)
		p[i] = (struct place){.off = c->folders[i].data_off, .i = i};
	qsort(p, c->nfolders, sizeof(*p), by_place);
	for (unsigned i = 0; i < c->nfolders; i++)
		if (check_folder(w, p[i].i, e) == -1)
			return -1;
	return 0;
}

int
cab_check(const struct cab *c, struct src *s,
    int (*bad)(void *arg, const struct err *fault, struct err *e), void *arg,
    struct err *e)
{
	size_t n = c->nfiles > c->nfolders ? c->nfiles : c->nfolders;
	struct place *p = calloc(n, sizeof(*p));
	struct walk *w = calloc(1, sizeof(*w));
	int r = -1;

	if (p == NULL || w == NULL) {
		err_nomem(e);
		goto out;
	}
	*w = (struct walk){
	    .c = c, .s = s, .bad = bad, .arg = arg, .fault = ERR_INIT};
	if (check_version(w, e) == -1 || check_members(w, p, e) == -1 ||
	    check_folders(w, p, e) == -1)
		goto out;
	r = 0;
out:
	free(w);
	free(p);
	return r;
}
