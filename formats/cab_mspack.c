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
#include "lib/base/stop.h"

#define MADE_UP_MAX (CAB_HEADER + 4 + CAB_FOLDER_ENTRY + CAB_FILE_ENTRY + 2)
#define NO_FOLDER UINT32_MAX
#define PAGES_MIN ((size_t)256 << 10)

/* What libmspack takes for a file: the cabinet, or the member's sink. */
struct end {
	struct mspack_file base;
	struct cab_mspack *m; /* borrowed */
};

/* In front of all that libmspack allocates. */
union chunk {
	size_t bytes;
	max_align_t align;
};

struct cab_mspack {
	struct mspack_system sys; /* first: libmspack hands it back to us */
	struct cab_in *in; /* borrowed */
	struct sink *to; /* borrowed, while a member is unpacked */
	struct end from, into;
	struct mscab_decompressor *d; /* owned */
	struct mscabd_cabinet *cab; /* owned: the made-up one; NULL: none */
	struct err fault; /* what a call-back failed with */
	uint8_t head[MADE_UP_MAX];
	size_t head_len;
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
make_up(struct cab_mspack *m, const struct cab_folder *f)
{
	const struct cab *c = m->in->c;
	uint8_t *p = m->head;

	memset(p, 0, sizeof(m->head));
	memcpy(p, "MSCF", 4);
	put32(p + 8, c->size);
	p[24] = 3;
	p[25] = 1;
	put16(p + 26, 1);
	put16(p + 28, 1);
	put16(p + 30, c->flags & CAB_FLAG_RESERVE);
	p += CAB_HEADER;
	if ((c->flags & CAB_FLAG_RESERVE) != 0) {
		p[3] = c->data_reserve;
		p += 4;
	}
	put32(p, f->data_off);
	put16(p + 4, f->nblocks);
	put16(p + 6, f->comp_type);
	p += CAB_FOLDER_ENTRY;
	p[CAB_FILE_ENTRY] = 'm';
	p += CAB_FILE_ENTRY + 2;
	m->head_len = (size_t)(p - m->head);
	put32(m->head + 16, (uint32_t)m->head_len);
}

static struct mspack_file *
sys_open(struct mspack_system *sys, const char *name, int mode)
{
	struct cab_mspack *m = (struct cab_mspack *)sys;

	(void)name;
	return mode == MSPACK_SYS_OPEN_READ ? &m->from.base : &m->into.base;
}

static void
sys_close(struct mspack_file *file)
{
	(void)file;
}

static size_t
read_head(struct cab_mspack *m, uint8_t *to, size_t n)
{
	if (n > m->head_len - m->in->pos)
		n = m->head_len - (size_t)m->in->pos;
	memcpy(to, m->head + m->in->pos, n);
	m->in->pos += n;
	return n;
}

static int
sys_read(struct mspack_file *file, void *to, int bytes)
{
	struct cab_mspack *m = ((struct end *)file)->m;

	if (m->in->pos < m->head_len)
		return (int)read_head(m, to, (size_t)bytes);
	return cab_in_read(m->in, to, (size_t)bytes, &m->fault) == -1 ? -1
								      : bytes;
}

static int
sys_write(struct mspack_file *file, void *p, int bytes)
{
	struct cab_mspack *m = ((struct end *)file)->m;

	if (stop_check(&m->fault) == -1 ||
	    sink_write(m->to, p, (size_t)bytes, &m->fault) == -1)
		return -1;
	return bytes;
}

static int
sys_seek(struct mspack_file *file, off_t off, int mode)
{
	struct cab_mspack *m = ((struct end *)file)->m;

	if (mode == MSPACK_SYS_SEEK_CUR)
		off += (off_t)m->in->pos;
	else if (mode != MSPACK_SYS_SEEK_START)
		return -1;
	if (off < 0)
		return -1;
	m->in->pos = (uint64_t)off;
	return 0;
}

static off_t
sys_tell(struct mspack_file *file)
{
	return (off_t)((struct end *)file)->m->in->pos;
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
cab_mspack_new(struct cab_mspack **mp, struct cab_in *in, struct err *e)
{
	struct cab_mspack *m;
	int r;

	*mp = NULL;
	MSPACK_SYS_SELFTEST(r);
	if (r != MSPACK_ERR_OK)
		return err_set(
		    e, E_SYS, "libmspack was built otherwise: %d", r);
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return err_nomem(e);
	m->sys = sys_ours;
	m->in = in;
	m->from.m = m->into.m = m;
	m->fault = (struct err)ERR_INIT;
	if ((m->d = mspack_create_cab_decompressor(&m->sys)) == NULL) {
		free(m);
		return err_nomem(e);
	}
	*mp = m;
	return 0;
}

void
cab_mspack_leave(struct cab_mspack *m)
{
	if (m->cab != NULL)
		m->d->close(m->d, m->cab);
	m->cab = NULL;
}

void
cab_mspack_free(struct cab_mspack *m)
{
	if (m == NULL)
		return;
	cab_mspack_leave(m);
	mspack_destroy_cab_decompressor(m->d);
	free(m);
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
failed(struct cab_mspack *m, int status, enum cab_comp comp, struct err *e)
{
	const char *why = reason(status, comp);

	if (m->fault.kind != E_NONE) {
		*e = m->fault;
		err_clear(&m->fault);
		return -1;
	}
	if (status == MSPACK_ERR_NOMEMORY)
		return err_nomem(e);
	if (why == NULL)
		return err_set(e, E_SYS, "libmspack: status %d", status);
	return err_at(e, m->in->pos, "%s", why);
}

static int
enter(struct cab_mspack *m, const struct cab_folder *f, struct err *e)
{
	if (m->cab != NULL)
		return 0;
	make_up(m, f);
	m->in->pos = 0;
	m->cab = m->d->open(m->d, "cabinet");
	if (m->cab == NULL)
		return failed(m, m->d->last_error(m->d), f->comp, e);
	return 0;
}

int
cab_mspack_extract(struct cab_mspack *m, const struct cab_file *f,
    struct sink *to, struct err *e)
{
	const struct cab_folder *folder = &m->in->c->folders[f->folder];
	struct mscabd_file file;
	int status;

	if (enter(m, folder, e) == -1)
		return -1;
	file = *m->cab->files;
	file.length = f->size;
	file.offset = f->off;
	m->to = to;
	status = m->d->extract(m->d, &file, "member");
	m->to = NULL;
	if (status != MSPACK_ERR_OK)
		return failed(m, status, folder->comp, e);
	return 0;
}
