/* SPDX-License-Identifier: ISC */
/* Requests and answers over sockets. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/wire.h"
#include "tests/t.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static char body[WIRE_BIG];

static void
is_right(const char *p, size_t n, uint64_t off)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((uint8_t)p[i] != wire_byte(off + i))
			break;
	T_EQ(i, n);
}

static bool
has_closed(struct wire *r, unsigned n)
{
	return atomic_load(&r->closed) == n;
}

T_TEST(files_memory_and_lists_are_sent_whole)
{
	static const char *const asks[] = {
	    GET("/file"), GET("/warm"), GET("/mem"), GET("/big"), GET("/list")};
	static const size_t sizes[] = {
	    WIRE_FILE, WIRE_FILE, WIRE_MEM, WIRE_BIG, WIRE_LIST};
	struct wire r;
	unsigned i;
	size_t n;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	for (i = 0; i < 5; i++) {
		wire_say(fd, asks[i]);
		T_EQ(wire_hear(fd, false, NULL, body, &n), 200);
		T_EQ(n, sizes[i]);
		is_right(body, n, 0);
	}
	T_OK(wire_await(has_closed, &r, 1)); /* by a worker */
	close(fd);
	wire_stop(&r);
}

T_TEST(head_of_anything_has_no_body)
{
	static const char *const paths[] = {
	    "/file", "/warm", "/mem", "/list", "/none"};
	char text[128], head[WIRE_HEAD];
	struct wire r;
	unsigned i;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text),
		    "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n" GET("/mem"),
		    paths[i]);
		wire_say(fd, text);
		T_EQ(wire_hear(fd, true, head, NULL, NULL), i < 4 ? 200 : 404);
		T_EQ(strstr(head, "Content-Length: ") != NULL, i != 3);
		T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 200);
	}
	close(fd);
	wire_stop(&r);
}

T_TEST(ranges_are_the_bytes_they_say)
{
	char head[WIRE_HEAD];
	struct wire r;
	size_t n;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	wire_say(fd,
	    "GET /warm HTTP/1.1\r\nHost: a\r\nRange: bytes=300000-\r\n\r\n");
	T_EQ(wire_hear(fd, false, head, body, &n), 206);
	T_EQ(n, WIRE_FILE - 300000);
	is_right(body, n, 300000);
	T_OK(strstr(head, "Content-Range: bytes 300000-399999/400000\r\n"));
	wire_say(fd,
	    "GET /file HTTP/1.1\r\nHost: a\r\n"
	    "Range: bytes=0-9,200000-329999\r\n\r\n");
	T_EQ(wire_hear(fd, false, head, body, &n), 206);
	T_OK(strstr(head, "Content-Type: multipart/byteranges; boundary="));
	body[n] = '\0';
	T_OK(strncmp(body, "--", 2) == 0);
	is_right(strstr(body, "\r\n\r\n") + 4, 10, 0);
	is_right(
	    body + n - strlen("\r\n--file--\r\n") - 130000, 130000, 200000);
	wire_say(fd,
	    "GET /mem HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"mem\"\r\n\r\n"
	    "GET /mem HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n"
	    "GET /warm HTTP/1.1\r\nHost: a\r\nRange: bytes=400000-\r\n\r\n");
	T_EQ(wire_hear(fd, false, head, NULL, NULL), 304);
	T_OK(strstr(head, "Content-Length") == NULL);
	T_EQ(wire_hear(fd, false, NULL, NULL, &n), 200);
	T_EQ(n, WIRE_MEM);
	T_EQ(wire_hear(fd, false, head, NULL, &n), 416);
	T_EQ(n, 0);
	close(fd);
	wire_stop(&r);
}

/* Where the disk can forget: a worker reads what the loop would wait for. */
T_TEST(what_is_not_in_memory_is_sent_the_same)
{
	struct wire r;
	unsigned i;
	size_t n;
	int fd;

	wire_init(&r);
	T_EQ(fsync(r.file), 0);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	for (i = 0; i < 6; i++) {
		T_EQ(posix_fadvise(r.file, 0, 0, POSIX_FADV_DONTNEED), 0);
		wire_say(fd, i % 2 ? GET("/file") : GET("/warm"));
		T_EQ(wire_hear(fd, false, NULL, body, &n), 200);
		T_EQ(n, WIRE_FILE);
		is_right(body, n, 0);
	}
	close(fd);
	wire_stop(&r);
}

T_TEST(a_file_that_is_cut_short_is_not_made_up)
{
	struct wire r;
	int fd;

	wire_init(&r);
	wire_start(&r);
	T_EQ(ftruncate(r.file, 1000), 0);
	fd = wire_dial(&r, 1);
	wire_say(fd, GET("/file"));
	T_EQ(wire_hear(fd, false, NULL, body, NULL), 0);
	close(fd);
	T_EQ(wire_get(&r, 1, "/mem"), 200);
	wire_stop(&r);
}

T_TEST(requests_in_one_packet_are_answered_in_their_order)
{
	static const char *const ask[] = {GET("/mem"), GET("/warm"),
	    GET("/none"), GET("/file"), GET("/list")};
	static const unsigned status[] = {200, 200, 404, 200, 200};
	static const size_t sizes[] = {
	    WIRE_MEM, WIRE_FILE, 0, WIRE_FILE, WIRE_LIST};
	char text[4096] = "";
	struct wire r;
	unsigned i;
	size_t n;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	for (i = 0; i < 50; i++)
		memcpy(text + strlen(text), ask[i % 5], strlen(ask[i % 5]) + 1);
	wire_say(fd, text);
	for (i = 0; i < 50; i++) {
		T_EQ(wire_hear(fd, false, NULL, NULL, &n), status[i % 5]);
		T_EQ(n, sizes[i % 5]);
	}
	close(fd);
	wire_stop(&r);
}

T_TEST(a_request_may_come_byte_by_byte)
{
	static const char text[] =
	    "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
	    "\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nT: 1\r\n\r\n" GET("/none");
	struct wire r;
	unsigned i;
	size_t n;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	for (i = 0; i < sizeof(text) - 1; i++) {
		wire_say_bytes(fd, text + i, 1);
		usleep(500);
	}
	T_EQ(wire_hear(fd, false, NULL, body, &n), 200);
	T_OK(n > 2 && memcmp(body, "7 ", 2) == 0);
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 404);
	close(fd);
	wire_stop(&r);
}

/* A body of n bytes; with what leads the server may read it all first. */
static unsigned
post(int fd, size_t n, const char *more)
{
	char head[200];
	size_t i;

	snprintf(head, sizeof(head),
	    "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n%s\r\n",
	    n, more);
	wire_say(fd, head);
	for (i = 0; i < n; i++)
		body[i] = (char)wire_byte(i);
	wire_say_bytes(fd, body, n);
	return wire_hear(fd, false, NULL, body, &i);
}

T_TEST(bodies_arrive_whole_up_to_their_limit)
{
	static char large[(4 << 20) + 64];
	struct httpd_counts c;
	char head[200];
	struct wire r;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	T_EQ(post(fd, 0, ""), 200);
	T_OK(memcmp(body, "0 ", 2) == 0);
	T_EQ(post(fd, 70000, ""), 200);
	T_OK(memcmp(body, "70000 ", 6) == 0);
	T_EQ(post(fd, WIRE_LIST, ""), 200);
	T_OK(memcmp(body, "3000000 ", 8) == 0);
	snprintf(head, sizeof(head),
	    "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n",
	    4 << 20);
	wire_say(fd, head);
	wire_say_bytes(fd, large, 4 << 20);
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 200);
	snprintf(head, sizeof(head),
	    "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n",
	    (4 << 20) + 1);
	wire_say(fd, head);
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 413);
	T_OK(wire_ends(fd, 2000));
	close(fd);
	T_OK(wire_await(wire_is_busy, &r, 0));
	wire_counts(&r, &c);
	T_EQ(c.held, 0);
	wire_stop(&r);
}

T_TEST(a_client_that_asks_for_leave_gets_it)
{
	char head[WIRE_HEAD];
	struct wire r;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	wire_say(fd,
	    "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
	    "Expect: 100-continue\r\n\r\n");
	T_EQ(wire_hear(fd, true, NULL, NULL, NULL), 100);
	wire_say(fd, "abc");
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 200);
	/* Nobody wants that one: no leave, and the connection ends. */
	wire_say(fd,
	    "POST /mem HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
	    "Expect: 100-continue\r\n\r\n");
	T_EQ(wire_hear(fd, false, head, NULL, NULL), 405);
	T_OK(strstr(head, "Connection: close\r\n") != NULL);
	T_OK(wire_ends(fd, 2000));
	close(fd);
	wire_stop(&r);
}

T_TEST(a_body_that_nobody_reads_is_never_a_request)
{
	static const char *const methods[] = {
	    "POST /mem", "PUT /post", "DELETE /file", "GET /mem"};
	char text[400];
	struct wire r;
	unsigned i, status;
	int fd;

	wire_init(&r);
	wire_start(&r);
	for (i = 0; i < 4; i++) {
		fd = wire_dial(&r, 1);
		snprintf(text, sizeof(text),
		    "%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n" GET(
			"/file") GET("/none"),
		    methods[i], strlen(GET("/file")));
		wire_say(fd, text);
		status = wire_hear(fd, false, NULL, NULL, NULL);
		T_EQ(status, i < 3 ? 405 : 400);
		/* Dropped, and the connection goes on; or it ends. */
		T_EQ(wire_hear(fd, false, NULL, NULL, NULL), i < 3 ? 404 : 0);
		close(fd);
	}
	/* Too many to be read for nothing. */
	fd = wire_dial(&r, 1);
	wire_say(fd,
	    "POST /mem HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
	wire_say_bytes(fd, body, 200000);
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 405);
	T_OK(wire_ends(fd, 2000));
	close(fd);
	fd = wire_dial(&r, 1);
	wire_say(fd,
	    "POST /mem HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n11170\r\n");
	wire_say_bytes(fd, body, 0x11170);
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 405);
	T_OK(wire_ends(fd, 2000));
	close(fd);
	wire_stop(&r);
}

T_TEST(what_is_wrong_ends_the_connection_with_one_answer)
{
	static const struct {
		const char *text;
		unsigned status;
	} rows[] = {
	    {"GET /mem HTTP/1.1\r\nHost: a\r\n: x\r\n" GET("/mem"), 400},
	    {"GET /mem HTTP/1.1\r\n\r\n", 400},
	    {"hello\r\n\r\n", 400},
	    {"GET /../x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	    {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	    {"POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	     "chunked\r\n\r\nx\r\n",
		400},
	    {"BREW /mem HTTP/1.1\r\nHost: a\r\n\r\n", 501},
	    {"GET /mem HTTP/2.0\r\nHost: a\r\n\r\n", 505},
	};
	struct wire r;
	unsigned i;
	int fd;

	wire_init(&r);
	wire_start(&r);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fd = wire_dial(&r, 1);
		wire_say(fd, rows[i].text);
		wire_say(fd, GET("/mem"));
		T_EQ(wire_hear(fd, false, NULL, NULL, NULL), rows[i].status);
		T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 0);
		close(fd);
	}
	wire_stop(&r);
}

T_TEST(old_clients_are_answered_as_they_ask)
{
	char head[WIRE_HEAD];
	struct wire r;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	wire_say(fd, "GET /mem HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	T_EQ(wire_hear(fd, false, head, NULL, NULL), 200);
	T_OK(strstr(head, "Connection: keep-alive\r\n") != NULL);
	/* Of a list they see the end by the connection's. */
	wire_say(fd, "GET /list HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	T_EQ(wire_hear(fd, true, head, NULL, NULL), 200);
	T_OK(strstr(head, "Transfer-Encoding") == NULL);
	T_OK(strstr(head, "Connection: close\r\n") != NULL);
	T_OK(wire_ends(fd, 5000));
	close(fd);
	fd = wire_dial(&r, 1);
	wire_say(fd, "GET /mem HTTP/1.0\r\n\r\n");
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 200);
	T_OK(wire_ends(fd, 2000));
	close(fd);
	wire_stop(&r);
}

T_TEST(a_list_that_fails_is_not_ended_as_if_it_were_whole)
{
	struct wire r;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	wire_say(fd, GET("/broken"));
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 500);
	close(fd);
	T_OK(wire_await(wire_is_busy, &r, 0));
	T_OK(wire_await(has_closed, &r, 1));
	wire_stop(&r);
}

T_TEST(each_answer_is_told_when_it_has_ended)
{
	struct wire r;
	int fd;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	wire_say(fd,
	    "GET /mem?x=\" HTTP/1.1\r\nHost: a\r\nUser-Agent: b\"\\c\r\n\r\n");
	(void)wire_hear(fd, false, NULL, NULL, NULL);
	wire_say(
	    fd, "GET /mem?x HTTP/1.1\r\nHost: a\r\nUser-Agent: b\"\\c\r\n\r\n");
	(void)wire_hear(fd, false, NULL, NULL, NULL);
	close(fd);
	T_OK(wire_await(wire_has_conns, &r, 0));
	T_OK(atomic_load(&r.done) >= 1);
	wire_stop(&r);
}

static bool
has_told(struct wire *r, unsigned n)
{
	return atomic_load(&r->done) == n;
}

/* Of the last answer that was told. */
static uint64_t
told(struct wire *r, unsigned n, const char *before)
{
	T_OK(wire_await(has_told, r, n));
	T_OK(strncmp(r->said, before, strlen(before)) == 0);
	return strtoull(r->said + strlen(before), NULL, 10);
}

/* A head is none of it, nor is what a client did not wait for. */
T_TEST(bytes_are_told_of_a_body_so_far_as_it_was_sent)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	static const char *const whole[] = {"/file", "/warm", "/list"};
	static const uint64_t size[] = {WIRE_FILE, WIRE_FILE, WIRE_LIST};
	struct httpd_counts c;
	char line[80];
	struct wire r;
	uint64_t n, all = 0;
	unsigned i;
	int fd, small = 4096;

	wire_init(&r);
	wire_start(&r);
	for (i = 0; i < 3; i++) {
		T_EQ(wire_get(&r, 1, whole[i]), 200);
		snprintf(line, sizeof(line), "127.0.0.1 GET %s 200 ", whole[i]);
		T_EQ(told(&r, i + 1, line), size[i]);
		all += size[i];
	}
	fd = wire_dial(&r, 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	wire_say(fd, GET("/big"));
	T_EQ(recv(fd, line, sizeof(line), MSG_WAITALL), sizeof(line));
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	n = told(&r, 4, "127.0.0.1 GET /big 200 ");
	T_OK(n > 0 && n < WIRE_BIG);
	wire_counts(&r, &c);
	T_EQ(c.bytes, all + n);
	wire_stop(&r);
}

T_MAIN
