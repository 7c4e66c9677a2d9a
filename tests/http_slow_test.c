/* SPDX-License-Identifier: ISC */
/* The client and servers that take their time. */
#include <unistd.h>

#include "tests/http_peer.h"
#include "tests/http_seen.h"
#include "tests/t.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

T_TEST(a_server_that_drips_is_cut_off)
{
	static const struct peer_answer a[] = {
	    {.text = OK_HEAD "Content-Length: 5000\r\n\r\n"
			     "hello hello hello hello hello hello hello hello",
		.drip_ms = 50,
		.drip_from = 45}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	uint64_t t = seen_now_ms();
	struct pair p;

	o.slow_rate = 1000;
	o.slow_s = 1;
	o.tries = 1;
	pair_open(&p, a, N(a), &o);
	T_FAILS(http_run(p.http, &p.r, &e), &e, E_REMOTE,
	    "less than 1000 bytes/s for 1 s");
	T_OK(seen_now_ms() - t < 2500);
	T_OK(p.seen.bodies > 2);
	pair_close(&p);
}

T_TEST(a_server_that_thinks_is_waited_for_but_not_for_ever)
{
	static const struct peer_answer a[] = {
	    {.text = HELLO, .wait_ms = 1400}};
	struct http_opts o = seen_opts;
	struct err e = ERR_INIT;
	struct pair p;

	o.slow_s = 1;
	o.answer_s = 3;
	o.tries = 1;
	pair_open(&p, a, N(a), &o);
	T_CALL(http_run(p.http, &p.r, &e), &e);
	pair_close(&p);
	o.answer_s = 1;
	pair_open(&p, a, N(a), &o);
	T_FAILS(
	    http_run(p.http, &p.r, &e), &e, E_REMOTE, "no answer within 1 s");
	pair_close(&p);
}

T_TEST(time_that_we_were_away_is_not_the_servers)
{
	static const struct peer_answer a[] = {
	    {.text = HELLO, .wait_ms = 1400}};
	struct http_opts o = seen_opts;
	struct http_req *done = NULL;
	struct err e = ERR_INIT;
	struct pair p;

	o.answer_s = 1;
	pair_open(&p, a, N(a), &o);
	T_CALL(http_start(p.http, &p.r, &e), &e);
	T_CALL(http_next(p.http, 100, &done, &e), &e);
	usleep(1200 * 1000);
	T_CALL(http_next(p.http, -1, &done, &e), &e);
	T_EQ(p.r.err.kind, E_NONE);
	T_EQ(p.r.tried, 1);
	pair_close(&p);
}

int
main(int argc, char *argv[])
{
	return seen_main(argc, argv);
}
