/* SPDX-License-Identifier: ISC */
/*
 * A store is born: the lock file first, so that what a killed run left is
 * known as ours; then the folders; then the database under another name,
 * whole and closed; its rename makes the store.
 */
#include "lib/store/store_db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/os.h"
#include "lib/store/content.h"

/* What a folder may hold that is no store yet, when it holds a lock file. */
static const char *const leftovers[] = {STORE_LOCK, STORE_STAGING, STORE_KEYS,
    CONTENT_DIR, STORE_DB_NEW, STORE_DB_NEW "-journal", STORE_DB_NEW "-wal",
    STORE_DB_NEW "-shm", NULL};

int
store_site_check(const char *site, struct err *e)
{
	size_t n = strspn(site, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (n == 0 || n > STORE_SITE_MAX || site[n] != '\0')
		return err_set(e, E_USAGE,
		    "site '%s': expected 1 to %d of a-z, 0-9 and '-'", site,
		    STORE_SITE_MAX);
	return 0;
}

static bool
is_leftover(const char *name)
{
	size_t i;

	for (i = 0; leftovers[i] != NULL; i++)
		if (strcmp(leftovers[i], name) == 0)
			return true;
	return false;
}

static int
check_entries(DIR *d, struct err *e)
{
	struct dirent *de;
	char foreign[64] = "";
	bool locked = false, empty = true;

	while ((errno = 0, de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		empty = false;
		if (strcmp(de->d_name, STORE_LOCK) == 0)
			locked = true;
		if (!is_leftover(de->d_name))
			snprintf(foreign, sizeof(foreign), "%.60s", de->d_name);
	}
	if (errno != 0)
		return err_sys(e, "reading the folder");
	if (empty || (locked && foreign[0] == '\0'))
		return 0;
	return err_set(e, E_USAGE,
	    "not a store, and not empty: there is no %s, but '%s'", STORE_DB,
	    foreign[0] != '\0' ? foreign : "other folders");
}

int
store_birth_check(int dirfd, struct err *e)
{
	int fd, r;
	DIR *d;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return err_sys(e, "opening the folder");
	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "reading the folder");
	}
	r = check_entries(d, e);
	closedir(d);
	return r;
}

static int
clear_leftovers(int dirfd, struct err *e)
{
	size_t i;

	for (i = 0; leftovers[i] != NULL; i++)
		if (strncmp(leftovers[i], STORE_DB_NEW,
			sizeof(STORE_DB_NEW) - 1) == 0 &&
		    os.unlinkat(dirfd, leftovers[i], 0) == -1 &&
		    errno != ENOENT)
			return err_sys(e, "removing %s", leftovers[i]);
	return 0;
}

static int
make_db(const char *dir, const char *site, struct err *e)
{
	struct store s = {.writer = true};
	struct guid id;
	int rc, r = -1;

	if (guid_random(&id, e) == -1 ||
	    store_db_open(&s, dir, STORE_DB_NEW, "",
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e) == -1 ||
	    store_exec(&s,
		"PRAGMA page_size = 32768; PRAGMA synchronous = FULL;"
		"PRAGMA journal_mode = DELETE",
		e) == -1 ||
	    store_schema_make(&s, &id, site, e) == -1 ||
	    store_exec(&s, "PRAGMA journal_mode = WAL", e) == -1)
		goto out;
	r = 0;
out:
	store_finalize(&s);
	rc = sqlite3_close(s.db);
	if (r == 0 && rc != SQLITE_OK)
		r = err_set(e, E_BUSY, "%s: cannot be closed", STORE_DB_NEW);
	return r;
}

/* Once more, by name: what is renamed must be on the disk. */
static int
flush_db(int dirfd, struct err *e)
{
	int fd, r;

	fd = os.openat(dirfd, STORE_DB_NEW, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd == -1)
		return err_sys(e, "opening %s", STORE_DB_NEW);
	r = os.fsync(fd);
	if (r == -1)
		err_sys(e, "flushing %s", STORE_DB_NEW);
	(void)os.close(fd);
	return r;
}

int
store_birth(const char *dir, int dirfd, const char *site, struct err *e)
{
	static const char *const folders[] = {
	    STORE_STAGING, STORE_KEYS, CONTENT_DIR};
	size_t i;

	if (clear_leftovers(dirfd, e) == -1)
		return -1;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (os.mkdirat(dirfd, folders[i], 0755) == -1 &&
		    errno != EEXIST)
			return err_sys(e, "making %s", folders[i]);
	if (make_db(dir, site, e) == -1 || flush_db(dirfd, e) == -1)
		return -1;
	if (os.renameat2(dirfd, STORE_DB_NEW, dirfd, STORE_DB, 0) == -1)
		return err_sys(e, "naming %s", STORE_DB);
	if (os.fsync(dirfd) == -1)
		return err_sys(e, "flushing the folder");
	return 0;
}
