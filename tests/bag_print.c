/* SPDX-License-Identifier: ISC */
/* bag-info.txt for people. */
#include "tests/print.h"

#include <inttypes.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

static int
print_who(const struct bag_info *i, struct buf *b, struct err *e)
{
	char origin[GUID_LEN + 1], time[UTC_LEN + 1];

	guid_write(origin, &i->origin);
	utc_write(time, i->time);
	if (buf_printf(b, e,
		"transfer     %s\n"
		"created      %s\n"
		"origin       %s (%s)\n"
		"destination  %s\n"
		"sequence     %" PRIu64 "\n",
		i->id, time, i->site, origin, i->destination,
		i->sequence) == -1)
		return -1;
	if (i->base == 0)
		return buf_puts(b, "base         none (full)\n", e);
	return buf_printf(b, e, "base         %" PRIu64 "\n", i->base);
}

int
bag_info_print(const struct bag_info *i, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = -1;

	if (print_who(i, &b, e) == -1 ||
	    buf_printf(&b, e,
		"medium       %" PRIu32 " of %" PRIu32 "\n"
		"revisions    %" PRIu64 "\n"
		"files        %" PRIu64 ", absent %" PRIu64 "\n"
		"payload      %" PRIu64 " bytes in %" PRIu64
		" files on this medium\n"
		"software     %s\n",
		i->bag, i->bags, i->revisions, i->files, i->absent,
		i->oxum_bytes, i->oxum_files,
		i->software[0] == '\0' ? "unknown" : i->software) == -1)
		goto out;
	r = sink_write(to, b.p, b.len, e);
out:
	buf_free(&b);
	return r;
}
