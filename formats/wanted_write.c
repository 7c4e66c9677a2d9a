/* SPDX-License-Identifier: ISC */
#include "formats/wanted.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sink.h"
#include "lib/base/sort.h"

static int
write_row(struct buf *b, const struct wanted_row *r, struct err *e)
{
	char hex[2 * SHA1_LEN + 1];
	char first[UTC_LEN + 1], last[UTC_LEN + 1];

	hex_upper(hex, r->sha1, SHA1_LEN);
	utc_write(first, r->first);
	utc_write(last, r->last);
	return buf_printf(b, e, "%s\t%" PRIu64 "\t%" PRIu32 "\t%s\t%s\n", hex,
	    r->requests, r->addresses, first, last);
}

int
wanted_write(const struct wanted *w, const struct wanted_limits *lim,
    struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int r = -1;

	if (w->n > lim->max_rows)
		return err_set(
		    e, E_LIMIT, "%zu rows, at most %zu", w->n, lim->max_rows);
	if (buf_puts(&b, WANTED_TITLE "\n", e) == -1)
		goto out;
	for (i = 0; i < w->n; i++) {
		if (wanted_check(&w->v[i], lim, e) == -1 ||
		    write_row(&b, &w->v[i], e) == -1)
			goto out;
		if (i > 0 &&
		    memcmp(w->v[i - 1].sha1, w->v[i].sha1, SHA1_LEN) >= 0) {
			err_set(e, E_FORMAT, "rows are out of order");
			goto out;
		}
	}
	r = sink_write(to, b.p, b.len, e);
out:
	buf_free(&b);
	return r;
}

static size_t
oldest(const struct wanted *w)
{
	size_t i, at = 0;

	for (i = 1; i < w->n; i++)
		if (w->v[i].last < w->v[at].last)
			at = i;
	return at;
}

static void
drop(struct wanted *w, size_t at)
{
	w->n--;
	memmove(w->v + at, w->v + at + 1, (w->n - at) * sizeof(*w->v));
}

int
wanted_note(struct wanted *w, const uint8_t sha1[SHA1_LEN], int64_t now,
    const struct wanted_limits *lim, struct wanted_row **row, struct err *e)
{
	struct wanted_row *r = sort_find(
	    sha1, w->v, w->n, sizeof(*w->v), sort_by_sha1);
	size_t at;

	if (r == NULL) {
		if (w->n >= lim->max_rows)
			drop(w, oldest(w));
		if (grow(&w->v, &w->cap, w->n, sizeof(*w->v), e) == -1)
			return -1;
		at = sort_place(sha1, w->v, w->n, sizeof(*w->v), sort_by_sha1);
		r = w->v + at;
		memmove(r + 1, r, (w->n - at) * sizeof(*w->v));
		*r = (struct wanted_row){.first = now, .addresses = 1};
		memcpy(r->sha1, sha1, SHA1_LEN);
		w->n++;
	}
	if (r->requests < lim->max_number)
		r->requests++;
	if (now > r->last)
		r->last = now;
	*row = r;
	return 0;
}
