/* SPDX-License-Identifier: ISC */
#include "lib/base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "tests/t.h"

static long
landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

static void
put(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT, 0644);

	if (fd == -1 || write(fd, "x", 1) != 1 || close(fd) == -1)
		abort();
}

/* Descriptors of three folders, each with the file "f" in it. */
struct folders {
	int read, write, other;
};

static int
folder(int base, const char *name)
{
	int fd;

	if (mkdirat(base, name, 0755) == -1 && errno != EEXIST)
		abort();
	if ((fd = openat(base, name, O_RDONLY | O_DIRECTORY)) == -1)
		abort();
	put(fd, "f");
	return fd;
}

static void
make(struct folders *d)
{
	int base = open(t_tmpdir(), O_RDONLY | O_DIRECTORY);

	d->read = folder(base, "read");
	d->write = folder(base, "write");
	d->other = folder(base, "other");
	close(base);
}

/* The errno of opening, 0 when it succeeds. */
static int
try(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags, 0644);

	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

/* Runs check in a child that has entered; its result is the exit status. */
static int
inside(int (*check)(const struct folders *))
{
	struct log l = LOG_INIT;
	struct err e = ERR_INIT;
	struct folders d;
	int status;
	pid_t pid;

	make(&d);
	l.prog = "sandbox_test";
	l.quiet = true;
	fflush(NULL);
	if ((pid = fork()) == 0) {
		if (sandbox_enter(&d.read, 1, &d.write, 1, &l, &e) == -1) {
			fprintf(stderr, "%s\n", e.msg);
			_exit(100);
		}
		_exit(check(&d));
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1 || !WIFEXITED(status))
		return 101;
	close(d.read);
	close(d.write);
	close(d.other);
	return WEXITSTATUS(status);
}

static int
check_process(const struct folders *d)
{
	struct rlimit r;

	(void)d;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 1;
	if (getrlimit(RLIMIT_CORE, &r) == -1 || r.rlim_max != 0)
		return 2;
	return 0;
}

T_TEST(no_new_privileges_and_no_core_files)
{
	T_EQ(inside(check_process), 0);
}

static int
check_outside(const struct folders *d)
{
	if (try(d->other, "f", O_RDONLY) != EACCES)
		return 1;
	if (try(AT_FDCWD, "/etc/passwd", O_RDONLY) != EACCES)
		return 2;
	if (try(d->other, ".", O_RDONLY | O_DIRECTORY) != EACCES)
		return 3;
	if (try(d->other, "new", O_WRONLY | O_CREAT) != EACCES)
		return 4;
	if (try(d->read, "../other/f", O_RDONLY) != EACCES)
		return 5;
	return 0;
}

T_TEST(nothing_outside_can_be_opened)
{
	if (landlock_abi() < 1) {
		t_skip("no Landlock in this kernel");
		return;
	}
	T_EQ(inside(check_outside), 0);
}

static int
check_read(const struct folders *d)
{
	if (try(d->read, "f", O_RDONLY) != 0)
		return 1;
	if (try(d->read, ".", O_RDONLY | O_DIRECTORY) != 0)
		return 2;
	if (try(d->read, "f", O_WRONLY) != EACCES)
		return 3;
	if (try(d->read, "new", O_WRONLY | O_CREAT) != EACCES)
		return 4;
	if (unlinkat(d->read, "f", 0) != -1 || errno != EACCES)
		return 5;
	return 0;
}

T_TEST(a_folder_to_read_cannot_be_written)
{
	if (landlock_abi() < 1) {
		t_skip("no Landlock in this kernel");
		return;
	}
	T_EQ(inside(check_read), 0);
}

static int
check_write(const struct folders *d)
{
	if (try(d->write, "f", O_RDWR | O_TRUNC) != 0)
		return 1;
	if (try(d->write, "new", O_WRONLY | O_CREAT) != 0)
		return 2;
	if (mkdirat(d->write, "sub", 0755) == -1 && errno != EEXIST)
		return 3;
	if (renameat(d->write, "new", d->write, "named") == -1)
		return 4;
	if (landlock_abi() >= 2 &&
	    renameat(d->write, "named", d->write, "sub/named") == -1)
		return 5;
	if (unlinkat(d->write, "f", 0) == -1)
		return 6;
	if (symlinkat("f", d->write, "link") != -1 || errno != EACCES)
		return 7;
	return 0;
}

T_TEST(a_folder_to_write_can_be_written)
{
	if (landlock_abi() < 1) {
		t_skip("no Landlock in this kernel");
		return;
	}
	T_EQ(inside(check_write), 0);
}

T_TEST(a_descriptor_that_is_none_is_an_error)
{
	static const int bad = -1;
	struct log l = LOG_INIT;
	struct err e = ERR_INIT;
	int status;
	pid_t pid;

	if (landlock_abi() < 1) {
		t_skip("no Landlock in this kernel");
		return;
	}
	fflush(NULL);
	if ((pid = fork()) == 0)
		_exit(sandbox_enter(&bad, 1, NULL, 0, &l, &e) == -1 &&
			    e.kind == E_SYS
			? 0
			: 1);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : 99, 0);
}

T_MAIN
