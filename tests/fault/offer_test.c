/* SPDX-License-Identifier: ISC */
/*
 * Every call of compiling and of going back fails, or is the last: `current`
 * names a whole snapshot at any time, and the same run again ends as if nothing
 * had happened.
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/offer/texts.h"
#include "lib/view/snap.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/offer_make.h"

MAKE_IN_MEMORY

struct job {
	struct offer_rig r;
	char was[400]; /* the store before each run */
	char *want; /* the offer after a run that nothing disturbs */
	bool empty; /* there was no snapshot before */
};

static int
run(void *arg)
{
	struct job *j = arg;
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct offer_opts o = j->r.o;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)dup2(null, STDERR_FILENO);
	log.quiet = true;
	o.log = &log;
	return offer_run(&o, &e) == -1 ? err_status(e.kind) : 0;
}

static void
setup(void *arg)
{
	struct job *j = arg;

	disk_remove(j->r.dir);
	disk_copy(j->was, j->r.dir);
}

static char *
offer_list(const struct job *j)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, j->r.dir);
	return disk_list(path);
}

static int
bad(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)arg, (void)e;
	t_fail(__FILE__, __LINE__, "%s: %s", what, fault->msg);
	return 0;
}

static void
check_whole(const struct job *j)
{
	struct snapshot s = SNAPSHOT_INIT;
	struct err e = ERR_INIT;
	uint32_t generation = 0;
	char path[400];
	int fd, got = 0;

	snprintf(path, sizeof(path), "%s/" SNAP_FOLDER, j->r.dir);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1)
		got = snap_current(fd, &generation, &e);
	T_CALL(got, &e);
	T_OK(got == 1 || j->empty);
	if (got == 1) {
		T_CALL(snap_read(&s, fd, NULL, generation, &e), &e);
		T_CALL(texts_check(&s, fd, 1, bad, NULL, &e), &e);
	}
	snapshot_free(&s);
	if (fd != -1)
		(void)close(fd);
}

static void
check(void *arg, const struct fault_seen *f)
{
	struct job *j = arg;
	struct fault_seen again;
	char *got;

	check_whole(j);
	if (f->status == 0) {
		got = offer_list(j);
		disk_same("after a run that said so", got, j->want);
		free(got);
	}
	T_EQ(fault_run(fault_count(), run, j, &again), 0);
	got = offer_list(j);
	disk_same("after the next run", got, j->want);
	free(got);
}

/* Another run would go back behind this one. */
static void
check_back(void *arg, const struct fault_seen *f)
{
	struct job *j = arg;
	char *got;

	check_whole(j);
	if (f->status != 0)
		return;
	got = offer_list(j);
	disk_same("after a run that said so", got, j->want);
	free(got);
}

#define RINGS "ring = pilot\nproduct = Windows 11\naction = install\n"

/* What is to be done stands in j->r.o; before, the store is as it is now. */
static void
begin(struct job *j)
{
	struct fault_seen f;

	snprintf(j->was, sizeof(j->was), "%.300s.was", j->r.dir);
	disk_copy(j->r.dir, j->was);
	T_EQ(fault_run(fault_count(), run, j, &f), 0);
	j->want = offer_list(j);
}

static void
loops(struct job *j, uint64_t step)
{
	struct fault_case c = {.setup = setup,
	    .run = run,
	    .check = check,
	    .arg = j,
	    .step = house_step(house_is_long() ? 1 : step)};

	begin(j);
	T_OK(fault_loop(fault_fail_at(1, EIO, false), &c) > 0);
	T_OK(fault_loop(fault_kill_at(1), &c) > 0);
	T_OK(fault_loop(fault_full_at(1), &c) > 0);
	free(j->want);
}

T_TEST(a_first_build_may_be_struck_anywhere)
{
	static struct job j;

	om_setup(&j.r, RINGS);
	om_one(&j.r, 10, 1, true);
	j.empty = true;
	loops(&j, 2);
}

/* There is something to be removed, too. */
T_TEST(a_later_build_may_be_struck_anywhere)
{
	static struct job j;

	om_setup(&j.r, RINGS);
	om_one(&j.r, 10, 1, true);
	T_EQ(om_do(&j.r, "yes"), 1);
	om_rings(&j.r, RINGS "decline = KB5000010\n");
	T_EQ(om_do(&j.r, "yes"), 1);
	om_one(&j.r, 11, 1, true);
	loops(&j, 3);
}

T_TEST(a_merge_may_be_struck_anywhere)
{
	static struct job j;
	struct snapshot s;

	om_setup(&j.r, RINGS);
	for (unsigned id = 10; id < 11 + TEXTS_SEGMENTS; id++) {
		om_one(&j.r, id, 1, true);
		if (id < 10 + TEXTS_SEGMENTS)
			T_EQ(om_do(&j.r, ""), 1);
	}
	om_current(&j.r, &s);
	T_EQ(s.nsegments, TEXTS_SEGMENTS);
	snapshot_free(&s);
	loops(&j, 7);
}

T_TEST(going_back_may_be_struck_anywhere)
{
	static struct job j;
	struct fault_case c = {.setup = setup,
	    .run = run,
	    .check = check_back,
	    .arg = &j,
	    .step = house_step(house_is_long() ? 1 : 2)};

	om_setup(&j.r, RINGS);
	om_one(&j.r, 10, 1, true);
	T_EQ(om_do(&j.r, "yes"), 1);
	om_one(&j.r, 11, 1, true);
	T_EQ(om_do(&j.r, "yes"), 1);
	j.r.o.rollback = true;
	j.r.o.rings = NULL;
	begin(&j);
	T_OK(fault_loop(fault_fail_at(1, EIO, false), &c) > 0);
	T_OK(fault_loop(fault_kill_at(1), &c) > 0);
	free(j.want);
}

T_MAIN
