/* SPDX-License-Identifier: ISC */
#include "tests/fault/fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "tests/fault/fault_os.h"
#include "tests/fault/fault_pick.h"
#include "tests/t.h"

#define CHILD_MAX_S 120
#define LOOP_MAX UINT64_C(1000000)

/* Shared with the child, which may not live to tell. */
struct shared {
	atomic_uint_fast64_t ncalls;
	atomic_bool struck;
	char call[16]; /* written by the one call that strikes first */
};

static const char *const modes[] = {
    "count", "fail", "kill", "cut short", "full"};
static struct fault_plan plan_now;
static struct shared *shared;

/* Defined when the leak checker is built in. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

struct fault_plan
fault_count(void)
{
	return (struct fault_plan){.mode = FAULT_COUNT};
}

struct fault_plan
fault_fail_at(uint64_t n, int sys, bool sticky)
{
	return (struct fault_plan){
	    .mode = FAULT_FAIL, .n = n, .sys = sys, .sticky = sticky};
}

struct fault_plan
fault_kill_at(uint64_t n)
{
	return (struct fault_plan){.mode = FAULT_KILL, .n = n};
}

struct fault_plan
fault_short_at(uint64_t n)
{
	return (struct fault_plan){.mode = FAULT_SHORT, .n = n};
}

struct fault_plan
fault_full_at(uint64_t n)
{
	return (struct fault_plan){.mode = FAULT_FULL, .n = n, .sys = ENOSPC};
}

/* True for the call that strikes first. */
static bool
strike(const char *call)
{
	if (atomic_exchange(&shared->struck, true))
		return false;
	(void)snprintf(shared->call, sizeof(shared->call), "%s", call);
	return true;
}

static enum fault_act
refuse(const char *call)
{
	(void)strike(call);
	errno = plan_now.sys;
	return FAULT_REFUSE;
}

static enum fault_act
fill_up(const char *call, enum fault_kind k)
{
	if (k == FAULT_PLAIN)
		return FAULT_GO;
	if (strike(call) && k == FAULT_WRITES)
		return FAULT_HALF;
	errno = ENOSPC;
	return FAULT_REFUSE;
}

enum fault_act
fault_next(const char *call, enum fault_kind k)
{
	uint64_t at = atomic_fetch_add(&shared->ncalls, 1) + 1;

	if (plan_now.places)
		fault_place(at);
	if (plan_now.mode == FAULT_COUNT || at < plan_now.n)
		return FAULT_GO;
	if (plan_now.mode == FAULT_FULL)
		return fill_up(call, k);
	if (plan_now.mode == FAULT_FAIL)
		return at == plan_now.n || plan_now.sticky ? refuse(call)
							   : FAULT_GO;
	(void)strike(call);
	if (plan_now.mode == FAULT_SHORT && k == FAULT_WRITES)
		return FAULT_DIE;
	_exit(FAULT_KILLED);
}

static void
ready(void)
{
	void *p;

	if (shared == NULL) {
		p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED) {
			perror("mmap");
			exit(1);
		}
		shared = p;
	}
	memset(shared, 0, sizeof(*shared));
}

void
fault_begin(struct fault_plan plan)
{
	ready();
	plan_now = plan;
	os = fault_os;
}

uint64_t
fault_end(void)
{
	os = os_real;
	return atomic_load(&shared->ncalls);
}

static _Noreturn void
child(struct fault_plan plan, int (*fn)(void *), void *arg)
{
	unsigned before = t_failures();
	int status;

	(void)alarm(CHILD_MAX_S);
	plan_now = plan;
	os = fault_os;
	status = fn(arg);
	os = os_real;
	if (__lsan_do_recoverable_leak_check != NULL &&
	    __lsan_do_recoverable_leak_check() != 0)
		status = FAULT_LEAKED;
	if (t_failures() != before)
		status = FAULT_T_FAILED;
	(void)fflush(NULL);
	_exit(status);
}

static void
describe(struct fault_plan plan, struct fault_seen *s)
{
	s->ncalls = atomic_load(&shared->ncalls);
	s->struck = atomic_load(&shared->struck);
	memcpy(s->call, shared->call, sizeof(s->call));
	(void)snprintf(s->text, sizeof(s->text), "%s%s at %" PRIu64 ": %s",
	    modes[plan.mode], plan.sticky ? " from then on" : "", plan.n,
	    s->struck ? s->call : "not reached");
}

int
fault_run(struct fault_plan plan, int (*fn)(void *), void *arg,
    struct fault_seen *seen)
{
	int status;
	pid_t pid;

	ready();
	(void)fflush(NULL);
	if ((pid = fork()) == 0)
		child(plan, fn, arg);
	if (pid == -1 || waitpid(pid, &status, 0) != pid) {
		perror("fork");
		exit(1);
	}
	seen->status = WIFEXITED(status) ? WEXITSTATUS(status)
					 : FAULT_SIGNAL + WTERMSIG(status);
	describe(plan, seen);
	return seen->status;
}

/* What no plan explains: a crash, a leak, a failed check within the child. */
static void
check_status(struct fault_plan plan, const struct fault_seen *s, int want)
{
	bool killer = plan.mode == FAULT_KILL || plan.mode == FAULT_SHORT;

	if (!s->struck && s->status != want)
		t_fail(__FILE__, __LINE__, "undisturbed, the status is %d",
		    s->status);
	else if (s->struck && (s->status == FAULT_KILLED) != killer)
		t_fail(__FILE__, __LINE__, "status %d", s->status);
	else if (s->status >= FAULT_T_FAILED && s->status != FAULT_KILLED)
		t_fail(__FILE__, __LINE__, "status %d", s->status);
}

/* One N; false when it was not reached. */
static bool
strike_at(struct fault_plan plan, const struct fault_case *c)
{
	unsigned before = t_failures();
	struct fault_seen s;

	if (c->setup != NULL)
		c->setup(c->arg);
	(void)fault_run(plan, c->run, c->arg, &s);
	check_status(plan, &s, c->status);
	if (s.struck && c->check != NULL)
		c->check(c->arg, &s);
	if (t_failures() != before)
		t_fail(__FILE__, __LINE__, "that was '%s'", s.text);
	return s.struck;
}

/* An undisturbed run says which calls there are. */
static uint64_t
some(struct fault_plan plan, const struct fault_case *c)
{
	struct fault_plan look = {.mode = FAULT_COUNT, .places = true};
	uint64_t nstruck = 0;
	struct fault_seen s;
	size_t nplaces;
	bool *picked;

	fault_places_begin();
	if (c->setup != NULL)
		c->setup(c->arg);
	(void)fault_run(look, c->run, c->arg, &s);
	check_status(look, &s, c->status);
	if ((picked = calloc(s.ncalls + 1, sizeof(*picked))) == NULL) {
		perror("calloc");
		exit(1);
	}
	nplaces = fault_pick(picked, s.ncalls, plan.n, c->step);
	for (plan.n = 1; plan.n <= s.ncalls; plan.n++)
		if (picked[plan.n] && strike_at(plan, c))
			nstruck++;
	printf("  %s: %" PRIu64 " of %" PRIu64 " calls, from %zu places\n",
	    modes[plan.mode], nstruck, s.ncalls, nplaces);
	free(picked);
	return nstruck;
}

uint64_t
fault_loop(struct fault_plan plan, const struct fault_case *c)
{
	uint64_t nstruck = 0;

	if (c->places)
		return some(plan, c);
	for (; plan.n < LOOP_MAX && strike_at(plan, c); nstruck++)
		plan.n += c->step != 0 ? c->step : 1;
	return nstruck;
}
