/* SPDX-License-Identifier: ISC */
#include "tests/fault/fault_os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/fault/fault.h"

static int
f_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	if (fault_next("openat", flags & O_CREAT ? FAULT_GROWS : FAULT_PLAIN) ==
	    FAULT_REFUSE)
		return -1;
	return os_real.openat(dirfd, path, flags, mode);
}

/* Half of one byte is none, and a write of none says nothing. */
static ssize_t
f_write(int fd, const void *buf, size_t len)
{
	enum fault_act act = fault_next("write", FAULT_WRITES);
	ssize_t n = 0;

	if (act == FAULT_REFUSE)
		return -1;
	if (act == FAULT_GO)
		return os_real.write(fd, buf, len);
	if (len > 1)
		n = os_real.write(fd, buf, len / 2);
	if (act == FAULT_DIE)
		_exit(FAULT_KILLED);
	if (n == 0)
		errno = ENOSPC;
	return n > 0 ? n : -1;
}

static ssize_t
f_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	enum fault_act act = fault_next("pwrite", FAULT_WRITES);
	ssize_t n = 0;

	if (act == FAULT_REFUSE)
		return -1;
	if (act == FAULT_GO)
		return os_real.pwrite(fd, buf, len, off);
	if (len > 1)
		n = os_real.pwrite(fd, buf, len / 2, off);
	if (act == FAULT_DIE)
		_exit(FAULT_KILLED);
	if (n == 0)
		errno = ENOSPC;
	return n > 0 ? n : -1;
}

static int
f_ftruncate(int fd, off_t len)
{
	if (fault_next("ftruncate", FAULT_PLAIN) == FAULT_REFUSE)
		return -1;
	return os_real.ftruncate(fd, len);
}

static int
f_fsync(int fd)
{
	if (fault_next("fsync", FAULT_PLAIN) == FAULT_REFUSE)
		return -1;
	return os_real.fsync(fd);
}

static int
f_syncfs(int fd)
{
	if (fault_next("syncfs", FAULT_PLAIN) == FAULT_REFUSE)
		return -1;
	return os_real.syncfs(fd);
}

static int
f_mkdirat(int dirfd, const char *path, mode_t mode)
{
	if (fault_next("mkdirat", FAULT_GROWS) == FAULT_REFUSE)
		return -1;
	return os_real.mkdirat(dirfd, path, mode);
}

static int
f_renameat2(
    int odir, const char *from, int ndir, const char *to, unsigned flags)
{
	if (fault_next("renameat2", FAULT_PLAIN) == FAULT_REFUSE)
		return -1;
	return os_real.renameat2(odir, from, ndir, to, flags);
}

static int
f_linkat(int odir, const char *from, int ndir, const char *to, int flags)
{
	if (fault_next("linkat", FAULT_GROWS) == FAULT_REFUSE)
		return -1;
	return os_real.linkat(odir, from, ndir, to, flags);
}

static int
f_unlinkat(int dirfd, const char *path, int flags)
{
	if (fault_next("unlinkat", FAULT_PLAIN) == FAULT_REFUSE)
		return -1;
	return os_real.unlinkat(dirfd, path, flags);
}

static int
f_fchmod(int fd, mode_t mode)
{
	if (fault_next("fchmod", FAULT_PLAIN) == FAULT_REFUSE)
		return -1;
	return os_real.fchmod(fd, mode);
}

static int
f_clone(int fd, int from)
{
	if (fault_next("clone", FAULT_GROWS) == FAULT_REFUSE)
		return -1;
	return os_real.clone(fd, from);
}

/* The kernel gives the descriptor back even where close() fails. */
static int
f_close(int fd)
{
	enum fault_act act = fault_next("close", FAULT_PLAIN);
	int saved = errno;

	if (act != FAULT_REFUSE)
		return os_real.close(fd);
	(void)os_real.close(fd);
	errno = saved;
	return -1;
}

const struct os fault_os = {
    .openat = f_openat,
    .write = f_write,
    .pwrite = f_pwrite,
    .ftruncate = f_ftruncate,
    .fsync = f_fsync,
    .syncfs = f_syncfs,
    .mkdirat = f_mkdirat,
    .renameat2 = f_renameat2,
    .linkat = f_linkat,
    .unlinkat = f_unlinkat,
    .fchmod = f_fchmod,
    .clone = f_clone,
    .fstatvfs = fstatvfs,
    .fstatfs = fstatfs,
    .close = f_close,
};
