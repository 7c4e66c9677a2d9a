/* SPDX-License-Identifier: ISC */
#include "lib/store/runs.h"

#include <inttypes.h>

#include "lib/base/cur.h"
#include "lib/store/row_set.h"
#include "lib/store/store_db.h"

#define MORE 0x80u /* another byte follows */
#define SHIFT_MAX 28 /* five bytes: no row is beyond them */

static int
put_number(struct buf *to, uint64_t v, struct err *e)
{
	uint8_t bytes[10];
	size_t n = 0;

	for (; v >= MORE; v >>= 7)
		bytes[n++] = (uint8_t)(v | MORE);
	bytes[n++] = (uint8_t)v;
	return buf_put(to, bytes, n, e);
}

/* The first row from one on that is in the set, or is not; or the end. */
static int64_t
next_row(const struct row_set *s, int64_t row, bool in)
{
	while (row < s->n && row_set_has(s, row) != in)
		row++;
	return row;
}

int
runs_write(const struct row_set *s, struct buf *to, struct err *e)
{
	int64_t end = 0, from;

	while ((from = next_row(s, end, true)) < s->n) {
		if (put_number(to, (uint64_t)(from - end), e) == -1)
			return -1;
		end = next_row(s, from, false);
		if (put_number(to, (uint64_t)(end - from), e) == -1)
			return -1;
	}
	return 0;
}

static int
get_number(struct cur *c, uint64_t *v, struct err *e)
{
	uint64_t at = cur_off(c);
	unsigned shift = 0;
	uint8_t b;

	*v = 0;
	do {
		b = cur_u8(c);
		*v |= (uint64_t)(b & ~MORE) << shift;
		if (cur_check(c, "a run of rows", e) == -1)
			return -1;
		if ((b & MORE) == 0)
			break;
		shift += 7;
	} while (shift <= SHIFT_MAX);
	if ((b & MORE) != 0 || (b == 0 && shift > 0))
		return err_at(e, at,
		    "a run of rows: expected a number of at most five bytes, "
		    "the last of them not 0");
	return 0;
}

int
runs_read(struct row_set *s, const void *p, size_t n, struct err *e)
{
	uint64_t gap, len, row = 0;
	struct cur c;

	cur_init(&c, p, n);
	while (cur_left(&c) > 0) {
		uint64_t at = cur_off(&c);
		bool first = at == 0;

		if (get_number(&c, &gap, e) == -1 ||
		    get_number(&c, &len, e) == -1)
			return -1;
		if (len == 0 || (gap == 0 && !first))
			return err_at(e, at,
			    "a run of rows: expected rows, and some between "
			    "it and the one before");
		row += gap;
		if (row > (uint64_t)STORE_ROWS_MAX ||
		    len > (uint64_t)STORE_ROWS_MAX - row)
			return err_at(e, at,
			    "a run of rows: expected rows below %" PRId64,
			    STORE_ROWS_MAX);
		for (; len > 0; len--)
			if (row_set_add(s, (int64_t)row++, e) == -1)
				return -1;
	}
	return 0;
}

int
runs_put(struct query *q, const struct row_set *s, struct err *e)
{
	struct buf runs = BUF_INIT;
	int r;

	if ((r = runs_write(s, &runs, e)) == 0)
		query_blob(q, runs.len == 0 ? "" : (char *)runs.p, runs.len);
	if (r == 0)
		r = query_done(q, e);
	else
		query_close(q);
	buf_free(&runs);
	return r;
}

int
runs_get(struct query *q, int col, struct row_set *s, struct err *e)
{
	return runs_read(s, sqlite3_column_blob(q->st, col),
	    (size_t)sqlite3_column_bytes(q->st, col), e);
}
