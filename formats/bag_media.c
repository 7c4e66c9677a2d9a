/* SPDX-License-Identifier: ISC */
#include "formats/bag.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/bag_lines.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define NFIELDS 4
#define PAYLOAD "data/"

struct bag_media {
	struct bag_lines lines;
	int (*line)(void *arg, const struct bag_medium_line *l, struct err *e);
	void *arg;
};

static int
on_line(struct bag_lines *l, const char *text, size_t len, struct err *e)
{
	struct bag_media *r = l->owner;
	struct bag_medium_line out;
	struct bag_field f[NFIELDS];
	uint64_t medium;

	if (bag_lines_split(l, text, len, f, NFIELDS, e) == -1 ||
	    bag_lines_name(l, text, f[0].col, f[0].len, PAYLOAD, e) == -1 ||
	    bag_lines_sha256(l, text, f[1].col, f[1].len, out.sha256, e) == -1)
		return -1;
	if (!bag_num(&out.size, text + f[2].col, f[2].len, 0, BAG_MAX_NUMBER))
		return bag_lines_bad(l, f[2].col, "a number of bytes", e);
	if (!bag_num(&medium, text + f[3].col, f[3].len, 1, BAG_MAX_MEDIA))
		return bag_lines_bad(l, f[3].col, "a medium from 1 to 9999", e);
	out.medium = (uint32_t)medium;
	out.name = l->name;
	return r->line == NULL ? 0 : r->line(r->arg, &out, e);
}

int
bag_media_open(struct bag_media **to,
    int (*line)(void *arg, const struct bag_medium_line *l, struct err *e),
    void *arg, struct err *e)
{
	struct bag_media *r = calloc(1, sizeof(*r));

	*to = r;
	if (r == NULL)
		return err_nomem(e);
	bag_lines_init(&r->lines, BAG_MAX_MANIFEST, on_line, r);
	r->line = line;
	r->arg = arg;
	return 0;
}

struct sink *
bag_media_sink(struct bag_media *r)
{
	return &r->lines.sink;
}

int
bag_media_finish(struct bag_media *r, uint64_t *nlines, struct err *e)
{
	return bag_lines_finish(&r->lines, nlines, e);
}

void
bag_media_close(struct bag_media *r)
{
	free(r);
}

int
bag_put_medium(struct buf *b, const struct bag_medium_line *l, struct err *e)
{
	char hex[2 * SHA256_LEN + 1];
	size_t n = strlen(PAYLOAD);

	if (!path_safe(l->name, strlen(l->name)) || !bag_name_fits(l->name) ||
	    strncmp(l->name, PAYLOAD, n) != 0)
		return err_set(e, E_FORMAT,
		    "expected a safe name in data/, found '%.100s'", l->name);
	if (l->size > BAG_MAX_NUMBER || l->medium < 1 ||
	    l->medium > BAG_MAX_MEDIA)
		return err_set(e, E_FORMAT,
		    "'%s': %" PRIu64 " bytes on medium %" PRIu32
		    ", expected a medium from 1 to %d",
		    l->name, l->size, l->medium, BAG_MAX_MEDIA);
	hex_lower(hex, l->sha256, SHA256_LEN);
	return buf_printf(b, e, "%s\t%s\t%" PRIu64 "\t%" PRIu32 "\n", l->name,
	    hex, l->size, l->medium);
}
