/* SPDX-License-Identifier: ISC */
/* Bytes that bodies and answers in memory hold together, of all loops. */
#include "lib/net/httpd_priv.h"

bool
httpd_budget_take(struct httpd_budget *b, size_t n, bool small)
{
	/* Else those that are large could keep all others waiting. */
	size_t max = small ? b->max : b->max - b->max / 8;
	size_t used = atomic_load(&b->used);

	do {
		if (used > max || n > max - used)
			return false;
	} while (!atomic_compare_exchange_weak(&b->used, &used, used + n));
	return true;
}

void
httpd_budget_force(struct httpd_budget *b, size_t n)
{
	atomic_fetch_add(&b->used, n);
}

void
httpd_budget_give(struct httpd_budget *b, size_t n)
{
	atomic_fetch_sub(&b->used, n);
}

bool
httpd_budget_full(const struct httpd_budget *b)
{
	return atomic_load(&b->used) >= b->max;
}
