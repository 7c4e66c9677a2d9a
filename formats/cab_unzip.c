/* SPDX-License-Identifier: ISC */
/*
 * MSZIP: each block is one deflate stream that may look back into the block
 * before.  libdeflate knows no history, so it is given a stream that begins
 * with that history, stored: [a stored block of 32768 bytes][the block's own
 * stream].
 */
#include "formats/cab.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "formats/cab_priv.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/stop.h"

#define CK 2 /* bytes in front of each block's stream */
#define STORED 5 /* bytes of a stored block in front of its own */
#define STREAM (2 * CAB_BLOCK) /* where the next block's stream stands */

struct cab_unzip {
	struct cab_in *in; /* borrowed */
	struct libdeflate_decompressor *d; /* owned */
	bool is_entered; /* some folder */
	struct cab_data data; /* the block read last */
	unsigned next; /* the block to be read next */
	uint64_t begin; /* byte of the folder, of the block unpacked last */
	size_t len; /* bytes of it */
	struct cab_deflate tables;
	/*
	 * History, block, and the stream of the block that comes next: so that
	 * one has its history before it, as it must, and is unpacked into the
	 * other of the two.
	 */
	uint8_t *text; /* points into room: the one with the block */
	uint8_t room[2][STREAM + CAB_DATA_MAX];
};

int
cab_unzip_new(struct cab_unzip **up, struct cab_in *in, struct err *e)
{
	struct cab_unzip *u = malloc(sizeof(*u));

	*up = NULL;
	if (u == NULL)
		return err_nomem(e);
	if ((u->d = libdeflate_alloc_decompressor()) == NULL) {
		free(u);
		return err_nomem(e);
	}
	u->in = in;
	u->is_entered = false;
	u->tables.is_fixed = false;
	u->text = u->room[0];
	*up = u;
	return 0;
}

void
cab_unzip_leave(struct cab_unzip *u)
{
	u->is_entered = false;
}

void
cab_unzip_free(struct cab_unzip *u)
{
	if (u == NULL)
		return;
	libdeflate_free_decompressor(u->d);
	free(u);
}

static void
enter(struct cab_unzip *u, unsigned folder)
{
	u->is_entered = true;
	u->data = (struct cab_data){.folder = folder, .comp = CAB_MSZIP};
	u->next = 0;
	u->begin = 0;
	u->len = 0;
	u->in->pos = u->in->c->folders[folder].data_off;
}

/* The next block, and what it says of itself. */
static int
read_head(struct cab_unzip *u, struct err *e)
{
	struct cab_data *d = &u->data;
	uint8_t head[CAB_DATA_HEAD];
	uint64_t at = u->in->pos;

	d->block = u->next;
	d->last = u->next + 1u == u->in->c->folders[d->folder].nblocks;
	if (stop_check(e) == -1)
		return -1;
	if (cab_in_read(u->in, head, sizeof(head), e) == -1)
		return err_ctx(e, "folder %u block %u", d->folder, d->block);
	u->in->pos += u->in->c->data_reserve;
	cab_data_head(d, head, at);
	if (cab_data_packed(d, CAB_DATA_MAX, e) == -1)
		return -1;
	return cab_data_unpacked(d, e);
}

/* Its stream to where it is unpacked from; before that CK does not stay. */
static int
read_block(struct cab_unzip *u, struct err *e)
{
	struct cab_data *d = &u->data;
	uint8_t kept[CK], *to = u->text + STREAM - CK;
	uint64_t at;
	int r;

	if (read_head(u, e) == -1)
		return -1;
	at = u->in->pos;
	memcpy(kept, to, CK);
	if (cab_in_read(u->in, to, d->packed, e) == -1)
		return err_ctx(e, "folder %u block %u", d->folder, d->block);
	r = cab_data_sum(d, to, e) == -1 ? -1 : cab_data_mszip(d, to, at, e);
	memcpy(to, kept, CK);
	u->next++;
	return r;
}

/* The history comes out again, before the block. */
static int
inflate(struct cab_unzip *u, const struct cab_stream *s, struct err *e)
{
	static const uint8_t stored[STORED] = {0, /* not final */
	    CAB_BLOCK & 0xff, CAB_BLOCK >> 8, (uint8_t) ~(CAB_BLOCK & 0xff),
	    (uint8_t) ~(CAB_BLOCK >> 8)};
	size_t before = s->history == 0 ? 0 : STORED + s->history, used, made;
	uint8_t *to = u->text == u->room[0] ? u->room[1] : u->room[0];
	enum libdeflate_result r;
	bool is_read;

	if (before != 0)
		memcpy(u->text + STREAM - before, stored, STORED);
	r = libdeflate_deflate_decompress_ex(u->d, s->p - before, before + s->n,
	    to + CAB_BLOCK - s->history, s->history + s->size, &used, &made);
	is_read = r == LIBDEFLATE_SUCCESS && used == before + s->n &&
	    made == s->history + s->size;
	if (cab_deflate_check(&u->tables, s, is_read, e) == -1)
		return -1;
	if (!is_read)
		return err_at(e, s->at, "libdeflate does not read it: %d", r);
	u->text = to;
	return 0;
}

static int
unpack_block(struct cab_unzip *u, struct err *e)
{
	const struct cab_folder *f = &u->in->c->folders[u->data.folder];
	struct cab_stream s = {.p = u->text + STREAM};

	if (u->next == f->nblocks)
		return err_at(e, f->data_off,
		    "folder %u: its blocks hold %" PRIu64
		    " bytes, its files need %" PRIu32,
		    u->data.folder, u->begin + u->len, f->end);
	if (read_block(u, e) == -1)
		return -1;
	s.n = u->data.packed - CK;
	s.at = u->in->pos - s.n;
	s.history = u->data.block == 0 ? 0 : CAB_BLOCK;
	s.size = u->data.unpacked;
	if (inflate(u, &s, e) == -1)
		return err_ctx(
		    e, "folder %u block %u", u->data.folder, u->data.block);
	u->begin += u->len;
	u->len = s.size;
	return 0;
}

/*
 * With the file that ends last, the blocks that nobody needs are read: a folder
 * is sound whole, or damaged.
 */
static int
read_rest(struct cab_unzip *u, struct err *e)
{
	while (u->next < u->in->c->folders[u->data.folder].nblocks)
		if (read_block(u, e) == -1)
			return -1;
	return 0;
}

int
cab_unzip_extract(struct cab_unzip *u, const struct cab_file *f,
    struct sink *to, struct err *e)
{
	uint32_t off = f->off, left = f->size, skip, n;

	if (!u->is_entered || off < u->begin)
		enter(u, f->folder);
	while (left > 0) {
		if (off - u->begin >= u->len) {
			if (unpack_block(u, e) == -1)
				return -1;
			continue;
		}
		skip = (uint32_t)(off - u->begin);
		n = (uint32_t)u->len - skip;
		if (n > left)
			n = left;
		if (sink_write(to, u->text + CAB_BLOCK + skip, n, e) == -1)
			return -1;
		off += n;
		left -= n;
	}
	return off == u->in->c->folders[f->folder].end ? read_rest(u, e) : 0;
}
