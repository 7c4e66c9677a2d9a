/* SPDX-License-Identifier: ISC */
/* Blocks of segments, read and compared by workers, told of in order. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/base/pool.h"
#include "lib/base/stop.h"
#include "lib/offer/texts_priv.h"

struct block_job {
	struct job job; /* first: the pool's; its err is the block's fault */
	const struct texts_blocks_how *how; /* borrowed */
	uint32_t segment;
	uint64_t block;
	int fd; /* borrowed */
	uint8_t *p; /* owned: SNAPSHOT_BLOCK bytes */
};

struct texts_blocks {
	struct texts_blocks_how how;
	struct pool *pool; /* owned */
	struct block_job *jobs; /* owned: used in turn */
	unsigned n, next, out;
};

unsigned
texts_jobs(unsigned asked)
{
	long n = asked > 0 ? (long)asked : sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > TEXTS_JOBS ? TEXTS_JOBS : (unsigned)n;
}

void
texts_place(char out[TEXTS_PLACE_MAX], const uint8_t hash[BLAKE_LEN])
{
	memcpy(out, TEXTS_FOLDER "/", sizeof(TEXTS_FOLDER));
	snapshot_segment_name(out + sizeof(TEXTS_FOLDER), hash);
}

int
texts_open(const struct snapshot *s, size_t i, int dirfd, int *fd,
    struct err *fault, struct err *e)
{
	char name[SNAPSHOT_SEGMENT_NAME];
	uint64_t size;

	*fd = -1;
	snapshot_segment_name(name, s->segments[i].hash);
	if (dirfd == -1) {
		(void)err_set(fault, E_MISSING, "there is none");
		return 0;
	}
	if (path_open(dirfd, name, fd, &size, fault) == -1) {
		if (fault->kind != E_SYS)
			return 0;
		*e = *fault;
		return err_ctx(e, "%s", TEXTS_FOLDER);
	}
	if (size != s->segments[i].size)
		(void)err_set(fault, E_FORMAT,
		    "%" PRIu64 " bytes, expected %" PRIu64, size,
		    s->segments[i].size);
	return 0;
}

/* What there is of a block: less where the file is short. */
static int
read_block(struct block_job *b, size_t *n, struct err *e)
{
	uint64_t off = b->block * SNAPSHOT_BLOCK;
	uint64_t left = b->how->s->segments[b->segment].size - off;
	ssize_t got;

	if (left > SNAPSHOT_BLOCK)
		left = SNAPSHOT_BLOCK;
	for (*n = 0; *n < left; *n += (size_t)got) {
		got = pread(
		    b->fd, b->p + *n, (size_t)left - *n, (off_t)(off + *n));
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got == -1)
			return err_sys(e, "block %" PRIu64 ": read", b->block);
		else if (got == 0)
			break;
	}
	return 0;
}

static void
check_block(struct job *j)
{
	struct block_job *b = (struct block_job *)(void *)j;
	size_t n;

	if (read_block(b, &n, &j->err) == 0)
		(void)b->how->check(
		    b->how->s, b->segment, b->block, b->p, n, &j->err);
}

int
texts_blocks_open(
    struct texts_blocks **to, const struct texts_blocks_how *how, struct err *e)
{
	struct texts_blocks *b;
	unsigned i;

	if ((b = *to = calloc(1, sizeof(*b))) == NULL)
		return err_nomem(e);
	b->how = *how;
	b->n = 2 * texts_jobs(how->jobs);
	if ((b->jobs = calloc(b->n, sizeof(*b->jobs))) == NULL)
		return err_nomem(e);
	for (i = 0; i < b->n; i++) {
		b->jobs[i].job.run = check_block;
		b->jobs[i].how = &b->how;
		if ((b->jobs[i].p = malloc(SNAPSHOT_BLOCK)) == NULL)
			return err_nomem(e);
	}
	return pool_open(&b->pool, b->n / 2, b->n, e);
}

/* The oldest one: 1 told of, 0 none is out, -1. */
static int
drain(struct texts_blocks *b, struct err *e)
{
	struct block_job *j = (struct block_job *)(void *)pool_take(b->pool);
	const struct err *fault;

	if (j == NULL)
		return 0;
	b->out--;
	fault = j->job.err.kind != E_NONE ? &j->job.err : NULL;
	if (b->how.each(b->how.arg, j->segment, j->block, fault, e) == -1)
		return -1;
	return stop_check(e) == -1 ? -1 : 1;
}

int
texts_blocks_put(
    struct texts_blocks *b, uint32_t segment, int fd, struct err *e)
{
	uint64_t i, n = snapshot_blocks(b->how.s->segments[segment].size);
	struct block_job *j;

	for (i = 0; i < n; i++) {
		if (b->out == b->n && drain(b, e) == -1)
			return -1;
		j = &b->jobs[b->next];
		b->next = (b->next + 1) % b->n;
		b->out++;
		j->segment = segment;
		j->block = i;
		j->fd = fd;
		j->job.err = (struct err)ERR_INIT;
		pool_put(b->pool, &j->job);
	}
	return 0;
}

int
texts_blocks_flush(struct texts_blocks *b, struct err *e)
{
	int r;

	while ((r = drain(b, e)) == 1)
		continue;
	return r;
}

void
texts_blocks_close(struct texts_blocks *b)
{
	unsigned i;

	if (b == NULL)
		return;
	if (b->pool != NULL)
		pool_close(b->pool);
	for (i = 0; b->jobs != NULL && i < b->n; i++)
		free(b->jobs[i].p);
	free(b->jobs);
	free(b);
}
