/* SPDX-License-Identifier: ISC */
/*
 * SQLite writes through the os table: its "unix" VFS lets us replace the
 * system calls, all but fsync.  For that our VFS, otherwise the same, puts its
 * own xSync in front, and an xRead that calls a failure one.  What a call
 * failed with is kept until it is asked for: sqlite3_system_errno() knows
 * nothing of a commit that failed.
 */
#include "lib/store/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/os.h"

#define TAIL_ALIGN ((int)_Alignof(struct tail))

/* Stands behind SQLite's own struct of a file; nothing is shared by threads. */
struct tail {
	sqlite3_io_methods methods; /* SQLite's with our xSync */
	const sqlite3_io_methods *theirs; /* borrowed from SQLite */
	int fd; /* borrowed; -1: not known */
};

static sqlite3_vfs vfs;
static sqlite3_vfs *unix_vfs; /* borrowed from SQLite */
static int tail_at; /* bytes into a file's memory */
static _Thread_local int last_opened; /* what the latest call of open gave */
static _Thread_local int last_errno; /* why the latest call that failed did */

/* r, and the reason kept where it is -1; that nothing is there is no
   failure. */
static int
kept(int r)
{
	if (r == -1 && errno != ENOENT)
		last_errno = errno;
	return r;
}

static ssize_t
kept_size(ssize_t r)
{
	return r == -1 ? kept(-1) : r;
}

static int
os_open(const char *path, int flags, int mode)
{
	last_opened = os.openat(AT_FDCWD, path, flags, (mode_t)mode);
	/* What cannot be opened SQLite tries to open for reading alone. */
	if (last_opened == -1 && (errno != ENOENT || last_errno == 0))
		last_errno = errno;
	return last_opened;
}

static int
os_unlink(const char *path)
{
	return kept(os.unlinkat(AT_FDCWD, path, 0));
}

/* Through the table as it is now, not as it was when SQLite was told. */
static int
os_close(int fd)
{
	return os.close(fd);
}

static ssize_t
os_write(int fd, const void *p, size_t n)
{
	return kept_size(os.write(fd, p, n));
}

static ssize_t
os_pwrite(int fd, const void *p, size_t n, off_t off)
{
	return kept_size(os.pwrite(fd, p, n, off));
}

static int
os_ftruncate(int fd, off_t n)
{
	return kept(os.ftruncate(fd, n));
}

static int
os_fchmod(int fd, mode_t mode)
{
	return kept(os.fchmod(fd, mode));
}

static ssize_t
os_read(int fd, void *p, size_t n)
{
	return kept_size(read(fd, p, n));
}

static ssize_t
os_pread(int fd, void *p, size_t n, off_t off)
{
	return kept_size(pread(fd, p, n, off));
}

static int
os_stat(const char *path, struct stat *st)
{
	return kept(stat(path, st));
}

static int
os_lstat(const char *path, struct stat *st)
{
	return kept(lstat(path, st));
}

static int
os_fstat(int fd, struct stat *st)
{
	return kept(fstat(fd, st));
}

static int
os_access(const char *path, int mode)
{
	return kept(access(path, mode));
}

static const struct {
	const char *name;
	sqlite3_syscall_ptr call;
} calls[] = {
    {"open", (sqlite3_syscall_ptr)os_open},
    {"close", (sqlite3_syscall_ptr)os_close},
    {"write", (sqlite3_syscall_ptr)os_write},
    {"pwrite", (sqlite3_syscall_ptr)os_pwrite},
    {"pwrite64", (sqlite3_syscall_ptr)os_pwrite},
    {"ftruncate", (sqlite3_syscall_ptr)os_ftruncate},
    {"fchmod", (sqlite3_syscall_ptr)os_fchmod},
    {"unlink", (sqlite3_syscall_ptr)os_unlink},
    {"read", (sqlite3_syscall_ptr)os_read},
    {"pread", (sqlite3_syscall_ptr)os_pread},
    {"pread64", (sqlite3_syscall_ptr)os_pread},
    {"stat", (sqlite3_syscall_ptr)os_stat},
    {"lstat", (sqlite3_syscall_ptr)os_lstat},
    {"fstat", (sqlite3_syscall_ptr)os_fstat},
    {"access", (sqlite3_syscall_ptr)os_access},
};

int
store_vfs_errno(void)
{
	int n = last_errno;

	last_errno = 0;
	return n;
}

static struct tail *
tail_of(sqlite3_file *f)
{
	return (struct tail *)(void *)((char *)f + tail_at);
}

static int
sync_file(sqlite3_file *f, int flags)
{
	const struct tail *t = tail_of(f);

	if (t->fd != -1 && kept(os.fsync(t->fd)) == -1)
		return SQLITE_IOERR_FSYNC;
	/* Nothing is left to flush but, for a new file, its folder. */
	return t->theirs->xSync(f, flags);
}

/* SQLite calls a device that fails a damaged database. */
static int
read_file(sqlite3_file *f, void *p, int n, sqlite3_int64 off)
{
	int rc = tail_of(f)->theirs->xRead(f, p, n, off);

	return rc == SQLITE_IOERR_CORRUPTFS ? SQLITE_IOERR_READ : rc;
}

static int
open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags,
    int *out_flags)
{
	struct tail *t = tail_of(f);
	int rc;

	(void)v;
	last_opened = -1;
	last_errno = 0;
	rc = unix_vfs->xOpen(unix_vfs, name, f, flags, out_flags);
	if (rc != SQLITE_OK || f->pMethods == NULL)
		return rc;
	t->fd = last_opened;
	t->theirs = f->pMethods;
	t->methods = *t->theirs;
	t->methods.xRead = read_file;
	t->methods.xSync = sync_file;
	f->pMethods = &t->methods;
	return rc;
}

int
store_vfs_install(struct err *e)
{
	size_t i;

	if (unix_vfs != NULL)
		return 0;
	/* Nobody asks how much SQLite has allocated, and to count takes a lock.
	   No matter where it is too late for that. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_initialize() != SQLITE_OK ||
	    (unix_vfs = sqlite3_vfs_find("unix")) == NULL)
		goto fail;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int rc = unix_vfs->xSetSystemCall(
		    unix_vfs, calls[i].name, calls[i].call);

		/* There is pwrite or pwrite64, as SQLite was built. */
		if (rc != SQLITE_OK && rc != SQLITE_NOTFOUND)
			goto fail;
	}
	vfs = *unix_vfs;
	vfs.zName = STORE_VFS;
	tail_at = (unix_vfs->szOsFile + TAIL_ALIGN - 1) & ~(TAIL_ALIGN - 1);
	vfs.szOsFile = tail_at + (int)sizeof(struct tail);
	vfs.xOpen = open_file;
	if (sqlite3_vfs_register(&vfs, 0) == SQLITE_OK)
		return 0;
fail:
	unix_vfs = NULL;
	errno = EIO;
	return err_sys(e, "SQLite does not take our system calls");
}
