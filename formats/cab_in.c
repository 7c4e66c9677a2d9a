/* SPDX-License-Identifier: ISC */
#include "formats/cab.h"

#include <inttypes.h>
#include <string.h>

#include "formats/cab_priv.h"
#include "lib/base/err.h"
#include "lib/base/src.h"

void
cab_in_begin(struct cab_in *in, const struct cab *c, struct src *s)
{
	in->c = c;
	in->s = s;
	in->pos = in->at = 0;
	in->len = 0;
}

/* A stream is brought to pos by reading on. */
static int
go(struct cab_in *in, struct err *e)
{
	size_t n;

	if (in->s->ops->seek != NULL)
		return src_seek(in->s, in->pos, e);
	if (in->pos < in->s->off)
		return err_set(e, E_USAGE,
		    "its data has passed; from a stream, members are taken in "
		    "the order of their data");
	while (in->s->off < in->pos) {
		n = sizeof(in->block);
		if (n > in->pos - in->s->off)
			n = (size_t)(in->pos - in->s->off);
		if (src_read_full(in->s, in->block, n, e) == -1)
			return -1;
	}
	return 0;
}

static int
refill(struct cab_in *in, struct err *e)
{
	size_t n = sizeof(in->block);
	ssize_t got;

	in->len = 0;
	if (in->pos >= in->c->size)
		return err_at(e, in->pos,
		    "its data runs past the cabinet's %" PRIu32 " bytes",
		    in->c->size);
	if (go(in, e) == -1)
		return -1;
	if (n > in->c->size - in->pos)
		n = (size_t)(in->c->size - in->pos);
	if ((got = src_read(in->s, in->block, n, e)) == -1)
		return -1;
	if (got == 0)
		return err_at(e, in->pos,
		    "cut short: %" PRIu64 " more bytes expected",
		    in->c->size - in->pos);
	in->at = in->pos;
	in->len = (size_t)got;
	return 0;
}

int
cab_in_read(struct cab_in *in, void *to, size_t left, struct err *e)
{
	uint8_t *p = to;
	size_t n;

	while (left > 0) {
		if ((in->pos < in->at || in->pos - in->at >= in->len) &&
		    refill(in, e) == -1)
			return -1;
		n = in->len - (size_t)(in->pos - in->at);
		if (n > left)
			n = left;
		memcpy(p, in->block + (in->pos - in->at), n);
		p += n;
		in->pos += n;
		left -= n;
	}
	return 0;
}
