/* SPDX-License-Identifier: ISC */
/* Where a store is born, where not, and how that is taken back. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/key/key.h"
#include "lib/store/content.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

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
		T_EQ(rig_revisions(s), 0);
		rig_more(s);
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
	rig_more(s);
	T_CALL(store_begin(s, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_OK(store_born(s) && !store_unborn(s));
	T_EQ(rig_revisions(s), 0);
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
	T_OK(make_is_there(dir, "store.db") && make_is_there(dir, "lock"));
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
	T_CALL(store_log(s, &log, NULL, "some.log", &e), &e);
	rig_more(s);
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

static unsigned
mode_of(const char *path)
{
	struct stat st;

	T_EQ(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* The umask takes from these what it says, and no more. */
T_TEST(what_is_born_all_may_read_and_its_owner_writes)
{
	static const char *const folders[] = {
	    ".", "WsusContent", "keys", "staging"};
	static const char *const files[] = {"store.db", "lock"};
	char dir[600];
	struct err e = ERR_INIT;
	struct store *s;
	mode_t was;
	size_t i;

	snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
	was = umask(0);
	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	umask(was);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		T_EQ(mode_of(make_path(dir, folders[i])), 0755);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		T_EQ(mode_of(make_path(dir, files[i])), 0644);
	store_close(s);
}

T_TEST(what_another_has_put_into_it_stays_with_it)
{
	static const char *const foreign[] = {
	    "keys/far.pub", "staging/half", "WsusContent/XX", "letter.txt"};
	char dir[600];
	struct err e = ERR_INIT;
	struct store *s;
	size_t i;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
		T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
		T_CALL(store_accept(s, NULL, &e), &e);
		make_text(make_path(dir, foreign[i]), "not ours");
		take_back(s);
		T_OK(make_is_there(dir, foreign[i]));
		/* In a folder of a store: then it still is one. */
		T_EQ(make_is_there(dir, "store.db"),
		    strchr(foreign[i], '/') != NULL);
	}
}

T_TEST(a_log_that_another_began_is_not_taken_back)
{
	char dir[600];
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct store *s;

	snprintf(dir, sizeof(dir), "%s/new", t_tmpdir());
	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	make_text(make_path(dir, "some.log"), "not ours\n");
	T_CALL(store_log(s, &log, NULL, "some.log", &e), &e);
	store_take_back(s);
	store_close(s);
	log_close(&log);
	T_OK(make_is_there(dir, "some.log"));
	T_OK(!make_is_there(dir, "store.db"));
}

T_TEST(what_was_there_before_is_not_taken_back)
{
	char dir[600], *names;
	struct err e = ERR_INIT;
	struct store *s;

	/* What a birth that was killed has left, is another's. */
	snprintf(dir, sizeof(dir), "%s", t_tmpdir());
	make_text(make_path(dir, "lock"), "");
	T_EQ(mkdir(make_path(dir, "keys"), 0755), 0);
	T_EQ(mkdir(make_path(dir, "WsusContent"), 0755), 0);
	born_and_taken_back(dir);
	T_OK(make_is_there(dir, "lock") && make_is_there(dir, "keys"));
	T_OK(!make_is_there(dir, "store.db") && !make_is_there(dir, "staging"));
	/* A store that was not born now is not touched at all. */
	snprintf(dir, sizeof(dir), "%s", rig_filled());
	make_text(make_path(dir, "some.log"), "a line\n");
	T_CALL(store_open(&s, dir, STORE_CREATE, NULL, &e), &e);
	take_back(s);
	names = disk_names(dir);
	T_STR(names,
	    "WsusContent keys lock some.log staging store.db store.db-shm "
	    "store.db-wal ");
	free(names);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_EQ(rig_revisions(s), 5);
	store_close(s);
}

T_TEST(no_log_is_put_where_the_database_is)
{
	static const char *const names[] = {"lock", "store.db", "store.db-wal"};
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const char *dir = rig_filled();
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		T_FAILS(
		    store_log(s, &log, make_path(dir, names[i]), "a.log", &e),
		    &e, E_USAGE, "a file of the store, and no log");
	T_EQ(log.file_fd, -1);
	store_close(s);
}

/* Only a store that is to be made makes a folder for it, too. */
T_TEST(a_log_in_no_folder_is_refused)
{
	struct log log = LOG_INIT;
	const char *dir = rig_filled();
	struct err e = ERR_INIT;
	char born[600], path[700];
	struct store *s;

	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_FAILS(store_log(s, &log, make_path(dir, "none/a.log"), "a.log", &e),
	    &e, E_SYS, "none/a.log");
	store_close(s);
	snprintf(born, sizeof(born), "%s/new", t_tmpdir());
	snprintf(path, sizeof(path), "%s/a.log", born);
	T_CALL(store_open(&s, born, STORE_CREATE, NULL, &e), &e);
	T_CALL(store_log(s, &log, path, "a.log", &e), &e);
	T_FAILS(store_log(s, &log, make_path(dir, "store.db/a.log"), "a", &e),
	    &e, E_SYS, "store.db/a.log");
	store_close(s);
	T_EQ(log.file_fd, -1);
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
	int fd;

	for (size_t i = 0; i < 4; i++)
		T_FAILS(store_open(&s, dir, modes[i], NULL, &e), &e, E_USAGE,
		    i < 2 ? create : write);
	for (int trust = 0; trust < 2; trust++)
		T_FAILS(
		    key_open(NULL, dir, trust, &fd, &e), &e, E_USAGE, write);
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
		T_EQ(mkdir(make_path(dir, "WsusContent"), 0755), 0);
		T_EQ(mkdir(make_path(dir, "WsusContent/0A"), 0755), 0);
		if (i != 0)
			T_EQ(rmdir(make_path(dir, "WsusContent/0A")), 0);
		T_EQ(mkdir(make_path(dir, "keys"), 0755), 0);
		T_EQ(mkdir(make_path(dir, "staging"), 0755), 0);
		make_text(make_path(dir, "lock"), "");
		make_text(make_path(dir, kept[i]), "of value");
		snprintf(words, sizeof(words), "something in %.*s",
		    (int)strcspn(kept[i], "/"), kept[i]);
		refused_as(dir, words, words);
		refused_as(dir, "put store.db back from a backup",
		    "put store.db back from a backup");
		/* Without the lock it may be anything. */
		T_EQ(unlink(make_path(dir, "lock")), 0);
		refused_as(dir, "not a store, and not empty",
		    "not a store: there is no store.db");
	}
}

/* Its log and its lock would be beside one name of two. */
T_TEST(a_link_in_the_place_of_the_database_is_refused)
{
	const char *dir = t_tmpdir();
	char other[600];

	snprintf(other, sizeof(other), "%s", t_tmpdir());
	store_close(make_store(other));
	T_EQ(symlink(make_path(other, "store.db"), make_path(dir, "store.db")),
	    0);
	refused_as(
	    dir, "store.db is a symbolic link", "store.db is a symbolic link");
	T_EQ(unlink(make_path(dir, "store.db")), 0);
	T_EQ(symlink("nowhere", make_path(dir, "store.db")), 0);
	refused_as(dir, "store.db is a symbolic link", "whole folder");
	T_EQ(unlink(make_path(dir, "store.db")), 0);
	T_EQ(mkdir(make_path(dir, "store.db"), 0755), 0);
	refused_as(dir, "store.db is no regular file", "no regular file");
}

T_TEST(a_link_in_the_place_of_a_folder_is_something_too)
{
	const char *dir = t_tmpdir();

	make_text(make_path(dir, "lock"), "");
	T_EQ(symlink("/nowhere/volume", make_path(dir, "WsusContent")), 0);
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
	make_text(make_path(dir, "lock"), "");
	T_EQ(mkdir(make_path(dir, "keys"), 0), 0);
	T_FAILS(store_open(&s, dir, STORE_CREATE, NULL, &e), &e, E_SYS,
	    "opening keys: Permission denied");
	T_EQ(chmod(make_path(dir, "keys"), 0755), 0);
	T_EQ(chmod(dir, 0), 0);
	T_FAILS(store_open(&s, dir, STORE_READ, NULL, &e), &e, E_SYS,
	    ", mode 0000, and asked for by ");
	T_EQ(chmod(dir, 0755), 0);
}

/* A process that may open so many files more. */
static void
may_open(rlim_t more)
{
	struct rlimit l;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	T_EQ(getrlimit(RLIMIT_NOFILE, &l), 0);
	l.rlim_cur = more == RLIM_INFINITY ? l.rlim_max : (rlim_t)fd + more;
	T_EQ(setrlimit(RLIMIT_NOFILE, &l), 0);
}

/* A folder that cannot be looked into is not one that holds something. */
T_TEST(what_cannot_be_looked_at_is_a_failure_and_no_store)
{
	static const char *const folders[] = {"WsusContent", "keys", "staging"};
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;
	unsigned refused = 0;
	rlim_t more;
	int r;

	for (size_t i = 0; i < 3; i++)
		T_EQ(mkdir(make_path(dir, folders[i]), 0755), 0);
	make_text(make_path(dir, "lock"), ""); /* a birth that was cut off */
	for (more = 0; more < 32; more++) {
		may_open(more);
		r = store_open(&s, dir, STORE_TRY, NULL, &e);
		may_open(RLIM_INFINITY);
		refused += r == -1;
		if (r == -1)
			T_EQ(e.kind, E_SYS);
		else
			store_close(s);
		err_clear(&e);
	}
	T_OK(refused > 1 && refused < 32);
}

T_MAIN
