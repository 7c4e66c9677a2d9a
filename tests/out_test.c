/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "tests/nameless.h"

static char calls[256];

static void
called(const char *name)
{
	size_t n = strlen(calls);

	(void)snprintf(calls + n, sizeof(calls) - n, "%s ", name);
}

static ssize_t
note_write(int fd, const void *p, size_t n)
{
	called("write");
	return os_real.write(fd, p, n);
}

static int
note_fsync(int fd)
{
	struct stat st;

	T_EQ(fstat(fd, &st), 0);
	called(S_ISDIR(st.st_mode) ? "fsync-folder" : "fsync");
	return os_real.fsync(fd);
}

static int
note_close(int fd)
{
	called("close");
	return os_real.close(fd);
}

static int
note_rename(
    int odir, const char *from, int ndir, const char *to, unsigned flags)
{
	called(flags == RENAME_NOREPLACE ? "rename" : "replace");
	return os_real.renameat2(odir, from, ndir, to, flags);
}

static int
note_link(int odir, const char *from, int ndir, const char *to, int flags)
{
	called("link");
	return os_real.linkat(odir, from, ndir, to, flags);
}

static void
take_notes(void)
{
	calls[0] = '\0';
	os.linkat = note_link;
	os.write = note_write;
	os.fsync = note_fsync;
	os.close = note_close;
	os.renameat2 = note_rename;
}

static int
folder(void)
{
	int fd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	T_OK(fd != -1);
	return fd;
}

static mode_t
mode_of(int dirfd, const char *name)
{
	struct stat st = {.st_mode = 0};

	T_EQ(fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void
check_text(int dirfd, const char *name, const char *want)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	T_CALL(path_read(dirfd, name, 1 << 20, &b, &e), &e);
	T_STR(buf_str(&b, &e), want);
	buf_free(&b);
}

static int
write_text(
    int dirfd, const char *name, const char *text, bool replace, struct err *e)
{
	struct out o = OUT_INIT;
	int r = -1;

	o.replace = replace;
	if (out_open(&o, dirfd, name, 0444, e) == -1 ||
	    sink_puts(&o.sink, text, e) == -1)
		goto out;
	r = out_commit(&o, e);
out:
	out_abort(&o);
	return r;
}

T_TEST(bytes_are_flushed_before_the_name_and_the_name_after)
{
	struct err e = ERR_INIT;
	int dirfd = folder();

	take_notes();
	T_CALL(write_text(dirfd, "f", "text", false, &e), &e);
	T_STR(calls, "write fsync link close fsync-folder ");
	take_notes();
	nameless_refuse();
	T_CALL(write_text(dirfd, "g", "text", false, &e), &e);
	T_STR(calls, "write fsync close rename fsync-folder close ");
	take_notes();
	T_CALL(write_text(dirfd, "f", "new", true, &e), &e);
	T_STR(calls, "write fsync close replace fsync-folder close ");
	os = os_real;
	check_text(dirfd, "f", "new");
	(void)close(dirfd);
}

T_TEST(a_taken_name_is_a_usage_error_and_stays)
{
	struct err e = ERR_INIT;
	int dirfd = folder();

	T_CALL(write_text(dirfd, "f", "one", false, &e), &e);
	T_FAILS(write_text(dirfd, "f", "two", false, &e), &e, E_USAGE,
	    "f exists already");
	check_text(dirfd, "f", "one");
	T_EQ(unlinkat(dirfd, "f", 0), 0);
	T_EQ(symlinkat("elsewhere", dirfd, "f"), 0);
	T_FAILS(write_text(dirfd, "f", "two", false, &e), &e, E_USAGE,
	    "f exists already");
	(void)close(dirfd);
}

T_TEST(the_mode_is_exact_whatever_umask_says)
{
	static const mode_t modes[] = {0600, 0644, 0444, 0666, 0640};
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();
	mode_t was = umask(077);
	size_t i;

	o.replace = true;
	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		(void)umask(i % 2 ? 0 : 0777);
		T_CALL(out_open(&o, dirfd, "f", modes[i], &e), &e);
		T_CALL(out_commit(&o, &e), &e);
		T_EQ(mode_of(dirfd, "f"), modes[i]);
	}
	(void)umask(was);
	(void)close(dirfd);
}

T_TEST(only_a_single_component_is_a_name)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "/a", "a/"};
	char longest[257];
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		T_FAILS(out_open(&o, dirfd, bad[i], 0600, &e), &e, E_USAGE,
		    "expected the name of a file");
	memset(longest, 'n', sizeof(longest));
	longest[256] = '\0';
	T_FAILS(out_open(&o, dirfd, longest, 0600, &e), &e, E_USAGE, "nnn");
	longest[255] = '\0';
	T_CALL(write_text(dirfd, longest, "x", false, &e), &e);
	check_text(dirfd, longest, "x");
	(void)close(dirfd);
}

T_TEST(an_absent_folder_is_the_systems_failure)
{
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;

	T_FAILS(out_open(&o, -1, "f", 0600, &e), &e, E_SYS,
	    "f: cannot create: Bad file descriptor");
	out_abort(&o);
}

T_TEST(the_working_folder_serves_too)
{
	struct err e = ERR_INIT;
	int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	T_EQ(chdir(t_tmpdir()), 0);
	T_CALL(write_text(AT_FDCWD, "f", "here", false, &e), &e);
	check_text(AT_FDCWD, "f", "here");
	T_EQ(fchdir(back), 0);
	(void)close(back);
}

/* Portions of every size around the room for small ones. */
T_TEST(portions_of_any_size_come_out_in_order)
{
	struct err e = ERR_INIT;
	struct buf want = BUF_INIT, got = BUF_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();
	size_t i, j, n;
	uint8_t *p;

	T_CALL(out_open(&o, dirfd, "f", 0600, &e), &e);
	for (i = 0; i < 400; i++) {
		n = (size_t)(t_random() % (i % 8 == 0 ? 150000 : 9000));
		if ((p = buf_reserve(&want, n, &e)) == NULL)
			break;
		for (j = 0; j < n; j++)
			p[j] = (uint8_t)(t_random() >> 11);
		want.len += n;
		T_CALL(out_write(&o, p, n, &e), &e);
		T_EQ(o.sink.bytes, want.len);
	}
	T_CALL(out_commit(&o, &e), &e);
	T_CALL(path_read(dirfd, "f", 1 << 24, &got, &e), &e);
	T_EQ(got.len, want.len);
	if (got.len == want.len)
		T_MEM(got.p, want.p, want.len);
	buf_free(&want);
	buf_free(&got);
	(void)close(dirfd);
}

T_TEST(lines_are_written_together)
{
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();
	unsigned i;

	take_notes();
	T_CALL(out_open(&o, dirfd, "f", 0600, &e), &e);
	for (i = 0; i < 1500; i++)
		T_CALL(sink_puts(&o.sink,
			   "a line of some forty bytes, more "
			   "or less\n",
			   &e),
		    &e);
	T_CALL(out_commit(&o, &e), &e);
	os = os_real;
	T_STR(calls, "write fsync link close fsync-folder ");
	(void)close(dirfd);
}

static unsigned nwrites;

/* One byte at a time, every other call interrupted. */
static ssize_t
dribble(int fd, const void *p, size_t n)
{
	if (nwrites++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return os_real.write(fd, p, n > 0 ? 1 : 0);
}

static ssize_t
write_none(int fd, const void *p, size_t n)
{
	(void)fd, (void)p, (void)n;
	return 0;
}

T_TEST(short_and_interrupted_writes_are_continued)
{
	struct err e = ERR_INIT;
	int dirfd = folder();

	os.write = dribble;
	T_CALL(write_text(dirfd, "f", "dribble", false, &e), &e);
	T_EQ(nwrites, 14);
	os.write = write_none;
	T_FAILS(write_text(dirfd, "g", "none", false, &e), &e, E_SYS,
	    "g: write: Input/output error");
	os = os_real;
	check_text(dirfd, "f", "dribble");
	(void)close(dirfd);
}

static int
no_modes(int fd, mode_t mode)
{
	(void)fd, (void)mode;
	errno = EPERM;
	return -1;
}

static int
no_folder_flush(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return os_real.fsync(fd);
}

T_TEST(a_plain_file_system_will_do)
{
	struct err e = ERR_INIT;
	int dirfd = folder();

	os.fchmod = no_modes;
	os.fsync = no_folder_flush;
	T_CALL(write_text(dirfd, "f", "fat", false, &e), &e);
	os = os_real;
	check_text(dirfd, "f", "fat");
	(void)close(dirfd);
}

static int
bad_mode(int fd, mode_t mode)
{
	(void)fd, (void)mode;
	errno = EIO;
	return -1;
}

static int
count(void *arg, const struct path_entry *p, struct err *e)
{
	(void)p, (void)e;
	++*(unsigned *)arg;
	return 0;
}

T_TEST(a_file_that_cannot_begin_leaves_nothing)
{
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();
	unsigned n = 0;

	os.fchmod = bad_mode;
	T_FAILS(out_open(&o, dirfd, "f", 0600, &e), &e, E_SYS,
	    "f: setting the mode");
	os = os_real;
	T_EQ(o.fd, -1);
	T_CALL(path_walk(dirfd, 1, count, &n, &e), &e);
	T_EQ(n, 0);
	(void)close(dirfd);
}

T_TEST(abort_is_safe_at_any_time)
{
	struct err e = ERR_INIT;
	struct out o = OUT_INIT;
	int dirfd = folder();

	out_abort(&o);
	T_CALL(out_open(&o, dirfd, "f", 0600, &e), &e);
	T_CALL(out_write(&o, "x", 1, &e), &e);
	out_abort(&o);
	out_abort(&o);
	T_EQ(unlinkat(dirfd, "f", 0), -1);
	T_CALL(out_open(&o, dirfd, "f", 0600, &e), &e);
	T_CALL(out_commit(&o, &e), &e);
	out_abort(&o);
	check_text(dirfd, "f", "");
	(void)close(dirfd);
}

T_TEST(what_a_killed_run_left_is_taken_over_by_one_at_a_time)
{
	struct err e = ERR_INIT;
	struct out a = OUT_INIT, b = OUT_INIT;
	int dirfd = folder();
	unsigned n = 0;

	T_EQ(close(openat(dirfd, ".f.partial", O_WRONLY | O_CREAT, 0600)), 0);
	a.partial = b.partial = true;
	T_CALL(out_open(&a, dirfd, "f", 0644, &e), &e);
	T_FAILS(out_open(&b, dirfd, "f", 0644, &e), &e, E_BUSY,
	    "f: being written by another");
	T_CALL(out_write(&a, "whole", 5, &e), &e);
	T_CALL(out_commit(&a, &e), &e);
	check_text(dirfd, "f", "whole");
	T_EQ(symlinkat("f", dirfd, ".g.partial"), 0);
	T_FAILS(out_open(&b, dirfd, "g", 0644, &e), &e, E_SYS,
	    "g.partial: cannot create");
	T_EQ(linkat(dirfd, "f", dirfd, ".h.partial", 0), 0);
	T_FAILS(out_open(&b, dirfd, "h", 0644, &e), &e, E_BUSY, "h: being");
	check_text(dirfd, "f", "whole");
	T_CALL(path_walk(dirfd, 1, count, &n, &e), &e);
	T_EQ(n, 3);
	(void)close(dirfd);
}

T_MAIN
