/* SPDX-License-Identifier: ISC */
/* Heads of requests: in pieces, damaged, too long. */
#include "formats/request_priv.h"
#include "tests/request_heads.h"
#include "tests/t.h"

/* Both results, and all that was read, are the same. */
static bool
alike(const struct request *a, enum request_result ra, const struct request *b,
    enum request_result rb)
{
	return ra == rb && a->fault.status == b->fault.status &&
	    a->fault.why == b->fault.why && a->size == b->size &&
	    a->nheaders == b->nheaders && a->has == b->has &&
	    a->length == b->length && a->path.off == b->path.off &&
	    a->path.n == b->path.n && a->query.n == b->query.n &&
	    a->authority.off == b->authority.off &&
	    memcmp(a->headers, b->headers,
		a->nheaders * sizeof(a->headers[0])) == 0;
}

/*
 * In two pieces, each of which lies in memory of its own length; then byte for
 * byte.  A piece that is refused stays refused whatever follows.
 */
static void
try_splits(const char *head, size_t n)
{
	struct request whole, rq;
	enum request_result want = heads_read(&whole, head, n), r;
	size_t cut;

	for (cut = 0; cut <= n; cut++) {
		char *piece = malloc(cut + 1);

		memcpy(piece, head, cut);
		r = heads_read(&rq, piece, cut);
		T_OK(r == REQUEST_MORE || r == want);
		T_OK(cut == n || r != REQUEST_WHOLE || rq.size <= cut);
		r = request_read(&rq, head, n);
		if (!alike(&rq, r, &whole, want))
			t_fail(
			    __FILE__, __LINE__, "'%s' cut at %zu", head, cut);
		free(piece);
	}
	request_init(&rq);
	for (cut = 0, r = REQUEST_MORE; cut <= n; cut++)
		r = request_read(&rq, head, cut);
	if (!alike(&rq, r, &whole, want))
		t_fail(__FILE__, __LINE__, "'%s' byte for byte", head);
}

T_TEST(however_it_is_cut_a_head_is_the_same)
{
	size_t i;

	try_splits(heads_native, strlen(heads_native));
	for (i = 0; heads_good[i].head != NULL; i++)
		try_splits(heads_good[i].head, strlen(heads_good[i].head));
	for (i = 0; heads_bad[i].head != NULL; i++)
		try_splits(heads_bad[i].head, strlen(heads_bad[i].head));
}

T_TEST(a_head_that_is_cut_short_is_not_whole)
{
	struct request rq;
	size_t n;

	for (n = 0; n < strlen(heads_native); n++)
		T_EQ(heads_read(&rq, heads_native, n), REQUEST_MORE);
	T_EQ(heads_read(&rq, heads_native, n), REQUEST_WHOLE);
}

/* What follows is not looked at. */
T_TEST(the_next_request_begins_behind_the_head)
{
	static const char two[] = GET END "\0\n\r: x";
	struct request rq;

	T_EQ(heads_read(&rq, two, sizeof(two) - 1), REQUEST_WHOLE);
	T_EQ(rq.size, sizeof(GET END) - 1);
}

/* A damaged byte is refused or means something; it is never out of bounds. */
T_TEST(a_damaged_byte_never_leaves_the_head)
{
	char head[512];
	struct request rq;
	size_t k, n = strlen(heads_native);
	unsigned i, v;

	for (k = 0; k < n; k++)
		for (v = 0; v < 256; v++) {
			memcpy(head, heads_native, n);
			head[k] = (char)v;
			if (heads_read(&rq, head, n) != REQUEST_WHOLE)
				continue;
			T_OK(rq.size <= n);
			for (i = 0; i < rq.nheaders; i++)
				T_OK(rq.headers[i].value.off +
					rq.headers[i].value.n <
				    rq.size);
		}
}

/* n bytes of 'a' between two texts. */
static size_t
stuff(char *to, const char *before, size_t n, const char *after)
{
	size_t b = strlen(before), a = strlen(after);

	memcpy(to, before, b);
	memset(to + b, 'a', n);
	memcpy(to + b + n, after, a);
	return b + n + a;
}

T_TEST(a_head_has_its_limits)
{
	static const char rest[] = " HTTP/1.1\r\nHost: a\r\n\r\n";
	static char b[3 * REQUEST_HEAD_MAX];
	struct request rq;
	size_t n, k;

	n = stuff(b, "GET /", REQUEST_TARGET_MAX - 1, rest);
	T_EQ(heads_read(&rq, b, n), REQUEST_WHOLE);
	n = stuff(b, "GET /", REQUEST_TARGET_MAX, rest);
	T_EQ(heads_read(&rq, b, n), REQUEST_BAD);
	T_EQ(rq.fault.status, 414);
	n = stuff(b, "GET /", 2 * REQUEST_HEAD_MAX, "");
	T_EQ(heads_read(&rq, b, n), REQUEST_BAD);
	T_EQ(rq.fault.status, 414);
	n = stuff(b, "GET / HTTP/1.1", 2 * REQUEST_HEAD_MAX, "");
	T_EQ(heads_read(&rq, b, n), REQUEST_BAD);
	T_EQ(rq.fault.status, 400);
	n = stuff(b, "", 2 * REQUEST_HEAD_MAX, "");
	T_EQ(heads_read(&rq, b, n), REQUEST_BAD);
	T_EQ(rq.fault.status, 501);
	k = REQUEST_HEAD_MAX - strlen(GET "X: \r\n\r\n");
	n = stuff(b, GET "X: ", k, "\r\n\r\n");
	T_EQ(n, REQUEST_HEAD_MAX);
	T_EQ(heads_read(&rq, b, n), REQUEST_WHOLE);
	T_EQ(heads_read(&rq, b, n - 1), REQUEST_MORE);
	n = stuff(b, GET "X: ", k + 1, "\r\n\r\n");
	T_EQ(heads_read(&rq, b, n), REQUEST_BAD);
	T_EQ(rq.fault.status, 431);
	T_EQ(heads_read(&rq, b, REQUEST_HEAD_MAX), REQUEST_BAD);
	T_EQ(rq.fault.status, 431);
}

T_TEST(a_long_line_is_the_same_however_it_is_cut)
{
	static char b[2 * REQUEST_HEAD_MAX];
	size_t longest = REQUEST_LINE_MAX, k, n, cut;
	struct request whole, rq;
	enum request_result want, r;

	for (k = longest - 60; k < longest + 4; k++) {
		n = stuff(b, "OPTIONS /", k - strlen("OPTIONS / HTTP/1.1"),
		    " HTTP/1.1\r\n" HOST END);
		want = heads_read(&whole, b, n);
		for (cut = k - 40; cut < n; cut++) {
			(void)heads_read(&rq, b, cut);
			r = request_read(&rq, b, n);
			T_OK(alike(&rq, r, &whole, want));
		}
	}
}

T_TEST(header_lines_are_counted)
{
	char b[1024] = "GET / HTTP/1.0\r\n";
	struct request rq;
	size_t n = strlen(b);
	unsigned i;

	for (i = 0; i < REQUEST_LINES_MAX; i++, n += 5)
		memcpy(b + n, "A: b\r\n", 7), n++;
	memcpy(b + n, "\r\n", 2);
	T_EQ(heads_read(&rq, b, n + 2), REQUEST_WHOLE);
	T_EQ(rq.nheaders, REQUEST_LINES_MAX);
	memcpy(b + n, "A: b\r\n\r\n", 8);
	T_EQ(heads_read(&rq, b, n + 8), REQUEST_BAD);
	T_EQ(rq.fault.status, 431);
	n = REQUEST_HOST_MAX;
	i = (unsigned)stuff(b, "GET / HTTP/1.1\r\nHost: ", n, "\r\n\r\n");
	T_EQ(heads_read(&rq, b, i), REQUEST_WHOLE);
	i = (unsigned)stuff(b, "GET / HTTP/1.1\r\nHost: ", n + 1, "\r\n\r\n");
	T_EQ(heads_read(&rq, b, i), REQUEST_BAD);
	T_STR(rq.fault.clause, "RFC 9112, 3.2");
}

/* What was looked at once may be gone: nothing looks for it again. */
T_TEST(a_head_that_drips_costs_no_more)
{
	static const char before[] = GET "X: ";
	static char b[REQUEST_HEAD_MAX];
	struct request rq;
	size_t n, begin = sizeof(before) - 1;

	stuff(b, before, sizeof(b) - begin, "");
	request_init(&rq);
	for (n = 0; n < sizeof(b); n++) {
		T_EQ(request_read(&rq, b, n), REQUEST_MORE);
		if (n > begin)
			b[n - 1] = '\0';
	}
	T_EQ(request_read(&rq, b, n), REQUEST_BAD);
	T_EQ(rq.fault.status, 431);
}

T_MAIN
