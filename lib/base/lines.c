/* SPDX-License-Identifier: ISC */
#include "lib/base/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

struct lines {
	struct sink sink;
	struct buf part; /* the beginning of a line that is not whole yet */
	uint64_t n; /* lines handed on */
	int (*line)(void *arg, const char *text, size_t len, struct err *e);
	void *arg;
};

static int
hand_on(struct lines *l, const uint8_t *p, size_t n, struct err *e)
{
	l->n++;
	if (memchr(p, '\0', n) != NULL)
		return err_set(e, E_FORMAT, "line %llu: a NUL byte",
		    (unsigned long long)l->n);
	if (l->line(l->arg, (const char *)p, n, e) == -1)
		return err_ctx(e, "line %llu", (unsigned long long)l->n);
	return 0;
}

static int
keep_part(struct lines *l, const uint8_t *p, size_t n, struct err *e)
{
	if (buf_put(&l->part, p, n, e) == -1)
		return err_ctx(e, "line %llu", (unsigned long long)l->n + 1);
	return 0;
}

static int
lines_write(struct sink *s, const void *vp, size_t n, struct err *e)
{
	struct lines *l = s->ctx;
	const uint8_t *p = vp, *lf;

	while ((lf = memchr(p, '\n', n)) != NULL) {
		size_t len = (size_t)(lf - p);

		if (l->part.len != 0) {
			if (keep_part(l, p, len, e) == -1 ||
			    hand_on(l, l->part.p, l->part.len, e) == -1)
				return -1;
			buf_reset(&l->part);
		} else if (len > LINES_MAX) {
			return err_set(e, E_LIMIT, "line %llu: %zu bytes",
			    (unsigned long long)l->n + 1, len);
		} else if (hand_on(l, p, len, e) == -1) {
			return -1;
		}
		n -= len + 1;
		p = lf + 1;
	}
	return keep_part(l, p, n, e);
}

int
lines_open(struct lines **lp,
    int (*line)(void *arg, const char *text, size_t len, struct err *e),
    void *arg, struct err *e)
{
	struct lines *l;

	if ((l = *lp = calloc(1, sizeof(*l))) == NULL)
		return err_nomem(e);
	l->sink = (struct sink)SINK_INIT;
	l->sink.write = lines_write;
	l->sink.ctx = l;
	l->part = (struct buf)BUF_INIT_MAX(LINES_MAX);
	l->line = line;
	l->arg = arg;
	return 0;
}

struct sink *
lines_sink(struct lines *l)
{
	return &l->sink;
}

int
lines_finish(struct lines *l, struct err *e)
{
	if (l->part.len == 0)
		return 0;
	return err_set(e, E_FORMAT, "line %llu: cut short, no LF at its end",
	    (unsigned long long)l->n + 1);
}

void
lines_close(struct lines *l)
{
	if (l == NULL)
		return;
	buf_free(&l->part);
	free(l);
}
