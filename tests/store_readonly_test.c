/* SPDX-License-Identifier: ISC */
/* Readers in places where nothing may be written, and that write nothing. */
#include "tests/t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/store/store.h"
#include "lib/store/sync.h"
#include "tests/fault/disk.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

static const char *
old_store(void)
{
	const char *dir = rig_filled();

	make_old(dir);
	return dir;
}

static void
remove_side_files(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	(void)unlinkat(fd, "store.db-wal", 0);
	(void)unlinkat(fd, "store.db-shm", 0);
	close(fd);
}

static int
note_entry(void *arg, const struct path_entry *en, struct err *e)
{
	(void)e;
	make_note(arg, "%s %d;", en->name, (int)en->size);
	return 0;
}

static const char *
listing(const char *dir, struct make_notes *g)
{
	struct err e = ERR_INIT;
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	g->text[0] = '\0';
	T_CALL(path_walk(fd, 8, note_entry, g, &e), &e);
	close(fd);
	return g->text;
}

/* 0 when a reader finds the four revisions of make_fill(). */
static int
read_it(const char *dir, struct err *e)
{
	struct store_counts c;
	struct sync_counts n;
	struct store *s;
	int r = -1;

	if (store_open(&s, dir, STORE_READ, NULL, e) == -1)
		return -1;
	if (store_begin(s, e) == 0 && store_counts(s, &c, e) == 0 &&
	    sync_counts(s, 1, &n, e) == 0 && c.revisions == 4 && n.inbox == 0)
		r = 0;
	store_close(s);
	return r;
}

T_TEST(a_reader_creates_and_changes_no_file)
{
	struct make_notes before, after;
	const char *dir = rig_filled();
	struct err e = ERR_INIT;

	listing(dir, &before);
	T_OK(strstr(before.text, "store.db-wal") != NULL);
	T_CALL(read_it(dir, &e), &e);
	T_STR(listing(dir, &after), before.text);
	remove_side_files(dir);
	listing(dir, &before);
	T_CALL(read_it(dir, &e), &e);
	T_STR(listing(dir, &after), before.text);
	T_OK(strstr(after.text, "store.db-wal") == NULL);
}

T_TEST(without_side_files_reader_and_writer_keep_each_other_out)
{
	const char *dir = rig_filled();
	struct err e = ERR_INIT;
	struct store *r, *w;

	remove_side_files(dir);
	T_CALL(store_open(&r, dir, STORE_READ, NULL, &e), &e);
	T_FAILS(store_open(&w, dir, STORE_WRITE, NULL, &e), &e, E_BUSY,
	    "held by readers: a dry run");
	store_close(r);
	T_CALL(store_open(&w, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(w, NULL, &e), &e);
	T_CALL(store_begin(w, &e), &e);
	T_CALL(read_it(dir, &e), &e); /* they are back */
	store_close(w);
}

/* As a backup may hold it: database and log, without the log's index. */
T_TEST(changes_in_the_log_are_not_overlooked)
{
	const char *dir = t_tmpdir(), *copy = t_tmpdir();
	struct store *s = make_begun(dir), *w;
	struct err e = ERR_INIT;
	char *before, *after;

	make_fill(s);
	make_commit(s);
	T_EQ(rmdir(copy), 0);
	disk_copy(dir, copy);
	store_close(s);
	T_EQ(unlink(make_path(copy, "store.db-shm")), 0);
	before = disk_list(copy);
	T_CALL(read_it(copy, &e), &e);
	after = disk_list(copy);
	disk_same("files", after, before);
	free(before);
	free(after);
	/* Nobody writes meanwhile. */
	T_CALL(store_open(&s, copy, STORE_READ, NULL, &e), &e);
	T_FAILS(store_open(&w, copy, STORE_WRITE, NULL, &e), &e, E_BUSY,
	    "held by readers: a dry run");
	store_close(s);
}

/* In a child, since it changes who or where we are. */
static int
in_child(int (*fn)(const char *dir), const char *dir)
{
	int status;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0)
		_exit(fn(dir));
	T_EQ(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define CANNOT 77

static int
say(const char *dir)
{
	struct err e = ERR_INIT;

	if (read_it(dir, &e) == 0)
		return 0;
	fprintf(stderr, "%s\n", e.msg);
	return 1;
}

static int
on_readonly_mount(const char *dir)
{
	if (unshare(CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0)) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount(dir, dir, NULL, MS_BIND, NULL) == -1 ||
	    mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) ==
		-1)
		return CANNOT;
	return say(dir);
}

static int
as_nobody(const char *dir)
{
	if (geteuid() == 0 && (setgid(65534) == -1 || setuid(65534) == -1))
		return CANNOT;
	return say(dir);
}

static void
everywhere(int (*fn)(const char *dir), bool closed, const char *dir)
{
	struct stat st;
	int r;

	/* The way to it, for another user. */
	if (stat(dir, &st) == 0)
		(void)chmod(dir, closed ? 0555 : 0755);
	r = in_child(fn, dir);
	if (r == CANNOT) {
		(void)chmod(dir, 0755);
		t_skip("not allowed here");
	}
	T_EQ(r, 0);
	(void)chmod(dir, 0755);
	remove_side_files(dir);
	(void)chmod(dir, closed ? 0555 : 0755);
	T_EQ(in_child(fn, dir), 0);
	(void)chmod(dir, 0755);
}

T_TEST(a_store_on_a_readonly_mount_is_read_with_and_without_side_files)
{
	everywhere(on_readonly_mount, false, rig_filled());
}

T_TEST(a_store_of_an_older_schema_is_read_where_it_cannot_be_brought_up)
{
	everywhere(on_readonly_mount, false, old_store());
}

/* The folder of all tests is for its owner only. */
static void
let_in(const char *dir)
{
	char up[512];
	char *slash;

	snprintf(up, sizeof(up), "%s", dir);
	if ((slash = strrchr(up, '/')) != NULL) {
		*slash = '\0';
		(void)chmod(up, 0755);
	}
}

T_TEST(another_user_reads_a_store_that_is_not_his)
{
	let_in(t_tmpdir());
	everywhere(as_nobody, true, rig_filled());
	everywhere(as_nobody, true, old_store());
}

static int
beside_a_writer(const char *dir)
{
	struct err e = ERR_INIT;
	struct store_counts c;
	struct store *s;

	if (geteuid() == 0 && (setgid(65534) == -1 || setuid(65534) == -1))
		return CANNOT;
	if (store_open(&s, dir, STORE_READ, NULL, &e) == -1 ||
	    store_counts(s, &c, &e) == -1) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	store_close(s);
	return c.revisions == 5 ? 0 : 2;
}

T_TEST(another_user_sees_what_a_running_writer_has_committed)
{
	const char *dir = rig_filled();
	struct err e = ERR_INIT;
	struct store *w;
	struct make m;

	let_in(dir);
	(void)chmod(dir, 0755);
	T_CALL(store_open(&w, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(w, NULL, &e), &e);
	T_CALL(store_begin(w, &e), &e);
	make_update(&m, 77, 1);
	make_put_ok(w, &m);
	make_commit(w);
	T_CALL(store_begin(w, &e), &e);
	make_update(&m, 78, 1);
	make_put_ok(w, &m);
	T_EQ(in_child(beside_a_writer, dir), 0);
	store_close(w);
	/* And what a killed one has committed. */
}

static int
commit_and_die(const char *dir)
{
	struct err e = ERR_INIT;
	struct store *w;
	struct make m;

	if (store_open(&w, dir, STORE_WRITE, NULL, &e) == -1 ||
	    store_accept(w, NULL, &e) == -1 || store_begin(w, &e) == -1)
		return 1;
	make_update(&m, 77, 1);
	if (make_put(w, &m, &e) == -1 || store_commit(w, &e) == -1)
		return 1;
	_exit(0); /* without closing: the log keeps it */
}

T_TEST(what_a_killed_writer_had_committed_is_there)
{
	const char *dir = rig_filled();
	struct err e = ERR_INIT;
	struct store_counts c;
	struct stat st;
	struct store *s;
	char path[512];

	T_EQ(in_child(commit_and_die, dir), 0);
	snprintf(path, sizeof(path), "%s/store.db-wal", dir);
	T_EQ(stat(path, &st), 0);
	T_OK(st.st_size > 0);
	T_CALL(store_open(&s, dir, STORE_READ, NULL, &e), &e);
	T_CALL(store_counts(s, &c, &e), &e);
	T_EQ(c.revisions, 5);
	store_close(s);
	T_EQ(stat(path, &st), 0);
	T_OK(st.st_size > 0); /* a reader leaves it to a writer */
	T_CALL(store_open(&s, dir, STORE_WRITE, NULL, &e), &e);
	T_CALL(store_accept(s, NULL, &e), &e);
	T_CALL(store_counts(s, &c, &e), &e);
	T_EQ(c.revisions, 5);
	store_close(s);
}

T_MAIN
