/* SPDX-License-Identifier: ISC */
/*
 * Requests of HTTP/1.1 and 1.0, RFC 9112 and RFC 9110, as pure functions over
 * bytes: heads, chunked bodies, paths and queries, conditions and ranges.
 * There is one way to read a head; whatever could be read in two is refused,
 * with a status, a sentence and the clause, and the connection is to be closed
 * after that answer.
 *
 * request_read.c heads, _line.c request lines, _field.c what header lines mean,
 * _list.c lists over repeated lines, _chunks.c bodies, _path.c paths and
 * queries, _match.c conditions, _range.c ranges, _parts.c multipart/byteranges.
 */
#ifndef WF_REQUEST_H
#define WF_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cur;

#define REQUEST_HEAD_MAX ((size_t)8 << 10) /* bytes with the empty line: 431 */
#define REQUEST_TARGET_MAX ((size_t)4 << 10) /* bytes: 414 */
#define REQUEST_LINES_MAX 64 /* header lines: 431 */
#define REQUEST_HOST_MAX 255 /* bytes of a Host, with its port */
#define REQUEST_EXTENSIONS_MAX 1024 /* bytes of all extensions of chunks */
#define REQUEST_TRAILERS_MAX 4096 /* bytes of all trailers: dropped */
#define REQUEST_SPANS_MAX 32 /* ranges of one request */

/* Bytes of somebody else's: no NUL behind them, and any byte in them. */
struct slice {
	const char *p; /* borrowed */
	size_t n;
};
#define SLICE(s) ((struct slice){(s), sizeof(s) - 1}) /* of a literal */

/* A stretch of the head; REQUEST_TEXT() makes a slice of it. */
struct request_at {
	uint16_t off, n;
};

enum request_method {
	REQUEST_GET,
	REQUEST_HEAD,
	REQUEST_POST,
	REQUEST_PUT,
	REQUEST_DELETE,
	REQUEST_OPTIONS,
	REQUEST_TRACE,
	REQUEST_CONNECT,
	REQUEST_PATCH,
	REQUEST_NMETHODS
};

/* Header lines that somebody here asks for; others go by request_other(). */
enum request_name {
	REQUEST_OTHER,
	REQUEST_HOST,
	REQUEST_CONTENT_LENGTH,
	REQUEST_TRANSFER_ENCODING,
	REQUEST_CONNECTION,
	REQUEST_EXPECT,
	REQUEST_RANGE,
	REQUEST_IF_RANGE,
	REQUEST_IF_MATCH,
	REQUEST_IF_NONE_MATCH,
	REQUEST_IF_MODIFIED_SINCE,
	REQUEST_IF_UNMODIFIED_SINCE,
	REQUEST_ACCEPT_ENCODING,
	REQUEST_CONTENT_TYPE,
	REQUEST_USER_AGENT,
	REQUEST_REFERER,
	REQUEST_SOAPACTION,
	REQUEST_NNAMES
};

struct request_header {
	struct request_at name, value; /* value: without blanks around it */
	uint8_t which; /* enum request_name */
};

/* What is wrong with a request.  Constants, for the answer and for the log. */
struct request_fault {
	unsigned status; /* 400, 413, 414, 417, 431, 501, 505 */
	const char
	    *why; /* one sentence, lower case: "a header's name is empty" */
	const char *clause; /* "RFC 9112, 5.1" */
};

/*
 * A head.  Holds no pointer but base: to keep it longer than the bytes, copy
 * these (size of them) and it, and set base.
 */
struct request {
	const char *base; /* borrowed: the bytes last given to request_read() */
	size_t size; /* bytes of the head, with the empty line at its end */

	enum request_method method;
	unsigned minor; /* HTTP/1.minor: 0 or 1 */
	bool persistent; /* the connection may stay after the answer */
	bool expects; /* wants 100 Continue before it sends its body */
	bool chunked; /* the body is; else length bytes */
	bool has_length; /* a Content-Length stood there, maybe 0 */
	uint64_t length; /* 0: no body, unless chunked */
	bool https; /* absolute form with https: what was asked for, not how */
	struct request_at word; /* the method as it stands */
	struct request_at target; /* all of it, as it stands, for the log */
	/* As it stands: "/..." of origin and absolute form (empty in
	   "http://host"), "*" of OPTIONS, empty with CONNECT. */
	struct request_at path;
	struct request_at query; /* behind the question mark; empty: or none */
	/* Host, or what the absolute form or CONNECT says instead of it; empty:
	   HTTP/1.0 without.  Letters, digits, "-._", or an address in brackets;
	   then maybe a colon and a port. */
	struct request_at authority;
	struct request_at host; /* authority without the port */

	unsigned nheaders;
	struct request_header headers[REQUEST_LINES_MAX];
	uint32_t has; /* 1 << enum request_name of all lines that stand there */

	struct request_fault fault; /* after REQUEST_BAD */
	/* Of the reader alone. */
	size_t line, seen; /* where the line begins that is being read; how far
			      it was looked at */
	bool begun; /* the request line was read */
};

enum request_result {
	REQUEST_MORE, /* that is no whole head yet */
	REQUEST_BAD, /* fault says why; it stays so */
	REQUEST_WHOLE, /* size bytes of it are the head; it stays so */
	REQUEST_PIECE /* request_chunks_read(): bytes of the body */
};

/* Before the first byte of each request. */
void request_init(struct request *rq);
/*
 * All bytes that have come since the request began, p[0..n), each time; they
 * may lie elsewhere than before.  What was looked at once is not looked at
 * again.  The result does not depend on how the bytes were cut.  Never more
 * than REQUEST_HEAD_MAX bytes are needed: with those it is BAD or WHOLE.
 * One empty line in front of a request is part of its head (RFC 9112, 2.2).
 *
 * Left to the caller: 405; 400 for a body with GET or HEAD whose length is not
 * 0 or that is chunked; 411; 413 for length.
 */
enum request_result request_read(struct request *rq, const char *p, size_t n);

struct slice request_text(const struct request *rq, struct request_at at);

/*
 * Header lines by name, in their order: begin with *i = 0.  False: no more.
 * request_other() takes any name, in any letter case.
 */
bool request_next(const struct request *rq, enum request_name which,
    unsigned *i, struct slice *value);
bool request_other(const struct request *rq, const char *name, unsigned *i,
    struct slice *value);
/* The only line of that name; false: there is none, or there are several. */
bool request_only(
    const struct request *rq, enum request_name which, struct slice *value);

/*
 * The elements of a list, over all lines of that name as if they were one,
 * RFC 9110, 5.6.1: without blanks around them, empty ones left out, commas in
 * double quotes part of the element.
 */
struct request_list {
	enum request_name which;
	unsigned i;
	struct slice rest;
};
#define REQUEST_LIST(name)                                                     \
	{                                                                      \
		.which = (name)                                                \
	}
bool request_list(
    const struct request *rq, struct request_list *l, struct slice *element);

/* Letter case of ASCII aside. */
bool request_same(struct slice s, const char *word);
/* The same of its beginning, which is cut off then. */
bool request_begins(struct slice *s, const char *word);

const char *request_method_word(enum request_method m); /* "GET" */

/*
 * A chunked body, RFC 9112, 7.1.  Extensions are ignored, trailers dropped,
 * both within their limits.
 */
struct request_chunks {
	uint64_t left; /* of this chunk */
	uint64_t room; /* of the body: more is 413 */
	struct request_fault fault;
	unsigned ndigits, nextension, ntrailer;
	uint8_t state;
};
void request_chunks_init(struct request_chunks *c, uint64_t max);
/*
 * Takes from in what it can.  PIECE: bytes of the body, borrowed from in; ask
 * again.  MORE: in is empty.  WHOLE: the body is over and in stands behind it.
 * BAD: the connection is to be closed after the answer.
 */
enum request_result request_chunks_read(
    struct request_chunks *c, struct cur *in, struct slice *piece);

/*
 * The path, percent-decoded once, repeated slashes folded, dot segments
 * resolved (in this order, so that %2F and %2e are what they stand for).
 * Letter case is kept.  out is ended by a NUL and holds none, no control
 * character, and maybe bytes that are not UTF-8; begins with a slash, or is
 * "*".  0, or the status with a fault (which may be NULL): 400 a malformed
 * escape, NUL or control character, a path that leaves the root.
 */
unsigned request_path(const struct request *rq,
    char out[REQUEST_TARGET_MAX + 1], struct request_fault *f);

/*
 * The value of a key of a query, application/x-www-form-urlencoded (URL
 * Standard): a plus sign is a blank.  nth: from 0, among those of that key.
 * Ended by a NUL in out, which has room for max bytes and it.  1, 0 absent, -1
 * malformed, longer, not UTF-8, or with control characters.
 */
int request_query(
    struct slice query, const char *key, unsigned nth, char *out, size_t max);
/* One pass of percent-decoding, as above; false: malformed, longer. */
bool request_decode(char *out, size_t max, struct slice s, bool plus);

/* The representation asked for. */
struct request_entity {
	const char *etag; /* strong, with its quotes; "": none */
	const char *type; /* Content-Type */
	int64_t modified; /* seconds since 1970; 0: not known */
	uint64_t size; /* bytes, at most INT64_MAX */
};

struct request_span {
	uint64_t off, len; /* len > 0 */
};

struct request_verdict {
	unsigned status; /* 200, 206, 304, 412, 416 */
	/* 206: what to send; one: a plain answer with Content-Range; several:
	   multipart/byteranges. */
	unsigned nspans;
	struct request_span spans[REQUEST_SPANS_MAX];
};

/*
 * Conditions and ranges of a GET or HEAD, RFC 9110, 13.2.2 and 14.2, in the
 * order of precedence.  Ranges of HEAD are ignored, as are malformed ones and
 * more than REQUEST_SPANS_MAX.  Overlapping and adjacent ones become one; the
 * order is that of the request.
 */
void request_judge(struct request_verdict *v, const struct request *rq,
    const struct request_entity *n);

/* Decimal digits, at most 20, no NUL; returns what stands behind them. */
char *request_number(char *p, uint64_t v);
/* "bytes 0-1/10" of span i; with 416 "bytes * /10", and i means nothing. */
#define REQUEST_CONTENT_RANGE_MAX 72 /* with NUL */
void request_content_range(char out[REQUEST_CONTENT_RANGE_MAX],
    const struct request_verdict *v, const struct request_entity *n,
    unsigned i);

/*
 * multipart/byteranges, RFC 9110, 14.6, for nspans > 1.  The boundary is made
 * of the entity's tag; where that is a digest, no file holds its own.
 */
#define REQUEST_BOUNDARY_MAX 64 /* with NUL */
#define REQUEST_PART_MAX 320 /* bytes of a part's head */
struct request_parts {
	char boundary[REQUEST_BOUNDARY_MAX];
	/* "multipart/byteranges; boundary=..." */
	char type[REQUEST_BOUNDARY_MAX + 40];
	uint64_t length; /* Content-Length */
};
void request_parts(struct request_parts *p, const struct request_verdict *v,
    const struct request_entity *n);
/*
 * What goes in front of the bytes of span i; i == nspans: what ends it all.
 * Returns its length.
 */
size_t request_part(char out[REQUEST_PART_MAX], const struct request_parts *p,
    const struct request_verdict *v, const struct request_entity *n,
    unsigned i);

#endif
