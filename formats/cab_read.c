/* SPDX-License-Identifier: ISC */
#include "formats/cab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/cur.h"
#include "lib/base/err.h"
#include "lib/base/src.h"

const struct cab_limits cab_default_limits = {
    .max_files = 65535,
    .max_folders = 65535,
    .max_reserve = 60000,
    .max_unpacked = (uint64_t)64 << 30,
};

#define HEAD_STEP ((size_t)64 << 10) /* a claim allocates no more unread */
#define SIG_RESERVE 20 /* header reserve of a signed cabinet */

/* The header's fields that are of no use later. */
struct head {
	uint32_t files_at;
	uint16_t header_reserve;
	uint8_t folder_reserve;
};

struct rd {
	struct cab *c;
	struct src *s;
	const struct cab_limits *lim;
	struct head h;
	struct buf head; /* owned until c takes it over */
	size_t at; /* bytes of it that are parsed */
};

static int
fill_room(struct rd *r, uint64_t upto, const char *what, struct err *e)
{
	size_t n;
	uint8_t *p;

	while (r->head.len < upto) {
		n = (size_t)(upto - r->head.len);
		if (n > HEAD_STEP)
			n = HEAD_STEP;
		if ((p = buf_reserve(&r->head, n, e)) == NULL ||
		    src_read_full(r->s, p, n, e) == -1)
			return err_ctx(e, "%s", what);
		r->head.len += n;
	}
	return 0;
}

static int
check_counts(struct rd *r, struct err *e)
{
	const struct cab *c = r->c;

	if ((c->flags & (CAB_FLAG_PREV | CAB_FLAG_NEXT)) != 0)
		return err_at(e, 30,
		    "flags %#x: one of a set of several cabinets, which is not "
		    "supported",
		    c->flags);
	if (c->nfolders == 0)
		return err_at(e, 26, "no folders");
	if (c->nfiles == 0)
		return err_at(e, 28, "no files");
	if (c->nfolders > r->lim->max_folders)
		return err_set(e, E_LIMIT, "%u folders, at most %" PRIu32,
		    c->nfolders, r->lim->max_folders);
	if (c->nfiles > r->lim->max_files)
		return err_set(e, E_LIMIT, "%u files, at most %" PRIu32,
		    c->nfiles, r->lim->max_files);
	return 0;
}

/* What people take for one. */
static int
no_cabinet(const uint8_t p[4], struct err *e)
{
	static const struct {
		const char *begin, *what;
	} rows[] = {{"PK\3\4", "a ZIP archive: unpack it first"},
	    {"7z\xbc\xaf", "a 7-Zip archive: unpack it first"},
	    {"\xd0\xcf\x11\xe0", "an MSI package"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (memcmp(p, rows[i].begin, 4) == 0)
			return err_at(e, 0,
			    "expected a cabinet's MSCF, found %s",
			    rows[i].what);
	return err_at(e, 0,
	    "expected a cabinet's MSCF, found %02x %02x %02x %02x", p[0], p[1],
	    p[2], p[3]);
}

static int
read_header(struct rd *r, struct err *e)
{
	struct cur k;
	uint32_t magic;

	if (fill_room(r, CAB_HEADER, "cabinet header", e) == -1)
		return -1;
	cur_init(&k, r->head.p, CAB_HEADER);
	magic = cur_le32(&k);
	cur_skip(&k, 4);
	r->c->size = cur_le32(&k);
	cur_skip(&k, 4);
	r->h.files_at = cur_le32(&k);
	cur_skip(&k, 4);
	r->c->version = cur_le16(&k);
	r->c->nfolders = cur_le16(&k);
	r->c->nfiles = cur_le16(&k);
	r->c->flags = cur_le16(&k);
	if (cur_check(&k, "cabinet header", e) == -1)
		return -1;
	r->at = CAB_HEADER;
	if (magic != 0x4643534d)
		return no_cabinet(r->head.p, e);
	return check_counts(r, e);
}

static int
read_reserve(struct rd *r, struct err *e)
{
	struct cur k;

	if ((r->c->flags & CAB_FLAG_RESERVE) == 0)
		return 0;
	if (fill_room(r, CAB_HEADER + 4, "reserve fields", e) == -1)
		return -1;
	cur_init(&k, r->head.p, r->head.len);
	cur_skip(&k, r->at);
	r->h.header_reserve = cur_le16(&k);
	r->h.folder_reserve = cur_u8(&k);
	r->c->data_reserve = cur_u8(&k);
	if (cur_check(&k, "reserve fields", e) == -1)
		return -1;
	if (r->h.header_reserve > r->lim->max_reserve)
		return err_set(e, E_LIMIT,
		    "%u bytes of header reserve, at most %" PRIu32,
		    r->h.header_reserve, r->lim->max_reserve);
	r->at += 4u + r->h.header_reserve;
	return fill_room(r, r->at, "header reserve", e);
}

/* A signed cabinet says in its header reserve where the signature stands. */
static int
read_signature(struct rd *r, struct err *e)
{
	struct cur k;
	uint32_t shape, off, len;

	if ((r->c->flags & CAB_FLAG_RESERVE) == 0 ||
	    r->h.header_reserve != SIG_RESERVE)
		return 0;
	cur_init(&k, r->head.p, r->head.len);
	cur_skip(&k, CAB_HEADER + 4);
	shape = cur_le32(&k);
	off = cur_le32(&k);
	len = cur_le32(&k);
	if (cur_check(&k, "header reserve", e) == -1)
		return -1;
	if (shape == 0x00100000 && off == r->c->size)
		r->c->sig_len = len;
	return 0;
}

static int
check_size(const struct rd *r, struct err *e)
{
	uint64_t size = r->s->size;
	const struct cab *c = r->c;

	if (c->size < r->at)
		return err_at(e, 8,
		    "cabinet size is %" PRIu32 ", its header alone has %zu",
		    c->size, r->at);
	if (size == SRC_UNKNOWN || size == (uint64_t)c->size + c->sig_len)
		return 0;
	if (c->sig_len != 0)
		return err_at(e, 8,
		    "cabinet size is %" PRIu32 " and its signature has %" PRIu32
		    ", the file has %" PRIu64 " bytes",
		    c->size, c->sig_len, size);
	return err_at(e, 8,
	    "cabinet size is %" PRIu32 ", the file has %" PRIu64 " bytes",
	    c->size, size);
}

static int
check_comp(const struct cab_folder *f, size_t at, unsigned i, struct err *e)
{
	unsigned bits = (f->comp_type >> 8) & 0x1f;

	switch (f->comp_type & 0xf) {
	case CAB_NONE:
	case CAB_MSZIP:
		return 0;
	case CAB_QUANTUM:
		if (bits >= 10 && bits <= 21)
			return 0;
		return err_at(e, at + 6,
		    "folder %u: Quantum window of %u bits, expected 10 to 21",
		    i, bits);
	case CAB_LZX:
		if (bits >= 15 && bits <= 21)
			return 0;
		return err_at(e, at + 6,
		    "folder %u: LZX window of %u bits, expected 15 to 21", i,
		    bits);
	default:
		return err_at(e, at + 6,
		    "folder %u: expected compression 0 to 3, found %u", i,
		    f->comp_type & 0xf);
	}
}

static int
read_folder(struct rd *r, struct cur *k, unsigned i, struct err *e)
{
	struct cab_folder *f = &r->c->folders[i];
	size_t at = cur_off(k);
	uint64_t need;

	f->data_off = cur_le32(k);
	f->nblocks = cur_le16(k);
	f->comp_type = cur_le16(k);
	cur_skip(k, r->h.folder_reserve);
	if (cur_check(k, "folder table", e) == -1)
		return -1;
	f->comp = f->comp_type & 0xf;
	if (check_comp(f, at, i, e) == -1)
		return -1;
	if (f->data_off > r->c->size)
		return err_at(e, at,
		    "folder %u: data at %" PRIu32 " of %" PRIu32 " bytes", i,
		    f->data_off, r->c->size);
	need = (uint64_t)f->nblocks * (CAB_DATA_HEAD + r->c->data_reserve);
	if (need > r->c->size - f->data_off)
		return err_at(e, at + 4,
		    "folder %u: %u blocks in %" PRIu32 " bytes", i, f->nblocks,
		    r->c->size - f->data_off);
	return 0;
}

static int
read_folders(struct rd *r, struct err *e)
{
	size_t each = CAB_FOLDER_ENTRY + r->h.folder_reserve;
	size_t len = each * r->c->nfolders;
	struct cur k;

	if (r->h.files_at != r->at + len)
		return err_at(e, 16,
		    "file table at %" PRIu32
		    ", expected right after the folders at %zu",
		    r->h.files_at, r->at + len);
	if (fill_room(r, r->at + len, "folder table", e) == -1)
		return -1;
	r->c->folders = calloc(r->c->nfolders, sizeof(*r->c->folders));
	if (r->c->folders == NULL)
		return err_nomem(e);
	cur_init(&k, r->head.p, r->head.len);
	cur_skip(&k, r->at);
	for (unsigned i = 0; i < r->c->nfolders; i++)
		if (read_folder(r, &k, i, e) == -1)
			return -1;
	r->at += len;
	return 0;
}

/* Where the first data stands; the file table must end before. */
static uint32_t
first_data(const struct cab *c)
{
	uint32_t first = c->size;

	for (unsigned i = 0; i < c->nfolders; i++)
		if (c->folders[i].nblocks != 0 &&
		    c->folders[i].data_off < first)
			first = c->folders[i].data_off;
	return first;
}

static int
check_file(const struct cab *c, const struct cab_file *f, size_t at, unsigned i,
    struct err *e)
{
	struct cab_folder *to;
	uint32_t room;

	if (f->folder >= 0xfffd)
		return err_at(e, at + 8,
		    "file %u: continues in another cabinet of a set", i);
	if (f->folder >= c->nfolders)
		return err_at(e, at + 8, "file %u: folder %u, there are %u", i,
		    f->folder, c->nfolders);
	if (f->name[0] == '\0')
		return err_at(e, at + CAB_FILE_ENTRY, "file %u: no name", i);
	to = &c->folders[f->folder];
	room = (uint32_t)to->nblocks * CAB_BLOCK;
	if (f->off > room || f->size > room - f->off)
		return err_at(e, at,
		    "file %u: %" PRIu32 " bytes at %" PRIu32
		    " of a folder of %" PRIu32 " at most",
		    i, f->size, f->off, room);
	if (f->off + f->size > to->end) {
		to->end = f->off + f->size;
		to->furthest = (uint16_t)i;
	}
	return 0;
}

static int
read_file(struct rd *r, struct cur *k, unsigned i, struct err *e)
{
	struct cab_file *f = &r->c->files[i];
	size_t at = cur_off(k);
	size_t room;

	f->size = cur_le32(k);
	f->off = cur_le32(k);
	f->folder = cur_le16(k);
	f->date = cur_le16(k);
	f->time = cur_le16(k);
	f->attrs = cur_le16(k);
	room = cur_left(k);
	f->name = cur_str(k, CAB_NAME_MAX);
	if (f->name == NULL && room > CAB_NAME_MAX)
		return err_at(e, at + CAB_FILE_ENTRY,
		    "file %u: name of more than %d bytes", i, CAB_NAME_MAX);
	if (cur_check(k, "file table", e) == -1)
		return -1;
	return check_file(r->c, f, at, i, e);
}

static int
read_files(struct rd *r, struct err *e)
{
	struct cab *c = r->c;
	uint64_t end = r->at +
	    (uint64_t)c->nfiles * (CAB_FILE_ENTRY + CAB_NAME_MAX + 1);
	uint32_t first = first_data(c);
	uint64_t sum = 0;
	struct cur k;

	if (first < r->at)
		return err_at(e, r->at,
		    "data at %" PRIu32 ", inside the tables that end at %zu",
		    first, r->at);
	if (fill_room(r, end < first ? end : first, "file table", e) == -1)
		return -1;
	if ((c->files = calloc(c->nfiles, sizeof(*c->files))) == NULL)
		return err_nomem(e);
	cur_init(&k, r->head.p, r->head.len);
	cur_skip(&k, r->at);
	for (unsigned i = 0; i < c->nfiles; i++) {
		if (read_file(r, &k, i, e) == -1)
			return -1;
		sum += c->files[i].size;
		if (sum > r->lim->max_unpacked)
			return err_set(e, E_LIMIT,
			    "more than %" PRIu64 " bytes unpacked, from file "
			    "%u on",
			    r->lim->max_unpacked, i);
	}
	return 0;
}

int
cab_read(
    struct cab *c, struct src *s, const struct cab_limits *lim, struct err *e)
{
	struct rd r = {.c = c, .s = s, .lim = lim, .head = BUF_INIT};
	int ret = -1;

	*c = (struct cab)CAB_INIT;
	c->max_unpacked = lim->max_unpacked;
	if (src_seek(s, 0, e) == -1 || read_header(&r, e) == -1 ||
	    read_reserve(&r, e) == -1 || read_signature(&r, e) == -1 ||
	    check_size(&r, e) == -1 || read_folders(&r, e) == -1 ||
	    read_files(&r, e) == -1)
		goto out;
	ret = 0;
out:
	c->head = r.head.p;
	c->head_len = (uint32_t)r.head.len;
	return ret;
}

void
cab_free(struct cab *c)
{
	free(c->folders);
	free(c->files);
	free(c->head);
	*c = (struct cab)CAB_INIT;
}

static int
lower(int ch)
{
	return ch >= 'A' && ch <= 'Z' ? ch - 'A' + 'a' : ch;
}

static bool
same_name(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b))
		a++, b++;
	return *a == *b;
}

int
cab_find_next(const struct cab *c, const char *name, int after)
{
	for (int i = after + 1; i < c->nfiles; i++)
		if (same_name(c->files[i].name, name))
			return i;
	return -1;
}

int
cab_find(const struct cab *c, const char *name)
{
	return cab_find_next(c, name, -1);
}
