/* SPDX-License-Identifier: ISC */
/* The text of every kept statement but those of sync_sql.c. */
#include "lib/store/store_db.h"

#define REV_COLUMNS                                                            \
	"r.row, r.id, r.revision, r.bytes, r.units, r.sha256, r.type,"         \
	" r.category, r.expired, NOT EXISTS (SELECT 1 FROM revision n"         \
	" WHERE n.id = r.id AND n.revision > r.revision), r.title,"            \
	" (SELECT value FROM word WHERE rev = r.row AND kind = 1"              \
	" AND n = 0), r.severity, r.created, r.transfer"
#define LEFT_OUT                                                               \
	"NOT f.present AND EXISTS (SELECT 1 FROM left_out WHERE sha1 = "       \
	"f.sha1)"
#define FILE_COLUMNS                                                           \
	"f.row, f.sha1, f.size, f.declared, f.measured, f.ext, f.name,"        \
	" f.present, (SELECT url FROM url WHERE file = f.row"                  \
	" ORDER BY row LIMIT 1), " LEFT_OUT
#define LEDGER_COLUMNS                                                         \
	"row, kind, state, origin, site, destination, sequence, base,"         \
	" selection, tag, signer, place, time, revisions, files, bytes,"       \
	" target, reason, gate, head FROM ledger"                              \
	" LEFT JOIN ledger_note n ON n.ledger = row"
#define DESTINATION_COLUMNS "row, name, store, key, since, base"

#define RECEIPT_COLUMNS "row, kind, ledger, time, record"

const char *const store_sql[SQL_SYNC] = {
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_SNAPSHOT] = "SELECT one FROM store",
    [SQL_HELD] = "SELECT sha256, row, transfer FROM revision WHERE id = ?"
		 " AND revision = ?",
    [SQL_HELD_AFTER] = "SELECT row, id, revision, sha256 FROM revision"
		       " WHERE row > ? ORDER BY row LIMIT ?",
    [SQL_HELD_FACTS] = "SELECT id, revision, type, category FROM revision"
		       " WHERE row = ?",
    [SQL_HELD_PREREQS] = "SELECT id FROM prereq WHERE rev = ? ORDER BY n",
    [SQL_HELD_FILES] = "SELECT f.sha1 FROM rev_file l JOIN file f"
		       " ON f.row = l.file WHERE l.rev = ?"
		       " AND l.n < " STORE_EXTRA_TEXT " ORDER BY l.n",
    [SQL_PUT_REV] = "INSERT INTO revision (row, id, revision, sha256, bytes,"
		    " units, encoding_seen, transfer, type, category, expired,"
		    " deployable, secured, mandatory, beta, created, lang,"
		    " title, severity, protocol, handler, eula, max_download,"
		    " langs) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_PUT_DOC] = "INSERT INTO document VALUES (?, ?, ?)",
    [SQL_PUT_TITLES] = "INSERT INTO title VALUES (?, ?)",
    [SQL_PUT_WORD] = "INSERT INTO word VALUES (?, ?, ?, ?)",
    [SQL_PUT_PREREQ] = "INSERT INTO prereq VALUES (?, ?, ?, ?, ?, ?)",
    [SQL_PUT_BUNDLE] = "INSERT INTO bundle VALUES (?, ?, ?, ?, ?, ?)",
    [SQL_PUT_SUPERSEDED] = "INSERT INTO superseded VALUES (?, ?, ?)",
    [SQL_PUT_REV_FILE] = "INSERT INTO rev_file VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SQL_FILE_FACTS] = "SELECT row, size, declared, measured, present"
		       " FROM file WHERE sha1 = ?",
    [SQL_PUT_FILE] = "INSERT INTO file VALUES (NULL, ?, ?, ?, NULL, ?, ?, 0)",
    [SQL_SET_FILE] = "UPDATE file SET size = ?, declared = ?, measured = ?,"
		     " present = ? WHERE row = ?",
    [SQL_FILE_ROW] = "SELECT row FROM file WHERE sha1 = ?",
    [SQL_HAS_URL] = "SELECT 1 FROM url WHERE file = ? AND url = ?",
    [SQL_PUT_URL] = "INSERT INTO url VALUES (NULL, ?, ?, ?)",
    [SQL_PUT_STATE] = "INSERT OR IGNORE INTO state VALUES (NULL, ?)",
    [SQL_PUT_DICT] = "INSERT INTO dict VALUES (?, ?)",
    [SQL_GET_DICT] = "SELECT id, bytes FROM dict ORDER BY rowid",
    [SQL_GET_DOC] = "SELECT r.sha256, r.bytes, d.packed, d.dict FROM revision r"
		    " JOIN document d ON d.row = r.row WHERE r.row = ?",
    [SQL_DOCS_FROM] = "SELECT r.row, r.id, r.revision, r.sha256, r.bytes,"
		      " d.dict, d.packed FROM revision r LEFT JOIN document d"
		      " ON d.row = r.row WHERE r.row >= ? ORDER BY r.row",
    [SQL_REV_FROM] = "SELECT row, id, revision FROM revision WHERE row >= ?"
		     " ORDER BY row LIMIT 1",
    [SQL_WALK_REVS] = "SELECT row, id, revision, bytes, units, sha256, type,"
		      " category, expired, 0, title, NULL, severity, created"
		      " FROM revision WHERE row >= ? ORDER BY row",
    [SQL_WALK_FILES] = "SELECT " FILE_COLUMNS ", l.rev FROM rev_file l"
		       " CROSS JOIN file f ON f.row = l.file WHERE l.rev >= ?"
		       " ORDER BY l.rev, l.n",
    [SQL_WALK_WORDS] = "SELECT rev, value FROM word WHERE rev >= ?"
		       " AND kind = 1 ORDER BY rev, n",
    [SQL_WALK_CATEGORIES] = "SELECT rev, kind, category FROM rev_category"
			    " WHERE rev >= ? ORDER BY rev, kind, n",
    [SQL_FILED_UNDER] = "SELECT c.row, c.id, (SELECT title FROM revision n"
			" WHERE n.id = c.id ORDER BY n.revision DESC LIMIT 1)"
			" FROM revision c WHERE c.row IN (SELECT category"
			" FROM rev_category) ORDER BY c.row",
    [SQL_EACH_REV] = "SELECT " REV_COLUMNS " FROM revision r ORDER BY r.row",
    [SQL_ONE_REV] = "SELECT " REV_COLUMNS " FROM revision r WHERE r.row = ?",
    [SQL_EACH_FILE] = "SELECT " FILE_COLUMNS " FROM file f ORDER BY f.sha1",
    [SQL_EACH_PRESENT] = "SELECT " FILE_COLUMNS " FROM file f"
			 " WHERE f.present ORDER BY f.sha1",
    [SQL_EACH_HERE] = "SELECT row, sha1, size, ext FROM file WHERE present",
    [SQL_ONE_FILE] = "SELECT " FILE_COLUMNS " FROM file f WHERE f.sha1 = ?",
    [SQL_FILES_OF] = "SELECT " FILE_COLUMNS " FROM rev_file l"
		     " JOIN file f ON f.row = l.file WHERE l.rev = ?"
		     " ORDER BY l.n",
    [SQL_FILES_UNDER] =
	"WITH RECURSIVE part (row) AS (SELECT ?1 UNION SELECT r.row FROM part p"
	" JOIN bundle b ON b.rev = p.row JOIN revision r ON r.id = b.id"
	" AND r.revision = b.revision) SELECT " FILE_COLUMNS " FROM file f"
	" WHERE f.row IN (SELECT l.file FROM part p JOIN rev_file l"
	" ON l.rev = p.row) ORDER BY f.row",
    [SQL_FILES_AFTER] = "SELECT f.row, f.sha1, f.size, f.declared, f.measured,"
			" f.ext, f.name, f.present, NULL, " LEFT_OUT
			" FROM file f"
			" WHERE f.sha1 > ? ORDER BY f.sha1 LIMIT ?",
    [SQL_FILES_BY_ROW] =
	"SELECT f.row, f.sha1, f.size, f.declared, f.measured, f.ext, f.name,"
	" f.present, NULL, " LEFT_OUT " FROM file f ORDER BY f.row",
    [SQL_CATEGORIES_OF] = "SELECT c.id, (SELECT title FROM revision n"
			  " WHERE n.id = c.id ORDER BY n.revision DESC"
			  " LIMIT 1) FROM rev_category l JOIN revision c"
			  " ON c.row = l.category WHERE l.rev = ?"
			  " AND l.kind = ? ORDER BY l.n",
    [SQL_KBS_OF] = "SELECT value FROM word WHERE rev = ? AND kind = 1"
		   " ORDER BY n",
    [SQL_EACH_URL] = "SELECT f.sha1, u.url FROM file f JOIN url u"
		     " ON u.file = f.row WHERE u.row > (SELECT min(row)"
		     " FROM url WHERE file = f.row) ORDER BY f.sha1, u.row",
    [SQL_EACH_STATE] = "SELECT line FROM state ORDER BY line",
    [SQL_EACH_MISSING] = "SELECT id, revision, wanted_by FROM missing"
			 " ORDER BY id, revision",
    [SQL_COUNTS] = "SELECT (SELECT count(*) FROM revision),"
		   " (SELECT count(DISTINCT id) FROM revision),"
		   " (SELECT count(DISTINCT id) FROM revision"
		   " WHERE type = 3), (SELECT count(*) FROM file),"
		   " (SELECT count(*) FROM file WHERE present),"
		   " (SELECT total(size) FROM file WHERE present),"
		   " (SELECT total(bytes) FROM revision),"
		   " (SELECT count(*) FROM left_out l JOIN file f"
		   " ON f.sha1 = l.sha1 WHERE NOT f.present)",
    [SQL_ADD_LEDGER] = "INSERT INTO ledger VALUES (NULL, ?, ?, ?, ?, ?, ?, ?,"
		       " ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_SET_LEDGER] = "UPDATE ledger SET kind = ?, state = ?, origin = ?,"
		       " site = ?, destination = ?, sequence = ?, base = ?,"
		       " selection = ?, tag = ?, signer = ?, place = ?,"
		       " time = ?, revisions = ?, files = ?, bytes = ?"
		       " WHERE row = ?",
    [SQL_LAST_EXPORT] = "SELECT " LEDGER_COLUMNS
			" WHERE kind = 1 ORDER BY sequence DESC LIMIT 1",
    [SQL_FIND_LEDGER] = "SELECT " LEDGER_COLUMNS
			" WHERE kind = ? AND tag = ? ORDER BY row DESC"
			" LIMIT 1",
    [SQL_LAST_IMPORT] = "SELECT " LEDGER_COLUMNS
			" WHERE kind = 2 AND state = 3 AND origin = ?1"
			" AND row >= (SELECT coalesce(max(v.ledger), 0)"
			" FROM event v WHERE v.kind = 'fork'"
			" AND v.origin = ?1)"
			" ORDER BY sequence DESC, row DESC LIMIT 1",
    [SQL_FIND_IMPORT] = "SELECT " LEDGER_COLUMNS
			" WHERE kind = 2 AND state = 3 AND origin = ?"
			" AND sequence = ? ORDER BY row DESC LIMIT 1",
    [SQL_EACH_LEDGER] = "SELECT " LEDGER_COLUMNS " ORDER BY row",
    [SQL_PUT_NOTE] = "INSERT OR REPLACE INTO ledger_note"
		     " VALUES (?, ?, ?, ?, ?)",
    [SQL_PUT_CARRIED] = "INSERT OR REPLACE INTO carried VALUES (?, ?, ?)",
    [SQL_GET_CARRIED] = "SELECT runs FROM carried WHERE ledger = ?"
			" AND kind = ?",
    [SQL_ADD_EVENT] = "INSERT INTO event VALUES (NULL, ?, ?, ?, ?, ?, ?)",
    [SQL_EACH_EVENT] = "SELECT row, time, kind, ledger, origin, sequence, text"
		       " FROM event ORDER BY row",
    [SQL_LAST_EVENT] = "SELECT max(ledger) FROM event WHERE kind = ?"
		       " AND origin = ?",
    [SQL_EVENT_TEXT] = "SELECT text FROM event WHERE kind = ? AND ledger = ?"
		       " ORDER BY row DESC LIMIT 1",
    [SQL_EVENT_TEXTS] = "SELECT text FROM event WHERE kind = ? AND ledger = ?"
			" ORDER BY row",
    [SQL_DESTINATION] = "SELECT " DESTINATION_COLUMNS " FROM destination"
			" WHERE name = ?",
    [SQL_DESTINATION_OF] = "SELECT " DESTINATION_COLUMNS " FROM destination"
			   " WHERE store = ?",
    [SQL_EACH_DESTINATION] = "SELECT " DESTINATION_COLUMNS " FROM destination"
			     " ORDER BY name",
    [SQL_ADD_DESTINATION] = "INSERT INTO destination VALUES (NULL, ?, ?, ?, ?,"
			    " ?)",
    [SQL_SET_DESTINATION] = "UPDATE destination SET name = ?, store = ?,"
			    " key = ?, since = ?, base = ? WHERE row = ?",
    [SQL_BASE_DESTINATION] = "UPDATE destination SET base = ? WHERE row = ?",
    [SQL_DROP_WITHDRAWN] = "DELETE FROM withdrawn WHERE origin = ?",
    [SQL_PUT_WITHDRAWN] = "INSERT OR IGNORE INTO withdrawn VALUES (?, ?, ?)",
    /* One that another upstream lists is not. */
    [SQL_EACH_WITHDRAWN] =
	"SELECT r.row, r.id, r.revision FROM (SELECT id, revision"
	" FROM withdrawn UNION SELECT id, revision FROM listed"
	" WHERE absent <> 0) w JOIN revision r ON r.id = w.id"
	" AND r.revision = w.revision WHERE NOT EXISTS (SELECT 1"
	" FROM listed o WHERE o.upstream IN (SELECT row FROM upstream)"
	" AND o.id = w.id AND o.revision = w.revision AND o.absent = 0)"
	" ORDER BY r.id, r.revision",
    [SQL_PUT_ACKNOWLEDGED] = "INSERT OR REPLACE INTO acknowledged"
			     " VALUES (?, ?, ?)",
    [SQL_GET_ACKNOWLEDGED] = "SELECT runs FROM acknowledged"
			     " WHERE destination = ? AND kind = ?",
    [SQL_SCAN_REV] = "SELECT row, id, revision, bytes, type, category,"
		     " units"
		     " FROM revision ORDER BY row",
    [SQL_ADD_RECEIPT] = "INSERT INTO receipt VALUES"
			" (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_LAST_RECEIPT] = "SELECT " RECEIPT_COLUMNS " FROM receipt"
			 " WHERE kind = ? AND store = ?"
			 " ORDER BY number DESC LIMIT 1",
    [SQL_LAST_RECEIPT_OF] = "SELECT " RECEIPT_COLUMNS " FROM receipt"
			    " WHERE kind = ? AND store = ? AND origin = ?"
			    " ORDER BY number DESC LIMIT 1",
    [SQL_FIND_RECEIPT] = "SELECT " RECEIPT_COLUMNS " FROM receipt"
			 " WHERE kind = ? AND store = ? AND number = ?",
    [SQL_EACH_RECEIPT] = "SELECT " RECEIPT_COLUMNS " FROM receipt ORDER BY row",
    [SQL_SCAN_FILE] = "SELECT row, sha1, present FROM file ORDER BY row",
    [SQL_SCAN_PREREQ] = "SELECT rev, grp, any, id, n FROM prereq"
			" ORDER BY rev, n",
    [SQL_SCAN_BUNDLE] = "SELECT rev, id, revision, n FROM bundle"
			" ORDER BY rev, n",
    [SQL_SCAN_CATEGORY] = "SELECT rev, kind, category FROM rev_category"
			  " ORDER BY rev, kind, n",
    [SQL_CATEGORY_ROWS] = "SELECT category FROM rev_category WHERE rev = ?",
    [SQL_LATE_FILES] = "SELECT l.file, max(l.rev) FROM rev_file l"
		       " CROSS JOIN file f ON f.row = l.file WHERE f.present"
		       " GROUP BY l.file",
    [SQL_DEL_CATEGORY] = "DELETE FROM rev_category WHERE rev = ?",
    [SQL_PUT_CATEGORY] = "INSERT INTO rev_category VALUES (?, ?, ?, ?)",
    [SQL_CLEAR_MISSING] = "DELETE FROM missing",
    [SQL_PUT_MISSING] = "INSERT INTO missing VALUES (?, ?, ?)",
    [SQL_SCAN_LACKING] = "SELECT part, rev, n, any, id, revision FROM lacking"
			 " ORDER BY part, rev, n",
    [SQL_CLEAR_LACKING] = "DELETE FROM lacking",
    [SQL_PUT_LACKING] = "INSERT INTO lacking VALUES (?, ?, ?, ?, ?, ?)",
    [SQL_LACKING_ROWS] = "SELECT rev, id, revision FROM lacking ORDER BY rev",
    [SQL_EACH_LACKING] =
	"SELECT r.row, r.id, r.revision, r.title, (SELECT value FROM word"
	" WHERE rev = r.row AND kind = 1 AND n = 0), l.part,"
	" CASE WHEN l.any THEN (SELECT count(*) FROM prereq p"
	" WHERE p.rev = l.rev AND p.any AND p.grp = (SELECT grp FROM prereq o"
	" WHERE o.rev = l.rev AND o.n = l.n)) ELSE 0 END, l.id, l.revision,"
	" h.title FROM lacking l JOIN revision r ON r.row = l.rev"
	" LEFT JOIN revision h ON h.row = (SELECT row FROM revision"
	" WHERE id = l.id ORDER BY revision DESC LIMIT 1)"
	" ORDER BY l.rev, l.part, l.n",
    [SQL_LACKING_OTHER] = "SELECT id, wanted_by FROM missing"
			  " WHERE revision = 0 AND id NOT IN (SELECT id"
			  " FROM lacking WHERE part = 0) ORDER BY id",
    [SQL_AWAY] = "SELECT row, sha1, size, EXISTS (SELECT 1 FROM left_out o"
		 " WHERE o.sha1 = f.sha1) FROM file f WHERE NOT present"
		 " ORDER BY row",
    [SQL_SCAN_REV_FILE] = "SELECT rev, file FROM rev_file ORDER BY rev, n",
    [SQL_SHOWN_AFTER] = "SELECT s.row, s.superseded, s.files, r.id,"
			" r.revision, r.type, r.expired, r.title, r.severity,"
			" r.created, s.top IS NULL"
			" FROM shown s JOIN revision r"
			" ON r.row = s.row WHERE s.row > ? ORDER BY s.row"
			" LIMIT ?",
    [SQL_KBS_AFTER] = "SELECT rev, value FROM word WHERE rev > ?"
		      " AND kind = 1 ORDER BY rev, kind, n",
    [SQL_CATEGORIES_AFTER] = "SELECT rev, kind, category FROM rev_category"
			     " WHERE rev > ? ORDER BY rev, kind, n",
    [SQL_COUNT_TOP] = "SELECT count(*) FROM shown WHERE top IS NOT NULL",
    [SQL_EACH_TOP] = "SELECT row, superseded FROM shown"
		     " WHERE top IS NOT NULL ORDER BY top DESC, row DESC"
		     " LIMIT ? OFFSET ?",
    [SQL_CATEGORY_TITLE] = "SELECT c.id, (SELECT title FROM revision n"
			   " WHERE n.id = c.id ORDER BY n.revision DESC"
			   " LIMIT 1) FROM revision c WHERE c.row = ?",
    [SQL_FILE_SHA1] = "SELECT sha1 FROM file WHERE row = ?",
    [SQL_SCAN_SUPERSEDED] = "SELECT rev, id FROM superseded ORDER BY rev, n",
    [SQL_SCAN_SHOWN] = "SELECT row, superseded, top IS NULL, files FROM shown"
		       " ORDER BY row",
    /* Of one row by VALUES: for REPLACE, or rows of a SELECT, SQLite copies
       each page that it changes, lest the statement fail. */
    [SQL_PUT_SHOWN] = "INSERT INTO shown VALUES (?1, ?2, CASE WHEN NOT ?3"
		      " THEN ifnull((SELECT created FROM revision"
		      " WHERE row = ?1), '') END, ?4)",
    [SQL_DROP_SHOWN] = "DELETE FROM shown WHERE row = ?",
    [SQL_REFUSED] = "SELECT 1 FROM work WHERE upstream IN (SELECT row"
		    " FROM upstream) AND kind IN (1, 2, 3) AND id = ?"
		    " AND revision = ? AND state = 2",
    [SQL_PREREQ_AT] = "SELECT id FROM prereq WHERE rev = ? AND n = ?",
    [SQL_BUNDLE_AT] = "SELECT id, revision FROM bundle WHERE rev = ?"
		      " AND n = ?",
    [SQL_USES_OF] = "SELECT f.row, f.sha1, f.size, f.declared, f.measured,"
		    " f.ext, f.name, f.present, l.patching IS 'Express'"
		    " FROM rev_file l JOIN file f ON f.row = l.file"
		    " WHERE l.rev = ? ORDER BY l.n",
    [SQL_REV_ROW] = "SELECT row FROM revision WHERE id = ? AND revision = ?",
    [SQL_PUT_EXTRA] =
	"INSERT INTO rev_file SELECT ?1, (SELECT max(coalesce(max(n), 0) + 1,"
	" " STORE_EXTRA_TEXT ") FROM rev_file WHERE rev = ?1), ?2, ?3, 0, NULL,"
	" NULL WHERE NOT EXISTS (SELECT 1 FROM rev_file WHERE rev = ?1"
	" AND file = ?2)",
    [SQL_EACH_EXTRA] = "SELECT r.row, r.id, r.revision, f.sha1, l.name"
		       " FROM rev_file l JOIN revision r ON r.row = l.rev"
		       " JOIN file f ON f.row = l.file"
		       " WHERE l.n >= " STORE_EXTRA_TEXT " ORDER BY l.rev, l.n",
    [SQL_IS_EXTRA] = "SELECT 1 FROM rev_file WHERE file = ?"
		     " AND n >= " STORE_EXTRA_TEXT,
    [SQL_EACH_SUM] = "SELECT part, rows, sum FROM sums",
    [SQL_PUT_SUM] = "INSERT OR REPLACE INTO sums VALUES (?, ?, ?)",
    [SQL_PUT_LEFT_OUT] = "INSERT OR IGNORE INTO left_out SELECT ?1"
			 " WHERE NOT EXISTS (SELECT 1 FROM file"
			 " WHERE sha1 = ?1 AND present)",
    [SQL_DROP_LEFT_OUT] = "DELETE FROM left_out WHERE sha1 = ?",
#define RECORD_OF " BETWEEN ?1 AND ?2"
    /* Each as its row is put: record.c.  What no document says is 'utf-8' and
       0 there. */
    [SQL_RECORD_REVS] =
	"SELECT id, revision, sha256, bytes, units, 'utf-8', 0, type,"
	" category, expired, deployable, secured, mandatory, beta, created,"
	" lang, title, severity, protocol, handler, eula, max_download, langs"
	" FROM revision WHERE row" RECORD_OF " ORDER BY row",
    /* Older schemas keep those of other revisions, too. */
    [SQL_RECORD_TITLES] = "SELECT t.rev, t.titles FROM title t"
			  " JOIN revision r ON r.row = t.rev"
			  " WHERE t.rev" RECORD_OF " AND r.type = 3"
			  " ORDER BY t.rev",
    [SQL_RECORD_WORDS] = "SELECT rev, kind, n, value FROM word"
			 " WHERE rev" RECORD_OF " ORDER BY rev, kind, n",
    [SQL_RECORD_PREREQS] = "SELECT rev, n, grp, any, is_category, id"
			   " FROM prereq WHERE rev" RECORD_OF
			   " ORDER BY rev, n",
    [SQL_RECORD_BUNDLES] = "SELECT rev, n, grp, any, id, revision"
			   " FROM bundle WHERE rev" RECORD_OF
			   " ORDER BY rev, n",
    [SQL_RECORD_SUPERSEDED] = "SELECT rev, n, id FROM superseded"
			      " WHERE rev" RECORD_OF " ORDER BY rev, n",
    [SQL_RECORD_FILES] =
	"SELECT rev, n, (SELECT sha1 FROM file WHERE row = l.file), name,"
	" encrypted, patching, modified FROM rev_file l WHERE rev" RECORD_OF
	" AND n < " STORE_EXTRA_TEXT " ORDER BY rev, n",
};
