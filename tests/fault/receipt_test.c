/* SPDX-License-Identifier: ISC */
/*
 * Every call of an import that writes a receipt, or takes one, fails, or is its
 * last: the receipt is there whole or not at all, has one number, and is
 * written by the next run; what it acknowledges is in the store with it or not
 * at all.
 */
#include "tests/t.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/import/import.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct job {
	const char *receipt; /* what is taken; NULL: one is written */
	const char *transfer; /* NULL: nothing is imported, --receipt-now */
	char before[HOUSE_PATH]; /* a store that has the transfer, unanswered */
	char store[HOUSE_PATH], receipts[HOUSE_PATH], back[HOUSE_PATH];
	char *want; /* owned: the receipts of a run that nothing disturbs */
	char *old_dump, *dump; /* owned: the store before and after it */
};

static int
run(void *arg)
{
	struct job *j = arg;
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const char *paths[] = {j->transfer};
	const struct import_opts o = {.store = j->store,
	    .paths = paths,
	    .npaths = j->receipt == NULL && j->transfer != NULL,
	    .receipt_now = j->receipt == NULL && j->transfer == NULL,
	    .trusted_keys = house.pub,
	    .receipt = j->receipt,
	    .destination = j->receipt != NULL ? "south" : NULL,
	    .sign_key = j->receipt == NULL ? house.key : NULL,
	    .receipt_to = j->receipt == NULL ? j->back : NULL,
	    .jobs = 1,
	    .log = &log};
	int status;

	log.prog = "import";
	house_hush();
	status = import_run(&o, &e) == -1 ? log_error(&log, NULL, &e) : 0;
	status = err_worst(status, log.worst);
	log_close(&log);
	house_speak();
	return status;
}

static void
setup(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->store);
	disk_remove(j->back);
	disk_copy(j->before, j->store);
	T_EQ(mkdir(j->back, 0755), 0);
}

/* The lines of a folder but for what is still being written; free() it. */
static char *
named(const char *path)
{
	char *all = access(path, F_OK) == 0 ? disk_list(path) : strdup("");
	char *to = all, *line = all, *end;
	size_t n;

	for (; *line != '\0'; line = end) {
		end = strchr(line, '\n');
		end = end == NULL ? line + strlen(line) : end + 1;
		n = (size_t)(end - line);
		if (line[0] != '.') {
			memmove(to, line, n);
			to += n;
		}
	}
	*to = '\0';
	return all;
}

static void
check(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;
	char *mine = named(j->receipts), *back = named(j->back);
	char *dump = house_dump(j->store);

	T_OK(disk_within(mine, j->want));
	T_OK(disk_within(back, j->want));
	if (strcmp(dump, j->dump) != 0)
		disk_same("rows", dump, j->old_dump);
	free(dump);
	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	if (s->status == 0) {
		disk_same("receipts", mine, j->want);
		if (j->receipt == NULL)
			disk_same("receipts elsewhere", back, j->want);
	}
	free(mine);
	free(back);
	T_EQ(run(j), 0);
	mine = disk_list(j->receipts);
	back = disk_list(j->back);
	dump = house_dump(j->store);
	disk_same("receipts after the rerun", mine, j->want);
	if (j->receipt == NULL)
		disk_same("receipts elsewhere after it", back, j->want);
	disk_same("rows after the rerun", dump, j->dump);
	free(mine);
	free(back);
	free(dump);
	if (t_failures() != before)
		house_told();
}

/* The store that it begins with is in before. */
static void
measure(struct job *j)
{
	snprintf(j->store, sizeof(j->store), "%.300s/store", house.dir);
	snprintf(j->receipts, sizeof(j->receipts), "%.300s/store/receipts",
	    house.dir);
	snprintf(j->back, sizeof(j->back), "%.300s/back", house.dir);
	setup(j);
	j->old_dump = house_dump(j->store);
	T_EQ(run(j), 0);
	j->want = disk_list(j->receipts);
	j->dump = house_dump(j->store);
	T_OK(strcmp(j->dump, j->old_dump) != 0);
}

static void
every_plan(struct job *j, uint64_t step)
{
	struct fault_case c = {
	    .setup = setup, .run = run, .check = check, .arg = j};

	measure(j);
	house_strike(&c, house_step(step), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(step), fault_kill_at(1));
	house_strike(&c, house_step(3 * step), fault_short_at(1));
	house_strike(&c, house_step(3 * step), fault_full_at(1));
	house_strike(&c, house_step(3 * step), fault_fail_at(2, EIO, true));
	free(j->want);
	free(j->old_dump);
	free(j->dump);
}

/* Into before: a store that imported the transfer, without a receipt. */
static void
import_there(struct job *j, const char *transfer)
{
	j->transfer = transfer;
	snprintf(j->before, sizeof(j->before), "%.300s/before", house.dir);
	disk_remove(j->before);
	T_EQ(house_import(j->before, transfer, NULL, house.pub), 0);
}

T_TEST(a_receipt_is_written_whole_or_by_the_next_run)
{
	static struct job j;

	house_make();
	import_there(&j, house.transfer);
	every_plan(&j, 1);
}

T_TEST(a_receipt_of_what_is_held_now_is_written_whole_or_by_the_next_run)
{
	static struct job j;

	house_make();
	import_there(&j, house.transfer);
	j.transfer = NULL;
	every_plan(&j, 4);
}

/* "folder/the one name in it" */
static void
only(char *path, size_t room, const char *folder)
{
	char *names = disk_names(folder);

	snprintf(path, room, "%s/%.*s", folder, (int)strlen(names) - 1, names);
	free(names);
}

/* The store that exported gets what the other one wrote. */
T_TEST(a_receipt_is_taken_whole_or_by_the_next_run)
{
	static char stick[HOUSE_PATH], transfer[2 * HOUSE_PATH];
	static char from[2 * HOUSE_PATH], receipt[HOUSE_PATH];
	static struct job far, j;

	house_make();
	snprintf(stick, sizeof(stick), "%.300s/my-stick", house.dir);
	snprintf(j.before, sizeof(j.before), "%.300s/near", house.dir);
	snprintf(receipt, sizeof(receipt), "%.300s/taken.txt", house.dir);
	disk_copy(house.one, j.before);
	T_EQ(mkdir(stick, 0755), 0);
	T_EQ(house_export(j.before, stick, NULL), 0);
	only(transfer, sizeof(transfer), stick);
	import_there(&far, transfer);
	measure(&far);
	only(from, sizeof(from), far.back);
	T_EQ(rename(from, receipt), 0);
	j.receipt = receipt;
	every_plan(&j, 1);
	free(far.want);
	free(far.old_dump);
	free(far.dump);
}

T_MAIN
