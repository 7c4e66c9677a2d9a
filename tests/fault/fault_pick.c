/* SPDX-License-Identifier: ISC */
#include "tests/fault/fault_pick.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/t.h"

#define DEPTH 48
#define FNV UINT64_C(0x100000001b3)

/* Shared with the child: for each call a hash of who made it. */
static uint64_t *places;

void
fault_places_begin(void)
{
	void *p;

	if (places == NULL) {
		p = mmap(NULL, FAULT_CALLS_MAX * sizeof(*places),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED) {
			perror("mmap");
			exit(1);
		}
		places = p;
	}
}

void
fault_place(uint64_t at)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	void *stack[DEPTH];
	int i, n = backtrace(stack, DEPTH);

	if (at >= FAULT_CALLS_MAX)
		return;
	for (i = 0; i < n; i++)
		hash = (hash ^ (uint64_t)(uintptr_t)stack[i]) * FNV;
	places[at] = hash;
}

/* Was that place seen before?  It has been, then. */
static bool
seen(uint64_t *v, size_t *n, uint64_t place)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (v[i] == place)
			return true;
	v[(*n)++] = place;
	return false;
}

size_t
fault_pick(bool *picked, uint64_t n, uint64_t first, uint64_t step)
{
	uint64_t *v = calloc(n + 1, sizeof(*v)), at;
	size_t nplaces = 0, again = 0;

	if (v == NULL || n >= FAULT_CALLS_MAX) {
		t_fail(__FILE__, __LINE__, "%" PRIu64 " calls", n);
		free(v);
		return 0;
	}
	for (at = 1; at <= n; at++)
		picked[at] = !seen(v, &nplaces, places[at]) ||
		    at <= FAULT_EDGE || at + FAULT_EDGE > n;
	for (at = n; at > 0; at--)
		if (!seen(v, &again, places[at]))
			picked[at] = true;
	for (at = first; at <= n; at += step)
		picked[at] = true;
	free(v);
	return nplaces;
}
