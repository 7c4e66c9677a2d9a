/* SPDX-License-Identifier: ISC */
#include "lib/base/src.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include <zlib.h>

#include "lib/base/err.h"

#define IN_BLOCK ((size_t)64 << 10)
#define GZIP_WINDOW (MAX_WBITS + 16) /* the gzip wrapper, nothing else */

struct gunzip {
	struct src *from; /* borrowed */
	z_stream z;
	bool begun; /* within a member */
	bool any; /* some member was whole */
	uint8_t in[IN_BLOCK];
};

/* 1, or 0 at the end of what lies beneath. */
static int
fill_input(struct gunzip *g, struct err *e)
{
	ssize_t got;

	if (g->z.avail_in > 0)
		return 1;
	if ((got = src_read(g->from, g->in, sizeof(g->in), e)) == -1)
		return -1;
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)got;
	return got > 0;
}

/* One call of inflate(); 1 while a member goes on, 0 at its end. */
static int
step(struct gunzip *g, struct err *e)
{
	uint64_t at = g->from->off - g->z.avail_in;
	int r;

	if (!g->begun && inflateReset(&g->z) != Z_OK)
		return err_set(e, E_SYS, "zlib: cannot begin");
	g->begun = true;
	r = inflate(&g->z, Z_NO_FLUSH);
	if (r == Z_STREAM_END) {
		g->begun = false;
		g->any = true;
		return 0;
	}
	if (r == Z_MEM_ERROR)
		return err_nomem(e);
	if (r != Z_OK && r != Z_BUF_ERROR)
		return err_at(e, at, "gzip: %s",
		    g->z.msg != NULL ? g->z.msg : "cannot be inflated");
	return 1;
}

static ssize_t
gunzip_read(struct src *s, void *p, size_t n, struct err *e)
{
	struct gunzip *g = s->priv;
	int r;

	if (n > INT_MAX)
		n = INT_MAX;
	g->z.next_out = p;
	g->z.avail_out = (uInt)n;
	while (g->z.avail_out > 0) {
		if ((r = fill_input(g, e)) == -1)
			return -1;
		if (r == 0 && (g->begun || !g->any))
			return err_at(e, g->from->off, "gzip: cut short");
		if (r == 0)
			break;
		if (step(g, e) == -1)
			return -1;
	}
	return (ssize_t)(n - g->z.avail_out);
}

static void
gunzip_close(struct src *s)
{
	struct gunzip *g = s->priv;

	(void)inflateEnd(&g->z);
	free(g);
}

static const struct src_ops gunzip_ops = {
    .read = gunzip_read,
    .close = gunzip_close,
};

int
src_gunzip(struct src *s, struct src *from, struct err *e)
{
	struct gunzip *g;

	*s = (struct src)SRC_INIT;
	if ((g = calloc(1, sizeof(*g))) == NULL)
		return err_nomem(e);
	if (inflateInit2(&g->z, GZIP_WINDOW) != Z_OK) {
		free(g);
		return err_nomem(e);
	}
	g->from = from;
	s->ops = &gunzip_ops;
	s->size = SRC_UNKNOWN;
	s->priv = g;
	return 0;
}
