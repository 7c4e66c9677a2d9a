/* SPDX-License-Identifier: ISC */
/* Names that a transfer may hold, on any medium. */
#include <stdlib.h>
#include <string.h>

#include "formats/bag.h"
#include "lib/base/err.h"
#include "lib/base/sort.h"

/* What FAT, exFAT and NTFS refuse of what path_safe() lets through: names that
   Windows gives to devices, whatever follows their first dot. */
static bool
is_device(const char *s, size_t n)
{
	static const char *const devices[] = {"con", "prn", "aux", "nul"};
	static const char *const ports[] = {"com", "lpt"};
	const char *dot = memchr(s, '.', n);

	n = dot != NULL ? (size_t)(dot - s) : n;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (n == 3 && strncasecmp(s, devices[i], 3) == 0)
			return true;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (n == 4 && strncasecmp(s, ports[i], 3) == 0 && s[3] >= '0' &&
		    s[3] <= '9')
			return true;
	return false;
}

bool
bag_name_fits(const char *name)
{
	for (;;) {
		size_t n = strcspn(name, "/");

		if (is_device(name, n))
			return false;
		if (name[n] == '\0')
			return true;
		name += n + 1;
	}
}

bool
bag_is_signature(const char *name)
{
	static const char begin[] = BAG_TAGMANIFEST ".", end[] = "minisig";
	const size_t nbegin = sizeof(begin) - 1;

	if (strncmp(name, begin, nbegin) != 0)
		return false;
	if (strcmp(name + nbegin, end) == 0)
		return true;
	return strspn(name + nbegin, "0123456789ABCDEF") == BAG_KEY_DIGITS &&
	    name[nbegin + BAG_KEY_DIGITS] == '.' &&
	    strcmp(name + nbegin + BAG_KEY_DIGITS + 1, end) == 0;
}

/* Letter case aside; a folder's content stands directly behind its name. */
static unsigned char
rank(char c)
{
	if (c == '/')
		return 1;
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static int
folded_cmp(const void *va, const void *vb)
{
	const char *a = *(const char *const *)va, *b = *(const char *const *)vb;

	while (*a != '\0' && rank(*a) == rank(*b))
		a++, b++;
	return rank(*a) - rank(*b);
}

/* Do both stand in one place of a file system that ignores case?  A folder
   that is one name's and not the other's counts, however it is spelled. */
static bool
clash(const char *a, const char *b)
{
	bool differ = false;

	for (; *a != '\0' && rank(*a) == rank(*b); a++, b++) {
		if (*a == '/' && differ)
			return true;
		differ = differ || *a != *b;
	}
	return (*a == '\0' && (*b == '\0' || *b == '/')) ||
	    (*b == '\0' && *a == '/') || (differ && *a == '/' && *b == '/');
}

int
bag_names_check(const char **names, size_t n, struct err *e)
{
	sort_up(names, n, sizeof(*names), folded_cmp);
	for (size_t i = 1; i < n; i++)
		if (clash(names[i - 1], names[i]))
			return err_set(e, E_FORMAT,
			    "%s and %s are one name where letter case does not "
			    "count: expected names that differ in more",
			    names[i - 1], names[i]);
	return 0;
}
