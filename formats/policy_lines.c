/* SPDX-License-Identifier: ISC */
/* The lines of a policy, and of what else is written as one. */
#include <string.h>

#include "formats/policy_priv.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"

#define FOUND_MAX 80 /* bytes of a line in a message */

struct walk {
	const char *s, *end; /* borrowed: what is left of the text */
	bool columns;
	int (*each)(void *arg, const struct policy_line *l, struct err *e);
	void *arg;
};

static int
check_bytes(const struct policy_line *l, struct policy_span t, struct err *e)
{
	size_t i;

	if (t.n > POLICY_MAX_LINE)
		return err_set(e, E_LIMIT, "line %u: %zu bytes, at most %u",
		    l->line, t.n, POLICY_MAX_LINE);
	for (i = 0; i < t.n; i++)
		if (((uint8_t)t.s[i] < 0x20 && t.s[i] != '\t') ||
		    t.s[i] == 0x7f)
			return err_set(e, E_FORMAT,
			    "line %u: control character 0x%02x in column %zu",
			    l->line, (uint8_t)t.s[i], i + 1);
	if (!utf8_valid((const uint8_t *)t.s, t.n))
		return err_set(e, E_FORMAT, "line %u: not UTF-8", l->line);
	return 0;
}

static char *
put_number(char *to, size_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	memcpy(to, digits + i, sizeof(digits) - i);
	return to + (sizeof(digits) - i);
}

void
policy_set_place(struct policy_line *l, size_t column)
{
	static const char line[] = "line ", and[] = ", column ";
	char *to = l->place;

	memcpy(to, line, sizeof(line) - 1);
	to = put_number(to + sizeof(line) - 1, l->line);
	if (column > 0) {
		memcpy(to, and, sizeof(and) - 1);
		to = put_number(to + sizeof(and) - 1, column);
	}
	*to = '\0';
}

/* line: as it stands, with the blanks around. */
static int
setting(struct walk *w, struct policy_line *l, struct policy_span line,
    struct err *e)
{
	struct policy_span all = policy_trim(line);
	int n = all.n > FOUND_MAX ? FOUND_MAX : (int)all.n;
	const char *eq;

	if (all.n == 0 || *all.s == '#')
		return 0;
	l->start = line.s;
	policy_set_place(l, w->columns ? (size_t)(all.s - line.s) + 1 : 0);
	if ((eq = memchr(all.s, '=', all.n)) == NULL)
		return err_set(e, E_FORMAT,
		    "%s: expected 'key = value', found '%.*s'", l->place, n,
		    all.s);
	l->key = policy_trim((struct policy_span){all.s, (size_t)(eq - all.s)});
	l->value = policy_trim(
	    (struct policy_span){eq + 1, all.n - (size_t)(eq + 1 - all.s)});
	if (l->key.n == 0)
		return err_set(e, E_FORMAT, "%s: no key before '='", l->place);
	return w->each(w->arg, l, e);
}

static int
walk(struct walk *w, struct err *e)
{
	struct policy_line l = {.line = 0};
	struct policy_span line;
	const char *nl;

	while (w->s < w->end) {
		l.line++;
		nl = memchr(w->s, '\n', (size_t)(w->end - w->s));
		if (nl == NULL)
			nl = w->end;
		line = (struct policy_span){w->s, (size_t)(nl - w->s)};
		if (line.n > 0 && line.s[line.n - 1] == '\r')
			line.n--;
		if (check_bytes(&l, line, e) == -1 ||
		    setting(w, &l, line, e) == -1)
			return -1;
		w->s = nl < w->end ? nl + 1 : w->end;
	}
	return 0;
}

int
policy_lines(const void *text, size_t n, bool columns,
    int (*each)(void *arg, const struct policy_line *l, struct err *e),
    void *arg, struct err *e)
{
	struct walk w = {.columns = columns, .each = each, .arg = arg};

	if (n == 0)
		return 0; /* text may be NULL */
	if (n > POLICY_MAX_BYTES)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", n, POLICY_MAX_BYTES);
	w.s = text;
	w.end = w.s + n;
	if (n >= 3 && memcmp(w.s, "\xef\xbb\xbf", 3) == 0)
		w.s += 3;
	return walk(&w, e);
}
