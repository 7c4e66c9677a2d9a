/* SPDX-License-Identifier: ISC */
/*
 * The words of HTTP that a server of files needs, as pure functions: where to
 * listen, request targets, validators, ranges (RFC 9110, RFC 9112).
 */
#ifndef WF_HTTPD_PARSE_H
#define WF_HTTPD_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define HTTPD_HOST_MAX 255
#define HTTPD_TARGET_MAX 2048 /* bytes of a request target */
#define HTTPD_QUERY_MAX 200 /* bytes of one decoded value of a query */

struct httpd_where {
	char host[HTTPD_HOST_MAX + 1]; /* no brackets */
	uint16_t port; /* 0: any that is free */
	bool v6; /* stood in brackets */
};

/* HOST:PORT or [ADDRESS]:PORT.  E_USAGE. */
int httpd_where_read(struct httpd_where *w, const char *text, struct err *e);

/*
 * One pass of percent-decoding into out, which has room for max bytes and a
 * NUL.  False: a malformed escape, a control character, or too long.  plus: a
 * plus sign is a space.
 */
bool httpd_decode(char *out, size_t max, const char *s, size_t len, bool plus);

/*
 * The path of a request target, decoded: origin form, or absolute form
 * (http://host/path).  A query is left out.  0, or the status that
 * answers it: 400, 414.
 */
unsigned httpd_path(char out[HTTPD_TARGET_MAX + 1], const char *target);

/* What a request says on conditions and ranges; NULL: says nothing. */
struct httpd_cond {
	const char *if_match, *if_none_match, *if_modified_since,
	    *if_unmodified_since, *if_range, *range;
};

/* The representation asked for. */
struct httpd_entity {
	const char *etag; /* strong, with its quotes */
	int64_t modified; /* seconds since 1970; 0: not known */
	uint64_t size; /* bytes */
};

struct httpd_verdict {
	unsigned status; /* 200, 206, 304, 412, 416 */
	uint64_t off, len; /* what to send, for 200 and 206 */
};

/* RFC 9110, 13.2.2 and 14.2.  Several ranges are answered with the whole. */
void httpd_judge(struct httpd_verdict *v, const struct httpd_cond *c,
    const struct httpd_entity *n, bool head);

/* A list of entity tags, or "*", holds this one: weak or strong comparison. */
bool httpd_etag_in(const char *list, const char *etag, bool weak);

enum httpd_range {
	HTTPD_RANGE_NONE, /* not one range of bytes: as if it were not there */
	HTTPD_RANGE_OK,
	HTTPD_RANGE_BEYOND /* not satisfiable */
};
enum httpd_range httpd_range_read(
    const char *s, uint64_t size, uint64_t *off, uint64_t *len);

#endif
