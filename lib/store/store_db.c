/* SPDX-License-Identifier: ISC */
/* One database file, opened as all of ours are. */
#include "lib/store/store_db.h"

#define BUSY_MS 5000 /* a reader may hold the log for a moment */
#define OPEN_FLAGS                                                             \
	(SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |    \
	    SQLITE_OPEN_EXRESCODE)

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

/* rc is that of opening. */
static int
begin_use(struct store *s, int rc, const char *first, struct err *e)
{
	if (rc != SQLITE_OK)
		return s->db == NULL ? err_nomem(e)
				     : store_db_err(s->db, rc, e);
	store_trace(s->db);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (store_exec(s, first, e) == -1)
		return -1;
	return store_exec(s,
	    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
	    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536",
	    e);
}

int
store_db_open(struct store *s, const char *name, const char *params, int flags,
    const char *vfs, struct err *e)
{
	bool tried = strcmp(vfs, STORE_VFS_TRY) == 0;
	const char *dir = s->dir;
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
	rc = sqlite3_open_v2(uri, &s->db, flags | OPEN_FLAGS, vfs);
	/* Before the first look at it: the log's index is then not shared. */
	r = begin_use(s, rc,
	    tried ? "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF;"
		    "PRAGMA wal_autocheckpoint = 0"
		  : "",
	    e);
out:
	buf_free(&b);
	return r;
}

int
store_db_temp(struct store *s, struct err *e)
{
	int rc = sqlite3_open_v2("", &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | OPEN_FLAGS, STORE_VFS);

	return begin_use(s, rc, "PRAGMA page_size = 32768", e);
}
