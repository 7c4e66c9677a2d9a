/* SPDX-License-Identifier: ISC */
/* Who may ask and how often; what the access log says of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/net/httpd.h"
#include "lib/serve/serve_gate.h"
#include "lib/serve/serve_log.h"
#include "tests/store_make.h"
#include "tests/t.h"

static const uint8_t *
address(const char *text)
{
	static uint8_t a[16];

	memset(a, 0, sizeof(a));
	a[10] = a[11] = 0xff;
	if (inet_pton(AF_INET, text, a + 12) != 1)
		T_EQ(inet_pton(AF_INET6, text, a), 1);
	return a;
}

T_TEST(only_the_networks_that_are_allowed)
{
	static const char *const nets[] = {
	    "192.0.2.0/24", "198.51.100.7", "2001:db8::/33", "10.128.0.0/9"};
	static const struct {
		const char *from;
		unsigned status;
	} rows[] = {{"192.0.2.0", 0}, {"192.0.2.255", 0}, {"192.0.3.0", 403},
	    {"192.0.1.255", 403}, {"198.51.100.7", 0}, {"198.51.100.6", 403},
	    {"2001:db8::1", 0}, {"2001:db8:7fff::1", 0},
	    {"2001:db8:8000::1", 403}, {"10.128.0.1", 0}, {"10.127.0.1", 403},
	    {"::1", 403}};
	struct serve_gate g;
	struct err e = ERR_INIT;
	size_t i;

	T_CALL(serve_gate_open(&g, nets, 4, 0, &e), &e);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (serve_gate_check(&g, address(rows[i].from), 1) !=
		    rows[i].status)
			t_fail(__FILE__, __LINE__, "%s", rows[i].from);
	T_EQ(serve_gate_check(&g, NULL, 1), 0); /* a socket of this machine */
	T_EQ(atomic_load(&g.refused), 6);
	serve_gate_close(&g);
	T_CALL(serve_gate_open(&g, NULL, 0, 0, &e), &e);
	T_EQ(serve_gate_check(&g, address("203.0.113.1"), 1), 0);
	serve_gate_close(&g);
	static const char *const all[] = {"0.0.0.0/0"};
	T_CALL(serve_gate_open(&g, all, 1, 0, &e), &e);
	T_EQ(serve_gate_check(&g, address("203.0.113.1"), 1), 0);
	T_EQ(serve_gate_check(&g, address("2001:db8::1"), 1), 403);
	serve_gate_close(&g);
}

T_TEST(what_is_no_network_is_told)
{
	static const struct {
		const char *text, *says;
	} rows[] = {{"", "expected a network"}, {"host", "expected a network"},
	    {"192.0.2.0/33", "expected 0 to 32 bits"},
	    {"192.0.2.0/", "expected 0 to 32 bits"},
	    {"192.0.2.0/x", "expected 0 to 32 bits"},
	    {"192.0.2.1/24", "has bits beyond its first 24"},
	    {"2001:db8::1/64", "has bits beyond its first 64"},
	    {"2001:db8::/129", "expected 0 to 128 bits"},
	    {"192.0.2/24", "expected a network"},
	    {"00000000000000000000000000000000000000000000000000", "too long"}};
	struct err e = ERR_INIT;
	struct serve_net n;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		T_FAILS(serve_net_read(&n, rows[i].text, &e), &e, E_USAGE,
		    rows[i].says);
}

T_TEST(one_client_asks_no_more_often_than_the_rate)
{
	struct serve_gate g;
	struct err e = ERR_INIT;
	uint64_t now = 1000000;
	unsigned i, served = 0;

	T_CALL(serve_gate_open(&g, NULL, 0, 10, &e), &e);
	for (i = 0; i < 100; i++)
		served += serve_gate_check(&g, address("192.0.2.1"), now) == 0;
	T_EQ(served, 20); /* what may come at once */
	T_EQ(serve_gate_check(&g, address("192.0.2.1"), now), 429);
	T_EQ(serve_gate_check(&g, address("192.0.2.1"), now - 1), 429);
	T_EQ(serve_gate_check(&g, address("192.0.2.2"), now), 0);
	for (served = i = 0; i < 1000; i++)
		served += serve_gate_check(&g, address("192.0.2.1"), now + i) ==
		    0;
	T_EQ(served, 9); /* a tenth of a second each, none for the last */
	T_EQ(serve_gate_check(&g, address("192.0.2.1"), now + 9000), 0);
	/* The lower half of an address is its client's to choose. */
	for (served = i = 0; i < 100; i++) {
		char text[40];

		snprintf(text, sizeof(text), "2001:db8::%x", i);
		served += serve_gate_check(&g, address(text), now) == 0;
	}
	T_EQ(served, 20);
	T_EQ(serve_gate_check(&g, address("2001:db8:0:1::1"), now), 0);
	serve_gate_close(&g);
}

static const struct httpd_done done = {.peer = "192.0.2.1",
    .method = "GET",
    .target = "/Content/x",
    .agent = "curl/7",
    .referer = "",
    .minor = 1,
    .status = 206,
    .bytes = 1048576,
    .ms = 12,
    .whole = true};

T_TEST(a_line_says_who_asked_for_what_and_what_came_of_it)
{
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	T_CALL(serve_log_line(&b, &j, false, &done, 1795955525, &e), &e);
	T_STR(buf_str(&b, &e),
	    "192.0.2.1 - - [29/Nov/2026:12:32:05 +0000] \"GET /Content/x "
	    "HTTP/1.1\" 206 1048576 \"-\" \"curl/7\"");
	buf_reset(&b);
	T_CALL(serve_log_line(&b, &j, true, &done, 1795955525, &e), &e);
	T_STR(buf_str(&b, &e),
	    "{\"time\":\"2026-11-29T12:32:05Z\",\"peer\":\"192.0.2.1\","
	    "\"method\":\"GET\",\"target\":\"/Content/x\",\"minor\":1,"
	    "\"status\":206,\"bytes\":1048576,\"ms\":12,\"whole\":true,"
	    "\"tls\":false,\"referer\":null,\"agent\":\"curl/7\"}");
	buf_free(&b);
	json_free(&j);
}

T_TEST(a_line_is_of_its_moment_whatever_the_clock_says)
{
	static const struct {
		int64_t at;
		const char *combined, *json;
	} rows[] = {
	    {0, "[01/Jan/1970:00:00:00 +0000]", "\"1970-01-01T00:00:00Z\""},
	    {315532800, "[01/Jan/1980:00:00:00 +0000]",
		"\"1980-01-01T00:00:00Z\""},
	    {INT64_C(2147483648), "[19/Jan/2038:03:14:08 +0000]",
		"\"2038-01-19T03:14:08Z\""},
	    {INT64_C(4107542399), "[28/Feb/2100:23:59:59 +0000]",
		"\"2100-02-28T23:59:59Z\""},
	    {INT64_C(4107542400), "[01/Mar/2100:00:00:00 +0000]",
		"\"2100-03-01T00:00:00Z\""},
	    {INT64_C(253402300799), "[31/Dec/9999:23:59:59 +0000]",
		"\"9999-12-31T23:59:59Z\""},
	};
	struct json j = JSON_INIT;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_reset(&b);
		T_CALL(
		    serve_log_line(&b, &j, false, &done, rows[i].at, &e), &e);
		if (strstr(buf_str(&b, &e), rows[i].combined) == NULL)
			t_fail(__FILE__, __LINE__, "%s", (char *)b.p);
		buf_reset(&b);
		T_CALL(serve_log_line(&b, &j, true, &done, rows[i].at, &e), &e);
		if (strstr(buf_str(&b, &e), rows[i].json) == NULL)
			t_fail(__FILE__, __LINE__, "%s", (char *)b.p);
	}
	buf_free(&b);
	json_free(&j);
}

static ssize_t
no_room(int fd, const void *p, size_t n)
{
	(void)fd, (void)p, (void)n;
	errno = ENOSPC;
	return -1;
}

T_TEST(lines_are_appended_and_what_is_lost_is_counted)
{
	const char *dir = t_tmpdir();
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct serve_log g;
	struct os was = os;
	uint64_t lines, lost;
	unsigned i;
	int dirfd;

	for (i = 0; i < 2; i++) {
		serve_log_init(&g);
		T_CALL(
		    serve_log_open(&g, make_path(dir, "log"), false, &e), &e);
		T_CALL(serve_log_start(&g, &e), &e);
		serve_log_add(&g, &done, 1);
		serve_log_close(&g);
	}
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	T_CALL(path_read(dirfd, "log", 4096, &b, &e), &e);
	(void)close(dirfd);
	T_EQ(b.len,
	    2 *
		strlen("192.0.2.1 - - [01/Jan/1970:00:00:01 +0000] "
		       "\"GET /Content/x HTTP/1.1\" 206 1048576 \"-\" "
		       "\"curl/7\"\n"));
	buf_free(&b);
	/* A disk that is full. */
	serve_log_init(&g);
	T_CALL(serve_log_open(&g, make_path(dir, "log"), true, &e), &e);
	os.write = no_room;
	for (i = 0; i < 5; i++)
		serve_log_add(&g, &done, 1);
	T_CALL(serve_log_start(&g, &e), &e);
	do {
		usleep(1000);
		serve_log_counts(&g, &lines, &lost);
	} while (lost < 5);
	os = was;
	T_EQ(lines, 5);
	T_OK(strstr(g.why, "No space left") != NULL);
	serve_log_close(&g);
}

T_TEST(more_lines_than_may_wait_are_dropped_whole)
{
	struct err e = ERR_INIT;
	struct serve_log g;
	uint64_t lines, lost, n;

	serve_log_init(&g);
	T_CALL(serve_log_open(&g, "/dev/null", false, &e), &e);
	for (n = 0; n < SERVE_LOG_MAX / 80; n++)
		serve_log_add(&g, &done, 1);
	serve_log_counts(&g, &lines, &lost);
	T_EQ(lines, n);
	T_OK(lost > 0 && lost < n);
	T_EQ(g.wait.p[g.wait.len - 1], '\n');
	T_OK(g.wait.len <= SERVE_LOG_MAX);
	serve_log_close(&g);
}

T_MAIN
