/* SPDX-License-Identifier: ISC */
#include "formats/bag_lines.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/err.h"

int
bag_lines_bad(
    const struct bag_lines *l, size_t col, const char *expected, struct err *e)
{
	return err_at(
	    e, l->off + col, "line %" PRIu64 ": expected %s", l->n, expected);
}

/* Bytes of p[0..n) that belong to the line, with its LF. */
static size_t
line_len(const char *p, size_t n, bool *whole)
{
	const char *lf = memchr(p, '\n', n);

	*whole = lf != NULL;
	return lf == NULL ? n : (size_t)(lf - p) + 1;
}

static int
take_line(
    struct bag_lines *l, const char *p, size_t n, bool whole, struct err *e)
{
	size_t text = whole ? n - 1 : n;

	if (text > BAG_LINE_MAX - l->have)
		return err_at(e, l->off + BAG_LINE_MAX,
		    "line %" PRIu64 ": longer than %d bytes", l->n,
		    BAG_LINE_MAX);
	memcpy(l->text + l->have, p, text);
	l->have += text;
	if (!whole)
		return 0;
	l->text[l->have] = '\0';
	if (l->line(l, l->text, l->have, e) == -1)
		return -1;
	l->off += l->have + 1;
	l->n++;
	l->have = 0;
	return 0;
}

static int
take_bytes(struct sink *s, const void *buf, size_t n, struct err *e)
{
	struct bag_lines *l = s->ctx;
	const char *p = buf;
	uint64_t got = l->off + l->have;

	if (n > s->max - got)
		return err_set(
		    e, E_LIMIT, "more than %" PRIu64 " bytes", s->max);
	while (n > 0) {
		bool whole;
		size_t used = line_len(p, n, &whole);

		if (take_line(l, p, used, whole, e) == -1)
			return -1;
		p += used;
		n -= used;
	}
	return 0;
}

void
bag_lines_init(struct bag_lines *l, uint64_t max,
    int (*line)(
	struct bag_lines *l, const char *text, size_t len, struct err *e),
    void *owner)
{
	const struct sink empty = SINK_INIT;

	memset(l, 0, sizeof(*l));
	l->line = line;
	l->owner = owner;
	l->n = 1;
	l->sink = empty;
	l->sink.write = take_bytes;
	l->sink.ctx = l;
	l->sink.max = max;
}

int
bag_lines_finish(struct bag_lines *l, uint64_t *nlines, struct err *e)
{
	if (l->have != 0)
		return err_at(e, l->off + l->have,
		    "line %" PRIu64 ": cut short, expected a LF", l->n);
	if (nlines != NULL)
		*nlines = l->n - 1;
	return 0;
}

/* What the bag would be by more than one manifest, or not whole (RFC 8493,
   2.1.3, 2.2.1 to 2.2.3): NULL if the name is none of these. */
static const char *
not_a_tag(const char *name)
{
	static const char data[] = "data/", tags[] = "tagmanifest-",
			  manifest[] = "manifest-";

	if (strncasecmp(name, data, sizeof(data) - 1) == 0)
		return "payload among the tag files";
	if (strncasecmp(name, tags, sizeof(tags) - 1) == 0)
		return "a tag manifest in a tag manifest";
	if (strncasecmp(name, manifest, sizeof(manifest) - 1) == 0 &&
	    strcmp(name, BAG_MANIFEST) != 0)
		return "a second manifest, expected " BAG_MANIFEST " alone";
	if (strcasecmp(name, "fetch.txt") == 0)
		return "a transfer has all of its payload in it";
	return NULL;
}

static int
check_prefix(
    const struct bag_lines *l, size_t col, const char *prefix, struct err *e)
{
	const char *fault;
	size_t n;

	if (prefix == NULL) {
		if ((fault = not_a_tag(l->name)) == NULL)
			return 0;
		return err_at(e, l->off + col, "line %" PRIu64 ": '%s': %s",
		    l->n, l->name, fault);
	}
	n = strlen(prefix);
	if (strncmp(l->name, prefix, n) != 0 || l->name[n] == '\0')
		return err_at(e, l->off + col,
		    "line %" PRIu64
		    ": expected a name that begins with '%s', found '%s'",
		    l->n, prefix, l->name);
	return 0;
}

int
bag_lines_name(struct bag_lines *l, const char *text, size_t col, size_t len,
    const char *prefix, struct err *e)
{
	int order;

	if (!path_safe(text + col, len))
		return err_at(e, l->off + col,
		    "line %" PRIu64 ": unsafe name '%.*s'", l->n,
		    (int)(len < 100 ? len : 100), text + col);
	memcpy(l->name, text + col, len);
	l->name[len] = '\0';
	if (!bag_name_fits(l->name))
		return err_at(e, l->off + col,
		    "line %" PRIu64
		    ": '%s' has a part that is a device of Windows: no file "
		    "can have that name there",
		    l->n, l->name);
	if (check_prefix(l, col, prefix, e) == -1)
		return -1;
	order = strcmp(l->last, l->name);
	if (order == 0)
		return err_at(e, l->off + col,
		    "line %" PRIu64 ": '%s' a second time", l->n, l->name);
	if (order > 0)
		return err_at(e, l->off + col,
		    "line %" PRIu64
		    ": names not in byte order, '%s' after '%s'",
		    l->n, l->name, l->last);
	memcpy(l->last, l->name, len + 1);
	return 0;
}

bool
bag_sha256(uint8_t sha256[SHA256_LEN], const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] >= 'A' && s[i] <= 'F')
			return false;
	return hex_read(sha256, SHA256_LEN, s, len);
}

int
bag_lines_sha256(struct bag_lines *l, const char *text, size_t col, size_t len,
    uint8_t sha256[SHA256_LEN], struct err *e)
{
	if (!bag_sha256(sha256, text + col, len))
		return bag_lines_bad(l, col, "64 lower-case hex digits", e);
	return 0;
}

bool
bag_num(uint64_t *v, const char *s, size_t len, uint64_t min, uint64_t max)
{
	if (len > 1 && s[0] == '0')
		return false;
	return num_read(v, s, len, min, max);
}

int
bag_lines_split(const struct bag_lines *l, const char *text, size_t len,
    struct bag_field *f, unsigned n, struct err *e)
{
	static const char *const expected[] = {
	    [3] = "three fields parted by tabs",
	    [4] = "four fields parted by tabs"};
	size_t col = 0;

	for (unsigned i = 0; i < n; i++) {
		const char *tab = memchr(text + col, '\t', len - col);

		if ((tab == NULL) != (i == n - 1))
			return bag_lines_bad(
			    l, tab == NULL ? len : col, expected[n], e);
		f[i].col = col;
		f[i].len = (tab == NULL ? len : (size_t)(tab - text)) - col;
		col += f[i].len + 1;
	}
	return 0;
}
