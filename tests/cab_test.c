/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include "formats/cab.h"
#include "lib/base/sink.h"
#include "tests/cab_make.h"
#include "tests/print.h"

/* Two members in one folder of one stored block. */
static const uint8_t good[] = {'M', 'S', 'C', 'F', 0, 0, 0, 0, 107, 0, 0, 0, 0,
    0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 3, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0,
    /* 36: folder */
    88, 0, 0, 0, 1, 0, 0, 0,
    /* 44: a.txt */
    5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0x5c, 0xe4, 0x30, 0x20, 0, 'a', '.',
    't', 'x', 't', 0,
    /* 66: b.txt */
    6, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0x3f, 0x5c, 0xe4, 0x30, 0x20, 0, 'b', '.',
    't', 'x', 't', 0,
    /* 88: data */
    0x68, 0x29, 0x62, 0x03, 11, 0, 11, 0, 'h', 'e', 'l', 'l', 'o', ' ', 'w',
    'o', 'r', 'l', 'd'};

static int
read_mem(struct cab *c, const uint8_t *p, size_t n, struct err *e)
{
	struct src s;

	src_mem(&s, p, n);
	return cab_read(c, &s, &cab_default_limits, e);
}

T_TEST(a_minimal_cabinet_is_read_field_by_field)
{
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;

	T_CALL(read_mem(&c, good, sizeof(good), &e), &e);
	T_EQ(c.size, sizeof(good));
	T_EQ(c.nfolders, 1);
	T_EQ(c.nfiles, 2);
	T_EQ(c.flags, 0);
	T_EQ(c.version, CAB_VERSION);
	T_EQ(c.sig_len, 0);
	T_EQ(c.head_len, 88);
	T_MEM(c.head, good, 88);
	T_EQ(c.folders[0].data_off, 88);
	T_EQ(c.folders[0].nblocks, 1);
	T_EQ(c.folders[0].comp, CAB_NONE);
	T_STR(c.files[1].name, "b.txt");
	T_EQ(c.files[1].size, 6);
	T_EQ(c.files[1].off, 5);
	T_EQ(c.files[1].folder, 0);
	T_EQ(c.files[1].attrs, 0x20);
	T_EQ(c.files[1].date, 0x5c3f);
	T_EQ(c.files[1].time, 0x30e4);
	cab_free(&c);
	cab_free(&c);
}

T_TEST(members_are_found_without_regard_to_case)
{
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;

	T_CALL(read_mem(&c, good, sizeof(good), &e), &e);
	T_EQ(cab_find(&c, "B.TXT"), 1);
	T_EQ(cab_find(&c, "a.txt"), 0);
	T_EQ(cab_find(&c, "a.tx"), -1);
	T_EQ(cab_find(&c, "a.txtx"), -1);
	cab_free(&c);
}

static const struct row {
	const char *field;
	size_t off;
	unsigned nbytes;
	uint32_t value;
	enum err_kind kind;
	uint64_t at;
	const char *says;
} rows[] = {
    {"signature", 0, 1, 'm', E_FORMAT, 0, "found 6d 53 43 46"},
    {"size", 8, 4, 106, E_FORMAT, 8, "is 106, the file has 107"},
    {"size", 8, 4, 108, E_FORMAT, 8, "is 108, the file has 107"},
    {"size", 8, 4, 35, E_FORMAT, 8, "its header alone has 36"},
    {"files", 16, 4, 43, E_FORMAT, 16, "at 43, expected"},
    {"files", 16, 4, 66, E_FORMAT, 16, "folders at 44"},
    {"nfolders", 26, 2, 0, E_FORMAT, 26, "no folders"},
    {"nfolders", 26, 2, 2, E_FORMAT, 16, "folders at 52"},
    {"nfiles", 28, 2, 0, E_FORMAT, 28, "no files"},
    {"nfiles", 28, 2, 3, E_FORMAT, 88, "file table: cut short"},
    {"flags", 30, 2, 1, E_FORMAT, 30, "one of a set"},
    {"flags", 30, 2, 2, E_FORMAT, 30, "one of a set"},
    {"flags", 30, 2, 4, E_FORMAT, 107, "header reserve: cut short"},
    {"data_off", 36, 4, 43, E_FORMAT, 44, "inside the tables"},
    {"data_off", 36, 4, 87, E_FORMAT, 87, "file table: cut short"},
    {"data_off", 36, 4, 108, E_FORMAT, 36, "data at 108 of 107 bytes"},
    {"data_off", 36, 4, 100, E_FORMAT, 40, "1 blocks in 7 bytes"},
    {"nblocks", 40, 2, 3, E_FORMAT, 40, "3 blocks in 19 bytes"},
    {"nblocks", 40, 2, 0, E_FORMAT, 44, "of a folder of 0 at most"},
    {"comp", 42, 2, 4, E_FORMAT, 42, "compression 0 to 3, found 4"},
    {"comp", 42, 2, 0x0e03, E_FORMAT, 42, "LZX window of 14 bits"},
    {"comp", 42, 2, 0x1603, E_FORMAT, 42, "LZX window of 22 bits"},
    {"comp", 42, 2, 0x0902, E_FORMAT, 42, "Quantum window of 9 bits"},
    {"comp", 42, 2, 0x1602, E_FORMAT, 42, "Quantum window of 22 bits"},
    {"size", 44, 4, 32769, E_FORMAT, 44, "file 0: 32769 bytes at 0"},
    {"off", 70, 4, 32763, E_FORMAT, 66, "file 1: 6 bytes at 32763"},
    {"off", 70, 4, 0xffffffff, E_FORMAT, 66, "bytes at 4294967295"},
    {"folder", 74, 2, 1, E_FORMAT, 74, "file 1: folder 1, there are 1"},
    {"folder", 74, 2, 0xfffd, E_FORMAT, 74, "in another cabinet"},
    {"folder", 74, 2, 0xffff, E_FORMAT, 74, "in another cabinet"},
    {"name", 82, 1, 0, E_FORMAT, 82, "file 1: no name"},
    {"name", 87, 1, 'x', E_FORMAT, 88, "file table: cut short"},
};

T_TEST(each_damaged_field_is_refused_at_its_place)
{
	uint8_t p[sizeof(good)];
	struct cab c = CAB_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct err e = ERR_INIT;

		memcpy(p, good, sizeof(p));
		for (unsigned k = 0; k < r->nbytes; k++)
			p[r->off + k] = (uint8_t)(r->value >> (8 * k));
		if (read_mem(&c, p, sizeof(p), &e) != -1)
			t_fail(__FILE__, __LINE__, "row %zu: %s accepted", i,
			    r->field);
		if (e.kind != r->kind || e.at != r->at ||
		    strstr(e.msg, r->says) == NULL)
			t_fail(__FILE__, __LINE__,
			    "row %zu: %s: kind %d at %" PRIu64
			    " '%s', not %d at %" PRIu64 " '%s'",
			    i, r->field, (int)e.kind, e.at, e.msg, (int)r->kind,
			    r->at, r->says);
		cab_free(&c);
	}
}

T_TEST(fields_that_no_reader_heeds_may_hold_anything)
{
	static const size_t offs[] = {4, 7, 12, 20, 24, 25, 32, 34};
	uint8_t p[sizeof(good)];
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;

	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]); i++) {
		memcpy(p, good, sizeof(p));
		p[offs[i]] ^= 0x55;
		T_CALL(read_mem(&c, p, sizeof(p), &e), &e);
		cab_free(&c);
	}
}

/* Reads all there is, as a program would. */
static int
read_all(struct src *s, struct err *e)
{
	struct cab c = CAB_INIT;
	struct cab_body *b = NULL;
	struct sink null;
	int r = -1;

	sink_null(&null);
	if (cab_read(&c, s, &cab_default_limits, e) == -1 ||
	    cab_body_open(&b, &c, s, e) == -1)
		goto out;
	for (unsigned i = 0; i < c.nfiles; i++)
		if (cab_body_extract(b, i, &null, e) == -1)
			goto out;
	r = 0;
out:
	cab_body_close(b);
	cab_free(&c);
	return r;
}

T_TEST(every_truncation_is_refused)
{
	uint8_t p[sizeof(good)];

	memcpy(p, good, sizeof(p));
	for (size_t n = 0; n < sizeof(good); n++) {
		struct err e = ERR_INIT;
		struct trickle t;
		struct src s;

		src_mem(&s, good, n);
		T_FAILS(read_all(&s, &e), &e, E_FORMAT, "");
		trickle_open(&t, good, n);
		T_FAILS(read_all(&t.s, &e), &e, E_FORMAT, "cut short");
		/* The same with a size that agrees. */
		make_le32(p + 8, (uint32_t)n);
		src_mem(&s, p, n);
		T_FAILS(read_all(&s, &e), &e, E_FORMAT, "");
	}
}

T_TEST(limits_are_ours_and_named)
{
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_limits lim = cab_default_limits;
	struct src s;

	src_mem(&s, good, sizeof(good));
	lim.max_files = 1;
	T_FAILS(cab_read(&c, &s, &lim, &e), &e, E_LIMIT, "2 files, at most 1");
	cab_free(&c);
	lim = cab_default_limits;
	lim.max_folders = 0;
	T_FAILS(
	    cab_read(&c, &s, &lim, &e), &e, E_LIMIT, "1 folders, at most 0");
	cab_free(&c);
	lim = cab_default_limits;
	lim.max_unpacked = 10;
	T_FAILS(cab_read(&c, &s, &lim, &e), &e, E_LIMIT, "more than 10 bytes");
	cab_free(&c);
	lim.max_unpacked = 11;
	T_CALL(cab_read(&c, &s, &lim, &e), &e);
	cab_free(&c);
}

static const struct make_folder hello = {
    .data = "hello world", .len = 11, .block = CAB_BLOCK};

T_TEST(reserved_areas_are_skipped_up_to_a_limit)
{
	static const struct make_file f = {"a.txt", 11, 0, 0};
	struct make_cab m = {&hello, 1, &f, 1, 6144, 3, 5};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_limits lim = cab_default_limits;
	struct src s;

	make_cab(&b, &m);
	src_mem(&s, b.p, b.len);
	T_CALL(read_all(&s, &e), &e);
	for (size_t n = 36; n < 6190; n += 53) {
		src_mem(&s, b.p, n);
		T_FAILS(read_all(&s, &e), &e, E_FORMAT, "");
	}
	lim.max_reserve = 6143;
	src_mem(&s, b.p, b.len);
	T_FAILS(cab_read(&c, &s, &lim, &e), &e, E_LIMIT,
	    "6144 bytes of header reserve, at most 6143");
	cab_free(&c);
	buf_free(&b);
}

T_TEST(a_signature_behind_the_cabinet_is_no_surplus)
{
	static const struct make_file f = {"a.txt", 11, 0, 0};
	struct make_cab m = {&hello, 1, &f, 1, 20, 0, 0};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	size_t n;

	make_cab(&b, &m);
	n = b.len;
	make_le32(b.p + 40, 0x00100000);
	make_le32(b.p + 44, (uint32_t)n);
	make_le32(b.p + 48, 8);
	T_CALL(buf_put(&b, "PKCS7...", 8, &e), &e);
	T_CALL(read_mem(&c, b.p, b.len, &e), &e);
	T_EQ(c.sig_len, 8);
	cab_free(&c);
	T_FAILS(read_mem(&c, b.p, b.len - 1, &e), &e, E_FORMAT,
	    "its signature has 8");
	cab_free(&c);
	make_le32(b.p + 44, (uint32_t)n - 1);
	T_FAILS(read_mem(&c, b.p, b.len, &e), &e, E_FORMAT, "the file has");
	cab_free(&c);
	buf_free(&b);
}

T_TEST(a_name_may_have_255_bytes_and_no_more)
{
	char name[CAB_NAME_MAX + 2];
	struct make_file f[2] = {{name, 1, 0, 0}, {name, 1, 1, 0}};
	struct make_cab m = {&hello, 1, f, 2, 0, 0, 0};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;

	memset(name, 'n', sizeof(name));
	name[CAB_NAME_MAX] = '\0';
	make_cab(&b, &m);
	T_CALL(read_mem(&c, b.p, b.len, &e), &e);
	T_EQ(strlen(c.files[1].name), CAB_NAME_MAX);
	cab_free(&c);
	buf_reset(&b);
	name[CAB_NAME_MAX] = 'n';
	name[CAB_NAME_MAX + 1] = '\0';
	make_cab(&b, &m);
	T_FAILS(read_mem(&c, b.p, b.len, &e), &e, E_FORMAT,
	    "file 0: name of more than 255 bytes");
	T_EQ(c.nfiles, 2);
	cab_free(&c);
	buf_free(&b);
}

T_TEST(a_directory_of_most_folders_and_files_is_read)
{
	enum { N = 65535 };
	struct make_folder *folders = calloc(N, sizeof(*folders));
	struct make_file *files = calloc(N, sizeof(*files));
	struct make_cab m = {folders, N, files, N, 0, 0, 0};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct src s;

	for (unsigned i = 0; folders != NULL && files != NULL && i < N; i++) {
		folders[i] = hello;
		files[i] = (struct make_file){"f", 11, 0, (uint16_t)i % 65533};
	}
	make_cab(&b, &m);
	src_mem(&s, b.p, b.len);
	T_CALL(read_all(&s, &e), &e);
	buf_free(&b);
	free(folders);
	free(files);
}

T_TEST(a_listing_shows_size_date_method_and_a_harmless_name)
{
	uint8_t p[sizeof(good)];
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct buf b = BUF_INIT;
	struct sink s;

	memcpy(p, good, sizeof(p));
	p[82] = 0x1b;
	p[42] = 3, p[43] = 21;
	T_CALL(read_mem(&c, p, sizeof(p), &e), &e);
	sink_buf(&s, &b);
	T_CALL(cab_print(&c, &s, &e), &e);
	T_STR(buf_str(&b, &e),
	    "         5  2026-01-31 06:07:08  LZX:21      a.txt\n"
	    "         6  2026-01-31 06:07:08  LZX:21      ?.txt\n");
	buf_free(&b);
	cab_free(&c);
}

T_MAIN
