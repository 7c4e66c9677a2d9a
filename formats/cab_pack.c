/* SPDX-License-Identifier: ISC */
/* MSZIP blocks: CK, then one final deflate stream that may look back. */
#include "formats/cab.h"

#include <isa-l.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "formats/cab_priv.h"
#include "lib/base/err.h"

#define ISAL_LEVEL 2
#define ZLIB_LEVEL 6
#define ZLIB_MEMORY 9
#define STORED_HEAD 5 /* bytes of a stored deflate block before its data */
#define DEFLATE_MAX (MSZIP_MAX - 2)

struct mszip {
	bool small;
	z_stream z; /* owned where small */
	uint8_t *level_buf; /* owned where not */
	struct isal_zstream s; /* large, and where not small only */
};

int
cab_mszip_new(struct mszip **zp, bool small, struct err *e)
{
	struct mszip *z;

	*zp = NULL;
	if ((z = calloc(1, sizeof(*z))) == NULL)
		return err_nomem(e);
	z->small = small;
	if (small &&
	    deflateInit2(&z->z, ZLIB_LEVEL, Z_DEFLATED, -MAX_WBITS, ZLIB_MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK) {
		free(z);
		return err_nomem(e);
	}
	if (!small && (z->level_buf = malloc(ISAL_DEF_LVL2_DEFAULT)) == NULL) {
		free(z);
		return err_nomem(e);
	}
	*zp = z;
	return 0;
}

void
cab_mszip_free(struct mszip *z)
{
	if (z == NULL)
		return;
	if (z->small)
		(void)deflateEnd(&z->z);
	free(z->level_buf);
	free(z);
}

/* Both give the bytes written, or 0 when these would pass DEFLATE_MAX. */
static size_t
by_isal(struct mszip *z, uint8_t *p, size_t n, size_t hist, uint8_t *out)
{
	struct isal_zstream *s = &z->s;

	isal_deflate_init(s);
	s->level = ISAL_LEVEL;
	s->level_buf = z->level_buf;
	s->level_buf_size = ISAL_DEF_LVL2_DEFAULT;
	s->end_of_stream = 1;
	s->flush = NO_FLUSH;
	s->next_in = p;
	s->avail_in = (uint32_t)n;
	s->next_out = out;
	s->avail_out = DEFLATE_MAX;
	if (hist != 0 &&
	    isal_deflate_set_dict(s, p - hist, (uint32_t)hist) != COMP_OK)
		return 0;
	if (isal_deflate(s) != COMP_OK || s->internal_state.state != ZSTATE_END)
		return 0;
	return s->total_out;
}

static size_t
by_zlib(struct mszip *z, const uint8_t *p, size_t n, size_t hist, uint8_t *out)
{
	z_stream *s = &z->z;

	s->next_in = p;
	s->avail_in = (uInt)n;
	s->next_out = out;
	s->avail_out = DEFLATE_MAX;
	if (deflateReset(s) != Z_OK)
		return 0;
	if (hist != 0 && deflateSetDictionary(s, p - hist, (uInt)hist) != Z_OK)
		return 0;
	if (deflate(s, Z_FINISH) != Z_STREAM_END)
		return 0;
	return s->total_out;
}

static size_t
stored(const uint8_t *p, size_t n, uint8_t *out)
{
	out[0] = 1; /* final, stored */
	out[1] = (uint8_t)n;
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)~out[1];
	out[4] = (uint8_t)~out[2];
	memcpy(out + STORED_HEAD, p, n);
	return STORED_HEAD + n;
}

size_t
cab_mszip_block(
    struct mszip *z, uint8_t *p, size_t n, size_t hist, uint8_t *out)
{
	size_t len;

	out[0] = 'C';
	out[1] = 'K';
	out += 2;
	len = z->small ? by_zlib(z, p, n, hist, out)
		       : by_isal(z, p, n, hist, out);
	if (len == 0 || len > STORED_HEAD + n)
		len = stored(p, n, out);
	return 2 + len;
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define ISAL_RELEASE                                                           \
	TEXT(ISAL_MAJOR_VERSION)                                               \
	"." TEXT(ISAL_MINOR_VERSION) "." TEXT(ISAL_PATCH_VERSION)

const char *
cab_writer_method(bool small)
{
	if (small)
		return "MSZIP zlib " TEXT(ZLIB_LEVEL) " " ZLIB_VERSION;
	return "MSZIP isa-l " TEXT(ISAL_LEVEL) " " ISAL_RELEASE;
}
