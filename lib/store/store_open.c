/* SPDX-License-Identifier: ISC */
/*
 * Opening and closing a store, and its transactions.  Where a store may be born
 * and is not there, an empty database that is thrown away stands for it, until
 * the input is accepted.
 */
#include "lib/store/store_db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/store/content.h"
#include "lib/store/shown.h"
#include "lib/store/with.h"

static int
make_folder(const struct store *s, const char *name, struct err *e)
{
	if (os.mkdirat(s->dirfd, name, 0755) == -1 && errno != EEXIST)
		return err_sys(e, "making %s", name);
	return 0;
}

/* Under the lock: as before, and all that is older is brought up at once. */
static int
open_try(struct store *s, struct err *e)
{
	if (store_share_lock(s, e) == -1 || store_try_open(s, e) == -1)
		return -1;
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return 0;
}

static int
open_writer(struct store *s, struct err *e)
{
	int keep = 1, rc;

	if (store_db_open(
		s, STORE_DB, "", SQLITE_OPEN_READWRITE, STORE_VFS, e) == -1)
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
open_folder(struct store *s, struct err *e)
{
	if (s->dir[0] == '\0' || strlen(s->dir) >= STORE_PATH_MAX)
		return err_set(e, E_USAGE, "expected the path of a store");
	s->dirfd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dirfd != -1)
		return 1;
	if (errno == ENOENT)
		return 0;
	if (errno == ENOTDIR)
		return err_set(e, E_USAGE, "not a store: not a folder");
	return err_sys(e, "opening the folder");
}

/* The database of a store that is there. */
static int
open_db(struct store *s, struct err *e)
{
	int r;

	switch (s->mode) {
	case STORE_READ:
		r = store_reader_open(s, e);
		break;
	case STORE_TRY:
		r = open_try(s, e);
		break;
	default:
		r = open_writer(s, e);
	}
	if (r == -1 || store_schema_check(s, e) == -1)
		return -1;
	return store_dict_load(s, e);
}

/* What stands for a store that is not there yet. */
static int
open_throwaway(struct store *s, const char *site, struct err *e)
{
	struct guid id;

	s->unborn = true;
	s->nothing = s->mode == STORE_TRY;
	if ((s->dirfd != -1 && store_birth_check(s->dirfd, e) == -1) ||
	    guid_random(&id, e) == -1 || store_db_temp(s, e) == -1 ||
	    store_schema_make(s, &id, site, e) == -1)
		return -1;
	return store_schema_check(s, e);
}

int
store_lock(struct store *s, struct err *e)
{
	if (lock_take(&s->lock, s->dirfd, STORE_LOCK, e) == 0)
		return 0;
	if (e->kind != E_BUSY || !s->lock.shared)
		return -1;
	err_clear(e);
	return err_set(e, E_BUSY,
	    "%s is held by readers: a dry run, wsusferry-verify of a transfer, "
	    "or, where there is no %s-wal, serve-static, verify or list; end "
	    "them, or run this later",
	    STORE_LOCK, STORE_DB);
}

static int
open_store(struct store *s, const char *site, struct err *e)
{
	bool may_be_born = s->mode == STORE_CREATE || s->mode == STORE_TRY;
	int r, db = 0;

	if (store_vfs_install(e) == -1 ||
	    (may_be_born && store_site_check(site, e) == -1) ||
	    (r = open_folder(s, e)) == -1 ||
	    (r == 1 && (db = store_birth_db(s->dirfd, e)) == -1))
		return -1;
	if (db == 0 && may_be_born)
		return open_throwaway(s, site, e);
	if (r == 0)
		return err_set(e, E_USAGE, "not a store: there is no folder");
	if (db == 0)
		return store_birth_missing(s->dirfd, e);
	/* Nothing is put into what another program may have made. */
	if ((s->mode == STORE_WRITE || s->mode == STORE_CREATE) &&
	    (store_schema_look(s->dirfd, e) == -1 || store_lock(s, e) == -1))
		return -1;
	return open_db(s, e);
}

/* A name that was given is the one that it was born with. */
static int
check_site(const struct store *s, const char *site, struct err *e)
{
	if (site == NULL || s->unborn || strcmp(site, s->site) == 0)
		return 0;
	return err_set(e, E_USAGE,
	    "its site is '%s', not '%s': a site is named when the store is "
	    "made",
	    s->site, site);
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
	s->mode = mode;
	s->writer = mode != STORE_READ;
	if ((s->dir = strdup(dir)) == NULL)
		err_nomem(e);
	else if (open_store(s, site != NULL ? site : "site", e) == 0 &&
	    check_site(s, site, e) == 0) {
		*out = s;
		return 0;
	}
	store_owner_tell(dir, e);
	store_close(s);
	return err_ctx(e, "%s", dir);
}

/* The connection, and all that hangs on it. */
void
store_db_close(struct store *s)
{
	store_rollback(s);
	store_finalize(s);
	sqlite3_close(s->db);
	s->db = NULL;
	s->summing = 0;
	store_dict_free(s);
}

/* The real one, of the same identity, in the place of the throwaway. */
static int
be_born(struct store *s, struct err *e)
{
	store_db_close(s);
	if (store_birth(s, e) == -1) {
		store_take_back(s);
		return -1;
	}
	s->unborn = false;
	return open_db(s, e);
}

static int
accept(struct store *s, struct log *log, struct err *e)
{
	if (s->unborn && be_born(s, e) == -1)
		return err_ctx(e, "making the store");
	if (make_folder(s, STORE_STAGING, e) == -1 ||
	    make_folder(s, STORE_KEYS, e) == -1 ||
	    path_opendir(s->dirfd, STORE_STAGING, &s->staging, e) == -1 ||
	    with_settle(s, log, e) == -1)
		return -1;
	return content_clear_staging(s->dirfd, s->staging, e);
}

bool
store_raised(const struct store *s)
{
	return s->accepted && s->schema < STORE_SCHEMA;
}

int
store_accept(struct store *s, struct log *log, struct err *e)
{
	bool begun = s->begun;

	if (s->accepted || s->mode == STORE_TRY)
		return 0;
	if (accept(s, log, e) == -1) {
		store_owner_tell(s->dir, e);
		return err_ctx(e, "%s", s->dir);
	}
	s->accepted = true;
	if (store_raised(s) && log != NULL)
		log_event(log, LOG_INFO, s->dir,
		    "schema %d of %s becomes %d with what is written now; "
		    "older programs refuse it from then on",
		    s->schema, STORE_DB, STORE_SCHEMA);
	return begun && !s->begun ? store_begin(s, e) : 0;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	store_db_close(s);
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
	free(s->dir);
	free(s);
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

/* Where a folder of that path is, or would be made. */
static int
open_above(const char *dir, int *fd, struct err *e)
{
	char up[STORE_PATH_MAX];
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	while (n > 0 && dir[n - 1] != '/')
		n--;
	snprintf(up, sizeof(up), "%.*s", (int)n, dir);
	if (n == 0)
		snprintf(up, sizeof(up), ".");
	*fd = open(up, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd != -1 && faccessat(*fd, ".", W_OK, AT_EACCESS) == 0)
		return 0;
	err_sys(e, "making the folder");
	store_owner_tell(up, e);
	return err_ctx(e, "%s", dir);
}

int
store_scratch(const struct store *s, int *dirfd, struct err *e)
{
	int r;

	*dirfd = -1;
	if (!s->writer || s->mode == STORE_TRY)
		return 0;
	if (s->dirfd == -1)
		return open_above(s->dir, dirfd, e);
	r = s->unborn ? 0 : path_look(s->dirfd, STORE_STAGING, NULL, e);
	if (r == 1)
		return path_opendir(s->dirfd, STORE_STAGING, dirfd, e);
	if (r == 0 && (*dirfd = fcntl(s->dirfd, F_DUPFD_CLOEXEC, 0)) == -1)
		r = err_sys(e, "%s", s->dir);
	return r;
}

int
store_begin(struct store *s, struct err *e)
{
	struct query q;

	if (store_schema_again(s, e) == -1 ||
	    query_open(
		&q, s, s->writer ? SQL_BEGIN_WRITE : SQL_BEGIN_READ, e) == -1 ||
	    query_done(&q, e) == -1)
		return -1;
	s->begun = true;
	s->summed = s->summing;
	/* A snapshot is that of the first read, so read. */
	if (query_open(&q, s, SQL_SNAPSHOT, e) == -1 ||
	    query_done(&q, e) == -1 || store_sum_begin(s, e) == -1 ||
	    (s->writer && store_schema_raise(s, e) == -1)) {
		store_rollback(s);
		return -1;
	}
	return 0;
}

/* Who writes has said before that the input is accepted. */
int
store_commit(struct store *s, struct err *e)
{
	struct query q;

	assert(!s->writer || s->accepted || s->unborn || s->nothing ||
	    s->mode == STORE_TRY);
	if (shown_commit(s, e) == -1 || store_sum_commit(s, e) == -1 ||
	    query_open(&q, s, SQL_COMMIT, e) == -1 || query_done(&q, e) == -1)
		return -1;
	s->begun = s->listing = false;
	if (s->raised)
		s->schema = STORE_SCHEMA;
	s->raised = false;
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
	/* Triggers that were made in it go, too. */
	s->summing = s->summed;
	s->begun = s->listing = s->raised = s->stale = false;
	store_dict_settle(s, false);
}
