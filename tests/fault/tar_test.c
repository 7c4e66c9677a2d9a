/* SPDX-License-Identifier: ISC */
/*
 * Every call of an export to a tar, and of an import of it, fails or is its
 * last: what has its name is whole, and the same again ends as if nothing had
 * happened, to the byte (invariants 4 and 6).
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct job {
	char store[HOUSE_PATH], stick[HOUSE_PATH], tar[HOUSE_PATH];
	char *old_dump, *new_dump, *tree; /* owned */
};

static void
setup_export(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->store);
	disk_remove(j->stick);
	disk_copy(house.one, j->store);
	T_EQ(mkdir(j->stick, 0755), 0);
}

static int
run_export(void *arg)
{
	struct job *j = arg;

	return house_export(j->store, j->tar, NULL);
}

/* What is there under its name is whole; else there is its beginning at
   most. */
static void
check_stick(struct job *j)
{
	char *names = disk_names(j->stick), *text;

	if (access(j->tar, F_OK) == 0) {
		T_EQ(house_verify(j->tar), 0);
		text = disk_list(j->stick);
		T_OK(disk_within(j->tree, text));
		free(text);
	} else if (names[0] != '\0')
		T_STR(names, ".one.tar.partial ");
	free(names);
}

static void
check_export(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;
	char staging[HOUSE_PATH + 16], *text;
	bool named;

	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	check_stick(j);
	T_EQ(house_verify(j->store), 0);
	text = house_dump(j->store);
	named = strcmp(text, j->new_dump) == 0;
	free(text);
	if (!named)
		T_EQ(run_export(j), 0);
	text = house_dump(j->store);
	disk_same("rows after the rerun", text, j->new_dump);
	free(text);
	text = disk_list(j->stick);
	disk_same("the stick after the rerun", text, j->tree);
	free(text);
	snprintf(staging, sizeof(staging), "%.300s/staging", j->store);
	if (!named) {
		text = disk_names(staging);
		T_STR(text, "");
		free(text);
	}
	text = disk_names(house.tmp);
	T_STR(text, "");
	free(text);
	if (t_failures() != before)
		house_told();
}

static void
begin(struct job *j)
{
	house_make();
	snprintf(j->store, sizeof(j->store), "%.300s/near", house.dir);
	snprintf(j->stick, sizeof(j->stick), "%.300s/to", house.dir);
	snprintf(j->tar, sizeof(j->tar), "%.300s/to/one.tar", house.dir);
	setup_export(j);
	j->old_dump = house_dump(j->store);
	T_EQ(run_export(j), 0);
	j->new_dump = house_dump(j->store);
	j->tree = disk_list(j->stick);
}

static void
release(struct job *j)
{
	free(j->old_dump);
	free(j->new_dump);
	free(j->tree);
}

T_TEST(a_tar_is_whole_or_has_no_name_and_its_number_is_its_own)
{
	static struct job j;
	struct fault_case c = {.setup = setup_export,
	    .run = run_export,
	    .check = check_export,
	    .arg = &j};

	begin(&j);
	house_strike(&c, house_step(9), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(9), fault_kill_at(2));
	house_strike(&c, house_step(29), fault_short_at(3));
	house_strike(&c, house_step(29), fault_full_at(4));
	release(&j);
}

static void
setup_import(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->store);
}

static int
run_import(void *arg)
{
	struct job *j = arg;

	return house_import(j->store, j->tar, NULL, house.pub);
}

static void
check_import(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;
	char path[HOUSE_PATH + 16], *text;

	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	text = house_dump(j->store);
	if (strcmp(text, j->new_dump) != 0)
		disk_same("rows", text, j->old_dump);
	free(text);
	T_EQ(run_import(j), 0);
	text = house_dump(j->store);
	disk_same("rows after the rerun", text, j->new_dump);
	free(text);
	snprintf(path, sizeof(path), "%.300s/staging", j->store);
	text = disk_names(path);
	T_STR(text, "");
	free(text);
	T_EQ(house_verify(j->store), 0);
	if (t_failures() != before)
		house_told();
}

T_TEST(an_import_of_a_tar_makes_a_store_or_can_be_run_again)
{
	static struct job j;
	struct fault_case c = {.setup = setup_import,
	    .run = run_import,
	    .check = check_import,
	    .arg = &j};

	begin(&j);
	release(&j);
	snprintf(j.store, sizeof(j.store), "%.300s/far", house.dir);
	setup_import(&j);
	j.old_dump = strdup("");
	T_EQ(run_import(&j), 0);
	j.new_dump = house_dump(j.store);
	j.tree = NULL;
	house_strike(&c, house_step(13), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(13), fault_kill_at(2));
	house_strike(&c, house_step(37), fault_full_at(3));
	release(&j);
}

T_MAIN
