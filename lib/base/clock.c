/* SPDX-License-Identifier: ISC */
#include "lib/base/clock.h"

#include <time.h>

static uint64_t
read_ms(clockid_t which)
{
	struct timespec t;

	(void)clock_gettime(which, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t
clock_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

uint64_t
clock_cpu_ms(void)
{
	return read_ms(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
clock_s(void)
{
	return (int64_t)(clock_ms() / 1000);
}
