/* SPDX-License-Identifier: ISC */
#include "lib/store/payload.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/pool.h"
#include "lib/base/prog.h"
#include "lib/base/words.h"

#define DEPTH 8 /* jobs that are out, for each thread */

struct work {
	struct job job; /* first: the pool's */
	const struct payload *p;
	const struct payload_item *it;
	struct content_staged st;
	struct digest digest;
};

uint64_t
payload_bytes(const struct payload_item *items, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += items[i].size;
	return sum;
}

static int
wrong_size(const struct payload_item *it, uint64_t size, struct err *e)
{
	return err_set(e, E_DIGEST, "%s, expected %llu",
	    words_count(size, "byte").s, (unsigned long long)it->size);
}

static int
compare_digests(
    const struct payload_item *it, const struct digest *d, struct err *e)
{
	char want[2 * SHA256_LEN + 1], got[2 * SHA256_LEN + 1];

	if (d->bytes != it->size)
		return wrong_size(it, d->bytes, e);
	if (it->has_sha256 && memcmp(d->sha256, it->sha256, SHA256_LEN) != 0) {
		hex_lower(want, it->sha256, SHA256_LEN);
		hex_lower(got, d->sha256, SHA256_LEN);
		return err_set(
		    e, E_DIGEST, "SHA-256 is %s, expected %s", got, want);
	}
	if (it->has_sha1 && memcmp(d->sha1, it->sha1, SHA1_LEN) != 0) {
		hex_upper(want, it->sha1, SHA1_LEN);
		hex_upper(got, d->sha1, SHA1_LEN);
		return err_set(
		    e, E_DIGEST, "SHA-1 is %s, expected %s", got, want);
	}
	return 0;
}

static bool
is_staged(const struct payload *p, const struct payload_item *it)
{
	return it->stage && p->content != NULL;
}

static int
take_file(struct work *w, int fd, struct err *e)
{
	const struct payload_item *it = w->it;

	if (w->p->to != -1)
		return copy_to_name(
		    fd, w->p->to, it->name, w->p->which, &w->digest, e);
	if (!is_staged(w->p, it))
		return copy_hashed(
		    fd, -1, UINT64_MAX, w->p->which, &w->digest, e);
	if (content_stage(w->p->content, fd, w->p->dirfd, it->name, w->p->how,
		it->size, &w->st, e) == -1)
		return -1;
	w->digest = w->st.digest;
	return 0;
}

static void
run_work(struct job *j)
{
	struct work *w = (struct work *)(void *)j;
	uint64_t size;
	int fd;

	if (w->p->dirfd == -1) {
		err_set(&j->err, E_MISSING, "its folder is not there");
		return;
	}
	if (path_open(w->p->dirfd, w->it->name, &fd, &size, &j->err) == -1)
		return;
	if (size != w->it->size)
		wrong_size(w->it, size, &j->err);
	else if (take_file(w, fd, &j->err) == 0 &&
	    compare_digests(w->it, &w->digest, &j->err) == -1 &&
	    is_staged(w->p, w->it))
		content_drop(w->p->content, &w->st);
	close(fd);
}

/* Hand on the oldest job's result: 1 done, 0 none is out, -1. */
static int
drain_file(const struct payload *p, struct pool *pool, struct err *e)
{
	struct work *w = (struct work *)(void *)pool_take(pool);
	const struct payload_item *it;

	if (w == NULL)
		return 0;
	it = w->it;
	if (p->prog != NULL)
		prog_add(p->prog, it->size, 1);
	w->it = NULL;
	if (w->job.err.kind == E_STOP) {
		*e = w->job.err;
		return -1;
	}
	return p->done(p->arg, it, &w->digest,
		   is_staged(p, it) && w->job.err.kind == E_NONE ? &w->st
								 : NULL,
		   &w->job.err, e) == -1
	    ? -1
	    : 1;
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

static size_t *
in_order(struct payload_item *items, size_t n)
{
	size_t *order = calloc(n, sizeof(*order));

	if (order == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), larger_first, items);
	return order;
}

static int
run_all(const struct payload *p, const struct payload_item *items,
    const size_t *order, size_t n, struct pool *pool, struct work *works,
    struct err *e)
{
	unsigned depth = DEPTH * pool_threads(pool);
	int r;

	for (size_t i = 0; i < n; i++) {
		struct work *w = &works[i % depth];

		/* In use still: it is the oldest one. */
		if (w->it != NULL && drain_file(p, pool, e) == -1)
			return -1;
		*w = (struct work){.job = {.run = run_work, .err = ERR_INIT},
		    .p = p,
		    .it = &items[order[i]]};
		pool_put(pool, &w->job);
	}
	while ((r = drain_file(p, pool, e)) == 1)
		continue;
	return r;
}

/* What was staged by jobs that nobody took. */
static void
drop_rest(const struct payload *p, struct work *works, unsigned n)
{
	for (unsigned i = 0; works != NULL && i < n; i++)
		if (works[i].it != NULL && is_staged(p, works[i].it))
			content_drop(p->content, &works[i].st);
}

int
payload_run(const struct payload *p, struct payload_item *items, size_t n,
    struct err *e)
{
	struct pool *pool = NULL;
	struct work *works = NULL;
	size_t *order = NULL;
	unsigned depth = 0;
	int r = -1;

	if (n == 0)
		return 0;
	if (pool_open(&pool, p->jobs, DEPTH * 64, e) == -1)
		goto out;
	depth = DEPTH * pool_threads(pool);
	works = calloc(depth, sizeof(*works));
	order = in_order(items, n);
	if (works == NULL || order == NULL) {
		err_nomem(e);
		goto out;
	}
	r = run_all(p, items, order, n, pool, works, e);
out:
	pool_close(pool);
	drop_rest(p, works, depth);
	free(works);
	free(order);
	return r;
}
