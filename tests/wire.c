/* SPDX-License-Identifier: ISC */
#include "tests/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "formats/request.h"
#include "tests/t.h"

#define PATIENCE_MS 20000 /* a loaded machine has been seen to need 5000 */

uint8_t
wire_byte(uint64_t off)
{
	return (uint8_t)(off * 31 + (off >> 8) * 7 + (off >> 16));
}

static void
send_file(struct wire *r, struct httpd_res *rs)
{
	rs->status = 200;
	rs->type = "application/octet-stream";
	rs->fd = r->file;
	rs->fd_kept = true;
	rs->size = WIRE_FILE;
	rs->modified = 1104537600;
	snprintf(rs->etag, sizeof(rs->etag), "\"file\"");
}

struct list {
	struct wire *r;
	uint64_t off;
	bool broken;
};

static ssize_t
read_list(void *ctx, char *p, size_t room)
{
	struct list *l = ctx;
	size_t i;

	if (l->broken)
		return -1;
	for (i = 0; i < room && l->off < WIRE_LIST; i++)
		p[i] = (char)wire_byte(l->off++);
	return (ssize_t)i;
}

static void
close_list(void *ctx)
{
	struct list *l = ctx;

	atomic_fetch_add(&l->r->closed, 1);
	free(l);
}

static void
send_list(struct wire *r, struct httpd_res *rs, bool broken)
{
	struct list *l = calloc(1, sizeof(*l));

	atomic_fetch_add(&r->opened, 1);
	l->r = r;
	l->broken = broken;
	rs->status = 200;
	rs->type = "application/json";
	rs->read = read_list;
	rs->close = close_list;
	rs->ctx = l;
}

static void
send_mem(struct httpd_res *rs, size_t n, const char *etag)
{
	struct err e = ERR_INIT;
	uint8_t *p = buf_reserve(&rs->bytes, n, &e);
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = wire_byte(i);
	rs->bytes.len = n;
	rs->status = 200;
	rs->type = "text/html";
	snprintf(rs->etag, sizeof(rs->etag), "%s", etag);
}

static void
answer_post(const struct httpd_req *rq, struct httpd_res *rs)
{
	struct err e = ERR_INIT;
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < rq->body_len; i++)
		sum = sum * 31 + rq->body[i];
	rs->status = 200;
	rs->type = "text/plain";
	T_CALL(buf_printf(&rs->bytes, &e, "%zu %u", rq->body_len, sum), &e);
}

static void
answer(void *arg, const struct httpd_req *rq, struct httpd_res *rs)
{
	struct wire *r = arg;

	if (strcmp(rq->path, "/file") == 0) {
		send_file(r, rs);
	} else if (strcmp(rq->path, "/large") == 0) {
		send_file(r, rs);
		rs->fd = r->large;
		rs->size = WIRE_LARGE;
	} else if (strcmp(rq->path, "/mem") == 0) {
		send_mem(rs, WIRE_MEM, "\"mem\"");
	} else if (strcmp(rq->path, "/big") == 0) {
		send_mem(rs, WIRE_BIG, "");
	} else if (strcmp(rq->path, "/list") == 0) {
		send_list(r, rs, false);
	} else if (strcmp(rq->path, "/broken") == 0) {
		send_list(r, rs, true);
	} else if (strcmp(rq->path, "/post") == 0 && rq->post) {
		answer_post(rq, rs);
	} else if (strcmp(rq->path, "/wait") == 0) {
		atomic_fetch_add(&r->waiting, 1);
		while (sem_wait(&r->let) == -1)
			continue;
		atomic_fetch_sub(&r->waiting, 1);
		send_mem(rs, 10, "");
	}
}

static bool
quick(void *arg, const struct httpd_req *rq, struct httpd_res *rs)
{
	if (strcmp(rq->path, "/warm") != 0)
		return false;
	send_file(arg, rs);
	return true;
}

static unsigned
kind(void *arg, const char *path)
{
	(void)arg;
	return (strcmp(path, "/post") == 0 ? HTTPD_POST : 0) |
	    (strcmp(path, "/file") != 0 && strcmp(path, "/post") != 0 &&
			strcmp(path, "/warm") != 0
		    ? HTTPD_SLOW
		    : 0);
}

static void
done(void *arg, const struct httpd_done *d)
{
	struct wire *r = arg;

	snprintf(r->said, sizeof(r->said), "%s %s %.200s %u %llu %d '%.100s'",
	    d->peer, d->method, d->target, d->status,
	    (unsigned long long)d->bytes, d->whole, d->agent);
	atomic_fetch_add(&r->done, 1);
}

void
wire_init(struct wire *r)
{
	uint8_t *p = malloc(WIRE_FILE);
	char name[200];
	size_t i;

	*r = (struct wire){.limits = httpd_limits,
	    .o = {.loops = 1,
		.workers = 1,
		.slow_workers = 2,
		.max_conns = 64,
		.max_conns_ip = 64,
		.kind = kind,
		.quick = quick,
		.answer = answer,
		.done = done}};
	sem_init(&r->let, 0, 0);
	snprintf(name, sizeof(name), "%s/file", t_tmpdir());
	r->file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (i = 0; i < WIRE_FILE; i++)
		p[i] = wire_byte(i);
	T_EQ(write(r->file, p, WIRE_FILE), WIRE_FILE);
	free(p);
	snprintf(name, sizeof(name), "%s/large", t_tmpdir());
	r->large = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	T_EQ(ftruncate(r->large, WIRE_LARGE), 0);
}

void
wire_start_on(struct wire *r, const struct httpd_listen *l, size_t n)
{
	struct err e = ERR_INIT;

	r->o.arg = r;
	r->o.limits = &r->limits;
	T_CALL(httpd_start(&r->h, l, n, &r->o, &e), &e);
}

void
wire_start(struct wire *r)
{
	struct httpd_listen l = {.fd = -1};
	struct httpd_where where;
	struct err e = ERR_INIT;
	char url[HTTPD_URL_MAX];

	T_CALL(httpd_where_read(&where, "127.0.0.1:0", &e), &e);
	T_CALL(httpd_bind(&l, &where, &e), &e);
	T_CALL(httpd_url(url, &l, &e), &e);
	T_EQ(sscanf(url, "http://127.0.0.1:%u/", &r->port), 1);
	wire_start_on(r, &l, 1);
}

void
wire_stop(struct wire *r)
{
	wire_let(r, 100);
	httpd_stop(r->h);
	close(r->file);
	sem_destroy(&r->let);
}

void
wire_let(struct wire *r, unsigned n)
{
	while (n-- > 0)
		sem_post(&r->let);
}

void
wire_counts(struct wire *r, struct httpd_counts *c)
{
	httpd_counts(r->h, c);
}

bool
wire_has_conns(struct wire *r, unsigned n)
{
	struct httpd_counts c;

	httpd_counts(r->h, &c);
	return c.conns == n;
}

bool
wire_is_busy(struct wire *r, unsigned n)
{
	struct httpd_counts c;

	httpd_counts(r->h, &c);
	return c.busy == n;
}

bool
wire_waits(struct wire *r, unsigned n)
{
	return atomic_load(&r->waiting) == n;
}

bool
wire_await(
    bool (*holds)(struct wire *r, unsigned n), struct wire *r, unsigned n)
{
	const struct timespec nap = {.tv_nsec = 5000000};
	unsigned i;

	for (i = 0; i < PATIENCE_MS / 5; i++) {
		if (holds(r, n))
			return true;
		(void)nanosleep(&nap, NULL);
	}
	return false;
}

int
wire_dial(const struct wire *r, unsigned from)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00) | from);
	T_EQ(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sa.sin_port = htons((uint16_t)r->port);
	T_EQ(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

void
wire_say_bytes(int fd, const char *p, size_t n)
{
	ssize_t r;

	for (; n > 0; n -= (size_t)r, p += r)
		if ((r = send(fd, p, n, MSG_NOSIGNAL)) <= 0)
			return;
}

void
wire_say(int fd, const char *text)
{
	wire_say_bytes(fd, text, strlen(text));
}

/* One byte; false: none came. */
static bool
take_byte(int fd, char *c)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, PATIENCE_MS) == 1 && recv(fd, c, 1, 0) == 1;
}

static bool
take_head(int fd, char head[WIRE_HEAD])
{
	size_t n = 0;

	while (n < WIRE_HEAD - 1 && take_byte(fd, head + n)) {
		head[++n] = '\0';
		if (n >= 4 && strcmp(head + n - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static bool
take_body(int fd, char *body, size_t n)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char block[65536];
	size_t at;
	ssize_t r;

	for (at = 0; at < n; at += (size_t)r) {
		if (poll(&p, 1, PATIENCE_MS) != 1)
			return false;
		r = recv(fd, block,
		    n - at < sizeof(block) ? n - at : sizeof(block), 0);
		if (r <= 0)
			return false;
		if (body != NULL)
			memcpy(body + at, block, (size_t)r);
	}
	return true;
}

/* Chunks without extensions, as the server makes them. */
static bool
take_chunks(int fd, char *body, size_t *n)
{
	char line[20], crlf[2];
	unsigned long size;
	size_t at;

	for (*n = 0;; *n += size) {
		for (at = 0; at < sizeof(line) - 1; at++) {
			if (!take_byte(fd, line + at))
				return false;
			if (line[at] == '\n')
				break;
		}
		line[at] = '\0';
		size = strtoul(line, NULL, 16);
		if (!take_body(fd, body != NULL ? body + *n : NULL, size) ||
		    !take_body(fd, crlf, 2) || memcmp(crlf, "\r\n", 2) != 0)
			return false;
		if (size == 0)
			return true;
	}
}

unsigned
wire_hear(int fd, bool bodiless, char *head, char *body, size_t *n)
{
	char mine[WIRE_HEAD];
	const char *length;
	unsigned status;
	size_t got = 0;

	if (head == NULL)
		head = mine;
	if (!take_head(fd, head) || sscanf(head, "HTTP/1.1 %3u ", &status) != 1)
		return 0;
	if (bodiless || status == 304 || status == 100) {
		got = 0;
	} else if (strstr(head, "\r\nTransfer-Encoding: chunked\r\n") != NULL) {
		if (!take_chunks(fd, body, &got))
			return 0;
	} else {
		length = strstr(head, "\r\nContent-Length: ");
		T_OK(length != NULL);
		got = length != NULL ? strtoul(length + 18, NULL, 10) : 0;
		if (!take_body(fd, body, got))
			return 0;
	}
	if (n != NULL)
		*n = got;
	return status;
}

unsigned
wire_get(const struct wire *r, unsigned from, const char *path)
{
	int fd = wire_dial(r, from);
	char text[256];
	unsigned status;

	snprintf(
	    text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
	wire_say(fd, text);
	status = wire_hear(fd, false, NULL, NULL, NULL);
	close(fd);
	return status;
}

bool
wire_ends(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char c[4096];

	while (poll(&p, 1, ms) == 1)
		if (recv(fd, c, sizeof(c), 0) <= 0)
			return true;
	return false;
}
