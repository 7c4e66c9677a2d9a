/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/cur.h"

T_TEST(numbers_are_little_endian)
{
	static const uint8_t in[] = {
	    0x80, 0x01, 0xff, 0x78, 0x56, 0x34, 0xf2, 'a', 'b', 0, 'z'};
	struct err e = ERR_INIT;
	struct cur c;

	cur_init(&c, in, sizeof(in));
	T_EQ(cur_u8(&c), 0x80);
	T_EQ(cur_le16(&c), 0xff01);
	T_EQ(cur_le32(&c), 0xf2345678);
	T_EQ(cur_off(&c), 7);
	T_STR(cur_str(&c, 2), "ab");
	T_EQ(cur_off(&c), 10);
	T_EQ(cur_left(&c), 1);
	cur_skip(&c, 1);
	T_EQ(cur_left(&c), 0);
	T_CALL(cur_check(&c, "all", &e), &e);
}

T_TEST(a_short_read_is_sticky_and_moves_nothing)
{
	static const uint8_t in[] = {1, 2, 3, 0};
	struct err e = ERR_INIT;
	struct cur c;

	cur_init(&c, in, sizeof(in));
	T_EQ(cur_u8(&c), 1);
	T_EQ(cur_le32(&c), 0);
	T_EQ(cur_u8(&c), 0);
	T_EQ(cur_le16(&c), 0);
	T_OK(cur_str(&c, 9) == NULL);
	T_OK(cur_take(&c, 0) == NULL);
	T_EQ(cur_off(&c), 1);
	T_EQ(cur_check(&c, "head", &e), -1);
	T_EQ(e.at, 4);
	T_FAILS(-1, &e, E_FORMAT, "head: cut short");
}

T_TEST(every_truncation_of_a_record_is_an_error)
{
	static const uint8_t in[] = {1, 2, 3, 4, 5, 6, 7, 's', 0, 8, 9};
	struct err e = ERR_INIT;
	struct cur c;
	size_t n;

	for (n = 0; n <= sizeof(in); n++) {
		cur_init(&c, in, n);
		(void)cur_u8(&c);
		(void)cur_le16(&c);
		(void)cur_le32(&c);
		(void)cur_str(&c, 1);
		(void)cur_take(&c, 2);
		T_EQ(cur_check(&c, "r", &e), n < sizeof(in) ? -1 : 0);
		T_EQ(e.kind == E_FORMAT ? e.at : n, n);
		err_clear(&e);
	}
}

T_TEST(no_length_wraps_around)
{
	static const uint8_t in[] = {1, 2, 3};
	struct cur c;

	cur_init(&c, in, sizeof(in));
	cur_skip(&c, 1);
	T_OK(cur_take(&c, SIZE_MAX) == NULL);
	cur_init(&c, in, sizeof(in));
	T_OK(cur_str(&c, SIZE_MAX) == NULL);
	cur_init(&c, NULL, 0);
	T_OK(cur_take(&c, 0) != NULL);
	T_EQ(cur_left(&c), 0);
	T_OK(cur_str(&c, 0) == NULL);
}

T_TEST(a_string_has_at_most_max_bytes)
{
	static const char in[] = "abc\0\0";
	struct cur c;

	cur_init(&c, in, sizeof(in));
	T_STR(cur_str(&c, 3), "abc");
	T_STR(cur_str(&c, 0), "");
	cur_init(&c, in, sizeof(in));
	T_OK(cur_str(&c, 2) == NULL);
	cur_init(&c, in, 3);
	T_OK(cur_str(&c, 3) == NULL);
}

T_TEST(a_buffer_grows_up_to_its_ceiling)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT_MAX(1000);
	unsigned i;

	T_OK(buf_reserve(&b, 0, &e) != NULL);
	buf_free(&b);
	T_STR(buf_str(&b, &e), "");
	for (i = 0; i < 100; i++)
		T_CALL(buf_printf(&b, &e, "%09u,", i), &e);
	T_EQ(b.len, 1000);
	T_EQ(strlen(buf_str(&b, &e)), 1000);
	T_MEM(b.p + 420, "000000042,", 10);
	T_CALL(buf_put(&b, "", 0, &e), &e);
	T_OK(buf_reserve(&b, 0, &e) != NULL);
	T_FAILS(buf_put(&b, "x", 1, &e), &e, E_LIMIT, "at most 1000");
	T_FAILS(buf_puts(&b, "x", &e), &e, E_LIMIT, "at most 1000");
	T_FAILS(buf_printf(&b, &e, "x"), &e, E_LIMIT, "at most 1000");
	T_OK(buf_reserve(&b, SIZE_MAX, &e) == NULL);
	T_EQ(e.kind, E_LIMIT);
	err_clear(&e);
	T_EQ(b.len, 1000);
	buf_reset(&b);
	T_EQ(b.len, 0);
	T_CALL(buf_puts(&b, "again", &e), &e);
	T_STR(buf_str(&b, &e), "again");
	buf_free(&b);
	buf_free(&b);
	T_CALL(buf_puts(&b, "after", &e), &e);
	T_STR(buf_str(&b, &e), "after");
	buf_free(&b);
}

T_TEST(text_may_end_where_the_room_ends)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	unsigned i;

	for (i = 0; i < 256; i++)
		T_CALL(buf_printf(&b, &e, "%015u,", i), &e);
	T_EQ(b.len, 4096);
	T_STR(buf_str(&b, &e) + 4080, "000000000000255,");
	buf_free(&b);
}

/* There when the address sanitizer is: it ends the program instead. */
extern void __asan_init(void) __attribute__((weak));

T_TEST(an_impossible_buffer_is_the_systems_failure)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT_MAX(SIZE_MAX);

	if (__asan_init != NULL)
		t_skip("the sanitizer forbids such requests");
	T_OK(buf_reserve(&b, SIZE_MAX - 1, &e) == NULL);
	T_EQ(e.kind, E_SYS);
	buf_free(&b);
}

T_TEST(an_arena_hands_out_zeroed_aligned_memory)
{
	struct arena a = ARENA_INIT(64 << 20);
	uint8_t *p[200], *q;
	size_t i, j, n, bad = 0;

	for (i = 0; i < 200; i++) {
		n = i % 17 == 0 ? 300000 + i : i * 7;
		p[i] = arena_alloc(&a, n);
		T_OK(p[i] != NULL && (uintptr_t)p[i] % 16 == 0);
		for (j = 0; p[i] != NULL && j < n; j++)
			bad += p[i][j] != 0;
		memset(p[i], (int)i + 1, n);
		T_STR(arena_strndup(&a, "string", 3), "str");
	}
	for (i = 0; i < 200; i++) {
		n = i % 17 == 0 ? 300000 + i : i * 7;
		for (j = 0; j < n; j++)
			bad += p[i][j] != (uint8_t)(i + 1);
	}
	T_EQ(bad, 0);
	arena_reset(&a);
	T_EQ(a.used, 0);
	q = arena_alloc(&a, 1000);
	for (j = 0; j < 1000; j++)
		bad += q[j] != 0;
	T_EQ(bad, 0);
	arena_free(&a);
	arena_free(&a);
	T_STR(arena_strndup(&a, "again", 9), "again");
	arena_free(&a);
}

T_TEST(an_arena_that_is_reset_uses_its_memory_again)
{
	struct arena a = ARENA_INIT(1000);
	void *p = arena_alloc(&a, 0), *q = arena_alloc(&a, 0);

	T_OK(p != NULL && q != NULL && p != q);
	arena_reset(&a);
	T_OK(arena_alloc(&a, 10) == p);
	arena_free(&a);
	arena_reset(&a);
	T_EQ(a.used, 0);
}

T_TEST(a_full_arena_says_so)
{
	struct arena a = ARENA_INIT(100);
	char nine[9];

	memset(nine, 'n', sizeof(nine));
	T_OK(arena_alloc(&a, 90) != NULL);
	T_OK(arena_alloc(&a, 11) == NULL);
	T_OK(arena_alloc(&a, SIZE_MAX) == NULL);
	T_OK(arena_strndup(&a, "0123456789", 10) == NULL);
	T_STR(arena_strndup(&a, nine, 9), "nnnnnnnnn");
	T_EQ(a.used, 100);
	T_OK(arena_alloc(&a, 1) == NULL);
	arena_reset(&a);
	T_OK(arena_alloc(&a, 100) != NULL);
	arena_free(&a);
}

T_MAIN
