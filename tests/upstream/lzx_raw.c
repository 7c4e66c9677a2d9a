/* SPDX-License-Identifier: ISC */
#include "tests/upstream/lzx_raw.h"

#include <zlib.h>

#include "tests/upstream/soap.h"

#define FRAME 32768
#define LZX_2M 0x1503 /* LZX, a window of 2^21 */
#define MSZIP 1

static void
le16(struct buf *b, uint32_t v)
{
	uint8_t p[2] = {(uint8_t)v, (uint8_t)(v >> 8)};

	putn(b, p, 2);
}

static void
le32(struct buf *b, uint32_t v)
{
	le16(b, v & 0xffff);
	le16(b, v >> 16);
}

/* Header, folder and directory; the cabinet's size is filled in at the end. */
static void
put_tables(struct buf *b, unsigned nblocks, unsigned type, size_t n,
    const struct lzx_raw *how)
{
	unsigned i, files = how->files != 0 ? how->files : 1;
	size_t entry = 16 + strlen(how->name) + 1;

	putn(b, "MSCF\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	le32(b, 0x2c);
	le32(b, 0);
	le16(b, 0x0103);
	le16(b, 1);
	le16(b, files);
	le16(b, 0); /* flags */
	le16(b, 0);
	le16(b, 0);
	le32(b, (uint32_t)(0x2c + files * entry));
	le16(b, nblocks);
	le16(b, type);
	for (i = 0; i < files; i++) {
		le32(b, (uint32_t)((long)n + how->size_off));
		le32(b, 0);
		putn(b, "\0\0\0\0\0\0\0\0", 8);
		putn(b, how->name, strlen(how->name) + 1);
	}
}

static void
put_size(struct buf *b, size_t start)
{
	uint32_t n = (uint32_t)(b->len - start);
	int i;

	for (i = 0; i < 4; i++)
		b->p[start + 8 + (size_t)i] = (uint8_t)(n >> 8 * i);
}

/*
 * A frame: bits are taken from 16-bit words, the highest first.  Before the
 * first one a bit says that no call addresses were translated; then 3 bits for
 * an uncompressed block, 24 for its length, and R0 to R2, all 1.
 */
static void
put_frame(struct buf *b, const uint8_t *p, uint32_t n, bool first)
{
	uint32_t bits = first ? 3u << 28 | n << 4 : 3u << 29 | n << 5;

	le32(b, 0); /* no checksum */
	le16(b, 16 + n);
	le16(b, n);
	le16(b, bits >> 16);
	le16(b, bits & 0xffff);
	le32(b, 1);
	le32(b, 1);
	le32(b, 1);
	putn(b, p, n);
}

void
lzx_raw(struct buf *to, const void *p, size_t n, const struct lzx_raw *how)
{
	size_t at, start = to->len, frames = (n + FRAME - 1) / FRAME;

	put_tables(to, (unsigned)frames, LZX_2M, n, how);
	for (at = 0; at < n; at += FRAME)
		put_frame(to, (const uint8_t *)p + at,
		    (uint32_t)(n - at < FRAME ? n - at : FRAME), at == 0);
	put_size(to, start);
}

void
cab_bomb(struct buf *to, size_t n)
{
	const struct lzx_raw how = {.name = "blob"};
	uint8_t blanks[FRAME], packed[FRAME];
	size_t i, start = to->len, frames = n / FRAME;
	z_stream z = {.next_in = blanks,
	    .avail_in = FRAME,
	    .next_out = packed,
	    .avail_out = sizeof(packed)};

	memset(blanks, ' ', sizeof(blanks));
	if (deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) !=
		Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		die(4, "deflate failed");
	put_tables(to, (unsigned)frames, MSZIP, frames * FRAME, &how);
	for (i = 0; i < frames; i++) {
		le32(to, 0);
		le16(to, (uint32_t)z.total_out + 2);
		le16(to, FRAME);
		put(to, "CK");
		putn(to, packed, z.total_out);
	}
	(void)deflateEnd(&z);
	put_size(to, start);
}
