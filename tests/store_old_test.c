/* SPDX-License-Identifier: ISC */
/*
 * Stores of schemas that were released: 3 knew nothing of what is lacking or
 * left out, 4 nothing of what lists show, 5 nothing of what transfers carried,
 * 6 nothing of the SHA-256 of licences.
 */
#include "tests/t.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/store/store_db.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

static sqlite3 *
open_db(const char *dir)
{
	char path[512];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/store.db", dir);
	T_EQ(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

/* All rows of a query, the columns joined by blanks; free() it. */
static char *
rows(const char *dir, const char *text)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	sqlite3 *db = open_db(dir);
	sqlite3_stmt *st;

	T_EQ(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(st); i++)
			T_CALL(
			    buf_printf(&b, &e, "%s%s",
				(const char *)sqlite3_column_text(st, i),
				i + 1 < sqlite3_column_count(st) ? " " : "\n"),
			    &e);
	sqlite3_finalize(st);
	sqlite3_close(db);
	if (buf_str(&b, &e) == NULL)
		t_fail(__FILE__, __LINE__, "%s", e.msg);
	return (char *)b.p;
}

static const char *
old_store(unsigned schema)
{
	struct buf b = BUF_INIT;
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	char name[64];

	snprintf(name, sizeof(name), "testdata/store/schema%u.sql", schema);
	T_CALL(path_read(AT_FDCWD, name, 1 << 20, &b, &e), &e);
	rig_sql(dir, buf_str(&b, &e));
	rig_sql(dir, "PRAGMA journal_mode = WAL");
	buf_free(&b);
	return dir;
}

static int
no_fault(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)arg, (void)e;
	t_fail(__FILE__, __LINE__, "%s: %s", what, fault->msg);
	return 0;
}

/* real: its documents are such as can be read. */
static char *
dumped(const char *dir, enum store_mode mode, bool real)
{
	struct err e = ERR_INIT;
	struct store *s;
	char *dump;

	T_CALL(store_open(&s, dir, mode, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	dump = make_dump(s);
	T_CALL(check_all(s, real, 2, no_fault, NULL, &e), &e);
	if (mode == STORE_WRITE) {
		T_CALL(store_accept(s, NULL, &e), &e);
		T_CALL(store_commit(s, &e), &e);
	}
	store_close(s);
	return dump;
}

#define TABLES                                                                 \
	"SELECT group_concat(sql, x'0a') FROM (SELECT sql FROM sqlite_schema"  \
	" WHERE sql IS NOT NULL ORDER BY name)"

static void
is_brought_up(unsigned schema)
{
	const char *dir = old_store(schema), *now = t_tmpdir();
	char *read, *written, *a, *b, text[16];
	static const char version[] = "PRAGMA user_version";

	read = dumped(dir, STORE_READ, true);
	T_OK(strstr(read, "revision ") != NULL);
	T_OK(strstr(read, "\nshown ") != NULL);
	T_OK(strstr(read, "\nlacking ") == NULL);
	snprintf(text, sizeof(text), "%u\n", schema);
	T_STR(a = rows(dir, version), text);
	free(a);
	written = dumped(dir, STORE_WRITE, true);
	T_STR(read, written);
	snprintf(text, sizeof(text), "%d\n", STORE_SCHEMA);
	T_STR(a = rows(dir, version), text);
	free(a);
	store_close(make_store(now));
	T_STR(a = rows(dir, TABLES), b = rows(now, TABLES));
	free(a);
	free(b);
	free(read);
	free(written);
}

T_TEST(a_released_store_is_read_and_brought_up)
{
	unsigned schema;

	for (schema = 3; schema < 6; schema++)
		is_brought_up(schema);
}

/* --- 7: the SHA-256 of licences --- */

#define EULA "substr(name, 1, 5) = 'eula_'"
#define EULA_SHA256                                                            \
	"038DB0FFBC1F22A236D16E8E322D6CE2EEB50D60F940369A47D954EBE4B063EF"
static const char eula[] =
    "SELECT present, iif(declared IS NULL, '-', hex(declared)), iif(measured "
    "IS NULL, '-', hex(measured))"
    " FROM file WHERE " EULA;

/* Whose sums may be wrong, after a change by hand. */
static void
bring_up(const char *dir)
{
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	store_close(s);
}

/* What is so of the licence before and after; a change may be made before. */
static void
is_declared(const char *change, const char *before, const char *after)
{
	const char *dir = old_store(6);
	char *a;

	if (change != NULL)
		rig_sql(dir, change);
	T_STR(a = rows(dir, eula), before);
	free(a);
	if (change == NULL) {
		free(dumped(dir, STORE_READ, true));
		free(dumped(dir, STORE_TRY, true));
		T_STR(a = rows(dir, eula), before);
		free(a);
	}
	bring_up(dir);
	if (change == NULL)
		free(dumped(dir, STORE_READ, true));
	T_STR(a = rows(dir, eula), after);
	free(a);
	T_EQ(rig_number(dir, "PRAGMA user_version"), STORE_SCHEMA);
	T_EQ(
	    rig_number(dir, "SELECT count(*) FROM file WHERE declared IS NULL"),
	    1);
}

T_TEST(a_licence_gets_the_sha256_that_its_document_declares)
{
	is_declared(NULL, "1 - " EULA_SHA256 "\n", "1 " EULA_SHA256 " -\n");
	is_declared("UPDATE file SET present = 0, measured = NULL WHERE " EULA,
	    "0 - -\n", "0 " EULA_SHA256 " -\n");
}

#define ZEROS "00000000000000000000000000000000"
T_TEST(a_licence_that_is_another_is_not_here)
{
	is_declared("UPDATE file SET measured = x'" ZEROS ZEROS "' WHERE " EULA,
	    "1 - " ZEROS ZEROS "\n", "0 " EULA_SHA256 " -\n");
}

static int64_t
number(struct store *s, const char *text)
{
	struct err e = ERR_INIT;
	struct query q;
	int64_t n = -1;

	T_CALL(query_text(&q, s, text, &e), &e);
	if (query_step(&q, &e) == 1)
		n = sqlite3_column_int64(q.st, 0);
	query_close(&q);
	return n;
}

/* A server reads on while somebody brings its store up. */
T_TEST(a_reader_leaves_what_stood_in_when_the_store_is_brought_up)
{
	static const char standing[] =
	    "SELECT count(*) FROM temp.sqlite_schema WHERE type <> 'index'";
	const char *dir = old_store(3);
	struct err e = ERR_INIT;
	struct store *s, *w;

	T_CALL(store_open(&w, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(w, NULL, &e), &e);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_EQ(number(s, standing), 11);
	T_EQ(number(s, "SELECT count(*) FROM shown WHERE files IS NULL"), 7);
	rig_more(w);
	T_EQ(number(s, "SELECT count(*) FROM shown WHERE files IS NULL"), 7);
	store_rollback(s);
	T_CALL(store_begin(s, &e), &e);
	T_EQ(number(s, standing), 0);
	T_EQ(number(s, "SELECT count(*) FROM shown WHERE files IS NULL"), 0);
	T_EQ(number(s, "SELECT count(*) FROM shown"), 8);
	store_close(w);
	store_close(s);
}

/* Of a store that has sums, the rows are compared with them afterwards, too. */
T_TEST(damage_from_before_is_seen_after_the_store_is_brought_up)
{
	const char *dir = old_store(4);

	rig_sql(dir, "UPDATE url SET url = 'http://elsewhere'");
	rig_write(dir, "SELECT 1");
	T_OK(strstr(rig_faults(dir, true, 2),
		 "the sources of payload files: as many rows") != NULL);
}

/* What bringing it up changes in tables that had sums is in them. */
T_TEST(what_lists_show_is_checked_wherever_it_is_kept)
{
	const char *dir = old_store(5);

	rig_sql(dir, "UPDATE shown SET superseded = 1 - superseded");
	T_OK(strstr(rig_faults(dir, true, 2), "what lists show of it") != NULL);
}

T_TEST(sums_follow_while_a_store_is_brought_up)
{
	const char *dir = old_store(5);

	rig_sql(dir,
	    "INSERT INTO state (line) VALUES ('{\"t\":\"url\",\"sha1\":"
	    "\"4B831397701FE942E91F125598CF6A6A87DE3D70\","
	    "\"url\":\"http://kept/a\"}')");
	rig_write(dir, "SELECT 1");
	T_EQ(rig_number(
		 dir, "SELECT count(*) FROM url WHERE url = 'http://kept/a'"),
	    1);
	T_OK(strstr(rig_faults(dir, true, 2), "the sources of") == NULL);
}

/* What is in the present schema only, away. */
static void
make_3(const char *dir)
{
	rig_sql(dir,
	    "DROP TABLE ledger_note; DROP TABLE carried;"
	    "DROP TABLE event; DROP TABLE destination;"
	    "DROP TABLE acknowledged; DROP TABLE receipt;"
	    "DROP TABLE withdrawn;"
	    "DROP TABLE left_out; DROP TABLE lacking; DROP TABLE told;"
	    "DROP TABLE sums; DROP TABLE shown;"
	    "PRAGMA user_version = 3");
}

T_TEST(what_is_lacking_is_found_in_an_old_store_as_in_a_new_one)
{
	unsigned seed, some = 0;
	char *now, *read, *written;

	for (seed = 1; seed <= 12; seed++) {
		const char *dir = t_tmpdir();
		struct store *s = make_begun(dir);

		make_random(s, seed, 3 * seed);
		make_commit(s);
		now = make_dump(s);
		store_close(s);
		make_3(dir);
		T_STR(read = dumped(dir, STORE_READ, false), now);
		T_STR(written = dumped(dir, STORE_WRITE, false), now);
		some += strstr(now, "\nlacking ") != NULL;
		free(now);
		free(read);
		free(written);
	}
	T_OK(some > 6);
}

/* Lines that a version before this one kept, because it did not know them. */
T_TEST(kept_lines_that_are_known_by_now_are_taken)
{
	struct store_file f;
	struct err e = ERR_INIT;
	const char *dir = old_store(3);
	struct store *s;
	char *text;

	rig_sql(dir,
	    "INSERT INTO state (line) VALUES"
	    " ('{\"t\":\"moonshine\",\"x\":1}'),"
	    " ('{\"t\":\"file\",\"sha1\":"
	    "\"00000000000000000000000000000000000000AA\",\"name\":\"a.psf\","
	    "\"id\":\"no id\",\"revision\":1}'),"
	    " ('{\"t\":\"absent\",\"sha1\":"
	    "\"4B831397701FE942E91F125598CF6A6A87DE3D70\","
	    "\"name\":\"a\",\"wanted\":false}'),"
	    " ('{\"t\":\"url\",\"sha1\":"
	    "\"4B831397701FE942E91F125598CF6A6A87DE3D70\","
	    "\"url\":\"http://kept/a\"}')");
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_EQ(store_file(s,
		 (const uint8_t *)"\x4b\x83\x13\x97\x70\x1f\xe9\x42\xe9\x1f"
				  "\x12\x55\x98\xcf\x6a\x6a\x87\xde\x3d\x70",
		 &f, &e),
	    1);
	T_OK(!f.present && f.left_out);
	store_close(s);
	/* What cannot be taken stays, as does what is not known yet. */
	text = rows(dir, "SELECT substr(line, 1, 12) FROM state ORDER BY line");
	T_STR(text, "{\"t\":\"file\",\n{\"t\":\"moonsh\n");
	free(text);
	text = rows(
	    dir, "SELECT count(*) FROM url WHERE url = 'http://kept/a'");
	T_STR(text, "1\n");
	free(text);
}

T_MAIN
