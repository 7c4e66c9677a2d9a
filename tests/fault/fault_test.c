/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "tests/fault/fault.h"

static int dirfd;

/* Five calls; the result says which failed: bit 0 is the first. */
static int
five(void *arg)
{
	int fd, r = 0;

	(void)arg;
	fd = os.openat(dirfd, "f", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd == -1)
		r |= 1;
	if (os.write(fd, "12345678", 8) != 8)
		r |= 2;
	if (os.pwrite(fd, "abcdefgh", 8, 8) != 8)
		r |= 4;
	if (os.fsync(fd) == -1)
		r |= 8;
	if (os.close(fd) == -1)
		r |= 16;
	return r;
}

static void
fresh(void)
{
	if (dirfd > 0)
		(void)close(dirfd);
	dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static off_t
left_behind(void)
{
	struct stat st;

	if (fstatat(dirfd, "f", &st, 0) == -1)
		return -1;
	return st.st_size;
}

static void
expect(struct fault_plan plan, int status, off_t size, const char *call)
{
	struct fault_seen s;

	fresh();
	T_EQ(fault_run(plan, five, NULL, &s), status);
	T_EQ(s.status, status);
	T_EQ(left_behind(), size);
	T_EQ(s.struck, *call != '\0');
	T_STR(s.call, call);
	if (status != FAULT_KILLED)
		T_EQ(s.ncalls, 5);
	else
		T_EQ(s.ncalls, plan.n);
}

T_TEST(counting_changes_nothing)
{
	expect(fault_count(), 0, 16, "");
	expect(fault_fail_at(6, EIO, true), 0, 16, "");
	expect(fault_kill_at(6), 0, 16, "");
	expect(fault_full_at(6), 0, 16, "");
}

T_TEST(the_nth_call_fails_alone_or_with_all_that_follow)
{
	expect(fault_fail_at(2, EIO, false), 2, 16, "write");
	expect(fault_fail_at(3, EIO, false), 4, 8, "pwrite");
	expect(fault_fail_at(4, EIO, false), 8, 16, "fsync");
	expect(fault_fail_at(5, EIO, false), 16, 16, "close");
	expect(fault_fail_at(1, EIO, true), 31, -1, "openat");
	expect(fault_fail_at(3, EIO, true), 28, 8, "pwrite");
}

T_TEST(a_kill_comes_before_the_call)
{
	expect(fault_kill_at(1), FAULT_KILLED, -1, "openat");
	expect(fault_kill_at(2), FAULT_KILLED, 0, "write");
	expect(fault_kill_at(3), FAULT_KILLED, 8, "pwrite");
	expect(fault_kill_at(5), FAULT_KILLED, 16, "close");
}

T_TEST(a_cut_write_is_half_there)
{
	expect(fault_short_at(1), FAULT_KILLED, -1, "openat");
	expect(fault_short_at(2), FAULT_KILLED, 4, "write");
	expect(fault_short_at(3), FAULT_KILLED, 12, "pwrite");
	expect(fault_short_at(4), FAULT_KILLED, 16, "fsync");
}

T_TEST(a_full_disk_refuses_only_what_needs_room)
{
	expect(fault_full_at(2), 6, 4, "write");
	expect(fault_full_at(3), 4, 12, "pwrite");
	expect(fault_full_at(4), 0, 16, "");
}

static int
with_errno(void *arg)
{
	return os.unlinkat(dirfd, arg, 0) == -1 ? errno : 0;
}

T_TEST(a_failed_close_has_closed)
{
	int fd = dup(dirfd);

	fault_begin(fault_fail_at(1, EIO, false));
	T_EQ(os.close(fd), -1);
	T_EQ(errno, EIO);
	(void)fault_end();
	T_EQ(fcntl(fd, F_GETFD), -1);
}

T_TEST(the_errno_is_the_plans)
{
	struct fault_seen s;
	char name[] = "none";

	fresh();
	T_EQ(fault_run(fault_fail_at(1, EDQUOT, false), with_errno, name, &s),
	    EDQUOT);
	T_STR(s.text, "fail at 1: unlinkat");
	T_EQ(fault_run(fault_count(), with_errno, name, &s), ENOENT);
	T_EQ(fault_run(fault_full_at(1), with_errno, name, &s), ENOENT);
}

static int
crash(void *arg)
{
	(void)arg;
	(void)raise(SIGKILL);
	return 0;
}

static int
complain(void *arg)
{
	(void)arg;
	if (freopen("/dev/null", "w", stdout) != NULL)
		t_fail(__FILE__, __LINE__, "seen by nobody");
	return 0;
}

T_TEST(crashes_and_failed_checks_of_the_child_are_told)
{
	struct fault_seen s;

	T_EQ(fault_run(fault_count(), crash, NULL, &s), FAULT_SIGNAL + SIGKILL);
	T_EQ(fault_run(fault_count(), complain, NULL, &s), FAULT_T_FAILED);
	T_EQ(s.ncalls, 0);
}

T_TEST(the_table_is_itself_again_afterwards)
{
	struct fault_seen s;

	fresh();
	(void)fault_run(fault_fail_at(1, EIO, true), five, NULL, &s);
	T_EQ(five(NULL), 0);
	fault_begin(fault_fail_at(2, EIO, false));
	T_EQ(five(NULL), 2);
	T_EQ(fault_end(), 5);
	T_OK(os.close == os_real.close && os.write == os_real.write);
	T_EQ(five(NULL), 0);
}

static unsigned nsetups, nchecks;

static void
note_setup(void *arg)
{
	(void)arg;
	fresh();
	nsetups++;
}

static void
note_check(void *arg, const struct fault_seen *s)
{
	(void)arg;
	/* Without a descriptor nothing else works either. */
	T_EQ(s->status, nchecks == 0 ? 31 : 1 << nchecks);
	nchecks++;
}

T_TEST(a_loop_strikes_every_call_once)
{
	struct fault_case c = {
	    .setup = note_setup, .run = five, .check = note_check};

	T_EQ(fault_loop(fault_fail_at(1, EIO, false), &c), 5);
	T_EQ(nsetups, 6);
	T_EQ(nchecks, 5);
	c.check = NULL;
	c.step = 2;
	T_EQ(fault_loop(fault_kill_at(1), &c), 3);
}

/* Two hundred calls from one place, with one of another in the middle. */
static int
many(void *arg)
{
	int i, r = 0;

	(void)arg;
	for (i = 0; i < 200; i++) {
		r |= os.fsync(dirfd) == -1 ? 1 : 0;
		if (i == 99)
			r |= os.syncfs(dirfd) == -1 ? 2 : 0;
	}
	return r;
}

static unsigned nfirst, nlast, nother;

static void
note_place(void *arg, const struct fault_seen *s)
{
	(void)arg;
	nfirst += strcmp(s->text, "fail at 1: fsync") == 0;
	nlast += strcmp(s->text, "fail at 201: fsync") == 0;
	nother += s->status == 2;
}

T_TEST(a_loop_of_some_strikes_both_ends_and_every_place)
{
	const struct fault_case c = {
	    .run = many, .check = note_place, .step = 50, .places = true};

	fresh();
	/* 16 at each end, 30, 80, 130, 180, and the other place. */
	T_EQ(fault_loop(fault_fail_at(30, EIO, false), &c), 37);
	T_EQ(nfirst, 1);
	T_EQ(nlast, 1);
	T_EQ(nother, 1);
}

T_MAIN
