/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zlib.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"

/* "hello, hello, hello\n" as gzip(1) -9n writes it. */
static const uint8_t hello_gz[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0xc8, 0x40,
    0xa2, 0xb8, 0x00, 0xe7, 0x42, 0x6e, 0x52, 0x14, 0x00, 0x00, 0x00};
static const char hello[] = "hello, hello, hello\n";

static int
file_of(const void *p, size_t n)
{
	int dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	int fd = openat(dirfd, "f", O_RDWR | O_CREAT, 0600);

	T_EQ(write(fd, p, n), n);
	(void)close(dirfd);
	return fd;
}

static void
read_all(struct src *s, const char *want, size_t portion)
{
	char got[64] = {0};
	struct err e = ERR_INIT;
	size_t n = 0;
	ssize_t r = 1;

	while (r > 0 && n < sizeof(got) - portion) {
		r = src_read(s, got + n, portion, &e);
		T_OK(r <= (ssize_t)portion);
		n += r > 0 ? (size_t)r : 0;
	}
	T_EQ(r, 0);
	T_STR(e.msg, "");
	T_STR(got, want);
	T_EQ(s->off, strlen(want));
	T_EQ(src_read(s, got, 1, &e), 0);
}

static void
check_seekable(struct src *s)
{
	struct err e = ERR_INIT;
	char two[2];

	T_EQ(s->size, 20);
	T_EQ(s->off, 0);
	read_all(s, hello, 7);
	T_CALL(src_seek(s, 7, &e), &e);
	T_CALL(src_read_full(s, two, 2, &e), &e);
	T_MEM(two, "he", 2);
	T_EQ(s->off, 9);
	T_CALL(src_seek(s, 20, &e), &e);
	T_EQ(src_read(s, two, 2, &e), 0);
	T_FAILS(src_seek(s, 21, &e), &e, E_FORMAT, "byte 21 expected");
	T_FAILS(src_seek(s, UINT64_MAX, &e), &e, E_FORMAT, "cut short");
	T_EQ(s->off, 20);
	T_CALL(src_seek(s, 19, &e), &e);
	T_EQ(src_read_full(s, two, 2, &e), -1);
	T_EQ(e.at, 20);
	T_FAILS(-1, &e, E_FORMAT, "cut short: 1 more byte expected");
	src_close(s);
	src_close(s);
}

T_TEST(memory_and_files_are_read_and_sought)
{
	struct err e = ERR_INIT;
	struct src s = SRC_INIT;
	int fd = file_of(hello, 20);

	src_close(&s);
	src_mem(&s, hello, 20);
	check_seekable(&s);
	T_CALL(src_fd(&s, fd, &e), &e);
	check_seekable(&s);
	(void)close(fd);
}

T_TEST(a_pipe_is_a_stream)
{
	struct err e = ERR_INIT;
	struct src s;
	int fds[2];

	T_EQ(pipe(fds), 0);
	T_EQ(write(fds[1], hello, 20), 20);
	(void)close(fds[1]);
	T_CALL(src_fd(&s, fds[0], &e), &e);
	T_OK(s.size == SRC_UNKNOWN);
	read_all(&s, hello, 3);
	T_CALL(src_seek(&s, 20, &e), &e);
	T_FAILS(src_seek(&s, 0, &e), &e, E_USAGE, "cannot be read again");
	src_close(&s);
	(void)close(fds[0]);
}

T_TEST(folders_and_closed_descriptors_are_refused)
{
	struct err e = ERR_INIT;
	struct src s;
	int fd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);
	char c;

	T_FAILS(src_fd(&s, fd, &e), &e, E_FORMAT, "found a folder");
	(void)close(fd);
	T_FAILS(src_fd(&s, -1, &e), &e, E_SYS, "Bad file descriptor");
	src_close(&s);
	fd = open("/dev/null", O_WRONLY);
	T_CALL(src_fd(&s, fd, &e), &e);
	T_FAILS((int)src_read(&s, &c, 1, &e), &e, E_SYS, "read: ");
	(void)close(fd);
}

static int
gunzip(const void *p, size_t n, struct buf *b, struct err *e)
{
	struct src from, s;
	struct sink to;
	int r;

	src_mem(&from, p, n);
	sink_buf(&to, b);
	if (src_gunzip(&s, &from, e) == -1)
		return -1;
	r = src_copy(&s, &to, e);
	src_close(&s);
	src_close(&s);
	return r;
}

T_TEST(a_gzip_file_is_inflated)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct src from, s;

	T_CALL(gunzip(hello_gz, sizeof(hello_gz), &b, &e), &e);
	T_STR(buf_str(&b, &e), hello);
	buf_free(&b);
	src_mem(&from, hello_gz, sizeof(hello_gz));
	T_CALL(src_gunzip(&s, &from, &e), &e);
	T_OK(s.size == SRC_UNKNOWN);
	read_all(&s, hello, 1);
	T_FAILS(src_seek(&s, 3, &e), &e, E_USAGE, "cannot be read again");
	src_close(&s);
}

T_TEST(members_follow_one_another)
{
	uint8_t two[2 * sizeof(hello_gz)];
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	memcpy(two, hello_gz, sizeof(hello_gz));
	memcpy(two + sizeof(hello_gz), hello_gz, sizeof(hello_gz));
	T_CALL(gunzip(two, sizeof(two), &b, &e), &e);
	T_EQ(b.len, 40);
	T_MEM(b.p, hello, 20);
	T_MEM(b.p + 20, hello, 20);
	buf_free(&b);
}

T_TEST(every_truncation_of_gzip_is_an_error_at_its_end)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	uint8_t two[2 * sizeof(hello_gz)];
	size_t n;

	memcpy(two, hello_gz, sizeof(hello_gz));
	memcpy(two + sizeof(hello_gz), hello_gz, sizeof(hello_gz));
	for (n = 0; n < sizeof(two); n++) {
		if (n == sizeof(hello_gz))
			continue;
		T_EQ(gunzip(two, n, &b, &e), -1);
		T_EQ(e.at, n);
		T_FAILS(-1, &e, E_FORMAT, "gzip: cut short");
	}
	buf_free(&b);
}

/* Time, extra flags and system (4..9) carry no meaning. */
T_TEST(every_damaged_byte_of_gzip_is_an_error)
{
	uint8_t bad[sizeof(hello_gz)];
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(bad); i++) {
		memcpy(bad, hello_gz, sizeof(bad));
		bad[i] ^= 0x80;
		if (i >= 4 && i < 10) {
			T_CALL(gunzip(bad, sizeof(bad), &b, &e), &e);
			continue;
		}
		if (gunzip(bad, sizeof(bad), &b, &e) != -1)
			t_fail(__FILE__, __LINE__, "byte %zu", i);
		T_EQ(e.kind, E_FORMAT);
		T_OK(e.at <= sizeof(bad));
		err_clear(&e);
	}
	buf_free(&b);
}

T_TEST(what_follows_a_gzip_file_must_be_another)
{
	uint8_t more[sizeof(hello_gz) + 3] = {0};
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	memcpy(more, hello_gz, sizeof(hello_gz));
	T_EQ(gunzip(more, sizeof(more), &b, &e), -1);
	T_EQ(e.at, sizeof(hello_gz));
	T_FAILS(-1, &e, E_FORMAT, "gzip: incorrect header check");
	T_EQ(gunzip("plain text", 10, &b, &e), -1);
	T_EQ(e.at, 0);
	T_FAILS(-1, &e, E_FORMAT, "gzip: incorrect header check");
	buf_free(&b);
}

static void
deflate_all(const uint8_t *p, size_t n, struct buf *out, struct err *e)
{
	z_stream z = {.next_in = NULL};
	size_t room = n + n / 100 + 100;

	T_EQ(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, 0), Z_OK);
	z.next_out = buf_reserve(out, room, e);
	z.avail_out = (uInt)room;
	z.next_in = (z_const Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	T_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += room - z.avail_out;
	T_EQ(deflateEnd(&z), Z_OK);
}

T_TEST(large_members_come_back_and_their_digest_is_right)
{
	enum { N = 1500000 };
	struct buf in = BUF_INIT, gz = BUF_INIT;
	struct digest_ctx c = DIGEST_CTX_INIT;
	struct err e = ERR_INIT;
	struct digest want, got;
	struct src from, s;
	struct sink to;
	int fd;

	T_CALL(buf_reserve(&in, N, &e) == NULL ? -1 : 0, &e);
	for (; in.len < N; in.len++)
		in.p[in.len] = (uint8_t)("0123456789abcdef"[t_random() % 16]);
	deflate_all(in.p, N / 2, &gz, &e);
	deflate_all(in.p, 0, &gz, &e);
	deflate_all(in.p + N / 2, N / 2, &gz, &e);
	T_CALL(digest_mem(DIGEST_BOTH, in.p, N, &want, &e), &e);
	fd = file_of(gz.p, gz.len);
	T_CALL(src_fd(&from, fd, &e), &e);
	T_CALL(src_gunzip(&s, &from, &e), &e);
	T_CALL(digest_open(&c, DIGEST_BOTH, &e), &e);
	sink_digest(&to, &c, NULL);
	T_CALL(src_copy(&s, &to, &e), &e);
	T_CALL(digest_done(&c, &got, &e), &e);
	T_MEM(&got, &want, sizeof(got));
	T_EQ(to.bytes, N);
	T_EQ(s.off, N);
	T_EQ(from.off, gz.len);
	digest_close(&c);
	src_close(&s);
	src_close(&from);
	(void)close(fd);
	buf_free(&in);
	buf_free(&gz);
}

T_TEST(copies_are_the_same_bytes_whatever_the_size)
{
	static const size_t sizes[] = {0, 1, 4095, SRC_BLOCK - 1, SRC_BLOCK,
	    SRC_BLOCK + 1, 3 * SRC_BLOCK + 7};
	struct buf in = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	struct sink to;
	struct src s;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		buf_reset(&in);
		buf_reset(&got);
		if (buf_reserve(&in, sizes[i], &e) == NULL)
			break;
		for (; in.len < sizes[i]; in.len++)
			in.p[in.len] = (uint8_t)t_random();
		fd = file_of(in.p, in.len);
		T_CALL(src_fd(&s, fd, &e), &e);
		sink_buf(&to, &got);
		T_CALL(src_copy(&s, &to, &e), &e);
		T_EQ(got.len, in.len);
		if (in.len > 0)
			T_MEM(got.p, in.p, in.len);
		T_EQ(to.bytes, in.len);
		(void)close(fd);
	}
	T_EQ(e.kind, E_NONE);
	buf_free(&in);
	buf_free(&got);
}

T_TEST(a_copy_begins_where_the_source_stands)
{
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT;
	struct sink to;
	struct src s;

	src_mem(&s, hello, 20);
	T_CALL(src_seek(&s, 14, &e), &e);
	sink_buf(&to, &got);
	T_CALL(src_copy(&s, &to, &e), &e);
	T_STR(buf_str(&got, &e), "hello\n");
	buf_free(&got);
}

T_TEST(sinks_pass_on_count_and_refuse)
{
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT_MAX(30);
	struct sink all, few, none;
	char text[32] = {0};
	int fd = file_of("", 0);

	sink_buf(&all, &got);
	sink_limit(&few, 20, &all);
	T_CALL(sink_puts(&few, hello, &e), &e);
	T_CALL(sink_write(&few, "", 0, &e), &e);
	T_FAILS(sink_puts(&few, "x", &e), &e, E_LIMIT, "more than 20 bytes");
	T_EQ(few.bytes, 20);
	T_STR(buf_str(&got, &e), hello);
	T_FAILS(sink_puts(&all, hello, &e), &e, E_LIMIT, "at most 30");
	sink_null(&none);
	T_CALL(sink_puts(&none, hello, &e), &e);
	T_EQ(none.bytes, 20);
	sink_limit(&few, 3, NULL);
	T_CALL(sink_puts(&few, "abc", &e), &e);
	T_FAILS(sink_puts(&few, "d", &e), &e, E_LIMIT, "more than 3 bytes");
	sink_fd(&all, fd);
	T_CALL(sink_puts(&all, hello, &e), &e);
	T_EQ(pread(fd, text, sizeof(text), 0), 20);
	T_STR(text, hello);
	(void)close(fd);
	T_FAILS(sink_puts(&all, hello, &e), &e, E_SYS, "write: Bad file");
	T_EQ(all.bytes, 20);
	buf_free(&got);
}

/* Writes of ever fewer bytes, the first ones larger than what is gathered. */
T_TEST(gathered_bytes_arrive_in_order_and_in_few_writes)
{
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT, b = BUF_INIT, sent = BUF_INIT;
	struct sink to, gather;
	size_t n, i;

	sink_buf(&to, &got);
	sink_gather(&gather, &b, &to);
	for (n = 300000; n > 0; n = n * 2 / 3) {
		uint8_t *p = buf_reserve(&sent, n, &e);

		for (i = 0; i < n; i++)
			p[i] = (uint8_t)(n + i);
		sent.len += n;
		T_CALL(sink_write(&gather, p, n, &e), &e);
	}
	T_OK(got.len < sent.len);
	T_CALL(sink_gathered(&gather, &e), &e);
	T_EQ(gather.bytes, sent.len);
	T_EQ(to.bytes, sent.len);
	T_MEM(got.p, sent.p, sent.len);
	T_CALL(sink_gathered(&gather, &e), &e);
	T_EQ(to.bytes, sent.len);
	sink_gather(&gather, &b, &to);
	got.max = got.len;
	T_CALL(sink_write(&gather, "x", 1, &e), &e);
	T_FAILS(sink_gathered(&gather, &e), &e, E_LIMIT, "at most");
	buf_free(&got);
	buf_free(&b);
	buf_free(&sent);
}

/* Asks to stop when the second block arrives. */
static int
stop_at_second(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)p, (void)n, (void)e;
	if (s->bytes == SRC_BLOCK)
		stop_set(true);
	return 0;
}

T_TEST(a_copy_stops_between_blocks_when_asked)
{
	struct sink to = {.write = stop_at_second, .fd = -1};
	uint8_t *in = calloc(5, SRC_BLOCK);
	struct err e = ERR_INIT;
	struct src s;

	src_mem(&s, in, 5 * SRC_BLOCK);
	T_FAILS(src_copy(&s, &to, &e), &e, E_STOP, "stopped on request");
	T_EQ(to.bytes, 2 * SRC_BLOCK);
	stop_set(false);
	T_CALL(src_copy(&s, &to, &e), &e);
	T_EQ(to.bytes, 5 * SRC_BLOCK);
	stop_set(false);
	free(in);
}

static void
signalled(int first, int second, unsigned between_ms, int want)
{
	struct err e = ERR_INIT;
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		stop_install();
		if (stop_asked() || stop_check(&e) == -1)
			_exit(9);
		(void)raise(first);
		if (!stop_asked() || stop_check(&e) != -1 || e.kind != E_STOP)
			_exit(8);
		(void)usleep(between_ms * 1000);
		if (second != 0)
			(void)raise(second);
		_exit(0);
	}
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, want);
}

T_TEST(a_signal_asks_and_the_same_again_ends)
{
	signalled(SIGINT, 0, 0, 0);
	signalled(SIGTERM, 0, 0, 0);
	signalled(SIGINT, SIGTERM, 0, 0);
	signalled(SIGINT, SIGINT, 1050, SIGINT);
	signalled(SIGTERM, SIGTERM, 1050, SIGTERM);
	/* A terminal goes, and with it cron's or a person's. */
	signalled(SIGHUP, 0, 0, 0);
	signalled(SIGHUP, SIGTERM, 1050, SIGTERM);
}

T_TEST(nohup_is_heeded)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		(void)signal(SIGHUP, SIG_IGN);
		stop_install();
		(void)raise(SIGHUP);
		_exit(stop_asked() ? 8 : 0);
	}
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
}

/* As timeout(1) and impatient wrappers send it. */
T_TEST(a_signal_that_comes_twice_in_a_row_asks_once)
{
	signalled(SIGINT, SIGINT, 0, 0);
	signalled(SIGTERM, SIGTERM, 20, 0);
}

T_MAIN
