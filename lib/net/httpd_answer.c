/* SPDX-License-Identifier: ISC */
#include "lib/net/httpd_answer.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/httpdate.h"
#include "lib/net/httpd.h"

/* Nothing that an update's text may have smuggled in is run or loaded. */
#define NO_SCRIPTS                                                             \
	"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "  \
	"base-uri 'none'; frame-ancestors 'none'"
#define STREAM_BLOCK ((size_t)32 << 10)

const char *
httpd_answer_to(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

void
httpd_answer_header(
    struct MHD_Response **r, const char *name, const char *value)
{
	if (*r == NULL || MHD_add_response_header(*r, name, value) == MHD_YES)
		return;
	MHD_destroy_response(*r);
	*r = NULL;
}

static struct MHD_Response *
empty(void)
{
	return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

/* Most files have the date that the file before had. */
static const char *
date_of(int64_t t)
{
	static _Thread_local char date[HTTPDATE_LEN + 1];
	static _Thread_local int64_t is;

	if (date[0] == '\0' || t != is)
		httpdate_write(date, t);
	is = t;
	return date;
}

static void
add_entity(struct MHD_Response **r, const struct httpd_res *rs)
{
	if (rs->modified != 0)
		httpd_answer_header(
		    r, MHD_HTTP_HEADER_LAST_MODIFIED, date_of(rs->modified));
	httpd_answer_header(r, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	httpd_answer_header(r, MHD_HTTP_HEADER_ETAG, rs->etag);
}

static void
add_range(struct MHD_Response **r, const struct httpd_verdict *v, uint64_t size)
{
	char text[80];

	if (v->status == 206)
		snprintf(text, sizeof(text), "bytes %llu-%llu/%llu",
		    (unsigned long long)v->off,
		    (unsigned long long)(v->off + v->len - 1),
		    (unsigned long long)size);
	else
		snprintf(text, sizeof(text), "bytes */%llu",
		    (unsigned long long)size);
	httpd_answer_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, text);
}

/* The descriptor goes with the answer that sends from it. */
static struct MHD_Response *
file_response(struct MHD_Connection *c, struct httpd_res *rs, bool head)
{
	const struct httpd_cond cond = {
	    .if_match = httpd_answer_to(c, MHD_HTTP_HEADER_IF_MATCH),
	    .if_none_match = httpd_answer_to(c, MHD_HTTP_HEADER_IF_NONE_MATCH),
	    .if_modified_since = httpd_answer_to(
		c, MHD_HTTP_HEADER_IF_MODIFIED_SINCE),
	    .if_unmodified_since = httpd_answer_to(
		c, MHD_HTTP_HEADER_IF_UNMODIFIED_SINCE),
	    .if_range = httpd_answer_to(c, MHD_HTTP_HEADER_IF_RANGE),
	    .range = httpd_answer_to(c, MHD_HTTP_HEADER_RANGE)};
	const struct httpd_entity entity = {
	    .etag = rs->etag, .modified = rs->modified, .size = rs->size};
	struct httpd_verdict v;
	struct MHD_Response *r;

	httpd_judge(&v, &cond, &entity, head);
	rs->status = v.status;
	/* A 304 says the length, and the library sends none of it. */
	if (v.status == 200 || v.status == 206 || v.status == 304) {
		r = MHD_create_response_from_fd_at_offset64(
		    v.len, rs->fd, v.off);
		if (r != NULL)
			rs->fd = -1;
		if (v.status != 304)
			httpd_answer_header(
			    &r, MHD_HTTP_HEADER_CONTENT_TYPE, rs->type);
	} else {
		r = empty();
	}
	if (v.status != 412)
		add_entity(&r, rs);
	if (v.status == 206 || v.status == 416)
		add_range(&r, &v, rs->size);
	return r;
}

/* "Name: value\r\n", once and again. */
static void
add_extra(struct MHD_Response **r, char *extra)
{
	char *name, *value, *end;

	for (name = extra; (end = strstr(name, "\r\n")) != NULL;
	     name = end + 2) {
		*end = '\0';
		if ((value = strstr(name, ": ")) == NULL)
			continue;
		*value = '\0';
		httpd_answer_header(r, name, value + 2);
	}
}

static bool
is_had(struct MHD_Connection *c, const struct httpd_res *rs)
{
	const char *tags = httpd_answer_to(c, MHD_HTTP_HEADER_IF_NONE_MATCH);

	return rs->status == 200 && rs->etag[0] != '\0' && tags != NULL &&
	    httpd_etag_in(tags, rs->etag, true);
}

static struct MHD_Response *
bytes_response(struct MHD_Connection *c, struct httpd_res *rs)
{
	struct MHD_Response *r;

	if (is_had(c, rs)) {
		rs->status = 304;
		return empty();
	}

	r = MHD_create_response_from_buffer(
	    rs->bytes.len, rs->bytes.p, MHD_RESPMEM_MUST_FREE);
	if (r != NULL)
		rs->bytes = (struct buf)BUF_INIT;
	return r;
}

struct stream {
	ssize_t (*read)(void *ctx, char *p, size_t room);
	void (*close)(void *ctx);
	void *ctx; /* owned */
};

static ssize_t
stream_read(void *cls, uint64_t pos, char *p, size_t room)
{
	struct stream *s = cls;
	ssize_t n = s->read(s->ctx, p, room);

	(void)pos;
	if (n == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void
stream_free(void *cls)
{
	struct stream *s = cls;

	s->close(s->ctx);
	free(s);
}

static struct MHD_Response *
stream_response(struct httpd_res *rs)
{
	struct stream *s = malloc(sizeof(*s));
	struct MHD_Response *r;

	if (s == NULL)
		return NULL;
	*s = (struct stream){rs->read, rs->close, rs->ctx};
	r = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, s, stream_free);
	if (r == NULL)
		free(s);
	else
		rs->ctx = NULL;
	return r;
}

/* What may be another one the next time. */
static void
add_changing(struct MHD_Response **r)
{
	httpd_answer_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	httpd_answer_header(r, "X-Content-Type-Options", "nosniff");
	httpd_answer_header(r, "Content-Security-Policy", NO_SCRIPTS);
}

struct MHD_Response *
httpd_answer(struct MHD_Connection *c, struct httpd_res *rs, bool head)
{
	struct MHD_Response *r;
	char text[16];

	if (rs->fd != -1) {
		r = file_response(c, rs, head);
		if (rs->changing)
			add_changing(&r);
		return r;
	}
	r = rs->read != NULL	? stream_response(rs)
	    : rs->bytes.len > 0 ? bytes_response(c, rs)
				: empty();
	if (rs->fd == -1 && rs->etag[0] != '\0')
		httpd_answer_header(&r, MHD_HTTP_HEADER_ETAG, rs->etag);
	add_extra(&r, rs->extra);
	if (rs->type != NULL) {
		httpd_answer_header(&r, MHD_HTTP_HEADER_CONTENT_TYPE, rs->type);
		add_changing(&r);
	}
	if (rs->status == 405)
		httpd_answer_header(&r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (rs->retry_s > 0) {
		snprintf(text, sizeof(text), "%u", rs->retry_s);
		httpd_answer_header(&r, MHD_HTTP_HEADER_RETRY_AFTER, text);
	}
	return r;
}

void
httpd_answer_free(struct httpd_res *rs)
{
	if (rs->fd != -1)
		(void)close(rs->fd);
	if (rs->ctx != NULL)
		rs->close(rs->ctx);
	buf_free(&rs->bytes);
}
