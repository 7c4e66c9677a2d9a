/* SPDX-License-Identifier: ISC */
/* Batches of ids in halves, until those that cannot be had are alone. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/fetch/batch_halves.h"

void
batch_halves_push(struct halves *h, unsigned lo, unsigned n)
{
	if (n > 0 && h->nspans < HALVES_SPANS)
		h->spans[h->nspans++] = (struct span){.lo = lo, .n = n};
}

void
batch_halves_begin(struct halves *h, unsigned n)
{
	h->nids = n;
	memset(h->seen, 0, sizeof(h->seen));
	h->nspans = h->failures = 0;
	h->again = h->any = false;
	batch_halves_push(h, 0, n);
}

bool
batch_halves_next(
    struct halves *h, unsigned most, struct ss_rev to[FETCH_BATCH_MAX])
{
	if (h->nspans == 0)
		return false;
	h->span = h->spans[--h->nspans];
	if (h->span.n > most) {
		batch_halves_push(h, h->span.lo + most, h->span.n - most);
		h->span.n = most;
	}
	for (unsigned i = 0; i < h->span.n; i++)
		to[i] = (struct ss_rev){.id = h->ids[h->span.lo + i].id,
		    .revision = h->ids[h->span.lo + i].revision};
	return true;
}

void
batch_halves_forget(struct halves *h)
{
	memset(h->seen + h->span.lo, 0, h->span.n * sizeof(*h->seen));
}

/* Those that did not come move to the front of the span. */
void
batch_halves_rest(struct halves *h)
{
	unsigned to = h->span.lo;

	for (unsigned i = h->span.lo; i < h->span.lo + h->span.n; i++)
		if (!h->seen[i])
			h->ids[to++] = h->ids[i];
	batch_halves_forget(h);
	batch_halves_push(h, h->span.lo, to - h->span.lo);
}

/* Calls that may still bring nothing, when all that is left is refused. */
static unsigned
still_to_fail(const struct halves *h)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->nspans; i++)
		n += 2 * h->spans[i].n - 1;
	return n;
}

/*
 * That takes a batch of which all is refused 2n - 1 calls; while more are left
 * of the 2n that a batch may fail with, one id is asked for once more.
 */
int
batch_halves_split(struct halves *h, const char *why,
    const struct halves_lost *l, struct err *e)
{
	const struct span sp = h->span;

	h->failures++;
	if (sp.n > 1) {
		batch_halves_push(h, sp.lo + sp.n / 2, sp.n - sp.n / 2);
		batch_halves_push(h, sp.lo, sp.n / 2);
		return 0;
	}
	h->again = !h->again && h->failures + still_to_fail(h) < 2 * h->nids;
	if (h->again)
		batch_halves_push(h, sp.lo, sp.n);
	return l->lost(l->arg, &h->ids[sp.lo], why, h->again, e);
}

static bool
is_listed(const struct sync_work *w, const struct ss_rev *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].revision == w->revision &&
		    guid_cmp(&v[i].id, &w->id) == 0)
			return true;
	return false;
}

/* *dropped: some of the span are named. */
static int
drop_named(struct halves *h, const char *message, const struct halves_lost *l,
    bool *dropped, struct err *e)
{
	struct ss_rev *v = calloc(FETCH_BATCH_MAX, sizeof(*v));
	size_t n;
	int r = 0;

	if (v == NULL)
		return err_nomem(e);
	n = serversync_missing(message, v, FETCH_BATCH_MAX);
	for (unsigned i = h->span.lo; i < h->span.lo + h->span.n && r == 0;
	     i++) {
		if (!is_listed(&h->ids[i], v, n))
			continue;
		h->seen[i] = *dropped = true;
		r = l->lost(l->arg, &h->ids[i], "the upstream says it lacks it",
		    false, e);
	}
	free(v);
	return r;
}

int
batch_halves_fault(struct halves *h, const struct soap_fault *fault,
    const struct halves_lost *l, struct err *e)
{
	bool dropped = false;

	if (drop_named(h, fault->message, l, &dropped, e) == -1)
		return -1;
	if (dropped) {
		batch_halves_rest(h);
		h->any = true;
		return 0;
	}
	return batch_halves_split(h,
	    *fault->message != '\0' ? fault->message
				    : soap_code_word(fault->code),
	    l, e);
}
