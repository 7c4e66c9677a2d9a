/* SPDX-License-Identifier: ISC */
#include "lib/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"

/* Whether it was made here is known by making it only where there is none. */
static int
open_lock(struct lock *l, int dirfd, const char *name)
{
	int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, fd;

	l->made = false;
	fd = os.openat(dirfd, name, flags, 0);
	if (fd != -1 || errno != ENOENT)
		return fd;
	fd = os.openat(dirfd, name, flags | O_CREAT | O_EXCL, 0644);
	l->made = fd != -1;
	if (fd == -1 && errno == EEXIST)
		fd = os.openat(dirfd, name, flags, 0);
	return fd;
}

static int
try(int fd, int how)
{
	int r;

	do
		r = flock(fd, how | LOCK_NB);
	while (r == -1 && errno == EINTR);
	return r;
}

/* Whoever made it may have taken it away since it was opened here. */
static int
hold(struct lock *l, int fd, const char *name, struct err *e)
{
	struct stat st;
	int r = try(fd, LOCK_EX);

	l->shared = false;
	if (r == -1 && errno == EWOULDBLOCK) {
		l->shared = try(fd, LOCK_SH) == 0;
		return err_set(
		    e, E_BUSY, "%s is held by another process", name);
	}
	if (r == -1 || fstat(fd, &st) == -1)
		return err_sys(e, "locking %s", name);
	if (st.st_nlink == 0)
		return err_set(e, E_BUSY,
		    "%s was removed meanwhile; run this again", name);
	return 0;
}

int
lock_take(struct lock *l, int dirfd, const char *name, struct err *e)
{
	int fd;

	if ((fd = open_lock(l, dirfd, name)) == -1)
		return err_sys(e, "opening %s", name);
	if (hold(l, fd, name, e) == -1) {
		(void)os.close(fd);
		return -1;
	}
	l->fd = fd;
	return 0;
}

/* The file stays: removing it would let two others lock two files. */
void
lock_drop(struct lock *l)
{
	if (l->fd != -1)
		(void)os.close(l->fd);
	l->fd = -1;
}
