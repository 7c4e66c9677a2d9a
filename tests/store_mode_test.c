/* SPDX-License-Identifier: ISC */
/* What opening may change, being born, and taking that back. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/store/content.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/store_make.h"

static const char *
in(const char *dir, const char *name)
{
	static char path[4][700];
	static unsigned n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static bool
is_there(const char *dir, const char *name)
{
	return access(in(dir, name), F_OK) == 0;
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	T_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	T_EQ(close(fd), 0);
}

static void
sql(const char *dir, const char *text)
{
	sqlite3 *db;

	T_EQ(sqlite3_open(in(dir, "store.db"), &db), SQLITE_OK);
	T_EQ(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* A closed store with a few rows. */
static const char *
filled(void)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);

	make_fill(s);
	make_commit(s);
	store_close(s);
	return dir;
}

static uint64_t
revisions(struct store *s)
{
	struct store_counts n = {0};
	struct err e = ERR_INIT;

	T_CALL(store_counts(s, &n, &e), &e);
	return n.revisions;
}

static void
put_more(struct store *s)
{
	struct err e = ERR_INIT;
	struct make m;

	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 77, 1);
	make_put_ok(s, &m);
	make_commit(s);
}

/* The very bytes of all files, and their modes. */
static void
tried(const char *dir, uint64_t had)
{
	char *before = disk_list(dir), *after;
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_TRY, NULL, &e), &e);
	T_EQ(revisions(s), had);
	T_EQ(store_staging(s), -1);
	put_more(s);
	T_EQ(revisions(s), had + 1);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(!store_born(s) && !store_unborn(s));
	store_close(s);
	after = disk_list(dir);
	disk_same("files", after, before);
	free(before);
	free(after);
}

T_TEST(what_is_tried_out_is_seen_and_not_kept)
{
	const char *dir = filled();

	write_file(in(dir, "staging/other"), "somebody's");
	tried(dir, 4);
	/* Neither in a folder where nothing can be written. */
	T_EQ(chmod(dir, 0555), 0);
	tried(dir, 4);
	T_EQ(chmod(dir, 0755), 0);
	/* Nor without side files and lock, as on a medium. */
	T_EQ(unlink(in(dir, "store.db-wal")), 0);
	T_EQ(unlink(in(dir, "store.db-shm")), 0);
	T_EQ(unlink(in(dir, "lock")), 0);
	tried(dir, 4);
	T_OK(!is_there(dir, "lock") && !is_there(dir, "store.db-wal"));
}

T_TEST(what_is_tried_out_begins_with_what_the_log_holds)
{
	const char *dir = t_tmpdir(), *copy = t_tmpdir();
	char *names = NULL;
	struct store *s = make_begun(dir);
	struct stat st;

	make_fill(s);
	make_commit(s);
	/* As a crash leaves them: all is in the log. */
	T_EQ(rmdir(copy), 0);
	disk_copy(dir, copy);
	store_close(s);
	T_EQ(stat(in(copy, "store.db-wal"), &st), 0);
	T_OK(st.st_size > 32768);
	tried(copy, 4);
	free(names);
}

T_TEST(a_database_in_another_journal_mode_can_be_tried)
{
	const char *dir = filled();

	sql(dir, "PRAGMA journal_mode = DELETE");
	T_OK(!is_there(dir, "store.db-wal"));
	tried(dir, 4);
	/* What would have to be rolled back first would be written. */
	tried(dir, 4);
}

T_TEST(an_old_store_is_tried_with_all_that_it_lacks)
{
	const char *dir = filled();

	make_old(dir);
	tried(dir, 4);
}

T_TEST(a_writer_and_who_tries_keep_each_other_out)
{
	const char *dir = filled();
	struct err e = ERR_INIT;
	struct store *s, *other;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_FAILS(store_open(&other, dir, STORE_TRY, NULL, &e), &e, E_BUSY,
	    "held by a writer");
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_TRY, NULL, &e), &e);
	T_FAILS(store_open(&other, dir, STORE_WRITE, NULL, &e), &e, E_BUSY,
	    "held by another");
	T_CALL(store_open(&other, dir, STORE_TRY, NULL, &e), &e);
	store_close(other);
	store_close(s);
}

T_TEST(nothing_is_there_before_it_is_accepted)
{
	static const enum store_mode modes[] = {STORE_TRY, STORE_CREATE};
	char dir[600];
	struct err e = ERR_INIT;
	struct store *s;
	size_t i;

	snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
	for (i = 0; i < 2; i++) {
		T_CALL(store_open(&s, dir, modes[i], "far-1", &e), &e);
		T_OK(store_unborn(s) && !store_born(s));
		T_EQ(store_dirfd(s), -1);
		T_EQ(store_staging(s), -1);
		T_STR(store_site(s), "far-1");
		T_EQ(revisions(s), 0);
		put_more(s);
		store_close(s);
		T_EQ(access(dir, F_OK), -1);
	}
	T_FAILS(store_open(&s, dir, STORE_WRITE, NULL, &e), &e, E_USAGE,
	    "there is no folder");
	T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_USAGE,
	    "there is no folder");
}

T_TEST(it_is_born_with_the_identity_that_it_had_and_empty)
{
	char dir[600];
	struct err e = ERR_INIT;
	struct guid id;
	struct store *s;

	snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
	T_CALL(store_open(&s, dir, STORE_CREATE, "far-1", &e), &e);
	id = *store_id(s);
	put_more(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(store_born(s) && !store_unborn(s));
	T_EQ(revisions(s), 0);
	/* The transaction goes on. */
	make_commit(s);
	T_EQ(guid_cmp(store_id(s), &id), 0);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_EQ(guid_cmp(store_id(s), &id), 0);
	T_STR(store_site(s), "far-1");
	T_OK(!store_born(s));
	store_close(s);
}

T_TEST(who_is_quicker_makes_it)
{
	char dir[600];
	struct err e = ERR_INIT;
	struct store *a, *b;

	snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
	T_CALL(store_open(&a, dir, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_open(&b, dir, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_accept(a, NULL, &e), &e);
	T_FAILS(store_accept(b, NULL, &e), &e, E_BUSY, "lock is held");
	T_OK(!store_born(b));
	store_close(a);
	store_close(b);
	T_CALL(store_open(&b, dir, STORE_READ, NULL, &e), &e);
	store_close(b);
	/* Nor where the other has ended already. */
	snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
	T_CALL(store_open(&b, dir, STORE_CREATE, NULL, &e), &e);
	store_close(make_store(dir));
	T_FAILS(store_accept(b, NULL, &e), &e, E_BUSY, "meanwhile");
	store_take_back(b);
	store_close(b);
	T_OK(is_there(dir, "store.db") && is_there(dir, "lock"));
}

/* A store is accepted and taken back. */
static void
take_back(struct store *s)
{
	struct content c = CONTENT_INIT;
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;

	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(content_open(&c, store_dirfd(s), store_staging(s), &e), &e);
	T_CALL(store_log(s, &log, "some.log", &e), &e);
	put_more(s);
	content_close(&c);
	store_take_back(s);
	store_close(s);
	log_close(&log);
}

static void
born_and_taken_back(const char *dir)
{
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	take_back(s);
}

T_TEST(what_was_born_is_taken_back_without_a_trace)
{
	const char *up = t_tmpdir();
	char dir[600], *names;

	snprintf(dir, sizeof(dir), "%s/new", up);
	born_and_taken_back(dir);
	names = disk_names(up);
	T_STR(names, "");
	free(names);
	/* A folder that was there stays, empty as it was. */
	T_EQ(mkdir(dir, 0755), 0);
	born_and_taken_back(dir);
	names = disk_names(dir);
	T_STR(names, "");
	free(names);
}

T_TEST(what_another_has_put_into_it_stays_with_it)
{
	static const char *const foreign[] = {"keys/far.pub",
	    "staging/half", "WsusContent/XX", "letter.txt"};
	char dir[600];
	struct err e = ERR_INIT;
	struct store *s;
	size_t i;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
		T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
		T_CALL(store_accept(s, NULL, &e), &e);
		write_file(in(dir, foreign[i]), "not ours");
		take_back(s);
		T_OK(is_there(dir, foreign[i]));
		/* In a folder of a store: then it still is one. */
		T_EQ(is_there(dir, "store.db"), strchr(foreign[i], '/') != NULL);
	}
}

T_TEST(what_was_there_before_is_not_taken_back)
{
	char dir[600], *names;
	struct err e = ERR_INIT;
	struct store *s;

	/* What a birth that was killed has left, is another's. */
	snprintf(dir, sizeof(dir), "%s", t_tmpdir());
	write_file(in(dir, "lock"), "");
	T_EQ(mkdir(in(dir, "keys"), 0755), 0);
	T_EQ(mkdir(in(dir, "WsusContent"), 0755), 0);
	born_and_taken_back(dir);
	T_OK(is_there(dir, "lock") && is_there(dir, "keys"));
	T_OK(!is_there(dir, "store.db") && !is_there(dir, "staging"));
	/* A store that was not born now is not touched at all. */
	snprintf(dir, sizeof(dir), "%s", filled());
	write_file(in(dir, "some.log"), "a line\n");
	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	take_back(s);
	names = disk_names(dir);
	T_STR(names,
	    "WsusContent keys lock some.log staging store.db store.db-shm "
	    "store.db-wal ");
	free(names);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_EQ(revisions(s), 5);
	store_close(s);
}

/* Opened in every way, refused, and nothing in it touched. */
static void
refused_as(const char *dir, const char *create, const char *write)
{
	static const enum store_mode modes[] = {
	    STORE_CREATE, STORE_TRY, STORE_WRITE, STORE_READ};
	char *before = disk_list(dir), *after;
	struct err e = ERR_INIT;
	struct store *s;

	for (size_t i = 0; i < 4; i++)
		T_FAILS(store_open(&s, dir, modes[i], NULL, &e), &e, E_USAGE,
		    i < 2 ? create : write);
	after = disk_list(dir);
	disk_same("files", after, before);
	free(before);
	free(after);
}

T_TEST(a_store_without_its_database_is_no_place_for_another)
{
	static const char *const kept[] = {"WsusContent/0A/f.cab",
	    "keys/far.pub", "staging/half.part", "store.db-wal"};
	char dir[600], words[64];
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		snprintf(dir, sizeof(dir), "%s", t_tmpdir());
		T_EQ(mkdir(in(dir, "WsusContent"), 0755), 0);
		T_EQ(mkdir(in(dir, "WsusContent/0A"), 0755), 0);
		if (i != 0)
			T_EQ(rmdir(in(dir, "WsusContent/0A")), 0);
		T_EQ(mkdir(in(dir, "keys"), 0755), 0);
		T_EQ(mkdir(in(dir, "staging"), 0755), 0);
		write_file(in(dir, "lock"), "");
		write_file(in(dir, kept[i]), "of value");
		snprintf(words, sizeof(words), "something in %.*s",
		    (int)strcspn(kept[i], "/"), kept[i]);
		refused_as(dir, words, words);
		refused_as(dir, "put store.db back from a backup",
		    "put store.db back from a backup");
		/* Without the lock it may be anything. */
		T_EQ(unlink(in(dir, "lock")), 0);
		refused_as(dir, "not a store, and not empty",
		    "not a store: there is no store.db");
	}
}

T_TEST(a_link_in_the_place_of_a_folder_is_something_too)
{
	const char *dir = t_tmpdir();

	write_file(in(dir, "lock"), "");
	T_EQ(symlink("/nowhere/volume", in(dir, "WsusContent")), 0);
	refused_as(dir, "a store that lost its database",
	    "a store that lost its database");
}

T_TEST(what_cannot_be_looked_at_is_not_nothing)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;

	if (geteuid() == 0)
		t_skip("root may look at everything");
	write_file(in(dir, "lock"), "");
	T_EQ(mkdir(in(dir, "keys"), 0), 0);
	T_FAILS(store_open(&s, dir, STORE_CREATE, NULL, &e), &e, E_SYS,
	    "opening keys: Permission denied");
	T_EQ(chmod(in(dir, "keys"), 0755), 0);
	T_EQ(chmod(dir, 0), 0);
	T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_SYS,
	    ", mode 0000, and asked for by ");
	T_EQ(chmod(dir, 0755), 0);
}

static int64_t
version(const char *dir)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	int64_t v;

	T_EQ(sqlite3_open(in(dir, "store.db"), &db), SQLITE_OK);
	T_EQ(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL),
	    SQLITE_OK);
	T_EQ(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return v;
}

T_TEST(an_old_schema_changes_with_what_is_committed)
{
	const char *dir = filled();
	struct err e = ERR_INIT;
	struct store *s;

	make_old(dir);
	write_file(in(dir, "staging/other"), "half");
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_EQ(revisions(s), 4);
	store_rollback(s);
	/* Once more: what was rolled back is raised again. */
	T_CALL(store_begin(s, &e), &e);
	T_EQ(revisions(s), 4);
	store_close(s);
	T_EQ(version(dir), 1);
	T_OK(is_there(dir, "staging/other"));
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(!is_there(dir, "staging/other"));
	T_CALL(store_begin(s, &e), &e);
	store_rollback(s);
	store_close(s);
	T_EQ(version(dir), 1);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	store_close(s);
	T_EQ(version(dir), STORE_SCHEMA);
}

T_TEST(and_that_is_announced_once)
{
	const char *dir = filled(), *at = t_tmpdir();
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct stat st;
	struct store *s;
	off_t told;

	make_old(dir);
	log.quiet = true;
	T_CALL(log_file(&log, AT_FDCWD, in(at, "log"), &e), &e);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, &log, &e), &e);
	T_EQ(stat(in(at, "log"), &st), 0);
	told = st.st_size;
	T_OK(told > 0);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, &log, &e), &e);
	store_close(s);
	T_EQ(stat(in(at, "log"), &st), 0);
	T_EQ(st.st_size, told);
	log_close(&log);
}

static dev_t
device(int fd)
{
	struct stat st;

	T_EQ(fstat(fd, &st), 0);
	return st.st_dev;
}

/* Where copies without a name go: beside the store, or what will be one. */
T_TEST(there_is_a_folder_for_what_has_no_name)
{
	static const char *const beneath[] = {"", "/", "/new", "/new/"};
	const char *up = t_tmpdir(), *dir = filled();
	struct stat want, got;
	char path[600];
	struct err e = ERR_INIT;
	struct store *s;
	int fd;

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", up, beneath[i]);
		T_CALL(store_open(&s, path, STORE_CREATE, NULL, &e), &e);
		T_CALL(store_scratch(s, &fd, &e), &e);
		T_EQ(fstat(fd, &got), 0);
		T_EQ(stat(up, &want), 0);
		T_EQ(got.st_ino, want.st_ino);
		T_EQ(got.st_dev, device(fd));
		T_EQ(close(fd), 0);
		store_close(s);
	}
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_scratch(s, &fd, &e), &e);
	T_EQ(fstat(fd, &got), 0);
	T_EQ(stat(in(dir, "staging"), &want), 0);
	T_EQ(got.st_ino, want.st_ino);
	T_EQ(close(fd), 0);
	store_close(s);
	T_EQ(rmdir(in(dir, "staging")), 0);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_scratch(s, &fd, &e), &e);
	T_OK(fd != -1);
	T_EQ(close(fd), 0);
	store_close(s);
	T_OK(!is_there(dir, "staging"));
	T_CALL(store_open(&s, dir, STORE_TRY, NULL, &e), &e);
	T_CALL(store_scratch(s, &fd, &e), &e);
	T_EQ(fd, -1);
	store_close(s);
	snprintf(path, sizeof(path), "%s/no/new", up);
	T_CALL(store_open(&s, path, STORE_CREATE, NULL, &e), &e);
	T_FAILS(store_scratch(s, &fd, &e), &e, E_SYS, "making the folder");
	store_close(s);
}

/* What the device says comes through SQLite. */
static int broken;

static int
broken_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	size_t n = strlen(path);

	if (n > 8 && strcmp(path + n - 8, "store.db") == 0) {
		errno = broken;
		return -1;
	}
	return os_real.openat(dirfd, path, flags, mode);
}

static ssize_t
broken_pwrite(int fd, const void *p, size_t n, off_t at)
{
	(void)fd, (void)p, (void)n, (void)at;
	errno = broken;
	return -1;
}

T_TEST(what_a_call_failed_with_is_what_is_told)
{
	static const struct {
		int err;
		const char *said;
	} rows[] = {{EIO, "Input/output error"}, {ENODEV, "No such device"},
	    {EDQUOT, "Disk quota exceeded"}, {EFBIG, "File too large"}};
	const char *dir = filled();
	struct err e = ERR_INIT;
	struct store *s;
	struct make m;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		broken = rows[i].err;
		os.openat = broken_openat;
		T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_SYS,
		    rows[i].said);
		os = os_real;
		T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
		T_CALL(store_accept(s, NULL, &e), &e);
		T_CALL(store_begin(s, &e), &e);
		make_update(&m, 90, 1);
		make_put_ok(s, &m);
		os.pwrite = broken_pwrite;
		T_FAILS(store_commit(s, &e), &e, E_SYS, rows[i].said);
		os = os_real;
		store_close(s);
	}
}

T_MAIN
