/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"

bool
num_read(uint64_t *v, const char *s, size_t len, uint64_t min, uint64_t max)
{
	uint64_t n = 0, d;
	size_t i;

	if (len == 0)
		return false;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		d = (uint64_t)(s[i] - '0');
		if (n > (UINT64_MAX - d) / 10)
			return false;
		n = n * 10 + d;
	}
	if (n < min || n > max)
		return false;
	*v = n;
	return true;
}
