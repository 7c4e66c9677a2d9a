/* SPDX-License-Identifier: ISC */
/*
 * MSZIP beside libmspack: the same bytes where both take them, and no block of
 * a folder that it refuses.  The input is blocks, each with its unpacked size
 * and its length before it, 16 bits each; checksums are made.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/cur.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "tests/cab_twin.h"
#include "tests/deflate_make.h"

#define MAX_BLOCKS 4

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct deflate blocks[MAX_BLOCKS];

static unsigned
read_blocks(struct cur *k)
{
	unsigned n = 0;

	while (n < MAX_BLOCKS && cur_left(k) > 4) {
		struct deflate *d = &blocks[n++];
		uint32_t size = cur_le16(k);
		size_t len = cur_le16(k);

		if (len > cur_left(k))
			len = cur_left(k);
		if (len > sizeof(d->p))
			len = sizeof(d->p);
		deflate_begin(d, size);
		d->nbits = 0;
		deflate_bytes(d, cur_take(k, len), len);
	}
	return n;
}

/* What libdeflate was trusted with is sound throughout. */
static void
look_again(const struct deflate *d, bool is_first)
{
	static struct cab_deflate tables;
	struct cab_stream s = {.p = d->p + 2,
	    .n = deflate_len(d) - 2,
	    .history = is_first ? 0 : CAB_BLOCK,
	    .size = d->size};
	struct err e = ERR_INIT;

	if (cab_deflate_check(&tables, &s, false, &e) == -1)
		__builtin_trap();
}

/* Ours says what is wrong itself. */
static void
look_why(const struct buf *b)
{
	struct err e = ERR_INIT;
	struct cab_body *body = NULL;
	struct cab c = CAB_INIT;
	struct sink to;
	struct src s;

	src_mem(&s, b->p, b->len);
	sink_null(&to);
	if (cab_read(&c, &s, &cab_default_limits, &e) == 0 &&
	    cab_body_open(&body, &c, &s, &e) == 0 &&
	    cab_body_extract(body, 0, &to, &e) == -1 &&
	    (e.kind != E_FORMAT || strstr(e.msg, "libdeflate") != NULL))
		__builtin_trap();
	cab_body_close(body);
	cab_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct deflate *all[MAX_BLOCKS];
	struct buf b = BUF_INIT;
	uint32_t size = 0;
	struct cur k;
	struct twin w;
	unsigned nblocks;

	cur_init(&k, p, n);
	nblocks = read_blocks(&k);
	for (unsigned i = 0; i < nblocks; i++) {
		all[i] = &blocks[i];
		size += blocks[i].size;
	}
	if (size == 0 || size > nblocks * CAB_BLOCK)
		return 0;
	deflate_cab(&b, all, nblocks, size);
	w = cab_twin(b.p, b.len);
	if (w.differs != NULL)
		__builtin_trap();
	for (unsigned i = 0; w.ours && i < nblocks; i++)
		look_again(&blocks[i], i == 0);
	look_why(&b);
	buf_free(&b);
	return 0;
}
