/* SPDX-License-Identifier: ISC */
#include "lib/base/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "tests/t.h"

/* What the next open would get: the same as before if none was lost. */
static int
next_fd(void)
{
	int fd = dup(STDIN_FILENO);

	(void)close(fd);
	return fd;
}

T_TEST(a_lock_is_held_by_one)
{
	struct err e = ERR_INIT;
	struct lock a = LOCK_INIT, b = LOCK_INIT;
	int dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY),
	    before = next_fd();

	lock_drop(&a);
	T_CALL(lock_take(&a, dirfd, "lock", &e), &e);
	T_FAILS(lock_take(&b, dirfd, "lock", &e), &e, E_BUSY,
	    "lock is held by another process");
	T_EQ(b.fd, -1);
	T_EQ(next_fd(), before + 1);
	lock_drop(&a);
	lock_drop(&a);
	T_CALL(lock_take(&b, dirfd, "lock", &e), &e);
	lock_drop(&b);
	T_EQ(symlinkat("lock", dirfd, "link"), 0);
	T_FAILS(lock_take(&a, dirfd, "link", &e), &e, E_SYS, "opening link");
	T_FAILS(lock_take(&a, -1, "lock", &e), &e, E_SYS, "opening lock");
	T_EQ(next_fd(), before);
	(void)close(dirfd);
}

T_TEST(who_shares_it_is_told_from_who_has_it_alone)
{
	struct err e = ERR_INIT;
	struct lock a = LOCK_INIT, b = LOCK_INIT;
	int dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY), fd;

	T_CALL(lock_take(&a, dirfd, "lock", &e), &e);
	T_FAILS(lock_take(&b, dirfd, "lock", &e), &e, E_BUSY, "lock is held");
	T_OK(!b.shared);
	lock_drop(&a);
	fd = openat(dirfd, "lock", O_RDONLY);
	T_EQ(flock(fd, LOCK_SH), 0);
	T_FAILS(lock_take(&b, dirfd, "lock", &e), &e, E_BUSY, "lock is held");
	T_OK(b.shared);
	(void)close(fd);
	T_CALL(lock_take(&b, dirfd, "lock", &e), &e);
	T_OK(!b.shared);
	lock_drop(&b);
	(void)close(dirfd);
}

static int
open_and_remove(int dirfd, const char *name, int flags, mode_t mode)
{
	int fd = openat(dirfd, name, flags, mode);

	if (fd != -1)
		(void)unlinkat(dirfd, name, 0);
	return fd;
}

/* Whoever made it took it away again, between our two calls. */
T_TEST(a_lock_that_was_removed_is_none)
{
	int dirfd = open(t_tmpdir(), O_RDONLY | O_DIRECTORY), fd;
	struct err e = ERR_INIT;
	struct lock a = LOCK_INIT;

	fd = openat(dirfd, "lock", O_WRONLY | O_CREAT, 0644);
	(void)close(fd);
	os.openat = open_and_remove;
	T_FAILS(lock_take(&a, dirfd, "lock", &e), &e, E_BUSY,
	    "lock was removed meanwhile; run this again");
	os = os_real;
	T_EQ(a.fd, -1);
	(void)close(dirfd);
}

T_MAIN
