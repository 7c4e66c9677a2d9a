/* SPDX-License-Identifier: ISC */
/*
 * Worker threads for pure jobs.  Results come back in the order in which jobs
 * were given, so that nothing depends on scheduling.  The only file with
 * locks.
 */
#ifndef WF_POOL_H
#define WF_POOL_H

#include <stdbool.h>

#include "lib/base/err.h"

struct pool;

/* Embedded at the start of the caller's own struct. */
struct job {
	void (*run)(struct job *j); /* on a worker; fills err on failure */
	struct err err;
	bool done; /* the pool's own */
};

/*
 * nthreads 0: one for each processor, at most 64; depth 0: two jobs for each
 * thread.  E_SYS.
 */
int pool_open(
    struct pool **p, unsigned nthreads, unsigned depth, struct err *e);
unsigned pool_threads(const struct pool *p);
bool pool_full(const struct pool *p); /* depth jobs are out */
/* Give a job; the pool must not be full.  The caller keeps owning it. */
void pool_put(struct pool *p, struct job *j);
/* The oldest job, after waiting until it is done; NULL: none is out. */
struct job *pool_take(struct pool *p);
/* Is the oldest job done, within ms from now?  false: not, or none is out. */
bool pool_wait(struct pool *p, unsigned ms);
/* fn is called on a worker after each job that is done.  Before the first
   put. */
void pool_on_done(struct pool *p, void (*fn)(void *arg), void *arg);
/* Waits for what runs; jobs not taken are dropped (still the caller's). */
void pool_close(struct pool *p);

#endif
