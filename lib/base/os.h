/* SPDX-License-Identifier: ISC */
/*
 * The system calls that can lose data, in one table that only tests replace.
 * Everything that writes goes through it, SQLite too (lib/store).
 */
#ifndef WF_OS_H
#define WF_OS_H

#include <sys/types.h>

struct statfs;
struct statvfs;

struct os {
	int (*openat)(int dirfd, const char *path, int flags, mode_t mode);
	ssize_t (*write)(int fd, const void *buf, size_t len);
	ssize_t (*pwrite)(int fd, const void *buf, size_t len, off_t off);
	int (*ftruncate)(int fd, off_t len);
	int (*fsync)(int fd);
	int (*syncfs)(int fd);
	int (*mkdirat)(int dirfd, const char *path, mode_t mode);
	int (*renameat2)(int odir, const char *from, int ndir, const char *to,
	    unsigned flags);
	int (*linkat)(
	    int odir, const char *from, int ndir, const char *to, int flags);
	int (*unlinkat)(int dirfd, const char *path, int flags);
	int (*fchmod)(int fd, mode_t mode);
	int (*clone)(int fd, int from); /* FICLONE */
	int (*close)(int fd);
	int (*fstatvfs)(int fd, struct statvfs *fs); /* what is free */
	int (*fstatfs)(int fd, struct statfs *fs); /* of which kind it is */
};

extern struct os os; /* what is called */
extern const struct os os_real; /* what the kernel does */

#endif
