/* SPDX-License-Identifier: ISC */
/* A new segment: named by its bytes, when all of them are on the disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/grow.h"
#include "lib/base/os.h"
#include "lib/offer/texts_priv.h"

struct texts_segment {
	struct out o;
	bool dry;
	uint8_t *block; /* owned: what is not written yet */
	size_t n;
	uint64_t size; /* with that */
	struct blake whole;
	struct snapshot_block *hashes; /* owned */
	size_t nhashes, cap_hashes;
};

/* A killed run's is of mode 0444, which nobody opens to write in. */
static int
open_file(struct texts_segment *g, int dirfd, struct err *e)
{
	static const char left[] = "." TEXTS_NEW ".partial";

	if (os.unlinkat(dirfd, left, 0) == -1 && errno != ENOENT)
		return err_sys(e, "%s/%s: cannot remove", TEXTS_FOLDER, left);
	g->o.partial = g->o.replace = true;
	if (out_open(&g->o, dirfd, TEXTS_NEW, 0600, e) == -1)
		return err_ctx(e, "%s", TEXTS_FOLDER);
	return 0;
}

int
texts_segment_open(struct texts_segment **to, int dirfd, struct err *e)
{
	struct texts_segment *g;

	if ((g = *to = calloc(1, sizeof(*g))) == NULL)
		return err_nomem(e);
	g->o = (struct out)OUT_INIT;
	g->dry = dirfd == -1;
	blake_begin(&g->whole, BLAKE_LEN);
	if ((g->block = malloc(SNAPSHOT_BLOCK)) == NULL)
		return err_nomem(e);
	return g->dry ? 0 : open_file(g, dirfd, e);
}

uint64_t
texts_segment_size(const struct texts_segment *g)
{
	return g->size;
}

static int
end_block(struct texts_segment *g, struct err *e)
{
	size_t n = g->n;

	if (n == 0)
		return 0;
	g->n = 0;
	if (grow(&g->hashes, &g->cap_hashes, g->nhashes, sizeof(*g->hashes),
		e) == -1)
		return -1;
	g->hashes[g->nhashes].sum = snapshot_sum(g->block, n);
	blake_of(g->hashes[g->nhashes++].hash, BLAKE_LEN, g->block, n);
	blake_add(&g->whole, g->block, n);
	if (!g->dry && out_write(&g->o, g->block, n, e) == -1)
		return err_ctx(e, "%s", TEXTS_FOLDER);
	return 0;
}

int
texts_segment_put(
    struct texts_segment *g, const void *p, size_t n, struct err *e)
{
	const uint8_t *from = p;
	size_t len;

	g->size += n;
	for (; n > 0; from += len, n -= len) {
		len = SNAPSHOT_BLOCK - g->n;
		if (len > n)
			len = n;
		memcpy(g->block + g->n, from, len);
		g->n += len;
		if (g->n == SNAPSHOT_BLOCK && end_block(g, e) == -1)
			return -1;
	}
	return 0;
}

/* It is the last one of s, and its blocks are the last. */
static int
add_segment(struct texts_segment *g, struct snapshot *s, struct err *e)
{
	struct snapshot_segment *v;
	struct snapshot_block *b;

	v = realloc(s->segments, (s->nsegments + 1) * sizeof(*v));
	if (v == NULL)
		return err_nomem(e);
	s->segments = v;
	b = realloc(s->blocks, (s->nblocks + g->nhashes) * sizeof(*b));
	if (b == NULL)
		return err_nomem(e);
	s->blocks = b;
	v += s->nsegments;
	*v = (struct snapshot_segment){
	    .size = g->size, .blocks = (uint32_t)s->nblocks};
	blake_end(&g->whole, v->hash, BLAKE_LEN);
	memcpy(b + s->nblocks, g->hashes, g->nhashes * sizeof(*b));
	s->nblocks += g->nhashes;
	s->nsegments++;
	return 0;
}

static int
compare(void *arg, uint32_t segment, uint64_t block, const struct err *fault,
    struct err *e)
{
	(void)arg, (void)segment, (void)block;
	if (fault == NULL)
		return 0;
	*e = *fault;
	return err_ctx(e, "read back");
}

static int
read_back(struct texts_segment *g, const struct snapshot *s, unsigned jobs,
    struct err *e)
{
	const struct texts_blocks_how how = {.s = s,
	    .jobs = jobs,
	    .check = snapshot_look_block,
	    .each = compare};
	struct texts_blocks *b = NULL;
	int r = -1;

	out_forget(g->o.fd);
	if (texts_blocks_open(&b, &how, e) == 0 &&
	    texts_blocks_put(b, (uint32_t)s->nsegments - 1, g->o.fd, e) == 0)
		r = texts_blocks_flush(b, e);
	texts_blocks_close(b);
	return r;
}

static int
name_file(struct texts_segment *g, const struct snapshot *s, unsigned jobs,
    struct err *e)
{
	char name[SNAPSHOT_SEGMENT_NAME];

	snapshot_segment_name(name, s->segments[s->nsegments - 1].hash);
	if (out_flush(&g->o, e) == -1)
		return -1;
	if (os.fsync(g->o.fd) == -1)
		return err_sys(e, "flushing %s", name);
	if (read_back(g, s, jobs, e) == -1 ||
	    out_fd_mode(g->o.fd, 0444, e) == -1 ||
	    out_call(&g->o, name, e) == -1)
		return err_ctx(e, "%s", name);
	return out_commit(&g->o, e);
}

int
texts_segment_commit(
    struct texts_segment *g, struct snapshot *s, unsigned jobs, struct err *e)
{
	if (end_block(g, e) == -1 || add_segment(g, s, e) == -1)
		return -1;
	if (!g->dry && name_file(g, s, jobs, e) == -1)
		return err_ctx(e, "%s", TEXTS_FOLDER);
	return 0;
}

void
texts_segment_close(struct texts_segment *g)
{
	if (g == NULL)
		return;
	out_abort(&g->o);
	free(g->block);
	free(g->hashes);
	free(g);
}
