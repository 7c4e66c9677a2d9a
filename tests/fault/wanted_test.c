/* SPDX-License-Identifier: ISC */
/* Every call of writing the want-list fails, or is the last: what a server
   finds when it begins again is the old list or the new one. */
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/serve/serve_wanted.h"
#include "tests/fault/fault.h"
#include "tests/store_make.h"

MAKE_IN_MEMORY

struct job {
	char dir[300];
};

static void
note(struct serve_wanted *w, uint8_t what)
{
	uint8_t sha1[SHA1_LEN] = {what}, address[16] = {1};
	struct err e = ERR_INIT;

	T_CALL(serve_wanted_note(w, sha1, address, &e), &e);
}

/* In a child: what it says of the failure is nobody's. */
static int
run(void *arg)
{
	struct job *j = arg;
	struct log log = LOG_INIT;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct serve_wanted w;
	struct err e = ERR_INIT;
	bool failing;

	(void)dup2(null, STDERR_FILENO);
	serve_wanted_init(&w);
	if (serve_wanted_open(&w, j->dir, &e) == -1) {
		serve_wanted_close(&w);
		return err_status(e.kind);
	}
	note(&w, 2);
	serve_wanted_tick(&w, true, &log);
	failing = w.failing;
	serve_wanted_close(&w);
	return failing ? 4 : 0;
}

/* One row, written without faults. */
static void
setup(void *arg)
{
	struct job *j = arg;
	struct log log = LOG_INIT;
	struct err e = ERR_INIT;
	struct serve_wanted w;

	snprintf(j->dir, sizeof(j->dir), "%s", t_tmpdir());
	serve_wanted_init(&w);
	T_CALL(serve_wanted_open(&w, j->dir, &e), &e);
	note(&w, 1);
	serve_wanted_tick(&w, true, &log);
	serve_wanted_close(&w);
}

static void
check(void *arg, const struct fault_seen *s)
{
	struct job *j = arg;
	struct err e = ERR_INIT;
	struct fault_seen again;
	struct serve_wanted w;

	serve_wanted_init(&w);
	T_CALL(serve_wanted_open(&w, j->dir, &e), &e);
	T_OK(w.list.n == 1 || w.list.n == 2);
	if (s->status == 0)
		T_EQ(w.list.n, 2);
	T_EQ(w.list.v[0].sha1[0], 1);
	serve_wanted_close(&w);
	/* And it goes on. */
	T_EQ(fault_run(fault_count(), run, j, &again), 0);
}

static struct job job;
static const struct fault_case fc = {setup, run, check, &job, 0, false, 0};

T_TEST(any_call_may_fail)
{
	T_OK(fault_loop(fault_fail_at(1, EIO, false), &fc) > 3);
	T_OK(fault_loop(fault_fail_at(1, ENOSPC, true), &fc) > 3);
}

T_TEST(the_server_may_be_killed_at_any_call)
{
	T_OK(fault_loop(fault_kill_at(1), &fc) > 3);
	T_OK(fault_loop(fault_short_at(1), &fc) > 3);
}

T_TEST(the_disk_may_be_full)
{
	T_OK(fault_loop(fault_full_at(1), &fc) > 1);
}

T_MAIN
