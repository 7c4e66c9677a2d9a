/* SPDX-License-Identifier: ISC */
/* Lists that stand in the message of a fault. */
#include <string.h>

#include "formats/serversync.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A digit, or what may stand in a GUID: then this is not where one begins. */
static bool
goes_on(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '-';
}

/* "guid.revision" at s: its length, or 0. */
static size_t
read_rev(struct ss_rev *to, const char *s, size_t n)
{
	size_t len = GUID_LEN + 1;
	uint64_t v;

	if (n <= len || s[GUID_LEN] != '.' || !guid_read(&to->id, s, GUID_LEN))
		return 0;
	while (len < n && is_digit(s[len]))
		len++;
	if (!num_read(&v, s + GUID_LEN + 1, len - GUID_LEN - 1, 0, INT32_MAX))
		return 0;
	to->revision = (uint32_t)v;
	return len;
}

/* Of a message that was cut, the last number may lack digits. */
size_t
serversync_missing(const char *message, struct ss_rev *to, size_t max)
{
	size_t n = strlen(message), i = 0, found = 0, len;
	bool cut = n >= SOAP_TEXT_MAX - 4;

	while (i < n && found < max) {
		if ((i > 0 && goes_on(message[i - 1])) ||
		    (len = read_rev(&to[found], message + i, n - i)) == 0) {
			i++;
			continue;
		}
		i += len;
		if (i < n || !cut)
			found++;
	}
	return found;
}

size_t
serversync_missing_files(
    const char *message, uint8_t (*to)[SHA1_LEN], size_t max)
{
	static const char blanks[] = " \t\r\n";
	const char *p = message, *bar;
	size_t found = 0, n;

	while (*p != '\0' && found < max) {
		bar = strchrnul(p, '|');
		p += strspn(p, blanks);
		n = p < bar ? (size_t)(bar - p) : 0;
		while (n > 0 && strchr(blanks, p[n - 1]) != NULL)
			n--;
		if (base64_read(to[found], SHA1_LEN, p, n))
			found++;
		p = *bar == '|' ? bar + 1 : bar;
	}
	return found;
}
