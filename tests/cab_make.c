/* SPDX-License-Identifier: ISC */
#include "tests/cab_make.h"

#include <stdlib.h>
#include <string.h>

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/err.h"

void
make_le16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

void
make_le32(uint8_t *p, uint32_t v)
{
	make_le16(p, v);
	make_le16(p + 2, v >> 16);
}

static uint8_t *
room(struct buf *b, size_t n)
{
	struct err e = ERR_INIT;
	uint8_t *p = buf_reserve(b, n, &e);

	if (p == NULL)
		abort();
	memset(p, 0, n);
	b->len += n;
	return p;
}

static void
make_head(struct buf *b, const struct make_cab *m)
{
	bool reserve = m->header_reserve || m->folder_reserve ||
	    m->data_reserve;
	size_t at = CAB_HEADER + (reserve ? 4u + m->header_reserve : 0);
	uint8_t *p = room(b, at);

	memcpy(p, "MSCF", 4);
	at += (size_t)m->nfolders * (CAB_FOLDER_ENTRY + m->folder_reserve);
	make_le32(p + 16, (uint32_t)at);
	make_le16(p + 24, CAB_VERSION);
	make_le16(p + 26, m->nfolders);
	make_le16(p + 28, m->nfiles);
	if (!reserve)
		return;
	make_le16(p + 30, CAB_FLAG_RESERVE);
	make_le16(p + 36, m->header_reserve);
	p[38] = m->folder_reserve;
	p[39] = m->data_reserve;
}

static void
make_data(struct buf *b, const struct make_cab *m, const struct make_folder *f)
{
	const uint8_t *from = f->data;
	uint32_t n;

	for (uint32_t at = 0; at < f->len; at += n) {
		size_t head = (size_t)CAB_DATA_HEAD + m->data_reserve;
		uint8_t *p;

		n = f->len - at < f->block ? f->len - at : f->block;
		p = room(b, head + n);
		make_le16(p + 4, n);
		make_le16(p + 6, n);
		memcpy(p + head, from + at, n);
		make_le32(p, cab_sum(p + 4, 4, cab_sum(p + head, n, 0)));
	}
}

void
make_cab(struct buf *b, const struct make_cab *m)
{
	size_t each = (size_t)CAB_FOLDER_ENTRY + m->folder_reserve, folders;

	make_head(b, m);
	folders = b->len;
	room(b, each * m->nfolders);
	for (unsigned i = 0; i < m->nfiles; i++) {
		const struct make_file *f = &m->files[i];
		size_t len = strlen(f->name);
		uint8_t *p = room(b, CAB_FILE_ENTRY + len + 1);

		make_le32(p, f->size);
		make_le32(p + 4, f->off);
		make_le16(p + 8, f->folder);
		make_le16(p + 10, 0x5c3f);
		make_le16(p + 12, 0x30e4);
		make_le16(p + 14, 0x20);
		memcpy(p + CAB_FILE_ENTRY, f->name, len);
	}
	for (unsigned i = 0; i < m->nfolders; i++) {
		const struct make_folder *f = &m->folders[i];
		uint8_t *p = b->p + folders + each * i;

		make_le32(p, (uint32_t)b->len);
		make_le16(p + 4, (f->len + f->block - 1) / f->block);
		make_le16(p + 6, f->comp);
		make_data(b, m, f);
	}
	make_le32(b->p + 8, (uint32_t)b->len);
}

static ssize_t
trickle_read(struct src *s, void *p, size_t n, struct err *e)
{
	struct trickle *t = (struct trickle *)s;

	(void)e;
	if (s->off >= t->n)
		return 0;
	if (n > t->n - s->off)
		n = (size_t)(t->n - s->off);
	if (n > t->step)
		n = t->step;
	memcpy(p, t->p + s->off, n);
	t->nread += n;
	return (ssize_t)n;
}

static int
counted_seek(struct src *s, uint64_t off, struct err *e)
{
	(void)s, (void)off, (void)e;
	return 0;
}

static const struct src_ops trickle_ops = {.read = trickle_read};
static const struct src_ops counted_ops = {
    .read = trickle_read, .seek = counted_seek};

void
trickle_open(struct trickle *t, const void *p, size_t n)
{
	*t = (struct trickle){.p = p, .n = n, .step = 7};
	t->s = (struct src){.ops = &trickle_ops, .size = SRC_UNKNOWN, .fd = -1};
}

void
counted_open(struct trickle *t, const void *p, size_t n)
{
	*t = (struct trickle){.p = p, .n = n, .step = SRC_BLOCK};
	t->s = (struct src){.ops = &counted_ops, .size = n, .fd = -1};
}
