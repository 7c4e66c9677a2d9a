/* SPDX-License-Identifier: ISC */
#include "tests/lzx_raw.h"

#include <string.h>

#include "lib/base/buf.h"

#define FRAME 32768u
#define FOLDER_AT 0x24
#define FILES_AT 0x2c
#define FILE_ENTRY 16
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

/* Exclusive or of 32-bit words; of the rest the first byte weighs most. */
static uint32_t
sum(const uint8_t *p, size_t n)
{
	uint32_t s = 0, tail = 0;

	for (; n >= 4; n -= 4, p += 4)
		s ^= p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		    (uint32_t)p[3] << 24;
	for (; n > 0; n--, p++)
		tail = tail << 8 | *p;
	return s ^ tail;
}

static int
put_tables(struct buf *to, size_t n, unsigned nfiles, struct err *e)
{
	size_t len = FILES_AT + nfiles * (FILE_ENTRY + sizeof("blob"));
	uint8_t *start = buf_reserve(to, len, e), *p;
	uint32_t each = (uint32_t)(n / nfiles), i;

	if (start == NULL)
		return -1;
	memset(start, 0, len);
	memcpy(start, "MSCF", 4);
	le32(start + 0x10, FILES_AT);
	le16(start + 0x18, 0x0103);
	le16(start + 0x1a, 1);
	le16(start + 0x1c, nfiles);
	p = le32(start + FOLDER_AT, (uint32_t)len);
	p = le16(p, (uint32_t)((n + FRAME - 1) / FRAME));
	p = le16(p, 0x1503);
	for (i = 0; i < nfiles; i++) {
		p = le32(p, i + 1 < nfiles ? each : (uint32_t)n - i * each);
		p = le32(p, i * each) + 8;
		memcpy(p, "blob", sizeof("blob"));
		p += sizeof("blob");
	}
	to->len += len;
	return 0;
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
	uint32_t bits = first ? 3u << 28 | n << 4 : 3u << 29 | n << 5, packed;
	uint8_t *start = buf_reserve(to, BLOCK_MAX, e), *p;

	if (start == NULL)
		return -1;
	p = le16(start + 8, bits >> 16);
	p = le32(le32(le32(le16(p, bits), 1), 1), 1);
	memcpy(p, from, n);
	p += n;
	if (n % 2 != 0)
		*p++ = 0;
	packed = (uint32_t)(p - start) - 8;
	le16(le16(start + 4, packed), n);
	le32(start, sum(start + 4, 4) ^ sum(start + 8, packed));
	to->len += packed + 8;
	return 0;
}

int
lzx_raw_cab(
    struct buf *to, const void *p, size_t n, unsigned nfiles, struct err *e)
{
	const uint8_t *from = p;
	size_t at, start = to->len, len;

	if (put_tables(to, n, nfiles, e) == -1)
		return -1;
	for (at = 0; at < n; at += len) {
		len = n - at < FRAME ? n - at : FRAME;
		if (put_block(to, from + at, (uint32_t)len, at == 0, e) == -1)
			return -1;
	}
	le32(to->p + start + 8, (uint32_t)(to->len - start));
	return 0;
}
