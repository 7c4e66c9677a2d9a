/* SPDX-License-Identifier: ISC */
/*
 * The server under traffic that is nearly right: requests of all kinds, one
 * behind the other, with bytes changed, in pieces.  Whatever comes back is a
 * row of whole answers, and their bytes are those of the file.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/wire_tls.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define HOST "Host: a\r\n"
#define ROUNDS 2000
#define LONG_S 2100 /* each */
#define SENT_MAX 16384
#define CAME_MAX ((size_t)40 << 20)

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

static const char *const bits[] = {"\r\n", "\n", "\r", " ", "\t", ":", ",",
    "\r\n\r\n", "0\r\n\r\n", "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n", "HTTP/1.1", "Connection: close\r\n",
    "GET /file HTTP/1.1\r\n", "-", "99999999999999999999", "\x80", "%2e%2e/"};

static size_t
pick(size_t n)
{
	return (size_t)(t_random() % n);
}

static size_t
insert(char *b, size_t n, size_t at, const char *p, size_t k)
{
	if (k > SENT_MAX - n)
		return n;
	memmove(b + at + k, b + at, n - at);
	memmove(b + at, p, k);
	return n + k;
}

static size_t
change(char *b, size_t n)
{
	char copy[64];
	size_t at = pick(n), k = 1 + pick(sizeof(copy));
	const char *bit;

	k = k < n - at ? k : n - at;
	switch (pick(4)) {
	case 0:
		b[at] = (char)t_random();
		return n;
	case 1:
		memmove(b + at, b + at + k, n - at - k);
		return n - k > 0 ? n - k : n;
	case 2:
		memcpy(copy, b + at, k);
		return insert(b, n, at, copy, k);
	default:
		bit = bits[pick(N(bits))];
		return insert(b, n, at, bit, strlen(bit));
	}
}

static size_t
make(char *b)
{
	size_t n = 0, i, k = 1 + pick(3);
	const char *seed;

	for (i = 0; i < k; i++) {
		seed = seeds[pick(N(seeds))];
		n = insert(b, n, n, seed, strlen(seed));
	}
	for (i = pick(4); i > 0; i--)
		n = change(b, n);
	return n;
}

/* A client's end: by TLS where there is an ssl. */
struct client {
	int fd;
	SSL *ssl;
};

static ssize_t
put(const struct client *c, const char *p, size_t n)
{
	return c->ssl != NULL ? SSL_write(c->ssl, p, (int)n)
			      : send(c->fd, p, n, MSG_NOSIGNAL);
}

/* Whoever was refused may not take all of it. */
static void
say(const struct client *c, const char *p, size_t n)
{
	size_t k;

	for (; n > 0; p += k, n -= k) {
		k = 1 + pick(n);
		if (put(c, p, k) != (ssize_t)k)
			return;
	}
}

/* All that comes; it must end. */
static size_t
hear(const struct client *c, char *b)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	size_t n = 0;
	ssize_t k;

	for (;;) {
		if ((c->ssl == NULL || !SSL_has_pending(c->ssl)) &&
		    poll(&p, 1, 10000) <= 0) {
			t_fail(__FILE__, __LINE__, "it does not end");
			return n;
		}
		k = c->ssl != NULL
		    ? SSL_read(c->ssl, b + n, (int)(CAME_MAX - n))
		    : recv(c->fd, b + n, CAME_MAX - n, 0);
		if (k <= 0)
			return n;
		n += (size_t)k;
		T_OK(n < CAME_MAX);
	}
}

/* What was read of an answer, as far as it is needed here. */
struct came {
	const char *p; /* where the next one begins */
	size_t n;
	char head[4096];
	unsigned status;
	uint64_t length;
};

static const char *
header(const struct came *c, const char *name)
{
	const char *s = strcasestr(c->head, name);

	return s != NULL ? s + strlen(name) : NULL;
}

static bool
bytes_are(const char *p, uint64_t off, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if ((uint8_t)p[i] != wire_byte(off + i))
			return false;
	return true;
}

static bool
range_is(const char *range, const char *body, const char *end, uint64_t *len)
{
	unsigned long long first, last, size;

	if (range == NULL ||
	    sscanf(range, "bytes %llu-%llu/%llu", &first, &last, &size) != 3 ||
	    first > last || last >= size || size != WIRE_FILE)
		return false;
	*len = last - first + 1;
	return *len <= (uint64_t)(end - body) && bytes_are(body, first, *len);
}

/* Each part says which bytes it has, and has them. */
static bool
parts_are(const struct came *c, const char *body)
{
	static const char mark[] = "\r\nContent-Range: ";
	const char *end = body + c->length, *p = body;
	uint64_t len;

	while ((p = memmem(p, (size_t)(end - p), mark, sizeof(mark) - 1)) !=
	    NULL) {
		const char *data = memmem(p, (size_t)(end - p), "\r\n\r\n", 4);

		if (data == NULL ||
		    !range_is(p + sizeof(mark) - 1, data + 4, end - 4, &len) ||
		    memcmp(data + 4 + len, "\r\n--", 4) != 0)
			return false;
		p = data + 4 + len;
		body = p;
	}
	return memcmp(end - 4, "--\r\n", 4) == 0 && end - body < 100;
}

static bool
body_is_right(const struct came *c, const char *body)
{
	uint64_t len;

	if (c->status == 200 && c->length == WIRE_FILE)
		return bytes_are(body, 0, c->length);
	if (c->status != 206)
		return true;
	if (header(c, "multipart/byteranges") != NULL)
		return parts_are(c, body);
	return range_is(header(c, "Content-Range: "), body, body + c->length,
		   &len) &&
	    len == c->length;
}

static bool
is_expected(unsigned status)
{
	static const unsigned some[] = {100, 200, 206, 304, 400, 404, 405, 411,
	    412, 413, 414, 416, 417, 431, 501, 505};
	size_t i;

	for (i = 0; i < N(some); i++)
		if (some[i] == status)
			return true;
	return false;
}

/* All chunks off the front. */
static bool
take_chunks(struct came *c)
{
	unsigned long size;
	char *end;

	do {
		size = strtoul(c->p, &end, 16);
		if (end == c->p || c->n < (size_t)(end - c->p) + 4 + size ||
		    memcmp(end, "\r\n", 2) != 0 ||
		    memcmp(end + 2 + size, "\r\n", 2) != 0)
			return false;
		end += 4 + size;
		c->n -= (size_t)(end - c->p);
		c->p = end;
	} while (size > 0);
	return true;
}

/* An answer off the front; false: it is none. */
static bool
take(struct came *c)
{
	const char *end = memmem(c->p, c->n, "\r\n\r\n", 4), *length;
	size_t k = end != NULL ? (size_t)(end - c->p) + 4 : 0;

	if (end == NULL || k >= sizeof(c->head))
		return false;
	memcpy(c->head, c->p, k);
	c->head[k] = '\0';
	if (sscanf(c->head, "HTTP/1.1 %3u ", &c->status) != 1 ||
	    !is_expected(c->status))
		return false;
	c->p += k;
	c->n -= k;
	length = header(c, "\r\nContent-Length: ");
	c->length = length != NULL ? strtoull(length, NULL, 10) : 0;
	/* To HEAD there is a length, and no body. */
	if (c->n == 0 || strncmp(c->p, "HTTP/1.1 ", 9) == 0)
		return true;
	if (header(c, "\r\nTransfer-Encoding: chunked") != NULL)
		return take_chunks(c);
	if (length == NULL) /* to HTTP/1.0, until it is closed */
		c->length = c->n;
	if (c->length > c->n || !body_is_right(c, c->p))
		return false;
	c->p += c->length;
	c->n -= (size_t)c->length;
	return true;
}

static void
round_trip(const struct client *client)
{
	static char sent[SENT_MAX + 1], came[CAME_MAX + 1];
	struct came c;
	size_t n = make(sent);

	say(client, sent, n);
	if (client->ssl != NULL)
		(void)SSL_shutdown(client->ssl);
	else
		(void)shutdown(client->fd, SHUT_WR);
	c.p = came;
	c.n = hear(client, came);
	came[c.n] = '\0';
	while (c.n > 0)
		if (!take(&c)) {
			sent[n] = '\0';
			t_fail(__FILE__, __LINE__,
			    "'%s': no answer, %zu of %zu bytes: %s", sent, c.n,
			    (size_t)c.length, c.head);
			break;
		}
}

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

static bool
goes_on(unsigned i, unsigned rounds, time_t began)
{
	if (getenv("WF_LONG") != NULL)
		return time(NULL) - began < LONG_S;
	return i < rounds;
}

T_TEST(what_comes_back_is_whole_and_right_whatever_is_sent)
{
	time_t began = time(NULL);
	struct client c = {-1, NULL};
	struct wire w;
	unsigned i;

	wire_init(&w);
	wire_start(&w);
	for (i = 0; goes_on(i, ROUNDS, began); i++) {
		c.fd = wire_dial(&w, 1 + (unsigned)pick(9));
		round_trip(&c);
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
	struct client c;
	unsigned i;

	(void)signal(SIGPIPE, SIG_IGN);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	wire_tls_open(&w);
	wire_tls_start(&w);
	for (i = 0; goes_on(i, ROUNDS / 8, began); i++) {
		c.ssl = wire_tls_dial(&w, ctx);
		T_OK(c.ssl != NULL);
		if (c.ssl == NULL)
			break;
		c.fd = SSL_get_fd(c.ssl);
		round_trip(&c);
		SSL_free(c.ssl);
		close(c.fd);
	}
	is_idle(&w.w, i);
	wire_tls_stop(&w);
	SSL_CTX_free(ctx);
}

T_MAIN
