/* SPDX-License-Identifier: ISC */
/* Header lines by name, and the lists in them. */
#include <string.h>
#include <strings.h>

#include "formats/request_priv.h"

size_t
request_run(struct slice s, unsigned class)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((request_class[(uint8_t)s.p[i]] & class) == 0)
			break;
	return i;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice
request_trim(struct slice s)
{
	for (; s.n > 0 && is_blank(s.p[0]); s.p++)
		s.n--;
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
request_same(struct slice s, const char *word)
{
	return strlen(word) == s.n && strncasecmp(s.p, word, s.n) == 0;
}

bool
request_begins(struct slice *s, const char *word)
{
	size_t n = strlen(word);

	if (s->n < n || strncasecmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

bool
request_has(const struct request *rq, enum request_name which)
{
	return (rq->has & 1U << which) != 0;
}

bool
request_next(const struct request *rq, enum request_name which, unsigned *i,
    struct slice *value)
{
	while (*i < rq->nheaders && rq->headers[*i].which != which)
		++*i;
	if (*i >= rq->nheaders)
		return false;
	*value = request_text(rq, rq->headers[(*i)++].value);
	return true;
}

bool
request_other(const struct request *rq, const char *name, unsigned *i,
    struct slice *value)
{
	while (*i < rq->nheaders &&
	    !request_same(request_text(rq, rq->headers[*i].name), name))
		++*i;
	if (*i >= rq->nheaders)
		return false;
	*value = request_text(rq, rq->headers[(*i)++].value);
	return true;
}

bool
request_only(
    const struct request *rq, enum request_name which, struct slice *value)
{
	struct slice second;
	unsigned i = 0;

	return request_has(rq, which) && request_next(rq, which, &i, value) &&
	    !request_next(rq, which, &i, &second);
}

bool
request_element(struct slice *rest, struct slice *element, bool quotes)
{
	bool quoted = false;
	size_t i;

	if (rest->n == 0)
		return false;
	for (i = 0; i < rest->n && (quoted || rest->p[i] != ','); i++)
		quoted ^= quotes && rest->p[i] == '"';
	*element = request_trim((struct slice){rest->p, i});
	i += i < rest->n;
	rest->p += i;
	rest->n -= i;
	return true;
}

bool
request_list(
    const struct request *rq, struct request_list *l, struct slice *element)
{
	if (!request_has(rq, l->which))
		return false;
	for (;;) {
		while (request_element(&l->rest, element, true))
			if (element->n > 0)
				return true;
		if (!request_next(rq, l->which, &l->i, &l->rest))
			return false;
	}
}
