/* SPDX-License-Identifier: ISC */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

static const char *
beneath(const char *dir, const char *name)
{
	static char paths[4][1024];
	static unsigned next;
	char *p = paths[next++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", dir, name);
	return p;
}

T_TEST(a_store_is_born_where_nothing_is_and_in_an_empty_folder)
{
	char fresh[512];
	struct err e = ERR_INIT;
	struct store *s;
	struct guid id;

	snprintf(fresh, sizeof(fresh), "%s/new", t_tmpdir());
	T_CALL(store_open(&s, fresh, STORE_CREATE, "far-1", &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(store_born(s));
	T_STR(store_site(s), "far-1");
	id = *store_id(s);
	store_close(s);
	T_FAILS(store_open(&s, fresh, STORE_CREATE, "other", &e), &e, E_USAGE,
	    "its site is 'far-1', not 'other'");
	T_FAILS(store_open(&s, fresh, STORE_TRY, "other", &e), &e, E_USAGE,
	    "its site is");
	T_CALL(store_open(&s, fresh, STORE_CREATE, "far-1", &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(!store_born(s));
	T_STR(store_site(s), "far-1");
	T_MEM(store_id(s), &id, sizeof(id));
	store_close(s);
	T_CALL(store_open(&s, t_tmpdir(), STORE_CREATE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(store_born(s));
	T_STR(store_site(s), "site");
	T_OK(guid_cmp(store_id(s), &id) != 0);
	store_close(s);
}

T_TEST(what_is_no_store_is_refused_by_name)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;
	int fd;

	T_FAILS(store_open(&s, beneath(dir, "x"), STORE_READ, NULL, &e), &e,
	    E_USAGE, "there is no folder");
	T_FAILS(store_open(&s, beneath(dir, "x"), STORE_WRITE, NULL, &e), &e,
	    E_USAGE, "there is no folder");
	T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_USAGE,
	    "there is no store.db");
	T_FAILS(store_open(&s, dir, STORE_WRITE, NULL, &e), &e, E_USAGE,
	    "there is no store.db");
	fd = open(beneath(dir, "letter.txt"), O_CREAT | O_WRONLY, 0644);
	close(fd);
	T_FAILS(store_open(&s, dir, STORE_CREATE, NULL, &e), &e, E_USAGE,
	    "not empty");
	T_EQ(access(beneath(dir, "lock"), F_OK), -1);
	T_FAILS(
	    store_open(&s, beneath(dir, "letter.txt"), STORE_CREATE, NULL, &e),
	    &e, E_USAGE, "not a folder");
	T_FAILS(store_open(&s, "", STORE_READ, NULL, &e), &e, E_USAGE,
	    "expected the path");
	T_OK(s == NULL);
}

T_TEST(a_folder_without_a_lock_was_not_about_to_be_a_store)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;
	int fd;

	T_EQ(mkdir(beneath(dir, "keys"), 0755), 0);
	T_FAILS(store_open(&s, dir, STORE_CREATE, NULL, &e), &e, E_USAGE,
	    "not empty");
	fd = open(beneath(dir, "lock"), O_CREAT | O_WRONLY, 0644);
	close(fd);
	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(store_born(s));
	store_close(s);
}

static unsigned nflushed;

static int
counted_fsync(int fd)
{
	nflushed++;
	return os_real.fsync(fd);
}

static int
failed_fsync(int fd)
{
	(void)fd;
	errno = EIO;
	return -1;
}

T_TEST(a_commit_is_flushed_or_it_fails)
{
	struct store *s = make_begun(t_tmpdir());
	struct err e = ERR_INIT;
	struct make m;

	make_fill(s);
	os.fsync = counted_fsync;
	make_commit(s);
	os = os_real;
	T_OK(nflushed > 0);
	T_CALL(store_begin(s, &e), &e);
	make_update(&m, 40, 1);
	make_put_ok(s, &m);
	os.fsync = failed_fsync;
	T_FAILS(store_commit(s, &e), &e, E_SYS, "Input/output error");
	os = os_real;
	store_close(s);
}

T_TEST(a_site_is_a_short_word)
{
	static const char *const bad[] = {"", "Site", "a b", "a/b", "\xc3\xa4",
	    "123456789012345678901234567890123"};
	struct err e = ERR_INIT;
	struct store *s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		T_FAILS(store_open(&s, t_tmpdir(), STORE_CREATE, bad[i], &e),
		    &e, E_USAGE, "expected 1 to 32");
	T_CALL(store_open(&s, t_tmpdir(), STORE_CREATE,
		   "12345678901234567890123456789012", &e),
	    &e);
	store_close(s);
}

T_TEST(a_path_with_odd_letters_is_a_path)
{
	char dir[512];
	struct err e = ERR_INIT;
	struct store *s;

	snprintf(dir, sizeof(dir), "%s/a?b#c%%41 \xc3\xa4&d=e", t_tmpdir());
	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	store_close(s);
	T_EQ(access(beneath(dir, "store.db"), F_OK), 0);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	store_close(s);
}

T_TEST(the_database_is_as_the_design_says)
{
	const char *dir = t_tmpdir();
	struct store *s = make_store(dir);
	uint8_t head[100];
	int fd;

	fd = open(beneath(dir, "store.db"), O_RDONLY);
	T_EQ(read(fd, head, sizeof(head)), (ssize_t)sizeof(head));
	close(fd);
	T_EQ(head[16] << 8 | head[17], 32768);
	T_EQ(head[18], 2); /* WAL */
	T_EQ(head[63], STORE_SCHEMA);
	T_MEM(head + 68, "WSUF", 4);
	store_close(s);
	/* They stay, for readers that may not write. */
	T_EQ(access(beneath(dir, "store.db-wal"), F_OK), 0);
	T_EQ(access(beneath(dir, "store.db-shm"), F_OK), 0);
}

T_TEST(a_second_writer_is_told_that_the_store_is_busy)
{
	const char *dir = t_tmpdir();
	struct store *s = make_store(dir), *other;
	struct err e = ERR_INIT;

	T_FAILS(store_open(&other, dir, STORE_WRITE, NULL, &e), &e, E_BUSY,
	    "held by another");
	T_FAILS(store_open(&other, dir, STORE_CREATE, NULL, &e), &e, E_BUSY,
	    "held by another");
	store_close(s);
	T_CALL(store_open(&other, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(other, NULL, &e), &e);
	store_close(other);
}

T_TEST(a_reader_sees_the_old_state_until_the_writer_commits)
{
	const char *dir = t_tmpdir();
	struct store *w = make_begun(dir), *r, *held;
	struct err e = ERR_INIT;
	struct make m;

	make_fill(w);
	make_commit(w);
	T_CALL(store_open(&r, dir, STORE_READ, NULL, &e), &e);
	T_CALL(store_open(&held, dir, STORE_READ, NULL, &e), &e);
	T_CALL(store_begin(held, &e), &e);
	T_CALL(store_begin(w, &e), &e);
	make_update(&m, 50, 1);
	make_put_ok(w, &m);
	T_EQ(rig_revisions(r), 4);
	make_commit(w);
	T_EQ(rig_revisions(r), 5);
	T_EQ(rig_revisions(held), 4);
	T_CALL(store_commit(held, &e), &e);
	T_EQ(rig_revisions(held), 5);
	store_close(w);
	T_EQ(rig_revisions(r), 5);
	store_close(r);
	store_close(held);
}

T_TEST(closing_without_a_commit_takes_everything_back)
{
	const char *dir = t_tmpdir();
	struct store *s = make_begun(dir);
	struct err e = ERR_INIT;

	make_commit(s);
	T_CALL(store_begin(s, &e), &e);
	make_fill(s);
	store_close(s);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_EQ(rig_revisions(s), 0);
	store_close(s);
}

T_TEST(a_writer_empties_staging_and_a_reader_leaves_it)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;

	store_close(make_store(dir));
	close(open(beneath(dir, "staging/left"), O_CREAT | O_WRONLY, 0600));
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_EQ(store_staging(s), -1);
	store_close(s);
	T_EQ(access(beneath(dir, "staging/left"), F_OK), 0);
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_EQ(access(beneath(dir, "staging/left"), F_OK), -1);
	store_close(s);
}

T_TEST(a_reader_cannot_write)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;
	struct make m;

	store_close(make_store(dir));
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	make_update(&m, 1, 1);
	T_FAILS(make_put(s, &m, &e), &e, E_SYS, "readonly");
	store_close(s);
}

T_TEST(a_newer_schema_and_a_foreign_database_are_refused)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;
	int fd;

	store_close(make_store(dir));
	rig_sql(dir, "PRAGMA user_version = 8");
	T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_FORMAT,
	    "schema 8, this program knows 1 to 7");
	T_FAILS(store_open(&s, dir, STORE_WRITE, NULL, &e), &e, E_FORMAT,
	    "schema 8");
	rig_sql(dir, "PRAGMA user_version = 1; PRAGMA application_id = 7");
	T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_FORMAT,
	    "not a wsusferry store");
	fd = open(beneath(dir, "store.db"), O_WRONLY | O_TRUNC);
	T_EQ(write(fd, "this is a letter, not a database, as you see", 44), 44);
	close(fd);
	T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_FORMAT,
	    "not a database");
}

T_MAIN
