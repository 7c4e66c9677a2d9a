/* SPDX-License-Identifier: ISC */
/* Which coding of a page a client prefers: RFC 9110, 12.4.2 and 12.5.3. */
#include <string.h>
#include <strings.h>

#include "lib/serve/serve_priv.h"

#define WHOLE 1000 /* q=1 */

static bool
is_word(const char *p, size_t n, const char *word)
{
	return n == strlen(word) && strncasecmp(p, word, n) == 0;
}

static size_t
skip_blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i;
}

/* "0.25" in thousandths; what breaks the grammar is 0: plain is never wrong. */
static int
weight(const char *p, size_t n)
{
	int q, unit = WHOLE / 10;
	size_t i;

	if (n == 0 || n > 5 || (p[0] != '0' && p[0] != '1') ||
	    (n > 1 && p[1] != '.'))
		return 0;
	q = p[0] == '1' ? WHOLE : 0;
	for (i = 2; i < n; i++, unit /= 10) {
		if (p[i] < '0' || p[i] > '9')
			return 0;
		q += unit * (p[i] - '0');
	}
	return q <= WHOLE ? q : 0;
}

/* What stands behind the name: nothing, or ";q=" and a weight. */
static int
weight_of(const char *p, size_t n)
{
	size_t k = skip_blanks(p, n);

	if (k == n)
		return WHOLE;
	if (p[k] != ';')
		return 0;
	k++;
	k += skip_blanks(p + k, n - k);
	if (n - k < 2 || strncasecmp(p + k, "q=", 2) != 0)
		return 0;
	p += k + 2;
	n -= k + 2;
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	return weight(p, n);
}

static void
note(int *to, int q)
{
	if (*to < q)
		*to = q;
}

static void
add(struct serve_coding *c, const char *p, size_t n)
{
	size_t k = skip_blanks(p, n), name;
	int q;

	p += k;
	n -= k;
	for (name = 0; name < n && strchr(" \t;", p[name]) == NULL;)
		name++;
	q = weight_of(p + name, n - name);
	/* 8.4.1.3: the two are one. */
	if (is_word(p, name, "gzip") || is_word(p, name, "x-gzip"))
		note(&c->gzip, q);
	else if (is_word(p, name, "identity"))
		note(&c->identity, q);
	else if (is_word(p, name, "*"))
		note(&c->others, q);
}

void
serve_coding_add(struct serve_coding *c, const char *line, size_t n)
{
	const char *comma;
	size_t k;

	for (;;) {
		comma = n > 0 ? memchr(line, ',', n) : NULL;
		k = comma != NULL ? (size_t)(comma - line) : n;
		add(c, line, k);
		if (comma == NULL)
			return;
		line += k + 1;
		n -= k + 1;
	}
}

bool
serve_coding_gzip(const struct serve_coding *c)
{
	int gzip = c->gzip != -1 ? c->gzip : c->others;

	return gzip > 0 && gzip >= c->identity;
}
