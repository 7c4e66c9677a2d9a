/* SPDX-License-Identifier: ISC */
/* The document out of an item, as UTF-8. */
#include <inttypes.h>
#include <string.h>

#include "formats/cab.h"
#include "formats/serversync_priv.h"
#include "lib/base/buf.h"
#include "lib/base/cur.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"

/* clang-format off */
static const struct cab_limits blob_limits = {
	.max_files = 64,
	.max_folders = 64,
	.max_reserve = 60000,
	.max_unpacked = SS_MAX_DOC,
};
/* clang-format on */

#define DATA_HEAD 8 /* checksum, packed size, unpacked size */

/* --- 8-bit text --- */

/* Some upstreams may leave the declaration that .NET's writers begin with. */
static void
strip(const uint8_t **p, size_t *n)
{
	const uint8_t *end;

	if (*n >= 3 && memcmp(*p, "\xef\xbb\xbf", 3) == 0) {
		*p += 3;
		*n -= 3;
	}
	if (*n < 6 || memcmp(*p, "<?xml", 5) != 0 ||
	    strchr(" \t\r\n", (*p)[5]) == NULL || (*p)[5] == '\0' ||
	    (end = memmem(*p, *n, "?>", 2)) == NULL)
		return;
	*n -= (size_t)(end + 2 - *p);
	*p = end + 2;
	while (*n > 0 && **p != '\0' && strchr(" \t\r\n", **p) != NULL)
		++*p, --*n;
}

static int
check_size(size_t n, struct err *e)
{
	if (n == 0)
		return err_set(e, E_FORMAT, "the document is empty");
	if (n > SS_MAX_DOC)
		return err_set(e, E_LIMIT, "document of %zu bytes, at most %zu",
		    n, SS_MAX_DOC);
	return 0;
}

static int
check_utf8(const uint8_t *p, size_t n, struct err *e)
{
	size_t i = 0;
	unsigned len;

	if (utf8_valid(p, n))
		return 0;
	while ((len = utf8_len(p + i, n - i)) != 0)
		i += len;
	return err_at(e, i, "document: byte 0x%02x, expected UTF-8", p[i]);
}

static int
put_utf8(struct buf *doc, const uint8_t *p, size_t n, struct err *e)
{
	if (check_size(n, e) == -1)
		return -1;
	strip(&p, &n);
	if (check_size(n, e) == -1 || check_utf8(p, n, e) == -1)
		return -1;
	return buf_put(doc, p, n, e);
}

/* --- 16-bit text --- */

static unsigned
unit(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

#define FOUR 8 /* bytes of four units */

/* Most text is ASCII. */
static bool
is_ascii_four(const uint8_t *p)
{
	static const uint8_t others[FOUR] = {
	    0x80, 0xff, 0x80, 0xff, 0x80, 0xff, 0x80, 0xff};
	uint64_t a, b;

	memcpy(&a, p, FOUR);
	memcpy(&b, others, FOUR);
	return (a & b) == 0;
}

/* Bytes of UTF-8 that it gives; unpaired surrogates are refused. */
static int
measure(const uint8_t *p, size_t n, size_t *len, struct err *e)
{
	size_t i, sum = 0;
	unsigned u;

	for (i = 0; i < n; i += 2) {
		for (; n - i > FOUR && is_ascii_four(p + i); i += FOUR)
			sum += FOUR / 2;
		u = unit(p + i);
		sum += 1 + (size_t)(u >= 0x80) + (size_t)(u >= 0x800);
		if (u < 0xd800 || u > 0xdfff)
			continue;
		if (u > 0xdbff || n - i < 4 ||
		    (unit(p + i + 2) & 0xfc00) != 0xdc00)
			return err_at(e, i,
			    "document: surrogate %04x, expected a pair", u);
		sum++;
		i += 2;
	}
	*len = sum;
	return 0;
}

static void
convert(uint8_t *to, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;
	uint32_t c;

	while (p < end) {
		for (; end - p > FOUR && is_ascii_four(p); p += FOUR)
			for (int i = 0; i < FOUR; i += 2)
				*to++ = p[i];
		c = unit(p);
		p += 2;
		if (c < 0x80) {
			*to++ = (uint8_t)c;
			continue;
		}
		if (c >= 0xd800 && c <= 0xdbff) {
			c = 0x10000 + ((c & 0x3ff) << 10) + (unit(p) & 0x3ff);
			p += 2;
		}
		to += utf8_put(to, c);
	}
}

/* A declaration in it is stripped once it is UTF-8. */
static int
put_utf16(struct buf *doc, const uint8_t *p, size_t n, struct err *e)
{
	struct buf text = BUF_INIT_MAX(2 * SS_MAX_DOC);
	uint8_t *to;
	size_t len = 0;
	int r = -1;

	if (n % 2 != 0)
		return err_set(e, E_FORMAT,
		    "document: %zu bytes, expected UTF-16 of pairs", n);
	if (measure(p, n, &len, e) == -1 ||
	    (to = buf_reserve(&text, len, e)) == NULL)
		goto out;
	convert(to, p, n);
	r = put_utf8(doc, to, len, e);
out:
	buf_free(&text);
	return r;
}

/* Bytes 2 and 4 are zero in UTF-16 that begins with two ASCII characters. */
static int
put_text(struct buf *doc, const char **encoding, const uint8_t *p, size_t n,
    struct err *e)
{
	if (n >= 2 && p[0] == 0xff && p[1] == 0xfe) {
		*encoding = "utf-16le";
		return put_utf16(doc, p + 2, n - 2, e);
	}
	if (n >= 4 && p[1] == 0 && p[3] == 0) {
		*encoding = "utf-16le";
		return put_utf16(doc, p, n, e);
	}
	if ((n >= 2 && p[0] == 0xfe && p[1] == 0xff) ||
	    (n >= 4 && p[0] == 0 && p[2] == 0))
		return err_set(e, E_FORMAT,
		    "document in UTF-16BE, expected UTF-16LE or UTF-8");
	*encoding = "utf-8";
	return put_utf8(doc, p, n, e);
}

/* --- the cabinet --- */

/*
 * What the blocks say that they hold; more than that no decoder gives.  The
 * last one may be longer than the text: some writers fill it up.
 */
static int
check_blocks(const struct cab *c, const void *p, size_t n, struct err *e)
{
	const struct cab_folder *f = &c->folders[c->files[0].folder];
	uint64_t sum = 0, size = c->files[0].size;
	struct cur k;
	unsigned i, packed, last = 0;

	cur_init(&k, p, n);
	cur_skip(&k, f->data_off);
	for (i = 0; i < f->nblocks; i++) {
		(void)cur_le32(&k);
		packed = cur_le16(&k);
		last = cur_le16(&k);
		sum += last;
		cur_skip(&k, (size_t)c->data_reserve + packed);
		if (cur_check(&k, "data block", e) == -1)
			return -1;
	}
	if (c->files[0].off != 0 || sum < size || size <= sum - last)
		return err_at(e, f->data_off,
		    "the blocks hold %" PRIu64 " bytes, %u of them the last "
		    "one, expected %" PRIu64 " from byte 0 that end in it, "
		    "found them from %" PRIu32,
		    sum, last, size, c->files[0].off);
	return 0;
}

static int
check_cab(const struct cab *c, const void *p, size_t n, struct err *e)
{
	if (c->nfiles != 1)
		return err_set(
		    e, E_FORMAT, "%u files, expected one", c->nfiles);
	if (check_size(c->files[0].size, e) == -1)
		return -1;
	return check_blocks(c, p, n, e);
}

static int
unpack(struct ss_reader *r, const void *p, size_t n, struct err *e)
{
	struct buf *to = &r->unpacked;
	struct sink out = SINK_INIT;
	struct cab c = CAB_INIT;
	struct src s = SRC_INIT;
	int ret = -1;

	buf_reset(to);
	src_mem(&s, p, n);
	sink_buf(&out, to);
	if (cab_read(&c, &s, &blob_limits, e) == -1 ||
	    check_cab(&c, p, n, e) == -1 ||
	    cab_body_open(&r->body, &c, &s, e) == -1 ||
	    cab_body_extract(r->body, 0, &out, e) == -1)
		goto out;
	if (to->len != c.files[0].size) {
		err_set(e, E_FORMAT, "%zu bytes came out, expected %" PRIu32,
		    to->len, c.files[0].size);
		goto out;
	}
	ret = 0;
out:
	cab_body_leave(r->body);
	cab_free(&c);
	src_close(&s);
	return ret;
}

static int
put_cab(struct ss_reader *r, struct buf *doc, const char **encoding,
    const struct ss_item *it, struct err *e)
{
	if (unpack(r, it->p, it->n, e) == -1)
		return err_ctx(e, "XmlUpdateBlobCompressed");
	return put_text(doc, encoding, r->unpacked.p, r->unpacked.len, e);
}

int
serversync_doc(struct ss_reader *r, const struct ss_item *it, struct buf *doc,
    const char **encoding, struct err *e)
{
	*encoding = "utf-8";
	switch (it->blob) {
	case SS_BLOB_PLAIN:
		return put_utf8(doc, it->p, it->n, e);
	case SS_BLOB_CAB:
		return put_cab(r, doc, encoding, it, e);
	case SS_BLOB_NONE:
		break;
	}
	return err_set(e, E_FORMAT, "no document, expected one");
}
