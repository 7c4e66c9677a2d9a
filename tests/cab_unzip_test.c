/* SPDX-License-Identifier: ISC */
/* MSZIP: what is read, what is refused and where, and how libmspack reads it. */
#include "tests/t.h"

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/cab_make.h"
#include "tests/cab_twin.h"
#include "tests/deflate_make.h"

#define DATA 62 /* where the first block of deflate_cab() stands */
#define STREAM (DATA + CAB_DATA_HEAD + 2)
#define SECOND (STREAM + 5 + CAB_BLOCK + CAB_DATA_HEAD + 2) /* its stream */

static uint8_t whole[CAB_BLOCK]; /* what a full block holds */
static struct deflate block, before;

static int
extract(const struct buf *p, struct buf *got, struct err *e)
{
	struct cab_body *b = NULL;
	struct cab c = CAB_INIT;
	struct sink to;
	struct src s;
	int r;

	src_mem(&s, p->p, p->len);
	sink_buf(&to, got);
	T_CALL(cab_read(&c, &s, &cab_default_limits, e), e);
	T_CALL(cab_body_open(&b, &c, &s, e), e);
	r = cab_body_extract(b, 0, &to, e);
	cab_body_close(b);
	cab_free(&c);
	return r;
}

/* A full block, so that another may follow. */
static void
make_before(void)
{
	for (size_t i = 0; i < sizeof(whole); i++)
		whole[i] = (uint8_t)(i * 5 + i / 256);
	deflate_begin(&before, CAB_BLOCK);
	deflate_stored(&before, true, whole, CAB_BLOCK);
}

enum they { THEY_TAKE, THEY_REFUSE };

/* The cabinet is refused with these words at that place, and by libmspack or
   not. */
static void
refused(const struct buf *b, enum they they, uint64_t at, const char *says)
{
	struct twin w = cab_twin(b->p, b->len);
	struct buf got = BUF_INIT;
	struct err e = ERR_INIT;

	T_EQ(extract(b, &got, &e), -1);
	T_EQ(e.at, at);
	T_FAILS(-1, &e, E_FORMAT, says);
	T_OK(!w.ours);
	T_EQ(w.theirs, they == THEY_TAKE);
	if (w.differs != NULL)
		t_fail(__FILE__, __LINE__, "%s: %s", says, w.differs);
	buf_free(&got);
}

static void
refused_block(enum they they, size_t at, const char *says)
{
	const struct deflate *const one[] = {&block};
	struct buf b = BUF_INIT;

	deflate_cab(&b, one, 1, block.size);
	refused(&b, they, STREAM + at, says);
	buf_free(&b);
}

static void
given(const struct deflate *const *blocks, unsigned n, const void *want,
    uint32_t size)
{
	struct buf b = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	struct twin w;

	deflate_cab(&b, blocks, n, size);
	T_CALL(extract(&b, &got, &e), &e);
	T_EQ(got.len, size);
	if (got.len == size)
		T_MEM(got.p, want, size);
	w = cab_twin(b.p, b.len);
	T_OK(w.ours && w.theirs && w.differs == NULL);
	buf_free(&got);
	buf_free(&b);
}

static void
given_block(const char *want)
{
	const struct deflate *const one[] = {&block};

	given(one, 1, want, (uint32_t)strlen(want));
}

/* Lengths of the codes of a dynamic block, and how many are told. */
static uint8_t lens[288], dists[32];
static unsigned nlens, ndists;

/* Whole codes for "a" to "d", the end, and distances of 1 and 2. */
static void
plain_codes(void)
{
	memset(lens, 0, sizeof(lens));
	memset(dists, 0, sizeof(dists));
	lens['a'] = lens['b'] = lens['c'] = 2;
	lens['d'] = lens[256] = 3;
	dists[0] = dists[1] = 1;
	nlens = 257;
	ndists = 2;
}

static void
put_codes(bool last)
{
	deflate_dynamic(&block, last, nlens, ndists);
	deflate_lengths(&block, lens, nlens);
	deflate_lengths(&block, dists, ndists);
}

static void
put_coded(const char *text)
{
	for (; *text != '\0'; text++)
		deflate_coded(&block, lens, nlens, (uint8_t)*text);
}

static void
put_end(void)
{
	deflate_coded(&block, lens, nlens, 256);
}

T_TEST(each_kind_of_block_gives_its_bytes)
{
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	given_block("hello");
	deflate_begin(&block, 11);
	deflate_fixed(&block, true);
	deflate_text(&block, "hi\xe9\xff");
	deflate_near(&block, 4);
	deflate_text(&block, "\1\x90");
	deflate_near(&block, 2);
	deflate_symbol(&block, 256);
	block.size = 12;
	given_block("hi\xe9\xffhi\xe9\1\x90\1\x90\1");
	plain_codes();
	deflate_begin(&block, 4);
	put_codes(true);
	put_coded("abcd");
	put_end();
	given_block("abcd");
}

T_TEST(blocks_of_all_kinds_may_follow_each_other)
{
	plain_codes();
	deflate_begin(&block, 21);
	put_codes(false);
	put_coded("abcd");
	put_end();
	deflate_fixed(&block, false);
	deflate_near(&block, 4);
	deflate_symbol(&block, 256);
	deflate_stored(&block, false, "", 0);
	deflate_stored(&block, false, "xy", 2);
	deflate_fixed(&block, false);
	deflate_symbol(&block, 256);
	put_codes(false);
	put_coded("ddd");
	put_end();
	deflate_fixed(&block, false);
	deflate_text(&block, "0123");
	deflate_symbol(&block, 256);
	put_codes(true);
	put_coded("cbaca");
	put_end();
	given_block("abcdabcxyddd0123cbaca");
}

/* 15 bits are the most that a code has, looked up or not. */
T_TEST(codes_of_all_lengths_are_read)
{
	for (unsigned last = 0; last < 2; last++) {
		plain_codes();
		memset(lens, 0, sizeof(lens));
		for (unsigned i = 0; i < 15; i++)
			lens['a' + i] = (uint8_t)(i + 1);
		lens[256] = 15;
		deflate_begin(&block, 17);
		put_codes(last);
		put_coded("abcdefghijklmnoao");
		put_end();
		if (!last)
			deflate_stored(&block, true, "", 0);
		given_block("abcdefghijklmnoao");
	}
}

T_TEST(a_block_looks_back_into_the_whole_of_the_one_before)
{
	const struct deflate *const two[] = {&before, &block};
	uint8_t want[CAB_BLOCK + 7];

	make_before();
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
	given(two, 2, want, sizeof(want));
}

/* Symbols may have codes and not be there; more may be told, of no length. */
T_TEST(codes_for_what_does_not_exist_are_no_fault_while_unused)
{
	plain_codes();
	lens[256] = lens[286] = lens[287] = 5;
	lens['d'] = 3;
	lens[0] = 5;
	nlens = 288;
	dists[0] = 1;
	dists[1] = 2;
	dists[30] = dists[31] = 3;
	ndists = 32;
	deflate_begin(&block, 4);
	put_codes(true);
	put_coded("abcd");
	put_end();
	given_block("abcd");
	plain_codes();
	nlens = 288;
	ndists = 32;
	deflate_begin(&block, 4);
	put_codes(true);
	put_coded("abcd");
	put_end();
	given_block("abcd");
}

T_TEST(symbols_that_do_not_exist_are_refused)
{
	for (unsigned i = 286; i < 288; i++) {
		deflate_begin(&block, 259);
		deflate_fixed(&block, true);
		deflate_text(&block, "a");
		deflate_symbol(&block, i);
		deflate_symbol(&block, 256);
		refused_block(THEY_REFUSE, 2,
		    i == 286 ? "its deflate stream has length symbol 286, "
			       "expected 257 to 285"
			     : "has length symbol 287");
	}
	for (unsigned i = 30; i < 32; i++) {
		const struct deflate *const two[] = {&before, &block};
		struct buf b = BUF_INIT;

		make_before();
		deflate_begin(&block, 3);
		deflate_fixed(&block, true);
		deflate_far(&block, 257, i, 1, 13);
		deflate_symbol(&block, 256);
		deflate_cab(&b, two, 2, CAB_BLOCK + 3);
		refused(&b, THEY_REFUSE, SECOND + 1,
		    i == 30 ? "its deflate stream has distance symbol 30, "
			      "expected 0 to 29"
			    : "has distance symbol 31");
		buf_free(&b);
	}
}

/* (libmspack does not see codes too many that are long.)  A dynamic block of these codes, which nothing else is wrong with. */
static void
refused_codes(enum they they, size_t at, const char *says)
{
	for (unsigned last = 0; last < 2; last++) {
		deflate_begin(&block, 0);
		put_codes(last);
		block.size = lens['a'] != 0;
		if (lens['a'] != 0)
			put_coded("a");
		put_end();
		if (!last)
			deflate_stored(&block, true, "", 0);
		refused_block(they, at, says);
	}
}

T_TEST(codes_that_are_not_whole_are_refused)
{
	plain_codes();
	dists[1] = 0; /* one distance */
	refused_codes(THEY_REFUSE, 17,
	    "its deflate stream has codes for distances that fill 16384 "
	    "parts, expected 32768");
	dists[0] = 0; /* none */
	refused_codes(THEY_REFUSE, 17, "codes for distances that fill 0 parts");
	plain_codes();
	dists[0] = dists[1] = 2;
	refused_codes(
	    THEY_REFUSE, 17, "codes for distances that fill 16384 parts");
	plain_codes();
	lens['b'] = lens['c'] = lens['d'] = 0;
	lens['a'] = 2;
	lens[256] = 1;
	refused_codes(
	    THEY_REFUSE, 15, "codes for literals that fill 24576 parts");
	plain_codes();
	lens['e'] = 3;
	refused_codes(
	    THEY_REFUSE, 17, "codes for literals that fill 36864 parts");
	/* libmspack does not see a long one too many. */
	plain_codes();
	lens['e'] = 15;
	refused_codes(
	    THEY_TAKE, 17, "codes for literals that fill 32769 parts");
	plain_codes();
	dists[2] = 15;
	ndists = 3;
	refused_codes(
	    THEY_TAKE, 17, "codes for distances that fill 32769 parts");
	deflate_begin(&block, 1);
	deflate_bits(&block, 1 | 2 << 1, 3);
	deflate_bits(&block, 0, 5 + 5 + 4);
	deflate_bits(&block, 1 << 6, 12); /* of 18 alone: 1 bit */
	deflate_bits(&block, (138 - 11) << 1 | (120 - 11) << 9, 17);
	deflate_bits(&block, 0, 16);
	refused_block(
	    THEY_REFUSE, 3, "codes for lengths that fill 16384 parts");
}

T_TEST(lengths_that_repeat_what_is_not_there_are_refused)
{
	/* Past the end of all lengths. */
	plain_codes();
	deflate_begin(&block, 1);
	deflate_dynamic(&block, true, nlens, ndists);
	deflate_lengths(&block, lens, nlens);
	deflate_length(&block, 1);
	deflate_length(&block, 16);
	deflate_bits(&block, 0, 2);
	put_coded("a");
	put_end();
	refused_block(THEY_REFUSE, 17,
	    "its deflate stream has lengths for 261 codes, expected 259");
	/* Where nothing stands before. */
	deflate_begin(&block, 1);
	deflate_dynamic(&block, true, nlens, ndists);
	deflate_length(&block, 16);
	deflate_bits(&block, 0, 2);
	deflate_lengths(&block, lens + 3, nlens - 3);
	deflate_lengths(&block, dists, ndists);
	put_coded("a");
	put_end();
	refused_block(THEY_TAKE, 9,
	    "its deflate stream repeats the length of a code before the "
	    "first");
	/* Behind zeros, where libmspack repeats the 3 from before these. */
	for (unsigned i = 'e' + 11; i < 'e' + 14; i++)
		lens[i] = 3;
	lens['b'] = lens['c'] = 0;
	lens['a'] = lens[256] = 2;
	deflate_begin(&block, 1);
	deflate_dynamic(&block, true, nlens, ndists);
	deflate_lengths(&block, lens, 'e');
	deflate_length(&block, 18);
	deflate_bits(&block, 0, 7);
	deflate_length(&block, 16);
	deflate_bits(&block, 0, 2);
	deflate_lengths(&block, &lens['e' + 14], nlens - 'e' - 14);
	deflate_lengths(&block, dists, ndists);
	put_coded("a");
	put_end();
	refused_block(THEY_TAKE, 14,
	    "its deflate stream repeats the length of a code that was left "
	    "out");
}

/* Zeros told with 17 or 18 and told in full are the same, if 16 follows. */
T_TEST(zeros_may_be_repeated)
{
	plain_codes();
	deflate_begin(&block, 4);
	deflate_dynamic(&block, true, nlens, ndists);
	deflate_length(&block, 18);
	deflate_bits(&block, 83, 7); /* 94 */
	deflate_length(&block, 16);
	deflate_bits(&block, 0, 2); /* 97 */
	deflate_lengths(&block, lens + 'a', nlens - 'a');
	deflate_lengths(&block, dists, ndists);
	put_coded("abcd");
	put_end();
	given_block("abcd");
}

T_TEST(a_block_of_no_type_or_a_wrong_complement_is_refused)
{
	deflate_begin(&block, 5);
	deflate_bits(&block, 7, 3);
	deflate_bytes(&block, "hello", 5);
	refused_block(THEY_REFUSE, 0,
	    "m: folder 0 block 0: its deflate stream has a block of type 3, "
	    "expected 0 to 2");
	deflate_begin(&block, 5);
	deflate_fixed(&block, false);
	deflate_symbol(&block, 256);
	deflate_stored(&block, true, "hello", 5);
	block.p[6] ^= 0x40;
	refused_block(THEY_REFUSE, 2,
	    "its deflate stream has a stored block of 0x0005 bytes, whose "
	    "complement is 0xffba, expected 0xfffa");
}

T_TEST(a_distance_before_the_first_byte_is_refused)
{
	const struct deflate *const two[] = {&before, &block};
	struct buf b = BUF_INIT;

	deflate_begin(&block, 4);
	deflate_fixed(&block, true);
	deflate_text(&block, "a");
	deflate_near(&block, 2);
	deflate_symbol(&block, 256);
	refused_block(THEY_TAKE, 2,
	    "its deflate stream looks back 2 bytes, expected at most the 1 "
	    "that stand before");
	plain_codes();
	deflate_begin(&block, 4);
	deflate_fixed(&block, false);
	deflate_far(&block, 257, 29, 8191, 13);
	deflate_symbol(&block, 256);
	deflate_stored(&block, true, "a", 1);
	refused_block(THEY_TAKE, 3,
	    "looks back 32768 bytes, expected at most the 0 that stand before");
	/* All that is there is no fault, in the block after. */
	make_before();
	deflate_cab(&b, two, 2, CAB_BLOCK + 4);
	T_OK(cab_twin(b.p, b.len).ours);
	buf_free(&b);
}

T_TEST(bytes_behind_the_final_block_are_refused)
{
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	deflate_bytes(&block, "!", 1);
	refused_block(THEY_TAKE, 10,
	    "1 bytes stand behind the end of its deflate stream");
	plain_codes();
	deflate_begin(&block, 4);
	put_codes(true);
	put_coded("abcd");
	put_end();
	deflate_bytes(&block, "\0\0\0", 3);
	refused_block(THEY_TAKE, 19,
	    "3 bytes stand behind the end of its deflate stream");
}

T_TEST(another_length_than_declared_is_refused)
{
	for (unsigned i = 0; i < 2; i++) {
		deflate_begin(&block, 6);
		deflate_fixed(&block, i == 0);
		deflate_text(&block, "hello");
		deflate_symbol(&block, 256);
		if (i == 1)
			deflate_stored(&block, true, "", 0);
		refused_block(THEY_REFUSE, 0,
		    "its deflate stream gives 5 bytes, expected 6");
		block.size = 4;
		refused_block(THEY_TAKE, 5,
		    "its deflate stream gives 5 bytes or more, expected 4");
	}
	deflate_begin(&block, 3);
	deflate_fixed(&block, true);
	deflate_text(&block, "a");
	deflate_near(&block, 1);
	deflate_symbol(&block, 256);
	refused_block(THEY_TAKE, 2,
	    "its deflate stream gives 4 bytes or more, expected 3");
}

T_TEST(a_stream_that_ends_elsewhere_is_refused)
{
	const struct deflate *const two[] = {&before, &block};
	struct buf b = BUF_INIT;

	/* With bits that are 0, as libmspack makes them up at the end. */
	deflate_begin(&block, 5);
	deflate_fixed(&block, true);
	deflate_text(&block, "hello");
	deflate_symbol(&block, 256);
	block.nbits -= 8;
	refused_block(
	    THEY_TAKE, 6, "its deflate stream goes on behind its 6 bytes");
	/* In the block after. */
	make_before();
	deflate_begin(&block, 4);
	block.nbits = 0;
	deflate_bytes(&block, before.p + deflate_len(&before) - 9, 9);
	before.nbits -= 72;
	deflate_cab(&b, two, 2, CAB_BLOCK);
	refused(&b, THEY_TAKE, STREAM + CAB_BLOCK - 4,
	    "its deflate stream goes on behind its 32764 bytes");
	buf_free(&b);
	deflate_begin(&block, 5);
	refused_block(
	    THEY_REFUSE, 0, "its deflate stream goes on behind its 0 bytes");
}

T_TEST(ck_stands_first)
{
	deflate_begin(&block, 5);
	block.nbits = 0;
	deflate_bytes(&block, "CCK", 3);
	deflate_stored(&block, true, "hello", 5);
	refused_block(THEY_TAKE, -2ul,
	    "m: folder 0 block 0: expected MSZIP's CK, found 43 43");
	block.nbits = 8;
	refused_block(THEY_REFUSE, -2ul,
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
	refused(&b, THEY_TAKE, DATA + 6,
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
		T_EQ(extract(&b, &got, &e), -1);
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

	make_before();
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	for (unsigned n = 2; n <= 3; n++) {
		deflate_cab(&b, all + 3 - n, n, 17);
		T_OK(cab_twin(b.p, b.len).ours);
		b.p[b.len - 1] ^= 1;
		refused(&b, n == 3 ? THEY_TAKE : THEY_REFUSE,
		    b.len - deflate_len(&block) - CAB_DATA_HEAD,
		    n == 3 ? "m: folder 0 block 2: checksum is "
			   : "m: folder 0 block 1: checksum is ");
		b.len -= deflate_len(&block) + CAB_DATA_HEAD;
		make_le32(b.p + 8, (uint32_t)b.len);
		refused(&b, n == 3 ? THEY_TAKE : THEY_REFUSE, b.len,
		    "its data runs past the cabinet's ");
	}
	buf_free(&b);
}

/* From memory that is no longer what it was, too. */
T_TEST(a_body_is_used_for_one_cabinet_after_the_other)
{
	const struct deflate *const two[] = {&before, &block};
	struct cab_body *body = NULL;
	struct buf b[4] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	static const bool sound[4] = {true, false, true, true};

	make_before();
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
	plain_codes();
	deflate_begin(&block, 12);
	put_codes(false);
	put_coded("abcd");
	put_end();
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
	put_codes(true);
	put_coded("dbacd");
	put_end();
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
	T_CALL(extract(&b, &got, &e), &e);
	for (size_t n = b.len - 1; n >= DATA + CAB_DATA_HEAD * 2; n--) {
		b.len = n;
		make_le32(b.p + 8, (uint32_t)n);
		buf_reset(&got);
		T_FAILS(extract(&b, &got, &e), &e, E_FORMAT,
		    "runs past the cabinet's");
		alike(&b, "cut to", n);
	}
	buf_free(&got);
	buf_free(&b);
}

/* With checksums, each is refused; without, it is what libmspack makes of it. */
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
		if (i % 2 == 1 && extract(&b, &got, &e) != -1)
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
