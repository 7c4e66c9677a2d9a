/* SPDX-License-Identifier: ISC */
/* approve-list: what a vendor or the site keeps as CSV. */
#include <string.h>

#include "formats/rings_priv.h"
#include "lib/base/err.h"

static bool
is_separator(char c)
{
	return c == ',' || c == ';' || c == '\t';
}

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
		for (n = 0; n < c.n && !is_separator(c.s[n]); n++)
			;
	}
	c.n = n;
	return policy_trim(c);
}

/* A spreadsheet saves empty rows with the separators of the others. */
static bool
is_empty(struct policy_span line)
{
	size_t i;

	for (i = 0; i < line.n; i++)
		if (line.s[i] != ' ' && !is_separator(line.s[i]))
			return false;
	return true;
}

static int
row(struct policy_reader *r, struct policy_words *words, struct policy_line *l,
    struct policy_span line, bool first, struct err *e)
{
	static const struct policy_key key = {
	    "the first column", POLICY_KB_OR_ID, 0};

	l->value = first_column(line);
	if (is_empty(line))
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

/* What is left of the file, and the line where that begins. */
struct rest {
	const char *s, *end;
	unsigned line;
};

/* Behind the quote that ends what one at s begins, or NULL; lines within are
   counted. */
static const char *
skip_quoted(const char *s, const char *end, unsigned *line)
{
	for (s++; s < end; s++) {
		*line += *s == '\n';
		if (*s != '"')
			continue;
		if (s + 1 == end || s[1] != '"')
			return s + 1;
		s++;
	}
	return NULL;
}

/* UTF-16, or a file with the line ends of an old Macintosh, would be one long
   heading, and approve nothing. */
static bool
is_foreign(const char *s, const char *end)
{
	return *s == '\0' || (*s == '\r' && s + 1 < end && s[1] != '\n');
}

/* A row ends with its line, unless that lies in quotes.  l: where it begins. */
static int
next_row(struct rest *r, struct policy_span *row, struct policy_line *l,
    struct err *e)
{
	const char *s = r->s, *start = s;
	bool begins = true; /* a column */
	unsigned at;

	l->line = r->line;
	policy_set_place(l, 0);
	while (s < r->end && *s != '\n') {
		if (begins && *s == '"') {
			at = r->line;
			if ((s = skip_quoted(s, r->end, &r->line)) == NULL)
				return err_set(e, E_FORMAT,
				    "line %u: a quote that does not end", at);
			begins = false;
			continue;
		}
		if (is_foreign(s, r->end))
			return err_set(e, E_FORMAT,
			    "line %u: control character 0x%02x in column %zu; "
			    "save it as CSV in UTF-8",
			    r->line, (unsigned)*s, (size_t)(s - start) + 1);
		begins = is_separator(*s) || (begins && *s == ' ');
		s++;
	}
	*row = (struct policy_span){start,
	    (size_t)(s - start) - (s > start && s[-1] == '\r' ? 1u : 0u)};
	r->line++;
	r->s = s < r->end ? s + 1 : s;
	return 0;
}

int
rings_list_read(struct policy_words *words, struct arena *a, const void *text,
    size_t n, struct err *e)
{
	struct policy p = {.arena = *a};
	struct policy_line l = {.line = 0};
	struct policy_reader r = {.p = &p, .l = &l};
	struct rest left = {text, (const char *)text + n, 1};
	struct policy_span line = {NULL, 0};
	bool first = true;
	int got = 0;

	*words = (struct policy_words){.v = NULL, .n = 0};
	if (n > POLICY_MAX_BYTES)
		return err_set(
		    e, E_LIMIT, "%zu bytes, at most %zu", n, POLICY_MAX_BYTES);
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		left.s += 3;
	for (; got == 0 && left.s < left.end; first = false)
		if ((got = next_row(&left, &line, &l, e)) == 0)
			got = row(&r, words, &l, line, first, e);
	*a = p.arena;
	return got;
}
