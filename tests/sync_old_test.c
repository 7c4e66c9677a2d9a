/* SPDX-License-Identifier: ISC */
/* A store as it was before there were upstreams. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "tests/store_rig.h"
#include "tests/sync_make.h"

MAKE_IN_MEMORY

/* As it was released; it stays like this whatever the store learns. */
static const char schema_1[] =
    "CREATE TABLE store (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " id BLOB NOT NULL, site TEXT NOT NULL);"
    "CREATE TABLE dict (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
    "CREATE TABLE revision (row INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL, revision INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL, bytes INTEGER NOT NULL, units INTEGER NOT NULL,"
    " encoding_seen TEXT NOT NULL, transfer INTEGER NOT NULL,"
    " state INTEGER NOT NULL DEFAULT 0,"
    " type INTEGER NOT NULL, category INTEGER NOT NULL,"
    " expired INTEGER NOT NULL, deployable INTEGER NOT NULL,"
    " secured INTEGER NOT NULL, mandatory INTEGER NOT NULL,"
    " beta INTEGER NOT NULL, created TEXT, lang TEXT, title TEXT,"
    " severity TEXT, protocol TEXT, handler TEXT, eula BLOB,"
    " max_download INTEGER, langs TEXT, UNIQUE (id, revision));"
    "CREATE TABLE document (row INTEGER PRIMARY KEY, dict INTEGER NOT NULL,"
    " packed BLOB NOT NULL);"
    "CREATE TABLE title (rev INTEGER PRIMARY KEY, titles TEXT NOT NULL);"
    "CREATE TABLE word (rev INTEGER, kind INTEGER, n INTEGER,"
    " value TEXT NOT NULL, PRIMARY KEY (rev, kind, n)) WITHOUT ROWID;"
    "CREATE TABLE prereq (rev INTEGER, n INTEGER, grp INTEGER NOT NULL,"
    " any INTEGER NOT NULL, is_category INTEGER NOT NULL, id BLOB NOT NULL,"
    " PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE bundle (rev INTEGER, n INTEGER, grp INTEGER NOT NULL,"
    " any INTEGER NOT NULL, id BLOB NOT NULL, revision INTEGER NOT NULL,"
    " PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE superseded (rev INTEGER, n INTEGER, id BLOB NOT NULL,"
    " PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE rev_file (rev INTEGER, n INTEGER, file INTEGER NOT NULL,"
    " name TEXT NOT NULL, encrypted INTEGER NOT NULL, patching TEXT,"
    " modified TEXT, PRIMARY KEY (rev, n)) WITHOUT ROWID;"
    "CREATE TABLE file (row INTEGER PRIMARY KEY, sha1 BLOB NOT NULL UNIQUE,"
    " size INTEGER, declared BLOB, measured BLOB, ext TEXT NOT NULL,"
    " name TEXT NOT NULL, present INTEGER NOT NULL);"
    "CREATE TABLE url (row INTEGER PRIMARY KEY, file INTEGER NOT NULL,"
    " url TEXT NOT NULL, source TEXT NOT NULL);"
    "CREATE INDEX url_file ON url (file);"
    "CREATE TABLE rev_category (rev INTEGER, kind INTEGER, n INTEGER,"
    " category INTEGER NOT NULL, PRIMARY KEY (rev, kind, n)) WITHOUT ROWID;"
    "CREATE INDEX rev_category_of ON rev_category (category, rev);"
    "CREATE TABLE missing (id BLOB, revision INTEGER, wanted_by INTEGER,"
    " PRIMARY KEY (id, revision)) WITHOUT ROWID;"
    "CREATE TABLE state (row INTEGER PRIMARY KEY,"
    " line TEXT NOT NULL UNIQUE);"
    "CREATE TABLE ledger (row INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL, origin BLOB NOT NULL, site TEXT NOT NULL,"
    " destination TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " base INTEGER NOT NULL, selection BLOB NOT NULL, tag BLOB,"
    " signer TEXT NOT NULL, place TEXT NOT NULL, time INTEGER NOT NULL,"
    " revisions INTEGER NOT NULL, files INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX ledger_number ON ledger (sequence) WHERE kind = 1;";

/*
 * The catalogue of make_fill() in a store of schema 1.  *dump: of the same in
 * the present schema; free() it.
 */
static const char *
old_store(char **dump)
{
	const char *now = t_tmpdir(), *dir = t_tmpdir();
	struct store *s = make_begun(now);
	char text[8192];
	size_t i;
	static const char *const tables[] = {"store", "revision", "document",
	    "title", "word", "prereq", "bundle", "superseded", "rev_file",
	    "file", "url", "rev_category", "missing", "state", "ledger"};

	make_fill(s);
	make_commit(s);
	*dump = make_dump(s);
	store_close(s);
	rig_sql(dir,
	    "PRAGMA page_size = 32768; PRAGMA application_id = 1465079110;"
	    "PRAGMA journal_mode = WAL");
	rig_sql(dir, schema_1);
	snprintf(text, sizeof(text), "ATTACH '%s/store.db' AS n;", now);
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "INSERT INTO main.%s SELECT * FROM n.%s;", tables[i],
		    tables[i]);
	strncat(text, "PRAGMA main.user_version = 1", 64);
	rig_sql(dir, text);
	return dir;
}

static int
no_fault(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)arg, (void)e;
	t_fail(__FILE__, __LINE__, "%s: %s", what, fault->msg);
	return 0;
}

static int
no_file(void *arg, const struct sync_file *f, struct err *e)
{
	(void)arg, (void)f;
	return err_set(e, E_FORMAT, "there is a file");
}

static int
no_rev(void *arg, const struct guid *id, uint32_t revision, struct err *e)
{
	(void)arg, (void)id, (void)revision;
	return err_set(e, E_FORMAT, "there is a revision");
}

static int
no_upstream(void *arg, const struct sync_upstream *u, struct err *e)
{
	(void)arg, (void)u;
	return err_set(e, E_FORMAT, "there is an upstream");
}

static void
reads_as_empty(const char *dir, const char *wanted)
{
	struct err e = ERR_INIT;
	struct sync_anchor a;
	struct store *s;
	char *dump;

	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_STR(dump = make_dump(s), wanted);
	T_CALL(check_all(s, false, 2, no_fault, NULL, &e), &e);
	T_CALL(sync_each_upstream(s, no_upstream, NULL, &e), &e);
	T_CALL(sync_each_file(s, no_file, NULL, &e), &e);
	T_CALL(sync_each_keyless(s, no_rev, NULL, &e), &e);
	T_CALL(sync_anchor(s, 1, SYNC_LIST, &a, &e), &e);
	T_STR(a.value, "");
	T_STR(sync_todos(s, 1), "");
	T_STR(sync_counted(s, 1),
	    "todo 0 tried 0 unavailable 0 inbox 0 of 0 bytes");
	free(dump);
	store_close(s);
}

T_TEST(a_reader_takes_an_old_store_as_it_is)
{
	char *dump, path[512];
	const char *dir = old_store(&dump);

	reads_as_empty(dir, dump);
	T_EQ(rig_number(dir, "PRAGMA user_version"), 1);
	/* Also without its side files, as on a medium. */
	snprintf(path, sizeof(path), "%s/store.db-wal", dir);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/store.db-shm", dir);
	(void)unlink(path);
	T_EQ(chmod(dir, 0555), 0);
	reads_as_empty(dir, dump);
	T_EQ(access(path, F_OK), -1);
	T_EQ(chmod(dir, 0755), 0);
	free(dump);
}

T_TEST(and_cannot_write_to_what_stands_in)
{
	char *dump;
	const char *dir = old_store(&dump);
	struct err e = ERR_INIT;
	struct sync_upstream u;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_FAILS(sync_upstream(s, "http://one", &u, &e), &e, E_SYS, "readonly");
	store_close(s);
	free(dump);
}

/* The first transaction that commits brings it up. */
static struct store *
open_raised(const char *dir)
{
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	return s;
}

T_TEST(a_writer_brings_an_old_store_up_and_keeps_all_of_it)
{
	char *dump, *after;
	const char *dir = old_store(&dump);
	struct err e = ERR_INIT;
	struct sync_upstream u;
	struct store *s = open_raised(dir);

	T_STR(after = make_dump(s), dump);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(sync_upstream(s, "http://one", &u, &e), &e);
	T_EQ(sync_list(s, u.row, SYNC_LIST, 1, 9), 1);
	T_CALL(store_commit(s, &e), &e);
	T_CALL(check_all(s, false, 2, no_fault, NULL, &e), &e);
	store_close(s);
	T_EQ(rig_number(dir, "PRAGMA user_version"), STORE_SCHEMA);
	free(after);
	free(dump);
}

static char *
schema_of(const char *dir)
{
	char path[512], *v;
	sqlite3_stmt *st;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/store.db", dir);
	T_EQ(sqlite3_open(path, &db), SQLITE_OK);
	T_EQ(sqlite3_prepare_v2(db,
		 "SELECT group_concat(sql, x'0a') FROM (SELECT sql FROM"
		 " sqlite_schema WHERE sql IS NOT NULL ORDER BY name)",
		 -1, &st, NULL),
	    SQLITE_OK);
	T_EQ(sqlite3_step(st), SQLITE_ROW);
	v = strdup((const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return v;
}

T_TEST(a_store_brought_up_is_as_one_born_now)
{
	char *dump, *a, *b;
	const char *dir = old_store(&dump), *now = t_tmpdir();

	store_close(open_raised(dir));
	store_close(make_store(now));
	a = schema_of(dir);
	b = schema_of(now);
	T_STR(a, b);
	free(a);
	free(b);
	free(dump);
}

/* Schema 2 had all but what an upstream's lists and configuration add. */
static int
see_one(void *arg, const struct sync_upstream *u, struct err *e)
{
	(void)e;
	++*(int *)arg;
	T_STR(u->url, "http://one");
	T_STR(u->languages, "");
	return 0;
}

static void
has_one(const char *dir, enum store_mode mode)
{
	struct err e = ERR_INIT;
	struct store *s;
	int n = 0;

	T_CALL(store_open(&s, dir, mode, NULL, &e), &e);
	T_CALL(check_all(s, false, 2, no_fault, NULL, &e), &e);
	T_CALL(sync_each_upstream(s, see_one, &n, &e), &e);
	T_EQ(n, 1);
	store_close(s);
}

T_TEST(a_store_of_schema_2_is_read_and_brought_up)
{
	const char *dir = t_tmpdir(), *now = t_tmpdir();
	struct err e = ERR_INIT;
	struct sync_upstream u;
	struct store *s = make_begun(dir);
	char *a, *b;

	T_CALL(sync_upstream(s, "http://one", &u, &e), &e);
	make_commit(s);
	store_close(s);
	rig_sql(dir,
	    "DROP INDEX inbox_files; ALTER TABLE inbox DROP COLUMN files;"
	    "ALTER TABLE upstream DROP COLUMN languages;"
	    "DROP TABLE ledger_note; DROP TABLE carried;"
	    "DROP TABLE event; DROP TABLE destination;"
	    "DROP TABLE acknowledged; DROP TABLE receipt;"
	    "DROP TABLE withdrawn;"
	    "DROP TABLE left_out; DROP TABLE lacking; DROP TABLE told;"
	    "DROP TABLE sums; DROP TABLE shown;"
	    "PRAGMA user_version = 2");
	has_one(dir, STORE_READ);
	T_EQ(rig_number(dir, "PRAGMA user_version"), 2);
	has_one(dir, STORE_TRY);
	T_EQ(rig_number(dir, "PRAGMA user_version"), 2);
	store_close(open_raised(dir));
	has_one(dir, STORE_WRITE);
	T_EQ(rig_number(dir, "PRAGMA user_version"), STORE_SCHEMA);
	store_close(make_store(now));
	T_STR(a = schema_of(dir), b = schema_of(now));
	has_one(dir, STORE_READ);
	free(a);
	free(b);
}

static unsigned countdown;

static ssize_t
failing_pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (countdown > 0 && --countdown == 0) {
		errno = EIO;
		return -1;
	}
	return os_real.pwrite(fd, p, n, at);
}

T_TEST(a_bringing_up_that_fails_leaves_the_old_store)
{
	char *dump, *after;
	const char *dir = old_store(&dump);
	struct err e = ERR_INIT;
	struct store *s;
	unsigned i;
	int failed = 0, r;

	for (i = 1; i < 200; i++) {
		countdown = i;
		os.pwrite = failing_pwrite;
		r = store_open(&s, dir, STORE_WRITE, NULL, &e) == -1 ||
			store_accept(s, NULL, &e) == -1 ||
			store_begin(s, &e) == -1 || store_commit(s, &e) == -1
		    ? -1
		    : 0;
		os = os_real;
		store_close(s);
		if (r == 0)
			break;
		err_clear(&e);
		failed++;
		T_EQ(rig_number(dir, "PRAGMA user_version"), 1);
		T_EQ(rig_number(dir,
			 "SELECT count(*) FROM sqlite_schema"
			 " WHERE name = 'upstream'"),
		    0);
	}
	T_OK(failed > 0 && i < 200);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_STR(after = make_dump(s), dump);
	store_close(s);
	T_EQ(rig_number(dir, "PRAGMA user_version"), STORE_SCHEMA);
	free(after);
	free(dump);
}

T_MAIN
