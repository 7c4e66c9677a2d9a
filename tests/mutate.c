/* SPDX-License-Identifier: ISC */
#include "tests/mutate.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define SENT_MAX 16384
#define CAME_MAX ((size_t)40 << 20)

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
make(const struct mutate *m, char *b)
{
	size_t n = 0, i, k = 1 + pick(3);
	const char *seed;

	for (i = 0; i < k; i++) {
		seed = m->seeds[pick(m->nseeds)];
		n = insert(b, n, n, seed, strlen(seed));
	}
	for (i = pick(4); i > 0; i--)
		n = change(b, n);
	return n;
}

static ssize_t
put(const struct mutate_client *c, const char *p, size_t n)
{
	return c->ssl != NULL ? SSL_write(c->ssl, p, (int)n)
			      : send(c->fd, p, n, MSG_NOSIGNAL);
}

/* Whoever was refused may not take all of it. */
static void
say(const struct mutate_client *c, const char *p, size_t n)
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
hear(const struct mutate_client *c, char *b)
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
	const struct mutate *m;
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
bytes_are(const struct mutate *m, const char *p, uint64_t off, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if ((uint8_t)p[i] != m->byte(off + i))
			return false;
	return true;
}

/* Of another file its bytes are not known. */
static bool
range_is(const struct mutate *m, const char *range, const char *body,
    const char *end, uint64_t *len)
{
	unsigned long long first, last, size;

	if (range == NULL ||
	    sscanf(range, "bytes %llu-%llu/%llu", &first, &last, &size) != 3 ||
	    first > last || last >= size)
		return false;
	*len = last - first + 1;
	return *len <= (uint64_t)(end - body) &&
	    (size != m->size || bytes_are(m, body, first, *len));
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
		    !range_is(
			c->m, p + sizeof(mark) - 1, data + 4, end - 4, &len) ||
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

	if (c->status == 200 && c->length == c->m->size)
		return bytes_are(c->m, body, 0, c->length);
	if (c->status != 206)
		return true;
	if (header(c, "multipart/byteranges") != NULL)
		return parts_are(c, body);
	return range_is(c->m, header(c, "Content-Range: "), body,
		   body + c->length, &len) &&
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

void
mutate_round(const struct mutate *m, const struct mutate_client *client)
{
	static char sent[SENT_MAX + 1], came[CAME_MAX + 1];
	struct came c;
	size_t n = make(m, sent);

	say(client, sent, n);
	if (client->ssl != NULL)
		(void)SSL_shutdown(client->ssl);
	else
		(void)shutdown(client->fd, SHUT_WR);
	c.m = m;
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

bool
mutate_goes_on(unsigned i, unsigned rounds, time_t began, unsigned long_s)
{
	if (getenv("WF_LONG") != NULL)
		return time(NULL) - began < (time_t)long_s;
	return i < rounds;
}
