/* SPDX-License-Identifier: ISC */
/* Deflate streams: what is read, what is refused and where, and by
   libmspack. */
#include "tests/t.h"

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/buf.h"
#include "lib/base/sink.h"
#include "tests/cab_make.h"
#include "tests/cab_twin.h"
#include "tests/unzip_rig.h"

T_TEST(each_kind_of_block_gives_its_bytes)
{
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	unzip_given_block("hello");
	deflate_begin(&block, 11);
	deflate_fixed(&block, true);
	deflate_text(&block, "hi\xe9\xff");
	deflate_near(&block, 4);
	deflate_text(&block, "\1\x90");
	deflate_near(&block, 2);
	deflate_symbol(&block, 256);
	block.size = 12;
	unzip_given_block("hi\xe9\xffhi\xe9\1\x90\1\x90\1");
	unzip_plain_codes();
	deflate_begin(&block, 4);
	unzip_put_codes(true);
	unzip_put_coded("abcd");
	unzip_put_end();
	unzip_given_block("abcd");
}

T_TEST(blocks_of_all_kinds_may_follow_each_other)
{
	unzip_plain_codes();
	deflate_begin(&block, 21);
	unzip_put_codes(false);
	unzip_put_coded("abcd");
	unzip_put_end();
	deflate_fixed(&block, false);
	deflate_near(&block, 4);
	deflate_symbol(&block, 256);
	deflate_stored(&block, false, "", 0);
	deflate_stored(&block, false, "xy", 2);
	deflate_fixed(&block, false);
	deflate_symbol(&block, 256);
	unzip_put_codes(false);
	unzip_put_coded("ddd");
	unzip_put_end();
	deflate_fixed(&block, false);
	deflate_text(&block, "0123");
	deflate_symbol(&block, 256);
	unzip_put_codes(true);
	unzip_put_coded("cbaca");
	unzip_put_end();
	unzip_given_block("abcdabcxyddd0123cbaca");
}

/* 15 bits are the most that a code has, looked up or not. */
T_TEST(codes_of_all_lengths_are_read)
{
	for (unsigned last = 0; last < 2; last++) {
		unzip_plain_codes();
		memset(lens, 0, sizeof(lens));
		for (unsigned i = 0; i < 15; i++)
			lens['a' + i] = (uint8_t)(i + 1);
		lens[256] = 15;
		deflate_begin(&block, 17);
		unzip_put_codes(last);
		unzip_put_coded("abcdefghijklmnoao");
		unzip_put_end();
		if (!last)
			deflate_stored(&block, true, "", 0);
		unzip_given_block("abcdefghijklmnoao");
	}
}

/* Symbols may have codes and not be there; more may be told, of no length. */
T_TEST(codes_for_what_does_not_exist_are_no_fault_while_unused)
{
	unzip_plain_codes();
	lens[256] = lens[286] = lens[287] = 5;
	lens['d'] = 3;
	lens[0] = 5;
	nlens = 288;
	dists[0] = 1;
	dists[1] = 2;
	dists[30] = dists[31] = 3;
	ndists = 32;
	deflate_begin(&block, 4);
	unzip_put_codes(true);
	unzip_put_coded("abcd");
	unzip_put_end();
	unzip_given_block("abcd");
	unzip_plain_codes();
	nlens = 288;
	ndists = 32;
	deflate_begin(&block, 4);
	unzip_put_codes(true);
	unzip_put_coded("abcd");
	unzip_put_end();
	unzip_given_block("abcd");
}

T_TEST(symbols_that_do_not_exist_are_refused)
{
	for (unsigned i = 286; i < 288; i++) {
		deflate_begin(&block, 259);
		deflate_fixed(&block, true);
		deflate_text(&block, "a");
		deflate_symbol(&block, i);
		deflate_symbol(&block, 256);
		unzip_refused_block(THEY_REFUSE, 2,
		    i == 286 ? "its deflate stream has length symbol 286, "
			       "expected 257 to 285"
			     : "has length symbol 287");
	}
	for (unsigned i = 30; i < 32; i++) {
		const struct deflate *const two[] = {&before, &block};
		struct buf b = BUF_INIT;

		unzip_before();
		deflate_begin(&block, 3);
		deflate_fixed(&block, true);
		deflate_far(&block, 257, i, 1, 13);
		deflate_symbol(&block, 256);
		deflate_cab(&b, two, 2, CAB_BLOCK + 3);
		unzip_refused(&b, THEY_REFUSE, SECOND + 1,
		    i == 30 ? "its deflate stream has distance symbol 30, "
			      "expected 0 to 29"
			    : "has distance symbol 31");
		buf_free(&b);
	}
}

/* The same of dynamic codes, which libdeflate is trusted with else. */
T_TEST(symbols_that_do_not_exist_are_refused_with_codes_of_their_own)
{
	const struct deflate *const two[] = {&before, &block};
	struct buf b = BUF_INIT;

	unzip_plain_codes();
	lens['d'] = 0;
	lens[286] = 3;
	nlens = 287;
	deflate_begin(&block, 259);
	unzip_put_codes(true);
	unzip_put_coded("a");
	deflate_coded(&block, lens, nlens, 286);
	deflate_coded(&block, dists, ndists, 0);
	unzip_put_end();
	unzip_refused_block(THEY_REFUSE, 19, "has length symbol 286");
	unzip_plain_codes();
	lens['d'] = 0;
	lens[257] = 3;
	nlens = 258;
	dists[1] = 0;
	dists[30] = 1;
	ndists = 31;
	unzip_before();
	deflate_begin(&block, 3);
	unzip_put_codes(true);
	deflate_coded(&block, lens, nlens, 257);
	deflate_coded(&block, dists, ndists, 30);
	deflate_bits(&block, 1, 13);
	unzip_put_end();
	deflate_cab(&b, two, 2, CAB_BLOCK + 3);
	unzip_refused(&b, THEY_REFUSE, SECOND + 19, "has distance symbol 30");
	buf_free(&b);
}

/* A dynamic block of these codes, which nothing else is wrong with. */
static void
refused_codes(enum they they, size_t at, const char *says)
{
	for (unsigned last = 0; last < 2; last++) {
		deflate_begin(&block, 0);
		unzip_put_codes(last);
		block.size = lens['a'] != 0;
		if (lens['a'] != 0)
			unzip_put_coded("a");
		unzip_put_end();
		if (!last)
			deflate_stored(&block, true, "", 0);
		unzip_refused_block(they, at, says);
	}
}

T_TEST(codes_that_are_not_whole_are_refused)
{
	unzip_plain_codes();
	dists[1] = 0; /* one distance */
	refused_codes(THEY_REFUSE, 17,
	    "its deflate stream has codes for distances that fill 16384 "
	    "parts, expected 32768");
	dists[0] = 0; /* none */
	refused_codes(THEY_REFUSE, 17, "codes for distances that fill 0 parts");
	unzip_plain_codes();
	dists[0] = dists[1] = 2;
	refused_codes(
	    THEY_REFUSE, 17, "codes for distances that fill 16384 parts");
	unzip_plain_codes();
	lens['b'] = lens['c'] = lens['d'] = 0;
	lens['a'] = 2;
	lens[256] = 1;
	refused_codes(
	    THEY_REFUSE, 15, "codes for literals that fill 24576 parts");
	unzip_plain_codes();
	lens['e'] = 3;
	refused_codes(
	    THEY_REFUSE, 17, "codes for literals that fill 36864 parts");
	/* libmspack does not see a long one too many. */
	unzip_plain_codes();
	lens['e'] = 15;
	refused_codes(
	    THEY_TAKE, 17, "codes for literals that fill 32769 parts");
	unzip_plain_codes();
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
	unzip_refused_block(
	    THEY_REFUSE, 3, "codes for lengths that fill 16384 parts");
}

T_TEST(lengths_that_repeat_what_is_not_there_are_refused)
{
	/* Past the end of all lengths. */
	unzip_plain_codes();
	deflate_begin(&block, 1);
	deflate_dynamic(&block, true, nlens, ndists);
	deflate_lengths(&block, lens, nlens);
	deflate_length(&block, 1);
	deflate_length(&block, 16);
	deflate_bits(&block, 0, 2);
	unzip_put_coded("a");
	unzip_put_end();
	unzip_refused_block(THEY_REFUSE, 17,
	    "its deflate stream has lengths for 261 codes, expected 259");
	/* Where nothing stands before. */
	deflate_begin(&block, 1);
	deflate_dynamic(&block, true, nlens, ndists);
	deflate_length(&block, 16);
	deflate_bits(&block, 0, 2);
	deflate_lengths(&block, lens + 3, nlens - 3);
	deflate_lengths(&block, dists, ndists);
	unzip_put_coded("a");
	unzip_put_end();
	unzip_refused_block(THEY_TAKE, 9,
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
	unzip_put_coded("a");
	unzip_put_end();
	unzip_refused_block(THEY_TAKE, 14,
	    "its deflate stream repeats the length of a code that was left "
	    "out");
}

/* Zeros told with 17 or 18 and told in full are the same, if 16 follows. */
T_TEST(zeros_may_be_repeated)
{
	unzip_plain_codes();
	deflate_begin(&block, 4);
	deflate_dynamic(&block, true, nlens, ndists);
	deflate_length(&block, 18);
	deflate_bits(&block, 83, 7); /* 94 */
	deflate_length(&block, 16);
	deflate_bits(&block, 0, 2); /* 97 */
	deflate_lengths(&block, &lens['a'], nlens - 'a');
	deflate_lengths(&block, dists, ndists);
	unzip_put_coded("abcd");
	unzip_put_end();
	unzip_given_block("abcd");
}

T_TEST(a_block_of_no_type_or_a_wrong_complement_is_refused)
{
	deflate_begin(&block, 5);
	deflate_bits(&block, 7, 3);
	deflate_bytes(&block, "hello", 5);
	unzip_refused_block(THEY_REFUSE, 0,
	    "m: folder 0 block 0: its deflate stream has a block of type 3, "
	    "expected 0 to 2");
	deflate_begin(&block, 5);
	deflate_fixed(&block, false);
	deflate_symbol(&block, 256);
	deflate_stored(&block, true, "hello", 5);
	block.p[6] ^= 0x40;
	unzip_refused_block(THEY_REFUSE, 2,
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
	unzip_refused_block(THEY_TAKE, 2,
	    "its deflate stream looks back 2 bytes, expected at most the 1 "
	    "that stand before");
	unzip_plain_codes();
	deflate_begin(&block, 4);
	deflate_fixed(&block, false);
	deflate_far(&block, 257, 29, 8191, 13);
	deflate_symbol(&block, 256);
	deflate_stored(&block, true, "a", 1);
	unzip_refused_block(THEY_TAKE, 3,
	    "looks back 32768 bytes, expected at most the 0 that stand before");
	/* All that is there is no fault, in the block after. */
	unzip_before();
	deflate_cab(&b, two, 2, CAB_BLOCK + 4);
	T_OK(cab_twin(b.p, b.len).ours);
	buf_free(&b);
}

T_TEST(bytes_behind_the_final_block_are_refused)
{
	deflate_begin(&block, 5);
	deflate_stored(&block, true, "hello", 5);
	deflate_bytes(&block, "!", 1);
	unzip_refused_block(THEY_TAKE, 10,
	    "1 bytes stand behind the end of its deflate stream");
	unzip_plain_codes();
	deflate_begin(&block, 4);
	unzip_put_codes(true);
	unzip_put_coded("abcd");
	unzip_put_end();
	deflate_bytes(&block, "\0\0\0", 3);
	unzip_refused_block(THEY_TAKE, 19,
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
		unzip_refused_block(THEY_REFUSE, 0,
		    "its deflate stream gives 5 bytes, expected 6");
		block.size = 4;
		unzip_refused_block(THEY_TAKE, 5,
		    "its deflate stream gives 5 bytes or more, expected 4");
	}
	unzip_plain_codes();
	deflate_begin(&block, 5);
	unzip_put_codes(true);
	unzip_put_coded("abcd");
	unzip_put_end();
	unzip_refused_block(
	    THEY_REFUSE, 0, "its deflate stream gives 4 bytes, expected 5");
	deflate_begin(&block, 3);
	deflate_fixed(&block, true);
	deflate_text(&block, "a");
	deflate_near(&block, 1);
	deflate_symbol(&block, 256);
	unzip_refused_block(THEY_TAKE, 2,
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
	unzip_refused_block(
	    THEY_TAKE, 6, "its deflate stream goes on behind its 6 bytes");
	/* In the block after. */
	unzip_before();
	deflate_begin(&block, 4);
	block.nbits = 0;
	deflate_bytes(&block, before.p + deflate_len(&before) - 9, 9);
	before.nbits -= 72;
	deflate_cab(&b, two, 2, CAB_BLOCK);
	unzip_refused(&b, THEY_TAKE, STREAM + CAB_BLOCK - 4,
	    "its deflate stream goes on behind its 32764 bytes");
	buf_free(&b);
	deflate_begin(&block, 5);
	unzip_refused_block(
	    THEY_REFUSE, 0, "its deflate stream goes on behind its 0 bytes");
}

T_MAIN
