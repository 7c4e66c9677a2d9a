/* SPDX-License-Identifier: ISC */
#include "lib/transfer/receipt_held.h"

#include <stdbool.h>
#include <string.h>

#include "lib/store/buckets.h"
#include "lib/store/carried.h"
#include "lib/store/store.h"
#include "lib/transfer/receipt_in.h"

/* Sets that may be what is held, and what their buckets are. */
struct guess {
	struct row_set revs, files; /* owned */
	struct buckets b;
};

struct look {
	struct receipt_in *i;
	struct store *s;
	bool all; /* not only what the receipt says was imported */
	struct guess *g;
	unsigned unknown;
};

static bool
was_imported(const struct receipt *r, uint64_t sequence)
{
	uint64_t back;

	if (sequence >= r->sequence)
		return sequence == r->sequence;
	back = r->sequence - sequence - 1;
	return back < RECEIPT_SEEN && (r->seen >> back & 1) != 0;
}

static bool
was_for(const struct receipt_in *i, const struct ledger_row *r)
{
	return r->sequence <= i->row.r.sequence &&
	    (r->target[0] == '\0' || strcmp(r->target, i->to.name) == 0);
}

static int
add(void *arg, const struct ledger_row *r, struct err *e)
{
	struct look *l = arg;
	int known;

	if (r->kind != LEDGER_EXPORT || r->state != LEDGER_WRITTEN ||
	    !(l->all ? was_for(l->i, r)
		     : was_imported(&l->i->row.r, r->sequence)))
		return 0;
	known = carried_add(l->s, r->row, CARRIED_REVISIONS, &l->g->revs, e);
	if (known != -1 &&
	    carried_add(l->s, r->row, CARRIED_FILES, &l->g->files, e) == -1)
		known = -1;
	l->unknown += known == 0;
	return known == -1 ? -1 : 0;
}

static uint64_t
count(const struct row_set *s)
{
	uint64_t n = 0;

	for (int64_t i = 0; i < s->n / 8; i++)
		n += (uint64_t)__builtin_popcount(s->bits[i]);
	return n;
}

/* Agreed are, of a guess, the buckets that are theirs. */
static int
try_guess(struct receipt_in *i, struct store *s, struct guess *g, struct err *e)
{
	struct buckets theirs = {.nrevs = i->row.r.revisions};

	memcpy(theirs.rev, i->row.r.rev, sizeof(theirs.rev));
	memcpy(theirs.file, i->row.r.file, sizeof(theirs.file));
	if (buckets_count(s, &g->revs, &g->files, false, &g->b, e) == -1)
		return -1;
	return buckets_agree(
	    s, &g->revs, &g->files, &g->b, &theirs, &i->revs, &i->files, e);
}

static int
guess(struct look *l, struct guess *g, struct err *e)
{
	l->g = g;
	if (ledger_each(l->s, add, l, e) == -1)
		return -1;
	return try_guess(l->i, l->s, g, e);
}

static int
add_rev(void *arg, const struct store_rev *r, struct err *e)
{
	return row_set_add(arg, r->row, e);
}

static int
add_file(void *arg, const struct store_file *f, struct err *e)
{
	return row_set_add(arg, f->row, e);
}

/* Of a store that was set back: it has forgotten what it sent, and maybe holds
   the same again. */
static int
guess_all(struct receipt_in *i, struct store *s, struct guess *g, struct err *e)
{
	if (store_each_rev(s, add_rev, &g->revs, e) == -1 ||
	    store_each_file(s, false, add_file, &g->files, e) == -1)
		return -1;
	return try_guess(i, s, g, e);
}

static void
guess_free(struct guess *g)
{
	row_set_free(&g->revs);
	row_set_free(&g->files);
}

int
receipt_held(struct receipt_in *i, struct store *s, struct err *e)
{
	struct guess told = {.b = {.nrevs = 0}}, sent = told, all = told;
	struct look l = {.i = i, .s = s};
	int r = -1;

	if (i->to.row != 0 &&
	    (destination_held(s, i->to.row, CARRIED_REVISIONS, &told.revs, e) ==
		    -1 ||
		destination_held(s, i->to.row, CARRIED_FILES, &told.files, e) ==
		    -1))
		goto out;
	if (guess(&l, &told, e) == -1)
		goto out;
	i->unknown = l.unknown;
	i->nrevs = count(&i->revs);
	i->nfiles = count(&i->files);
	if (i->nrevs < told.b.nrevs || i->nfiles < told.b.nfiles) {
		l.all = true;
		if (guess(&l, &sent, e) == -1)
			goto out;
		i->nrevs = count(&i->revs);
		i->nfiles = count(&i->files);
	}
	if (i->nrevs < i->row.r.revisions || i->nfiles < i->row.r.files) {
		if (guess_all(i, s, &all, e) == -1)
			goto out;
		i->nrevs = count(&i->revs);
		i->nfiles = count(&i->files);
	}
	if (i->nrevs < told.b.nrevs)
		i->lost_revs = told.b.nrevs - i->nrevs;
	if (i->nfiles < told.b.nfiles)
		i->lost_files = told.b.nfiles - i->nfiles;
	r = 0;
out:
	guess_free(&told);
	guess_free(&sent);
	guess_free(&all);
	return r;
}
