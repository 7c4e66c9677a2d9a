/* SPDX-License-Identifier: ISC */
/* A store that keeps nothing: for whoever asks what a store would say. */
#include "lib/store/store_db.h"

int
store_nothing(struct store **out, struct err *e)
{
	const struct guid id = {.b = {0}};
	struct store *s;
	int rc;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(e);
	*s = (struct store){.writer = true,
	    .nothing = true,
	    .dirfd = -1,
	    .staging = -1,
	    .shared = -1,
	    .lock = LOCK_INIT,
	    .scratch = BUF_INIT,
	    .lent_rev = BUF_INIT,
	    .lent_file = BUF_INIT,
	    .json = JSON_INIT};
	rc = sqlite3_open_v2(":memory:", &s->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY |
		SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	    NULL);
	if (rc != SQLITE_OK) {
		if (s->db == NULL)
			err_nomem(e);
		else
			store_db_err(s->db, rc, e);
		goto fail;
	}
	/* Nobody would roll it back, or look up by these. */
	if (store_schema_make(s, &id, "site", e) == -1 ||
	    store_exec(s,
		"PRAGMA journal_mode = OFF;"
		"DROP INDEX url_file",
		e) == -1)
		goto fail;
	*out = s;
	return 0;
fail:
	store_close(s);
	return err_ctx(e, "a store in memory");
}

bool
store_is_nothing(const struct store *s)
{
	return s->nothing;
}
