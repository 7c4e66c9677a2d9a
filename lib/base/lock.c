/* SPDX-License-Identifier: ISC */
#include "lib/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
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

int
lock_take(struct lock *l, int dirfd, const char *name, struct err *e)
{
	int fd, r;

	if ((fd = open_lock(l, dirfd, name)) == -1)
		return err_sys(e, "opening %s", name);
	do {
		r = flock(fd, LOCK_EX | LOCK_NB);
	} while (r == -1 && errno == EINTR);
	if (r == 0) {
		l->fd = fd;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		r = err_set(e, E_BUSY, "%s is held by another process", name);
	else
		r = err_sys(e, "locking %s", name);
	(void)os.close(fd);
	return r;
}

/* The file stays: removing it would let two others lock two files. */
void
lock_drop(struct lock *l)
{
	if (l->fd != -1)
		(void)os.close(l->fd);
	l->fd = -1;
}
