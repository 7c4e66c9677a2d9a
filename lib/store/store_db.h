/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: the open database, its kept statements, and short
 * words for binding and reading.
 */
#ifndef WF_STORE_DB_H
#define WF_STORE_DB_H

#include <sqlite3.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/lock.h"
#include "lib/store/store.h"
#include "lib/store/store_sum.h"

#define STORE_DB "store.db"
#define STORE_DB_NEW "store.db.new" /* being born */
#define STORE_LOCK "lock"
#define STORE_STAGING "staging"
#define STORE_KEYS "keys"
#define STORE_APP_ID 0x57535546 /* PRAGMA application_id: "WSUF" */
#define STORE_VFS "wsusferry"
#define STORE_VFS_TRY "wsusferry-try"
#define STORE_PATH_MAX 4096
#define STORE_PARTS_MAX 26
/* Where n of rev_file begins for files that the document does not name. */
#define STORE_EXTRA 1048576
#define STORE_EXTRA_TEXT "1048576"

/* Statements that are made once and kept; their text is in store_sql.c. */
enum store_sql {
	SQL_BEGIN_READ,
	SQL_BEGIN_WRITE,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_SNAPSHOT,
	SQL_HELD,
	SQL_HELD_AFTER,
	SQL_HELD_FACTS,
	SQL_HELD_PREREQS,
	SQL_HELD_FILES,
	SQL_PUT_REV,
	SQL_PUT_DOC,
	SQL_PUT_TITLES,
	SQL_PUT_WORD,
	SQL_PUT_PREREQ,
	SQL_PUT_BUNDLE,
	SQL_PUT_SUPERSEDED,
	SQL_PUT_REV_FILE,
	SQL_FILE_FACTS,
	SQL_PUT_FILE,
	SQL_SET_FILE,
	SQL_FILE_ROW,
	SQL_HAS_URL,
	SQL_PUT_URL,
	SQL_PUT_STATE,
	SQL_PUT_DICT,
	SQL_GET_DICT,
	SQL_GET_DOC,
	SQL_DOCS_FROM,
	SQL_REV_FROM,
	SQL_WALK_REVS,
	SQL_WALK_FILES,
	SQL_WALK_WORDS,
	SQL_WALK_CATEGORIES,
	SQL_FILED_UNDER,
	SQL_EACH_REV,
	SQL_ONE_REV,
	SQL_EACH_FILE,
	SQL_EACH_PRESENT,
	SQL_EACH_HERE,
	SQL_ONE_FILE,
	SQL_FILES_OF,
	SQL_FILES_UNDER,
	SQL_FILES_AFTER,
	SQL_FILES_BY_ROW,
	SQL_CATEGORIES_OF,
	SQL_KBS_OF,
	SQL_EACH_URL,
	SQL_EACH_STATE,
	SQL_EACH_MISSING,
	SQL_COUNTS,
	SQL_ADD_LEDGER,
	SQL_SET_LEDGER,
	SQL_LAST_EXPORT,
	SQL_FIND_LEDGER,
	SQL_LAST_IMPORT,
	SQL_FIND_IMPORT,
	SQL_EACH_LEDGER,
	SQL_PUT_NOTE,
	SQL_PUT_CARRIED,
	SQL_GET_CARRIED,
	SQL_ADD_EVENT,
	SQL_EACH_EVENT,
	SQL_LAST_EVENT,
	SQL_EVENT_TEXT,
	SQL_EVENT_TEXTS,
	SQL_DESTINATION,
	SQL_DESTINATION_OF,
	SQL_EACH_DESTINATION,
	SQL_ADD_DESTINATION,
	SQL_SET_DESTINATION,
	SQL_BASE_DESTINATION,
	SQL_PUT_ACKNOWLEDGED,
	SQL_DROP_WITHDRAWN,
	SQL_PUT_WITHDRAWN,
	SQL_EACH_WITHDRAWN,
	SQL_GET_ACKNOWLEDGED,
	SQL_SCAN_REV,
	SQL_SCAN_FILE,
	SQL_ADD_RECEIPT,
	SQL_LAST_RECEIPT,
	SQL_LAST_RECEIPT_OF,
	SQL_FIND_RECEIPT,
	SQL_EACH_RECEIPT,
	SQL_SCAN_PREREQ,
	SQL_SCAN_BUNDLE,
	SQL_SCAN_CATEGORY,
	SQL_CATEGORY_ROWS,
	SQL_LATE_FILES,
	SQL_DEL_CATEGORY,
	SQL_PUT_CATEGORY,
	SQL_CLEAR_MISSING,
	SQL_PUT_MISSING,
	SQL_SCAN_LACKING,
	SQL_CLEAR_LACKING,
	SQL_PUT_LACKING,
	SQL_LACKING_ROWS,
	SQL_EACH_LACKING,
	SQL_LACKING_OTHER,
	SQL_AWAY,
	SQL_SCAN_REV_FILE,
	SQL_SHOWN_AFTER,
	SQL_KBS_AFTER,
	SQL_CATEGORIES_AFTER,
	SQL_COUNT_TOP,
	SQL_EACH_TOP,
	SQL_CATEGORY_TITLE,
	SQL_FILE_SHA1,
	SQL_SCAN_SUPERSEDED,
	SQL_SCAN_SHOWN,
	SQL_PUT_SHOWN,
	SQL_DROP_SHOWN,
	SQL_REFUSED,
	SQL_PREREQ_AT,
	SQL_BUNDLE_AT,
	SQL_USES_OF,
	SQL_REV_ROW,
	SQL_PUT_EXTRA,
	SQL_EACH_EXTRA,
	SQL_IS_EXTRA,
	SQL_PUT_LEFT_OUT,
	SQL_DROP_LEFT_OUT,
	SQL_EACH_SUM,
	SQL_PUT_SUM,
	SQL_RECORD_REVS,
	SQL_RECORD_TITLES,
	SQL_RECORD_WORDS,
	SQL_RECORD_PREREQS,
	SQL_RECORD_BUNDLES,
	SQL_RECORD_SUPERSEDED,
	SQL_RECORD_FILES,
	SQL_SYNC, /* from here on the text is in sync_sql.c */
	SQL_UPSTREAM = SQL_SYNC,
	SQL_ADD_UPSTREAM,
	SQL_SET_UPSTREAM,
	SQL_EACH_UPSTREAM,
	SQL_ANCHOR,
	SQL_SET_ANCHOR,
	SQL_FORGET_ANCHORS,
	SQL_UNPEND_ANCHORS,
	SQL_ADD_RUN,
	SQL_TRIM_RUNS,
	SQL_LAST_RUN,
	SQL_PUT_INBOX_URL,
	SQL_EACH_INBOX_URL,
	SQL_CLEAR_INBOX_URLS,
	SQL_INBOX_URL,
	SQL_ADD_WORK,
	SQL_WAKE_WORK,
	SQL_ADD_WANTED,
	SQL_UNDONE,
	SQL_DANGLING,
	SQL_SET_WORK,
	SQL_WORK_DONE,
	SQL_SWEEP_WORK,
	SQL_DROP_LISTED_WORK,
	SQL_DROP_UNDONE,
	SQL_REVIVE_CLOSURE,
	SQL_SLEEP_WORK,
	SQL_DROP_SLEEPING,
	SQL_END_DANGLING,
	SQL_WORK_LEFT,
	SQL_SYNC_COUNTS,
	SQL_IN_INBOX,
	SQL_PUT_INBOX,
	SQL_EACH_INBOX,
	SQL_EACH_INBOX_FILES,
	SQL_CLEAR_INBOX,
	SQL_REDO_ARRIVED,
	SQL_DROP_ARRIVED,
	SQL_PUT_FRESH,
	SQL_CLEAR_FRESH,
	SQL_PUT_LISTED,
	SQL_MARK_ABSENT,
	SQL_DROP_LISTED,
	SQL_TAKE_FRESH,
	SQL_EACH_ABSENT,
	SQL_PUT_OUTCOME,
	SQL_EACH_OUTCOME,
	SQL_PUT_KEY,
	SQL_PUT_NO_KEYS,
	SQL_DROP_NO_KEYS,
	SQL_EACH_KEYLESS,
	SQL_COUNT_LISTED,
	SQL_IS_TOLD,
	SQL_PUT_TOLD,
	SQL_N
};

extern const char *const store_sql[SQL_SYNC];
extern const char *const sync_sql[SQL_N - SQL_SYNC];

struct dict;
struct record;

struct store {
	sqlite3 *db; /* owned */
	struct record *record; /* borrowed: all is put there, and db is NULL */
	sqlite3_stmt *kept[SQL_N]; /* owned */
	sqlite3_stmt *parts[STORE_PARTS_MAX]; /* owned; dump.c */
	enum store_mode mode;
	char *dir; /* owned: as it was given */
	struct lock lock; /* writers */
	int shared; /* owned: flock of who must not be disturbed, or -1 */
	int dirfd, staging; /* owned; -1 */
	bool writer, begun;
	bool unborn; /* there is none; db is empty and thrown away */
	bool accepted; /* store_accept() was */
	unsigned made; /* what this run made in it; store_birth.c */
	const char *log_name; /* borrowed: of the log among that */
	int schema; /* of the database; a transaction that writes raises it */
	bool raised; /* that of now did */
	bool nothing; /* store_nothing(): texts are not kept */
	bool listing; /* sync_listed_begin() was, sync_listed_end() not yet */
	bool same_filter; /* as that was told */
	bool sleeping; /* work waits there to be listed again */
	unsigned summing, summed; /* tables: store_sum.h; when the
				     transaction began */
	bool stale; /* shown_mark(): rows are to be written */
	struct store_sum sums[STORE_NSUMS], sums_kept[STORE_NSUMS];
	struct guid id;
	char site[STORE_SITE_MAX + 1];
	struct dict *dicts; /* owned, store_doc.c; the newest first */
	struct buf scratch;
	struct buf lent_rev, lent_file; /* strings of store_rev(), _file() */
	struct json json; /* titles */
};

/* One use of a statement.  Bound and read from left to right. */
struct query {
	struct store *s;
	sqlite3_stmt *st; /* NULL: closed, or a record's */
	struct buf *to; /* borrowed: of the record; NULL: not recorded */
	int nbound;
	int rc; /* sticky failure of binding */
	bool own; /* made for this use: the kept one was busy */
};

int query_open(
    struct query *q, struct store *s, enum store_sql id, struct err *e);
/* Kept in a place of the caller's choice. */
int query_keep(struct query *q, struct store *s, sqlite3_stmt **kept,
    const char *sql, struct err *e);
/* For a statement that is used once: made and freed. */
int query_text(
    struct query *q, struct store *s, const char *sql, struct err *e);
void query_close(struct query *q);
void query_int(struct query *q, int64_t v);
void query_null(struct query *q);
void query_str(struct query *q, const char *v); /* NULL: null; not copied */
void query_strn(struct query *q, const char *v, size_t n);
void query_blob(struct query *q, const void *p, size_t n); /* not copied */
/* A payload file, by its row; in a record by its digest. */
void query_file(struct query *q, int64_t row, const uint8_t sha1[SHA1_LEN]);
/* 1 a row, 0 done, -1. */
int query_step(struct query *q, struct err *e);
/*
 * Row after row, and closed when that ends:
 *	int r = query_open(&q, s, SQL_X, e);
 *
 *	while (query_each(&q, &r, e))
 *		r = of_row(&q, e);
 *	return r;
 * A body that sets *r to -1 ends it.  *r is 0 or -1 afterwards.
 */
bool query_each(struct query *q, int *r, struct err *e);
/* Run to the end and close. */
int query_done(struct query *q, struct err *e);
/* Of what was put last. */
int64_t query_row(const struct store *s);
const char *query_get_str(struct query *q, int col); /* NULL: null */
const char *query_get_text(struct query *q, int col); /* null: "" */
/* Copies n bytes out of a blob; zeroes where it has another length. */
bool query_get_blob(struct query *q, int col, void *to, size_t n);

/* The failure of the last call on the database, as an error. */
int store_db_err(sqlite3 *db, int rc, struct err *e);
int store_exec(struct store *s, const char *sql, struct err *e);
void store_finalize(struct store *s); /* all kept statements */

/* store_trace.c: for whoever debugs, see lib/base/trace.h. */
void store_trace(sqlite3 *db);

/* store_vfs.c: our VFS, whose calls go through the os table. */
int store_vfs_install(struct err *e);
/* Why the latest of them failed in this thread, once; 0: none did. */
int store_vfs_errno(void);
/* store_try.c: so that nothing is written.  Under a lock, or alone. */
int store_try_open(struct store *s, struct err *e);

/* store_schema.c */
int store_schema_make(
    struct store *s, const struct guid *id, const char *site, struct err *e);
/* Is that file a store's?  Asked before SQLite may change it, and before it is
   open here: closing it again drops the locks that this process has on it. */
int store_schema_look(int dirfd, struct err *e);
/* What it is; and who it is.  A reader gets stand-ins for what it lacks. */
int store_schema_check(struct store *s, struct err *e);
/* Before a reader's transaction: somebody may have brought the store up, and
   nothing is to stand in for what is there. */
int store_schema_again(struct store *s, struct err *e);
/* In the open transaction: an older schema becomes the present one. */
int store_schema_raise(struct store *s, struct err *e);

/* store_open.c: the writer's lock, from here to the close; E_BUSY says who has
   it so far as can be known. */
int store_lock(struct store *s, struct err *e);
/* store_list.c: a query whose first two values are a pattern that text fits
   into, in b, and a KB number. */
int store_match_open(struct query *q, struct store *s, struct buf *b,
    const char *sql, const char *text, struct err *e);

/* store_birth.c */
int store_site_check(const char *site, struct err *e);
/* May a store be born here: is the folder empty, or half born?  E_USAGE. */
int store_birth_check(int dirfd, struct err *e);
/* There is no database here: fails with the words for it. */
int store_birth_missing(int dirfd, struct err *e);
/* Is the database there?  1, 0, -1 (E_USAGE: as a link, or no file). */
int store_birth_db(int dirfd, struct err *e);
/* Makes the folder, takes the lock, makes what is missing: id and site are
   those of s. */
int store_birth(struct store *s, struct err *e);

/* store_db.c: a file of the store; flags and URI parameters as given. */
int store_db_open(struct store *s, const char *name, const char *params,
    int flags, const char *vfs, struct err *e);
/* One without a name, gone when it is closed. */
int store_db_temp(struct store *s, struct err *e);
/* store_open.c */
void store_db_close(struct store *s);
/* store_reader.c */
int store_reader_open(struct store *s, struct err *e);
/* Keeps writers out, where there is a lock file: E_BUSY. */
int store_share_lock(struct store *s, struct err *e);
/* store_owner.c: to a refusal by the system, who owns what and who asks. */
void store_owner_tell(const char *dir, struct err *e);

/* store_doc.c */
int store_dict_load(struct store *s, struct err *e);
void store_dict_settle(struct store *s, bool kept);
void store_dict_free(struct store *s);
uint32_t store_packed_dict(const void *packed, size_t len);
/* A packed document of that many bytes; its SHA-256 compared. */
int store_unpack(struct store_unpacker *u, const void *packed, size_t len,
    uint64_t bytes, const uint8_t sha256[SHA256_LEN], struct buf *doc,
    struct err *e);
/* Behind those that are in the buffer; the SHA-256 is yet to be compared. */
int store_unpack_add(struct store_unpacker *u, const void *packed, size_t len,
    uint64_t bytes, struct buf *docs, struct err *e);
int store_doc_compare(const uint8_t found[SHA256_LEN],
    const uint8_t wanted[SHA256_LEN], struct err *e);
/* held.c: is what d brings alike to a document that is packed?  1 0 -1 */
int held_compare(struct store *s, const struct store_doc *d, const void *packed,
    size_t len, uint64_t bytes, const uint8_t sha256[SHA256_LEN],
    struct err *e);

/* store_query.c: the row of a revision, of a file, that a query stands on; the
   strings are SQLite's. */
#define STORE_FILE_COLUMNS 10
void store_get_rev(struct query *q, struct store_rev *r);
void store_get_file(struct query *q, struct store_file *f);

/* sync.c: a query of one number; closed. */
int sync_count(struct query *q, uint64_t *n, struct err *e);

/* sync_work.c: work for what somebody else has brought meanwhile goes. */
int sync_sweep(struct store *s, struct err *e);

/* sync_inbox.c: extra files of documents that were put. */
int sync_put_extra(struct store *s, struct err *e);

/* store_state.c: lines that were kept and that are known by now. */
int store_state_again(struct store *s, struct err *e);

/* store_file_extra.c: does a revision have this file beyond its document's? 1 0
   -1 */
int store_is_extra(struct store *s, int64_t file, struct err *e);
/* store_file.c */
int store_file_check(
    struct store *s, const struct update_file *f, int64_t *row, struct err *e);
/* f says a SHA-256, which the row of that file may lack. */
int store_file_declare(
    struct store *s, const struct update_file *f, struct err *e);
/* store_declare.c: of all files, in an older store. */
#define STORE_DECLARED_SINCE 7 /* the schema that has them */
int store_declare(struct store *s, struct err *e);
int store_file_put(
    struct store *s, const struct update_file *f, int64_t *row, struct err *e);

#endif
