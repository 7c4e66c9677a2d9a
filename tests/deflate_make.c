/* SPDX-License-Identifier: ISC */
#include "tests/deflate_make.h"

#include <stdlib.h>
#include <string.h>

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "tests/cab_make.h"

void
deflate_begin(struct deflate *d, uint32_t size)
{
	d->nbits = 0;
	d->size = size;
	deflate_bytes(d, "CK", 2);
}

size_t
deflate_len(const struct deflate *d)
{
	return (d->nbits + 7) / 8;
}

void
deflate_bits(struct deflate *d, uint32_t v, unsigned n)
{
	for (; n > 0; n--, v >>= 1, d->nbits++) {
		if (d->nbits / 8 == sizeof(d->p))
			abort();
		if (d->nbits % 8 == 0)
			d->p[d->nbits / 8] = 0;
		d->p[d->nbits / 8] |= (uint8_t)((v & 1) << d->nbits % 8);
	}
}

void
deflate_bytes(struct deflate *d, const void *p, size_t n)
{
	d->nbits = deflate_len(d) * 8;
	for (size_t i = 0; i < n; i++)
		deflate_bits(d, ((const uint8_t *)p)[i], 8);
}

void
deflate_stored(struct deflate *d, bool last, const void *p, size_t n)
{
	uint8_t head[4];

	make_le16(head, (uint32_t)n);
	make_le16(head + 2, (uint32_t)~n);
	deflate_bits(d, last, 3);
	deflate_bytes(d, head, 4);
	deflate_bytes(d, p, n);
}

/* Codes stand with their highest bit first. */
static void
put_code(struct deflate *d, unsigned code, unsigned len)
{
	while (len-- > 0)
		deflate_bits(d, code >> len & 1, 1);
}

void
deflate_fixed(struct deflate *d, bool last)
{
	deflate_bits(d, last | 1 << 1, 3);
}

void
deflate_symbol(struct deflate *d, unsigned s)
{
	if (s < 144)
		put_code(d, 0x30 + s, 8);
	else if (s < 256)
		put_code(d, 0x190 + s - 144, 9);
	else if (s < 280)
		put_code(d, s - 256, 7);
	else
		put_code(d, 0xc0 + s - 280, 8);
}

void
deflate_text(struct deflate *d, const char *text)
{
	while (*text != '\0')
		deflate_symbol(d, (uint8_t)*text++);
}

void
deflate_near(struct deflate *d, unsigned distance)
{
	deflate_far(d, 257, distance - 1, 0, 0);
}

void
deflate_far(struct deflate *d, unsigned length, unsigned distance,
    unsigned extra, unsigned nextra)
{
	deflate_symbol(d, length);
	put_code(d, distance, 5);
	deflate_bits(d, extra, nextra);
}

void
deflate_dynamic(
    struct deflate *d, bool last, unsigned nliterals, unsigned ndistances)
{
	static const uint8_t order[19] = {
	    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

	deflate_bits(d, last | 2 << 1, 3);
	deflate_bits(d, nliterals - 257, 5);
	deflate_bits(d, ndistances - 1, 5);
	deflate_bits(d, 19 - 4, 4);
	for (unsigned i = 0; i < 19; i++)
		deflate_bits(d, order[i] < 13 ? 4 : 5, 3);
}

void
deflate_length(struct deflate *d, unsigned s)
{
	if (s < 13)
		put_code(d, s, 4);
	else
		put_code(d, 26 + s - 13, 5);
}

void
deflate_lengths(struct deflate *d, const uint8_t *lens, unsigned n)
{
	unsigned i = 0, run;

	while (i < n) {
		for (run = 0; i + run < n && lens[i + run] == 0 && run < 138;)
			run++;
		if (run < 11) {
			deflate_length(d, lens[i++]);
			continue;
		}
		deflate_length(d, 18);
		deflate_bits(d, run - 11, 7);
		i += run;
	}
}

void
deflate_coded(
    struct deflate *d, const uint8_t *lens, unsigned n, unsigned symbol)
{
	unsigned code = 0;

	for (unsigned len = 1; len <= 15; len++, code <<= 1)
		for (unsigned i = 0; i < n; i++) {
			if (lens[i] != len)
				continue;
			if (i == symbol) {
				put_code(d, code, len);
				return;
			}
			code++;
		}
	abort();
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

void
deflate_cab(struct buf *b, const struct deflate *const *blocks,
    unsigned nblocks, uint32_t size)
{
	struct make_folder folder = {"", 0, CAB_BLOCK, CAB_MSZIP};
	struct make_file file = {"m", size, 0, 0};
	struct make_cab m = {&folder, 1, &file, 1, 0, 0, 0};

	buf_reset(b);
	make_cab(b, &m);
	make_le16(b->p + CAB_HEADER + 4, nblocks);
	for (unsigned i = 0; i < nblocks; i++) {
		size_t n = deflate_len(blocks[i]);
		uint8_t *p = room(b, CAB_DATA_HEAD + n);

		make_le16(p + 4, (uint32_t)n);
		make_le16(p + 6, blocks[i]->size);
		memcpy(p + CAB_DATA_HEAD, blocks[i]->p, n);
		make_le32(
		    p, cab_sum(p + 4, 4, cab_sum(p + CAB_DATA_HEAD, n, 0)));
	}
	make_le32(b->p + 8, (uint32_t)b->len);
}
