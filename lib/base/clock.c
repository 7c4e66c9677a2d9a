/* SPDX-License-Identifier: ISC */
#include "lib/base/clock.h"

#include <time.h>

uint64_t
clock_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int64_t
clock_s(void)
{
	return (int64_t)(clock_ms() / 1000);
}
