/* SPDX-License-Identifier: ISC */
#include "lib/store/scan.h"

#define NEAR 16 /* rows that are read rather than begun again for */

void
scan_close(struct scan *c)
{
	if (c->open)
		query_close(&c->q);
	c->open = c->ended = false;
}

static int
step(struct scan *c, struct err *e)
{
	int r = query_step(&c->q, e);

	if (r == -1) {
		scan_close(c);
		return -1;
	}
	c->ended = r == 0;
	c->at = r == 1 ? sqlite3_column_int64(c->q.st, c->column) : INT64_MAX;
	return 0;
}

static int
begin(struct scan *c, int64_t key, struct err *e)
{
	scan_close(c);
	if (query_open(&c->q, c->s, c->id, e) == -1)
		return -1;
	c->open = true;
	query_int(&c->q, key);
	return step(c, e);
}

int
scan_from(struct scan *c, int64_t key, struct err *e)
{
	unsigned passed = 0;

	if (!c->open || key < c->from) {
		if (begin(c, key, e) == -1)
			return -1;
	}
	while (!c->ended && c->at < key)
		if ((passed++ < NEAR ? step(c, e) : begin(c, key, e)) == -1)
			return -1;
	c->from = key;
	return c->ended ? 0 : 1;
}

int
scan_to(struct scan *c, int64_t key, struct err *e)
{
	int r = scan_from(c, key, e);

	return r == 1 ? c->at == key : r;
}

int
scan_next(struct scan *c, struct err *e)
{
	int64_t key = c->at;

	/* What was read is passed. */
	c->from = key < INT64_MAX ? key + 1 : key;
	if (step(c, e) == -1)
		return -1;
	return !c->ended && c->at == key;
}
