/* SPDX-License-Identifier: ISC */
/* Conditions, RFC 9110, 13. */
#include <string.h>

#include "formats/httpdate.h"
#include "formats/request_priv.h"

static bool
is_tag(struct slice s, const char *etag)
{
	return etag[0] != '\0' && s.n == strlen(etag) &&
	    memcmp(s.p, etag, s.n) == 0;
}

/* RFC 9110, 8.8.3.2; "*" only by itself. */
static bool
holds_tag(const struct request *rq, enum request_name which, const char *etag,
    bool weak)
{
	struct request_list l = REQUEST_LIST(which);
	bool star = false, found = false;
	struct slice s;
	unsigned n = 0;

	for (; request_list(rq, &l, &s); n++) {
		star |= s.n == 1 && s.p[0] == '*';
		if (weak && s.n > 2 && memcmp(s.p, "W/", 2) == 0)
			s = (struct slice){s.p + 2, s.n - 2};
		found |= is_tag(s, etag);
	}
	return star ? n == 1 : found;
}

/* One date; several, or none that can be read: as if it were not there. */
static bool
read_date(const struct request *rq, enum request_name which, int64_t *t)
{
	struct slice s;

	return request_only(rq, which, &s) && httpdate_read(t, s.p, s.n);
}

/* 0, or the status that ends it: RFC 9110, 13.2.2, steps 1 to 4. */
static unsigned
conditions(const struct request *rq, const struct request_entity *n)
{
	int64_t t;

	if (request_has(rq, REQUEST_IF_MATCH)) {
		if (!holds_tag(rq, REQUEST_IF_MATCH, n->etag, false))
			return 412;
	} else if (n->modified != 0 &&
	    read_date(rq, REQUEST_IF_UNMODIFIED_SINCE, &t) && n->modified > t) {
		return 412;
	}
	if (request_has(rq, REQUEST_IF_NONE_MATCH))
		return holds_tag(rq, REQUEST_IF_NONE_MATCH, n->etag, true) ? 304
									   : 0;
	if (n->modified != 0 && read_date(rq, REQUEST_IF_MODIFIED_SINCE, &t) &&
	    n->modified <= t)
		return 304;
	return 0;
}

/* RFC 9110, 13.1.5: a strong tag, or the exact date; or nothing is asked. */
static bool
is_same(const struct request *rq, const struct request_entity *n)
{
	struct slice s;
	int64_t t;

	if (!request_has(rq, REQUEST_IF_RANGE))
		return true;
	if (!request_only(rq, REQUEST_IF_RANGE, &s))
		return false;
	return is_tag(s, n->etag) ||
	    (n->modified != 0 && httpdate_read(&t, s.p, s.n) &&
		t == n->modified);
}

void
request_judge(struct request_verdict *v, const struct request *rq,
    const struct request_entity *n)
{
	v->nspans = 0;
	if ((v->status = conditions(rq, n)) != 0)
		return;
	v->status = 200;
	if (rq->method == REQUEST_GET && request_has(rq, REQUEST_RANGE) &&
	    is_same(rq, n))
		v->status = request_ranges(v, rq, n->size);
}
