/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "lib/base/sink.h"
#include "lib/base/stop.h"
#include "tests/cab_make.h"

#define WHEN 1769839628 /* 2026-01-31 06:07:08 */

/* Writes the bytes of p as these members, in steps of `step` bytes. */
static int
write_cab(struct buf *out, const struct cab_write_opts *o, const uint8_t *p,
    size_t n, size_t step, struct err *e)
{
	struct cab_writer *w = NULL;
	struct cab_patch patch;
	struct sink to;
	size_t part;
	int r = -1;

	sink_buf(&to, out);
	if (cab_writer_open(&w, &to, o, e) == -1)
		return -1;
	for (; n > 0; n -= part, p += part) {
		part = n < step ? n : step;
		if (cab_writer_write(w, p, part, e) == -1)
			goto out;
	}
	if (cab_writer_finish(w, &patch, e) == -1)
		goto out;
	T_EQ(patch.size, out->len);
	memcpy(out->p + patch.off, patch.bytes, sizeof(patch.bytes));
	r = 0;
out:
	cab_writer_close(w);
	return r;
}

static int
no_faults(void *arg, const struct err *fault, struct err *e)
{
	(void)arg;
	return err_set(e, E_FORMAT, "fault: %s", fault->msg);
}

/* Checks the cabinet and compares all its members with p. */
static void
expect_members(const struct buf *cab, const struct cab_write_opts *o,
    const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	struct cab c = CAB_INIT;
	struct cab_body *b = NULL;
	struct buf got = BUF_INIT;
	struct sink to;
	struct src s;

	src_mem(&s, cab->p, cab->len);
	sink_buf(&to, &got);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	T_CALL(cab_check(&c, &s, no_faults, NULL, &e), &e);
	T_EQ(c.nfiles, o->nmembers);
	T_EQ(c.folders[0].nblocks, (n + CAB_BLOCK - 1) / CAB_BLOCK);
	T_CALL(cab_body_open(&b, &c, &s, &e), &e);
	for (unsigned i = 0; i < c.nfiles; i++) {
		T_STR(c.files[i].name, o->members[i].name);
		T_EQ(c.files[i].size, o->members[i].size);
		T_CALL(cab_body_extract(b, i, &to, &e), &e);
	}
	T_EQ(got.len, n);
	if (got.len == n && n != 0)
		T_MEM(got.p, p, n);
	cab_body_close(b);
	cab_free(&c);
	buf_free(&got);
}

/* Text that repeats itself near and far, with noise in the middle third. */
static uint8_t *
make_bytes(size_t n)
{
	static const char *const words[] = {"<upd:UpdateIdentity UpdateID=\"",
	    "\" RevisionNumber=\"", "</upd:Prerequisites>", "\r\n", "en", "x"};
	uint8_t *p = malloc(n + 40);
	size_t at = 0;

	if (p == NULL)
		abort();
	while (at < n) {
		uint64_t r = t_random();
		const char *w = words[r % 6];

		if (at > n / 3 && at < n / 3 * 2)
			memcpy(p + at, &r, 8), at += 8;
		else
			memcpy(p + at, w, strlen(w)), at += strlen(w);
		p[at++] = (uint8_t)('0' + r / 64 % 32);
	}
	return p;
}

static void
round_trip(size_t n, bool small, unsigned jobs, size_t step)
{
	struct cab_member m[2] = {
	    {"package.xml", (uint32_t)(n / 3)}, {"metadata.txt", 0}};
	struct cab_write_opts o = {m, 2, WHEN, small, jobs};
	struct err e = ERR_INIT;
	struct buf cab = BUF_INIT;
	uint8_t *p = make_bytes(n);

	m[1].size = (uint32_t)(n - n / 3);
	T_CALL(write_cab(&cab, &o, p, n, step, &e), &e);
	expect_members(&cab, &o, p, n);
	buf_free(&cab);
	free(p);
}

T_TEST(what_is_written_is_read_back)
{
	static const size_t sizes[] = {0, 1, 2, 32767, 32768, 32769, 65536,
	    1048575, 1048576, 1048577, 5000000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		round_trip(sizes[i], false, 2, 100000);
		round_trip(sizes[i], true, 2, 100000);
	}
	round_trip(70000, false, 1, 1);
}

T_TEST(the_bytes_do_not_depend_on_threads_or_portions)
{
	enum { N = 4500000 };
	struct cab_member m = {"metadata.txt", N};
	uint8_t *p = make_bytes(N);
	struct err e = ERR_INIT;

	for (int small = 0; small <= 1; small++) {
		static const unsigned jobs[] = {1, 2, 5, 0};
		struct buf first = BUF_INIT;

		for (unsigned i = 0; i < 4; i++) {
			struct cab_write_opts o = {&m, 1, WHEN, small, jobs[i]};
			struct buf cab = BUF_INIT;

			T_CALL(write_cab(&cab, &o, p, N, 7777 + i * 50001, &e),
			    &e);
			if (i == 0) {
				first = cab;
				continue;
			}
			T_EQ(cab.len, first.len);
			if (cab.len == first.len)
				T_MEM(cab.p, first.p, cab.len);
			buf_free(&cab);
		}
		buf_free(&first);
	}
	free(p);
}

/* wsusexport.md 4.3's worked header, less the size of the whole. */
static const uint8_t worked[] = {0x4d, 0x53, 0x43, 0x46, 0x00, 0x00, 0x00, 0x00,
    0xbc, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x65, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00,
    0xfa, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3f, 0x5c,
    0xe4, 0x30, 0x20, 0x00, 'p', 'a', 'c', 'k', 'a', 'g', 'e', '.', 'x', 'm',
    'l', 0x00, 0x63, 0x00, 0x00, 0x00, 0xfa, 0x01, 0x00, 0x00, 0x00, 0x00, 0x3f,
    0x5c, 0xe4, 0x30, 0x20, 0x00, 'm', 'e', 't', 'a', 'd', 'a', 't', 'a', '.',
    't', 'x', 't', 0x00};

T_TEST(the_header_is_the_specification_s)
{
	static const struct cab_member m[] = {
	    {"package.xml", 506}, {"metadata.txt", 99}};
	struct cab_write_opts o = {m, 2, WHEN, false, 1};
	struct err e = ERR_INIT;
	struct buf cab = BUF_INIT;
	uint8_t *p = make_bytes(605);

	T_EQ(sizeof(worked), 0x65);
	T_CALL(write_cab(&cab, &o, p, 605, 605, &e), &e);
	make_le32(cab.p + 8, 444);
	T_MEM(cab.p, worked, sizeof(worked));
	T_MEM(cab.p + 0x65 + 8, "CK", 2);
	buf_free(&cab);
	free(p);
}

T_TEST(dates_are_utc_and_stay_within_what_dos_knows)
{
	static const struct {
		int64_t t;
		unsigned date, time;
	} rows[] = {{WHEN, 0x5c3f, 0x30e4}, {0, 0x0021, 0},
	    {315532799, 0x0021, 0}, {315532800, 0x0021, 0},
	    {951782400, 20 << 9 | 2 << 5 | 29, 0},
	    {951868799, 20 << 9 | 2 << 5 | 29, 23 << 11 | 59 << 5 | 29},
	    {951868800, 20 << 9 | 3 << 5 | 1, 0},
	    {1735689599, 44 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29},
	    {INT64_MAX, 127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29}};
	struct cab_member m = {"m", 0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cab_write_opts o = {&m, 1, rows[i].t, false, 1};
		struct err e = ERR_INIT;
		struct buf cab = BUF_INIT;

		T_CALL(write_cab(&cab, &o, NULL, 0, 1, &e), &e);
		T_EQ(cab.p[54] | cab.p[55] << 8, rows[i].date);
		T_EQ(cab.p[56] | cab.p[57] << 8, rows[i].time);
		buf_free(&cab);
	}
}

T_TEST(noise_is_stored_and_keeps_to_the_block_limit)
{
	enum { N = 32768 };
	struct mszip *z = NULL;
	struct err e = ERR_INIT;
	uint8_t *out = malloc(MSZIP_MAX), *in = malloc(2 * N);
	size_t len;

	for (int small = 0; small <= 1; small++) {
		for (size_t i = 0; i < 2 * N; i += 8) {
			uint64_t r = t_random();

			memcpy(in + i, &r, 8);
		}
		T_CALL(cab_mszip_new(&z, small, &e), &e);
		len = cab_mszip_block(z, in + N, N, N, out);
		T_OK(len <= MSZIP_MAX);
		T_OK(len > N);
		/* What was there 30000 bytes before is not sent again. */
		memcpy(in + N, in + N - 30000, 30000);
		len = cab_mszip_block(z, in + N, N, N, out);
		T_OK(len < N / 4);
		len = cab_mszip_block(z, in, 1, 0, out);
		T_OK(len <= 8);
		cab_mszip_free(z);
	}
	free(in);
	free(out);
}

T_TEST(history_makes_a_cabinet_smaller)
{
	enum { N = 320000 };
	struct cab_member m = {"m", N};
	struct cab_write_opts o = {&m, 1, WHEN, false, 2};
	struct err e = ERR_INIT;
	struct buf cab = BUF_INIT;
	uint8_t *p = malloc(N);

	for (size_t i = 0; i < N; i++)
		p[i] = i < 9000 ? (uint8_t)t_random() : p[i - 9000];
	T_CALL(write_cab(&cab, &o, p, N, N, &e), &e);
	T_OK(cab.len < 50000); /* 90000 without */
	expect_members(&cab, &o, p, N);
	buf_free(&cab);
	free(p);
}

T_TEST(the_next_thread_looks_back_into_what_really_stood_there)
{
	enum { RUN = 32 * CAB_BLOCK, N = 2 * RUN + 40000 };
	struct cab_member m = {"m", N};
	struct cab_write_opts o = {&m, 1, WHEN, false, 2};
	struct err e = ERR_INIT;
	uint8_t *p = malloc(N);

	memset(p, 'x', RUN);
	memset(p + RUN, 0, RUN);
	memset(p + 2 * RUN, 'y', N - 2 * RUN);
	for (int small = 0; small <= 1; small++) {
		struct buf cab = BUF_INIT;

		o.small = small;
		T_CALL(write_cab(&cab, &o, p, N, N, &e), &e);
		expect_members(&cab, &o, p, N);
		buf_free(&cab);
	}
	free(p);
}

T_TEST(requests_that_no_cabinet_can_hold_are_refused)
{
	static char name[257];
	struct cab_member m[2] = {{name, 1}, {"b", CAB_MAX_UNPACKED}};
	struct cab_write_opts o = {m, 2, WHEN, false, 1};
	struct err e = ERR_INIT;
	struct buf cab = BUF_INIT;

	T_FAILS(write_cab(&cab, &o, NULL, 0, 1, &e), &e, E_LIMIT,
	    "name of 0 bytes");
	memset(name, 'n', 256);
	T_FAILS(write_cab(&cab, &o, NULL, 0, 1, &e), &e, E_LIMIT,
	    "name of 256 bytes");
	name[255] = '\0';
	T_FAILS(write_cab(&cab, &o, NULL, 0, 1, &e), &e, E_LIMIT,
	    "cabinet of 2147450881 bytes unpacked, at most 2147450880");
	o.nmembers = 0;
	T_FAILS(write_cab(&cab, &o, NULL, 0, 1, &e), &e, E_LIMIT,
	    "cabinet of 0 members");
	o.nmembers = 65536;
	T_FAILS(write_cab(&cab, &o, NULL, 0, 1, &e), &e, E_LIMIT,
	    "cabinet of 65536 members");
	T_EQ(cab.len, 0);
	buf_free(&cab);
}

T_TEST(too_few_or_too_many_bytes_are_refused)
{
	static const uint8_t bytes[11];
	struct cab_member m = {"m", 10};
	struct cab_write_opts o = {&m, 1, WHEN, false, 1};
	struct err e = ERR_INIT;
	struct buf cab = BUF_INIT;

	T_FAILS(write_cab(&cab, &o, bytes, 11, 11, &e), &e, E_USAGE,
	    "of 10 bytes unpacked was given more");
	T_FAILS(write_cab(&cab, &o, bytes, 9, 3, &e), &e, E_USAGE,
	    "of 10 bytes unpacked was given 9");
	buf_free(&cab);
}

T_TEST(a_full_sink_ends_it_and_leaks_nothing)
{
	enum { N = 3000000 };
	struct cab_member m = {"m", N};
	struct cab_write_opts o = {&m, 1, WHEN, false, 2};
	struct err e = ERR_INIT;
	uint8_t *p = make_bytes(N);

	for (size_t max = 0; max < 900000; max += 150000) {
		struct buf cab = BUF_INIT_MAX(max);

		T_FAILS(write_cab(&cab, &o, p, N, 65536, &e), &e, E_LIMIT, "");
		buf_free(&cab);
	}
	stop_set(true);
	{
		struct buf cab = BUF_INIT;

		T_FAILS(write_cab(&cab, &o, p, N, 65536, &e), &e, E_STOP, "");
		buf_free(&cab);
	}
	stop_set(false);
	free(p);
}

T_TEST(names_beyond_ascii_are_marked_as_utf8)
{
	struct cab_member m[] = {{"\xc3\xa9", 0}, {"e", 0}};
	struct cab_write_opts o = {m, 2, WHEN, false, 1};
	struct err e = ERR_INIT;
	struct buf cab = BUF_INIT;
	struct cab c = CAB_INIT;
	struct src s;

	T_CALL(write_cab(&cab, &o, NULL, 0, 1, &e), &e);
	src_mem(&s, cab.p, cab.len);
	T_CALL(cab_read(&c, &s, &cab_default_limits, &e), &e);
	T_EQ(c.files[0].attrs, 0xa0);
	T_EQ(c.files[1].attrs, 0x20);
	cab_free(&c);
	buf_free(&cab);
}

T_TEST(the_method_has_a_name_and_a_version)
{
	T_OK(strncmp(cab_writer_method(false), "MSZIP isa-l 2 ", 14) == 0);
	T_OK(strncmp(cab_writer_method(true), "MSZIP zlib 6 ", 13) == 0);
	T_OK(strchr(cab_writer_method(false), '.') != NULL);
}

T_MAIN
