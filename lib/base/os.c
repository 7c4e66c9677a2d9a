/* SPDX-License-Identifier: ISC */
#include "lib/base/os.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int
real_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return openat(dirfd, path, flags, mode);
}

static int
real_clone(int fd, int from)
{
	return ioctl(fd, FICLONE, from);
}

#define REAL                                                                   \
	{                                                                      \
		.openat = real_openat, .write = write, .pwrite = pwrite,       \
		.ftruncate = ftruncate, .fsync = fsync, .syncfs = syncfs,      \
		.mkdirat = mkdirat, .renameat2 = renameat2, .linkat = linkat,  \
		.unlinkat = unlinkat, .fchmod = fchmod, .clone = real_clone,   \
		.close = close, .fstatvfs = fstatvfs, .fstatfs = fstatfs,      \
	}

const struct os os_real = REAL;
struct os os = REAL;
