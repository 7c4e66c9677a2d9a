/* SPDX-License-Identifier: ISC */
#include "lib/base/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"

#define AGAIN_MS 1000

static atomic_bool asked, reload;
static atomic_ullong first_ms; /* when a signal asked */

/*
 * Once asked, another signal has its usual effect; but not at once:
 * timeout(1), say, sends one to the program and another to its group.
 */
static void
on_signal(int sig)
{
	int saved = errno;

	if (!atomic_exchange(&asked, true)) {
		atomic_store(&first_ms, clock_ms());
	} else if (clock_ms() - atomic_load(&first_ms) >= AGAIN_MS) {
		(void)signal(sig, SIG_DFL);
		(void)raise(sig);
	}
	errno = saved;
}

void
stop_install(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigaction was;

	/* None breaks into the handler of another. */
	sigemptyset(&sa.sa_mask);
	sigaddset(&sa.sa_mask, SIGHUP);
	sigaddset(&sa.sa_mask, SIGINT);
	sigaddset(&sa.sa_mask, SIGTERM);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	/* nohup(1) has it ignored. */
	if (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		(void)sigaction(SIGHUP, &sa, NULL);
}

static void
on_hangup(int sig)
{
	(void)sig;
	atomic_store(&reload, true);
}

void
stop_hangup_reloads(void)
{
	struct sigaction sa = {.sa_handler = on_hangup};

	sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGHUP, &sa, NULL);
}

bool
stop_reload_asked(void)
{
	return atomic_exchange(&reload, false);
}

bool
stop_asked(void)
{
	return atomic_load_explicit(&asked, memory_order_relaxed);
}

int
stop_check(struct err *e)
{
	if (stop_asked())
		return err_set(e, E_STOP, "stopped on request; run it again");
	return 0;
}

void
stop_set(bool v)
{
	atomic_store_explicit(&asked, v, memory_order_relaxed);
}
