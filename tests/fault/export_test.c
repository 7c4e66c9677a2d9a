/* SPDX-License-Identifier: ISC */
/*
 * Every call of an export fails, or is its last.  What has its final name is
 * whole, a number names one transfer, and the next run ends as if nothing had
 * happened, to the byte.
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

#define TRANSFER "wsusferry-site-000001"

struct job {
	const char *final; /* name of what is written */
	bool package; /* it is one, not a transfer */
	const char *destination; /* of a transfer, or NULL */
	char store[HOUSE_PATH], stick[HOUSE_PATH];
	char file[HOUSE_PATH]; /* of the package */
	char *old_dump, *new_dump; /* owned */
	char *tree, *names; /* owned: of the stick, when all is done */
};

static void
setup(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->store);
	disk_remove(j->stick);
	disk_copy(house.one, j->store);
	T_EQ(mkdir(j->stick, 0755), 0);
}

static int
run(void *arg)
{
	struct job *j = arg;

	return house_export_to(j->store, j->package ? NULL : j->stick,
	    j->package ? j->file : NULL, j->destination);
}

/* What an export writes: its row of the ledger, the second, and what hangs on
   that. */
static bool
is_of_export(const char *line)
{
	static const char *const begins[] = {
	    "ledger 1 ", "ledger-note 2 ", "carried 2 ", "destination "};

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(line, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static void
without_export(char *dump)
{
	char *to = dump, *line = dump;

	while (*line != '\0') {
		size_t n = strcspn(line, "\n") + 1;

		if (!is_of_export(line)) {
			memmove(to, line, n);
			to += n;
		}
		line += n;
	}
	*to = '\0';
}

static void
check_stick(const struct job *j)
{
	char path[HOUSE_PATH + 40], *text;

	snprintf(path, sizeof(path), "%s/%s", j->stick, j->final);
	if (access(path, F_OK) == 0) {
		T_EQ(house_verify(path), j->package ? 10 : 0);
		text = disk_list(j->stick);
		T_OK(disk_within(j->tree, text));
		free(text);
	}
	text = disk_names(j->stick);
	snprintf(path, sizeof(path), ".%s.partial ", j->final);
	if (text[0] != '\0' && strcmp(text, j->names) != 0)
		T_STR(text, path);
	free(text);
}

/* Done, and only its end was not told: the next run is another export. */
static bool
is_done(const struct job *j)
{
	char *dump = house_dump(j->store), *text = disk_list(j->stick);
	bool done = strcmp(dump, j->new_dump) == 0;

	done = done && strcmp(text, j->tree) == 0 && !j->package;
	free(dump);
	free(text);
	return done;
}

static void
check_store(const struct job *j, const struct fault_seen *s)
{
	char *dump = house_dump(j->store);

	T_EQ(house_verify(j->store), 0);
	if (s->status == 0)
		disk_same("rows", dump, j->new_dump);
	else
		T_OK(s->status == 4 || s->status == FAULT_KILLED);
	without_export(dump);
	disk_same("rows but the export's", dump, j->old_dump);
	free(dump);
}

static void
check_rerun(struct job *j)
{
	char path[HOUSE_PATH + 40], *text;
	int status;

	snprintf(path, sizeof(path), "%s/%s", j->stick, j->final);
	/* A package that has its name is whole, and is not written over. */
	status = j->package && access(path, F_OK) == 0 ? 2 : 0;
	T_EQ(run(j), status);
	text = house_dump(j->store);
	disk_same("rows after the rerun", text, j->new_dump);
	free(text);
	text = disk_list(j->stick);
	disk_same("the stick after the rerun", text, j->tree);
	free(text);
	text = disk_names(house.tmp);
	T_STR(text, "");
	free(text);
	T_EQ(house_verify(path), j->package ? 10 : 0);
}

static void
check(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;

	check_stick(j);
	check_store(j, s);
	if (!is_done(j))
		check_rerun(j);
	if (t_failures() != before)
		house_told();
}

static void
measure(struct job *j)
{
	snprintf(j->store, sizeof(j->store), "%.300s/store", house.dir);
	snprintf(j->stick, sizeof(j->stick), "%.300s/to", house.dir);
	snprintf(j->file, sizeof(j->file), "%.300s/to/%s", house.dir, j->final);
	setup(j);
	j->old_dump = house_dump(j->store);
	T_EQ(run(j), 0);
	j->new_dump = house_dump(j->store);
	j->tree = disk_list(j->stick);
	j->names = disk_names(j->stick);
}

static void
release(struct job *j)
{
	free(j->old_dump);
	free(j->new_dump);
	free(j->tree);
	free(j->names);
}

static void
every_plan(struct job j)
{
	struct fault_case c = {
	    .setup = setup, .run = run, .check = check, .arg = &j};

	house_make();
	measure(&j);
	house_strike(&c, house_step(1), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(1), fault_kill_at(1));
	house_strike(&c, house_step(5), fault_short_at(1));
	house_strike(&c, house_step(5), fault_full_at(1));
	house_strike(&c, house_step(5), fault_fail_at(2, EIO, true));
	house_strike(&c, house_step(5), fault_fail_at(3, ENOSPC, true));
	release(&j);
}

T_TEST(a_transfer_is_whole_or_has_no_name_and_its_number_is_its_own)
{
	every_plan((struct job){.final = TRANSFER});
}

T_TEST(so_is_the_first_one_to_a_destination)
{
	struct job j = {.final = TRANSFER, .destination = "south"};
	struct fault_case c = {
	    .setup = setup, .run = run, .check = check, .arg = &j};

	house_make();
	measure(&j);
	house_strike(&c, house_step(7), fault_kill_at(1));
	house_strike(&c, house_step(11), fault_fail_at(1, EIO, false));
	release(&j);
}

/* The last call that leaves the row open when it has its name already. */
static void
kill_late(struct job *j)
{
	struct fault_seen s;
	char *names = NULL;
	uint64_t n;

	house_make();
	measure(j);
	setup(j);
	T_EQ(fault_run(fault_count(), run, j, &s), 0);
	for (n = s.ncalls; n > 0; n--) {
		setup(j);
		(void)fault_run(fault_kill_at(n), run, j, &s);
		if (!is_done(j))
			break;
	}
	names = disk_names(j->stick);
	T_STR(names, TRANSFER " ");
	free(names);
}

/* The stick with it is away: nobody can know whether it was read. */
T_TEST(a_number_that_may_be_out_is_not_given_again)
{
	struct job j = {.final = TRANSFER};
	char *names = NULL;

	kill_late(&j);
	disk_remove(j.stick);
	T_EQ(mkdir(j.stick, 0755), 0);
	T_EQ(run(&j), 0);
	names = disk_names(j.stick);
	T_STR(names, "wsusferry-site-000002 ");
	free(names);
	T_EQ(house_verify(j.store), 0);
	release(&j);
}

/* Nobody asks for what the store held when it was interrupted. */
T_TEST(a_store_that_grew_is_written_beside_what_was_interrupted)
{
	struct job j = {.final = TRANSFER};
	char path[HOUSE_PATH + 40], *names = NULL, *dump = NULL;

	kill_late(&j);
	snprintf(path, sizeof(path), "%s/earlier.cab", house.dir);
	T_EQ(house_import(j.store, path, house.content, NULL), 0);
	T_EQ(run(&j), 0);
	names = disk_names(j.stick);
	T_STR(names, "wsusferry-site-000001 wsusferry-site-000002 ");
	free(names);
	dump = house_dump(j.store);
	T_OK(strstr(dump, "\nledger 1 2 ") != NULL);
	T_OK(strstr(dump, "\nledger 1 1 ") == NULL);
	free(dump);
	T_EQ(house_verify(j.stick), 2);
	snprintf(path, sizeof(path), "%s/wsusferry-site-000002", j.stick);
	T_EQ(house_verify(path), 0);
	release(&j);
}

T_TEST(a_package_is_whole_or_absent)
{
	every_plan((struct job){.final = "out.cab", .package = true});
}

T_MAIN
