/* SPDX-License-Identifier: ISC */
#include "lib/base/gzip.h"

#include <stdint.h>
#define ZLIB_CONST
#include <zlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

#define MOST ((size_t)1 << 30)
#define LEVEL 4 /* half the time of 6, and a tenth more bytes */
#define GZIP_WINDOW (15 + 16) /* of zlib: with a head of gzip */

int
gzip_pack(struct buf *to, const void *p, size_t n, struct err *e)
{
	z_stream z = {.zalloc = NULL};
	uint8_t *room;
	size_t most;
	int r;

	if (n > MOST)
		return err_set(e, E_LIMIT, "%zu bytes are too many to pack", n);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return err_nomem(e);
	most = deflateBound(&z, n);
	if ((room = buf_reserve(to, most, e)) == NULL) {
		(void)deflateEnd(&z);
		return -1;
	}
	z.next_in = p;
	z.avail_in = (uInt)n;
	z.next_out = room;
	z.avail_out = (uInt)most;
	r = deflate(&z, Z_FINISH);
	to->len += most - z.avail_out;
	(void)deflateEnd(&z);
	return r == Z_STREAM_END ? 0
				 : err_set(e, E_SYS, "zlib: %d, not an end", r);
}
