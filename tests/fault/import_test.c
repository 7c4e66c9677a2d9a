/* SPDX-License-Identifier: ISC */
/*
 * Every call of an import fails, or is its last.  Invariants 1 to 6: the store
 * is as before or as after, payload has its right names only, nothing is left
 * in staging by the next run, and that run ends as if nothing had happened.
 */
#include "tests/t.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct job {
	const char *before; /* the store that is there already, or NULL */
	const char *path, *content, *keys;
	char store[HOUSE_PATH];
	char *old_dump, *new_dump; /* owned */
	char *old_tree, *new_tree; /* owned */
};

static void
within(char *to, size_t room, const char *store, const char *base)
{
	snprintf(to, room, "%s/%s", store, base);
}

static char *
tree_of(const struct job *j)
{
	char path[HOUSE_PATH + 16];

	within(path, sizeof(path), j->store, "WsusContent");
	return disk_list(path);
}

static void
setup(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->store);
	if (j->before != NULL)
		disk_copy(j->before, j->store);
}

static int
run(void *arg)
{
	struct job *j = arg;

	return house_import(j->store, j->path, j->content, j->keys);
}

/* Whoever opens the store next reads the old rows or the new ones. */
static void
check_store(const struct job *j, const struct fault_seen *s)
{
	char db[HOUSE_PATH + 16], *dump, *tree = tree_of(j);
	bool is_new;

	within(db, sizeof(db), j->store, "store.db");
	if (access(db, F_OK) == 0)
		T_EQ(house_verify(j->store), 0);
	dump = house_dump(j->store);
	is_new = strcmp(dump, j->new_dump) == 0;
	if (!is_new)
		disk_same("rows", dump, j->old_dump);
	T_OK(disk_within(j->old_tree, tree));
	T_OK(disk_within(tree, j->new_tree));
	if (is_new)
		disk_same("payload", tree, j->new_tree);
	if (s->status == 0)
		T_OK(is_new);
	else
		T_OK(s->status == 4 || s->status == FAULT_KILLED);
	free(dump);
	free(tree);
}

/* The same command again ends as the uninterrupted one. */
static void
check_rerun(struct job *j)
{
	char path[HOUSE_PATH + 16], *text;

	T_EQ(run(j), 0);
	text = house_dump(j->store);
	disk_same("rows after the rerun", text, j->new_dump);
	free(text);
	text = tree_of(j);
	disk_same("payload after the rerun", text, j->new_tree);
	free(text);
	within(path, sizeof(path), j->store, "staging");
	text = disk_names(path);
	T_STR(text, "");
	free(text);
	text = disk_names(j->store);
	T_STR(text,
	    "WsusContent import.log keys lock staging store.db store.db-shm "
	    "store.db-wal ");
	free(text);
	text = disk_names(house.tmp);
	T_STR(text, "");
	free(text);
	T_EQ(house_verify(j->store), 0);
}

static void
check(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;

	if (house_knows(j->store, s->status))
		return;
	check_store(j, s);
	check_rerun(j);
	if (t_failures() != before)
		house_told();
}

/* Both ends of the way, by a run that nothing disturbs. */
static void
measure(struct job *j)
{
	snprintf(j->store, sizeof(j->store), "%.300s/store", house.dir);
	setup(j);
	if (j->before == NULL) {
		T_EQ(mkdir(j->store, 0755), 0);
		j->old_dump = strdup("");
	} else {
		j->old_dump = house_dump(j->store);
	}
	j->old_tree = tree_of(j);
	T_EQ(run(j), 0);
	j->new_dump = house_dump(j->store);
	j->new_tree = tree_of(j);
}

static void
every_plan(struct job j)
{
	struct fault_case c = {.setup = setup, .run = run, .check = check};

	house_make();
	house_knows_nothing();
	measure(&j);
	c.arg = &j;
	house_strike(&c, house_step(1), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(1), fault_kill_at(1));
	house_strike(&c, house_step(5), fault_short_at(1));
	house_strike(&c, house_step(5), fault_full_at(1));
	house_strike(&c, house_step(5), fault_fail_at(2, EIO, true));
	house_strike(&c, house_step(5), fault_fail_at(3, ENOSPC, true));
	free(j.old_dump);
	free(j.new_dump);
	free(j.old_tree);
	free(j.new_tree);
}

T_TEST(a_genuine_package_makes_a_store_or_can_be_imported_again)
{
	house_make();
	every_plan(
	    (struct job){.path = house.package, .content = house.content});
}

T_TEST(a_genuine_package_is_in_a_store_whole_or_not_at_all)
{
	house_make();
	every_plan((struct job){.before = house.earlier,
	    .path = house.package,
	    .content = house.content});
}

T_TEST(a_transfer_makes_a_store_or_can_be_imported_again)
{
	house_make();
	every_plan((struct job){.path = house.transfer, .keys = house.pub});
}

T_MAIN
