/* SPDX-License-Identifier: ISC */
/* approve-list: what a vendor or the site keeps as CSV. */
#include <string.h>

#include "formats/rings_priv.h"
#include "lib/base/err.h"

/* Without the quotes around it. */
static struct policy_span
first_column(struct policy_span line)
{
	struct policy_span c = policy_trim(line);
	size_t n;

	if (c.n > 0 && *c.s == '"') {
		c.s++;
		c.n--;
		for (n = 0; n < c.n && c.s[n] != '"'; n++)
			;
	} else {
		for (n = 0; n < c.n && strchr(",;\t", c.s[n]) == NULL; n++)
			;
	}
	c.n = n;
	return policy_trim(c);
}

static int
row(struct policy_reader *r, struct policy_words *words, struct policy_line *l,
    struct policy_span line, bool first, struct err *e)
{
	static const struct policy_key key = {
	    "the first column", POLICY_KB_OR_ID, 0};

	l->value = first_column(line);
	if (l->value.n == 0 && policy_trim(line).n == 0)
		return 0;
	if (l->value.n > POLICY_MAX_LINE)
		return err_set(e, E_LIMIT, "%s: more than %u bytes", l->place,
		    POLICY_MAX_LINE);
	if (l->value.n > 0 && policy_put_word(r, &key, words, e) == 0)
		return 0;
	if (l->value.n == 0)
		return policy_refuse(l, key.name,
		    "a KB number, as KB5001234, or an update's id", e);
	if (!first || e->kind != E_FORMAT)
		return -1;
	err_clear(e); /* a heading */
	return 0;
}

int
rings_list_read(struct policy_words *words, struct arena *a, const void *text,
    size_t n, struct err *e)
{
	struct policy p = {.arena = *a};
	struct policy_line l = {.line = 0};
	struct policy_reader r = {.p = &p, .l = &l};
	const char *s = text, *end, *nl;
	int got = 0;

	*words = (struct policy_words){.v = NULL, .n = 0};
	if (n > POLICY_MAX_BYTES)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", n, POLICY_MAX_BYTES);
	if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		s += 3, n -= 3;
	for (end = s + n; got == 0 && s < end; s = nl < end ? nl + 1 : end) {
		if ((nl = memchr(s, '\n', (size_t)(end - s))) == NULL)
			nl = end;
		l.line++;
		policy_set_place(&l, 0);
		got = row(&r, words, &l,
		    (struct policy_span){s,
			(size_t)(nl - s) -
			    (nl > s && nl[-1] == '\r' ? 1u : 0u)},
		    l.line == 1, e);
	}
	*a = p.arena;
	return got;
}
