/* SPDX-License-Identifier: ISC */
/* The client's pure parts: heads of answers, URLs, pauses. */
#include "lib/net/http_priv.h"
#include "tests/t.h"

#define U HTTP_UNKNOWN
#define N(a) (sizeof(a) / sizeof(*(a)))

/* Line by line, as libcurl hands them out. */
static int
feed(struct http_head *h, struct http_lines *l, const char *text, size_t n,
    struct err *e)
{
	const char *end;
	size_t k;

	memset(h, 0, sizeof(*h));
	memset(l, 0, sizeof(*l));
	for (; n > 0; text += k, n -= k) {
		end = memchr(text, '\n', n);
		k = end == NULL ? n : (size_t)(end - text) + 1;
		if (http_head_line(h, l, text, k, e) == -1)
			return -1;
	}
	return 0;
}

static const char whole[] = "HTTP/1.1 206 Partial Content\r\n"
			    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			    "content-length: 3\r\n"
			    "CONTENT-RANGE: bytes 7-9/10\r\n"
			    "Accept-Ranges: Bytes\r\n"
			    "Content-Type:text/xml; charset=utf-8 \t\r\n"
			    "Content-Encoding:  xpress\r\n"
			    "ETag: W/\"a b\"\r\n"
			    "Last-Modified: Sat, 05 Nov 1994 08:49:37 GMT\r\n"
			    "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"
			    "location: https://w:8531/\r\n"
			    "X-Other: 1\r\n"
			    "\r\n";

T_TEST(a_head_is_read_in_any_letter_case)
{
	struct err e = ERR_INIT;
	struct http_lines l;
	struct http_head h;

	T_CALL(feed(&h, &l, whole, strlen(whole), &e), &e);
	T_OK(l.whole);
	T_EQ(h.status, 206);
	T_EQ(h.date, 784111777);
	T_EQ(h.length, 3);
	T_OK(h.has_range);
	T_EQ(h.from, 7);
	T_EQ(h.to, 9);
	T_EQ(h.total, 10);
	T_OK(h.ranges);
	T_STR(h.type, "text/xml; charset=utf-8");
	T_STR(h.encoding, "xpress");
	T_STR(h.etag, "W/\"a b\"");
	T_STR(h.location, "https://w:8531/");
	T_STR(h.modified, "Sat, 05 Nov 1994 08:49:37 GMT");
	T_EQ(h.retry_after_s, 30);
}

T_TEST(no_truncation_of_a_head_is_whole)
{
	struct err e = ERR_INIT;
	struct http_lines l;
	struct http_head h;
	char *copy;
	size_t n;

	for (n = 0; n < strlen(whole) - 2; n++) {
		copy = malloc(n + 1);
		memcpy(copy, whole, n);
		if (feed(&h, &l, copy, n, &e) == 0)
			T_OK(!l.whole);
		else
			T_EQ(e.kind, E_REMOTE);
		err_clear(&e);
		free(copy);
	}
}

T_TEST(a_field_that_is_not_right_is_as_if_absent)
{
	static const struct {
		const char *field;
		uint64_t length, total;
		bool range;
		unsigned retry_s;
	} rows[] = {
	    {"Content-Length: 0", 0, U, false, 0},
	    {"Content-Length: 9223372036854775807", INT64_MAX, U, false, 0},
	    {"Content-Length: 9223372036854775808", U, U, false, 0},
	    {"Content-Length: -1", U, U, false, 0},
	    {"Content-Length: +1", U, U, false, 0},
	    {"Content-Length: 1 2", U, U, false, 0},
	    {"Content-Length:", U, U, false, 0},
	    {"Content-Length", U, U, false, 0},
	    {"Content-Length : 1", U, U, false, 0},
	    {" Content-Length: 1", U, U, false, 0},
	    {"Content-Range: bytes 0-0/1", U, 1, true, 0},
	    {"Content-Range: bytes 0-0/*", U, U, true, 0},
	    {"Content-Range: bytes */7", U, 7, false, 0},
	    {"Content-Range: bytes */*", U, U, false, 0},
	    {"Content-Range: bytes */0", U, 0, false, 0},
	    {"Content-Range: bytes 0-0/0", U, U, false, 0},
	    {"Content-Range: bytes 0-1/1", U, U, false, 0},
	    {"Content-Range: bytes 2-1/9", U, U, false, 0},
	    {"Content-Range: bytes -1/9", U, U, false, 0},
	    {"Content-Range: bytes 1-/9", U, U, false, 0},
	    {"Content-Range: bytes 1-2", U, U, false, 0},
	    {"Content-Range: bytes 1-2/", U, U, false, 0},
	    {"Content-Range: bits 1-2/9", U, U, false, 0},
	    {"Content-Range: bytes", U, U, false, 0},
	    {"Retry-After: 120", U, U, false, 120},
	    {"Retry-After: -1", U, U, false, 0},
	    {"Retry-After: 1.5", U, U, false, 0},
	    {"Retry-After: 4294967296", U, U, false, 0},
	    {"Retry-After: Sun, 06 Nov 1994 08:50:07 GMT", U, U, false, 0},
	    {"Accept-Ranges: none", U, U, false, 0},
	    {"", U, U, false, 0},
	    {":", U, U, false, 0},
	};
	struct err e = ERR_INIT;
	struct http_lines l;
	struct http_head h;
	char text[256];
	size_t i;
	int n;

	for (i = 0; i < N(rows); i++) {
		n = snprintf(text, sizeof(text), "HTTP/1.0 200\r\n%s\r\n\r\n",
		    rows[i].field);
		T_CALL(feed(&h, &l, text, (size_t)n, &e), &e);
		T_EQ(h.status, 200);
		T_EQ(h.length, rows[i].length);
		T_EQ(h.total, rows[i].total);
		T_EQ(h.has_range, rows[i].range);
		T_EQ(h.retry_after_s, rows[i].retry_s);
		T_OK(!h.ranges);
	}
}

T_TEST(a_value_with_control_characters_or_too_long_is_left_empty)
{
	char text[2 * HTTP_FIELD_MAX];
	struct err e = ERR_INIT;
	struct http_lines l;
	struct http_head h;
	int n;

	n = snprintf(text, sizeof(text),
	    "HTTP/1.1 200 OK\nETag: a\rX: y\r\n"
	    "Content-Type: a\x01%c\r\nLast-Modified: \x7f\r\n\r\n",
	    'b');
	T_CALL(feed(&h, &l, text, (size_t)n, &e), &e);
	T_STR(h.etag, "");
	T_STR(h.type, "");
	T_STR(h.modified, "");
	n = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\nETag: %0*d\n\n",
	    HTTP_FIELD_MAX - 1, 7);
	T_CALL(feed(&h, &l, text, (size_t)n, &e), &e);
	T_EQ(strlen(h.etag), HTTP_FIELD_MAX - 1);
	n = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\nETag: %0*d\n\n",
	    HTTP_FIELD_MAX, 7);
	T_CALL(feed(&h, &l, text, (size_t)n, &e), &e);
	T_STR(h.etag, "");
}

T_TEST(a_head_that_cannot_be_is_refused)
{
	static const char same[] = "HTTP/1.1 200\nContent-Length: 1\n"
				   "Content-Length: 1\n\n";
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"HTTP/1.1\r\n", "no status"},
	    {"HTTP/1.1 \r\n", "no status"},
	    {"HTTP/1.1 20\r\n", "no status"},
	    {"HTTP/1.1 099 x\r\n", "no status"},
	    {"HTTP/1.1 2000 OK\r\n", "no status"},
	    {"HTTP/1.1 -20 OK\r\n", "no status"},
	    {"HTTP/1.1 OK 200\r\n", "no status"},
	    {"HTTP/1.1 200\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
		"two lengths"},
	};
	struct err e = ERR_INIT;
	struct http_lines l;
	struct http_head h;
	size_t i;

	for (i = 0; i < N(rows); i++)
		T_FAILS(feed(&h, &l, rows[i].text, strlen(rows[i].text), &e),
		    &e, E_REMOTE, rows[i].says);
	T_CALL(feed(&h, &l, same, strlen(same), &e), &e);
	T_EQ(h.length, 1);
}

T_TEST(heads_have_a_size)
{
	static char line[HTTP_HEAD_BYTES_MAX];
	struct http_lines l = {0};
	struct http_head h = {0};
	struct err e = ERR_INIT;

	memset(line, 'x', sizeof(line));
	T_CALL(http_head_line(&h, &l, line, sizeof(line), &e), &e);
	T_FAILS(http_head_line(&h, &l, line, 1, &e), &e, E_LIMIT, "65536");
}

T_TEST(a_url_says_where_its_server_is)
{
	static const struct {
		const char *url, *origin, *host;
	} rows[] = {
	    {"http://WSUS:8530/a", "http://wsus:8530", "wsus"},
	    {"HTTP://h", "http://h", "h"},
	    {"http://h:80/", "http://h", "h"},
	    {"https://h:443?x", "https://h", "h"},
	    {"https://h:80", "https://h:80", "h"},
	    {"http://h:443#x", "http://h:443", "h"},
	    {"http://[::1]:8530/", "http://[::1]:8530", "::1"},
	    {"http://[FE80::1]", "http://[fe80::1]", "fe80::1"},
	    {"http://10.0.0.1/a@b:c", "http://10.0.0.1", "10.0.0.1"},
	    {"http://a_b-c.d/", "http://a_b-c.d", "a_b-c.d"},
	    {"ftp://h/", NULL, NULL},
	    {"http:/h/", NULL, NULL},
	    {"http:///h", NULL, NULL},
	    {"http://u@h/", NULL, NULL},
	    {"http://u:p@h/", NULL, NULL},
	    {"http://h:/", NULL, NULL},
	    {"http://h:0/", NULL, NULL},
	    {"http://h:65536/", NULL, NULL},
	    {"http://h:8x/", NULL, NULL},
	    {"http://[::1/", NULL, NULL},
	    {"http://[::1]x/", NULL, NULL},
	    {"http://[]/", NULL, NULL},
	    {"http://a%2fb/", NULL, NULL},
	    {"http://a b/", NULL, NULL},
	    {"http://h/\n", NULL, NULL},
	    {"http://h/\x7f", NULL, NULL},
	    {"http://h/\xc3\xa9", NULL, NULL},
	    {"http://evil\\@good/", NULL, NULL},
	    {"http://evil\\/", NULL, NULL},
	    {"", NULL, NULL},
	};
	char to[64];
	size_t i;

	for (i = 0; i < N(rows); i++) {
		T_EQ(http_origin(rows[i].url, to, sizeof(to)),
		    rows[i].origin != NULL);
		if (rows[i].origin != NULL)
			T_STR(to, rows[i].origin);
		T_EQ(http_host(rows[i].url, to, sizeof(to)),
		    rows[i].host != NULL);
		if (rows[i].host != NULL)
			T_STR(to, rows[i].host);
	}
	T_OK(http_origin("http://abc:1/", to, 13));
	T_OK(!http_origin("http://abc:1/", to, 12));
	T_OK(http_host("http://abc:1/", to, 4));
	T_OK(!http_host("http://abc:1/", to, 3));
}

T_TEST(a_pause_is_random_grows_and_ends)
{
	uint64_t ms, most = 0;
	unsigned i;

	for (i = 0; i < 2000; i++) {
		T_OK(http_pause_ms(2, 100, 0) <= 100);
		T_OK(http_pause_ms(4, 100, 0) <= 400);
		T_OK(http_pause_ms(99, 1000, 0) <= HTTP_WAIT_MAX_MS);
		T_EQ(http_pause_ms(2, 0, 0), 0);
		T_EQ(http_pause_ms(2, 100, 7), 7000);
		ms = http_pause_ms(3, 100, 0);
		most = ms > most ? ms : most;
	}
	T_OK(most > 150 && most <= 200);
}

T_MAIN
