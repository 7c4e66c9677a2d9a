/* SPDX-License-Identifier: ISC */
/*
 * Byte 0 says where to cut, the rest is what a client sends: a head, and what
 * follows it as a chunked body.  What is read does not depend on the cut, lies
 * within the bytes, and what would be sent lies within the file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/request.h"
#include "lib/base/cur.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define BODY_MAX 1000

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static void
check_text(const struct request *rq, struct request_at at)
{
	struct slice s = request_text(rq, at);

	need(at.off + (size_t)at.n <= rq->size);
	need(s.n == 0 || memchr(s.p, '\0', s.n) == NULL);
	need(s.n == 0 || memchr(s.p, '\n', s.n) == NULL);
}

static void
check_lists(const struct request *rq)
{
	unsigned which, i, n = 0;
	struct slice s;

	for (i = 0; i < rq->nheaders; i++) {
		check_text(rq, rq->headers[i].name);
		check_text(rq, rq->headers[i].value);
	}
	for (which = REQUEST_OTHER; which < REQUEST_NNAMES; which++) {
		struct request_list l = REQUEST_LIST((enum request_name)which);

		for (i = 0; request_next(rq, l.which, &i, &s);)
			n++;
		while (request_list(rq, &l, &s))
			need(s.n > 0 && s.p >= rq->base &&
			    s.p + s.n <= rq->base + rq->size);
	}
	need(n == rq->nheaders);
}

static void
check_path(const struct request *rq)
{
	char path[REQUEST_TARGET_MAX + 1], value[21];
	int r;

	if (request_path(rq, path, NULL) == 0) {
		need(path[0] == '/' || strcmp(path, "*") == 0);
		need(strstr(path, "//") == NULL);
		need(strstr(path, "/../") == NULL);
		need(strstr(path, "/./") == NULL);
	}
	r = request_query(request_text(rq, rq->query), "q", 0, value, 20);
	need(r >= -1 && r <= 1 && strlen(value) <= 20);
	need(r == 1 || value[0] == '\0');
}

static void
check_answer(const struct request *rq, uint64_t size)
{
	const struct request_entity n = {"\"a\"", "t", 784111777, size};
	char head[REQUEST_PART_MAX];
	struct request_verdict v;
	struct request_parts parts;
	uint64_t sum = 0;
	unsigned i;

	request_judge(&v, rq, &n);
	need((v.status == 206) == (v.nspans > 0));
	need(v.nspans <= REQUEST_SPANS_MAX);
	if (v.nspans == 0)
		return;
	for (i = 0; i < v.nspans; i++) {
		need(v.spans[i].off < size && v.spans[i].len > 0);
		need(v.spans[i].len <= size - v.spans[i].off);
		sum += v.spans[i].len;
	}
	need(sum <= size);
	request_parts(&parts, &v, &n);
	for (i = 0; i <= v.nspans; i++)
		sum += request_part(head, &parts, &v, &n, i);
	need(sum == parts.length);
}

/* In pieces of step bytes; *got: of the body. */
static enum request_result
read_body(struct request_chunks *c, const uint8_t *p, size_t n, size_t step,
    size_t *got)
{
	enum request_result r = REQUEST_MORE;
	struct slice piece;
	struct cur in;
	size_t k, i;

	request_chunks_init(c, BODY_MAX);
	*got = 0;
	for (i = 0; i < n && r == REQUEST_MORE; i += k) {
		k = step < n - i ? step : n - i;
		cur_init(&in, p + i, k);
		while ((r = request_chunks_read(c, &in, &piece)) ==
		    REQUEST_PIECE) {
			need(piece.n > 0 && piece.n <= BODY_MAX - *got);
			*got += piece.n;
		}
	}
	return r;
}

static void
check_body(const uint8_t *p, size_t n)
{
	struct request_chunks a, b;
	size_t ka, kb;

	need(read_body(&a, p, n, n, &ka) == read_body(&b, p, n, 1, &kb));
	need(ka == kb && a.fault.why == b.fault.why);
	need(a.room == b.room && a.left == b.left && a.state == b.state);
}

/* In memory of its own length, so that a byte behind it is seen. */
static enum request_result
read_cut(struct request *rq, const char *p, size_t n, size_t cut)
{
	char *piece = malloc(cut + 1);
	enum request_result r;

	need(piece != NULL);
	memcpy(piece, p, cut);
	request_init(rq);
	r = request_read(rq, piece, cut);
	need(r != REQUEST_WHOLE || rq->size <= cut);
	r = request_read(rq, p, n);
	free(piece);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct request rq, cut;
	enum request_result r;
	const char *s;

	if (n < 2)
		return 0;
	s = (const char *)p + 1;
	n--;
	request_init(&rq);
	r = request_read(&rq, s, n);
	need(read_cut(&cut, s, n, p[0] * n / 256) == r);
	need(cut.fault.why == rq.fault.why && cut.size == rq.size);
	need(cut.nheaders == rq.nheaders && cut.length == rq.length);
	need((r == REQUEST_BAD) == (rq.fault.status >= 400));
	if (r != REQUEST_WHOLE) {
		check_body((const uint8_t *)s, n);
		return 0;
	}
	need(rq.size <= n && rq.size <= REQUEST_HEAD_MAX);
	need(!rq.chunked || (!rq.has_length && rq.minor == 1));
	check_text(&rq, rq.target);
	check_text(&rq, rq.authority);
	check_lists(&rq);
	check_path(&rq);
	check_answer(&rq, p[0]);
	check_body((const uint8_t *)s + rq.size, n - rq.size);
	return 0;
}
