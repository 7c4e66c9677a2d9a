/* SPDX-License-Identifier: ISC */
/* An answer's head, line by line, RFC 9112 and RFC 9110. */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/base/enc.h"
#include "lib/net/http_priv.h"
#include "formats/httpdate.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define LENGTH_MAX INT64_MAX

/* A field's value, without the blanks around it. */
struct value {
	const char *p;
	size_t n;
};

struct into {
	struct http_head *h;
	struct http_lines *l;
};

static int
get_length(const struct into *to, struct value v, struct err *e)
{
	uint64_t n;

	if (!num_read(&n, v.p, v.n, 0, LENGTH_MAX))
		return 0;
	if (to->h->length != HTTP_UNKNOWN && to->h->length != n)
		return err_set(e, E_REMOTE, "the answer has two lengths");
	to->h->length = n;
	return 0;
}

/* Without control characters, or nothing. */
static void
copy(char field[HTTP_FIELD_MAX], struct value v)
{
	size_t i;

	field[0] = '\0';
	if (v.n >= HTTP_FIELD_MAX)
		return;
	for (i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f)
			return;
	memcpy(field, v.p, v.n);
	field[v.n] = '\0';
}

/* "bytes 0-9/10"; a star may be the whole, or, for 416, the range. */
static int
get_range(const struct into *to, struct value v, struct err *e)
{
	struct http_head *h = to->h;
	const char *dash, *slash;
	uint64_t from, till, total = HTTP_UNKNOWN;
	size_t n;

	(void)e;
	h->has_range = false;
	h->total = HTTP_UNKNOWN;
	if (v.n < 6 || strncasecmp(v.p, "bytes ", 6) != 0)
		return 0;
	v.p += 6;
	v.n -= 6;
	slash = memchr(v.p, '/', v.n);
	if (slash == NULL)
		return 0;
	n = v.n - (size_t)(slash - v.p) - 1;
	if (!(n == 1 && slash[1] == '*') &&
	    !num_read(&total, slash + 1, n, 0, LENGTH_MAX))
		return 0;
	v.n = (size_t)(slash - v.p);
	dash = memchr(v.p, '-', v.n);
	if (v.n == 1 && *v.p == '*')
		h->total = total;
	if (dash == NULL || total == 0 ||
	    !num_read(&from, v.p, (size_t)(dash - v.p), 0, LENGTH_MAX) ||
	    !num_read(&till, dash + 1, v.n - (size_t)(dash - v.p) - 1, from,
		total - 1))
		return 0;
	h->from = from;
	h->to = till;
	h->total = total;
	h->has_range = true;
	return 0;
}

static int
get_ranges(const struct into *to, struct value v, struct err *e)
{
	(void)e;
	to->h->ranges = v.n == 5 && strncasecmp(v.p, "bytes", 5) == 0;
	return 0;
}

static int
get_type(const struct into *to, struct value v, struct err *e)
{
	(void)e;
	copy(to->h->type, v);
	return 0;
}

static int
get_encoding(const struct into *to, struct value v, struct err *e)
{
	(void)e;
	copy(to->h->encoding, v);
	return 0;
}

static int
get_etag(const struct into *to, struct value v, struct err *e)
{
	(void)e;
	copy(to->h->etag, v);
	return 0;
}

static int
get_modified(const struct into *to, struct value v, struct err *e)
{
	(void)e;
	copy(to->h->modified, v);
	return 0;
}

static int
get_location(const struct into *to, struct value v, struct err *e)
{
	(void)e;
	copy(to->h->location, v);
	return 0;
}

static int
get_date(const struct into *to, struct value v, struct err *e)
{
	char text[HTTP_FIELD_MAX];

	(void)e;
	copy(text, v);
	(void)httpdate_read(&to->h->date, text, strlen(text));
	return 0;
}

static int
get_retry(const struct into *to, struct value v, struct err *e)
{
	char text[HTTP_FIELD_MAX];
	uint64_t s;

	(void)e;
	copy(text, v);
	if (num_read(&s, text, strlen(text), 0, UINT32_MAX))
		to->h->retry_after_s = (unsigned)s;
	else
		(void)httpdate_read(&to->l->retry_at, text, strlen(text));
	return 0;
}

static const struct {
	const char *name;
	int (*get)(const struct into *to, struct value v, struct err *e);
} fields[] = {
    {"Content-Length", get_length},
    {"Content-Range", get_range},
    {"Accept-Ranges", get_ranges},
    {"Content-Type", get_type},
    {"Content-Encoding", get_encoding},
    {"ETag", get_etag},
    {"Last-Modified", get_modified},
    {"Location", get_location},
    {"Date", get_date},
    {"Retry-After", get_retry},
};

/* "HTTP/1.1 200 OK" */
static int
begin_head(struct into *to, struct value v, struct err *e)
{
	const char *sp = memchr(v.p, ' ', v.n);
	uint64_t status;
	size_t left;

	memset(to->h, 0, sizeof(*to->h));
	to->h->length = to->h->total = HTTP_UNKNOWN;
	to->l->whole = false;
	to->l->retry_at = 0;
	left = sp == NULL ? 0 : v.n - (size_t)(sp - v.p) - 1;
	if (left < 3 || !num_read(&status, sp + 1, 3, 100, 999) ||
	    (left > 3 && sp[4] != ' '))
		return err_set(e, E_REMOTE, "the answer has no status");
	to->h->status = (long)status;
	return 0;
}

static void
end(struct into *to)
{
	int64_t now = to->h->date, at = to->l->retry_at;

	to->l->whole = true;
	if (now == 0)
		now = (int64_t)time(NULL);
	if (at > now)
		to->h->retry_after_s = at - now < UINT32_MAX
		    ? (unsigned)(at - now)
		    : UINT32_MAX;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int
http_head_line(struct http_head *h, struct http_lines *l, const char *p,
    size_t n, struct err *e)
{
	struct into to = {h, l};
	struct value v = {p, n};
	const char *colon;
	size_t i, name;

	if (n > HTTP_HEAD_BYTES_MAX - l->seen)
		return err_set(e, E_LIMIT,
		    "the answer's head has more than %zu bytes",
		    HTTP_HEAD_BYTES_MAX);
	l->seen += n;
	while (v.n > 0 && blank(v.p[v.n - 1]))
		v.n--;
	if (v.n >= 5 && memcmp(v.p, "HTTP/", 5) == 0)
		return begin_head(&to, v, e);
	if (v.n == 0 && h->status != 0)
		end(&to);
	colon = memchr(v.p, ':', v.n);
	/* Once it is whole, only another head's beginning counts. */
	if (l->whole || h->status == 0 || colon == NULL)
		return 0;
	name = (size_t)(colon - p);
	v.n -= name + 1;
	for (v.p = colon + 1; v.n > 0 && blank(*v.p); v.n--)
		v.p++;
	for (i = 0; i < N(fields); i++)
		if (strlen(fields[i].name) == name &&
		    strncasecmp(fields[i].name, p, name) == 0)
			return fields[i].get(&to, v, e);
	return 0;
}
