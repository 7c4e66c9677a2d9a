/* SPDX-License-Identifier: ISC */
/* What this store has published before. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/export/export_priv.h"

struct lines {
	const struct export *x;
	struct bag_ledger_line *v; /* owned */
	size_t n, cap;
};

/* One with a digest may have been seen, also where it was cut off then.  One
   without a place was written by another state of this store. */
static int
add_line(void *arg, const struct ledger_row *r, struct err *e)
{
	struct lines *l = arg;

	if (r->kind != LEDGER_EXPORT || !r->has_tag ||
	    r->sequence >= l->x->row.sequence)
		return 0;
	if (grow(&l->v, &l->cap, l->n, sizeof(*l->v), e) == -1)
		return -1;
	l->v[l->n] = (struct bag_ledger_line){
	    .sequence = r->sequence, .resumed = r->where[0] == '\0'};
	memcpy(l->v[l->n++].sha256, r->tag, SHA256_LEN);
	return 0;
}

static int
by_sequence(const void *a, const void *b)
{
	const struct bag_ledger_line *x = a, *y = b;

	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

int
export_ledger(struct export *x, struct err *e)
{
	struct lines l = {.x = x};
	size_t i;
	int r;

	buf_reset(&x->ledger);
	if ((r = ledger_each(x->store, add_line, &l, e)) == 0) {
		if (l.n != 0)
			qsort(l.v, l.n, sizeof(*l.v), by_sequence);
		i = l.n > BAG_MAX_LEDGER ? l.n - BAG_MAX_LEDGER : 0;
		for (; r == 0 && i < l.n; i++)
			r = bag_put_ledger(&x->ledger, &l.v[i], e);
	}
	free(l.v);
	return r;
}
