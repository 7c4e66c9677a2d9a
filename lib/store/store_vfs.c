/* SPDX-License-Identifier: ISC */
/*
 * SQLite writes through the os table: its "unix" VFS lets us replace the
 * system calls, all but fsync.  For that our VFS, otherwise the same, puts its
 * own xSync in front.
 */
#include "lib/store/store_db.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/base/os.h"

#define NKINDS                                                                 \
	8 /* of io methods; the unix VFS has one for each locking style */

/* The unix VFS's methods with our xSync. */
struct methods {
	sqlite3_io_methods ours; /* first: what a file points to */
	const sqlite3_io_methods *theirs; /* borrowed from SQLite */
};

static sqlite3_vfs vfs;
static sqlite3_vfs *unix_vfs; /* borrowed from SQLite */
static struct methods kinds[NKINDS];
static int last_opened; /* what the latest call of open gave */

static int
os_open(const char *path, int flags, int mode)
{
	last_opened = os.openat(AT_FDCWD, path, flags, (mode_t)mode);
	return last_opened;
}

static int
os_unlink(const char *path)
{
	return os.unlinkat(AT_FDCWD, path, 0);
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
	return os.write(fd, p, n);
}

static ssize_t
os_pwrite(int fd, const void *p, size_t n, off_t off)
{
	return os.pwrite(fd, p, n, off);
}

static int
os_ftruncate(int fd, off_t n)
{
	return os.ftruncate(fd, n);
}

static int
os_fchmod(int fd, mode_t mode)
{
	return os.fchmod(fd, mode);
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
};

/* The descriptor stands behind SQLite's own struct. */
static int *
fd_of(sqlite3_file *f)
{
	return (int *)(void *)((char *)f + unix_vfs->szOsFile);
}

static int
sync_file(sqlite3_file *f, int flags)
{
	const struct methods *m = (const struct methods *)(const void *)
				      f->pMethods;

	if (*fd_of(f) != -1 && os.fsync(*fd_of(f)) == -1)
		return SQLITE_IOERR_FSYNC;
	/* Nothing is left to flush but, for a new file, its folder. */
	return m->theirs->xSync(f, flags);
}

static const sqlite3_io_methods *
methods_of(const sqlite3_io_methods *theirs)
{
	struct methods *m;

	for (m = kinds; m < kinds + NKINDS; m++) {
		if (m->theirs == theirs)
			return &m->ours;
		if (m->theirs != NULL)
			continue;
		m->ours = *theirs;
		m->ours.xSync = sync_file;
		m->theirs = theirs;
		return &m->ours;
	}
	return theirs;
}

static int
open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags,
    int *out_flags)
{
	int rc;

	(void)v;
	last_opened = -1;
	rc = unix_vfs->xOpen(unix_vfs, name, f, flags, out_flags);
	*fd_of(f) = last_opened;
	if (rc == SQLITE_OK && f->pMethods != NULL)
		f->pMethods = methods_of(f->pMethods);
	return rc;
}

int
store_vfs_install(struct err *e)
{
	size_t i;

	if (unix_vfs != NULL)
		return 0;
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
	vfs.szOsFile = unix_vfs->szOsFile + (int)sizeof(int);
	vfs.xOpen = open_file;
	if (sqlite3_vfs_register(&vfs, 0) == SQLITE_OK)
		return 0;
fail:
	unix_vfs = NULL;
	errno = EIO;
	return err_sys(e, "SQLite does not take our system calls");
}
