/* SPDX-License-Identifier: ISC */
/*
 * Many clients at once, good and bad, in any order and cut anywhere: whoever is
 * answered gets the right bytes, and at the end nothing is left.
 */
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/t.h"
#include "tests/wire.h"

#define CLIENTS 6
#define SECONDS 3
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

struct client {
	struct wire *r;
	pthread_t thread;
	uint64_t x; /* random */
	unsigned good, gone, wrong;
	char *body; /* owned */
};

static uint64_t
any(struct client *c, uint64_t n)
{
	c->x ^= c->x << 13;
	c->x ^= c->x >> 7;
	c->x ^= c->x << 17;
	return c->x % n;
}

/* In pieces; now and then with a pause. */
static void
say(struct client *c, int fd, const char *p, size_t n)
{
	size_t step;

	while (n > 0) {
		step = any(c, 3) == 0 ? 1 + any(c, n) : n;
		wire_say_bytes(fd, p, step);
		p += step;
		n -= step;
		if (any(c, 8) == 0)
			usleep(1000);
	}
}

struct want {
	unsigned status;
	size_t n;
	uint64_t off;
};

/* A request with what it is to be answered with. */
static size_t
make_get(struct client *c, char *to, size_t room, struct want *w)
{
	static const struct {
		const char *path;
		unsigned status;
		size_t size;
	} paths[] = {{"/file", 200, WIRE_FILE}, {"/warm", 200, WIRE_FILE},
	    {"/mem", 200, WIRE_MEM}, {"/list", 200, WIRE_LIST},
	    {"/none", 404, 0}, {"//a/../warm", 200, WIRE_FILE}};
	unsigned i = (unsigned)any(c, 6);
	char range[80] = "";
	uint64_t a, b;

	*w = (struct want){paths[i].status, paths[i].size, 0};
	if (paths[i].size == WIRE_FILE && any(c, 2) == 0) {
		a = any(c, WIRE_FILE);
		b = a + any(c, WIRE_FILE - a);
		snprintf(range, sizeof(range), "Range: bytes=%llu-%llu\r\n",
		    (unsigned long long)a, (unsigned long long)b);
		*w = (struct want){206, (size_t)(b - a + 1), a};
	}
	return (size_t)snprintf(to, room,
	    "GET %s HTTP/1.1\r\nHost: a\r\n%s%s\r\n", paths[i].path, range,
	    any(c, 4) == 0 ? "Content-Length: 0\r\n" : "");
}

static void
hear(struct client *c, int fd, const struct want *w)
{
	size_t n = 0, i;
	unsigned status = wire_hear(fd, false, NULL, c->body, &n);

	if (status == 0 || status == 503) {
		c->gone++;
		return;
	}
	for (i = 0; i < n && n == w->n; i++)
		if ((uint8_t)c->body[i] != wire_byte(w->off + i))
			break;
	if (status == w->status && n == w->n && i == n)
		c->good++;
	else
		c->wrong++;
}

static void
ask(struct client *c, int fd)
{
	unsigned i, n = 1 + (unsigned)any(c, 4);
	struct want w[4];
	char text[2048] = "";
	size_t at = 0;

	for (i = 0; i < n; i++)
		at += make_get(c, text + at, sizeof(text) - at, &w[i]);
	say(c, fd, text, at);
	for (i = 0; i < n; i++)
		hear(c, fd, &w[i]);
}

/* A body, by its length or in chunks; the answer is its length and sum. */
static void
posts(struct client *c, int fd)
{
	size_t i, step, n = (size_t)any(c, any(c, 4) == 0 ? 300000 : 3000);
	bool chunked = any(c, 2) == 0;
	char head[200], want[64], *in = malloc(n + 1);
	unsigned sum = 0;

	for (i = 0; i < n; i++) {
		in[i] = (char)any(c, 256);
		sum = sum * 31 + (uint8_t)in[i];
	}
	snprintf(want, sizeof(want), "%zu %u", n, sum);
	snprintf(head, sizeof(head), "Content-Length: %zu", n);
	wire_say(fd, "POST /post HTTP/1.1\r\nHost: a\r\n");
	wire_say(fd, chunked ? "Transfer-Encoding: chunked" : head);
	wire_say(fd, "\r\n\r\n");
	for (i = 0; i < n; i += step) {
		step = 1 + (size_t)any(c, n - i);
		snprintf(head, sizeof(head), "%zx\r\n", step);
		if (chunked)
			wire_say(fd, head);
		say(c, fd, in + i, step);
		if (chunked)
			wire_say(fd, "\r\n");
	}
	if (chunked)
		wire_say(fd, "0\r\n\r\n");
	free(in);
	switch (wire_hear(fd, false, NULL, c->body, &n)) {
	case 0:
	case 503:
		c->gone++;
		break;
	case 200:
		if (n == strlen(want) && memcmp(c->body, want, n) == 0) {
			c->good++;
			break;
		}
		/* Another's bytes, then. */
		c->wrong++;
		break;
	default:
		c->wrong++;
	}
}

/* Anything: what is answered is not looked at. */
static void
nonsense(struct client *c, int fd)
{
	char text[1024], in[4096];
	struct want w;
	size_t n = make_get(c, text, sizeof(text), &w);
	unsigned i;

	for (i = 0; i <= any(c, 4); i++)
		text[any(c, n)] = (char)any(c, 256);
	if (any(c, 3) == 0)
		n = (size_t)any(c, n);
	say(c, fd, text, n);
	for (i = 0; i < any(c, 3); i++)
		(void)recv(fd, in, sizeof(in), MSG_DONTWAIT);
}

static void
end(struct client *c, int fd)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};

	if (any(c, 3) == 0)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	else if (any(c, 2) == 0)
		(void)shutdown(fd, SHUT_WR);
	close(fd);
}

static void *
run(void *arg)
{
	struct client *c = arg;
	time_t until = time(NULL) + (getenv("WF_LONG") ? 600 : SECONDS);
	unsigned i;
	int fd;

	while (time(NULL) < until) {
		fd = wire_dial(c->r, 1 + (unsigned)any(c, 5));
		for (i = 0; i < any(c, 4); i++)
			if (any(c, 3) == 0)
				posts(c, fd);
			else
				ask(c, fd);
		if (any(c, 2) == 0)
			nonsense(c, fd);
		end(c, fd);
	}
	return NULL;
}

static bool
lists_are_closed(struct wire *r, unsigned n)
{
	return atomic_load(&r->opened) == atomic_load(&r->closed) + n;
}

static void
storm(struct wire *r, bool scarce)
{
	struct client c[CLIENTS];
	unsigned i, good = 0;
	struct httpd_counts n;

	for (i = 0; i < CLIENTS; i++) {
		c[i] = (struct client){
		    .r = r, .x = t_random() | 1, .body = malloc(WIRE_LIST)};
		T_EQ(pthread_create(&c[i].thread, NULL, run, &c[i]), 0);
	}
	for (i = 0; i < CLIENTS; i++) {
		pthread_join(c[i].thread, NULL);
		T_EQ(c[i].wrong, 0);
		T_OK(scarce || c[i].gone == 0);
		good += c[i].good;
		free(c[i].body);
	}
	T_OK(good > 10);
	T_OK(wire_await(wire_has_conns, r, 0));
	T_OK(wire_await(wire_is_busy, r, 0));
	T_OK(wire_await(lists_are_closed, r, 0));
	wire_counts(r, &n);
	T_EQ(n.held, 0);
}

T_TEST(whoever_is_answered_gets_the_right_bytes)
{
	struct wire r;

	wire_init(&r);
	r.o.loops = 2;
	r.o.workers = 2;
	wire_start(&r);
	storm(&r, false);
	wire_stop(&r);
}

/* Places for fewer than come, little memory, little time. */
T_TEST(the_same_where_everything_is_scarce)
{
	struct wire r;

	wire_init(&r);
	r.o.loops = 2;
	r.o.max_conns = 5;
	r.o.max_conns_ip = 2;
	r.o.budget = 200000;
	r.limits.head = r.limits.body = r.limits.starved = 50;
	r.limits.queued = r.limits.idle = 30;
	r.limits.slow = 100000000;
	wire_start(&r);
	storm(&r, true);
	wire_stop(&r);
}

/* Over all loops, at every moment; and at each a newcomer for whom another one
   is about to go. */
T_TEST(an_address_has_never_more_than_twice_its_share)
{
	struct httpd_counts c;
	unsigned i, most = 0;
	int fds[200];
	struct wire r;

	wire_init(&r);
	r.o.max_conns_ip = 5;
	r.o.loops = 4;
	r.o.workers = 2;
	wire_start(&r);
	for (i = 0; i < 200; i++) {
		fds[i] = wire_dial(&r, 1);
		wire_say(fds[i],
		    i % 2 == 0 ? GET("/big") : "GET / HTTP/1.1\r\nHost: a\r\n");
		wire_counts(&r, &c);
		most = c.conns > most ? (unsigned)c.conns : most;
	}
	T_OK(most >= 5 && most <= 10 + r.o.loops);
	for (i = 0; i < 200; i++)
		close(fds[i]);
	wire_stop(&r);
}

T_MAIN
