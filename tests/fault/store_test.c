/* SPDX-License-Identifier: ISC */
/* Birth, a commit and a rerun, whichever call fails or is the last. */
#include "tests/t.h"

#include <errno.h>
#include <unistd.h>

#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "tests/fault/disk.h"
#include "tests/fault/fault.h"
#include "tests/fault/house.h"
#include "tests/store_make.h"
#include "tests/store_rig.h"

MAKE_IN_MEMORY

struct place {
	char dir[512], origin[512]; /* that one is copied each time */
	bool grown; /* a store was there before */
	bool old; /* and had schema 1 */
	char *before, *after; /* owned: dumps */
};

/* Birth if need be, and in one transaction four revisions with a file. */
static int
put_four(const char *dir, unsigned first, struct err *e)
{
	struct ledger_row row = {
	    .kind = LEDGER_PACKAGE, .state = LEDGER_IMPORTED};
	struct store *s = NULL;
	struct store_counts c;
	struct make m;
	unsigned i;
	int r = -1;

	if (store_open(&s, dir, STORE_CREATE, NULL, e) == -1 ||
	    store_accept(s, NULL, e) == -1 || store_begin(s, e) == -1 ||
	    store_counts(s, &c, e) == -1)
		goto out;
	if (c.revisions == 0 && ledger_add(s, &row, e) == -1)
		goto out;
	for (i = first; i < first + 4; i++) {
		make_update(&m, i, 1);
		make_file(&m, i % 2 == 0 ? "even" : "odd", "f.cab");
		if (i > 1)
			make_needs(&m, 0, i - 1);
		if (make_put(s, &m, e) == -1)
			goto out;
	}
	if (derive_all(s, e) == -1 || store_commit(s, e) == -1)
		goto out;
	r = 0;
out:
	store_close(s);
	return r;
}

static int
work(void *arg)
{
	struct place *p = arg;
	struct err e = ERR_INIT;

	if (put_four(p->dir, p->grown ? 5 : 1, &e) == 0)
		return 0;
	T_EQ(e.kind, E_SYS);
	return 4;
}

static void
fresh(void *arg)
{
	const struct place *p = arg;

	disk_remove(p->dir);
	if (p->grown)
		disk_copy(p->origin, p->dir);
}

/* All or nothing; and the same command again ends as if nothing had been. */
static void
check(void *arg, const struct fault_seen *seen)
{
	struct place *p = arg;
	struct err e = ERR_INIT;
	struct store *s;
	char *text;

	(void)seen;
	if (store_open(&s, p->dir, STORE_READ, NULL, &e) == 0) {
		text = make_dump(s);
		if (strcmp(text, p->before) != 0)
			T_STR(text, p->after);
		free(text);
		store_close(s);
	} else {
		T_OK(!p->grown);
		T_EQ(e.kind, E_USAGE);
	}
	T_EQ(work(p), 0);
	text = rig_dump(p->dir);
	T_STR(text, p->after);
	free(text);
}

static void
learn(struct place *p)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct store *s;

	snprintf(p->dir, sizeof(p->dir), "%s/store", dir);
	snprintf(p->origin, sizeof(p->origin), "%s/origin", dir);
	if (p->grown)
		T_CALL(put_four(p->origin, 1, &e), &e);
	if (p->old)
		make_old(p->origin);
	fresh(p);
	if (!p->grown) {
		T_CALL(store_open(&s, p->dir, STORE_CREATE, NULL, &e), &e);
		T_CALL(store_accept(s, NULL, &e), &e);
		store_close(s);
	}
	p->before = rig_dump(p->dir);
	T_EQ(work(p), 0);
	p->after = rig_dump(p->dir);
	T_OK(strcmp(p->before, p->after) != 0);
}

static void
loop_at(struct place p, struct fault_plan plan)
{
	const uint64_t step = house_step(1);
	const struct fault_case c = {.setup = fresh,
	    .run = work,
	    .check = check,
	    .arg = &p,
	    .step = step};

	learn(&p);
	T_OK(fault_loop(plan, &c) > (p.grown ? 10 : 40) / step);
	free(p.before);
	free(p.after);
}

static void
loop(bool grown, struct fault_plan plan)
{
	loop_at((struct place){.grown = grown}, plan);
}

T_TEST(a_birth_that_was_cut_off_is_finished_by_the_next_run)
{
	loop(false, fault_kill_at(1));
	loop(false, fault_short_at(1));
}

T_TEST(a_birth_that_failed_is_finished_by_the_next_run)
{
	loop(false, fault_fail_at(1, EIO, false));
	loop(false, fault_fail_at(1, ENOSPC, true));
	loop(false, fault_full_at(1));
}

T_TEST(a_commit_that_was_cut_off_is_whole_or_absent)
{
	loop(true, fault_kill_at(1));
	loop(true, fault_short_at(1));
}

T_TEST(a_commit_that_failed_is_whole_or_absent)
{
	loop(true, fault_fail_at(1, EIO, false));
	loop(true, fault_fail_at(1, ENOSPC, true));
	loop(true, fault_full_at(1));
}

T_TEST(an_older_store_is_brought_up_or_stays_as_it_was)
{
	const struct place p = {.grown = true, .old = true};

	loop_at(p, fault_kill_at(1));
	loop_at(p, fault_short_at(1));
	loop_at(p, fault_fail_at(1, EIO, false));
	loop_at(p, fault_fail_at(1, ENOSPC, true));
	loop_at(p, fault_full_at(1));
}

T_MAIN
