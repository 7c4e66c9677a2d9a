/* SPDX-License-Identifier: ISC */
/* A connection: requests in, answers out. */
#include "tests/upstream/upstream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/upstream/soap.h"

struct conn {
	int fd;
	char head[HEAD_MAX + 1];
	size_t have; /* bytes in head */
};

/* More bytes into head; 0: the peer went. */
static bool
more(struct conn *c)
{
	ssize_t n;

	if (c->have == HEAD_MAX)
		return false;
	do
		n = recv(c->fd, c->head + c->have, HEAD_MAX - c->have, 0);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return false;
	c->have += (size_t)n;
	c->head[c->have] = '\0';
	return true;
}

static void
field(char to[FIELD_MAX], const char *v)
{
	snprintf(to, FIELD_MAX, "%s", v);
}

static void
read_field(struct request *r, const char *line)
{
	const char *v = strchr(line, ':');
	size_t n;

	if (v == NULL)
		return;
	n = (size_t)(v - line);
	v += 1 + strspn(v + 1, " \t");
	if (n == 5 && strncasecmp(line, "range", n) == 0)
		field(r->range, v);
	else if (n == 8 && strncasecmp(line, "if-range", n) == 0)
		field(r->if_range, v);
	else if (n == 10 && strncasecmp(line, "soapaction", n) == 0)
		field(r->action, v);
	else if (n == 14 && strncasecmp(line, "content-length", n) == 0)
		r->has_length = num_read(&r->length, v, strlen(v), 0, BODY_MAX);
	else if (n == 17 && strncasecmp(line, "transfer-encoding", n) == 0)
		r->chunked = true;
	else if (n == 6 && strncasecmp(line, "expect", n) == 0)
		r->expect = true;
	else if (n == 10 && strncasecmp(line, "connection", n) == 0)
		r->close = strcasecmp(v, "close") == 0;
}

/* The head ends at end; its lines are cut apart. */
static bool
read_head(struct request *r, char *head, char *end)
{
	char version[16], *line, *next;

	*end = '\0';
	if ((next = strstr(head, "\r\n")) != NULL)
		*next = '\0';
	if (sscanf(head, "%15s %2047s %15s", r->method, r->path, version) != 3)
		return false;
	if (strcmp(version, "HTTP/1.1") != 0)
		r->close = true;
	for (line = next; line != NULL; line = next) {
		line += 2;
		if ((next = strstr(line, "\r\n")) != NULL)
			*next = '\0';
		read_field(r, line);
	}
	return true;
}

static bool
read_body(struct conn *c, struct request *r, size_t at)
{
	size_t n = c->have - at;
	ssize_t got;

	if (n > r->length)
		n = (size_t)r->length;
	putn(&r->body, c->head + at, n);
	memmove(c->head, c->head + at + n, c->have - at - n + 1);
	c->have -= at + n;
	if (r->expect && r->body.len < r->length &&
	    send_all(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, 0) == -1)
		return false;
	while (r->body.len < r->length) {
		size_t want = (size_t)r->length - r->body.len;
		struct err e = ERR_INIT;
		uint8_t *p = buf_reserve(&r->body, want, &e);

		if (p == NULL || (got = recv(c->fd, p, want, 0)) <= 0)
			return false;
		r->body.len += (size_t)got;
	}
	return true;
}

static bool
read_request(struct conn *c, struct request *r)
{
	char *end;

	while ((end = strstr(c->head, "\r\n\r\n")) == NULL)
		if (!more(c))
			return false;
	if (!read_head(r, c->head, end) || r->chunked)
		return false;
	return read_body(c, r, (size_t)(end + 4 - c->head));
}

static void
log_answer(const struct answer *a)
{
	struct buf b = BUF_INIT;

	if (up.log == -1)
		return;
	putf(&b, "%s %d %llu", a->op, a->status, (unsigned long long)a->sent);
	putn(&b, a->note.p, a->note.len);
	put(&b, "\n");
	if (write(up.log, b.p, b.len) == -1)
		die(4, "log: %s", strerror(errno));
	buf_free(&b);
}

/* Letters low, repeated slashes one, no query. */
static void
normalise(const char *path, char *to)
{
	const char *p;
	size_t n = 0;

	for (p = path; *p != '\0' && *p != '?'; p++)
		if (*p != '/' || n == 0 || to[n - 1] != '/')
			to[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	to[n] = '\0';
}

static void
route(const struct request *r, struct answer *a)
{
	char path[sizeof(r->path)];

	normalise(r->path, path);
	if (strcmp(r->method, "POST") == 0 &&
	    (strcmp(path, "/serversyncwebservice/serversyncwebservice.asmx") ==
		    0 ||
		strcmp(path, "/dssauthwebservice/dssauthwebservice.asmx") ==
		    0 ||
		strcmp(path, "/reportingwebservice/reportingwebservice.asmx") ==
		    0)) {
		answer_soap(r, a);
		return;
	}
	if (strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0) {
		content_answer(r, path, a);
		return;
	}
	snprintf(a->op, sizeof(a->op), "Other");
	a->status = strcmp(r->method, "POST") == 0 ? 404 : 405;
}

static int
one(struct conn *c, struct request *r)
{
	struct answer a = {.status = 200,
	    .body = BUF_INIT,
	    .head = BUF_INIT,
	    .note = BUF_INIT,
	    .fd = -1,
	    .length = -1};
	int n;

	route(r, &a);
	n = answer_send(c->fd, &a, r->close);
	log_answer(&a);
	buf_free(&a.body);
	buf_free(&a.head);
	buf_free(&a.note);
	if (a.fd != -1)
		close(a.fd);
	return r->close ? -1 : n;
}

void
http_run(int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct request *r = calloc(1, sizeof(*r));
	int on = 1, n = 0;

	if (c == NULL || r == NULL)
		die(4, "out of memory");
	c->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	while (n == 0) {
		struct buf kept = r->body;

		buf_reset(&kept);
		*r = (struct request){.body = kept};
		r->body.max = BODY_MAX;
		n = read_request(c, r) ? one(c, r) : -1;
	}
	buf_free(&r->body);
	free(r);
	free(c);
	close(fd);
}
