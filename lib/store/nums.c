/* SPDX-License-Identifier: ISC */
#include "lib/store/nums.h"

#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"

int
nums_add(struct nums *a, uint32_t v, struct err *e)
{
	if (a->n == NUMS_MAX)
		return err_set(
		    e, E_LIMIT, "more than %zu relations in all", NUMS_MAX);
	if (grow(&a->v, &a->cap, a->n, sizeof(*a->v), e) == -1)
		return -1;
	a->v[a->n++] = v;
	return 0;
}

void
nums_free(struct nums *a)
{
	free(a->v);
	*a = (struct nums){.v = NULL};
}
