/* SPDX-License-Identifier: ISC */
#include "lib/base/copy.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/src.h"
#include "lib/base/stop.h"

#define LANES 2

/* One of them on its way. */
struct lane {
	struct copy *c;
	struct digest_ctx ctx;
	struct src src;
	uint8_t *block; /* owned */
	size_t size, n; /* of the block, and how much was read of late */
	bool ended;
};

static void
lane_open(struct lane *l, struct copy *c, unsigned which)
{
	struct err *e = &c->err;

	*l = (struct lane){.c = c, .ctx = DIGEST_CTX_INIT, .src = SRC_INIT};
	*e = (struct err)ERR_INIT;
	if (src_fd(&l->src, c->fd, e) == -1 ||
	    digest_open(&l->ctx, which, e) == -1)
		goto fail;
	l->size = src_block(&l->src);
	if ((l->block = malloc(l->size)) != NULL)
		return;
	err_nomem(e);
fail:
	l->ended = true;
}

/* The next portion, written where it goes. */
static int
lane_read(struct lane *l)
{
	struct copy *c = l->c;
	uint64_t before = l->src.off;
	ssize_t got;

	if (stop_check(&c->err) == -1 ||
	    (got = src_read(&l->src, l->block, l->size, &c->err)) == -1)
		return -1;
	if ((uint64_t)got > c->max - before)
		return err_set(
		    &c->err, E_LIMIT, "more than %" PRIu64 " bytes", c->max);
	l->n = (size_t)got;
	l->ended = got == 0;
	return c->to == -1 ? 0 : out_fd_write(c->to, l->block, l->n, &c->err);
}

static void
lane_next(struct lane *l)
{
	l->n = 0;
	if (l->ended || lane_read(l) == 0)
		return;
	l->ended = true;
	l->n = 0;
}

static void
lane_add(struct lane *l)
{
	if (l->n != 0 && digest_add(&l->ctx, l->block, l->n, &l->c->err) == -1)
		l->ended = true;
}

/* false: neither had anything. */
static bool
step(struct lane *a, struct lane *b)
{
	lane_next(a);
	lane_next(b);
	if (a->n == 0 || b->n == 0) {
		lane_add(a);
		lane_add(b);
	} else if (digest_add_two(&a->ctx, a->block, a->n, &b->ctx, b->block,
		       b->n, &a->c->err) == -1) {
		b->c->err = a->c->err;
		a->ended = b->ended = true;
	}
	return a->n != 0 || b->n != 0;
}

static void
lane_close(struct lane *l)
{
	if (l->c != NULL && l->c->err.kind == E_NONE)
		(void)digest_done(&l->ctx, &l->c->digest, &l->c->err);
	src_close(&l->src);
	digest_close(&l->ctx);
	free(l->block);
}

void
copy_lanes(struct copy *c, unsigned n, unsigned which)
{
	struct lane lanes[LANES] = {{.ended = true}, {.ended = true}};

	for (unsigned i = 0; i < n; i++)
		lane_open(&lanes[i], &c[i], which);
	while (step(&lanes[0], &lanes[1]))
		continue;
	for (unsigned i = 0; i < LANES; i++)
		lane_close(&lanes[i]);
}

int
copy_hashed(int fd, int to, uint64_t max, unsigned which, struct digest *d,
    struct err *e)
{
	struct copy c = {.fd = fd, .to = to, .max = max};

	copy_lanes(&c, 1, which);
	*d = c.digest;
	if (c.err.kind == E_NONE)
		return 0;
	*e = c.err;
	return -1;
}

int
copy_make_name(int dirfd, const char *name, int *to, struct err *e)
{
	*to = os.openat(dirfd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (*to == -1)
		return err_sys(e, "cannot create");
	if (out_fd_mode(*to, 0644, e) == 0)
		return 0;
	(void)os.close(*to);
	*to = -1;
	return -1;
}

int
copy_to_name(int fd, int dirfd, const char *name, unsigned which,
    struct digest *d, struct err *e)
{
	int r, to;

	if (copy_make_name(dirfd, name, &to, e) == -1)
		return -1;
	r = copy_hashed(fd, to, UINT64_MAX, which, d, e);
	if (os.close(to) == -1 && r == 0)
		r = err_sys(e, "cannot close");
	return r;
}
