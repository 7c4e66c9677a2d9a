/* SPDX-License-Identifier: ISC */
/*
 * Imports that are refused, and are interrupted while they clear away what
 * they began; and media whose bytes change while they are read (invariants 7
 * and 9): what was checked is what is kept, or nothing is.
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct job {
	char store[HOUSE_PATH], stick[HOUSE_PATH];
	const char *before; /* the store that is there already, or NULL */
	const char *keys; /* NULL: the stick holds a genuine package */
	bool halve; /* files lose their second half; else a byte changes */
	uint64_t at; /* the call before which the medium changes */
	char *old_dump, *new_dump, *new_tree; /* owned */
};

static int
spoil_one(void *arg, const struct path_entry *en, struct err *e)
{
	const struct job *j = arg;
	char path[2 * HOUSE_PATH], c;
	off_t at = (off_t)en->size / 2;
	int fd;

	(void)e;
	if (en->type != PATH_FILE || en->size == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", j->stick, en->name);
	T_OK((fd = open(path, O_RDWR | O_CLOEXEC)) != -1);
	if (j->halve) {
		T_EQ(ftruncate(fd, at), 0);
	} else {
		T_EQ(pread(fd, &c, 1, at), 1);
		c ^= 1;
		T_EQ(pwrite(fd, &c, 1, at), 1);
	}
	T_EQ(close(fd), 0);
	return 0;
}

/* Every file on it, in place, as a worn stick would. */
static void
spoil(struct job *j, const char *beneath)
{
	char path[2 * HOUSE_PATH], whole[HOUSE_PATH];
	struct err e = ERR_INIT;
	int fd;

	snprintf(whole, sizeof(whole), "%s", j->stick);
	snprintf(path, sizeof(path), "%s%s", j->stick, beneath);
	snprintf(j->stick, sizeof(j->stick), "%.390s", path);
	fd = open(j->stick, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_CALL(path_walk(fd, 8, spoil_one, j, &e), &e);
	(void)close(fd);
	snprintf(j->stick, sizeof(j->stick), "%s", whole);
}

static void
setup_stick(struct job *j)
{
	disk_remove(j->stick);
	disk_copy(j->keys != NULL ? house.transfer : house.was, j->stick);
}

static void
setup(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->store);
	if (j->before != NULL)
		disk_copy(j->before, j->store);
	setup_stick(j);
}

static int
import(struct job *j)
{
	char cab[HOUSE_PATH + 20], content[HOUSE_PATH + 20];

	if (j->keys != NULL)
		return house_import(j->store, j->stick, NULL, j->keys);
	snprintf(cab, sizeof(cab), "%s/wsusexport.cab", j->stick);
	snprintf(content, sizeof(content), "%s/content", j->stick);
	return house_import(j->store, cab, content, NULL);
}

static void
prepare(struct job *j)
{
	char path[HOUSE_PATH + 16];

	house_make();
	snprintf(j->store, sizeof(j->store), "%.300s/store", house.dir);
	snprintf(j->stick, sizeof(j->stick), "%.300s/medium", house.dir);
	setup(j);
	j->old_dump = house_dump(j->store);
	T_EQ(import(j), 0);
	j->new_dump = house_dump(j->store);
	snprintf(path, sizeof(path), "%s/WsusContent", j->store);
	j->new_tree = disk_list(path);
}

static void
release(struct job *j)
{
	free(j->old_dump);
	free(j->new_dump);
	free(j->new_tree);
}

/* As before or as after; and a good medium ends it well. */
static void
check_store(struct job *j, bool imported)
{
	char path[HOUSE_PATH + 16], *text;

	snprintf(path, sizeof(path), "%s/store.db", j->store);
	if (access(path, F_OK) == 0)
		T_EQ(house_verify(j->store), 0);
	text = house_dump(j->store);
	disk_same("rows", text, imported ? j->new_dump : j->old_dump);
	free(text);
	snprintf(path, sizeof(path), "%s/WsusContent", j->store);
	text = disk_list(path);
	T_OK(disk_within(text, j->new_tree));
	free(text);
	setup_stick(j);
	T_EQ(import(j), 0);
	text = house_dump(j->store);
	disk_same("rows, then", text, j->new_dump);
	free(text);
	text = disk_list(path);
	disk_same("payload, then", text, j->new_tree);
	free(text);
	T_EQ(house_verify(j->store), 0);
}

static void
setup_spoiled(void *arg)
{
	setup(arg);
	spoil(arg, "/data/WsusContent");
}

/* Refused is what it should be. */
static int
run_refused(void *arg)
{
	int status = import(arg);

	return status == 1 ? 0 : status;
}

static void
check_refused(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();

	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	check_store(arg, false);
	if (t_failures() != before)
		house_told();
}

static void
refused(struct job j)
{
	struct fault_case c = {.setup = setup_spoiled,
	    .run = run_refused,
	    .check = check_refused,
	    .arg = &j};

	prepare(&j);
	house_strike(&c, house_step(2), fault_kill_at(1));
	house_strike(&c, house_step(2), fault_fail_at(1, EIO, false));
	release(&j);
}

T_TEST(a_refused_transfer_makes_no_store_and_bars_none)
{
	house_make();
	refused((struct job){.keys = house.pub});
}

T_TEST(a_refused_transfer_changes_no_store)
{
	house_make();
	refused((struct job){.keys = house.pub, .before = house.earlier});
}

/* In the child: the calls of the os table, counted once more. */
static struct job *changing;
static struct os under;
static uint64_t ncalls;

static void
tick(void)
{
	if (++ncalls == changing->at)
		spoil(changing, "");
}

static int
t_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	tick();
	return under.openat(dirfd, path, flags, mode);
}

static ssize_t
t_write(int fd, const void *p, size_t n)
{
	tick();
	return under.write(fd, p, n);
}

static int
t_close(int fd)
{
	tick();
	return under.close(fd);
}

static int
run_changing(void *arg)
{
	changing = arg;
	under = os;
	os.openat = t_openat;
	os.write = t_write;
	os.close = t_close;
	return import(arg);
}

static void
changes(struct job j)
{
	struct fault_seen s;
	unsigned before;
	uint64_t n, step = house_step(2);

	prepare(&j);
	setup(&j);
	T_EQ(fault_run(fault_count(), run_changing, &j, &s), 0);
	n = s.ncalls;
	for (j.at = 1; j.at <= n; j.at += step) {
		before = t_failures();
		setup(&j);
		(void)fault_run(fault_count(), run_changing, &j, &s);
		T_OK(s.status == 0 || s.status == 1 || s.status == 3 ||
		    s.status == 8);
		check_store(&j, s.status == 0);
		if (t_failures() != before) {
			house_told();
			t_fail(__FILE__, __LINE__,
			    "changed at %" PRIu64 ", status %d", j.at,
			    s.status);
		}
	}
	release(&j);
}

T_TEST(what_was_checked_is_kept_when_a_transfer_changes)
{
	house_make();
	changes((struct job){.keys = house.pub});
	changes((struct job){.keys = house.pub, .halve = true});
}

T_TEST(what_was_checked_is_kept_when_a_package_changes)
{
	changes((struct job){.halve = false});
	changes((struct job){.halve = true});
}

T_MAIN
