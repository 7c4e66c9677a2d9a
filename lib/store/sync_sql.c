/* SPDX-License-Identifier: ISC */
/* The text of the statements of sync*.c. */
#include "lib/store/store_db.h"

/* For one of 1, 2, 3 SQLite fills a table at each use, which takes longer than
   the search itself: where it is often done there are three. */
#define KINDS "kind IN (1, 2, 3)"
#define ONE_KIND(k, from, cond)                                                \
	"EXISTS (SELECT 1 FROM " from " WHERE kind = " k " AND " cond ")"
#define ANY_KIND(from, cond)                                                   \
	"(" ONE_KIND("1", from, cond) " OR " ONE_KIND(                         \
	    "2", from, cond) " OR " ONE_KIND("3", from, cond) ")"
#define UPSTREAMS "upstream IN (SELECT row FROM upstream)"
#define HELD(id, rev)                                                          \
	"EXISTS (SELECT 1 FROM revision r WHERE r.id = " id                    \
	" AND r.revision = " rev ")"
#define IN_INBOX(is_id, is_rev)                                                \
	ANY_KIND("inbox i", "i.id = " is_id " AND i.revision = " is_rev)
#define AT(sql) [sql - SQL_SYNC]

const char *const sync_sql[SQL_N - SQL_SYNC] = {
    AT(SQL_UPSTREAM) = "SELECT row, url, account, name, last_success,"
		       " catalog_only, lazy, hosts_psf, max_updates, version,"
		       " languages FROM upstream WHERE url = ?",
    AT(SQL_ADD_UPSTREAM) = "INSERT INTO upstream VALUES (NULL, ?, ?, '', 0, 0,"
			   " 0, 0, 0, '', '')",
    AT(SQL_SET_UPSTREAM) = "UPDATE upstream SET name = ?, last_success = ?,"
			   " catalog_only = ?, lazy = ?, hosts_psf = ?,"
			   " max_updates = ?, version = ?, languages = ?"
			   " WHERE row = ?",
    AT(SQL_EACH_UPSTREAM) = "SELECT row, url, account, name, last_success,"
			    " catalog_only, lazy, hosts_psf, max_updates,"
			    " version, languages FROM upstream ORDER BY url",
    AT(SQL_ANCHOR) = "SELECT value, pending, taken, full_at, pending_full,"
		     " filter, pending_filter FROM anchor WHERE upstream = ?"
		     " AND kind = ?",
    AT(SQL_SET_ANCHOR) = "INSERT OR REPLACE INTO anchor VALUES (?, ?, ?, ?, ?,"
			 " ?, ?, ?, ?)",
    AT(SQL_FORGET_ANCHORS) = "DELETE FROM anchor WHERE upstream = ?",
    AT(SQL_UNPEND_ANCHORS) = "UPDATE anchor SET pending = '', taken = 0,"
			     " pending_full = 0 WHERE upstream = ?"
			     " AND pending <> ''",
    AT(SQL_ADD_RUN) = "INSERT INTO run VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?,"
		      " ?)",
    AT(SQL_TRIM_RUNS) = "DELETE FROM run WHERE row <= (SELECT max(row)"
			" FROM run) - ?",
    AT(SQL_LAST_RUN) = "SELECT began, ended, status, requests, revisions,"
		       " files, bytes, failed FROM run WHERE upstream = ?"
		       " ORDER BY row DESC LIMIT 1",
    AT(SQL_PUT_INBOX_URL) = "INSERT OR REPLACE INTO inbox_url VALUES (?, ?, ?)",
    AT(SQL_EACH_INBOX_URL) = "SELECT i.sha1, i.url, u.url FROM inbox_url i"
			     " JOIN upstream u ON u.row = i.upstream"
			     " ORDER BY i.sha1, i.upstream",
    AT(SQL_CLEAR_INBOX_URLS) = "DELETE FROM inbox_url",
    /* Exactly this revision: listed, bundled. */
    AT(SQL_ADD_WORK) =
	"INSERT INTO work SELECT ?1, ?2, ?3, ?4, 1, 0, 0, '' WHERE NOT " HELD(
	    "?3", "?4") " AND NOT " IN_INBOX("?3",
	    "?4") " AND NOT " ANY_KIND("work",
	    "upstream = ?1 AND id = ?3 AND revision = ?4"),
    /* What was not to be had and is listed again. */
    AT(SQL_WAKE_WORK) = "UPDATE work SET state = 1 WHERE upstream = ?"
			" AND " KINDS " AND id = ? AND revision = ?"
			" AND state = 3",
    /* Any revision will do. */
    AT(SQL_ADD_WANTED) =
	"INSERT INTO work SELECT ?1, 3, ?2, 0, 1, 0, 0, '' WHERE NOT EXISTS"
	" (SELECT 1 FROM revision WHERE id = ?2) AND NOT " ANY_KIND(
	    "inbox", "id = ?2") " AND NOT " ANY_KIND("work",
	    "upstream = ?1 AND id = ?2"),
    AT(SQL_UNDONE) = "SELECT kind, id, revision, tries FROM work"
		     " WHERE upstream = ?1 AND (kind, id, revision)"
		     " > (?2, ?3, ?4) AND state = 1 AND revision > 0"
		     " ORDER BY kind, id, revision LIMIT ?5",
    AT(SQL_DANGLING) =
	"SELECT id FROM work w WHERE upstream = ?1 AND kind = 3"
	" AND revision = 0 AND state = 1 AND NOT EXISTS (SELECT 1"
	" FROM revision r WHERE r.id = w.id) AND NOT EXISTS (SELECT 1"
	" FROM inbox i WHERE i." KINDS " AND i.id = w.id) AND NOT EXISTS"
	" (SELECT 1 FROM work o WHERE o.upstream = ?1 AND o." KINDS
	" AND o.id = w.id AND o.revision > 0) ORDER BY id LIMIT ?2",
    AT(SQL_SET_WORK) = "UPDATE work SET state = ?, tries = tries + 1, at = ?,"
		       " why = ? WHERE upstream = ? AND " KINDS
		       " AND id = ? AND revision = ?",
    AT(SQL_WORK_DONE) = "DELETE FROM work WHERE " UPSTREAMS
			" AND kind = ? AND id = ? AND (+revision = 0"
			" OR +revision = ?)",
    AT(SQL_SWEEP_WORK) = "DELETE FROM work WHERE CASE revision WHEN 0 THEN"
			 " EXISTS (SELECT 1 FROM revision r"
			 " WHERE r.id = work.id) ELSE " HELD(
			     "work.id", "work.revision") " END",
    AT(SQL_DROP_LISTED_WORK) = "DELETE FROM work WHERE upstream = ?"
			       " AND kind IN (1, 2)",
    AT(SQL_DROP_UNDONE) = "DELETE FROM work WHERE upstream = ?"
			  " AND kind IN (1, 2) AND state = 1",
    AT(SQL_REVIVE_CLOSURE) = "UPDATE work SET state = 1 WHERE upstream = ?"
			     " AND kind = 3 AND state = 2",
    AT(SQL_SLEEP_WORK) = "UPDATE work SET state = 3 WHERE upstream = ?"
			 " AND kind = ? AND state = 2",
    AT(SQL_DROP_SLEEPING) = "DELETE FROM work WHERE upstream = ?"
			    " AND kind = ? AND state = 3",
    AT(SQL_END_DANGLING) = "UPDATE work SET state = 2, at = ?,"
			   " why = 'no revision of it is known'"
			   " WHERE upstream = ? AND kind = 3 AND revision = 0"
			   " AND state = 1",
    /* Of a configuration list, and of all else, which leads on from it. */
    AT(SQL_WORK_LEFT) = "SELECT count(*), coalesce(sum(tries = 0), 0)"
			" FROM work WHERE upstream = ?1 AND CASE ?2 WHEN 1"
			" THEN kind = 1 ELSE kind IN (2, 3) END AND state = 1"
			" AND revision > 0",
    AT(SQL_SYNC_COUNTS) = "SELECT coalesce(sum(state = 1), 0),"
			  " coalesce(sum(state = 1 AND tries > 0), 0),"
			  " coalesce(sum(state <> 1), 0),"
			  " (SELECT count(*) FROM inbox),"
			  " (SELECT coalesce(sum(bytes), 0) FROM inbox"
			  " INDEXED BY inbox_order) FROM work"
			  " WHERE upstream = ? AND revision > 0",
    AT(SQL_IN_INBOX) =
	"SELECT sha256, bytes, packed FROM inbox WHERE kind IN (1, 2, 3)"
	" AND id = ?1 AND revision = ?2",
    AT(SQL_PUT_INBOX) = "INSERT INTO inbox VALUES (NULL, ?, ?, ?, ?, ?, ?, ?,"
			" ?, ?, ?)",
    AT(SQL_EACH_INBOX_FILES) =
	"SELECT id, revision, files FROM inbox WHERE files <> x''"
	" ORDER BY kind, id, revision",
    AT(SQL_INBOX_URL) = "SELECT url FROM inbox_url WHERE sha1 = ?"
			" ORDER BY upstream LIMIT 1",
    AT(SQL_EACH_INBOX) = "SELECT id, revision, sha256, bytes, units, encoding,"
			 " packed FROM inbox INDEXED BY inbox_order"
			 " ORDER BY kind, id, revision",
    AT(SQL_CLEAR_INBOX) = "DELETE FROM inbox",
    AT(SQL_REDO_ARRIVED) = "INSERT OR IGNORE INTO work SELECT upstream, kind,"
			   " id, revision, 1, 0, 0, '' FROM inbox WHERE " KINDS
			   " AND id = ? AND revision = ?",
    AT(SQL_DROP_ARRIVED) = "DELETE FROM inbox WHERE " KINDS
			   " AND id = ? AND revision = ?",
    AT(SQL_PUT_FRESH) = "INSERT OR IGNORE INTO fresh VALUES (?, ?)",
    AT(SQL_CLEAR_FRESH) = "DELETE FROM fresh",
    AT(SQL_PUT_LISTED) = "INSERT INTO listed VALUES (?, ?, ?, ?, 0)"
			 " ON CONFLICT DO UPDATE SET absent = 0"
			 " WHERE absent <> 0",
    /* One of which another revision is listed was replaced, not withdrawn. */
    AT(SQL_MARK_ABSENT) = "UPDATE listed SET absent = ? WHERE upstream = ?"
			  " AND kind = ? AND absent = 0 AND NOT EXISTS"
			  " (SELECT 1 FROM fresh f WHERE f.id = listed.id)"
			  " AND (" HELD("listed.id",
			      "listed.revision") " OR " IN_INBOX("listed.id",
			      "listed.revision") ")",
    AT(SQL_DROP_LISTED) = "DELETE FROM listed WHERE upstream = ?"
			  " AND kind = ? AND absent = 0 AND NOT EXISTS"
			  " (SELECT 1 FROM fresh f WHERE f.id = listed.id"
			  " AND f.revision = listed.revision)",
    AT(SQL_TAKE_FRESH) = "INSERT INTO listed SELECT ?, ?, id, revision, 0"
			 " FROM fresh WHERE true ON CONFLICT DO UPDATE"
			 " SET absent = 0 WHERE absent <> 0",
    AT(SQL_EACH_ABSENT) =
	"SELECT id, revision, min(absent) FROM listed l WHERE absent <> 0"
	" AND " HELD("l.id", "l.revision") " AND NOT EXISTS (SELECT 1"
					   " FROM listed o WHERE o." UPSTREAMS
					   " AND o." KINDS " AND o.id = l.id"
					   " AND o.revision = l.revision"
					   " AND o.absent = 0)"
					   " GROUP BY id, revision"
					   " ORDER BY id, revision",
    AT(SQL_PUT_OUTCOME) = "INSERT OR REPLACE INTO fetch_file VALUES (?, ?, ?,"
			  " ?, ?)",
    AT(SQL_EACH_OUTCOME) = "SELECT sha1, outcome, at, tries, why"
			   " FROM fetch_file ORDER BY sha1",
    AT(SQL_PUT_KEY) = "INSERT OR REPLACE INTO file_key VALUES (?, ?)",
    AT(SQL_PUT_NO_KEYS) =
	"INSERT OR IGNORE INTO file_key SELECT f.sha1, x'' FROM revision r"
	" JOIN rev_file l ON l.rev = r.row JOIN file f ON f.row = l.file"
	" WHERE r.id = ? AND r.revision = ? AND (l.encrypted OR r.secured)",
    AT(SQL_DROP_NO_KEYS) = "DELETE FROM file_key WHERE length(key) = 0",
    AT(SQL_EACH_KEYLESS) =
	"SELECT r.id, r.revision FROM revision r WHERE r.row IN (SELECT l.rev"
	" FROM rev_file l JOIN file f ON f.row = l.file"
	" WHERE l.n < " STORE_EXTRA_TEXT " AND (l.encrypted"
	" OR l.rev IN (SELECT row FROM revision WHERE secured))"
	" AND NOT EXISTS (SELECT 1 FROM file_key k WHERE k.sha1 = f.sha1))"
	" ORDER BY r.row",
    AT(SQL_COUNT_LISTED) = "SELECT count(*) FROM listed WHERE upstream = ?"
			   " AND kind = ? AND absent = 0",
    AT(SQL_IS_TOLD) = "SELECT 1 FROM told WHERE upstream = ? AND matter = ?"
		      " AND sha256 = ?",
    AT(SQL_PUT_TOLD) = "INSERT OR REPLACE INTO told VALUES (?, ?, ?)",
};
