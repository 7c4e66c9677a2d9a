/* SPDX-License-Identifier: ISC */
/*
 * A cabinet as servers write them, but for MSZIP instead of LZX: one folder,
 * package.xml then metadata.txt, 6144 reserved bytes.  By zlib, because its
 * bytes are the same on every processor.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "testdata/gen/gen.h"

#define BLOCK 32768u /* bytes of a data block, unpacked */
#define NBLOCKS 128 /* packed at a time */
#define ROOM (BLOCK + 64) /* bytes of a packed block, its header included */
#define RESERVE 6144u

struct cabinet {
	FILE *f;
	char *path; /* owned */
	uint64_t size, unpacked; /* bytes so far; all that is still to come */
	uint32_t have, history; /* bytes in raw behind the history */
	uint8_t raw[BLOCK + NBLOCKS * BLOCK];
	uint8_t packed[NBLOCKS][ROOM];
	uint32_t packed_len[NBLOCKS];
};

static void
le(uint8_t **p, uint32_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		*(*p)++ = (uint8_t)v;
}

static void
put(struct cabinet *c, const void *p, size_t n)
{
	if (fwrite(p, 1, n, c->f) != n)
		die("%s: %s", c->path, strerror(errno));
	c->size += n;
}

static uint32_t
number(const char *digits, int n)
{
	uint32_t v = 0;

	for (; n > 0; n--)
		v = v * 10 + (uint32_t)(*digits++ - '0');
	return v;
}

static void
put_file(struct cabinet *c, const char *name, uint32_t len, uint32_t off,
    const char *t)
{
	uint8_t head[16], *p = head;

	le(&p, len, 4);
	le(&p, off, 4);
	le(&p, 0, 2);
	le(&p,
	    (number(t, 4) - 1980) << 9 | number(t + 5, 2) << 5 |
		number(t + 8, 2),
	    2);
	le(&p,
	    number(t + 11, 2) << 11 | number(t + 14, 2) << 5 |
		number(t + 17, 2) / 2,
	    2);
	le(&p, 0x20, 2);
	put(c, head, sizeof(head));
	put(c, name, strlen(name) + 1);
}

static void
put_head(struct cabinet *c, uint32_t files_at, uint32_t data_at)
{
	static const uint8_t zero[RESERVE];
	uint8_t head[40], *p = head;

	memcpy(p, "MSCF", 4);
	p += 4;
	le(&p, 0, 4);
	le(&p, 0, 4); /* the size, when it is known */
	le(&p, 0, 4);
	le(&p, files_at, 4);
	le(&p, 0, 4);
	le(&p, 0x0103, 2);
	le(&p, 1, 2);
	le(&p, 2, 2);
	le(&p, 4, 2);
	le(&p, 0, 4);
	le(&p, RESERVE, 4); /* and none for folders and data */
	put(c, head, sizeof(head));
	put(c, zero, RESERVE);
	p = head;
	le(&p, data_at, 4);
	le(&p, (uint32_t)((c->unpacked + BLOCK - 1) / BLOCK), 2);
	le(&p, 1, 2);
	put(c, head, 8);
}

struct cabinet *
cabinet_open(const char *path, const char *creation_time, uint32_t index_len,
    uint32_t meta_len)
{
	struct cabinet *c = need(calloc(1, sizeof(*c)));
	uint32_t files_at = 40 + RESERVE + 8;

	c->path = need(strdup(path));
	c->f = fopen(path, "wbx");
	if (c->f == NULL)
		die("%s: %s", path, strerror(errno));
	c->unpacked = (uint64_t)index_len + meta_len;
	put_head(c, files_at,
	    files_at + 32 + sizeof("package.xml") + sizeof("metadata.txt"));
	put_file(c, "package.xml", index_len, 0, creation_time);
	put_file(c, "metadata.txt", meta_len, index_len, creation_time);
	return c;
}

static uint32_t
sum(const uint8_t *p, size_t n, uint32_t seed)
{
	for (; n >= 4; n -= 4, p += 4)
		seed ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	if (n == 3)
		seed ^= (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
	else if (n == 2)
		seed ^= (uint32_t)p[0] << 8 | p[1];
	else if (n == 1)
		seed ^= p[0];
	return seed;
}

static void
pack(void *arg, uint32_t i)
{
	struct cabinet *c = arg;
	uint8_t *raw = c->raw + BLOCK + (size_t)i * BLOCK, *p = c->packed[i];
	uint32_t left = c->have - i * BLOCK, n = left < BLOCK ? left : BLOCK;
	z_stream z = {.zalloc = NULL};

	if (deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		die("zlib failed");
	if (i > 0 || c->history > 0)
		deflateSetDictionary(&z, raw - BLOCK, BLOCK);
	memcpy(p + 8, "CK", 2);
	z.next_in = raw;
	z.avail_in = n;
	z.next_out = p + 10;
	z.avail_out = BLOCK + 10;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("a block did not fit");
	c->packed_len[i] = 10 + (uint32_t)z.total_out;
	deflateEnd(&z);
	p += 4;
	le(&p, c->packed_len[i] - 8, 2);
	le(&p, n, 2);
	p = c->packed[i];
	le(&p, sum(p + 4, 4, sum(p + 8, c->packed_len[i] - 8, 0)), 4);
}

static void
flush(struct cabinet *c)
{
	uint32_t i, n = (c->have + BLOCK - 1) / BLOCK;

	par(n, pack, c);
	for (i = 0; i < n; i++)
		put(c, c->packed[i], c->packed_len[i]);
	memmove(c->raw, c->raw + c->have, BLOCK);
	c->history = BLOCK;
	c->have = 0;
}

void
cabinet_add(struct cabinet *c, const void *p, size_t n)
{
	const uint8_t *from = p;
	size_t k;

	for (; n > 0; n -= k, from += k) {
		k = NBLOCKS * BLOCK - c->have;
		k = n < k ? n : k;
		memcpy(c->raw + BLOCK + c->have, from, k);
		c->have += (uint32_t)k;
		c->unpacked -= k;
		if (c->have == NBLOCKS * BLOCK)
			flush(c);
	}
}

void
cabinet_close(struct cabinet *c)
{
	uint8_t size[4], *p = size;

	flush(c);
	if (c->unpacked != 0 || c->size > UINT32_MAX)
		die("%s: the members are not as long as was said", c->path);
	le(&p, (uint32_t)c->size, 4);
	if (fseek(c->f, 8, SEEK_SET) == -1)
		die("%s: %s", c->path, strerror(errno));
	put(c, size, 4);
	if (fclose(c->f) == EOF)
		die("%s: %s", c->path, strerror(errno));
	free(c->path);
	free(c);
}
