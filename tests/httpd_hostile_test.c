/* SPDX-License-Identifier: ISC */
/* Clients that are slow, many, or gone. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/wire.h"
#include "tests/t.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static bool
has_dripping(struct wire *r, unsigned n)
{
	struct httpd_counts c;

	wire_counts(r, &c);
	return c.dripping == n;
}

T_TEST(who_is_slow_in_any_state_is_cut_off)
{
	static const char *const rows[] = {
	    "GET /mem HT", /* a head */
	    "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
	    GET("/big") /* an answer that is not taken */
	};
	int fds[3], idle, fresh, i, small = 4096;
	struct httpd_counts c;
	struct wire r;

	wire_init(&r);
	r.limits.head = r.limits.body = 300;
	r.limits.send = 300;
	r.limits.idle = 600;
	wire_start(&r);
	for (i = 0; i < 3; i++) {
		fds[i] = wire_dial(&r, 1);
		(void)setsockopt(
		    fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		wire_say(fds[i], rows[i]);
	}
	fresh = wire_dial(&r, 1);
	idle = wire_dial(&r, 1);
	wire_say(idle, GET("/mem"));
	T_EQ(wire_hear(idle, false, NULL, NULL, NULL), 200);
	T_OK(wire_await(has_dripping, &r, 3));
	T_OK(wire_await(wire_has_conns, &r, 0));
	wire_counts(&r, &c);
	T_EQ(c.busy, 0);
	T_EQ(c.held, 0);
	for (i = 0; i < 3; i++)
		close(fds[i]);
	T_OK(wire_ends(idle, 100) && wire_ends(fresh, 100));
	close(idle);
	close(fresh);
	wire_stop(&r);
}

static bool
is_told(struct wire *r, unsigned n)
{
	return atomic_load(&r->done) == n;
}

T_TEST(for_who_takes_nothing_the_kernel_holds_little)
{
	unsigned long long bytes = 0;
	int fd, small = 4096;
	struct wire r;

	wire_init(&r);
	wire_start(&r);
	fd = wire_dial(&r, 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	wire_say(fd, GET("/big"));
	usleep(300000);
	close(fd);
	T_OK(wire_await(is_told, &r, 1));
	T_EQ(sscanf(r.said, "127.0.0.1 GET /big 200 %llu 0 ", &bytes), 1);
	/* And what the client's own kernel took. */
	T_OK(bytes > 100000 && bytes < 600000);
	wire_stop(&r);
}

T_TEST(who_takes_an_answer_slowly_but_takes_it_is_not_cut_off)
{
	static char body[WIRE_LIST];
	int fd, small = 4096;
	struct wire r;
	size_t n;

	wire_init(&r);
	r.limits.send = 100;
	r.limits.send_bytes = 1;
	wire_start(&r);
	fd = wire_dial(&r, 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	wire_say(fd, GET("/file"));
	for (n = 0; n < 20000; n += 1000) {
		usleep(30000);
		T_OK(recv(fd, body, 1000, MSG_WAITALL) == 1000);
	}
	close(fd);
	wire_stop(&r);
}

T_TEST(a_newcomer_gets_in_where_idle_ones_hold_all)
{
	struct httpd_counts c;
	int fds[12], i;
	struct wire r;

	wire_init(&r);
	r.o.max_conns = 12;
	r.o.max_conns_ip = 12;
	r.o.loops = 2;
	wire_start(&r);
	for (i = 0; i < 12; i++) {
		fds[i] = wire_dial(&r, 1);
		wire_say(fds[i], GET("/mem"));
		T_EQ(wire_hear(fds[i], false, NULL, NULL, NULL), 200);
	}
	for (i = 0; i < 30; i++)
		T_EQ(wire_get(&r, 2, "/warm"), 200);
	wire_counts(&r, &c);
	T_OK(c.evicted > 0);
	T_EQ(c.turned_away, 0);
	for (i = 0; i < 12; i++)
		close(fds[i]);
	wire_stop(&r);
}

T_TEST(the_longest_idle_one_goes_first)
{
	int fds[4], i, more;
	struct wire r;

	wire_init(&r);
	r.o.max_conns = 4;
	wire_start(&r);
	for (i = 0; i < 4; i++) {
		fds[i] = wire_dial(&r, 1);
		wire_say(fds[i], GET("/mem"));
		T_EQ(wire_hear(fds[i], false, NULL, NULL, NULL), 200);
		usleep(3000);
	}
	wire_say(fds[0], GET("/mem"));
	T_EQ(wire_hear(fds[0], false, NULL, NULL, NULL), 200);
	more = wire_dial(&r, 2);
	wire_say(more, GET("/mem"));
	T_EQ(wire_hear(more, false, NULL, NULL, NULL), 200);
	T_OK(wire_ends(fds[1], 2000));
	T_OK(!wire_ends(fds[0], 20) && !wire_ends(fds[2], 20));
	for (i = 0; i < 4; i++)
		close(fds[i]);
	close(more);
	wire_stop(&r);
}

/* Of one address, heads that do not end; then one of its own, and another's. */
T_TEST(an_address_gives_up_its_own_and_is_answered)
{
	struct httpd_counts c;
	int fds[20], other, i;
	struct wire r;

	wire_init(&r);
	r.o.max_conns_ip = 5;
	wire_start(&r);
	other = wire_dial(&r, 2);
	wire_say(other, GET("/mem"));
	T_EQ(wire_hear(other, false, NULL, NULL, NULL), 200);
	for (i = 0; i < 20; i++) {
		fds[i] = wire_dial(&r, 1);
		wire_say(fds[i], "GET /mem HTTP/1.1\r\nHost: a\r\nX: ");
	}
	for (i = 0; i < 20; i++)
		T_EQ(wire_get(&r, 1, "/mem"), 200);
	wire_say(other, GET("/mem"));
	T_EQ(wire_hear(other, false, NULL, NULL, NULL), 200);
	wire_counts(&r, &c);
	T_OK(c.evicted >= 15);
	T_OK(c.conns <= 6);
	for (i = 0; i < 20; i++)
		close(fds[i]);
	close(other);
	wire_stop(&r);
}

/* What they are sent is made, so that it is held. */
static bool
sends(struct wire *r, unsigned n)
{
	struct httpd_counts c;

	wire_counts(r, &c);
	return c.held == (uint64_t)n * WIRE_BIG;
}

/* Of one address, answers that are hardly taken; then one that takes its
   own. */
T_TEST(who_takes_hardly_anything_goes_for_his_neighbour)
{
	int fds[5], i, small = 4096;
	struct httpd_counts c;
	struct wire r;

	wire_init(&r);
	r.o.max_conns_ip = 5;
	wire_start(&r);
	for (i = 0; i < 5; i++) {
		fds[i] = wire_dial(&r, 1);
		(void)setsockopt(
		    fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		wire_say(fds[i], GET("/big"));
	}
	T_OK(wire_await(sends, &r, 5));
	usleep(300000);
	for (i = 0; i < 20; i++)
		T_EQ(wire_get(&r, 1, "/mem"), 200);
	wire_counts(&r, &c);
	T_OK(c.evicted >= 1);
	for (i = 0; i < 5; i++)
		close(fds[i]);
	wire_stop(&r);
}

T_TEST(who_is_at_work_does_not_go_and_a_newcomer_hears_so)
{
	int fds[3], more, i;
	char head[WIRE_HEAD];
	struct wire r;

	wire_init(&r);
	r.o.max_conns = 3;
	r.o.slow_workers = 3;
	wire_start(&r);
	for (i = 0; i < 3; i++) {
		fds[i] = wire_dial(&r, 1);
		wire_say(fds[i], GET("/wait"));
	}
	T_OK(wire_await(wire_waits, &r, 3));
	more = wire_dial(&r, 2);
	T_EQ(wire_hear(more, false, head, NULL, NULL), 503);
	T_OK(strstr(head, "Retry-After: 10\r\n") != NULL);
	close(more);
	wire_let(&r, 3);
	for (i = 0; i < 3; i++) {
		T_EQ(wire_hear(fds[i], false, NULL, NULL, NULL), 200);
		close(fds[i]);
	}
	wire_stop(&r);
}

T_TEST(who_is_gone_while_a_worker_works_harms_nobody)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct httpd_counts c;
	struct wire r;
	int fd, i;

	wire_init(&r);
	wire_start(&r);
	for (i = 0; i < 20; i++) {
		fd = wire_dial(&r, 1);
		wire_say(fd, i % 2 ? GET("/wait") : GET("/list"));
		T_OK(i != 1 || wire_await(wire_waits, &r, 1));
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	T_OK(wire_await(wire_has_conns, &r, 0));
	wire_counts(&r, &c);
	T_EQ(c.busy, 0);
	wire_let(&r, 2);
	T_EQ(wire_get(&r, 1, "/mem"), 200);
	wire_stop(&r);
}

T_TEST(who_waits_too_long_for_a_worker_is_told_to_come_again)
{
	char head[WIRE_HEAD];
	struct wire r;
	int fd;

	wire_init(&r);
	r.limits.queued = 300;
	wire_start(&r);
	fd = wire_dial(&r, 1);
	wire_say(fd, GET("/wait") GET("/warm"));
	T_EQ(wire_hear(fd, false, head, NULL, NULL), 503);
	T_OK(strstr(head, "Retry-After: 10\r\n") != NULL);
	/* What the worker makes at last is nobody's. */
	wire_let(&r, 1);
	T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 200);
	close(fd);
	wire_stop(&r);
}

T_TEST(who_reads_a_list_slowly_holds_no_worker)
{
	int slow[4], i, small = 4096;
	struct wire r;

	wire_init(&r);
	r.o.slow_workers = 1;
	wire_start(&r);
	for (i = 0; i < 4; i++) {
		slow[i] = wire_dial(&r, 1);
		(void)setsockopt(
		    slow[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		wire_say(slow[i], GET("/list"));
	}
	T_EQ(wire_get(&r, 1, "/list"), 200);
	T_EQ(wire_get(&r, 1, "/mem"), 200);
	for (i = 0; i < 4; i++)
		close(slow[i]);
	T_OK(wire_await(wire_has_conns, &r, 0));
	wire_stop(&r);
	T_EQ(atomic_load(&r.closed), 5);
}

T_TEST(files_do_not_wait_for_pages)
{
	struct wire r;
	int fd[2], i;

	wire_init(&r);
	wire_start(&r);
	for (i = 0; i < 2; i++) {
		fd[i] = wire_dial(&r, 1);
		wire_say(fd[i], GET("/wait"));
	}
	T_OK(wire_await(wire_waits, &r, 2));
	T_EQ(wire_get(&r, 1, "/file"), 200);
	T_EQ(wire_get(&r, 1, "/warm"), 200);
	wire_let(&r, 2);
	for (i = 0; i < 2; i++) {
		T_EQ(wire_hear(fd[i], false, NULL, NULL, NULL), 200);
		close(fd[i]);
	}
	wire_stop(&r);
}

/* Bodies that do not end hold all of the budget but its eighth. */
T_TEST(a_full_budget_stops_reading_and_small_ones_go_on)
{
	static char block[200000];
	struct httpd_counts c;
	char head[WIRE_HEAD];
	int fds[4], small, i;
	struct wire r;

	wire_init(&r);
	r.o.budget = (size_t)1 << 20;
	r.limits.starved = 700;
	wire_start(&r);
	for (i = 0; i < 4; i++) {
		fds[i] = wire_dial(&r, 1);
		wire_say(fds[i],
		    "POST /post HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: 400000\r\n\r\n");
		(void)fcntl(fds[i], F_SETFL, O_NONBLOCK);
		(void)send(fds[i], block, sizeof(block), MSG_NOSIGNAL);
		(void)send(fds[i], block, sizeof(block) - 1, MSG_NOSIGNAL);
	}
	small = wire_dial(&r, 2);
	for (i = 0; i < 3; i++) {
		wire_say(small,
		    "POST /post HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: 3\r\n\r\nabc");
		T_EQ(wire_hear(small, false, NULL, NULL, NULL), 200);
	}
	wire_counts(&r, &c);
	T_OK(c.held <= (size_t)1 << 20 && c.held > (size_t)1 << 18);
	for (i = 0; i < 4; i++)
		if (wire_hear(fds[i], false, head, NULL, NULL) == 503)
			break;
	T_OK(i < 4 && strstr(head, "Retry-After: ") != NULL);
	for (i = 0; i < 4; i++)
		close(fds[i]);
	close(small);
	T_OK(wire_await(wire_has_conns, &r, 0));
	wire_counts(&r, &c);
	T_EQ(c.held, 0);
	wire_stop(&r);
}

static bool
turned_away(struct wire *r, unsigned n)
{
	struct httpd_counts c;

	wire_counts(r, &c);
	return c.turned_away + c.evicted >= n;
}

T_TEST(without_descriptors_it_goes_on)
{
	struct rlimit was, few;
	int fds[60], spare[300], n = 0, i;
	struct wire r;

	wire_init(&r);
	wire_start(&r);
	for (i = 0; i < 60; i++)
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	few.rlim_cur = (rlim_t)fds[59] + 4;
	(void)setrlimit(RLIMIT_NOFILE, &few);
	while (n < 300 && (spare[n] = dup(0)) != -1)
		n++;
	T_EQ(errno, EMFILE);
	for (i = 0; i < 20; i++) {
		struct sockaddr_in sa = {.sin_family = AF_INET,
		    .sin_port = htons((uint16_t)r.port),
		    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

		(void)connect(fds[i], (struct sockaddr *)&sa, sizeof(sa));
	}
	T_OK(wire_await(turned_away, &r, 20));
	while (n > 0)
		close(spare[--n]);
	(void)setrlimit(RLIMIT_NOFILE, &was);
	for (i = 0; i < 60; i++)
		close(fds[i]);
	T_EQ(wire_get(&r, 1, "/mem"), 200);
	wire_stop(&r);
}

T_TEST(it_ends_when_what_is_under_way_has_ended)
{
	char head[WIRE_HEAD];
	int idle, busy, late;
	struct wire r;

	wire_init(&r);
	wire_start(&r);
	idle = wire_dial(&r, 1);
	wire_say(idle, GET("/mem"));
	T_EQ(wire_hear(idle, false, NULL, NULL, NULL), 200);
	busy = wire_dial(&r, 1);
	wire_say(busy, GET("/wait"));
	T_OK(wire_await(wire_waits, &r, 1));
	httpd_quiesce(r.h);
	T_OK(wire_ends(idle, 2000));
	late = wire_dial(&r, 1);
	wire_say(late, GET("/mem"));
	T_OK(!wire_ends(late, 100));
	wire_let(&r, 1);
	T_EQ(wire_hear(busy, false, head, NULL, NULL), 200);
	T_OK(strstr(head, "Connection: close\r\n") != NULL);
	T_OK(wire_ends(busy, 2000));
	T_OK(wire_await(wire_is_busy, &r, 0));
	close(idle);
	close(busy);
	close(late);
	wire_stop(&r);
}

T_TEST(a_socket_of_this_machine_is_listened_on_and_taken_over)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct httpd_where where;
	struct httpd_listen l, again;
	struct err e = ERR_INIT;
	char text[200];
	struct wire r;
	int fd, i;

	snprintf(text, sizeof(text), "unix:%s/s", t_tmpdir());
	snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", text + 5);
	T_CALL(httpd_where_read(&where, text, &e), &e);
	for (i = 0; i < 2; i++) {
		wire_init(&r);
		l = (struct httpd_listen){.fd = -1};
		T_CALL(httpd_bind(&l, &where, &e), &e);
		T_FAILS(httpd_bind(&again, &where, &e), &e, E_SYS, "in use");
		wire_start_on(&r, &l, 1);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		T_EQ(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
		wire_say(fd, GET("/file"));
		T_EQ(wire_hear(fd, false, NULL, NULL, NULL), 200);
		close(fd);
		wire_stop(&r);
	}
}

T_MAIN
