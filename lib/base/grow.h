/* SPDX-License-Identifier: ISC */
/* Room for one more in an array that doubles. */
#ifndef WF_GROW_H
#define WF_GROW_H

#include <stdint.h>
#include <stdlib.h>

#include "lib/base/err.h"

/* *array has room for item n afterwards.  E_SYS. */
static inline int
grow(void *array, size_t *cap, size_t n, size_t size, struct err *e)
{
	void **a = array;
	size_t want = *cap == 0 ? 256 : 2 * *cap;
	void *p;

	if (n < *cap)
		return 0;
	if (want > SIZE_MAX / size || (p = realloc(*a, want * size)) == NULL)
		return err_nomem(e);
	*a = p;
	*cap = want;
	return 0;
}

#endif
