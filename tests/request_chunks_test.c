/* SPDX-License-Identifier: ISC */
/* Chunked bodies. */
#include "formats/request.h"
#include "lib/base/cur.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define MAX 64 /* bytes of a body */

struct body {
	char p[MAX + 1];
	size_t n;
	size_t used; /* of the bytes that were given */
	struct request_chunks c;
};

/* In pieces of the lengths first and then step; a piece lies in memory of its
   own length. */
static enum request_result
take(struct body *b, const char *p, size_t n, size_t first, size_t step)
{
	enum request_result r = REQUEST_MORE;
	struct slice got;
	struct cur in;
	size_t k = first;
	char *piece;

	*b = (struct body){.n = 0};
	request_chunks_init(&b->c, MAX);
	for (; r == REQUEST_MORE && b->used < n; k = step) {
		k = k < n - b->used ? k : n - b->used;
		piece = malloc(k + 1);
		memcpy(piece, p + b->used, k);
		cur_init(&in, piece, k);
		while ((r = request_chunks_read(&b->c, &in, &got)) ==
		    REQUEST_PIECE) {
			T_OK(got.n > 0 && got.n <= MAX - b->n);
			memcpy(b->p + b->n, got.p, got.n);
			b->n += got.n;
		}
		T_OK(r != REQUEST_MORE || cur_left(&in) == 0);
		b->used += cur_off(&in);
		free(piece);
	}
	return r;
}

static const struct {
	const char *bytes, *body;
	const char *rest; /* of the bytes, behind the body */
} good[] = {
    {"0\r\n\r\n", "", ""},
    {"0\r\n\r\nGET / HTTP/1.1\r\n", "", "GET / HTTP/1.1\r\n"},
    {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"5\r\nhello\r\n6\r\n, you.\r\n0\r\n\r\nx", "hello, you.", "x"},
    {"b\r\nhello, you.\r\n0\r\n\r\n", "hello, you.", ""},
    {"0B\r\nhello, you.\r\n000\r\n\r\n", "hello, you.", ""},
    {"000000000000000b\r\nhello, you.\r\n0\r\n\r\n", "hello, you.", ""},
    {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""},
    {"2;a\r\nhi\r\n0;b=\"c;\xff\"\r\n\r\n", "hi", ""},
    {"2 \t;a=b\r\nhi\r\n0\r\n\r\n", "hi", ""},
    {"2;\r\nhi\r\n0\r\n\r\n", "hi", ""},
    {"2\r\nhi\r\n0\r\nX: y\r\nA:\r\n\r\nz", "hi", "z"},
    {"40\r\n0123456789012345678901234567890123456789012345678901234567890123"
     "\r\n0\r\n\r\n",
	"0123456789012345678901234567890123456789012345678901234567890123", ""},
};

static const struct {
	const char *bytes;
	unsigned status;
} bad[] = {
    {"\r\n", 400},
    {"\r\n0\r\n\r\n", 400},
    {";a\r\n", 400},
    {" 2\r\nhi\r\n", 400},
    {"2 \r\nhi\r\n", 400},
    {"2 3;a\r\n", 400},
    {"+2\r\nhi\r\n", 400},
    {"-2\r\n", 400},
    {"0x2\r\nhi\r\n", 400},
    {"g\r\n", 400},
    {"2g\r\n", 400},
    {"2\nhi\r\n", 400},
    {"2\rhi\r\n", 400},
    {"2;a\nhi\r\n", 400},
    {"2;a\rb\r\n", 400},
    {"2;\x01\r\n", 400},
    {"2\r\nhi\n0\r\n\r\n", 400},
    {"2\r\nhi0\r\n\r\n", 400},
    {"2\r\nhi!\r\n0\r\n\r\n", 400},
    {"2\r\nhi\r0\r\n\r\n", 400},
    {"00000000000000002\r\nhi\r\n0\r\n\r\n", 400},
    {"41\r\n", 413},
    {"ffffffffffffffff\r\n", 413},
    {"10000000000000000\r\n", 400},
    {"2\r\nhi\r\n3f\r\n", 413},
    {"2\r\nhi\r\n\r\n", 400},
    {"2\r\nhi\r\n;a\r\n", 400},
    {"0\r\n\n", 400},
    {"0\r\n: x\r\n\r\n", 400},
    {"0\r\nx\r\n\r\n", 400},
    {"0\r\nx : y\r\n\r\n", 400},
    {"0\r\n x: y\r\n\r\n", 400},
    {"0\r\nx: y\n\r\n", 400},
    {"0\r\nx: \x01\r\n\r\n", 400},
    {"0\r\nx: y\rz\r\n\r\n", 400},
    {"0\r\n\rx", 400},
};

T_TEST(a_chunked_body_is_the_same_however_it_is_cut)
{
	struct body b;
	size_t i, cut;

	for (i = 0; i < N(good); i++) {
		size_t n = strlen(good[i].bytes);

		for (cut = 0; cut <= n; cut++) {
			T_EQ(take(&b, good[i].bytes, n, cut, n), REQUEST_WHOLE);
			T_STR(b.p, good[i].body);
			T_STR(good[i].bytes + b.used, good[i].rest);
		}
		T_EQ(take(&b, good[i].bytes, n, 1, 1), REQUEST_WHOLE);
		T_STR(b.p, good[i].body);
	}
}

T_TEST(a_chunked_body_that_is_cut_short_is_not_over)
{
	struct body b;
	size_t i, n;

	for (i = 0; i < N(good); i++)
		for (n = strlen(good[i].bytes) - strlen(good[i].rest); n-- > 0;)
			T_EQ(take(&b, good[i].bytes, n, n, 1), REQUEST_MORE);
}

T_TEST(chunks_that_are_none_are_refused)
{
	struct request_fault first;
	struct body b;
	size_t i, cut;

	for (i = 0; i < N(bad); i++) {
		size_t n = strlen(bad[i].bytes);

		if (take(&b, bad[i].bytes, n, n, n) != REQUEST_BAD ||
		    b.c.fault.status != bad[i].status)
			t_fail(__FILE__, __LINE__, "'%s': %u, not %u",
			    bad[i].bytes, b.c.fault.status, bad[i].status);
		first = b.c.fault;
		for (cut = 0; cut <= n; cut++) {
			T_EQ(take(&b, bad[i].bytes, n, cut, 1), REQUEST_BAD);
			T_EQ(b.c.fault.status, first.status);
			T_OK(b.c.fault.why == first.why);
		}
	}
}

/* n bytes of fill between two texts. */
static enum request_result
take_filled(struct body *b, const char *before, size_t n, const char *after)
{
	static char text[2 * REQUEST_TRAILERS_MAX];

	T_OK(strlen(before) + n + strlen(after) < sizeof(text));
	memcpy(text, before, strlen(before));
	memset(text + strlen(before), 'a', n);
	memcpy(text + strlen(before) + n, after, strlen(after) + 1);
	return take(b, text, strlen(text), 1000, 1000);
}

T_TEST(what_is_thrown_away_is_bounded)
{
	struct body b;
	size_t most = REQUEST_EXTENSIONS_MAX - 1; /* and their CR */

	T_EQ(take_filled(&b, "0;", most, "\r\n\r\n"), REQUEST_WHOLE);
	T_EQ(take_filled(&b, "0;", most + 1, "\r\n\r\n"), REQUEST_BAD);
	T_EQ(b.c.fault.status, 400);
	/* Of all chunks together. */
	T_EQ(take_filled(&b, "1;a\r\nx\r\n0;", most - 2, "\r\n\r\n"),
	    REQUEST_WHOLE);
	T_EQ(take_filled(&b, "1;a\r\nx\r\n0;", most - 1, "\r\n\r\n"),
	    REQUEST_BAD);
	most = REQUEST_TRAILERS_MAX - strlen("a:\r") - strlen("\r");
	T_EQ(take_filled(&b, "0\r\na:", most, "\r\n\r\n"), REQUEST_WHOLE);
	T_EQ(take_filled(&b, "0\r\na:", most + 1, "\r\n\r\n"), REQUEST_BAD);
	T_EQ(b.c.fault.status, 431);
}

/* Any byte anywhere: within bounds, and never a longer body than that. */
T_TEST(a_damaged_byte_never_leaves_the_body)
{
	char bytes[256];
	struct body b;
	size_t i, k, n;
	unsigned v;

	for (i = 0; i < N(good); i++)
		for (n = strlen(good[i].bytes), k = 0; k < n; k++)
			for (v = 0; v < 256; v++) {
				memcpy(bytes, good[i].bytes, n);
				bytes[k] = (char)v;
				(void)take(&b, bytes, n, n, 1);
				T_OK(b.n <= MAX && b.used <= n);
			}
}

T_MAIN
