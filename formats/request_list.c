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
request_next(const struct request *rq, enum request_name which, unsigned *i,
    struct slice *value)
{
	while (*i < rq->nheaders) {
		const struct request_header *h = &rq->headers[(*i)++];

		if (h->which != which)
			continue;
		*value = request_text(rq, h->value);
		return true;
	}
	return false;
}

bool
request_other(const struct request *rq, const char *name, unsigned *i,
    struct slice *value)
{
	while (*i < rq->nheaders) {
		const struct request_header *h = &rq->headers[(*i)++];

		if (!request_same(request_text(rq, h->name), name))
			continue;
		*value = request_text(rq, h->value);
		return true;
	}
	return false;
}

bool
request_only(
    const struct request *rq, enum request_name which, struct slice *value)
{
	struct slice second;
	unsigned i = 0;

	return (rq->has & 1U << which) != 0 &&
	    request_next(rq, which, &i, value) &&
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
	if ((rq->has & 1U << l->which) == 0)
		return false;
	for (;;) {
		while (request_element(&l->rest, element, true))
			if (element->n > 0)
				return true;
		if (!request_next(rq, l->which, &l->i, &l->rest))
			return false;
	}
}
