/* SPDX-License-Identifier: ISC */
/* What of a transfer is there already, and what it carries, as sets of rows. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/export/export_priv.h"
#include "lib/store/event.h"

/* A revision that is not there yet names its files for the first time. */
static void
mark_fresh(struct export *x)
{
	for (size_t i = 0; i < x->plan.n; i++) {
		const struct pack_update *u = &x->pack.updates[i];

		if (row_set_has(&x->held, x->plan.items[i].row))
			continue;
		x->fresh++;
		for (uint32_t k = 0; k < u->nrefs; k++)
			x->pack.files[x->pack.refs[u->ref + k]].told = false;
	}
}

/*
 * Payload that is there is not carried again, and of what only revisions name
 * that are there an earlier transfer has told.
 */
void
export_sets_mark(struct export *x)
{
	bool builds = x->base_sequence != 0;

	x->fresh = 0;
	for (size_t i = 0; i < x->pack.nfiles; i++) {
		struct pack_file *f = &x->pack.files[i];

		f->told = builds;
		f->there = builds && row_set_has(&x->held_files, f->row);
	}
	if (builds)
		mark_fresh(x);
	else
		x->fresh = x->plan.n;
}

static int
keep(struct export *x, enum carried_kind k, const struct row_set *set,
    struct err *e)
{
	return carried_put(x->store, x->row.row, k, set, e);
}

/* An earlier run may have begun this number by another one. */
static int
keep_plan(struct export *x, struct err *e)
{
	const struct event v = {.time = x->row.time,
	    .kind = EVENT_PLAN,
	    .ledger = x->row.row,
	    .origin = x->row.origin,
	    .sequence = x->row.sequence,
	    .text = x->approved};
	char old[2 * SHA256_LEN + 1];

	if (event_text(x->store, EVENT_PLAN, x->row.row, old, sizeof(old), e) ==
	    -1)
		return -1;
	return strcmp(old, x->approved) == 0 ? 0 : event_add(x->store, &v, e);
}

int
export_sets_keep(struct export *x, struct err *e)
{
	struct row_set revs = {.bits = NULL}, files = {.bits = NULL};
	int r = 0;

	for (size_t i = 0; r == 0 && i < x->plan.n; i++)
		r = row_set_add(&revs, x->plan.items[i].row, e);
	for (size_t i = 0; r == 0 && i < x->pack.nfiles; i++)
		if (pack_carries(&x->pack.files[i]))
			r = row_set_add(&files, x->pack.files[i].row, e);
	if (r == 0)
		r = keep_plan(x, e);
	if (r == 0)
		r = keep(x, CARRIED_REVISIONS, &revs, e);
	if (r == 0)
		r = keep(x, CARRIED_FILES, &files, e);
	row_set_free(&revs);
	row_set_free(&files);
	return r;
}
