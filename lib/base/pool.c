/* SPDX-License-Identifier: ISC */
#include "lib/base/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define POOL_MAX_THREADS 64

/*
 * A ring of the jobs that are out, oldest at take.  put and take belong to the
 * caller's thread alone; run, put (as the workers see it) and the done marks
 * are under the lock.
 */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct job **ring; /* owned; the jobs in it are borrowed */
	unsigned depth;
	uint64_t put, run, take; /* counts since the beginning */
	bool closing;
	void (*on_done)(void *arg); /* or NULL */
	void *on_done_arg; /* borrowed */
	unsigned nthreads;
	pthread_t threads[POOL_MAX_THREADS];
};

static void *
worker(void *arg)
{
	struct pool *p = arg;
	struct job *j;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->closing && p->run == p->put)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->closing)
			break;
		j = p->ring[p->run++ % p->depth];
		pthread_mutex_unlock(&p->lock);
		j->run(j);
		pthread_mutex_lock(&p->lock);
		j->done = true;
		pthread_cond_signal(&p->done);
		if (p->on_done == NULL)
			continue;
		pthread_mutex_unlock(&p->lock);
		p->on_done(p->on_done_arg);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static unsigned
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n > POOL_MAX_THREADS ? POOL_MAX_THREADS : (unsigned)n;
}

/* Signals are for the main thread, which alone knows how to stop. */
static int
start(struct pool *p, unsigned n)
{
	sigset_t all, old;
	int r = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (r == 0 && p->nthreads < n) {
		r = pthread_create(&p->threads[p->nthreads], NULL, worker, p);
		if (r == 0)
			p->nthreads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

int
pool_open(struct pool **pp, unsigned nthreads, unsigned depth, struct err *e)
{
	struct pool *p;
	int r;

	*pp = NULL;
	if (nthreads == 0)
		nthreads = processors();
	if (nthreads > POOL_MAX_THREADS)
		nthreads = POOL_MAX_THREADS;
	if (depth == 0)
		depth = 2 * nthreads;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return err_nomem(e);
	if ((p->ring = calloc(depth, sizeof(struct job *))) == NULL) {
		free(p);
		return err_nomem(e);
	}
	p->depth = depth;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	if ((r = start(p, nthreads)) != 0) {
		pool_close(p);
		errno = r;
		return err_sys(e,
		    "starting a thread (limits of processes and memory: "
		    "ulimit -u, -v)");
	}
	*pp = p;
	return 0;
}

unsigned
pool_threads(const struct pool *p)
{
	return p->nthreads;
}

bool
pool_full(const struct pool *p)
{
	return p->put - p->take == p->depth;
}

void
pool_put(struct pool *p, struct job *j)
{
	assert(!pool_full(p));
	j->done = false;
	pthread_mutex_lock(&p->lock);
	p->ring[p->put++ % p->depth] = j;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

struct job *
pool_take(struct pool *p)
{
	struct job *j;

	if (p->put == p->take)
		return NULL;
	pthread_mutex_lock(&p->lock);
	j = p->ring[p->take % p->depth];
	while (!j->done)
		pthread_cond_wait(&p->done, &p->lock);
	p->take++;
	pthread_mutex_unlock(&p->lock);
	return j;
}

void
pool_on_done(struct pool *p, void (*fn)(void *arg), void *arg)
{
	p->on_done = fn;
	p->on_done_arg = arg;
}

bool
pool_wait(struct pool *p, unsigned ms)
{
	struct timespec end;
	struct job *j;
	bool done;

	if (p->put == p->take)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += (long)(ms % 1000) * 1000000;
	end.tv_sec += ms / 1000 + end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	pthread_mutex_lock(&p->lock);
	j = p->ring[p->take % p->depth];
	while (!j->done)
		if (pthread_cond_clockwait(
			&p->done, &p->lock, CLOCK_MONOTONIC, &end) != 0)
			break;
	done = j->done;
	pthread_mutex_unlock(&p->lock);
	return done;
}

void
pool_close(struct pool *p)
{
	unsigned i;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->nthreads; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->done);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->ring);
	free(p);
}
