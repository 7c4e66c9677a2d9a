/* SPDX-License-Identifier: ISC */
/*
 * Every call of an import that writes a receipt fails, or is its last: the
 * receipt is there whole or not at all, has one number, and is written by the
 * next run.
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

#define NAME "receipt-000001-"

struct job {
	char before[HOUSE_PATH]; /* a store that has the transfer, unanswered */
	char store[HOUSE_PATH], receipts[HOUSE_PATH], back[HOUSE_PATH];
	char *want; /* owned: the receipts of a run that nothing disturbs */
	char *dump; /* owned: the store after it */
};

static struct job job;

static int
run(void *arg)
{
	struct job *j = arg;
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const char *paths[] = {house.transfer};
	const struct import_opts o = {.store = j->store,
	    .paths = paths,
	    .npaths = 1,
	    .trusted_keys = house.pub,
	    .sign_key = house.key,
	    .receipt_to = j->back,
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
	char *mine = named(j->receipts), *back = named(j->back), *dump;

	T_OK(disk_within(mine, j->want));
	T_OK(disk_within(back, j->want));
	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	if (s->status == 0) {
		disk_same("receipts", mine, j->want);
		disk_same("receipts elsewhere", back, j->want);
	}
	free(mine);
	free(back);
	T_EQ(run(j), 0);
	mine = disk_list(j->receipts);
	back = disk_list(j->back);
	dump = house_dump(j->store);
	disk_same("receipts after the rerun", mine, j->want);
	disk_same("receipts elsewhere after it", back, j->want);
	disk_same("rows after the rerun", dump, j->dump);
	free(mine);
	free(back);
	free(dump);
	if (t_failures() != before)
		house_told();
}

static void
measure(struct job *j)
{
	house_make();
	snprintf(j->before, sizeof(j->before), "%.300s/before", house.dir);
	snprintf(j->store, sizeof(j->store), "%.300s/store", house.dir);
	snprintf(j->receipts, sizeof(j->receipts), "%.300s/store/receipts",
	    house.dir);
	snprintf(j->back, sizeof(j->back), "%.300s/back", house.dir);
	T_EQ(house_import(j->before, house.transfer, NULL, house.pub), 0);
	setup(j);
	T_EQ(run(j), 0);
	j->want = disk_list(j->receipts);
	j->dump = house_dump(j->store);
	T_OK(strstr(j->want, NAME) != NULL);
}

T_TEST(a_receipt_is_written_whole_or_by_the_next_run)
{
	struct fault_case c = {
	    .setup = setup, .run = run, .check = check, .arg = &job};

	measure(&job);
	house_strike(&c, house_step(1), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(1), fault_kill_at(1));
	house_strike(&c, house_step(3), fault_short_at(1));
	house_strike(&c, house_step(3), fault_full_at(1));
	house_strike(&c, house_step(3), fault_fail_at(2, EIO, true));
	free(job.want);
	free(job.dump);
}

T_MAIN
