/* SPDX-License-Identifier: ISC */
#include "tests/lzx_raw.h"

#include <string.h>
#include <zlib.h>

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define FRAME 32768u
#define FOLDER_AT 0x24
#define FILES_AT 0x2c
#define LZX_2M 0x1503 /* a window of 2^21 */
#define BLOCK_MAX (8 + 16 + FRAME + 1)

static uint8_t *
le16(uint8_t *p, uint32_t v)
{
	*p++ = (uint8_t)v;
	*p++ = (uint8_t)(v >> 8);
	return p;
}

static uint8_t *
le32(uint8_t *p, uint32_t v)
{
	return le16(le16(p, v), v >> 16);
}

static int
put_tables(struct buf *to, uint32_t type, size_t n, unsigned nfiles,
    const char *name, struct err *e)
{
	size_t name_len = strlen(name) + 1;
	size_t len = FILES_AT + nfiles * (CAB_FILE_ENTRY + name_len);
	uint8_t *start = buf_reserve(to, len, e), *p;
	uint32_t each = (uint32_t)(n / nfiles), i;

	if (start == NULL)
		return -1;
	memset(start, 0, len);
	memcpy(start, "MSCF", 4);
	le32(start + 0x10, FILES_AT);
	le16(start + 0x18, CAB_VERSION);
	le16(start + 0x1a, 1);
	le16(start + 0x1c, nfiles);
	p = le32(start + FOLDER_AT, (uint32_t)len);
	p = le16(p, (uint32_t)((n + FRAME - 1) / FRAME));
	p = le16(p, type);
	for (i = 0; i < nfiles; i++) {
		p = le32(p, i + 1 < nfiles ? each : (uint32_t)n - i * each);
		p = le32(p, i * each) + 8;
		memcpy(p, name, name_len);
		p += name_len;
	}
	to->len += len;
	return 0;
}

/* The block whose packed bytes stand at start + 8. */
static void
end_block(struct buf *to, uint8_t *start, size_t packed, uint32_t n)
{
	le16(le16(start + 4, (uint32_t)packed), n);
	le32(start, cab_sum(start + 4, 4, cab_sum(start + 8, packed, 0)));
	to->len += packed + 8;
}

/*
 * Bits come from 16-bit words, the highest first: once, that no calls of
 * machine code were translated; then 3 for an uncompressed block, 24 for its
 * length, zeros up to a whole word; R0, R1, R2; the bytes, even in number.
 */
static int
put_block(
    struct buf *to, const uint8_t *from, uint32_t n, int first, struct err *e)
{
	uint32_t bits = first ? 3u << 28 | n << 4 : 3u << 29 | n << 5;
	uint8_t *start = buf_reserve(to, BLOCK_MAX, e), *p;

	if (start == NULL)
		return -1;
	p = le16(start + 8, bits >> 16);
	p = le32(le32(le32(le16(p, bits), 1), 1), 1);
	memcpy(p, from, n);
	p += n;
	if (n % 2 != 0)
		*p++ = 0;
	end_block(to, start, (size_t)(p - start) - 8, n);
	return 0;
}

int
lzx_raw_cab(struct buf *to, const void *p, size_t n, unsigned nfiles,
    const char *name, struct err *e)
{
	const uint8_t *from = p;
	size_t at, start = to->len, len;

	if (put_tables(to, LZX_2M, n, nfiles, name, e) == -1)
		return -1;
	for (at = 0; at < n; at += len) {
		len = n - at < FRAME ? n - at : FRAME;
		if (put_block(to, from + at, (uint32_t)len, at == 0, e) == -1)
			return -1;
	}
	le32(to->p + start + 8, (uint32_t)(to->len - start));
	return 0;
}

static int
pack_blanks(uint8_t packed[FRAME], size_t *len, struct err *e)
{
	uint8_t blanks[FRAME];
	z_stream z = {.next_in = blanks,
	    .avail_in = FRAME,
	    .next_out = packed + 2,
	    .avail_out = FRAME - 2};
	int r;

	memset(blanks, ' ', sizeof(blanks));
	memcpy(packed, "CK", 2);
	if (deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return err_nomem(e);
	r = deflate(&z, Z_FINISH);
	*len = z.total_out + 2;
	(void)deflateEnd(&z);
	return r == Z_STREAM_END ? 0 : err_set(e, E_SYS, "deflate: %d", r);
}

int
cab_bomb(struct buf *to, size_t nframes, struct err *e)
{
	uint8_t packed[FRAME], *p;
	size_t i, start = to->len, len = 0;

	if (pack_blanks(packed, &len, e) == -1 ||
	    put_tables(to, CAB_MSZIP, nframes * FRAME, 1, "blob", e) == -1)
		return -1;
	for (i = 0; i < nframes; i++) {
		if ((p = buf_reserve(to, len + 8, e)) == NULL)
			return -1;
		memcpy(p + 8, packed, len);
		end_block(to, p, len, FRAME);
	}
	le32(to->p + start + 8, (uint32_t)(to->len - start));
	return 0;
}
