/* SPDX-License-Identifier: ISC */
#include "lib/base/pool.h"

#include <unistd.h>

#include "tests/t.h"

#define NJOBS 500

struct square {
	struct job job; /* first */
	uint64_t in, out;
	unsigned wait_us;
};

static void
run_square(struct job *j)
{
	struct square *s = (struct square *)j;

	if (s->wait_us > 0)
		usleep(s->wait_us);
	if (s->in % 7 == 3)
		err_set(&j->err, E_DIGEST, "job %u", (unsigned)s->in);
	else
		s->out = s->in * s->in;
}

static void
square_init(struct square *s, uint64_t in)
{
	*s = (struct square){.job = {.run = run_square, .err = ERR_INIT}};
	s->in = in;
	s->wait_us = (unsigned)(t_random() % 300);
}

static void
check_square(const struct square *s, uint64_t in)
{
	char msg[32];

	T_EQ(s->in, in);
	if (in % 7 != 3) {
		T_EQ(s->job.err.kind, E_NONE);
		T_EQ(s->out, in * in);
		return;
	}
	snprintf(msg, sizeof(msg), "job %u", (unsigned)in);
	T_EQ(s->job.err.kind, E_DIGEST);
	T_STR(s->job.err.msg, msg);
}

static void
keep_order(unsigned nthreads, unsigned depth)
{
	static struct square s[NJOBS];
	struct err e = ERR_INIT;
	struct pool *p;
	struct job *j;
	uint64_t next = 0, i;

	T_CALL(pool_open(&p, nthreads, depth, &e), &e);
	for (i = 0; i < NJOBS; i++) {
		square_init(&s[i], i);
		while (pool_full(p)) {
			j = pool_take(p);
			T_OK(j == &s[next].job);
			check_square(&s[next], next);
			next++;
		}
		pool_put(p, &s[i].job);
	}
	while ((j = pool_take(p)) != NULL) {
		T_OK(j == &s[next].job);
		check_square(&s[next], next);
		next++;
	}
	T_EQ(next, NJOBS);
	pool_close(p);
}

T_TEST(results_come_in_the_order_of_the_jobs_and_carry_their_errors)
{
	keep_order(4, 16);
}

T_TEST(one_thread_and_a_ring_of_one_work)
{
	keep_order(1, 1);
}

T_TEST(more_threads_than_places_work)
{
	keep_order(8, 3);
}

T_TEST(zero_threads_means_one_for_each_processor)
{
	struct err e = ERR_INIT;
	struct pool *p;

	T_CALL(pool_open(&p, 0, 0, &e), &e);
	T_OK(pool_threads(p) >= 1 && pool_threads(p) <= 64);
	T_OK(!pool_full(p));
	T_OK(pool_take(p) == NULL);
	pool_close(p);
}

T_TEST(threads_are_at_most_64)
{
	struct err e = ERR_INIT;
	struct pool *p;

	T_CALL(pool_open(&p, 100, 1, &e), &e);
	T_EQ(pool_threads(p), 64);
	pool_close(p);
}

T_TEST(close_with_jobs_out_waits_for_what_runs_and_drops_the_rest)
{
	static struct square s[64];
	struct err e = ERR_INIT;
	struct pool *p;
	size_t i, ran = 0;

	T_CALL(pool_open(&p, 2, 64, &e), &e);
	for (i = 0; i < 64; i++) {
		square_init(&s[i], 2);
		s[i].wait_us = 2000;
		pool_put(p, &s[i].job);
	}
	T_OK(pool_full(p));
	pool_close(p);
	for (i = 0; i < 64; i++) {
		T_EQ(s[i].job.done ? 4 : 0, s[i].out);
		ran += s[i].job.done;
	}
	T_OK(ran < 64);
}

static void
count_done(void *arg)
{
	__atomic_add_fetch((unsigned *)arg, 1, __ATOMIC_SEQ_CST);
}

T_TEST(waiting_ends_when_the_oldest_is_done_or_the_time_is_up)
{
	struct err e = ERR_INIT;
	unsigned ndone = 0;
	struct square s;
	struct pool *p;

	T_CALL(pool_open(&p, 1, 1, &e), &e);
	pool_on_done(p, count_done, &ndone);
	T_OK(!pool_wait(p, 1));
	square_init(&s, 3);
	s.wait_us = 200000;
	pool_put(p, &s.job);
	T_OK(!pool_wait(p, 1));
	T_OK(pool_wait(p, 10000));
	T_OK(pool_take(p) == &s.job);
	T_OK(!pool_wait(p, 1));
	pool_close(p);
	T_EQ(ndone, 1);
}

T_TEST(closing_no_pool_is_allowed)
{
	pool_close(NULL);
}

T_MAIN
