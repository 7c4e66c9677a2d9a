/* SPDX-License-Identifier: ISC */
/* What opening may change: to read, to try, to write. */
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
#include "tests/store_rig.h"

/* The very bytes of all files, and their modes. */
static void
tried(const char *dir, uint64_t had)
{
	char *before = disk_list(dir), *after;
	struct err e = ERR_INIT;
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_TRY, NULL, &e), &e);
	T_EQ(rig_revisions(s), had);
	T_EQ(store_staging(s), -1);
	rig_more(s);
	T_EQ(rig_revisions(s), had + 1);
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
	const char *dir = rig_filled();

	make_text(make_path(dir, "staging/other"), "somebody's");
	tried(dir, 4);
	/* Neither in a folder where nothing can be written. */
	T_EQ(chmod(dir, 0555), 0);
	tried(dir, 4);
	T_EQ(chmod(dir, 0755), 0);
	/* Nor without side files and lock, as on a medium. */
	T_EQ(unlink(make_path(dir, "store.db-wal")), 0);
	T_EQ(unlink(make_path(dir, "store.db-shm")), 0);
	T_EQ(unlink(make_path(dir, "lock")), 0);
	tried(dir, 4);
	T_OK(
	    !make_is_there(dir, "lock") && !make_is_there(dir, "store.db-wal"));
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
	T_EQ(stat(make_path(copy, "store.db-wal"), &st), 0);
	T_OK(st.st_size > 32768);
	tried(copy, 4);
	free(names);
}

T_TEST(a_database_in_another_journal_mode_can_be_tried)
{
	const char *dir = rig_filled();

	rig_sql(dir, "PRAGMA journal_mode = DELETE");
	T_OK(!make_is_there(dir, "store.db-wal"));
	tried(dir, 4);
	/* What would have to be rolled back first would be written. */
	tried(dir, 4);
}

T_TEST(an_old_store_is_tried_with_all_that_it_lacks)
{
	const char *dir = rig_filled();

	make_old(dir);
	tried(dir, 4);
}

T_TEST(a_writer_and_who_tries_keep_each_other_out)
{
	const char *dir = rig_filled();
	struct err e = ERR_INIT;
	struct store *s, *other;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_FAILS(store_open(&other, dir, STORE_TRY, NULL, &e), &e, E_BUSY,
	    "held by a writer");
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_TRY, NULL, &e), &e);
	T_FAILS(store_open(&other, dir, STORE_WRITE, NULL, &e), &e, E_BUSY,
	    "held by readers: a dry run");
	T_CALL(store_open(&other, dir, STORE_TRY, NULL, &e), &e);
	store_close(other);
	store_close(s);
}

static int
no_fault(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)arg;
	return err_set(e, E_FORMAT, "%s: %s", what, fault->msg);
}

T_TEST(an_old_schema_changes_with_what_is_committed)
{
	const char *dir = rig_filled();
	struct err e = ERR_INIT;
	struct store *s;

	make_old(dir);
	make_text(make_path(dir, "staging/other"), "half");
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_EQ(rig_revisions(s), 4);
	store_rollback(s);
	/* Once more: what was rolled back is raised again. */
	T_CALL(store_begin(s, &e), &e);
	T_EQ(rig_revisions(s), 4);
	store_close(s);
	T_EQ(rig_number(dir, "PRAGMA user_version"), 1);
	T_OK(make_is_there(dir, "staging/other"));
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(!make_is_there(dir, "staging/other"));
	T_CALL(store_begin(s, &e), &e);
	store_rollback(s);
	store_close(s);
	T_EQ(rig_number(dir, "PRAGMA user_version"), 1);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	T_CALL(store_begin(s, &e), &e);
	store_rollback(s);
	/* What is put then is summed, too. */
	rig_more(s);
	T_CALL(check_all(s, false, 1, no_fault, NULL, &e), &e);
	store_close(s);
	T_EQ(rig_number(dir, "PRAGMA user_version"), STORE_SCHEMA);
}

T_TEST(and_that_is_announced_once)
{
	const char *dir = rig_filled(), *at = t_tmpdir();
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct stat st;
	struct store *s;
	off_t told;

	make_old(dir);
	log.quiet = true;
	T_CALL(log_file(&log, AT_FDCWD, make_path(at, "log"), &e), &e);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, &log, &e), &e);
	T_EQ(stat(make_path(at, "log"), &st), 0);
	told = st.st_size;
	T_OK(told > 0);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_commit(s, &e), &e);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, &log, &e), &e);
	store_close(s);
	T_EQ(stat(make_path(at, "log"), &st), 0);
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
	const char *up = t_tmpdir(), *dir = rig_filled();
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
	T_EQ(stat(make_path(dir, "staging"), &want), 0);
	T_EQ(got.st_ino, want.st_ino);
	T_EQ(close(fd), 0);
	store_close(s);
	T_EQ(rmdir(make_path(dir, "staging")), 0);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_scratch(s, &fd, &e), &e);
	T_OK(fd != -1);
	T_EQ(close(fd), 0);
	store_close(s);
	T_OK(!make_is_there(dir, "staging"));
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

static int
locked_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	if (strcmp(path, "lock") == 0) {
		errno = broken;
		return -1;
	}
	return os_real.openat(dirfd, path, flags, mode);
}

/* Somebody else's database of that name, or what is none. */
T_TEST(what_is_no_store_stays_as_it_is)
{
	static const enum store_mode modes[] = {
	    STORE_READ, STORE_TRY, STORE_WRITE, STORE_CREATE};
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;
	char *before, *after;
	int fd;

	for (int empty = 0; empty < 2; empty++) {
		if (empty == 0)
			rig_sql(dir, "CREATE TABLE theirs (a)");
		else {
			fd = open(
			    make_path(dir, "store.db"), O_WRONLY | O_TRUNC);
			T_OK(fd != -1);
			close(fd);
		}
		before = disk_list(dir);
		for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
			T_FAILS(store_open(&s, dir, modes[i], NULL, &e), &e,
			    E_FORMAT, "not a wsusferry store");
			T_STR(after = disk_list(dir), before);
			free(after);
		}
		free(before);
	}
}

T_TEST(who_may_not_write_is_told_whose_it_is)
{
	const char *dir = rig_filled();
	struct err e = ERR_INIT;
	struct store *s;

	T_EQ(chmod(dir, 0751), 0);
	os.openat = locked_openat;
	broken = EACCES;
	T_FAILS(store_open(&s, dir, STORE_WRITE, NULL, &e), &e, E_SYS,
	    ", mode 0751, and asked for by ");
	broken = EROFS;
	T_FAILS(store_open(&s, dir, STORE_WRITE, NULL, &e), &e, E_SYS,
	    "mounted read-only: opening lock");
	/* A device that fails asks for no owner. */
	broken = EIO;
	if (store_open(&s, dir, STORE_WRITE, NULL, &e) != -1)
		t_fail(__FILE__, __LINE__, "it could be opened");
	T_OK(strstr(e.msg, "asked for") == NULL);
	os = os_real;
	T_EQ(chmod(dir, 0755), 0);
}

T_TEST(what_a_call_failed_with_is_what_is_told)
{
	static const struct {
		int err;
		const char *said;
	} rows[] = {{EIO, "Input/output error"}, {ENODEV, "No such device"},
	    {EDQUOT, "Disk quota exceeded"}, {EFBIG, "File too large"}};
	const char *dir = rig_filled();
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
