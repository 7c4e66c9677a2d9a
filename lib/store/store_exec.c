/* SPDX-License-Identifier: ISC */
/* The database by itself, and what it fails with. */
#include "lib/store/store_db.h"

#include <errno.h>

int
store_db_err(sqlite3 *db, int rc, struct err *e)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return err_nomem(e);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return err_set(
		    e, E_BUSY, "%s: %s", STORE_DB, sqlite3_errmsg(db));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_MISMATCH:
	case SQLITE_CONSTRAINT:
		return err_set(
		    e, E_FORMAT, "%s: %s", STORE_DB, sqlite3_errmsg(db));
	case SQLITE_TOOBIG:
		return err_set(
		    e, E_LIMIT, "%s: %s", STORE_DB, sqlite3_errmsg(db));
	case SQLITE_ERROR:
		return err_set(
		    e, E_SYS, "%s: %s", STORE_DB, sqlite3_errmsg(db));
	default:
		errno = store_vfs_errno();
		if ((rc & 0xff) == SQLITE_FULL)
			errno = ENOSPC;
		if (errno == 0)
			errno = EIO;
		return err_sys(e, "%s: %s", STORE_DB, sqlite3_errmsg(db));
	}
}

int
store_exec(struct store *s, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_db_err(s->db, rc, e);
}

void
store_finalize(struct store *s)
{
	int i;

	for (i = 0; i < SQL_N; i++) {
		sqlite3_finalize(s->kept[i]);
		s->kept[i] = NULL;
	}
	for (i = 0; i < STORE_PARTS_MAX; i++) {
		sqlite3_finalize(s->parts[i]);
		s->parts[i] = NULL;
	}
}
