/* SPDX-License-Identifier: ISC */
/* No column of a store changes unseen. */
#include "lib/store/store_sum.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/xml.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/store/ledger.h"
#include "lib/store/docs_out.h"
#include "lib/store/store_again.h"
#include "lib/store/store_db.h"
#include "lib/store/sync.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"
#include "tests/t.h"

MAKE_IN_MEMORY

#define NS "http://schemas.microsoft.com/msus/2002/12/"
#define HEAD(id, revision)                                                     \
	"<Update xmlns='" NS "Update'><UpdateIdentity UpdateID='" id           \
	"' RevisionNumber='" revision "'/>"
#define CATEGORY(id, type, title)                                              \
	HEAD(id, "1")                                                          \
	"<Properties UpdateType='Category' DefaultPropertiesLanguage='en'/>"   \
	"<LocalizedPropertiesCollection><LocalizedProperties>"                 \
	"<Language>en</Language><Title>" title "</Title>"                      \
	"</LocalizedProperties><LocalizedProperties><Language>de</Language>"   \
	"<Title>K</Title></LocalizedProperties>"                               \
	"</LocalizedPropertiesCollection>"                                     \
	"<HandlerSpecificData xmlns:c='" NS                                    \
	"UpdateHandlers/Category' xmlns:xsi='http://www.w3.org/2001/"          \
	"XMLSchema-instance' xsi:type='c:Category'><c:CategoryInformation "    \
	"CategoryType='" type "'/></HandlerSpecificData></Update>"
#define PRODUCT "0d000000-0000-4000-8000-000000000001"
#define CLASS "0d000000-0000-4000-8000-000000000002"
#define PART "0d000000-0000-4000-8000-000000000003"

static const char *const docs[] = {
    CATEGORY(PRODUCT, "Product", "Windows"),
    CATEGORY(CLASS, "UpdateClassification", "Security"),
    HEAD(PART, "3") "<Properties UpdateType='Software'/><Files><File Digest="
		    "'qZk+NkcGgWq6PiVxeFDCbJzQ2J0=' FileName='p.cab' Size='3'"
		    "/></Files></Update>",
    HEAD("0d000000-0000-4000-8000-000000000004",
	"7") "<Properties UpdateType='Software' DefaultPropertiesLanguage='de'"
	     " Handler='" NS
	     "UpdateHandlers/Cbs' CreationDate='2024-05-14T17:00:00Z'"
	     " ExplicitlyDeployable='true'"
	     " EulaID='0f000000-0000-4000-8000-000000000001' "
	     "MaxDownloadSize='1480'"
	     " MsrcSeverity='Critical' CompatibleProtocolVersion='1.4'>"
	     "<Language>en</Language><KBArticleID>5037771</KBArticleID>"
	     "<SecurityBulletinID>MS17-010</SecurityBulletinID></Properties>"
	     "<LocalizedPropertiesCollection><LocalizedProperties>"
	     "<Language>en</Language><Title>A</Title></LocalizedProperties>"
	     "<LocalizedProperties><Language>de</Language><Title>B</Title>"
	     "</LocalizedProperties></"
	     "LocalizedPropertiesCollection><Relationships>"
	     "<SupersededUpdates><UpdateIdentity "
	     "UpdateID='0a000000-0000-4000-8000-000000000001'/></"
	     "SupersededUpdates>"
	     "<Prerequisites><UpdateIdentity UpdateID='" PRODUCT "'/>"
	     "<AtLeastOne IsCategory='true'><UpdateIdentity UpdateID='" CLASS
	     "'/></AtLeastOne><UpdateIdentity "
	     "UpdateID='0b000000-0000-4000-8000-000000000004'/></Prerequisites>"
	     "<BundledUpdates><UpdateIdentity UpdateID='" PART
	     "' RevisionNumber='3'/><UpdateIdentity "
	     "UpdateID='0c000000-0000-4000-8000-000000000001' "
	     "RevisionNumber='7'/>"
	     "</BundledUpdates></Relationships><Files><File "
	     "Digest='9XLTlvrpIGYocU+yzgD3LpTyJY8=' FileName='a.cab' Size='6' "
	     "Modified='2024-05-14T17:00:00Z' PatchingType='SelfContained'>"
	     "<AdditionalDigest Algorithm='SHA256'>"
	     "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=</AdditionalDigest>"
	     "</File></Files></Update>",
};

/* A row in every table that is no bookkeeping. */
static const char *
full_store(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;
	struct guid id;
	uint8_t sha1[SHA1_LEN] = {7};

	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++)
		rig_put(s, docs[i]);
	T_OK(guid_read(&id, PART, GUID_LEN));
	T_CALL(store_put_extra(s, &id, 3, sha1, "x.cab", &e), &e);
	T_CALL(store_put_url(s, sha1, "http://a/x", "t", &e), &e);
	T_CALL(store_file_left_out(s, sha1, true, &e), &e);
	T_CALL(store_exec(s,
		   "INSERT INTO dict VALUES (5, x'0102');"
		   "INSERT INTO state VALUES (1, '{\"t\":\"new\"}');"
		   "INSERT INTO file_key VALUES (zeroblob(20), zeroblob(16));"
		   "INSERT INTO carried VALUES (1, 1, x'0101');"
		   "INSERT INTO event VALUES (1, 2, 'fork', 1, zeroblob(16), 3,"
		   " 'why');"
		   "INSERT INTO destination VALUES (1, 'south', zeroblob(16),"
		   " zeroblob(32), 4, 5);"
		   "INSERT INTO acknowledged VALUES (1, 1, x'0101');"
		   "INSERT INTO receipt VALUES (1, 1, zeroblob(16),"
		   " zeroblob(16), 2, 3, 1, 4, zeroblob(330));"
		   "INSERT INTO withdrawn VALUES (zeroblob(16), zeroblob(16),"
		   " 7);"
		   "UPDATE file SET present = 1, measured = zeroblob(32),"
		   " size = 9 WHERE name = 'x.cab';"
		   "UPDATE rev_file SET patching = 'a', modified = 'b'"
		   " WHERE n >= 1048576",
		   &e),
	    &e);
	make_commit(s);
	store_close(s);
	return dir;
}

T_TEST(what_a_writer_writes_is_no_damage)
{
	const char *dir = full_store();

	T_STR(rig_faults(dir, true, 2), "");
	/* Also what REPLACE takes away, and what is deleted. */
	rig_write(dir,
	    "INSERT OR REPLACE INTO file_key VALUES (zeroblob(20), "
	    "x'000102030405060708090a0b0c0d0e0f');"
	    "INSERT INTO url VALUES (9, 1, 'http://b', 't');"
	    "UPDATE url SET url = 'http://c' WHERE row = 9;"
	    "INSERT OR IGNORE INTO state VALUES (NULL, '{\"t\":\"new\"}');"
	    "DELETE FROM state; DELETE FROM left_out");
	T_STR(rig_faults(dir, true, 2), "");
}

T_TEST(what_is_rolled_back_leaves_the_sums_as_they_were)
{
	const char *dir = full_store();
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_exec(s, "DELETE FROM url; DELETE FROM ledger", &e), &e);
	store_rollback(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_exec(s, "INSERT INTO state VALUES (7, 'x')", &e), &e);
	T_CALL(store_commit(s, &e), &e);
	store_close(s);
	T_STR(rig_faults(dir, true, 2), "");
}

T_TEST(a_statement_alone_is_a_transaction_of_its_own)
{
	const char *dir = full_store();
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_exec(s, "DELETE FROM url", &e), &e);
	T_CALL(store_exec(s,
		   "INSERT INTO url VALUES (1, 1, 'a', 'b'), (2, 1, 'c', 'd')",
		   &e),
	    &e);
	/* Of one that fails nothing stays. */
	T_FAILS(store_exec(s,
		    "INSERT INTO url VALUES (3, 1, 'a', 'b'),"
		    " (1, 1, 'c', 'd')",
		    &e),
	    &e, E_FORMAT, "UNIQUE");
	store_close(s);
	T_STR(rig_faults(dir, true, 2), "");
}

T_TEST(a_row_more_or_less_is_told_with_the_number)
{
	const char *dir = full_store();

	rig_sql(dir,
	    "DELETE FROM ledger WHERE row = 1;"
	    "UPDATE revision SET transfer = 0");
	T_OK(strstr(rig_faults(dir, true, 2),
		 "store.db: the ledger: 0 rows, and 1 was written") != NULL);
	T_OK(strstr(rig_faults(dir, true, 2),
		 "store.db: how and in which order revisions came: as many "
		 "rows as were written, but not the same") != NULL);
}

T_TEST(faults_are_told_in_one_order_whatever_the_number_of_workers)
{
	const char *dir = full_store();
	char one[1024];

	rig_sql(dir,
	    "UPDATE word SET value = 'x';"
	    "UPDATE rev_file SET name = 'z'");
	snprintf(one, sizeof(one), "%s", rig_faults(dir, true, 1));
	T_OK(strstr(one, "word: the store has") != NULL);
	T_OK(strstr(one, "revision-file: the store has") != NULL);
	for (unsigned workers = 2; workers < 5; workers++)
		T_STR(rig_faults(dir, true, workers), one);
}

/* A store of the last schema has no sums; bringing it up makes them. */
T_TEST(an_older_store_has_none_until_it_is_brought_up)
{
	const char *dir = full_store();

	rig_sql(dir,
	    "DROP TABLE ledger_note; DROP TABLE carried;"
	    "DROP TABLE event; DROP TABLE destination;"
	    "DROP TABLE acknowledged; DROP TABLE receipt;"
	    "DROP TABLE withdrawn;"
	    "DROP TABLE sums; DROP TABLE told; DROP TABLE left_out;"
	    "DROP TABLE shown;"
	    "DROP TABLE lacking; UPDATE ledger SET place = 'x';"
	    "PRAGMA user_version = 3");
	T_STR(rig_faults(dir, true, 2), "");
	rig_write(dir, "SELECT 1");
	T_STR(rig_faults(dir, true, 2), "");
	rig_sql(dir, "UPDATE ledger SET place = 'y'");
	T_OK(strstr(rig_faults(dir, true, 2), "the ledger: as many rows") !=
	    NULL);
	rig_sql(dir, "UPDATE ledger SET place = 'x'");
	T_STR(rig_faults(dir, true, 2), "");
	rig_sql(dir, "DELETE FROM sums");
	T_OK(strstr(rig_faults(dir, true, 2),
		 "the ledger: 1 row, and 0 were") != NULL);
}

/* What is asked of an upstream, and how runs went: sync.h.  It is made anew,
   and looked at where it is used. */
static bool
bookkeeping(const char *table)
{
	static const char *const names[] = {"upstream", "anchor", "work",
	    "inbox", "inbox_url", "listed", "fetch_file", "run", "told"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], table) == 0)
			return true;
	return false;
}

/* The bytes of store.db, to begin anew with. */
struct copy {
	char path[512];
	char *bytes; /* owned */
	size_t n;
};

static void
copy_take(struct copy *c, const char *dir)
{
	struct stat st;
	int fd;

	snprintf(c->path, sizeof(c->path), "%s/store.db", dir);
	fd = open(c->path, O_RDONLY);
	T_EQ(fstat(fd, &st), 0);
	c->n = (size_t)st.st_size;
	c->bytes = malloc(c->n);
	T_EQ(pread(fd, c->bytes, c->n, 0), (ssize_t)c->n);
	close(fd);
}

static void
copy_back(const struct copy *c)
{
	char side[600];
	int fd = open(c->path, O_WRONLY | O_TRUNC);

	T_EQ(pwrite(fd, c->bytes, c->n, 0), (ssize_t)c->n);
	close(fd);
	snprintf(side, sizeof(side), "%s-wal", c->path);
	(void)unlink(side);
	snprintf(side, sizeof(side), "%s-shm", c->path);
	(void)unlink(side);
}

/* One value of the column, wherever it stands, becomes another one. */
static void
flip(const char *dir, const char *table, const char *column)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "DROP TRIGGER IF EXISTS %s_stays;"
	    "UPDATE %s SET %s = CASE typeof(%s) WHEN 'null' THEN 7"
	    " WHEN 'integer' THEN %s + 1000 WHEN 'text' THEN %s || 'x'"
	    " ELSE CASE WHEN %s = zeroblob(length(%s)) THEN"
	    " randomblob(length(%s)) ELSE zeroblob(length(%s)) END END"
	    " WHERE %s IS (SELECT %s FROM %s ORDER BY 1 DESC LIMIT 1)",
	    table, table, column, column, column, column, column, column,
	    column, column, column, column, table);
	rig_sql(dir, sql);
}

T_TEST(no_column_changes_unseen)
{
	const char *dir = full_store();
	unsigned ncolumns = 0;
	sqlite3_stmt *st;
	struct copy c;
	sqlite3 *db;

	copy_take(&c, dir);
	T_EQ(sqlite3_open(c.path, &db), SQLITE_OK);
	T_EQ(sqlite3_prepare_v2(db,
		 "SELECT m.name, p.name FROM sqlite_schema m,"
		 " pragma_table_info(m.name) p WHERE m.type = 'table'",
		 -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(st, 0);
		const char *column = (const char *)sqlite3_column_text(st, 1);
		const char *at = t_tmpdir();
		struct copy to = c;
		int fd;

		if (bookkeeping(table))
			continue;
		ncolumns++;
		snprintf(to.path, sizeof(to.path), "%s/store.db", at);
		fd = open(to.path, O_WRONLY | O_CREAT, 0600);
		close(fd);
		copy_back(&to);
		flip(at, table, column);
		if (strcmp(rig_faults(at, true, 2), "") == 0)
			t_fail(__FILE__, __LINE__, "%s.%s changed unseen",
			    table, column);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	T_OK(ncolumns > 90);
	free(c.bytes);
}

/* --- records --- */

static int
open_again(void *arg, void **own, struct err *e)
{
	struct store_again *a = NULL;
	int r = store_again_open(&a, e);

	(void)arg;
	*own = a;
	return r;
}

static void
close_again(void *own)
{
	store_again_close(own);
}

static int
look_again(void *arg, struct docs_out_batch *b, struct err *e)
{
	return store_again_look(
	    b->own, arg, b->items[0].row, b->items[b->n - 1].row, e);
}

static void
read_again(struct docs_out_batch *b)
{
	store_again_read(b->own, b);
}

static bool differs;

static int
see_again(void *arg, struct docs_out_batch *b, struct err *e)
{
	const struct store_again *a = b->own;

	(void)arg;
	(void)e;
	T_EQ(b->n, sizeof(docs) / sizeof(docs[0]));
	differs = a->differs;
	return 0;
}

static bool
is_put_otherwise(const char *dir)
{
	struct docs_out_how how = {.jobs = 1,
	    .open = open_again,
	    .close = close_again,
	    .send = look_again,
	    .work = read_again,
	    .done = see_again};
	struct docs_out *d = NULL;
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	how.arg = s;
	T_CALL(docs_out_open(&d, s, &how, &e), &e);
	T_CALL(docs_out_put_all(d, &e), &e);
	T_CALL(docs_out_flush(d, &e), &e);
	docs_out_close(d);
	store_close(s);
	return differs;
}

/* Else each document would be put alone, which takes many times as long, and
   only the clock would tell. */
T_TEST(a_good_store_is_known_by_its_records_alone)
{
	const char *dir = full_store();

	T_OK(!is_put_otherwise(dir));
	rig_sql(dir, "UPDATE superseded SET id = zeroblob(16)");
	T_OK(is_put_otherwise(dir));
}

T_MAIN
