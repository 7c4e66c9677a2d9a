/* SPDX-License-Identifier: ISC */
#include "lib/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"

int
lock_take(struct lock *l, int dirfd, const char *name, struct err *e)
{
	int fd, r;

	fd = os.openat(dirfd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644);
	if (fd == -1)
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
