/* SPDX-License-Identifier: ISC */
/* Opening for reading: nothing is created, whatever is missing. */
#include "lib/store/store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"

#define WAL_HEADER 32 /* bytes before the first frame of the log */
#define PARAMS_IMMUTABLE "?immutable=1"

int
store_share_lock(struct store *s, struct err *e)
{
	int r;

	s->shared = openat(s->dirfd, STORE_LOCK,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (s->shared == -1)
		return 0;
	do {
		r = flock(s->shared, LOCK_SH | LOCK_NB);
	} while (r == -1 && errno == EINTR);
	if (r == 0 || errno != EWOULDBLOCK)
		return 0;
	return err_set(e, E_BUSY, "%s is held by a writer", STORE_LOCK);
}

/* 1 and its size, 0 not there, -1. */
static int
look(const struct store *s, const char *name, off_t *size, struct err *e)
{
	struct stat st;
	int r = path_look(s->dirfd, name, &st, e);

	*size = r == 1 ? st.st_size : 0;
	return r;
}

/*
 * How a reader comes to the log.  Without its two side files a database cannot
 * be read but as one that nobody changes; where there is a log and no index of
 * it, as in a store that was restored, a copy of the log is read (NULL).  A
 * log that is a header and nothing more, left by a writer that was killed just
 * then, is one that SQLite does not take from read-only shared memory (it
 * retries for ten seconds and gives up).
 */
static int
choose_params(const struct store *s, const char **params, struct err *e)
{
	off_t log, index;
	int has_log, has_index;

	if ((has_log = look(s, STORE_DB "-wal", &log, e)) == -1 ||
	    (has_index = look(s, STORE_DB "-shm", &index, e)) == -1)
		return -1;
	*params = PARAMS_IMMUTABLE;
	if (has_log == 1 && has_index == 1 && log != WAL_HEADER)
		*params = "?readonly_shm=1";
	else if (has_log == 1 && has_index == 1 &&
	    faccessat(s->dirfd, STORE_DB "-shm", W_OK, AT_EACCESS) == 0)
		*params = "";
	else if (log > WAL_HEADER)
		*params = NULL;
	return 0;
}

int
store_reader_open(struct store *s, struct err *e)
{
	const char *params;

	if (choose_params(s, &params, e) == -1)
		return -1;
	/* To be sure that nobody changes it. */
	if ((params == NULL || strcmp(params, PARAMS_IMMUTABLE) == 0) &&
	    store_share_lock(s, e) == -1)
		return -1;
	if ((params == NULL ? store_try_open(s, e)
			    : store_db_open(s, STORE_DB, params,
				  SQLITE_OPEN_READONLY, STORE_VFS, e)) == -1)
		return -1;
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return store_exec(s, "PRAGMA query_only = ON", e);
}
