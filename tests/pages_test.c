/* SPDX-License-Identifier: ISC */
#include "lib/base/pages.h"

#include <stdint.h>
#include <string.h>

#include "tests/t.h"

T_TEST(pages_are_zero_whoever_had_them_before)
{
	const size_t n = (size_t)1 << 20;

	for (int round = 0; round < 2; round++) {
		uint8_t *p = pages_new(n);

		T_OK(p != NULL && p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
		if (p != NULL)
			memset(p, 0xa5, n);
		pages_free(p, n);
	}
}

T_TEST(more_than_there_is_is_null)
{
	T_OK(pages_new(SIZE_MAX / 2) == NULL);
}

T_MAIN
