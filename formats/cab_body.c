/* SPDX-License-Identifier: ISC */
/*
 * libmspack never sees a stranger's directory: for each folder it is shown a
 * made-up header of one folder and one file, and then our own bytes of data.
 * So there is one parser of directories, and its cost is ours to bound.
 */
#include "formats/cab.h"

#include <assert.h>
#include <inttypes.h>
#include <mspack.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "formats/cab_priv.h"
#include "lib/base/err.h"
#include "lib/base/pages.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"

#define IN_BLOCK ((size_t)64 << 10)
#define MADE_UP_MAX (CAB_HEADER + 4 + CAB_FOLDER_ENTRY + CAB_FILE_ENTRY + 2)
#define NO_FOLDER UINT32_MAX
#define PAGES_MIN ((size_t)256 << 10)

/* What libmspack takes for a file: the cabinet, or the member's sink. */
struct end {
	struct mspack_file base;
	struct cab_body *b; /* borrowed */
};

/* In front of all that libmspack allocates. */
union chunk {
	size_t bytes;
	max_align_t align;
};

struct cab_body {
	struct mspack_system sys; /* first: libmspack hands it back to us */
	const struct cab *c; /* borrowed */
	struct src *s; /* borrowed */
	struct sink *to; /* borrowed, while a member is unpacked */
	struct end in, out;
	struct mscab_decompressor *d; /* owned */
	struct mscabd_cabinet *cab; /* owned: the made-up one */
	uint32_t folder; /* whose made-up header that is */
	uint32_t next; /* byte of the folder unpacked next */
	uint64_t work; /* bytes decoded so far */
	struct err fault; /* what a call-back failed with */
	uint8_t head[MADE_UP_MAX];
	size_t head_len;
	uint64_t pos; /* in the cabinet, of libmspack's next read */
	uint64_t at; /* in the cabinet, of block */
	size_t block_len;
	uint8_t block[IN_BLOCK];
};

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static void
make_up(struct cab_body *b, const struct cab_folder *f)
{
	uint8_t *p = b->head;

	memset(p, 0, sizeof(b->head));
	memcpy(p, "MSCF", 4);
	put32(p + 8, b->c->size);
	p[24] = 3;
	p[25] = 1;
	put16(p + 26, 1);
	put16(p + 28, 1);
	put16(p + 30, b->c->flags & CAB_FLAG_RESERVE);
	p += CAB_HEADER;
	if ((b->c->flags & CAB_FLAG_RESERVE) != 0) {
		p[3] = b->c->data_reserve;
		p += 4;
	}
	put32(p, f->data_off);
	put16(p + 4, f->nblocks);
	put16(p + 6, f->comp_type);
	p += CAB_FOLDER_ENTRY;
	p[CAB_FILE_ENTRY] = 'm';
	p += CAB_FILE_ENTRY + 2;
	b->head_len = (size_t)(p - b->head);
	put32(b->head + 16, (uint32_t)b->head_len);
}

static struct mspack_file *
sys_open(struct mspack_system *sys, const char *name, int mode)
{
	struct cab_body *b = (struct cab_body *)sys;

	(void)name;
	return mode == MSPACK_SYS_OPEN_READ ? &b->in.base : &b->out.base;
}

static void
sys_close(struct mspack_file *file)
{
	(void)file;
}

/* A stream is brought to pos by reading on. */
static int
go(struct cab_body *b, struct err *e)
{
	size_t n;

	if (b->s->ops->seek != NULL)
		return src_seek(b->s, b->pos, e);
	if (b->pos < b->s->off)
		return err_set(e, E_USAGE,
		    "its data has passed; from a stream, members are taken in "
		    "the order of their data");
	while (b->s->off < b->pos) {
		n = sizeof(b->block);
		if (n > b->pos - b->s->off)
			n = (size_t)(b->pos - b->s->off);
		if (src_read_full(b->s, b->block, n, e) == -1)
			return -1;
	}
	return 0;
}

static int
refill(struct cab_body *b, struct err *e)
{
	size_t n = sizeof(b->block);
	ssize_t got;

	b->block_len = 0;
	if (b->pos >= b->c->size)
		return err_at(e, b->pos,
		    "its data runs past the cabinet's %" PRIu32 " bytes",
		    b->c->size);
	if (go(b, e) == -1)
		return -1;
	if (n > b->c->size - b->pos)
		n = (size_t)(b->c->size - b->pos);
	if ((got = src_read(b->s, b->block, n, e)) == -1)
		return -1;
	if (got == 0)
		return err_at(e, b->pos,
		    "cut short: %" PRIu64 " more bytes expected",
		    b->c->size - b->pos);
	b->at = b->pos;
	b->block_len = (size_t)got;
	return 0;
}

static size_t
read_head(struct cab_body *b, uint8_t *to, size_t n)
{
	if (n > b->head_len - b->pos)
		n = b->head_len - (size_t)b->pos;
	memcpy(to, b->head + b->pos, n);
	b->pos += n;
	return n;
}

static int
sys_read(struct mspack_file *file, void *to, int bytes)
{
	struct cab_body *b = ((struct end *)file)->b;
	uint8_t *p = to;
	size_t left = (size_t)bytes, n;

	if (b->pos < b->head_len)
		return (int)read_head(b, p, left);
	while (left > 0) {
		if (b->pos < b->at || b->pos - b->at >= b->block_len) {
			if (refill(b, &b->fault) == -1)
				return -1;
		}
		n = b->block_len - (size_t)(b->pos - b->at);
		if (n > left)
			n = left;
		memcpy(p, b->block + (b->pos - b->at), n);
		p += n;
		b->pos += n;
		left -= n;
	}
	return bytes;
}

static int
sys_write(struct mspack_file *file, void *p, int bytes)
{
	struct cab_body *b = ((struct end *)file)->b;

	if (stop_check(&b->fault) == -1 ||
	    sink_write(b->to, p, (size_t)bytes, &b->fault) == -1)
		return -1;
	return bytes;
}

static int
sys_seek(struct mspack_file *file, off_t off, int mode)
{
	struct cab_body *b = ((struct end *)file)->b;

	if (mode == MSPACK_SYS_SEEK_CUR)
		off += (off_t)b->pos;
	else if (mode != MSPACK_SYS_SEEK_START)
		return -1;
	if (off < 0)
		return -1;
	b->pos = (uint64_t)off;
	return 0;
}

static off_t
sys_tell(struct mspack_file *file)
{
	return (off_t)((struct end *)file)->b->pos;
}

static void
sys_message(struct mspack_file *file, const char *format, ...)
{
	(void)file, (void)format;
}

/*
 * Zeroed: what a damaged stream copies from before its start is then fixed.
 * The window of LZX has 2 MiB, of which a small member fills little.
 * (Nothing tells whose memory it is: decompressors are given a copy of sys.)
 */
static void *
sys_alloc(struct mspack_system *sys, size_t bytes)
{
	union chunk *k;

	(void)sys;
	bytes += sizeof(*k);
	k = bytes < PAGES_MIN ? calloc(1, bytes) : pages_new(bytes);
	if (k == NULL)
		return NULL;
	k->bytes = bytes;
	return k + 1;
}

static void
sys_free(void *p)
{
	union chunk *k = p;

	if (k == NULL)
		return;
	k--;
	if (k->bytes < PAGES_MIN)
		free(k);
	else
		pages_free(k, k->bytes);
}

static void
sys_copy(void *from, void *to, size_t bytes)
{
	memcpy(to, from, bytes);
}

static const struct mspack_system sys_ours = {
    .open = sys_open,
    .close = sys_close,
    .read = sys_read,
    .write = sys_write,
    .seek = sys_seek,
    .tell = sys_tell,
    .message = sys_message,
    .alloc = sys_alloc,
    .free = sys_free,
    .copy = sys_copy,
};

int
cab_body_open(
    struct cab_body **bp, const struct cab *c, struct src *s, struct err *e)
{
	struct cab_body *b;
	int r;

	*bp = NULL;
	MSPACK_SYS_SELFTEST(r);
	if (r != MSPACK_ERR_OK)
		return err_set(
		    e, E_SYS, "libmspack was built otherwise: %d", r);
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return err_nomem(e);
	b->sys = sys_ours;
	b->c = c;
	b->s = s;
	b->in.b = b->out.b = b;
	b->folder = NO_FOLDER;
	b->fault = (struct err)ERR_INIT;
	if ((b->d = mspack_create_cab_decompressor(&b->sys)) == NULL) {
		cab_body_close(b);
		return err_nomem(e);
	}
	*bp = b;
	return 0;
}

static void
close_folder(struct cab_body *b)
{
	if (b->cab != NULL)
		b->d->close(b->d, b->cab);
	b->cab = NULL;
	b->folder = NO_FOLDER;
	b->next = 0;
}

void
cab_body_close(struct cab_body *b)
{
	if (b == NULL)
		return;
	close_folder(b);
	mspack_destroy_cab_decompressor(b->d);
	free(b);
}

/* The sentence for a status of libmspack's. */
static const char *
reason(int status, enum cab_comp comp)
{
	static const char *const decrunch[] = {"damaged stored data",
	    "damaged MSZIP data", "damaged Quantum data", "damaged LZX data"};

	switch (status) {
	case MSPACK_ERR_CHECKSUM:
		return "a data block's checksum does not match";
	case MSPACK_ERR_DATAFORMAT:
		return "damaged data blocks";
	case MSPACK_ERR_DECRUNCH:
		return decrunch[comp];
	case MSPACK_ERR_READ:
		return "its data ends too early";
	default:
		return NULL;
	}
}

/* A call-back's own error says more than the status it ended in. */
static int
failed(struct cab_body *b, int status, enum cab_comp comp, struct err *e)
{
	const char *why = reason(status, comp);

	if (b->fault.kind != E_NONE) {
		*e = b->fault;
		err_clear(&b->fault);
		return -1;
	}
	if (status == MSPACK_ERR_NOMEMORY)
		return err_nomem(e);
	if (why == NULL)
		return err_set(e, E_SYS, "libmspack: status %d", status);
	return err_at(e, b->pos, "%s", why);
}

static int
open_folder(struct cab_body *b, unsigned folder, struct err *e)
{
	const struct cab_folder *f = &b->c->folders[folder];

	if (b->folder == folder)
		return 0;
	close_folder(b);
	make_up(b, f);
	b->pos = 0;
	b->cab = b->d->open(b->d, "cabinet");
	if (b->cab == NULL)
		return failed(b, b->d->last_error(b->d), f->comp, e);
	b->folder = folder;
	return 0;
}

/* Taken backwards, a member costs all that stands before it again. */
static int
count_work(struct cab_body *b, const struct cab_file *f, struct err *e)
{
	uint64_t cost = (uint64_t)f->off + f->size;
	uint64_t most = UINT64_MAX;

	if (b->c->max_unpacked < most / CAB_WORK)
		most = b->c->max_unpacked * CAB_WORK;
	if (f->off >= b->next)
		cost -= b->next;
	if (cost > most - b->work)
		return err_set(e, E_LIMIT,
		    "members taken in this order decode more than %" PRIu64
		    " bytes",
		    most);
	b->work += cost;
	b->next = f->off + f->size;
	return 0;
}

static int
extract(struct cab_body *b, const struct cab_file *f, struct err *e)
{
	struct mscabd_file m;
	int status;

	if (open_folder(b, f->folder, e) == -1 || count_work(b, f, e) == -1)
		return -1;
	m = *b->cab->files;
	m.length = f->size;
	m.offset = f->off;
	status = b->d->extract(b->d, &m, "member");
	if (status != MSPACK_ERR_OK)
		return failed(b, status, b->c->folders[f->folder].comp, e);
	return 0;
}

int
cab_body_extract(
    struct cab_body *b, unsigned file, struct sink *to, struct err *e)
{
	const struct cab_file *f = &b->c->files[file];
	int r;

	assert(file < b->c->nfiles);
	if (f->size == 0)
		return 0;
	b->to = to;
	r = extract(b, f, e);
	b->to = NULL;
	if (r == -1) {
		close_folder(b);
		return err_ctx(e, "%s", f->name);
	}
	return 0;
}
