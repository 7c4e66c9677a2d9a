/* SPDX-License-Identifier: ISC */
#include "lib/base/stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "lib/base/err.h"

static atomic_bool asked;

static void
on_signal(int sig)
{
	(void)sig;
	atomic_store_explicit(&asked, true, memory_order_relaxed);
}

/* Once asked, the same signal again has its usual effect. */
void
stop_install(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	sa.sa_flags = SA_RESTART | (int)SA_RESETHAND;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
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
