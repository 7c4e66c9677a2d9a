/* SPDX-License-Identifier: ISC */
/* The bytes of a document on their way to libxml2: UTF-8, in slices. */
#include "formats/xml_priv.h"

#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"

#define BLOCK 64 /* bytes looked at together */

/* clang-format off */
const struct xml_limits xml_default_limits = {
	.max_depth = 256,
	.max_attrs = 256,
	.max_attr_bytes = (size_t)128 << 10,
	.max_text = (size_t)128 << 20,
	.max_markup = (size_t)256 << 10,
	.max_ns = 256,
	.max_names = (size_t)8 << 20,
};
/* clang-format on */

static bool
all_ascii(const uint8_t *p)
{
	uint64_t w, all = 0;
	size_t i;

	for (i = 0; i < BLOCK; i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		all |= w;
	}
	return (all & 0x8080808080808080u) == 0;
}

/*
 * Leads and what follows them in BLOCK bytes and the three before; a sequence
 * may go on behind.  No branches, for the compiler makes vectors of it: half
 * the time of sequence by sequence.  Unicode table 3-7; *odd: look closer.
 */
static bool
follows_ok(const uint8_t *p, bool *odd)
{
	unsigned char bad = 0, close = p[-1] >= 0xe0, c;
	int i;

	for (i = 0; i < BLOCK; i++) {
		c = p[i];
		bad |= ((c & 0xc0) == 0x80) ^
		    ((p[i - 1] >= 0xc2) | (p[i - 2] >= 0xe0) |
			(p[i - 3] >= 0xf0));
		close |= (c == 0xe0) | (c == 0xed) | (c >= 0xf0) |
		    ((c & 0xfe) == 0xc0);
	}
	*odd = close != 0;
	return bad == 0;
}

/* Bytes that never stand, or not before such a second one. */
static bool
pairs_ok(const uint8_t *p)
{
	unsigned char bad = 0, c, c1;
	int i;

	for (i = 0; i < BLOCK; i++) {
		c = p[i];
		c1 = p[i - 1];
		bad |= ((c & 0xfe) == 0xc0) | (c >= 0xf5);
		bad |= ((c1 == 0xe0) & (c < 0xa0)) |
		    ((c1 == 0xed) & (c > 0x9f));
		bad |= ((c1 == 0xf0) & (c < 0x90)) |
		    ((c1 == 0xf4) & (c > 0x8f));
	}
	return bad == 0;
}

static bool
block_ok(const uint8_t *p)
{
	bool odd;

	if (p[-1] < 0x80 && all_ascii(p))
		return true;
	return follows_ok(p, &odd) && (!odd || pairs_ok(p));
}

/* Back to the first byte of the sequence that p[n] is in or behind. */
static size_t
sequence_start(const uint8_t *p, size_t n)
{
	size_t i = n;

	while (i > 0 && n - i < 3 && (p[i - 1] & 0xc0) == 0x80)
		i--;
	return i > 0 && p[i - 1] >= 0xc0 ? i - 1 : n;
}

/* How many bytes from p are whole sequences; mostly they are ASCII. */
static size_t
well_encoded(const uint8_t *p, size_t n)
{
	size_t i = 0;
	unsigned len;

	for (; i < n && i < 3; i += len)
		if ((len = utf8_len(p + i, n - i)) == 0)
			return i;
	while (i <= n && n - i >= BLOCK && block_ok(p + i))
		i += BLOCK;
	for (i = sequence_start(p, i); i < n; i += len)
		if ((len = utf8_len(p + i, n - i)) == 0)
			break;
	return i;
}

/* Might there be a byte below a blank but TAB, LF and CR, or the end of U+FFFE?
   No branches, for the compiler makes vectors of it. */
static bool
maybe_odd(const uint8_t *p)
{
	unsigned char odd = 0, c;
	int i;

	for (i = 0; i < BLOCK; i++) {
		c = p[i];
		odd |= (c < 0x20) & (c != '\t') & (c != '\n') & (c != '\r');
		odd |= (c == 0xbf);
	}
	return odd != 0;
}

/* From p on; the text begins at first. */
static bool
is_odd(const uint8_t *p, size_t n, const uint8_t *first)
{
	const uint8_t *end = p + n;

	for (; p < end; p++) {
		if (*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r')
			return true;
		if (*p >= 0xbe && *p <= 0xbf && p - first >= 2 &&
		    p[-1] == 0xbf && p[-2] == 0xef)
			return true;
	}
	return false;
}

bool
xml_simple(const uint8_t *p, size_t n)
{
	size_t i = 0;

	if (well_encoded(p, n) < n)
		return false;
	for (; n - i >= BLOCK; i += BLOCK)
		if ((maybe_odd(p + i) || (i > 0 && p[i - 1] == 0xbf)) &&
		    is_odd(p + i, BLOCK, p))
			return false;
	return !is_odd(p + i, n - i, p);
}

static int
refuse_bytes(struct xml *x, uint8_t first)
{
	err_at(x->e, x->taken, "byte 0x%02x: not UTF-8", first);
	return xml_stop(x);
}

/* The rest of a sequence that the last push broke off in. */
static int
feed_held(struct xml *x, const uint8_t **p, size_t *n)
{
	while (x->nheld > 0 && *n > 0) {
		x->held[x->nheld++] = *(*p)++;
		--*n;
		if (utf8_len(x->held, x->nheld) > 0) {
			size_t len = x->nheld;

			x->nheld = 0;
			return xml_feed(x, x->held, len, false);
		}
		if (x->nheld == sizeof(x->held))
			return refuse_bytes(x, x->held[0]);
	}
	return 0;
}

static int
check_usable(struct xml *x, struct err *e)
{
	if (x->ctxt == NULL)
		return err_nomem(e);
	if (x->failed || x->finished)
		return err_set(e, E_FORMAT, "the document was %s before",
		    x->failed ? "refused" : "finished");
	x->e = e;
	return 0;
}

int
xml_push(struct xml *x, const void *buf, size_t n, struct err *e)
{
	const uint8_t *p = buf;
	size_t len;

	if (check_usable(x, e) == -1 || feed_held(x, &p, &n) == -1)
		return -1;
	while (n > 0) {
		len = well_encoded(p, n < XML_SLICE ? n : XML_SLICE);
		if (len == 0 && n >= sizeof(x->held))
			return refuse_bytes(x, p[0]);
		if (len == 0) {
			memcpy(x->held, p, n);
			x->nheld = n;
			return 0;
		}
		if (xml_feed(x, p, len, false) == -1)
			return -1;
		p += len;
		n -= len;
	}
	return 0;
}

int
xml_finish(struct xml *x, struct err *e)
{
	if (check_usable(x, e) == -1)
		return -1;
	if (x->nheld > 0)
		return refuse_bytes(x, x->held[0]);
	if (xml_feed(x, NULL, 0, true) == -1)
		return -1;
	x->finished = true;
	return 0;
}

/* Told that no more comes, libxml2 need not look for the end of each tag. */
int
xml_parse(struct xml *x, const void *buf, size_t n, struct err *e)
{
	const uint8_t *p = buf;
	size_t before = n > XML_SLICE ? n - XML_SLICE : 0;

	if (xml_push(x, p, before, e) == -1)
		return -1;
	p += before;
	n -= before;
	if (x->nheld > 0 || n == 0 || well_encoded(p, n) < n)
		return xml_push(x, p, n, e) == -1 ? -1 : xml_finish(x, e);
	if (xml_feed(x, p, n, true) == -1)
		return -1;
	x->finished = true;
	return 0;
}

unsigned
xml_epoch(const struct xml *x)
{
	return x->epoch;
}

const struct xml_attr *
xml_attr(const struct xml_elem *el, const char *name)
{
	const struct xml_attr *a = el->attrs;
	size_t i;

	for (i = 0; i < el->nattrs; i++, a++)
		if (a->ns == NULL && strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

size_t
xml_declared(const struct xml *x, const char *prefix, size_t n)
{
	const char *const *tab;
	const char *have;
	size_t i;

	for (tab = xml_declarations(x, &i); i > 0; i--) {
		have = tab[2 * i - 2];
		if (have == NULL)
			have = "";
		if (strlen(have) == n && memcmp(have, prefix, n) == 0)
			break;
	}
	return i;
}

size_t
xml_scope(const struct xml *x)
{
	size_t n;

	(void)xml_declarations(x, &n);
	return n;
}

const char *
xml_prefix(const struct xml *x, const char *prefix, size_t n)
{
	size_t i = xml_declared(x, prefix, n), all;
	const char *uri;

	if (i == 0)
		return NULL;
	uri = xml_declarations(x, &all)[2 * i - 1];
	return uri != NULL && *uri != '\0' ? uri : NULL;
}
