/* SPDX-License-Identifier: ISC */
#include "lib/base/words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *
words_pick(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

struct words
words_size(uint64_t n)
{
	static const char units[] = "KMGTPE";
	uint64_t unit = 1024, tenths;
	struct words w;
	size_t i = 0;

	if (n < unit)
		return words_count(n, "byte");
	for (;; unit *= 1024, i++) {
		tenths = n / unit * 10 + (n % unit * 10 + unit / 2) / unit;
		if (tenths < 10240 || units[i + 1] == '\0')
			break;
	}
	(void)snprintf(w.s, sizeof(w.s), "%" PRIu64 ".%u %ciB", tenths / 10,
	    (unsigned)(tenths % 10), units[i]);
	return w;
}

/* Does the word of n letters end in that? */
static bool
ends(const char *s, size_t n, const char *ending)
{
	size_t len = strlen(ending);

	return n >= len && memcmp(s + n - len, ending, len) == 0;
}

struct words
words_count(uint64_t n, const char *one)
{
	size_t len = strlen(one);
	const char *ending = "s";
	struct words w;

	if (n == 1)
		ending = "";
	else if (ends(one, len, "s") || ends(one, len, "x") ||
	    ends(one, len, "ch") || ends(one, len, "sh"))
		ending = "es";
	else if (len > 1 && one[len - 1] == 'y' &&
	    strchr("aeiou", one[len - 2]) == NULL) {
		ending = "ies";
		len--;
	}
	(void)snprintf(
	    w.s, sizeof(w.s), "%" PRIu64 " %.*s%s", n, (int)len, one, ending);
	return w;
}
