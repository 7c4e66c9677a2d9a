/* SPDX-License-Identifier: ISC */
/* Conditions and ranges of requests, and what is sent for them. */
#include "tests/request_heads.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

/* lines: without the CR LF of the last. */
static void
judge(struct request_verdict *v, const char *method, const char *lines,
    const struct request_entity *n)
{
	char head[2048];
	struct request rq;

	snprintf(head, sizeof(head), "%s / HTTP/1.1\r\n" HOST "%s\r\n\r\n",
	    method, lines);
	T_EQ(heads_read(&rq, head, strlen(head)), REQUEST_WHOLE);
	request_judge(v, &rq, n);
}

/* "0+2,5+1" */
static const char *
spans(const struct request_verdict *v)
{
	static char text[1024];
	size_t n = 0;
	unsigned i;

	text[0] = '\0';
	for (i = 0; i < v->nspans && n < sizeof(text) - 50; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s%" PRIu64 "+%" PRIu64, i > 0 ? "," : "", v->spans[i].off,
		    v->spans[i].len);
	return text;
}

static const struct {
	const char *text;
	uint64_t size;
	unsigned status;
	const char *spans;
} ranges[] = {
    {"bytes=0-918943", 918944, 206, "0+918944"},
    {"bytes=918943-", 918944, 206, "918943+1"},
    {"bytes=-1", 918944, 206, "918943+1"},
    {"bytes=-99999999", 918944, 206, "0+918944"},
    {"bytes=0-999999999", 918944, 206, "0+918944"},
    {"bytes=918944-", 918944, 416, ""},
    {"bytes=-0", 918944, 416, ""},
    {"bytes=5-4", 918944, 200, ""},
    {"bytes=0-0,918943-918943", 918944, 206, "0+1,918943+1"},
    {"Bytes=1-2", 10, 206, "1+2"},
    {"bytes= 1-2 ", 10, 206, "1+2"},
    {"bytes=1 -2", 10, 200, ""},
    {"bytes =1-2", 10, 200, ""},
    {"bytes=", 10, 200, ""},
    {"bytes=,", 10, 200, ""},
    {"bytes=-", 10, 200, ""},
    {"bytes=--1", 10, 200, ""},
    {"bytes=+1-2", 10, 200, ""},
    {"bytes=0x1-2", 10, 200, ""},
    {"bytes=1-2x", 10, 200, ""},
    {"bytes=1--2", 10, 200, ""},
    {"bytes=a-b", 10, 200, ""},
    {"bytes=1", 10, 200, ""},
    {"bytes=1-2;3-4", 10, 200, ""},
    {"lines=1-2", 10, 200, ""},
    {"1-2", 10, 200, ""},
    {"", 10, 200, ""},
    {"bytes=0-", 0, 416, ""},
    {"bytes=-5", 0, 416, ""},
    {"bytes=0-18446744073709551615", 10, 206, "0+10"},
    {"bytes=3-18446744073709551616", 10, 206, "3+7"},
    {"bytes=-18446744073709551616", 10, 206, "0+10"},
    {"bytes=99999999999999999999-", 10, 416, ""},
    {"bytes=9223372036854775806-", INT64_MAX, 206, "9223372036854775806+1"},
    {"bytes=9223372036854775807-", INT64_MAX, 416, ""},
    {"bytes=0-99999999999999999999999", INT64_MAX, 206,
	"0+9223372036854775807"},
    /* several */
    {"bytes=0-0,2-2", 10, 206, "0+1,2+1"},
    {"bytes=2-2,0-0", 10, 206, "2+1,0+1"},
    {"bytes=0-0, 2-2 ,\t4-4", 10, 206, "0+1,2+1,4+1"},
    {"bytes=0-0,,2-2,", 10, 206, "0+1,2+1"},
    {"bytes=0-0,1-1", 10, 206, "0+2"},
    {"bytes=1-1,0-0", 10, 206, "0+2"},
    {"bytes=0-5,3-8", 10, 206, "0+9"},
    {"bytes=0-,0-,0-,-10", 10, 206, "0+10"},
    {"bytes=3-4,3-4", 10, 206, "3+2"},
    {"bytes=0-0,9-9,5-5,6-8", 10, 206, "0+1,5+5"},
    {"bytes=8-8,0-0,4-4,1-7", 10, 206, "0+9"},
    {"bytes=4-4,0-0,8-8,5-6", 10, 206, "4+3,0+1,8+1"},
    {"bytes=0-0,10-,20-30", 10, 206, "0+1"},
    {"bytes=10-,20-30,-0", 10, 416, ""},
    {"bytes=0-0,2-1", 10, 200, ""},
    {"bytes=0-0,x", 10, 200, ""},
    {"bytes=x,0-0", 10, 200, ""},
    {"bytes=0-0,bytes=2-2", 10, 200, ""},
    {"bytes=0-1\r\nRange: bytes=2-3", 10, 200, ""},
};

T_TEST(ranges_are_read_and_made_as_few_as_can_be)
{
	struct request_entity n = {"\"a\"", "t", 784111777, 0};
	struct request_verdict v;
	char lines[200];
	size_t i;

	for (i = 0; i < N(ranges); i++) {
		n.size = ranges[i].size;
		snprintf(lines, sizeof(lines), "Range: %s", ranges[i].text);
		judge(&v, "GET", lines, &n);
		if (v.status != ranges[i].status ||
		    strcmp(spans(&v), ranges[i].spans) != 0)
			t_fail(__FILE__, __LINE__,
			    "'%s' of %" PRIu64 ": %u '%s', not %u '%s'",
			    ranges[i].text, ranges[i].size, v.status, spans(&v),
			    ranges[i].status, ranges[i].spans);
		judge(&v, "HEAD", lines, &n);
		T_EQ(v.status, 200);
		T_EQ(v.nspans, 0);
	}
}

T_TEST(more_ranges_than_that_are_the_whole)
{
	static const struct request_entity n = {"\"a\"", "t", 0, 1000};
	char lines[1000] = "Range: bytes=0-0";
	struct request_verdict v;
	unsigned i;

	for (i = 1; i < REQUEST_SPANS_MAX; i++)
		snprintf(lines + strlen(lines), 20, ",%u-%u", 2 * i, 2 * i);
	judge(&v, "GET", lines, &n);
	T_EQ(v.status, 206);
	T_EQ(v.nspans, REQUEST_SPANS_MAX);
	snprintf(lines + strlen(lines), 20, ",1-1");
	judge(&v, "GET", lines, &n);
	T_EQ(v.status, 200);
	T_EQ(v.nspans, 0);
}

/* Against marks on an array: each byte that is asked for, once. */
T_TEST(spans_hold_what_was_asked_for_and_do_not_touch)
{
	struct request_entity n = {"\"a\"", "t", 0, 40};
	struct request_verdict v;
	unsigned round, i, k, first, last;

	for (round = 0; round < 3000; round++) {
		char lines[400] = "Range: bytes=", want[41] = "", is[41] = "";

		memset(want, '.', n.size);
		memset(is, '.', n.size);
		for (i = 0; i < 1 + round % 9; i++) {
			first = (unsigned)(t_random() % n.size);
			last = first + (unsigned)(t_random() % 6);
			last = last < n.size ? last : (unsigned)n.size - 1;
			memset(want + first, 'x', last - first + 1);
			snprintf(
			    lines + strlen(lines), 20, "%u-%u,", first, last);
		}
		judge(&v, "GET", lines, &n);
		T_EQ(v.status, 206);
		for (i = 0; i < v.nspans; i++) {
			T_OK(v.spans[i].len > 0 &&
			    v.spans[i].len <= n.size - v.spans[i].off);
			memset(is + v.spans[i].off, 'x', v.spans[i].len);
			for (k = 0; k < i; k++)
				T_OK(v.spans[k].off + v.spans[k].len <
					v.spans[i].off ||
				    v.spans[i].off + v.spans[i].len <
					v.spans[k].off);
		}
		T_STR(is, want);
	}
}

T_TEST(tags_are_compared_weakly_or_strongly)
{
	static const struct {
		const char *list;
		bool weak, strong;
	} rows[] = {
	    {"\"a\"", true, true},
	    {"*", true, true},
	    {"W/\"a\"", true, false},
	    {"\"b\", \"a\"", true, true},
	    {"\"b\",,W/\"a\"", true, false},
	    {"\"b,\",\"a\"", true, true},
	    {"\"b\"\r\nIf-X: \"a\"", true, true},
	    {"\"b\"", false, false},
	    {"a", false, false},
	    {"\"a", false, false},
	    {"", false, false},
	    {"\"ab\"", false, false},
	    {"\"A\"", false, false},
	    {"w/\"a\"", false, false},
	    {"W/W/\"a\"", false, false},
	    {"\"b\" x \"a\"", false, false},
	    {"\"b,\"a\"", false, false},
	    {"*, \"b\"", false, false},
	    {"*, \"a\"", false, false},
	    {"*\r\nIf-X: *", false, false},
	};
	static const struct request_entity n = {"\"a\"", "t", 784111777, 10};
	struct request_verdict v;
	char lines[100], *x;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		snprintf(
		    lines, sizeof(lines), "If-None-Match: %s", rows[i].list);
		if ((x = strstr(lines, "If-X: ")) != NULL) {
			memmove(x + 13, x + 4, strlen(x + 4) + 1);
			memcpy(x, "If-None-Match", 13);
		}
		judge(&v, "GET", lines, &n);
		T_EQ(v.status, rows[i].weak ? 304 : 200);
		snprintf(lines, sizeof(lines), "If-Match: %s", rows[i].list);
		if ((x = strstr(lines, "If-X: ")) != NULL) {
			memmove(x + 8, x + 4, strlen(x + 4) + 1);
			memcpy(x, "If-Match", 8);
		}
		judge(&v, "GET", lines, &n);
		T_EQ(v.status, rows[i].strong ? 200 : 412);
	}
}

#define RANGE "Range: bytes=0-1\r\n"
#define BEYOND "Range: bytes=10-\r\n"

T_TEST(conditions_stand_in_the_order_of_the_standard)
{
	const struct request_entity n = {"\"a\"", "t", 784111777, 10};
	static const struct {
		const char *lines;
		bool head;
		unsigned status;
	} rows[] = {
	    {"If-Match: \"b\"\r\nIf-None-Match: \"a\"", false, 412},
	    {"If-Unmodified-Since: " BEFORE, false, 412},
	    {"If-Unmodified-Since: " THEN, false, 200},
	    {"If-Unmodified-Since: x", false, 200},
	    {"If-Unmodified-Since: " BEFORE "\r\nIf-Unmodified-Since: " BEFORE,
		false, 200},
	    {"If-Unmodified-Since: " BEFORE ", " BEFORE, false, 200},
	    {"If-Match: *\r\nIf-Unmodified-Since: " BEFORE, false, 200},
	    {"If-None-Match: \"a\"\r\nIf-Unmodified-Since: " BEFORE, false,
		412},
	    {"If-None-Match: W/\"a\"", true, 304},
	    {"If-None-Match: \"b\"\r\nIf-Modified-Since: " THEN, false, 200},
	    {"If-Modified-Since: " THEN, false, 304},
	    {"If-Modified-Since: " THEN, true, 304},
	    {"If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", false, 304},
	    {"If-Modified-Since: Sun Nov  6 08:49:37 1994", false, 304},
	    {"If-Modified-Since: " AFTER, false, 304},
	    {"If-Modified-Since: " BEFORE, false, 200},
	    {"If-Modified-Since: x", false, 200},
	    {"If-Modified-Since: " THEN "\r\nIf-Modified-Since: " THEN, false,
		200},
	    {RANGE "X: y", false, 206},
	    {BEYOND "X: y", false, 416},
	    {RANGE "If-None-Match: \"a\"", false, 304},
	    {RANGE "If-Match: \"a\"", false, 206},
	    {BEYOND "If-Match: \"b\"", false, 412},
	    {RANGE "If-Range: \"a\"", false, 206},
	    {RANGE "If-Range: \"a\"", true, 200},
	    {RANGE "If-Range: \"b\"", false, 200},
	    {RANGE "If-Range: W/\"a\"", false, 200},
	    {RANGE "If-Range: \"b\", \"a\"", false, 200},
	    {RANGE "If-Range: *", false, 200},
	    {RANGE "If-Range:", false, 200},
	    {RANGE "If-Range: \"a\"\r\nIf-Range: \"a\"", false, 200},
	    {RANGE "If-Range: " THEN, false, 206},
	    {RANGE "If-Range: " BEFORE, false, 200},
	    {RANGE "If-Range: " AFTER, false, 200},
	    {BEYOND "If-Range: \"b\"", false, 200},
	    {BEYOND "If-Range: \"a\"", false, 416},
	    {"If-Range: \"b\"", false, 200},
	};
	struct request_verdict v;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		judge(&v, rows[i].head ? "HEAD" : "GET", rows[i].lines, &n);
		if (v.status != rows[i].status)
			t_fail(__FILE__, __LINE__, "'%s': %u, not %u",
			    rows[i].lines, v.status, rows[i].status);
	}
}

T_TEST(what_has_no_tag_or_date_is_not_compared)
{
	static const struct request_entity n = {"", "t", 0, 10};
	static const struct {
		const char *lines;
		unsigned status;
	} rows[] = {
	    {"If-Match: *", 200},
	    {"If-Match: \"\"", 412},
	    {"If-None-Match: *", 304},
	    {"If-None-Match: \"\"", 200},
	    {"If-Modified-Since: " AFTER, 200},
	    {"If-Unmodified-Since: " BEFORE, 200},
	    {RANGE "If-Range:", 200},
	    {RANGE "If-Range: Thu, 01 Jan 1970 00:00:00 GMT", 200},
	};
	struct request_verdict v;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		judge(&v, "GET", rows[i].lines, &n);
		if (v.status != rows[i].status)
			t_fail(__FILE__, __LINE__, "'%s': %u, not %u",
			    rows[i].lines, v.status, rows[i].status);
	}
}

T_TEST(a_range_says_which)
{
	static const struct request_entity n = {"\"a\"", "t", 0, 918944};
	char text[REQUEST_CONTENT_RANGE_MAX];
	struct request_verdict v;

	judge(&v, "GET", "Range: bytes=0-0,-1", &n);
	request_content_range(text, &v, &n, 0);
	T_STR(text, "bytes 0-0/918944");
	request_content_range(text, &v, &n, 1);
	T_STR(text, "bytes 918943-918943/918944");
	judge(&v, "GET", "Range: bytes=918944-", &n);
	request_content_range(text, &v, &n, 0);
	T_STR(text, "bytes */918944");
}

T_TEST(parts_are_framed_to_the_byte)
{
	static const char file[] = "0123456789";
	static const struct request_entity n = {
	    "\"bd789d42a2e027008ee3e7c4fbee6720dd6dc4c9\"",
	    "application/octet-stream", 0, 10};
#define LINE "--bd789d42a2e027008ee3e7c4fbee6720dd6dc4c9"
#define TYPE "Content-Type: application/octet-stream\r\n"
	static const char want[] = LINE
	    "\r\n" TYPE "Content-Range: bytes 7-8/10\r\n\r\n78\r\n" LINE
	    "\r\n" TYPE "Content-Range: bytes 0-0/10\r\n\r\n0\r\n" LINE
	    "--\r\n";
	char head[REQUEST_PART_MAX], body[1024];
	struct request_verdict v;
	struct request_parts p;
	size_t len = 0, k;
	unsigned i;

	judge(&v, "GET", "Range: bytes=7-8,0-0", &n);
	T_EQ(v.nspans, 2);
	request_parts(&p, &v, &n);
	T_STR(p.type,
	    "multipart/byteranges; "
	    "boundary=bd789d42a2e027008ee3e7c4fbee6720dd6dc4c9");
	for (i = 0; i <= v.nspans; i++) {
		k = request_part(head, &p, &v, &n, i);
		T_EQ(k, strlen(head));
		memcpy(body + len, head, k);
		len += k;
		if (i == v.nspans)
			break;
		memcpy(body + len, file + v.spans[i].off, v.spans[i].len);
		len += v.spans[i].len;
	}
	body[len] = '\0';
	T_STR(body, want);
	T_EQ(p.length, len);
}

/* BITS takes 180 bytes of a part's head, its two lines aside. */
T_TEST(the_longest_part_is_short_enough)
{
	struct request_entity n = {"\"", "x", 0, INT64_MAX};
	char etag[200], head[REQUEST_PART_MAX], type[200];
	struct request_verdict v;
	struct request_parts p;
	size_t k;

	memset(type, 't', sizeof(type));
	type[sizeof(type) - 1] = '\0';
	memset(etag, 'e', sizeof(etag));
	etag[sizeof(etag) - 1] = '\0';
	judge(&v, "GET",
	    "Range: bytes=0-0,9223372036854775800-9223372036854775805", &n);
	request_parts(&p, &v, &n);
	T_STR(p.boundary, "wsusferry");
	n.etag = etag;
	n.type = type;
	request_parts(&p, &v, &n);
	T_EQ(strlen(p.boundary), REQUEST_BOUNDARY_MAX - 1);
	T_OK(strstr(p.type, p.boundary) != NULL);
	k = request_part(head, &p, &v, &n, 1);
	T_EQ(k, strlen(head));
	T_OK(strcmp(head + k - 4, "\r\n\r\n") == 0);
	T_OK(strlen(p.boundary) + 10 <= 180);
	T_EQ(request_part(head, &p, &v, &n, 2), strlen(p.boundary) + 8);
}

T_MAIN
