/* SPDX-License-Identifier: ISC */
#include "formats/bag.h"

#include <stdlib.h>
#include <string.h>

#include "formats/bag_lines.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define HEX ((size_t)2 * SHA256_LEN)
#define GAP 2 /* spaces between digest and name, as sha256sum writes */

struct bag_manifest {
	struct bag_lines lines;
	const char *prefix; /* borrowed, or NULL */
	int (*line)(void *arg, const struct bag_line *l, struct err *e);
	void *arg;
};

static int
on_line(struct bag_lines *l, const char *text, size_t len, struct err *e)
{
	struct bag_manifest *r = l->owner;
	struct bag_line out;

	if (bag_lines_sha256(
		l, text, 0, len < HEX ? len : HEX, out.sha256, e) == -1)
		return -1;
	if (len < HEX + GAP || memcmp(text + HEX, "  ", GAP) != 0)
		return bag_lines_bad(l, HEX, "two spaces", e);
	if (bag_lines_name(l, text, HEX + GAP, len - HEX - GAP, r->prefix, e) ==
	    -1)
		return -1;
	out.name = l->name;
	return r->line == NULL ? 0 : r->line(r->arg, &out, e);
}

int
bag_manifest_open(struct bag_manifest **to, const char *prefix,
    int (*line)(void *arg, const struct bag_line *l, struct err *e), void *arg,
    struct err *e)
{
	struct bag_manifest *r = calloc(1, sizeof(*r));

	*to = r;
	if (r == NULL)
		return err_nomem(e);
	bag_lines_init(&r->lines,
	    prefix == NULL ? BAG_MAX_TAGMANIFEST : BAG_MAX_MANIFEST, on_line,
	    r);
	r->prefix = prefix;
	r->line = line;
	r->arg = arg;
	return 0;
}

struct sink *
bag_manifest_sink(struct bag_manifest *r)
{
	return &r->lines.sink;
}

int
bag_manifest_finish(struct bag_manifest *r, uint64_t *nlines, struct err *e)
{
	return bag_lines_finish(&r->lines, nlines, e);
}

void
bag_manifest_close(struct bag_manifest *r)
{
	free(r);
}

int
bag_put_line(struct buf *b, const struct bag_line *l, struct err *e)
{
	char hex[HEX + 1];

	if (!path_safe(l->name, strlen(l->name)) || !bag_name_fits(l->name))
		return err_set(e, E_FORMAT, "unsafe name '%.100s'", l->name);
	hex_lower(hex, l->sha256, SHA256_LEN);
	return buf_printf(b, e, "%s  %s\n", hex, l->name);
}
