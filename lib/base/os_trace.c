/* SPDX-License-Identifier: ISC */
#include "lib/base/os_trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/os.h"
#include "lib/base/trace.h"

static long told(long r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A call, and what it gave or why it failed; errno stays. */
static long
told(long r, const char *fmt, ...)
{
	int saved = errno;
	char call[512];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(call, sizeof(call), fmt, ap) < 0)
		call[0] = '\0';
	va_end(ap);
	if (r == -1)
		trace_line(TRACE_FILES, "%s: %s", call, strerror(saved));
	else
		trace_line(TRACE_FILES, "%s = %ld", call, r);
	errno = saved;
	return r;
}

static int
t_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return (int)told(os_real.openat(dirfd, path, flags, mode),
	    "open %d/%s, flags %#x, mode %#o", dirfd, path, (unsigned)flags,
	    (unsigned)mode);
}

static ssize_t
t_write(int fd, const void *p, size_t n)
{
	return told(os_real.write(fd, p, n), "write %d, %zu bytes", fd, n);
}

static ssize_t
t_pwrite(int fd, const void *p, size_t n, off_t off)
{
	return told(os_real.pwrite(fd, p, n, off),
	    "write %d, %zu bytes at %lld", fd, n, (long long)off);
}

static int
t_ftruncate(int fd, off_t n)
{
	return (int)told(
	    os_real.ftruncate(fd, n), "truncate %d to %lld", fd, (long long)n);
}

static int
t_fsync(int fd)
{
	return (int)told(os_real.fsync(fd), "flush %d", fd);
}

static int
t_syncfs(int fd)
{
	return (int)told(os_real.syncfs(fd), "flush all beside %d", fd);
}

static int
t_mkdirat(int dirfd, const char *path, mode_t mode)
{
	return (int)told(os_real.mkdirat(dirfd, path, mode),
	    "make folder %d/%s, mode %#o", dirfd, path, (unsigned)mode);
}

static int
t_renameat2(
    int odir, const char *from, int ndir, const char *to, unsigned flags)
{
	return (int)told(os_real.renameat2(odir, from, ndir, to, flags),
	    "rename %d/%s to %d/%s, flags %#x", odir, from, ndir, to, flags);
}

static int
t_linkat(int odir, const char *from, int ndir, const char *to, int flags)
{
	return (int)told(os_real.linkat(odir, from, ndir, to, flags),
	    "link %d/%s as %d/%s", odir, from, ndir, to);
}

static int
t_unlinkat(int dirfd, const char *path, int flags)
{
	return (int)told(
	    os_real.unlinkat(dirfd, path, flags), "remove %d/%s", dirfd, path);
}

static int
t_fchmod(int fd, mode_t mode)
{
	return (int)told(
	    os_real.fchmod(fd, mode), "mode %d, %#o", fd, (unsigned)mode);
}

static int
t_clone(int fd, int from)
{
	return (int)told(os_real.clone(fd, from), "clone %d as %d", from, fd);
}

static int
t_close(int fd)
{
	return (int)told(os_real.close(fd), "close %d", fd);
}

void
os_trace(void)
{
	os = (struct os){
	    .openat = t_openat,
	    .write = t_write,
	    .pwrite = t_pwrite,
	    .ftruncate = t_ftruncate,
	    .fsync = t_fsync,
	    .syncfs = t_syncfs,
	    .mkdirat = t_mkdirat,
	    .renameat2 = t_renameat2,
	    .linkat = t_linkat,
	    .unlinkat = t_unlinkat,
	    .fchmod = t_fchmod,
	    .clone = t_clone,
	    .fstatvfs = os_real.fstatvfs,
	    .fstatfs = os_real.fstatfs,
	    .close = t_close,
	};
}
