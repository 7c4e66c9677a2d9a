/* SPDX-License-Identifier: ISC */
#include "lib/store/payload.h"

#include <stdlib.h>

#include "lib/base/pool.h"
#include "lib/base/prog.h"
#include "lib/store/payload_priv.h"

#define DEPTH 8 /* jobs that are out, for each thread */

struct work {
	struct job job; /* first: the pool's */
	const struct payload *p; /* NULL: it is not in use */
	struct payload_file files[PAYLOAD_LANES];
	unsigned n;
};

uint64_t
payload_bytes(const struct payload_item *items, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += items[i].size;
	return sum;
}

static void
run_work(struct job *j)
{
	struct work *w = (struct work *)(void *)j;

	payload_take(w->p, w->files, w->n);
}

int
payload_hand_on(const struct payload *p, struct payload_file *f, struct err *e)
{
	const struct payload_item *it = f->it;
	bool staged = payload_is_staged(p, it) && f->err.kind == E_NONE;

	if (p->prog != NULL)
		prog_add(p->prog, it->size, 1);
	f->it = NULL;
	if (f->err.kind == E_STOP) {
		*e = f->err;
		return -1;
	}
	return p->done(
	    p->arg, it, &f->digest, staged ? &f->st : NULL, &f->err, e);
}

/* Hand on the oldest job's results: 1 done, 0 none is out, -1. */
static int
drain_work(const struct payload *p, struct pool *pool, struct err *e)
{
	struct work *w = (struct work *)(void *)pool_take(pool);

	if (w == NULL)
		return 0;
	for (unsigned i = 0; i < w->n; i++)
		if (payload_hand_on(p, &w->files[i], e) == -1)
			return -1;
	w->p = NULL;
	return 1;
}

static int
larger_first(const void *va, const void *vb, void *arg)
{
	const struct payload_item *items = arg;
	size_t a = *(const size_t *)va, b = *(const size_t *)vb;

	if (items[a].size != items[b].size)
		return items[a].size > items[b].size ? -1 : 1;
	return (a > b) - (a < b);
}

/* Of what is in folders, *n. */
static size_t *
in_order(struct payload_item *items, size_t *n)
{
	size_t *order = calloc(*n, sizeof(*order)), kept = 0;

	if (order == NULL)
		return NULL;
	for (size_t i = 0; i < *n; i++)
		if (items[i].flow == NULL)
			order[kept++] = i;
	qsort_r(order, kept, sizeof(*order), larger_first, items);
	*n = kept;
	return order;
}

/*
 * Two files a job cost less, as long as there is one for each thread; not
 * where one thread was asked for: its medium likes files one after the other.
 */
static size_t
in_pairs(const struct payload *p, size_t n, unsigned nthreads)
{
	if (p->jobs == 1)
		return 0;
	return n - n % (PAYLOAD_LANES * nthreads);
}

static int
run_all(const struct payload *p, const struct payload_item *items,
    const size_t *order, size_t n, struct pool *pool, struct work *works,
    struct err *e)
{
	unsigned nthreads = pool_threads(pool), depth = DEPTH * nthreads;
	size_t paired = in_pairs(p, n, nthreads), i = 0;
	int r;

	for (unsigned k = 0; i < n; k = (k + 1) % depth) {
		struct work *w = &works[k];

		/* In use still: it is the oldest one. */
		if (w->p != NULL && drain_work(p, pool, e) == -1)
			return -1;
		*w = (struct work){
		    .job = {.run = run_work, .err = ERR_INIT}, .p = p};
		do
			w->files[w->n++].it = &items[order[i++]];
		while (i < paired && w->n < PAYLOAD_LANES);
		pool_put(pool, &w->job);
	}
	while ((r = drain_work(p, pool, e)) == 1)
		continue;
	return r;
}

/* What was staged by jobs that nobody took. */
static void
drop_rest(const struct payload *p, struct work *works, unsigned n)
{
	for (unsigned i = 0; works != NULL && i < PAYLOAD_LANES * n; i++) {
		struct payload_file *f = &works[i / PAYLOAD_LANES]
					      .files[i % PAYLOAD_LANES];

		if (f->it != NULL && payload_is_staged(p, f->it))
			content_drop(p->content, &f->st);
	}
}

int
payload_run(const struct payload *p, struct payload_item *items, size_t n,
    struct err *e)
{
	struct pool *pool = NULL;
	struct work *works = NULL;
	size_t *order = NULL, folders = n;
	unsigned depth = 0;
	int r = -1;

	if (n == 0)
		return 0;
	if (pool_open(&pool, p->jobs, DEPTH * 64, e) == -1)
		goto out;
	depth = DEPTH * pool_threads(pool);
	works = calloc(depth, sizeof(*works));
	order = in_order(items, &folders);
	if (works == NULL || order == NULL) {
		err_nomem(e);
		goto out;
	}
	r = run_all(p, items, order, folders, pool, works, e);
out:
	pool_close(pool);
	if (r == 0 && folders != n)
		r = payload_flow_all(p, items, n, e);
	drop_rest(p, works, depth);
	free(works);
	free(order);
	return r;
}
