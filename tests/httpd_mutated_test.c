/* SPDX-License-Identifier: ISC */
/* Connections and answers under traffic that is nearly right. */
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/mutate.h"
#include "tests/t.h"
#include "tests/wire_tls.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define HOST "Host: a\r\n"
#define ROUNDS 1000
#define LONG_S 600 /* each */

static const char *const seeds[] = {
    "GET /file HTTP/1.1\r\n" HOST "Range: bytes=100-299\r\n\r\n",
    "GET /warm HTTP/1.1\r\n" HOST "Range: bytes=0-0,399990-,5-9\r\n\r\n",
    "GET /file HTTP/1.1\r\n" HOST "Range: bytes=-70000\r\n"
    "If-Range: \"x\"\r\nContent-Length: 0\r\n\r\n",
    "HEAD /file HTTP/1.1\r\n" HOST "\r\n",
    "GET /mem HTTP/1.1\r\n" HOST "If-None-Match: \"x\", \"mem\"\r\n\r\n",
    "GET /mem HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HEAD /list HTTP/1.1\r\n" HOST "\r\n",
    "GET /list HTTP/1.1\r\n" HOST "\r\n",
    "GET http://b/none HTTP/1.1\r\n" HOST "Connection: x\r\n\r\n",
    "POST /post HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\nhello, you.",
    "POST /post HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
    "5;a=b\r\nhello\r\n6\r\n, you.\r\n0\r\nX: y\r\n\r\n",
    "POST /post HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
    "Expect: 100-continue\r\n\r\nhello",
    "POST /mem HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello",
    "OPTIONS * HTTP/1.1\r\n" HOST "\r\n",
};

static const struct mutate of_wire = {seeds, N(seeds), WIRE_FILE, wire_byte};

static void
is_idle(struct wire *w, unsigned n)
{
	struct httpd_counts c;

	T_OK(wire_await(wire_has_conns, w, 0));
	wire_counts(w, &c);
	T_EQ(c.busy, 0);
	T_EQ(c.held, 0);
	T_OK(c.requests > n / 2);
}

T_TEST(what_comes_back_is_whole_and_right_whatever_is_sent)
{
	time_t began = time(NULL);
	struct mutate_client c = {-1, NULL};
	struct wire w;
	unsigned i;

	wire_init(&w);
	wire_start(&w);
	for (i = 0; mutate_goes_on(i, ROUNDS, began, LONG_S); i++) {
		c.fd = wire_dial(&w, 1 + (unsigned)(t_random() % 9));
		mutate_round(&of_wire, &c);
		close(c.fd);
	}
	T_EQ(wire_get(&w, 1, "/file"), 200);
	is_idle(&w, i);
	wire_stop(&w);
}

T_TEST(so_it_is_by_tls)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	time_t began = time(NULL);
	struct wire_tls w;
	struct mutate_client c;
	unsigned i;

	(void)signal(SIGPIPE, SIG_IGN);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	wire_tls_open(&w);
	wire_tls_start(&w);
	for (i = 0; mutate_goes_on(i, ROUNDS / 8, began, LONG_S); i++) {
		c.ssl = wire_tls_dial(&w, ctx);
		T_OK(c.ssl != NULL);
		if (c.ssl == NULL)
			break;
		c.fd = SSL_get_fd(c.ssl);
		mutate_round(&of_wire, &c);
		SSL_free(c.ssl);
		close(c.fd);
	}
	is_idle(&w.w, i);
	wire_tls_stop(&w);
	SSL_CTX_free(ctx);
}

T_MAIN
