/* SPDX-License-Identifier: ISC */
/* Request lines, RFC 9112, 3: a method, a target, a version. */
#include <string.h>
#include <strings.h>

#include "formats/request_priv.h"
#include "lib/base/enc.h"

#define FORM "RFC 9112, 3"
#define TARGET "RFC 9112, 3.2"

static const char *const words[REQUEST_NMETHODS] = {"GET", "HEAD", "POST",
    "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"};

const char *
request_method_word(enum request_method m)
{
	return words[m];
}

static bool
refuse(struct request *rq, const char *why, const char *clause)
{
	return request_refuse(&rq->fault, 400, why, clause);
}

static struct slice
behind(struct slice s, size_t n)
{
	return (struct slice){s.p + n, s.n - n};
}

bool
request_authority(struct slice s, size_t *name)
{
	const char *end;
	uint64_t port;
	size_t n;

	if (s.n > REQUEST_HOST_MAX)
		return false;
	if (s.n > 0 && s.p[0] == '[') {
		if ((end = memchr(s.p, ']', s.n)) == NULL)
			return false;
		n = (size_t)(end - s.p);
		if (n < 3 ||
		    request_run(behind(s, 1), REQUEST_IN_ADDRESS) != n - 1)
			return false;
		n++;
	} else if ((n = request_run(s, REQUEST_IN_NAME)) == 0) {
		return false;
	}
	*name = n;
	return n == s.n ||
	    (s.p[n] == ':' &&
		num_read(&port, s.p + n + 1, s.n - n - 1, 0, UINT16_MAX));
}

static bool
set_authority(struct request *rq, struct slice s)
{
	size_t name;

	if (!request_authority(s, &name))
		return refuse(rq, "the target's host is none", TARGET);
	rq->authority = request_place(rq, s);
	rq->host = rq->authority;
	rq->host.n = (uint16_t)name;
	return true;
}

/* "/path?query"; after an authority it may be empty. */
static bool
read_path(struct request *rq, struct slice s)
{
	size_t n = request_run(s, REQUEST_IN_PATH);

	rq->path = request_place(rq, (struct slice){s.p, n});
	s = behind(s, n);
	if (s.n > 0 && s.p[0] == '?') {
		s = behind(s, 1);
		n = request_run(s, REQUEST_IN_QUERY);
		rq->query = request_place(rq, (struct slice){s.p, n});
		s = behind(s, n);
	}
	if (s.n > 0 && s.p[0] == '#')
		return refuse(rq, "the target has a fragment", TARGET);
	if (s.n > 0)
		return refuse(
		    rq, "the target holds what is to be escaped", TARGET);
	return true;
}

/* RFC 9112, 3.2.2 and RFC 9110, 4.2. */
static bool
read_absolute(struct request *rq, struct slice s)
{
	size_t n;

	rq->https = request_begins(&s, "https://");
	if (!rq->https && !request_begins(&s, "http://"))
		return refuse(rq,
		    "the target is no path, and no URL of http or https",
		    TARGET);
	for (n = 0; n < s.n && strchr("/?#", s.p[n]) == NULL; n++)
		;
	return set_authority(rq, (struct slice){s.p, n}) &&
	    read_path(rq, behind(s, n));
}

static bool
read_target(struct request *rq, struct slice s)
{
	rq->target = request_place(rq, s);
	if (s.n == 0)
		return refuse(rq, "there is no target", FORM);
	if (rq->method == REQUEST_CONNECT)
		return set_authority(rq, s);
	if (s.p[0] == '/')
		return read_path(rq, s);
	if (s.n == 1 && s.p[0] == '*' && rq->method == REQUEST_OPTIONS) {
		rq->path = rq->target;
		return true;
	}
	return read_absolute(rq, s);
}

/* Of 1.2 and on it is 1.1 that we speak: RFC 9110, 2.5. */
static bool
read_version(struct request *rq, struct slice s)
{
	if (s.n != 8 || memcmp(s.p, "HTTP/", 5) != 0 || s.p[5] < '0' ||
	    s.p[5] > '9' || s.p[6] != '.' || s.p[7] < '0' || s.p[7] > '9')
		return refuse(rq,
		    "the target is not followed by one space and HTTP/1.1",
		    "RFC 9112, 2.3");
	if (s.p[5] != '1')
		return request_refuse(&rq->fault, 505,
		    "this is not HTTP/1.1 or HTTP/1.0", "RFC 9110, 15.6.6");
	rq->minor = s.p[7] != '0';
	return true;
}

static bool
read_method(struct request *rq, struct slice s)
{
	unsigned m;

	rq->word = request_place(rq, s);
	for (m = 0; m < REQUEST_NMETHODS; m++)
		if (strlen(words[m]) == s.n && memcmp(words[m], s.p, s.n) == 0)
			break;
	rq->method = (enum request_method)m;
	return m < REQUEST_NMETHODS ||
	    request_refuse(
		&rq->fault, 501, "there is no such method", "RFC 9110, 15.6.2");
}

bool
request_line(struct request *rq, struct slice line)
{
	size_t n = request_run(line, REQUEST_TOKEN);
	struct slice word = {line.p, n}, target;
	const char *end;

	if (n > REQUEST_WORD_MAX)
		return request_refuse(
		    &rq->fault, 501, "the method is longer than any", FORM);
	if (n == 0 || n == line.n || line.p[n] != ' ')
		return refuse(rq,
		    "the first line is no method, a space and a target", FORM);
	line = behind(line, n + 1);
	end = memchr(line.p, ' ', line.n);
	n = end != NULL ? (size_t)(end - line.p) : line.n;
	target = (struct slice){line.p, n};
	if (n > REQUEST_TARGET_MAX)
		return request_refuse(&rq->fault, 414,
		    "the target is longer than 4096 bytes", FORM);
	if (end == NULL)
		return refuse(rq, "there is no version behind the target",
		    "RFC 9112, 2.3");
	return read_version(rq, behind(line, n + 1)) && read_method(rq, word) &&
	    read_target(rq, target);
}
