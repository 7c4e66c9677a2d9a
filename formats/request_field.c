/* SPDX-License-Identifier: ISC */
/* Header lines, and what they say of the connection and of the body. */
#include <string.h>

#include "formats/request_priv.h"
#include "lib/base/enc.h"

#define NAME "RFC 9112, 5.1"
#define BODY "RFC 9112, 6.1"

static const struct {
	const char *word;
	size_t n;
} names[REQUEST_NNAMES] = {
#define ROW(which, word) [which] = {word, sizeof(word) - 1}
    ROW(REQUEST_HOST, "host"),
    ROW(REQUEST_CONTENT_LENGTH, "content-length"),
    ROW(REQUEST_TRANSFER_ENCODING, "transfer-encoding"),
    ROW(REQUEST_CONNECTION, "connection"),
    ROW(REQUEST_EXPECT, "expect"),
    ROW(REQUEST_RANGE, "range"),
    ROW(REQUEST_IF_RANGE, "if-range"),
    ROW(REQUEST_IF_MATCH, "if-match"),
    ROW(REQUEST_IF_NONE_MATCH, "if-none-match"),
    ROW(REQUEST_IF_MODIFIED_SINCE, "if-modified-since"),
    ROW(REQUEST_IF_UNMODIFIED_SINCE, "if-unmodified-since"),
    ROW(REQUEST_ACCEPT_ENCODING, "accept-encoding"),
    ROW(REQUEST_CONTENT_TYPE, "content-type"),
    ROW(REQUEST_USER_AGENT, "user-agent"),
    ROW(REQUEST_REFERER, "referer"),
    ROW(REQUEST_SOAPACTION, "soapaction"),
#undef ROW
};

static bool
refuse(struct request *rq, const char *why, const char *clause)
{
	return request_refuse(&rq->fault, 400, why, clause);
}

static enum request_name
find_name(struct slice s)
{
	unsigned i;

	for (i = REQUEST_OTHER + 1; i < REQUEST_NNAMES; i++)
		if (names[i].n == s.n && request_same(s, names[i].word))
			return (enum request_name)i;
	return REQUEST_OTHER;
}

bool
request_field(struct request *rq, struct slice line)
{
	size_t n = request_run(line, REQUEST_TOKEN);
	struct request_header *h;
	struct slice value;

	if (line.p[0] == ' ' || line.p[0] == '\t')
		return refuse(rq, "a header line begins with a blank",
		    rq->nheaders == 0 ? "RFC 9112, 2.2" : "RFC 9112, 5.2");
	if (line.p[0] == ':')
		return refuse(rq, "a header's name is empty", NAME);
	if (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		return refuse(rq, "a blank follows the name of a header", NAME);
	if (n == line.n)
		return refuse(rq, "a header line has no colon", NAME);
	if (line.p[n] != ':')
		return refuse(rq, "a header's name is no token", NAME);
	if (rq->nheaders == REQUEST_LINES_MAX)
		return request_refuse(&rq->fault, 431,
		    "there are more than 64 header lines", "RFC 6585, 5");
	h = &rq->headers[rq->nheaders++];
	value = request_trim((struct slice){line.p + n + 1, line.n - n - 1});
	h->name = request_place(rq, (struct slice){line.p, n});
	h->value = request_place(rq, value);
	h->which = (uint8_t)find_name((struct slice){line.p, n});
	rq->has |= 1U << h->which;
	return true;
}

/* RFC 9112, 3.2: what stands in the target goes first, but Host must be good
   all the same. */
static bool
read_host(struct request *rq)
{
	static const char clause[] = "RFC 9112, 3.2";
	struct slice s;
	size_t name;

	if (!request_has(rq, REQUEST_HOST))
		return rq->minor == 0 || refuse(rq, "there is no Host", clause);
	if (!request_only(rq, REQUEST_HOST, &s))
		return refuse(rq, "there are several Host lines", clause);
	if (!request_authority(s, &name))
		return refuse(rq, "the Host is no name or address", clause);
	if (rq->authority.n == 0) {
		rq->authority = rq->host = request_place(rq, s);
		rq->host.n = (uint16_t)name;
	}
	return true;
}

/* A body may be chunked, and nothing else. */
static bool
read_coding(struct request *rq)
{
	struct request_list l = REQUEST_LIST(REQUEST_TRANSFER_ENCODING);
	unsigned n = 0, nchunked = 0;
	struct slice s = {"", 0}, only;

	if (request_has(rq, REQUEST_CONTENT_LENGTH))
		return refuse(
		    rq, "Transfer-Encoding stands beside Content-Length", BODY);
	if (rq->minor == 0)
		return refuse(rq, "Transfer-Encoding stands in HTTP/1.0", BODY);
	if (request_only(rq, REQUEST_TRANSFER_ENCODING, &only) &&
	    request_same(only, "chunked")) {
		rq->chunked = true;
		return true;
	}
	while (request_list(rq, &l, &s)) {
		n++;
		nchunked += request_same(s, "chunked");
		if (request_run(s, REQUEST_TOKEN) != s.n)
			return refuse(
			    rq, "a transfer coding is no token", "RFC 9112, 7");
	}
	if (n < 2 || nchunked != 1 || !request_same(s, "chunked"))
		return refuse(
		    rq, "Transfer-Encoding does not end in one chunked", BODY);
	return request_refuse(
	    &rq->fault, 501, "a transfer coding is not known here", BODY);
}

static bool
read_length(struct request *rq)
{
	static const char clause[] = "RFC 9110, 8.6";
	struct slice s;

	if (!request_only(rq, REQUEST_CONTENT_LENGTH, &s))
		return refuse(
		    rq, "there are several Content-Length lines", clause);
	if (!num_read(&rq->length, s.p, s.n, 0, INT64_MAX))
		return refuse(rq, "Content-Length is no number", clause);
	rq->has_length = true;
	return true;
}

static void
read_connection(struct request *rq)
{
	struct request_list l = REQUEST_LIST(REQUEST_CONNECTION);
	bool close = false, keep = rq->minor > 0;
	struct slice s;

	while (request_list(rq, &l, &s)) {
		close |= request_same(s, "close");
		keep |= request_same(s, "keep-alive");
	}
	rq->persistent = keep && !close;
}

/* HTTP/1.0 knows no such thing: RFC 9110, 10.1.1. */
static bool
read_expect(struct request *rq)
{
	struct request_list l = REQUEST_LIST(REQUEST_EXPECT);
	struct slice s;

	while (rq->minor > 0 && request_list(rq, &l, &s)) {
		if (!request_same(s, "100-continue"))
			return request_refuse(&rq->fault, 417,
			    "something else than 100-continue is expected",
			    "RFC 9110, 10.1.1");
		rq->expects = true;
	}
	return true;
}

bool
request_meaning(struct request *rq)
{
	if (!read_host(rq))
		return false;
	if (request_has(rq, REQUEST_TRANSFER_ENCODING) && !read_coding(rq))
		return false;
	if (request_has(rq, REQUEST_CONTENT_LENGTH) && !read_length(rq))
		return false;
	read_connection(rq);
	return !request_has(rq, REQUEST_EXPECT) || read_expect(rq);
}
