/* SPDX-License-Identifier: ISC */
#include "lib/base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"

int
sort_by_sha1(const void *a, const void *b)
{
	return memcmp(a, b, SHA1_LEN);
}

int
sort_by_guid(const void *a, const void *b)
{
	return guid_cmp(a, b);
}

int
sort_by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
sort_up(
    void *v, size_t n, size_t size, int (*cmp)(const void *a, const void *b))
{
	if (n > 1)
		qsort(v, n, size, cmp);
}

size_t
sort_unique(
    void *v, size_t n, size_t size, int (*cmp)(const void *a, const void *b))
{
	char *p = v;
	size_t i, last = 0;

	if (n < 2)
		return n;
	qsort(v, n, size, cmp);
	for (i = 1; i < n; i++)
		if (cmp(p + last * size, p + i * size) != 0 && ++last != i)
			memcpy(p + last * size, p + i * size, size);
	return last + 1;
}

void *
sort_find(const void *key, const void *v, size_t n, size_t size,
    int (*cmp)(const void *key, const void *entry))
{
	return n == 0 ? NULL : bsearch(key, v, n, size, cmp);
}

size_t
sort_place(const void *key, const void *v, size_t n, size_t size,
    int (*cmp)(const void *key, const void *entry))
{
	size_t lo = 0, mid;

	while (lo < n) {
		mid = lo + (n - lo) / 2;
		if (cmp(key, (const char *)v + mid * size) > 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}
