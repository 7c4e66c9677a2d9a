/* SPDX-License-Identifier: ISC */
/*
 * A database that is tried out: SQLite believes that it writes, and nothing of
 * it reaches the store.  The main file is opened for reading; the write-ahead
 * log is a private file without a name, which begins as a copy of the store's;
 * its index is in SQLite's own memory, since locking_mode is EXCLUSIVE; and
 * nobody is locked out here, but by the lock file that the caller shares.
 */
#include "lib/store/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/os.h"

#define TAIL_ALIGN ((int)_Alignof(struct tail))
#define COPY_BLOCK ((size_t)1 << 16)
/* Bytes 18 and 19 of the file: which version writes, and reads; 2 is a log. */
#define VERSIONS_AT 18
#define VERSION_WAL 2

/* Stands behind the struct of a file of the VFS beneath. */
struct tail {
	sqlite3_io_methods methods; /* theirs, but for what would write */
	const sqlite3_io_methods *theirs; /* borrowed */
};

static sqlite3_vfs vfs;
static sqlite3_vfs *below; /* borrowed: STORE_VFS */
static int tail_at; /* bytes into a file's memory */

static struct tail *
tail_of(sqlite3_file *f)
{
	return (struct tail *)(void *)((char *)f + tail_at);
}

/* One that was copied by other means may not be in the mode that has a log. */
static int
read_main(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	uint8_t *b = p;
	int i, rc = tail_of(f)->theirs->xRead(f, p, n, at);

	if (rc == SQLITE_OK)
		for (i = VERSIONS_AT; i < VERSIONS_AT + 2; i++)
			if (i >= at && i - at < n && b[i - at] == 1)
				b[i - at] = VERSION_WAL;
	return rc;
}

static int
write_main(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	(void)f, (void)p, (void)n, (void)at;
	return SQLITE_READONLY;
}

static int
truncate_main(sqlite3_file *f, sqlite3_int64 n)
{
	(void)f, (void)n;
	return SQLITE_READONLY;
}

static int
sync_nothing(sqlite3_file *f, int flags)
{
	(void)f, (void)flags;
	return SQLITE_OK;
}

static int
lock_nothing(sqlite3_file *f, int level)
{
	(void)f, (void)level;
	return SQLITE_OK;
}

static int
is_reserved(sqlite3_file *f, int *out)
{
	(void)f;
	*out = 0;
	return SQLITE_OK;
}

static int
control_nothing(sqlite3_file *f, int op, void *arg)
{
	(void)f, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static struct tail *
dress(sqlite3_file *f)
{
	struct tail *t = tail_of(f);

	t->theirs = f->pMethods;
	t->methods = *t->theirs;
	t->methods.iVersion = 1; /* no shared memory, and none mapped */
	t->methods.xSync = sync_nothing;
	f->pMethods = &t->methods;
	return t;
}

static int
open_main(const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	int rw = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	struct tail *t;
	int rc;

	rc = below->xOpen(
	    below, name, f, (flags & ~rw) | SQLITE_OPEN_READONLY, out_flags);
	if (rc != SQLITE_OK)
		return rc;
	t = dress(f);
	t->methods.xRead = read_main;
	t->methods.xWrite = write_main;
	t->methods.xTruncate = truncate_main;
	t->methods.xLock = lock_nothing;
	t->methods.xUnlock = lock_nothing;
	t->methods.xCheckReservedLock = is_reserved;
	t->methods.xFileControl = control_nothing;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static int
copy_log(int fd, sqlite3_file *to)
{
	sqlite3_int64 at = 0;
	uint8_t *p;
	ssize_t n;
	int rc = SQLITE_OK;

	if ((p = malloc(COPY_BLOCK)) == NULL)
		return SQLITE_NOMEM;
	while (rc == SQLITE_OK && (n = pread(fd, p, COPY_BLOCK, at)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			rc = SQLITE_IOERR_READ;
		else
			rc = to->pMethods->xWrite(to, p, (int)n, at);
		at += n;
	}
	free(p);
	return rc;
}

/* A file without a name, where SQLite puts what is temporary: TMPDIR. */
static int
open_log(const char *name, sqlite3_file *f, int *out_flags)
{
	int flags = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE |
	    SQLITE_OPEN_DELETEONCLOSE;
	int fd, rc;

	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1 && errno != ENOENT)
		return SQLITE_CANTOPEN;
	rc = below->xOpen(below, NULL, f, flags, NULL);
	if (rc == SQLITE_OK) {
		(void)dress(f);
		if (fd != -1)
			rc = copy_log(fd, f);
		if (rc != SQLITE_OK) {
			f->pMethods->xClose(f);
			f->pMethods = NULL;
		}
	}
	if (fd != -1)
		(void)close(fd);
	if (out_flags != NULL)
		*out_flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL;
	return rc;
}

static int
open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags,
    int *out_flags)
{
	(void)v;
	f->pMethods = NULL;
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
		return open_main(name, f, flags, out_flags);
	if ((flags & SQLITE_OPEN_WAL) != 0)
		return open_log(name, f, out_flags);
	/* What is left of a write that was cut off, where there is no log. */
	if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0)
		return SQLITE_READONLY_ROLLBACK;
	return below->xOpen(below, name, f, flags, out_flags);
}

static int
remove_nothing(sqlite3_vfs *v, const char *name, int sync)
{
	(void)v, (void)name, (void)sync;
	return SQLITE_OK;
}

static int
install(struct err *e)
{
	if (below != NULL)
		return 0;
	if (store_vfs_install(e) == -1)
		return -1;
	below = sqlite3_vfs_find(STORE_VFS);
	vfs = *below;
	vfs.zName = STORE_VFS_TRY;
	tail_at = (below->szOsFile + TAIL_ALIGN - 1) & ~(TAIL_ALIGN - 1);
	vfs.szOsFile = tail_at + (int)sizeof(struct tail);
	vfs.xOpen = open_file;
	vfs.xDelete = remove_nothing;
	if (sqlite3_vfs_register(&vfs, 0) == SQLITE_OK)
		return 0;
	below = NULL;
	errno = EIO;
	return err_sys(e, "SQLite does not take our file system");
}

int
store_try_open(struct store *s, struct err *e)
{
	if (install(e) == -1)
		return -1;
	return store_db_open(
	    s, STORE_DB, "", SQLITE_OPEN_READWRITE, STORE_VFS_TRY, e);
}
