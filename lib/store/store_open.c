/* SPDX-License-Identifier: ISC */
/* Opening and closing a store, and its transactions. */
#include "lib/store/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/store/content.h"

#define BUSY_MS 5000 /* a reader may hold the log for a moment */
#define WAL_HEADER 32 /* bytes before the first frame of the log */
#define PARAMS_IMMUTABLE "?immutable=1"

/* A path as part of a file: URI. */
static int
uri_path(struct buf *b, const char *path, struct err *e)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-";
	const char *p;

	for (p = path; *p != '\0'; p++)
		if (strchr(plain, *p) != NULL) {
			if (buf_put(b, p, 1, e) == -1)
				return -1;
		} else if (buf_printf(b, e, "%%%02X", (unsigned char)*p) ==
		    -1) {
			return -1;
		}
	return 0;
}

int
store_db_open(struct store *s, const char *dir, const char *name,
    const char *params, int flags, struct err *e)
{
	struct buf b = BUF_INIT_MAX(4 * STORE_PATH_MAX);
	const char *uri;
	int rc, r = -1;

	/* A second slash in front would be taken for a host's name. */
	while (dir[0] == '/' && dir[1] == '/')
		dir++;
	if (buf_puts(&b, dir[0] == '/' ? "file:" : "file:./", e) == -1 ||
	    uri_path(&b, dir, e) == -1 || buf_puts(&b, "/", e) == -1 ||
	    uri_path(&b, name, e) == -1 || buf_puts(&b, params, e) == -1 ||
	    (uri = buf_str(&b, e)) == NULL)
		goto out;
	rc = sqlite3_open_v2(uri, &s->db,
	    flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
	    STORE_VFS);
	if (rc != SQLITE_OK) {
		if (s->db == NULL)
			err_nomem(e);
		else
			store_db_err(s->db, rc, e);
		goto out;
	}
	store_trace(s->db);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	r = store_exec(s,
	    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
	    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536",
	    e);
out:
	buf_free(&b);
	return r;
}

static bool
there(const struct store *s, const char *name, off_t *size)
{
	struct stat st;

	if (fstatat(s->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return false;
	if (size != NULL)
		*size = st.st_size;
	return true;
}

/*
 * Without its two side files a database cannot be read but as one that nobody
 * changes.  To be sure of that a lock is shared where there is a lock file.
 */
static int
hold_still(struct store *s, struct err *e)
{
	off_t size;

	if (there(s, STORE_DB "-wal", &size) && size > WAL_HEADER)
		return err_set(e, E_USAGE,
		    "%s-wal holds changes but %s-shm is missing: open the "
		    "store once for writing",
		    STORE_DB, STORE_DB);
	s->shared = openat(s->dirfd, STORE_LOCK,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (s->shared == -1)
		return 0;
	if (flock(s->shared, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return err_set(e, E_BUSY, "%s is held by a writer", STORE_LOCK);
}

/*
 * How a reader comes to the log.  A log that is a header and nothing more,
 * left by a writer that was killed just then, is one that SQLite does not take
 * from read-only shared memory (it retries for ten seconds and gives up).
 */
static const char *
reader_params(const struct store *s)
{
	off_t size;

	if (!there(s, STORE_DB "-wal", &size) ||
	    !there(s, STORE_DB "-shm", NULL))
		return PARAMS_IMMUTABLE;
	if (size != WAL_HEADER)
		return "?readonly_shm=1";
	if (faccessat(s->dirfd, STORE_DB "-shm", W_OK, AT_EACCESS) == 0)
		return "";
	return PARAMS_IMMUTABLE;
}

static int
open_reader(struct store *s, const char *dir, struct err *e)
{
	const char *params = reader_params(s);

	if (strcmp(params, PARAMS_IMMUTABLE) == 0 && hold_still(s, e) == -1)
		return -1;
	if (store_db_open(s, dir, STORE_DB, params, SQLITE_OPEN_READONLY, e) ==
	    -1)
		return -1;
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return store_exec(s, "PRAGMA query_only = ON", e);
}

static int
make_folder(const struct store *s, const char *name, struct err *e)
{
	if (os.mkdirat(s->dirfd, name, 0755) == -1 && errno != EEXIST)
		return err_sys(e, "making %s", name);
	return 0;
}

static int
open_writer(struct store *s, const char *dir, struct err *e)
{
	int keep = 1, rc;

	if (make_folder(s, STORE_STAGING, e) == -1 ||
	    make_folder(s, STORE_KEYS, e) == -1 ||
	    path_opendir(s->dirfd, STORE_STAGING, &s->staging, e) == -1 ||
	    content_clear_staging(s->dirfd, s->staging, e) == -1 ||
	    store_db_open(s, dir, STORE_DB, "", SQLITE_OPEN_READWRITE, e) == -1)
		return -1;
	rc = sqlite3_file_control(
	    s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	if (rc != SQLITE_OK)
		return store_db_err(s->db, rc, e);
	return store_exec(s,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "PRAGMA journal_size_limit = 0; PRAGMA wal_autocheckpoint = 2048",
	    e);
}

/* 1 a folder, 0 nothing there, -1. */
static int
open_folder(struct store *s, const char *dir, struct err *e)
{
	if (dir[0] == '\0' || strlen(dir) >= STORE_PATH_MAX)
		return err_set(e, E_USAGE, "expected the path of a store");
	s->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd != -1)
		return 1;
	if (errno == ENOENT)
		return 0;
	if (errno == ENOTDIR)
		return err_set(e, E_USAGE, "not a store: not a folder");
	return err_sys(e, "opening the folder");
}

static int
make_store_folder(struct store *s, const char *dir, struct err *e)
{
	int r, up;

	if (os.mkdirat(AT_FDCWD, dir, 0755) == -1 && errno != EEXIST)
		return err_sys(e, "making the folder");
	if ((r = open_folder(s, dir, e)) != 1)
		return r == 0 ? err_sys(e, "opening the folder") : -1;
	/* One that we may not look into keeps its own counsel. */
	up = os.openat(s->dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (up == -1)
		return errno == EACCES ? 0 : err_sys(e, "opening its folder");
	if ((r = os.fsync(up)) == -1)
		err_sys(e, "flushing its folder");
	(void)os.close(up);
	return r;
}

static int
open_for_writing(struct store *s, const char *dir, bool create,
    const char *site, struct err *e)
{
	bool born = false;

	if (!there(s, STORE_DB, NULL)) {
		if (!create)
			return err_set(e, E_USAGE,
			    "not a store: there is no %s", STORE_DB);
		born = true;
		if (store_birth_check(s->dirfd, e) == -1)
			return -1;
	}
	if (lock_take(&s->lock, s->dirfd, STORE_LOCK, e) == -1)
		return -1;
	/* Another may have finished the birth before we had the lock. */
	if (born && !there(s, STORE_DB, NULL)) {
		if (store_birth(dir, s->dirfd, site, e) == -1)
			return err_ctx(e, "making the store");
		s->born = true;
	}
	return open_writer(s, dir, e);
}

static int
open_all(struct store *s, const char *dir, enum store_mode mode,
    const char *site, struct err *e)
{
	int r;

	s->writer = mode != STORE_READ;
	if (store_vfs_install(e) == -1 ||
	    (mode == STORE_CREATE && store_site_check(site, e) == -1) ||
	    (r = open_folder(s, dir, e)) == -1)
		return -1;
	if (r == 0 && mode != STORE_CREATE)
		return err_set(e, E_USAGE, "not a store: there is no folder");
	if (r == 0 && make_store_folder(s, dir, e) == -1)
		return -1;
	if (s->writer) {
		r = open_for_writing(s, dir, mode == STORE_CREATE, site, e);
	} else {
		if (!there(s, STORE_DB, NULL))
			return err_set(e, E_USAGE,
			    "not a store: there is no %s", STORE_DB);
		r = open_reader(s, dir, e);
	}
	if (r == -1 || store_schema_check(s, e) == -1)
		return -1;
	return store_dict_load(s, e);
}

int
store_open(struct store **out, const char *dir, enum store_mode mode,
    const char *site, struct err *e)
{
	struct store *s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(e);
	s->dirfd = s->staging = s->shared = -1;
	s->lock = (struct lock)LOCK_INIT;
	s->scratch = s->lent_rev = s->lent_file = (struct buf)BUF_INIT;
	s->json = (struct json)JSON_INIT;
	if (open_all(s, dir, mode, site != NULL ? site : "site", e) == -1) {
		store_close(s);
		return err_ctx(e, "%s", dir);
	}
	*out = s;
	return 0;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	store_rollback(s);
	store_finalize(s);
	sqlite3_close(s->db);
	store_dict_free(s);
	buf_free(&s->scratch);
	buf_free(&s->lent_rev);
	buf_free(&s->lent_file);
	json_free(&s->json);
	if (s->shared != -1)
		(void)close(s->shared);
	if (s->staging != -1)
		(void)close(s->staging);
	lock_drop(&s->lock);
	if (s->dirfd != -1)
		(void)close(s->dirfd);
	free(s);
}

bool
store_born(const struct store *s)
{
	return s->born;
}

const struct guid *
store_id(const struct store *s)
{
	return &s->id;
}

const char *
store_site(const struct store *s)
{
	return s->site;
}

int
store_dirfd(const struct store *s)
{
	return s->dirfd;
}

int
store_staging(const struct store *s)
{
	return s->staging;
}

int
store_begin(struct store *s, struct err *e)
{
	struct query q;

	if (query_open(
		&q, s, s->writer ? SQL_BEGIN_WRITE : SQL_BEGIN_READ, e) == -1 ||
	    query_done(&q, e) == -1)
		return -1;
	s->begun = true;
	/* A snapshot is that of the first read, so read. */
	if (query_open(&q, s, SQL_SNAPSHOT, e) == -1 ||
	    query_done(&q, e) == -1) {
		store_rollback(s);
		return -1;
	}
	return 0;
}

int
store_commit(struct store *s, struct err *e)
{
	struct query q;

	if (query_open(&q, s, SQL_COMMIT, e) == -1 || query_done(&q, e) == -1)
		return -1;
	s->begun = s->listing = false;
	store_dict_settle(s, true);
	return 0;
}

int
store_end(struct store *s, int r, struct err *e)
{
	if (r != -1 && store_commit(s, e) == 0)
		return r;
	store_rollback(s);
	return -1;
}

void
store_rollback(struct store *s)
{
	struct err ignored = ERR_INIT;
	struct query q;

	if (!s->begun)
		return;
	/* SQLite may have rolled back by itself; then this says so. */
	if (query_open(&q, s, SQL_ROLLBACK, &ignored) == 0)
		(void)query_done(&q, &ignored);
	s->begun = s->listing = false;
	store_dict_settle(s, false);
}
