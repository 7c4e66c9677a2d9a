/* SPDX-License-Identifier: ISC */
#include "lib/view/updates.h"

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/csv.h"
#include "lib/base/sink.h"
#include "lib/store/store.h"

static int
end(struct buf *to, struct csv *c, struct err *e)
{
	struct sink sink;

	sink_buf(&sink, to);
	return csv_end(c, &sink, e);
}

int
updates_csv_head(struct buf *to, struct csv *c, struct err *e)
{
	static const char *const names[] = {"KB", "UpdateID", "Revision",
	    "Classification", "Severity", "Created", "Title", "State",
	    "Products"};
	size_t i;

	if (buf_puts(to, "\xef\xbb\xbf", e) == -1)
		return -1;
	csv_begin(c);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		csv_str(c, names[i]);
	return end(to, c, e);
}

int
updates_csv_row(
    struct buf *to, struct csv *c, const struct updates_row *r, struct err *e)
{
	char id[GUID_LEN + 1];

	guid_write(id, &r->rev->id);
	csv_begin(c);
	csv_str(c, r->kbs);
	csv_str(c, id);
	csv_num(c, r->rev->revision);
	csv_str(c, r->classes);
	csv_str(c, r->rev->severity);
	csv_str(c, r->rev->created);
	csv_str(c, r->rev->title);
	csv_str(c, r->state);
	csv_str(c, r->products);
	return end(to, c, e);
}
