/* SPDX-License-Identifier: ISC */
/*
 * Every call of a build of texts fails, or is its last: what the snapshot
 * before names stays whole, and the next build is right and leaves nothing
 * else.
 */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"
#include "tests/texts_make.h"

MAKE_IN_MEMORY

struct job {
	struct texts_rig rig;
	struct snapshot a; /* the one before */
	char offer[440], before[440];
	uint64_t rows;
	bool damaged; /* what a names is so already */
};

static void
open_offer(struct job *j)
{
	if (j->rig.dirfd != -1)
		close(j->rig.dirfd);
	j->rig.dirfd = open(j->offer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
setup(void *arg)
{
	struct job *j = arg;

	disk_remove(j->offer);
	disk_copy(j->before, j->offer);
	open_offer(j);
}

/* By a handle of its own. */
static int
run(void *arg)
{
	struct job *j = arg;
	struct snapshot b = SNAPSHOT_INIT;
	struct texts_row at[TEXTS_MAKE_MAX];
	struct texts_done done;
	struct texts_how how = {.dirfd = j->rig.dirfd,
	    .prev = j->a.nrevisions > 0 ? &j->a : NULL,
	    .langs = &j->rig.langs,
	    .jobs = 1};
	struct err e = ERR_INIT;
	int r = -1;

	texts_begin(&j->rig, &b, how.prev, j->rows, at);
	if (store_open(&how.store, j->rig.dir, STORE_READ, NULL, &e) == 0)
		r = texts_make(&b, at, &how, &done, &e);
	store_close(how.store);
	snapshot_free(&b);
	return r == -1 ? err_status(e.kind) : 0;
}

static int
no_fault(void *arg, const char *what, const struct err *fault, struct err *e)
{
	(void)arg, (void)e;
	t_fail(__FILE__, __LINE__, "%s: %s", what, fault->msg);
	return 0;
}

/* Each file there is a segment that is named. */
static void
check(void *arg, const struct fault_seen *s)
{
	struct job *j = arg;
	struct snapshot b = SNAPSHOT_INIT;
	const struct snapshot *keep[] = {&j->a, &b};
	struct texts_done done;
	uint64_t n, bytes;
	struct err *e = &j->rig.e;
	char path[500];

	T_OK(s->status == 0 || s->status == 4 || s->status == FAULT_KILLED);
	if (!j->damaged)
		T_CALL(
		    texts_check(&j->a, j->rig.dirfd, 1, no_fault, NULL, e), e);
	T_CALL(texts_make_of(&j->rig, &b, j->a.nrevisions > 0 ? &j->a : NULL,
		   j->rows, &done),
	    e);
	texts_are_right(&j->rig, &b);
	T_CALL(texts_sweep(j->rig.dirfd, keep, 2, &n, &bytes, e), e);
	T_EQ(n, 0);
	snprintf(path, sizeof(path), "%s/texts/.new.seg.partial", j->offer);
	T_EQ(access(path, F_OK), -1);
	snapshot_free(&b);
}

static void
begin(struct job *j, uint64_t before, uint64_t rows)
{
	struct texts_done done;
	unsigned i;

	texts_setup(&j->rig, "de");
	for (i = 0; i < 4; i++)
		texts_put(&j->rig, 9 - i, 1, "en de! fr", 500);
	texts_put(&j->rig, 2, 1, "en", (size_t)5 << 18);
	snprintf(j->offer, sizeof(j->offer), "%s/offer", j->rig.dir);
	snprintf(j->before, sizeof(j->before), "%s.before", j->rig.dir);
	if (before != 0)
		T_CALL(texts_make_of(&j->rig, &j->a, NULL, before, &done),
		    &j->rig.e);
	disk_copy(j->offer, j->before);
	j->rows = rows;
}

static void
strike(struct job *j)
{
	struct fault_case c = {setup, run, check, .arg = j};

	house_strike(&c, 1, fault_fail_at(1, EIO, false));
	house_strike(&c, house_step(1), fault_short_at(1));
	house_strike(&c, house_step(3), fault_full_at(1));
	snapshot_free(&j->a);
	texts_teardown(&j->rig);
}

T_TEST(a_first_build_of_texts_that_fails_anywhere)
{
	static struct job j;

	begin(&j, 0, 0xf);
	strike(&j);
}

T_TEST(a_further_build_of_texts_that_fails_anywhere)
{
	static struct job j;

	begin(&j, 7, 0xb);
	strike(&j);
}

T_TEST(a_build_that_melts_what_is_damaged_fails_anywhere)
{
	static struct job j;
	char c = 0;
	int fd;

	begin(&j, 0x1f, 0x1f);
	T_EQ(chmod(texts_path(&j.rig, &j.a, 0), 0644), 0);
	fd = open(texts_path(&j.rig, &j.a, 0), O_RDWR);
	T_EQ(pwrite(fd, &c, 1, (1 << 20) + 1), 1);
	close(fd);
	disk_remove(j.before);
	disk_copy(j.offer, j.before);
	j.damaged = true;
	strike(&j);
}

T_MAIN
