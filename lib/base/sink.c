/* SPDX-License-Identifier: ISC */
#include "lib/base/sink.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/base/out.h"

#define GATHER ((size_t)64 << 10)

int
sink_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	if (n == 0)
		return 0;
	if (s->write(s, p, n, e) == -1)
		return -1;
	s->bytes += n;
	return 0;
}

int
sink_puts(struct sink *s, const char *str, struct err *e)
{
	return sink_write(s, str, strlen(str), e);
}

static int
null_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	(void)s, (void)p, (void)n, (void)e;
	return 0;
}

void
sink_null(struct sink *s)
{
	*s = (struct sink){.write = null_write, .fd = -1};
}

static int
buf_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	return buf_put(s->ctx, p, n, e);
}

void
sink_buf(struct sink *s, struct buf *b)
{
	*s = (struct sink){.write = buf_write, .ctx = b, .fd = -1};
}

static int
to_fd(struct sink *s, const void *p, size_t n, struct err *e)
{
	return out_fd_write(s->fd, p, n, e);
}

void
sink_fd(struct sink *s, int fd)
{
	*s = (struct sink){.write = to_fd, .fd = fd};
}

static int
digest_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	if (digest_add(s->ctx, p, n, e) == -1)
		return -1;
	return s->to != NULL ? sink_write(s->to, p, n, e) : 0;
}

void
sink_digest(struct sink *s, struct digest_ctx *d, struct sink *to)
{
	*s = (struct sink){.write = digest_write, .ctx = d, .to = to, .fd = -1};
}

static int
gather_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	struct buf *b = s->ctx;

	if (n > GATHER - b->len && sink_gathered(s, e) == -1)
		return -1;
	return n < GATHER ? buf_put(b, p, n, e) : sink_write(s->to, p, n, e);
}

void
sink_gather(struct sink *s, struct buf *b, struct sink *to)
{
	buf_reset(b);
	*s = (struct sink){.write = gather_write, .ctx = b, .to = to, .fd = -1};
}

int
sink_gathered(struct sink *s, struct err *e)
{
	struct buf *b = s->ctx;
	int r = sink_write(s->to, b->p, b->len, e);

	buf_reset(b);
	return r;
}

static int
limit_write(struct sink *s, const void *p, size_t n, struct err *e)
{
	if (n > s->max - s->bytes)
		return err_set(
		    e, E_LIMIT, "more than %" PRIu64 " bytes", s->max);
	return s->to != NULL ? sink_write(s->to, p, n, e) : 0;
}

void
sink_limit(struct sink *s, uint64_t max, struct sink *to)
{
	*s = (struct sink){
	    .write = limit_write, .to = to, .fd = -1, .max = max};
}
