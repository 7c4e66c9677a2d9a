/* SPDX-License-Identifier: ISC */
/* MSZIP blocks and their folders, and how libmspack reads them. */
#include "tests/t.h"

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/cab_make.h"
#include "tests/cab_twin.h"
#include "tests/unzip_rig.h"

T_TEST(a_block_looks_back_into_the_whole_of_the_one_before)
{
	const struct deflate *const two[] = {&before, &block};
	uint8_t want[CAB_BLOCK + 7];

	unzip_before();
	memcpy(want, whole, CAB_BLOCK);
	memcpy(want + CAB_BLOCK, whole, 3);
	memcpy(want + CAB_BLOCK + 3, "x", 1);
	memcpy(want + CAB_BLOCK + 4, whole + CAB_BLOCK - 1, 1);
	memcpy(want + CAB_BLOCK + 5, whole, 2);
	deflate_begin(&block, 7);
	deflate_fixed(&block, true);
	deflate_far(&block, 257, 29, 8191, 13); /* 32768 */
	deflate_text(&block, "x");
	deflate_far(&block, 257, 4, 0, 1); /* 5 */
	deflate_symbol(&block, 256);
	unzip_given(two, 2, want, sizeof(want));
}

T_TEST(ck_stands_first)
{
	deflate_begin(&block, 5);
	block.nbits = 0;
	deflate_bytes(&block, "CCK", 3);
	deflate_stored(&block, true, "hello", 5);
	unzip_refused_block(THEY_TAKE, -2ul,
	    "m: folder 0 block 0: expected MSZIP's CK, found 43 43");
	block.nbits = 8;
	unzip_refused_block(THEY_REFUSE, -2ul,
	    "folder 0 block 0: 1 packed bytes, expected MSZIP's CK");
}

T_TEST(a_short_block_inside_is_refused)
{
	const struct deflate *const two[] = {&before, &block};
	struct buf b = BUF_INIT;

	deflate_begin(&before, 5);
	deflate_stored(&before, true, "hello", 5);
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	deflate_cab(&b, two, 2, 10);
	unzip_refused(&b, THEY_TAKE, DATA + 6,
	    "m: folder 0 block 0: 5 unpacked bytes, expected 32768");
	buf_free(&b);
}

/* One field of a block's header at a time, without a checksum. */
T_TEST(each_damaged_field_of_a_block_is_refused_at_its_place)
{
	static const struct {
		size_t off;
		unsigned value;
		uint64_t at;
		const char *says;
	} rows[] = {
	    {0, 1, DATA,
		"m: folder 0 block 0: checksum is 00000001, its bytes give "},
	    {4, 38913, DATA + 4,
		"m: folder 0 block 0: 38913 packed bytes, at most 38912"},
	    {4, 200, DATA + 8 + 12,
		"m: folder 0 block 0: its data runs past the cabinet's 82 "
		"bytes"},
	    {4, 1, DATA + 8, "1 packed bytes, expected MSZIP's CK"},
	    {4, 11, STREAM + 9, "goes on behind its 9 bytes"},
	    {6, 0, DATA + 6,
		"m: folder 0 block 0: 0 unpacked bytes, expected 1 to 32768"},
	    {6, 32769, DATA + 6, "32769 unpacked bytes, expected 1 to 32768"},
	    {6, 4, STREAM + 10, "gives 5 bytes or more, expected 4"},
	    {6, 6, STREAM, "gives 5 bytes, expected 6"},
	    {8, 'k' << 8 | 'C', DATA + 8, "found 43 6b"},
	};
	const struct deflate *const one[] = {&block};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf got = BUF_INIT;
		struct err e = ERR_INIT;

		deflate_begin(&block, 5);
		deflate_stored(&block, true, "hello", 5);
		deflate_cab(&b, one, 1, 5);
		make_le32(b.p + DATA, 0);
		make_le16(b.p + DATA + rows[i].off, rows[i].value);
		T_EQ(unzip_extract(&b, &got, &e), -1);
		T_EQ(e.at, rows[i].at);
		T_FAILS(-1, &e, E_FORMAT, rows[i].says);
		T_OK(cab_twin(b.p, b.len).differs == NULL);
		buf_free(&got);
	}
	buf_free(&b);
}

/* The file needs the first block alone; what is wrong behind it is seen, though
   libmspack may not have read so far. */
T_TEST(the_blocks_behind_the_last_file_are_sound_too)
{
	const struct deflate *const all[] = {&before, &before, &block};
	struct buf b = BUF_INIT;

	unzip_before();
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	for (unsigned n = 2; n <= 3; n++) {
		deflate_cab(&b, all + 3 - n, n, 17);
		T_OK(cab_twin(b.p, b.len).ours);
		b.p[b.len - 1] ^= 1;
		unzip_refused(&b, n == 3 ? THEY_TAKE : THEY_REFUSE,
		    b.len - deflate_len(&block) - CAB_DATA_HEAD,
		    n == 3 ? "m: folder 0 block 2: checksum is "
			   : "m: folder 0 block 1: checksum is ");
		b.len -= deflate_len(&block) + CAB_DATA_HEAD;
		make_le32(b.p + 8, (uint32_t)b.len);
		unzip_refused(&b, n == 3 ? THEY_TAKE : THEY_REFUSE, b.len,
		    "its data runs past the cabinet's ");
	}
	buf_free(&b);
}

/* That reading costs, as unpacking does. */
T_TEST(many_blocks_behind_the_last_file_pass_a_limit)
{
	const struct deflate *all[40];
	struct cab_limits lim = cab_default_limits;
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *body = NULL;
	struct buf b = BUF_INIT;
	struct sink to;
	struct src s;

	unzip_before();
	for (unsigned i = 0; i < 40; i++)
		all[i] = &before;
	sink_null(&to);
	for (unsigned n = 32; n <= 33; n++) {
		deflate_cab(&b, all, n, CAB_BLOCK);
		src_mem(&s, b.p, b.len);
		lim.max_unpacked = 4 * CAB_BLOCK;
		T_CALL(cab_read(&c, &s, &lim, &e), &e);
		T_CALL(cab_body_open(&body, &c, &s, &e), &e);
		if (n == 32)
			T_CALL(cab_body_extract(body, 0, &to, &e), &e);
		else
			T_FAILS(cab_body_extract(body, 0, &to, &e), &e, E_LIMIT,
			    "m: members taken in this order");
		cab_free(&c);
	}
	cab_body_close(body);
	buf_free(&b);
}

T_TEST(a_file_before_the_one_taken_last_is_had_again)
{
	const struct deflate *const two[] = {&before, &block};
	static const uint32_t offs[] = {CAB_BLOCK, 7, 3, CAB_BLOCK - 2, 0};
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *body = NULL;
	struct buf b = BUF_INIT;
	struct src s;

	unzip_before();
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	deflate_cab(&b, two, 2, 5);
	src_mem(&s, b.p, b.len);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	T_CALL(cab_body_open(&body, &c, &s, &e), &e);
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		struct buf got = BUF_INIT;
		struct sink to;
		char want[6] = "";

		for (uint32_t k = 0; k < 5; k++)
			want[k] = offs[i] + k < CAB_BLOCK
			    ? (char)whole[offs[i] + k]
			    : "hello"[offs[i] + k - CAB_BLOCK];
		sink_buf(&to, &got);
		c.files[0].off = offs[i];
		T_CALL(cab_body_extract(body, 0, &to, &e), &e);
		T_EQ(got.len, 5);
		T_MEM(got.p, want, 5);
		buf_free(&got);
	}
	cab_body_close(body);
	cab_free(&c);
	buf_free(&b);
}

/* From memory that is no longer what it was, too. */
T_TEST(a_body_is_used_for_one_cabinet_after_the_other)
{
	const struct deflate *const two[] = {&before, &block};
	struct cab_body *body = NULL;
	struct buf b[4] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	static const bool sound[4] = {true, false, true, true};

	unzip_before();
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	deflate_cab(&b[0], two, 2, CAB_BLOCK + 5);
	deflate_cab(&b[1], two, 2, CAB_BLOCK + 5);
	b[1].p[b[1].len - 1] ^= 1;
	deflate_cab(&b[2], two + 1, 1, 5);
	deflate_cab(&b[3], two, 2, CAB_BLOCK + 5);
	make_le16(b[3].p + CAB_HEADER + 6, CAB_NONE);
	for (unsigned i = 0; i < 40; i++) {
		const struct buf *p = &b[i * 7 % 4];
		struct buf got = BUF_INIT;
		struct err e = ERR_INIT;
		struct cab c = CAB_INIT;
		struct sink to;
		struct src s;
		uint8_t *copy = malloc(p->len);

		T_OK(copy != NULL);
		memcpy(copy, p->p, p->len);
		src_mem(&s, copy, p->len);
		sink_buf(&to, &got);
		T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
		T_CALL(cab_body_open(&body, &c, &s, &e), &e);
		T_EQ(cab_body_extract(body, 0, &to, &e),
		    sound[i * 7 % 4] ? 0 : -1);
		if (p == &b[0])
			T_MEM(got.p + CAB_BLOCK, "hello", 5);
		if (p == &b[2])
			T_MEM(got.p, "hello", 5);
		cab_free(&c);
		buf_free(&got);
		free(copy);
	}
	cab_body_close(body);
	for (unsigned i = 0; i < 4; i++)
		buf_free(&b[i]);
}

/* A little of each kind of deflate block, none the last; of 12 bytes. */
static void
put_rich(struct deflate *d)
{
	unzip_plain_codes();
	deflate_begin(&block, 12);
	unzip_put_codes(false);
	unzip_put_coded("abcd");
	unzip_put_end();
	deflate_fixed(&block, false);
	deflate_text(&block, "hi\xe9");
	deflate_near(&block, 4);
	deflate_symbol(&block, 256);
	deflate_stored(&block, false, "xy", 2);
	*d = block;
}

/* Two blocks, of all that there is, and small. */
static void
make_rich(struct buf *b)
{
	const struct deflate *const two[] = {&before, &block};

	put_rich(&before);
	deflate_fixed(&before, true);
	for (before.size = 12; before.size + 258 <= CAB_BLOCK;
	     before.size += 258)
		deflate_far(&before, 285, 2, 0, 0);
	for (; before.size < CAB_BLOCK; before.size++)
		deflate_symbol(&before, 'z');
	deflate_symbol(&before, 256);
	put_rich(&block);
	unzip_put_codes(true);
	unzip_put_coded("dbacd");
	unzip_put_end();
	block.size = 17;
	deflate_cab(b, two, 2, CAB_BLOCK + 17);
}

static void
alike(const struct buf *b, const char *what, size_t at)
{
	struct twin w = cab_twin(b->p, b->len);

	if (w.differs != NULL)
		t_fail(__FILE__, __LINE__, "%s %zu: %s", what, at, w.differs);
}

T_TEST(every_truncation_is_refused)
{
	struct buf b = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;

	make_rich(&b);
	T_CALL(unzip_extract(&b, &got, &e), &e);
	for (size_t n = b.len - 1; n >= DATA + CAB_DATA_HEAD * 2; n--) {
		b.len = n;
		make_le32(b.p + 8, (uint32_t)n);
		buf_reset(&got);
		T_FAILS(unzip_extract(&b, &got, &e), &e, E_FORMAT,
		    "runs past the cabinet's");
		alike(&b, "cut to", n);
	}
	buf_free(&got);
	buf_free(&b);
}

/* With checksums, each is refused; without, it is what libmspack makes of
   it. */
T_TEST(every_damaged_bit_is_refused_or_read_alike)
{
	struct buf b = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	size_t second;

	make_rich(&b);
	second = b.len - deflate_len(&block) - CAB_DATA_HEAD;
	for (size_t i = 0; i < (b.len - DATA) * 16; i++) {
		uint8_t *p = b.p + DATA + i / 16;
		uint32_t sums[2] = {0, 0};

		if (i % 2 == 0) {
			memcpy(sums, b.p + DATA, 4);
			memcpy(sums + 1, b.p + second, 4);
			memset(b.p + DATA, 0, 4);
			memset(b.p + second, 0, 4);
		}
		*p ^= (uint8_t)(1 << i / 2 % 8);
		alike(&b, "bit", i / 2);
		buf_reset(&got);
		if (i % 2 == 1 && unzip_extract(&b, &got, &e) != -1)
			t_fail(__FILE__, __LINE__, "bit %zu: not seen", i / 2);
		err_clear(&e);
		*p ^= (uint8_t)(1 << i / 2 % 8);
		if (i % 2 == 0) {
			memcpy(b.p + DATA, sums, 4);
			memcpy(b.p + second, sums + 1, 4);
		}
	}
	buf_free(&got);
	buf_free(&b);
}

T_MAIN
