/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include "formats/cab.h"
#include "lib/base/stop.h"
#include "tests/cab_make.h"

static uint8_t text[70000];
static const struct make_folder folders[] = {
    {text, 70000, CAB_BLOCK, CAB_NONE}, {text, 100, CAB_BLOCK, CAB_NONE}};
static const struct make_file files[] = {
    {"a", 60000, 0, 0}, {"b", 10000, 60000, 0}, {"c", 100, 0, 1}};
static const struct make_cab sound = {folders, 2, files, 3, 0, 0, 0};

#define BLOCK_0 106 /* where the data stands in it: header, tables */
#define BLOCK_1 (BLOCK_0 + 8 + CAB_BLOCK)
#define BLOCK_2 (BLOCK_1 + 8 + CAB_BLOCK)
#define BLOCK_3 (BLOCK_2 + 8 + 70000 - 2 * CAB_BLOCK)

/* Gathers what cab_check() finds, a line each. */
static int
gather(void *arg, const struct err *fault, struct err *e)
{
	return buf_printf(
	    arg, e, "%" PRId64 " %s\n", (int64_t)fault->at, fault->msg);
}

static void
expect_faults(struct src *s, const char *want)
{
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct buf got = BUF_INIT;

	T_CALL(cab_read(&c, s, &cab_default_limits, &e), &e);
	T_CALL(cab_check(&c, s, gather, &got, &e), &e);
	T_STR(buf_str(&got, &e), want);
	buf_free(&got);
	cab_free(&c);
}

static void
expect_faults_of(const struct buf *b, const char *want)
{
	struct src s;

	src_mem(&s, b->p, b->len);
	expect_faults(&s, want);
}

static void
make_sound(struct buf *b)
{
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i ^ i >> 7);
	buf_reset(b);
	make_cab(b, &sound);
}

T_TEST(a_sound_cabinet_has_no_faults)
{
	struct buf b = BUF_INIT;
	struct trickle t;

	make_sound(&b);
	expect_faults_of(&b, "");
	trickle_open(&t, b.p, b.len);
	expect_faults(&t.s, "");
	T_EQ(t.nread, b.len);
	buf_free(&b);
}

static const struct row {
	size_t off;
	unsigned nbytes;
	uint32_t value;
	const char *faults;
} rows[] = {
    {24, 2, 0x0203, "24 expected cabinet version 1.3, found 2.3\n"},
    {BLOCK_1 + 8 + 4, 1, 0,
	"32882 folder 0 block 1: checksum is 80008000, its bytes give "
	"80008004\n"},
    {BLOCK_3, 4, 1,
	"70130 folder 1 block 0: checksum is 00000001, its bytes give "
	"63066104\n"},
    {BLOCK_3, 4, 0, ""}, /* none is recorded */
    {BLOCK_3 + 4, 2, 101,
	"70138 folder 1 block 0 runs past the cabinet's 70238 bytes\n"},
    {BLOCK_3 + 4, 2, 38913,
	"70134 folder 1 block 0: 38913 packed bytes, at most 38912\n"
	"70138 folder 1 block 0 runs past the cabinet's 70238 bytes\n"},
    {36, 4, BLOCK_1 + 8 + CAB_BLOCK,
	"70238 folder 0 block 2 runs past the cabinet's 70238 bytes\n"
	"70130 folder 1: its data begins at 70130, inside that of the folder "
	"before, which ends at 70238\n"},
};

T_TEST(each_damaged_byte_is_told_at_its_place)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_sound(&b);
		for (unsigned k = 0; k < rows[i].nbytes; k++)
			b.p[rows[i].off + k] = (uint8_t)(rows[i].value >>
			    (8 * k));
		expect_faults_of(&b, rows[i].faults);
	}
	buf_free(&b);
}

T_TEST(all_faults_are_told_and_not_the_first_alone)
{
	struct buf b = BUF_INIT;

	make_sound(&b);
	make_le16(b.p + BLOCK_0 + 6, 0);
	make_le16(b.p + BLOCK_2 + 6, 32769);
	make_le32(b.p + BLOCK_0, 0);
	make_le32(b.p + BLOCK_2, 0);
	b.p[BLOCK_3 + 8] ^= 0x80;
	expect_faults_of(&b,
	    "112 folder 0 block 0: 0 unpacked bytes, expected 1 to 32768\n"
	    "65664 folder 0 block 2: 32769 unpacked bytes, expected 1 to "
	    "32768\n"
	    "106 b reaches to byte 70000 of folder 0, whose blocks hold "
	    "65537\n"
	    "70130 folder 1 block 0: checksum is 63066104, its bytes give "
	    "63066184\n");
	buf_free(&b);
}

T_TEST(an_early_short_block_is_a_fault_unless_stored)
{
	struct make_folder f[] = {{text, 100, 60, CAB_NONE}};
	struct make_file m = {"m", 100, 0, 0};
	struct make_cab cab = {f, 1, &m, 1, 0, 0, 0};
	struct buf b = BUF_INIT;

	make_cab(&b, &cab);
	expect_faults_of(&b, "");
	buf_reset(&b);
	f[0].comp = 0x0f00 | CAB_LZX;
	make_cab(&b, &cab);
	expect_faults_of(
	    &b, "68 folder 0 block 0: 60 unpacked bytes, expected 32768\n");
	buf_reset(&b);
	f[0].comp = CAB_MSZIP;
	memcpy(text, "CK", 2);
	memcpy(text + 60, "CK", 2);
	make_cab(&b, &cab);
	expect_faults_of(
	    &b, "68 folder 0 block 0: 60 unpacked bytes, expected 32768\n");
	buf_free(&b);
}

T_TEST(mszip_blocks_begin_with_ck)
{
	struct make_folder f = {"XK\1\0\0\xff\xff", 7, CAB_BLOCK, CAB_MSZIP};
	struct make_file m = {"m", 7, 0, 0};
	struct make_cab cab = {&f, 1, &m, 1, 0, 0, 0};
	struct buf b = BUF_INIT;

	make_cab(&b, &cab);
	expect_faults_of(
	    &b, "70 folder 0 block 0: expected MSZIP's CK, found 58 4b\n");
	buf_free(&b);
}

T_TEST(overlapping_folders_and_members_are_faults)
{
	struct make_file m[] = {{"a", 50, 0, 0}, {"b", 50, 49, 0},
	    {"same", 50, 0, 0}, {"none", 0, 10, 0}, {"c", 100, 0, 1}};
	struct make_folder f[] = {
	    {text, 100, 60, CAB_NONE}, {text, 100, CAB_BLOCK, CAB_NONE}};
	struct make_cab cab = {f, 2, m, 5, 0, 0, 0};
	struct buf b = BUF_INIT;
	struct trickle t;

	make_cab(&b, &cab);
	/* Folder 1 begins with the second block of folder 0, of 40 bytes. */
	make_le32(b.p + 44, (uint32_t)(b.len - 108 - 48));
	make_le16(b.p + 70, 40);
	expect_faults_of(&b,
	    "-1 b overlaps same: at 49 of folder 0, which the other leaves at "
	    "50\n"
	    "216 folder 1: its data begins at 216, inside that of the folder "
	    "before, which ends at 264\n"
	    "216 c reaches to byte 100 of folder 1, whose blocks hold 40\n");
	trickle_open(&t, b.p, b.len);
	expect_faults(&t.s,
	    "-1 b overlaps same: at 49 of folder 0, which the other leaves at "
	    "50\n"
	    "216 folder 1: its data begins at 216, inside that of the folder "
	    "before, which ends at 264\n");
	buf_free(&b);
}

T_TEST(every_truncation_of_a_stream_is_a_fault)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	make_sound(&b);
	for (size_t n = BLOCK_2; n < b.len; n += 97) {
		struct buf got = BUF_INIT;
		struct cab c = CAB_INIT;
		struct trickle t;

		trickle_open(&t, b.p, n);
		t.step = 4096;
		T_CALL(cab_read(&c, &t.s, &cab_default_limits, &e), &e);
		T_CALL(cab_check(&c, &t.s, gather, &got, &e), &e);
		T_OK(strstr(buf_str(&got, &e), "cut short") != NULL);
		buf_free(&got);
		cab_free(&c);
	}
	buf_free(&b);
}

static int
enough(void *arg, const struct err *fault, struct err *e)
{
	(void)arg, (void)fault;
	return err_set(e, E_LIMIT, "enough");
}

T_TEST(the_receiver_and_a_signal_can_end_it)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct cab c = CAB_INIT;
	struct src s;

	make_sound(&b);
	src_mem(&s, b.p, b.len);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	stop_set(true);
	T_FAILS(cab_check(&c, &s, enough, NULL, &e), &e, E_STOP, "");
	stop_set(false);
	b.p[BLOCK_0 + 8] ^= 1;
	T_FAILS(cab_check(&c, &s, enough, NULL, &e), &e, E_LIMIT, "enough");
	cab_free(&c);
	buf_free(&b);
}

T_MAIN
