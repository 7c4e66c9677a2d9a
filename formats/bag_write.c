/* SPDX-License-Identifier: ISC */
/* bag-info.txt for the file. */
#include <inttypes.h>
#include <string.h>

#include "formats/bag_info.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

static int
put_label(const struct bag_info *i, const struct bag_label *l, struct buf *b,
    struct err *e)
{
	const char *at = (const char *)i + l->off;
	char text[UTC_LEN + GUID_LEN];
	uint64_t n;

	switch (l->kind) {
	case BAG_NUMBER:
		memcpy(&n, at, sizeof(n));
		return buf_printf(b, e, "%s: %" PRIu64 "\n", l->name, n);
	case BAG_VERSION:
		return buf_printf(b, e, "%s: %u\n", l->name, i->format);
	case BAG_GUID:
		guid_write(text, &i->origin);
		return buf_printf(b, e, "%s: %s\n", l->name, text);
	case BAG_TIME:
		utc_write(text, i->time);
		return buf_printf(b, e, "%s: %s\n", l->name, text);
	case BAG_COUNT:
		return buf_printf(b, e, "%s: %" PRIu32 " of %" PRIu32 "\n",
		    l->name, i->bag, i->bags);
	case BAG_OXUM:
		return buf_printf(b, e, "%s: %" PRIu64 ".%" PRIu64 "\n",
		    l->name, i->oxum_bytes, i->oxum_files);
	case BAG_TEXT:
	case BAG_PROSE:
		break;
	}
	if (at[0] == '\0')
		return 0;
	return buf_printf(b, e, "%s: %s\n", l->name, at);
}

int
bag_info_write(const struct bag_info *i, struct buf *b, struct err *e)
{
	if (bag_info_check(i, e) == -1)
		return -1;
	for (size_t k = 0; k < BAG_NLABELS; k++)
		if (put_label(i, &bag_labels[k], b, e) == -1)
			return -1;
	return 0;
}
