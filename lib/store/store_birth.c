/* SPDX-License-Identifier: ISC */
/*
 * A store is born: the lock file first, so that what a killed run left is
 * known as ours; then the folders; then the database under another name,
 * whole and closed; its rename makes the store.
 *
 * What of that a run made it remembers, and can take away again; that goes the
 * other way round, so that whoever stops leaves a store or one half born.
 */
#include "lib/store/store_db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/store/content.h"

#define CHECK_FILE CONTENT_DIR "/" CONTENT_CHECK_FILE

enum {
	MADE_CONTENT = 1 << 0,
	MADE_KEYS = 1 << 1,
	MADE_STAGING = 1 << 2,
	MADE_LOG = 1 << 3,
	MADE_NEW = 1 << 4, /* the database under its first name */
	MADE_DB = 1 << 5,
	MADE_LOCK = 1 << 6,
	MADE_DIR = 1 << 7
};

/* All that can be made in the folder, in the order of undoing. */
static const struct part {
	unsigned made;
	const char *name; /* NULL: as log_name says */
	bool folder;
} parts[] = {
    {MADE_CONTENT, CHECK_FILE, false},
    {MADE_CONTENT, CONTENT_DIR, true},
    {MADE_KEYS, STORE_KEYS, true},
    {MADE_STAGING, STORE_STAGING, true},
    {MADE_LOG, NULL, false},
    {MADE_DB, STORE_DB "-wal", false},
    {MADE_DB, STORE_DB "-shm", false},
    {MADE_DB, STORE_DB, false},
    {MADE_NEW, STORE_DB_NEW "-journal", false},
    {MADE_NEW, STORE_DB_NEW "-wal", false},
    {MADE_NEW, STORE_DB_NEW "-shm", false},
    {MADE_NEW, STORE_DB_NEW, false},
    {MADE_LOCK, STORE_LOCK, false},
};
#define NPARTS (sizeof(parts) / sizeof(parts[0]))

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

/* What lies in a folder without a database. */
struct found {
	bool locked; /* there is a lock file */
	const char *lost; /* what only a store that was one has, or NULL */
	char foreign[64]; /* a name that is none of ours */
};

/* Has the folder, or what stands in its place, anything in it?  1, 0, -1. */
static int
holds_something(int dirfd, const char *name, struct err *e)
{
	struct dirent *de;
	int fd, n = 0;
	DIR *d;

	fd = openat(
	    dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 && (errno == ENOTDIR || errno == ELOOP))
		return 1;
	if (fd == -1)
		return err_sys(e, "opening %s", name);
	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(e, "reading %s", name);
	}
	while (n <= 2 && (errno = 0, de = readdir(d)) != NULL)
		n++;
	if (n <= 2 && errno != 0)
		n = err_sys(e, "reading %s", name);
	closedir(d);
	return n == -1 ? -1 : n > 2; /* "." and ".." */
}

/* Folders are looked into: half born, they are empty. */
static int
find_folder(int dirfd, const char *name, struct found *f, struct err *e)
{
	static const char *const folders[] = {
	    CONTENT_DIR, STORE_KEYS, STORE_STAGING};
	int r;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (strcmp(name, folders[i]) != 0)
			continue;
		if ((r = holds_something(dirfd, name, e)) == 1)
			f->lost = folders[i];
		return r == -1 ? -1 : 1;
	}
	return 0;
}

static int
find(int dirfd, const char *name, struct found *f, struct err *e)
{
	int r;

	if (strcmp(name, STORE_LOCK) == 0) {
		f->locked = true;
		return 0;
	}
	if (strcmp(name, STORE_DB "-wal") == 0)
		f->lost = STORE_DB "-wal";
	else if ((r = find_folder(dirfd, name, f, e)) != 0)
		return r == -1 ? -1 : 0;
	else if (strncmp(name, STORE_DB_NEW, sizeof(STORE_DB_NEW) - 1) != 0)
		snprintf(f->foreign, sizeof(f->foreign), "%.60s", name);
	return 0;
}

/* 1 something is there, 0 nothing at all, -1. */
static int
find_all(int dirfd, struct found *f, struct err *e)
{
	struct dirent *de;
	int fd, any = 0;
	DIR *d;

	*f = (struct found){.lost = NULL};
	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		err_sys(e, "reading the folder");
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	while (any != -1 && (errno = 0, de = readdir(d)) != NULL)
		if (strcmp(de->d_name, ".") != 0 &&
		    strcmp(de->d_name, "..") != 0)
			any = find(dirfd, de->d_name, f, e) == -1 ? -1 : 1;
	if (any != -1 && errno != 0)
		any = err_sys(e, "reading the folder");
	closedir(d);
	return any;
}

static int
lost(const struct found *f, struct err *e)
{
	return err_set(e, E_USAGE,
	    "a store that lost its database: there is no %s, but something "
	    "in %s; put %s back from a backup, without a %s-wal that was not "
	    "saved with it (wsusferry(7), Backing up a store)",
	    STORE_DB, f->lost, STORE_DB, STORE_DB);
}

int
store_birth_check(int dirfd, struct err *e)
{
	struct found f;
	int any = find_all(dirfd, &f, e);

	if (any < 1)
		return any;
	if (f.locked && f.lost != NULL)
		return lost(&f, e);
	if (f.locked && f.foreign[0] == '\0')
		return 0;
	return err_set(e, E_USAGE,
	    "not a store, and not empty: there is no %s, but '%s'", STORE_DB,
	    f.foreign[0] != '\0' ? f.foreign
		: f.lost != NULL ? f.lost
				 : "other folders");
}

int
store_birth_db(int dirfd, struct err *e)
{
	struct stat st;
	int r = path_look(dirfd, STORE_DB, &st, e);

	if (r != 1 || S_ISREG(st.st_mode))
		return r;
	if (S_ISLNK(st.st_mode))
		return err_set(e, E_USAGE,
		    "%s is a symbolic link, and its %s-wal and lock would not "
		    "be those of the file it leads to: put the file here, or "
		    "let a link lead to the store's whole folder",
		    STORE_DB, STORE_DB);
	return err_set(e, E_USAGE, "%s is no regular file", STORE_DB);
}

int
store_look(int dirfd, struct err *e)
{
	int r = store_birth_db(dirfd, e);

	return r == 0 ? store_birth_missing(dirfd, e) : r == 1 ? 0 : -1;
}

int
store_birth_missing(int dirfd, struct err *e)
{
	struct found f;

	if (find_all(dirfd, &f, e) == -1)
		return -1;
	if (f.locked && f.lost != NULL)
		return lost(&f, e);
	return err_set(e, E_USAGE, "not a store: there is no %s", STORE_DB);
}

/* Half born: what stands there under the first name is begun anew. */
static int
clear_leftovers(struct store *s, struct err *e)
{
	const struct part *p;

	for (p = parts; p < parts + NPARTS; p++)
		if (p->made == MADE_NEW &&
		    os.unlinkat(s->dirfd, p->name, 0) == -1 && errno != ENOENT)
			return err_sys(e, "removing %s", p->name);
	return 0;
}

static int
make_db(const struct store *of, struct err *e)
{
	struct store s = {.writer = true, .dir = of->dir};
	int rc, r = -1;

	if (store_db_open(&s, STORE_DB_NEW, "",
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, STORE_VFS,
		e) == -1 ||
	    store_exec(&s,
		"PRAGMA page_size = 32768; PRAGMA synchronous = FULL;"
		"PRAGMA journal_mode = DELETE",
		e) == -1 ||
	    store_schema_make(&s, &of->id, of->site, e) == -1 ||
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

/* A name is ours when it was not there before. */
static int
make_folder(struct store *s, const char *name, unsigned made, struct err *e)
{
	if (os.mkdirat(s->dirfd, name, 0755) == 0)
		s->made |= made;
	else if (errno != EEXIST)
		return err_sys(e, "making %s", name);
	return 0;
}

static int
make_store_folder(struct store *s, struct err *e)
{
	int r, up;

	if (os.mkdirat(AT_FDCWD, s->dir, 0755) == 0)
		s->made |= MADE_DIR;
	else if (errno != EEXIST)
		return err_sys(e, "making the folder");
	s->dirfd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd == -1)
		return err_sys(e, "opening the folder");
	/* One that we may not look into keeps its own counsel. */
	up = os.openat(s->dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (up == -1)
		return errno == EACCES ? 0 : err_sys(e, "opening its folder");
	if ((r = os.fsync(up)) == -1)
		err_sys(e, "flushing its folder");
	(void)os.close(up);
	return r;
}

/* Ours alone from here on: another may have been quicker. */
static int
claim(struct store *s, struct err *e)
{
	int r;

	if (store_lock(s, e) == -1)
		return -1;
	if (s->lock.made)
		s->made |= MADE_LOCK;
	if ((r = path_look(s->dirfd, STORE_DB, NULL, e)) != 0)
		return r == -1 ? -1
			       : err_set(e, E_BUSY,
				     "another has made it meanwhile; run this "
				     "again");
	return store_birth_check(s->dirfd, e);
}

static int
make_all(struct store *s, struct err *e)
{
	if (clear_leftovers(s, e) == -1 ||
	    make_folder(s, STORE_STAGING, MADE_STAGING, e) == -1 ||
	    make_folder(s, STORE_KEYS, MADE_KEYS, e) == -1 ||
	    make_folder(s, CONTENT_DIR, MADE_CONTENT, e) == -1)
		return -1;
	s->made |= MADE_NEW;
	if (make_db(s, e) == -1 || flush_db(s->dirfd, e) == -1)
		return -1;
	if (os.renameat2(s->dirfd, STORE_DB_NEW, s->dirfd, STORE_DB, 0) == -1)
		return err_sys(e, "naming %s", STORE_DB);
	s->made |= MADE_DB;
	if (os.fsync(s->dirfd) == -1)
		return err_sys(e, "flushing the folder");
	return 0;
}

int
store_birth(struct store *s, struct err *e)
{
	if ((s->dirfd == -1 && make_store_folder(s, e) == -1) ||
	    claim(s, e) == -1)
		return -1;
	return make_all(s, e);
}

bool
store_unborn(const struct store *s)
{
	return s->unborn;
}

bool
store_born(const struct store *s)
{
	return (s->made & MADE_DB) != 0;
}

/* The lock, and the database with all that stands beside it. */
static bool
is_taken(const char *name)
{
	return strcmp(name, STORE_LOCK) == 0 ||
	    strncmp(name, STORE_DB, sizeof(STORE_DB) - 1) == 0;
}

/* path is of a file in the store's own folder: its name there, or NULL. */
static const char *
name_in_store(const struct store *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat a, b;
	char dir[PATH_MAX];

	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		snprintf(
		    dir, sizeof(dir), "%.*s", (int)(slash - path) + 1, path);
	if (s->dirfd == -1 || stat(dir, &a) == -1 ||
	    fstat(s->dirfd, &b) == -1 || a.st_dev != b.st_dev ||
	    a.st_ino != b.st_ino)
		return NULL;
	return slash == NULL ? path : slash + 1;
}

static int
log_in_store(struct store *s, struct log *log, const char *name, struct err *e)
{
	int r;

	if (is_taken(name))
		return err_set(e, E_USAGE,
		    "%s/%s: a file of the store, and no log", s->dir, name);
	if (store_unborn(s))
		return 0;
	if ((r = path_look(s->dirfd, name, NULL, e)) == -1)
		return -1;
	if (r == 0 && store_born(s)) {
		s->made |= MADE_LOG;
		s->log_name = name;
	}
	return log_file(log, s->dirfd, name, e);
}

int
store_log(struct store *s, struct log *log, const char *path, const char *usual,
    struct err *e)
{
	const char *name = path != NULL ? name_in_store(s, path) : usual;
	struct err absent = ERR_INIT;

	if (name != NULL)
		return log_in_store(s, log, name, e);
	if (log_file(log, AT_FDCWD, path, &absent) == 0)
		return 0;
	if (store_unborn(s) && absent.sys == ENOENT)
		return 0; /* in a folder that is to be made */
	*e = absent;
	return -1;
}

static int
undo(struct store *s)
{
	const struct part *p;

	for (p = parts; p < parts + NPARTS; p++)
		if ((s->made & p->made) != 0 &&
		    os.unlinkat(s->dirfd,
			p->name != NULL ? p->name : s->log_name,
			p->folder ? AT_REMOVEDIR : 0) == -1 &&
		    errno != ENOENT)
			return -1;
	if ((s->made & MADE_DIR) != 0)
		(void)os.unlinkat(AT_FDCWD, s->dir, AT_REMOVEDIR);
	return 0;
}

void
store_take_back(struct store *s)
{
	store_db_close(s);
	if (undo(s) == 0)
		s->made = 0;
}
