/* SPDX-License-Identifier: ISC */
#include "tests/get_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/t.h"

#define DATE "Sun, 01 Nov 2026 12:00:00 GMT"
#define OLD_DATE "Sat, 31 Oct 2026 12:00:00 GMT"

struct talk {
	struct get_peer *p;
	int fd;
	char head[4096]; /* of the request */
	unsigned n; /* which request it is */
	const uint8_t *file;
	size_t size;
	bool ranged; /* Range, and If-Range does not speak against it */
	uint64_t from;
	char tag[64];
};

static void
die(const char *what)
{
	perror(what);
	abort();
}

static bool
give(struct talk *t, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n > 0) {
		ssize_t k = send(t->fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static bool say(struct talk *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool
say(struct talk *t, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return give(t, text, strlen(text));
}

static bool
send_body(struct talk *t, const void *data, size_t n)
{
	atomic_fetch_add(&t->p->sent, n);
	return give(t, data, n);
}

/* A field's value into to, "" where it is not there. */
static void
field(const struct talk *t, const char *name, char to[64])
{
	const char *s = strcasestr(t->head, name);
	size_t n;

	to[0] = '\0';
	if (s == NULL)
		return;
	s += strlen(name);
	n = strcspn(s, "\r\n");
	if (n < 64) {
		memcpy(to, s, n);
		to[n] = '\0';
	}
}

static bool
read_head(struct talk *t)
{
	size_t n = 0;

	while (n + 1 < sizeof(t->head)) {
		ssize_t k = recv(t->fd, t->head + n, 1, 0);

		if (k <= 0)
			return false;
		t->head[++n] = '\0';
		if (n >= 4 && strcmp(t->head + n - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static void
note(struct talk *t, const char *range, const char *if_range, char path[128])
{
	path[0] = '\0';
	(void)sscanf(t->head, "GET %127s", path);
	if (t->n < PEER_SEEN)
		snprintf(t->p->seen[t->n], sizeof(t->p->seen[0]),
		    "%.64s range=%s if-range=%s", path, range, if_range);
}

static void
understand(struct talk *t)
{
	char range[64], if_range[64], path[128];

	field(t, "\r\nrange: ", range);
	field(t, "\r\nif-range: ", if_range);
	t->n = atomic_fetch_add(&t->p->nseen, 1);
	note(t, range, if_range, path);
	t->file = t->p->file;
	t->size = t->p->size;
	if (t->p->find != NULL)
		t->file = t->p->find(path, &t->size);
	if (t->file == NULL)
		t->size = 0;
	switch (t->p->tag) {
	case PEER_STRONG:
		snprintf(t->tag, sizeof(t->tag), "\"one\"");
		break;
	case PEER_WEAK:
		snprintf(t->tag, sizeof(t->tag), "W/\"one\"");
		break;
	case PEER_NEW:
		snprintf(t->tag, sizeof(t->tag), "\"%u\"", t->n);
		break;
	default:
		t->tag[0] = '\0';
	}
	t->ranged = sscanf(range, "bytes=%" SCNu64 "-", &t->from) == 1 &&
	    t->from < t->size &&
	    (if_range[0] == '\0' || strcmp(if_range, t->tag) == 0 ||
		(t->p->tag == PEER_DATED && strcmp(if_range, OLD_DATE) == 0));
	if (!t->ranged)
		t->from = 0;
}

static bool
fields(struct talk *t, unsigned status)
{
	if (!say(t, "HTTP/1.1 %u X\r\nDate: " DATE "\r\n", status))
		return false;
	if (t->p->tag == PEER_DATED &&
	    !say(t, "Last-Modified: " OLD_DATE "\r\n"))
		return false;
	return t->tag[0] == '\0' || say(t, "ETag: %s\r\n", t->tag);
}

/* len bytes announced from `from` on; of them give n. */
static bool
answer(struct talk *t, uint64_t from, uint64_t len, uint64_t n, uint64_t total)
{
	if (!fields(t, t->ranged ? 206 : 200))
		return false;
	if (t->ranged &&
	    !say(t,
		"Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n",
		from, from + len - 1, total))
		return false;
	return say(t, "Content-Length: %" PRIu64 "\r\n\r\n", len) &&
	    send_body(t, t->file + from, n < len ? n : len) && n >= len;
}

static bool
chunked(struct talk *t, uint64_t n, unsigned times)
{
	if (!fields(t, 200) || !say(t, "Transfer-Encoding: chunked\r\n\r\n"))
		return false;
	for (unsigned i = 0; i < times; i++)
		if (!say(t, "%" PRIx64 "\r\n", n) ||
		    !send_body(t, t->file, n) || !say(t, "\r\n"))
			return false;
	return say(t, "0\r\n\r\n");
}

/* Bytes that are none of the file's stand behind or within it. */
static bool
bent(struct talk *t, uint64_t len, uint64_t swap)
{
	uint8_t *copy = calloc(1, len);
	bool ok;

	if (copy == NULL)
		die("calloc");
	memcpy(copy, t->file, len < t->size ? len : t->size);
	if (swap < len)
		copy[swap] ^= 0x40;
	ok = fields(t, 200) &&
	    say(t, "Content-Length: %" PRIu64 "\r\n\r\n", len) &&
	    send_body(t, copy, len);
	free(copy);
	return ok;
}

static bool
status(struct talk *t, unsigned code)
{
	static const char page[] = "<html>no</html>";

	return fields(t, code) &&
	    say(t, "%sContent-Length: %zu\r\n\r\n%s",
		code == 302 ? "Location: http://127.0.0.1:1/else\r\n" : "",
		strlen(page), page);
}

static bool
slow(struct talk *t, uint64_t ms)
{
	struct pollfd end = {.fd = t->fd, .events = POLLIN};

	(void)answer(t, t->from, t->size - t->from, 1000, t->size);
	(void)poll(&end, 1, (int)ms);
	return false;
}

static bool
part_anyway(struct talk *t, uint64_t from, uint64_t total)
{
	t->ranged = true;
	return answer(t, from, t->size - from, UINT64_MAX, total);
}

/* The rest, with a Content-Range that is not its own, or not its length. */
static bool
odd_range(struct talk *t, uint64_t later, uint64_t earlier, uint64_t more)
{
	uint64_t n = t->size - t->from;
	const uint8_t *p = t->file + t->from;

	if (!fields(t, 206) ||
	    !say(t, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%zu\r\n",
		t->from + later, t->size - 1 - earlier, t->size))
		return false;
	if (more == 0)
		return say(t, "Content-Length: %" PRIu64 "\r\n\r\n", n) &&
		    send_body(t, p, n);
	return say(t, "Transfer-Encoding: chunked\r\n\r\n%" PRIx64 "\r\n", n) &&
	    send_body(t, p, n) && say(t, "\r\n%" PRIx64 "\r\n", more) &&
	    send_body(t, p, more) && say(t, "\r\n0\r\n\r\n");
}

static bool
beyond(struct talk *t)
{
	return fields(t, 416) &&
	    say(t,
		"Content-Range: bytes */%zu\r\n"
		"Content-Length: 0\r\n\r\n",
		t->size);
}

/* Keep the connection? */
static bool
act(struct talk *t)
{
	const struct get_peer *p = t->p;
	unsigned n = t->n < p->nscript ? t->n : p->nscript - 1;
	uint64_t arg = p->script[n].arg, len = t->size - t->from;

	if (t->file == NULL)
		return status(t, 404);
	switch (p->script[n].act) {
	case PEER_GOOD:
		return answer(t, t->from, len, UINT64_MAX, t->size);
	case PEER_CUT:
		return answer(t, t->from, len, arg, t->size);
	case PEER_WHOLE:
		t->ranged = false;
		return answer(t, 0, t->size, UINT64_MAX, t->size);
	case PEER_SHIFTED:
		return part_anyway(t, t->from + arg, t->size);
	case PEER_PART:
		return part_anyway(t, 0, t->size);
	case PEER_ODD_TOTAL:
		return part_anyway(t, t->from, t->size + arg);
	case PEER_ODD_FROM:
		return odd_range(t, arg, 0, 0);
	case PEER_ODD_TO:
		return odd_range(t, 0, arg, 0);
	case PEER_REST_LONG:
		return odd_range(t, 0, 0, arg);
	case PEER_NO_RANGE:
		return fields(t, 206) &&
		    say(t, "Content-Length: %" PRIu64 "\r\n\r\n", len) &&
		    send_body(t, t->file + t->from, len);
	case PEER_BEYOND:
		return beyond(t);
	case PEER_SHORT:
		return bent(t, t->size - arg, UINT64_MAX);
	case PEER_LONG:
		return bent(t, t->size + arg, UINT64_MAX);
	case PEER_CHUNKED:
		return chunked(t, t->size, 1);
	case PEER_CHUNKED_LONG:
		return chunked(t, t->size, 2);
	case PEER_CHUNKED_SHORT:
		return chunked(t, t->size - arg, 1);
	case PEER_SWAPPED:
		return bent(t, t->size, arg);
	case PEER_MISSING:
		return status(t, 404);
	case PEER_STATUS:
		return status(t, (unsigned)arg);
	case PEER_ENCODED:
		return say(t,
		    "HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n"
		    "Content-Length: 4\r\n\r\nabcd");
	case PEER_SLOW:
		return slow(t, arg);
	}
	return false;
}

static void *
converse(void *arg)
{
	struct talk *t = arg;

	while (read_head(t)) {
		understand(t);
		if (!act(t))
			break;
	}
	close(t->fd);
	free(t);
	return NULL;
}

static void *
take_calls(void *arg)
{
	struct get_peer *p = arg;
	pthread_t id;
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) != -1) {
		struct talk *t = calloc(1, sizeof(*t));

		if (t == NULL)
			die("calloc");
		t->p = p;
		t->fd = fd;
		if (pthread_create(&id, NULL, converse, t) != 0)
			die("pthread_create");
		pthread_detach(id);
	}
	return NULL;
}

void
get_peer_open(struct get_peer *p, const uint8_t *file, size_t size)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	pthread_t id;

	memset(p, 0, sizeof(*p));
	p->file = file;
	p->size = size;
	p->nscript = 1;
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (p->fd == -1 || bind(p->fd, (void *)&a, sizeof(a)) == -1 ||
	    listen(p->fd, 64) == -1 ||
	    getsockname(p->fd, (void *)&a, &len) == -1)
		die("peer");
	if (pthread_create(&id, NULL, take_calls, p) != 0)
		die("pthread_create");
	pthread_detach(id);
	p->port = ntohs(a.sin_port);
}

void
get_peer_script(struct get_peer *p, enum get_peer_act a, uint64_t arg)
{
	p->nscript = 0;
	atomic_store(&p->nseen, 0);
	atomic_store(&p->sent, 0);
	memset(p->seen, 0, sizeof(p->seen));
	get_peer_then(p, a, arg);
}

void
get_peer_then(struct get_peer *p, enum get_peer_act a, uint64_t arg)
{
	p->script[p->nscript++] = (struct get_peer_line){a, arg};
}

void
get_peer_close(struct get_peer *p)
{
	(void)shutdown(p->fd, SHUT_RDWR);
	close(p->fd);
}
