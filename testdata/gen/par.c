/* SPDX-License-Identifier: ISC */
/* A loop whose turns are shared out among the processors. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "testdata/gen/gen.h"

#define MAX_THREADS 16

struct loop {
	atomic_uint next;
	uint32_t n;
	void (*job)(void *arg, uint32_t i);
	void *arg;
};

static void *
turn(void *p)
{
	struct loop *l = p;
	uint32_t i;

	while ((i = atomic_fetch_add(&l->next, 1)) < l->n)
		l->job(l->arg, i);
	return NULL;
}

void
par(uint32_t n, void (*job)(void *arg, uint32_t i), void *arg)
{
	struct loop l = {.n = n, .job = job, .arg = arg};
	pthread_t t[MAX_THREADS];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t i, nt = 0;

	if (cores > MAX_THREADS)
		cores = MAX_THREADS;
	for (i = 1; (long)i < cores && i < n; i++)
		if (pthread_create(&t[nt], NULL, turn, &l) == 0)
			nt++;
	turn(&l);
	for (i = 0; i < nt; i++)
		pthread_join(t[i], NULL);
}
