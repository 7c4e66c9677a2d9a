/* SPDX-License-Identifier: ISC */
/*
 * A first scan, reckoned: the staged answers of specs 6.3, to a client for
 * which all that is no leaf is installed, so that every branch opens: no client
 * takes more calls or bytes.
 */
#include <stdlib.h>

#include "formats/fragment.h"
#include "lib/base/err.h"
#include "lib/offer/offer_priv.h"

#define PAGE_UPDATES 200u
#define PAGE_BYTES ((uint64_t)1 << 20)
#define PAGE_SHARE 16u /* of all that is new */

enum { SCAN_CLOSED, SCAN_NEW, SCAN_SENT, SCAN_OUTSIDE };

struct scan {
	const struct snapshot *s;
	size_t first, end; /* the ring's, in offers */
	uint32_t *open; /* owned; of each revision: clauses not met */
	uint8_t *state; /* owned; of each revision */
	uint32_t *owner; /* owned; of each clause: its revision */
	uint8_t *met; /* owned; of each clause */
	uint8_t *installed; /* owned; of each update */
	uint64_t new_bytes, nnew;
	struct offer_scan *to;
};

static uint64_t
core_bytes(const struct snapshot *s, uint32_t rev)
{
	uint32_t i = s->revisions[rev].fragments;
	size_t end = rev + 1 < s->nrevisions ? s->revisions[rev + 1].fragments
					     : s->nfragments;

	for (; i < end; i++)
		if (s->fragments[i].type == FRAGMENT_CORE)
			return s->fragments[i].len;
	return 0;
}

static size_t
clauses_end(const struct snapshot *s, size_t rev)
{
	return rev + 1 < s->nrevisions ? s->revisions[rev + 1].clauses
				       : s->nclauses;
}

static void
becomes_new(struct scan *x, uint32_t rev)
{
	x->state[rev] = SCAN_NEW;
	x->new_bytes += core_bytes(x->s, rev);
	x->nnew++;
}

/* Each clause that names it is met. */
static void
install(struct scan *x, uint32_t update)
{
	const struct snapshot *s = x->s;
	size_t i = s->updates[update].inverse;
	size_t end = update + 1 < s->nupdates ? s->updates[update + 1].inverse
					      : s->ninverse;
	uint32_t rev;

	if (x->installed[update])
		return;
	x->installed[update] = 1;
	for (; i < end; i++) {
		if (x->met[s->inverse[i]])
			continue;
		x->met[s->inverse[i]] = 1;
		rev = x->owner[s->inverse[i]];
		if (--x->open[rev] == 0 && x->state[rev] == SCAN_CLOSED)
			becomes_new(x, rev);
	}
}

struct page {
	uint64_t max, bytes;
	unsigned n;
};

/* Of those that are, or are not, leaves: into the page as far as it has
   room. */
static bool
fill(struct scan *x, struct page *p, bool leaf)
{
	const struct snapshot *s = x->s;
	uint64_t bytes;
	uint32_t rev;
	size_t i;

	for (i = x->first; i < x->end; i++) {
		rev = s->offers[i].revision;
		if (x->state[rev] != SCAN_NEW ||
		    (s->updates[s->revisions[rev].update].leaf != 0) != leaf)
			continue;
		bytes = core_bytes(s, rev);
		if (p->n == PAGE_UPDATES ||
		    (p->n > 0 && bytes > p->max - p->bytes))
			return false;
		x->state[rev] = SCAN_SENT;
		p->bytes += bytes < p->max - p->bytes ? bytes
						      : p->max - p->bytes;
		p->n++;
		x->to->updates++;
		x->to->bytes += bytes;
		x->new_bytes -= bytes;
		x->nnew--;
	}
	return true;
}

static void
call(struct scan *x)
{
	const struct snapshot *s = x->s;
	struct page p = {.max = x->new_bytes / PAGE_SHARE};
	uint64_t before = x->to->updates;
	uint32_t rev;
	size_t i;

	if (p.max < PAGE_BYTES)
		p.max = PAGE_BYTES;
	x->to->calls++;
	if (fill(x, &p, false))
		(void)fill(x, &p, true);
	for (i = x->first; i < x->end && x->to->updates != before; i++) {
		rev = s->offers[i].revision;
		if (x->state[rev] == SCAN_SENT &&
		    s->updates[s->revisions[rev].update].leaf == 0)
			install(x, s->revisions[rev].update);
	}
}

static void
begin(struct scan *x)
{
	const struct snapshot *s = x->s;
	uint32_t rev, c;
	size_t i;

	for (i = 0; i < s->nrevisions; i++) {
		x->state[i] = SCAN_OUTSIDE;
		x->open[i] = (uint32_t)clauses_end(s, i) -
		    s->revisions[i].clauses;
		for (c = s->revisions[i].clauses; c < clauses_end(s, i); c++)
			x->owner[c] = (uint32_t)i;
	}
	for (i = x->first; i < x->end; i++) {
		rev = s->offers[i].revision;
		x->state[rev] = SCAN_CLOSED;
		if (s->revisions[rev].kind == UPDATE_DRIVER)
			x->state[rev] = SCAN_OUTSIDE;
		else if (x->open[rev] == 0)
			becomes_new(x, rev);
	}
}

int
offer_scan(
    const struct snapshot *s, size_t ring, struct offer_scan *to, struct err *e)
{
	struct scan x = {.s = s, .to = to, .first = s->rings[ring].offers};
	int r = 0;

	*to = (struct offer_scan){.calls = 0};
	x.end = ring + 1 < s->nrings ? s->rings[ring + 1].offers : s->noffers;
	x.open = calloc(s->nrevisions + 1, sizeof(*x.open));
	x.state = calloc(s->nrevisions + 1, 1);
	x.owner = calloc(s->nclauses + 1, sizeof(*x.owner));
	x.met = calloc(s->nclauses + 1, 1);
	x.installed = calloc(s->nupdates + 1, 1);
	if (x.open == NULL || x.state == NULL || x.owner == NULL ||
	    x.met == NULL || x.installed == NULL) {
		r = err_nomem(e);
	} else {
		begin(&x);
		while (x.nnew > 0)
			call(&x);
		to->calls++; /* with nothing in it: so the scan ends */
	}
	free(x.open);
	free(x.state);
	free(x.owner);
	free(x.met);
	free(x.installed);
	return r;
}
