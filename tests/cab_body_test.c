/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <fcntl.h>
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/sink.h"
#include "lib/base/stop.h"
#include "tests/cab_make.h"

/* Three members: one at the end of folder 0, two in folder 1. */
static uint8_t long_text[100000];
static const struct make_folder folders[] = {
    {long_text, 70000, CAB_BLOCK, 0}, {long_text + 70000, 30000, CAB_BLOCK, 0}};
static const struct make_file files[] = {{"a", 60000, 10000, 0},
    {"b", 10000, 0, 1}, {"c", 5, 29995, 1}, {"empty", 0, 7, 0}};
static const struct make_cab three = {folders, 2, files, 4, 0, 0, 0};

static void
make_three(struct buf *b)
{
	for (size_t i = 0; i < sizeof(long_text); i++)
		long_text[i] = (uint8_t)(i * 7 + i / 251);
	make_cab(b, &three);
}

/* Takes member i from an open body and compares it with what was put in. */
static void
expect(struct cab_body *b, const struct cab *c, unsigned i, struct err *e)
{
	struct buf got = BUF_INIT;
	struct sink s;
	const uint8_t *want = long_text + (c->files[i].folder ? 70000 : 0);

	sink_buf(&s, &got);
	T_CALL(cab_body_extract(b, i, &s, e), e);
	T_EQ(got.len, c->files[i].size);
	if (got.len == c->files[i].size && got.len != 0)
		T_MEM(got.p, want + c->files[i].off, got.len);
	buf_free(&got);
}

static void
expect_in_order(struct src *s, const unsigned *order, unsigned n)
{
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *b = NULL;

	T_CALL(cab_read(&c, s, &cab_default_limits, &e), &e);
	T_CALL(cab_body_open(&b, &c, s, &e), &e);
	for (unsigned i = 0; i < n; i++)
		expect(b, &c, order[i], &e);
	cab_body_close(b);
	cab_free(&c);
}

T_TEST(members_come_from_memory_in_any_order)
{
	static const unsigned order[] = {2, 0, 1, 3, 1, 2, 0};
	struct buf b = BUF_INIT;
	struct src s;

	make_three(&b);
	src_mem(&s, b.p, b.len);
	expect_in_order(&s, order, 7);
	buf_free(&b);
}

T_TEST(members_come_from_a_file)
{
	static const unsigned order[] = {1, 0, 2, 3};
	char path[512];
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct src s;
	int fd;

	make_three(&b);
	(void)snprintf(path, sizeof(path), "%s/three.cab", t_tmpdir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	T_EQ(write(fd, b.p, b.len), b.len);
	T_CALL(src_fd(&s, fd, &e), &e);
	expect_in_order(&s, order, 4);
	src_close(&s);
	close(fd);
	buf_free(&b);
}

T_TEST(members_come_from_a_stream_in_the_order_of_their_data)
{
	static const unsigned order[] = {0, 1, 3, 2};
	struct buf b = BUF_INIT;
	struct trickle t;

	make_three(&b);
	trickle_open(&t, b.p, b.len);
	expect_in_order(&t.s, order, 4);
	T_EQ(t.nread, b.len);
	buf_free(&b);
}

T_TEST(a_stream_cannot_go_back)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *body = NULL;
	struct sink null;
	struct trickle t;

	make_three(&b);
	trickle_open(&t, b.p, b.len);
	sink_null(&null);
	T_CALL(cab_read(&c, &t.s, &cab_default_limits, &e), &e);
	T_CALL(cab_body_open(&body, &c, &t.s, &e), &e);
	T_CALL(cab_body_extract(body, 1, &null, &e), &e);
	T_FAILS(cab_body_extract(body, 0, &null, &e), &e, E_USAGE,
	    "a: its data has passed");
	cab_body_close(body);
	cab_free(&c);
	buf_free(&b);
}

static uint64_t
bytes_read(const struct buf *b, const unsigned *order, unsigned n)
{
	struct trickle t;

	counted_open(&t, b->p, b->len);
	expect_in_order(&t.s, order, n);
	return t.nread;
}

T_TEST(members_of_a_folder_in_ascending_order_are_one_pass)
{
	static const unsigned up[] = {0, 1, 2}, down[] = {2, 1, 0};
	struct buf b = BUF_INIT;

	make_three(&b);
	T_OK(bytes_read(&b, up, 3) <= b.len);
	T_OK(bytes_read(&b, down, 3) > b.len + 30000);
	buf_free(&b);
}

T_TEST(taking_members_backwards_over_and_over_is_bounded)
{
	struct cab_limits lim = cab_default_limits;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *body = NULL;
	struct sink null;
	struct src s;
	unsigned n = 0;

	make_three(&b);
	src_mem(&s, b.p, b.len);
	lim.max_unpacked = 70005;
	sink_null(&null);
	T_CALL(cab_read(&c, &s, &lim, &e), &e);
	T_CALL(cab_body_open(&body, &c, &s, &e), &e);
	while (n < 100 && cab_body_extract(body, 2, &null, &e) == 0)
		n++;
	T_EQ(n, 70005 * CAB_WORK / 30000);
	T_EQ(e.kind, E_LIMIT);
	T_OK(strstr(e.msg, "decode more than 560040 bytes") != NULL);
	cab_body_close(body);
	cab_free(&c);
	buf_free(&b);
}

/* Reads member 0 of p, and expects this text of n bytes, or this refusal. */
static void
expect_text(const struct buf *p, const char *text, const char *refusal)
{
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *b = NULL;
	struct buf got = BUF_INIT;
	struct sink to;
	struct src s;

	src_mem(&s, p->p, p->len);
	sink_buf(&to, &got);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	T_CALL(cab_body_open(&b, &c, &s, &e), &e);
	if (refusal != NULL) {
		T_FAILS(cab_body_extract(b, 0, &to, &e), &e, E_FORMAT, refusal);
	} else {
		T_CALL(cab_body_extract(b, 0, &to, &e), &e);
		T_STR(buf_str(&got, &e), text);
	}
	cab_body_close(b);
	cab_free(&c);
	buf_free(&got);
}

/* One member "m" of 11 bytes in one block of these packed bytes, unchecked. */
static void
make_packed(struct buf *b, uint16_t comp, const void *packed, uint32_t n)
{
	struct make_folder folder = {packed, n, CAB_BLOCK, comp};
	struct make_file file = {"m", 11, 0, 0};
	struct make_cab m = {&folder, 1, &file, 1, 0, 0, 0};

	buf_reset(b);
	make_cab(b, &m);
	make_le32(b->p + b->len - n - 8, 0);
	make_le16(b->p + b->len - n - 2, 11);
}

/* E8 off, block type 3, 11 bytes; R0 R1 R2; the bytes and one of padding. */
#define LZX_PLAIN                                                              \
	"\0\x30\xb0\0"                                                         \
	"\1\0\0\0\1\0\0\0\1\0\0\0hello world\0"
#define MSZIP_PLAIN "CK\1\x0b\0\xf4\xffhello world"

T_TEST(each_method_gives_its_bytes)
{
	struct buf b = BUF_INIT;

	make_packed(&b, CAB_NONE, "hello world", 11);
	expect_text(&b, "hello world", NULL);
	make_packed(&b, CAB_MSZIP, MSZIP_PLAIN, 18);
	expect_text(&b, "hello world", NULL);
	for (unsigned bits = 15; bits <= 21; bits++) {
		make_packed(&b, (uint16_t)(bits << 8 | CAB_LZX), LZX_PLAIN, 28);
		expect_text(&b, "hello world", NULL);
	}
	buf_free(&b);
}

T_TEST(damaged_bodies_name_the_member_and_the_reason)
{
	struct buf b = BUF_INIT;

	make_packed(&b, 0x1503, "\0\x70\xb0\0hello world", 15);
	expect_text(&b, NULL, "m: damaged LZX data");
	make_packed(&b, CAB_NONE, "hello worl", 10);
	expect_text(&b, NULL, "m: damaged data blocks");
	make_packed(&b, CAB_NONE, "hello world", 11);
	b.p[b.len - 19] ^= 1;
	expect_text(&b, NULL, "m: a data block's checksum does not match");
	make_packed(&b, CAB_NONE, "hello world", 11);
	make_le16(b.p + b.len - 15, 12);
	expect_text(&b, NULL, "m: its data runs past the cabinet's 81 bytes");
	buf_free(&b);
}

static int
full(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)s, (void)p, (void)n;
	return err_set(e, E_DIGEST, "the sink is full");
}

T_TEST(a_failing_sink_is_passed_on_and_spoils_nothing)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *body = NULL;
	struct sink to = {.write = full, .fd = -1};
	struct src s;

	make_three(&b);
	src_mem(&s, b.p, b.len);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	T_CALL(cab_body_open(&body, &c, &s, &e), &e);
	T_FAILS(cab_body_extract(body, 0, &to, &e), &e, E_DIGEST,
	    "a: the sink is full");
	expect(body, &c, 0, &e);
	stop_set(true);
	T_FAILS(cab_body_extract(body, 0, &to, &e), &e, E_STOP, "a: ");
	stop_set(false);
	cab_body_close(body);
	cab_free(&c);
	buf_free(&b);
}

T_TEST(the_member_after_one_whose_sink_failed_is_whole)
{
	struct make_folder folder = {MSZIP_PLAIN, 18, CAB_BLOCK, CAB_MSZIP};
	struct make_file two[] = {{"m", 6, 0, 0}, {"n", 5, 6, 0}};
	struct make_cab m = {&folder, 1, two, 2, 0, 0, 0};
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT, got = BUF_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *body = NULL;
	struct sink to = {.write = full, .fd = -1};
	struct src s;

	make_cab(&b, &m);
	make_le32(b.p + b.len - 26, 0);
	make_le16(b.p + b.len - 20, 11);
	src_mem(&s, b.p, b.len);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	T_CALL(cab_body_open(&body, &c, &s, &e), &e);
	T_FAILS(cab_body_extract(body, 0, &to, &e), &e, E_DIGEST, "m: ");
	sink_buf(&to, &got);
	T_CALL(cab_body_extract(body, 1, &to, &e), &e);
	T_STR(buf_str(&got, &e), "world");
	cab_body_close(body);
	cab_free(&c);
	buf_free(&got);
	buf_free(&b);
}

static void
expect_real(
    struct cab_body *b, const struct cab *c, const char *name, uint64_t size)
{
	struct err e = ERR_INIT;
	struct sink s;
	int i = cab_find(c, name);

	sink_null(&s);
	T_OK(i != -1);
	if (i == -1)
		return;
	T_CALL(cab_body_extract(b, (unsigned)i, &s, &e), &e);
	T_EQ(s.bytes, size);
}

T_TEST(a_real_package_of_lzx_with_reserve_unpacks)
{
	const char *path = t_sample(
	    "wsusexport/wsus-categories-2024-06-19.cab");
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *b = NULL;
	struct src s;
	int fd;

	if (path == NULL) {
		t_skip("no samples");
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	T_CALL(src_fd(&s, fd, &e), &e);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	T_EQ(c.folders[0].comp_type, 0x1503);
	T_CALL(cab_body_open(&b, &c, &s, &e), &e);
	expect_real(b, &c, "METADATA.TXT", 16192694);
	expect_real(b, &c, "package.xml", 530916);
	expect_real(b, &c, "metadata.txt", 16192694);
	cab_body_close(b);
	cab_free(&c);
	src_close(&s);
	close(fd);
}

T_MAIN
