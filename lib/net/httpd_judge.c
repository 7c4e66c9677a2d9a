/* SPDX-License-Identifier: ISC */
/* Conditions and ranges: which answer, and which of its bytes. */
#include "lib/net/httpd_parse.h"

#include <string.h>
#include <strings.h>

#include "formats/httpdate.h"

#define BLANK " \t"

static const char *
skip_blank(const char *s)
{
	return s + strspn(s, BLANK);
}

bool
httpd_etag_in(const char *list, const char *etag, bool weak)
{
	const char *s = skip_blank(list), *end;
	size_t n = strlen(etag);
	bool is_weak;

	if (s[0] == '*' && *skip_blank(s + 1) == '\0')
		return true;
	while (*s != '\0') {
		s += strspn(s, BLANK ",");
		is_weak = strncmp(s, "W/", 2) == 0;
		s += is_weak ? 2 : 0;
		if (s[0] != '"' || (end = strchr(s + 1, '"')) == NULL)
			return false;
		end++;
		if ((weak || !is_weak) && (size_t)(end - s) == n &&
		    memcmp(s, etag, n) == 0)
			return true;
		s = skip_blank(end);
	}
	return false;
}

/* Digits to a number that stays at its largest; NULL: no digit. */
static const char *
read_number(const char *s, uint64_t *v)
{
	const char *p = s;
	unsigned digit;

	*v = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		digit = (unsigned)(*p - '0');
		if (*v > (UINT64_MAX - digit) / 10)
			*v = UINT64_MAX;
		else if (*v != UINT64_MAX)
			*v = *v * 10 + digit;
	}
	return p == s ? NULL : p;
}

static enum httpd_range
last_bytes(const char *s, uint64_t size, uint64_t *off, uint64_t *len)
{
	uint64_t n;

	if ((s = read_number(s, &n)) == NULL || *skip_blank(s) != '\0')
		return HTTPD_RANGE_NONE;
	if (n == 0 || size == 0)
		return HTTPD_RANGE_BEYOND;
	*len = n < size ? n : size;
	*off = size - *len;
	return HTTPD_RANGE_OK;
}

enum httpd_range
httpd_range_read(const char *s, uint64_t size, uint64_t *off, uint64_t *len)
{
	uint64_t first, last = UINT64_MAX;

	if (strncasecmp(s, "bytes=", 6) != 0)
		return HTTPD_RANGE_NONE;
	s = skip_blank(s + 6);
	if (*s == '-')
		return last_bytes(s + 1, size, off, len);
	if ((s = read_number(s, &first)) == NULL || *s++ != '-')
		return HTTPD_RANGE_NONE;
	if (*skip_blank(s) != '\0' &&
	    ((s = read_number(s, &last)) == NULL || *skip_blank(s) != '\0' ||
		last < first))
		return HTTPD_RANGE_NONE;
	if (first >= size)
		return HTTPD_RANGE_BEYOND;
	*off = first;
	*len = last - first < size - first ? last - first + 1 : size - first;
	return HTTPD_RANGE_OK;
}

/* 0, or the status that ends it: RFC 9110, 13.2.2, steps 1 to 4. */
static unsigned
conditions(const struct httpd_cond *c, const struct httpd_entity *n)
{
	int64_t t;

	if (c->if_match != NULL) {
		if (!httpd_etag_in(c->if_match, n->etag, false))
			return 412;
	} else if (c->if_unmodified_since != NULL &&
	    httpdate_read(
		&t, c->if_unmodified_since, strlen(c->if_unmodified_since)) &&
	    n->modified > t) {
		return 412;
	}
	if (c->if_none_match != NULL)
		return httpd_etag_in(c->if_none_match, n->etag, true) ? 304 : 0;
	if (c->if_modified_since != NULL && n->modified != 0 &&
	    httpdate_read(
		&t, c->if_modified_since, strlen(c->if_modified_since)) &&
	    n->modified <= t)
		return 304;
	return 0;
}

/* A strong tag, or the exact date. */
static bool
same_entity(const char *if_range, const struct httpd_entity *n)
{
	int64_t t;

	if (strchr(if_range, '"') != NULL)
		return strcmp(if_range, n->etag) == 0;
	return n->modified != 0 &&
	    httpdate_read(&t, if_range, strlen(if_range)) && t == n->modified;
}

void
httpd_judge(struct httpd_verdict *v, const struct httpd_cond *c,
    const struct httpd_entity *n, bool head)
{
	enum httpd_range r = HTTPD_RANGE_NONE;

	*v = (struct httpd_verdict){.len = n->size};
	if ((v->status = conditions(c, n)) != 0)
		return;
	v->status = 200;
	if (c->range != NULL && !head &&
	    (c->if_range == NULL || same_entity(c->if_range, n)))
		r = httpd_range_read(c->range, n->size, &v->off, &v->len);
	if (r == HTTPD_RANGE_OK)
		v->status = 206;
	else if (r == HTTPD_RANGE_BEYOND)
		v->status = 416;
}
