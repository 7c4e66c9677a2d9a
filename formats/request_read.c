/* SPDX-License-Identifier: ISC */
/* Heads: lines, as they come in. */
#include <string.h>

#include "formats/request_priv.h"

#define LINE_ENDS "RFC 9112, 2.2"

void
request_init(struct request *rq)
{
	memset(rq, 0, sizeof(*rq));
}

bool
request_refuse(struct request_fault *f, unsigned status, const char *why,
    const char *clause)
{
	*f = (struct request_fault){status, why, clause};
	return false;
}

struct slice
request_text(const struct request *rq, struct request_at at)
{
	return (struct slice){rq->base + at.off, at.n};
}

struct request_at
request_place(const struct request *rq, struct slice s)
{
	return (struct request_at){(uint16_t)(s.p - rq->base), (uint16_t)s.n};
}

/*
 * The line that begins at rq->line, without its end.  All that could end it is
 * looked at before anything in it is: so a head is bad for the same reason
 * however it was cut.
 */
static enum request_result
next_line(struct request *rq, size_t n, struct slice *line)
{
	const char *p = rq->base;
	size_t i = rq->seen;

	i += request_run((struct slice){p + i, n - i}, REQUEST_TEXT);
	rq->seen = i;
	if (i == n || (p[i] == '\r' && i + 1 == n))
		return REQUEST_MORE;
	*line = (struct slice){p + rq->line, i - rq->line};
	if (p[i] == '\r' && p[i + 1] == '\n') {
		rq->line = rq->seen = i + 2;
		return REQUEST_WHOLE;
	}
	if (p[i] == '\n')
		request_refuse(&rq->fault, 400,
		    "a line ends with LF alone, not CR LF", LINE_ENDS);
	else if (p[i] == '\r')
		request_refuse(&rq->fault, 400,
		    "there is a CR that no LF follows", LINE_ENDS);
	else
		request_refuse(&rq->fault, 400, "there is a control character",
		    "RFC 9110, 5.5");
	return REQUEST_BAD;
}

/* True: the request line was read, or the one empty line before it. */
static bool
begin(struct request *rq, struct slice line)
{
	if (line.n == 0 && line.p == rq->base)
		return true;
	rq->begun = true;
	return request_line(rq, line);
}

static enum request_result
result(const struct request *rq)
{
	return rq->fault.status != 0 ? REQUEST_BAD
	    : rq->size > 0	     ? REQUEST_WHOLE
				     : REQUEST_MORE;
}

/* A line without end is refused for what it begins with. */
static enum request_result
cut_short(struct request *rq, size_t n)
{
	if (!rq->begun && n - rq->line > REQUEST_LINE_MAX + 1)
		(void)begin(rq,
		    (struct slice){rq->base + rq->line, REQUEST_LINE_MAX + 1});
	else if (n == REQUEST_HEAD_MAX)
		request_refuse(&rq->fault, 431,
		    "the head is longer than 8192 bytes", "RFC 6585, 5");
	return result(rq);
}

enum request_result
request_read(struct request *rq, const char *p, size_t n)
{
	enum request_result r = result(rq);
	struct slice line;
	size_t end;

	rq->base = p;
	while (r == REQUEST_MORE) {
		end = n < REQUEST_HEAD_MAX ? n : REQUEST_HEAD_MAX;
		if (!rq->begun && end - rq->line > REQUEST_LINE_MAX + 2)
			end = rq->line + REQUEST_LINE_MAX + 2;
		r = next_line(rq, end, &line);
		if (r == REQUEST_MORE)
			return cut_short(rq, end);
		if (r == REQUEST_BAD)
			return r;
		if (rq->begun && line.n == 0) {
			rq->size = rq->line;
			return request_meaning(rq) ? REQUEST_WHOLE
						   : REQUEST_BAD;
		}
		r = (rq->begun ? request_field(rq, line) : begin(rq, line))
		    ? REQUEST_MORE
		    : REQUEST_BAD;
	}
	return r;
}
