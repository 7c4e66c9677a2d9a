/* SPDX-License-Identifier: ISC */
/*
 * Every call of an import that brings folders of the site's own fails, or is
 * its last: each folder is the old one or the new one, whole, and the new one
 * where the rows are new.  Whatever comes next, with staging emptied by hand or
 * not, finds or makes it wholly old without the row, or wholly new with it; the
 * same again ends as if nothing had happened.
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/export/export.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct job {
	char near[HOUSE_PATH], stick[HOUSE_PATH];
	char before[HOUSE_PATH], after[HOUSE_PATH];
	char path[HOUSE_PATH], far[HOUSE_PATH];
	char older[HOUSE_PATH]; /* the transfer before that */
	bool no_exchange; /* the file system knows no flag of rename() */
	unsigned nchecks;
	char tools[HOUSE_PATH], lists[HOUSE_PATH]; /* folders of the site */
	char *old_dump, *new_dump, *old_with, *new_with; /* owned */
};

static void
name(char to[HOUSE_PATH], const char *base)
{
	snprintf(to, HOUSE_PATH, "%.300s/%s", house.dir, base);
}

static void
put(const char *folder, const char *base, const char *text)
{
	char path[HOUSE_PATH + 32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, base);
	f = fopen(path, "w");
	T_OK(f != NULL);
	if (f != NULL) {
		fputs(text, f);
		fclose(f);
	}
}

static void
export_one(struct job *j, const char *const *withs, size_t n)
{
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	const struct export_opts o = {.store = j->near,
	    .to = j->stick,
	    .sign_key = house.key,
	    .withs = withs,
	    .nwiths = n,
	    .jobs = 1,
	    .log = &log};

	log.prog = "export";
	house_hush();
	T_CALL(export_run(&o, &e), &e);
	house_speak();
	log_close(&log);
}

static char *
with_of(const char *store)
{
	char path[HOUSE_PATH + 16];

	snprintf(path, sizeof(path), "%s/with", store);
	return disk_list(path);
}

/* What is not settled is seen by no client: marks, and what is set aside. */
static char *
shown(char *text)
{
	char *to = text;

	for (char *line = text, *next; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (*line == '.' || memchr(line, '~', (size_t)(next - line)))
			continue;
		memmove(to, line, (size_t)(next - line));
		to += next - line;
	}
	*to = '\0';
	return text;
}

static int (*plain_rename)(int, const char *, int, const char *, unsigned);

static int
rename_without_flags(
    int odir, const char *from, int ndir, const char *to, unsigned flags)
{
	if (flags == 0)
		return plain_rename(odir, from, ndir, to, 0);
	errno = ENOSYS;
	return -1;
}

static int
run(void *arg)
{
	struct job *j = arg;
	int r;

	plain_rename = os.renameat2;
	if (j->no_exchange)
		os.renameat2 = rename_without_flags;
	r = house_import(j->far, j->path, NULL, house.pub);
	os.renameat2 = plain_rename;
	return r;
}

static void
setup(void *arg)
{
	struct job *j = arg;

	house_forget();
	disk_remove(j->far);
	disk_copy(j->before, j->far);
}

/* "tools" is there before and after, "lists" comes. */
static void
begin(struct job *j)
{
	char tools[HOUSE_PATH + 16], lists[HOUSE_PATH + 16];
	char gone[HOUSE_PATH + 16];
	const char *const withs[] = {tools, lists};

	house_make();
	name(j->near, "wnear");
	name(j->stick, "wstick");
	name(j->before, "wbefore");
	name(j->after, "wafter");
	name(j->far, "wfar");
	name(j->tools, "tools");
	name(j->lists, "lists");
	disk_copy(house.one, j->near);
	T_EQ(mkdir(j->stick, 0755), 0);
	T_EQ(mkdir(j->tools, 0755), 0);
	T_EQ(mkdir(j->lists, 0755), 0);
	snprintf(tools, sizeof(tools), "%s=tools", j->tools);
	snprintf(lists, sizeof(lists), "%s=lists", j->lists);
	put(j->tools, "a.exe", "old\n");
	put(j->tools, "gone.exe", "old\n");
	put(j->lists, "b.txt", "a list\n");
	export_one(j, withs, 1);
	put(j->tools, "a.exe", "new, and longer\n");
	put(j->tools, "c.exe", "new\n");
	snprintf(gone, sizeof(gone), "%s/gone.exe", j->tools);
	T_EQ(unlink(gone), 0);
	export_one(j, withs, 2);
	snprintf(
	    j->path, sizeof(j->path), "%.300s/wsusferry-site-000001", j->stick);
	memcpy(j->older, j->path, sizeof(j->older));
	memcpy(j->far, j->before, sizeof(j->far));
	T_EQ(run(j), 0);
	name(j->far, "wfar");
	snprintf(
	    j->path, sizeof(j->path), "%.300s/wsusferry-site-000002", j->stick);
	setup(j);
	j->old_dump = house_dump(j->far);
	j->old_with = with_of(j->far);
	T_EQ(run(j), 0);
	j->new_dump = house_dump(j->far);
	j->new_with = with_of(j->far);
	T_OK(strcmp(j->old_with, j->new_with) != 0);
	disk_copy(j->far, j->after);
}

/* Of one folder, what stands beneath it; free() it. */
static char *
folder(const char *store, const char *base)
{
	char path[HOUSE_PATH + 32];

	snprintf(path, sizeof(path), "%s/with/%s", store, base);
	return access(path, F_OK) == 0 ? disk_list(path) : strdup("");
}

static void
check_folder(const struct job *j, const char *base)
{
	char *text = shown(folder(j->far, base));
	char *was = folder(j->before, base), *will = folder(j->after, base);

	/* Between two renames there may be none; what comes next mends that. */
	if (strcmp(text, was) != 0 && !(j->no_exchange && *text == '\0'))
		disk_same(base, text, will);
	free(text);
	free(was);
	free(will);
}

static void
check_now(const struct job *j, const struct fault_seen *s)
{
	char *dump = house_dump(j->far), *with = shown(with_of(j->far));

	if (strcmp(dump, j->new_dump) == 0)
		disk_same("folders", with, j->new_with);
	else {
		disk_same("rows", dump, j->old_dump);
		/* A refusal takes back what it had put there. */
		if (s->status == 4)
			disk_same("folders of a refusal", with, j->old_with);
	}
	free(with);
	free(dump);
}

/* Another command than the one that was killed. */
static void
check_other(struct job *j)
{
	char staging[HOUSE_PATH + 16], *dump, *with;

	snprintf(staging, sizeof(staging), "%s/staging", j->far);
	if (j->nchecks++ % 2 == 1)
		disk_remove(staging);
	T_EQ(house_import(j->far, j->older, NULL, house.pub), 0);
	dump = house_dump(j->far);
	with = with_of(j->far);
	if (strcmp(dump, j->new_dump) == 0)
		disk_same("folders, then", with, j->new_with);
	else {
		disk_same("rows, then", dump, j->old_dump);
		disk_same("folders, then", with, j->old_with);
	}
	free(with);
	free(dump);
}

static void
check_again(struct job *j)
{
	char staging[HOUSE_PATH + 16], *text;

	T_EQ(run(j), 0);
	text = with_of(j->far);
	disk_same("folders after the rerun", text, j->new_with);
	free(text);
	text = house_dump(j->far);
	disk_same("rows after the rerun", text, j->new_dump);
	free(text);
	snprintf(staging, sizeof(staging), "%s/staging", j->far);
	text = disk_names(staging);
	T_STR(text, "");
	free(text);
}

static void
check(void *arg, const struct fault_seen *s)
{
	unsigned before = t_failures();
	struct job *j = arg;

	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	check_folder(j, "tools");
	check_folder(j, "lists");
	check_now(j, s);
	check_other(j);
	check_again(j);
	if (t_failures() != before)
		house_told();
}

T_TEST(folders_of_the_sites_own_are_the_old_or_the_new_ones_whole)
{
	static struct job j;
	struct fault_case c = {
	    .setup = setup, .run = run, .check = check, .arg = &j};

	begin(&j);
	/* As a file system says it that cannot exchange two names. */
	house_strike(&c, house_step(1), fault_fail_at(1, EINVAL, false));
	house_strike(&c, house_step(5), fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(4), fault_kill_at(1));
	house_strike(&c, house_step(11), fault_fail_at(1, ENOSYS, false));
	j.no_exchange = true;
	house_strike(&c, house_step(9), fault_kill_at(1));
	house_strike(&c, house_step(17), fault_fail_at(1, EIO, false));
	j.no_exchange = false;
	house_strike(&c, house_step(17), fault_full_at(1));
	free(j.old_dump);
	free(j.new_dump);
	free(j.old_with);
	free(j.new_with);
}

T_MAIN
