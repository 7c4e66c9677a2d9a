/* SPDX-License-Identifier: ISC */
/*
 * Bad days on request.  The os table is replaced by one that counts its calls
 * and lets the Nth fail, or kills the process before the Nth.  SQLite's calls
 * pass through the same table (lib/store), so they are counted with ours.
 *
 *	static int run(void *arg)     the work; its result is the exit status
 *	static void setup(void *arg)  a fresh folder
 *	static void check(void *arg, const struct fault_seen *s)  with T_*
 *
 *	static const struct fault_case c = {setup, run, check, &arg};
 *	T_OK(fault_loop(fault_kill_at(1), &c) > 3);
 */
#ifndef WF_FAULT_H
#define WF_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_mode {
	FAULT_COUNT,
	FAULT_FAIL,
	FAULT_KILL,
	FAULT_SHORT,
	FAULT_FULL
};

struct fault_plan {
	enum fault_mode mode;
	uint64_t n; /* the call that it strikes; the first is 1 */
	int sys; /* errno of FAULT_FAIL */
	bool sticky; /* FAULT_FAIL: all calls from the Nth on */
	bool places; /* FAULT_COUNT: see who makes them (fault_pick.h) */
};

/* Nothing fails; the calls are counted. */
struct fault_plan fault_count(void);
/* The Nth call fails and does nothing; close() closes and reports failure. */
struct fault_plan fault_fail_at(uint64_t n, int sys, bool sticky);
/* The process ends with FAULT_KILLED before its Nth call. */
struct fault_plan fault_kill_at(uint64_t n);
/* The same; where the Nth call writes, the first half of it is written. */
struct fault_plan fault_short_at(uint64_t n);
/*
 * The disk is full from the Nth call on: a write is cut in half, then whatever
 * needs room fails with ENOSPC; the rest (unlink, close, rename) works.
 */
struct fault_plan fault_full_at(uint64_t n);

/* Exit statuses beside those of wsusferry(7). */
enum {
	FAULT_T_FAILED = 125, /* a T_* check failed within the child */
	FAULT_LEAKED = 126, /* the leak checker found something, if built in */
	FAULT_KILLED = 137,
	FAULT_SIGNAL = 128 /* and the number of the signal that ended it */
};

struct fault_seen {
	int status; /* exit status of the child, as above */
	uint64_t ncalls; /* of the os table */
	bool struck; /* it came to the Nth call */
	char call[16]; /* what that was: "fsync" */
	char text[64]; /* plan and call for messages: "fail at 7: fsync" */
};

/*
 * Fork, run fn(arg) under the plan, wait; 0 to 255 are fn's results.  A child
 * that takes longer than two minutes is ended.  Returns seen->status.
 */
int fault_run(struct fault_plan plan, int (*fn)(void *), void *arg,
    struct fault_seen *seen);

struct fault_case {
	void (*setup)(void *arg); /* in the parent; may be NULL */
	int (*run)(void *arg); /* in the child, under the plan */
	/* In the parent, the table as it should be; not after the last run. */
	void (*check)(void *arg, const struct fault_seen *s);
	void *arg;
	uint64_t step; /* every step-th N only; 0: every one */
	bool places; /* and those that fault_pick.h adds to these */
	int status; /* what run returns when nothing is struck */
};

/*
 * setup, run, check for N = plan.n, plan.n + step, ... until the plan strikes
 * no more: that run must return status.  Failures of T_* in check() are
 * followed by the plan's text.  Returns the number of runs that were struck.
 */
uint64_t fault_loop(struct fault_plan plan, const struct fault_case *c);

/* In this process; for a test that needs no fork. */
void fault_begin(struct fault_plan plan);
uint64_t fault_end(void); /* the number of calls */

/*
 * For one who wraps calls outside the os table: what to do with the next call.
 * FAULT_REFUSE has set errno; FAULT_HALF: do half, report half; FAULT_DIE: do
 * half, then _exit(FAULT_KILLED).
 */
enum fault_act { FAULT_GO, FAULT_REFUSE, FAULT_HALF, FAULT_DIE };
enum fault_kind { FAULT_PLAIN, FAULT_GROWS, FAULT_WRITES };
enum fault_act fault_next(const char *call, enum fault_kind k);

#endif
