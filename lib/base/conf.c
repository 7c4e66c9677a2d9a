/* SPDX-License-Identifier: ISC */
#include "lib/base/conf.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/near.h"

static const char *const sections[] = {"fetch", "export", "import", "verify",
    "offer", "serve-static", "key", "list", NULL};

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *
trim(char *s, char *end)
{
	while (s < end && blank(*s))
		s++;
	while (end > s && blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

static int
check_bytes(const char *s, size_t n, unsigned line, struct err *e)
{
	size_t i;

	if (n > CONF_MAX_LINE)
		return err_set(e, E_FORMAT, "line %u: %zu bytes, at most %u",
		    line, n, CONF_MAX_LINE);
	for (i = 0; i < n; i++)
		if (((uint8_t)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
			return err_set(e, E_FORMAT,
			    "line %u: control character 0x%02x in column %zu",
			    line, (uint8_t)s[i], i + 1);
	if (!utf8_valid((const uint8_t *)s, n))
		return err_set(e, E_FORMAT, "line %u: not UTF-8", line);
	return 0;
}

/* "[name]": is what follows for this program? */
static int
section(char *s, unsigned line, const char *program, bool *ours, struct err *e)
{
	char *end = s + strlen(s);
	struct near near;
	size_t i;

	if (end[-1] != ']')
		return err_set(e, E_FORMAT,
		    "line %u: expected ']' at the end of '%s'", line, s);
	s = trim(s + 1, end - 1);
	near_begin(&near, s);
	for (i = 0; sections[i] != NULL; i++) {
		if (strcmp(s, sections[i]) == 0) {
			*ours = strcmp(s, program) == 0;
			return 0;
		}
		near_try(&near, sections[i]);
	}
	if (near.best != NULL)
		return err_set(e, E_FORMAT,
		    "line %u: unknown section '%s', nearest is '%s'", line, s,
		    near.best);
	return err_set(e, E_FORMAT, "line %u: unknown section '%s'", line, s);
}

static int
setting(char *s, unsigned line, char **key, char **value, struct err *e)
{
	char *eq = strchr(s, '=');

	if (eq == NULL)
		return err_set(e, E_FORMAT,
		    "line %u: expected 'key = value', found '%s'", line, s);
	*value = trim(eq + 1, eq + strlen(eq));
	*key = trim(s, eq);
	if (**key == '\0')
		return err_set(e, E_FORMAT, "line %u: no key before '='", line);
	if (**value == '\0')
		return err_set(
		    e, E_FORMAT, "line %u: '%s' has no value", line, *key);
	return 0;
}

int
conf_read(char *text, size_t len, const char *program,
    int (*each)(void *arg, unsigned line, int common, const char *key,
	const char *value, struct err *e),
    void *arg, struct err *e)
{
	bool common = true, ours = true;
	char *s, *nl, *end, *p = text, *stop = text + len;
	char *key = NULL, *value = NULL;
	unsigned line;

	if (len > CONF_MAX_BYTES)
		return err_set(
		    e, E_FORMAT, "%zu bytes, at most %zu", len, CONF_MAX_BYTES);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	for (line = 1; p < stop; line++, p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(stop - p))) == NULL)
			nl = stop;
		end = nl > p && nl[-1] == '\r' ? nl - 1 : nl;
		if (check_bytes(p, (size_t)(end - p), line, e) == -1)
			return -1;
		s = trim(p, end);
		if (*s == '\0' || *s == '#')
			continue;
		if (*s == '[') {
			common = false;
			if (section(s, line, program, &ours, e) == -1)
				return -1;
			continue;
		}
		if (setting(s, line, &key, &value, e) == -1)
			return -1;
		if (ours && each(arg, line, common, key, value, e) == -1)
			return -1;
	}
	return 0;
}
