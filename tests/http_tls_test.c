/* SPDX-License-Identifier: ISC */
/* Servers whose TLS is too old, or none. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/http_seen.h"
#include "tests/t.h"

/* One that answers the first bytes of each connection with these, and ends. */
struct greeter {
	int fd;
	unsigned port;
	const void *bytes; /* borrowed */
	size_t n;
	pthread_t thread;
};

static void *
greet(void *arg)
{
	struct greeter *g = arg;
	char in[4096];
	int fd;

	while ((fd = accept4(g->fd, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		if (recv(fd, in, sizeof(in), 0) > 0)
			(void)send(fd, g->bytes, g->n, MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		while (recv(fd, in, sizeof(in), 0) > 0)
			continue;
		close(fd);
	}
	return NULL;
}

static void
greeter_open(struct greeter *g, const void *bytes, size_t n)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);

	*g = (struct greeter){.bytes = bytes, .n = n};
	g->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	T_EQ(bind(g->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	T_EQ(listen(g->fd, 8), 0);
	T_EQ(getsockname(g->fd, (struct sockaddr *)&sa, &len), 0);
	g->port = ntohs(sa.sin_port);
	T_EQ(pthread_create(&g->thread, NULL, greet, g), 0);
}

static void
greeter_close(struct greeter *g)
{
	(void)shutdown(g->fd, SHUT_RDWR);
	(void)pthread_join(g->thread, NULL);
	close(g->fd);
}

static void
says(const void *bytes, size_t n, const char *text)
{
	struct http_opts o = seen_opts;
	struct http_req r = {.max_body = 100, .err = ERR_INIT};
	struct err e = ERR_INIT;
	struct http *h = NULL;
	struct greeter g;
	char url[64];

	greeter_open(&g, bytes, n);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", g.port);
	r.url = url;
	o.tries = 1;
	T_CALL(http_open(&h, &o, &e), &e);
	T_EQ(http_run(h, &r, &e), -1);
	T_OK(strstr(e.msg, text) != NULL);
	if (strstr(e.msg, text) == NULL)
		printf("  said: %s\n", e.msg);
	http_close(h);
	greeter_close(&g);
}

/* A record with a ServerHello of that version: its random is zeros, its suite
   TLS_RSA_WITH_AES_128_CBC_SHA, without session, compression or extensions. */
static void
hello_says(uint8_t minor, const char *text)
{
	uint8_t b[5 + 4 + 38] = {22, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor};

	b[11 + 32 + 2] = 0x2f;
	says(b, sizeof(b), text);
}

T_TEST(the_version_that_a_server_speaks_is_told)
{
	hello_says(0, "it speaks SSL 3.0 at most; TLS 1.2 or 1.3 is needed");
	hello_says(1, "it speaks TLS 1.0 at most; TLS 1.2 or 1.3 is needed");
	hello_says(2, "it speaks TLS 1.1 at most; TLS 1.2 or 1.3 is needed");
}

T_TEST(an_alert_of_the_version_is_told)
{
	static const uint8_t alert[] = {21, 3, 1, 0, 2, 2, 70};

	says(alert, sizeof(alert), "none of the versions that we do; TLS 1.2");
}

T_TEST(what_is_no_tls_is_asked_about)
{
	static const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

	says(text, sizeof(text) - 1, "does it speak TLS?");
}

int
main(int argc, char *argv[])
{
	return seen_main(argc, argv);
}
