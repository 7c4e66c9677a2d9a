/* SPDX-License-Identifier: ISC */
#include "lib/offer/decide.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/offer/decide_priv.h"

#define MAX_BYTES ((size_t)16 << 30) /* facts has its own limits */

static int
make_arrays(struct decide_priv *v, const struct facts *f, struct err *e)
{
	size_t nrev = f->nrevs + 1, nup = f->nupdates + 1;
	const struct {
		void *to; /* of a pointer */
		size_t n, size;
	} all[] = {
	    {&v->inside, nrev, sizeof(*v->inside)},
	    {&v->inside_of, f->nmembers + 1, sizeof(*v->inside_of)},
	    {&v->part_rev, f->nparts + 1, sizeof(*v->part_rev)},
	    {&v->kbs, f->nkbs + 1, sizeof(*v->kbs)},
	    {&v->base, nrev, sizeof(*v->base)},
	    {&v->own, nrev, sizeof(*v->own)},
	    {&v->licensed, nrev, sizeof(*v->licensed)},
	    {&v->newest, nup, sizeof(*v->newest)},
	    {&v->approvable, nup, sizeof(*v->approvable)},
	    {&v->since, nup, sizeof(*v->since)},
	    {&v->same_files, nup, sizeof(*v->same_files)},
	    {&v->prev_update, nup, sizeof(*v->prev_update)},
	    {&v->prev_row, nup, sizeof(*v->prev_row)},
	    {&v->by_id, nup, sizeof(*v->by_id)},
	    {&v->by_kb, nup, sizeof(*v->by_kb)},
	    {&v->upstream, nup, sizeof(*v->upstream)},
	    {&v->declined, nrev, sizeof(*v->declined)},
	    {&v->verdicts, nup, sizeof(*v->verdicts)},
	    {&v->circle, nup, sizeof(*v->circle)},
	    {&v->order, nup, sizeof(*v->order)},
	    {&v->cover, nup, sizeof(*v->cover)},
	    {&v->holds, nup, sizeof(*v->holds)},
	    {&v->chosen, nup, sizeof(*v->chosen)},
	    {&v->fixed, nup, sizeof(*v->fixed)},
	    {&v->in, nrev, sizeof(*v->in)},
	    {&v->rows, nrev, sizeof(*v->rows)},
	    {&v->stack, nrev > nup ? nrev : nup, sizeof(*v->stack)},
	    {&v->stamp, nrev, sizeof(*v->stamp)},
	    {&v->count, nrev, sizeof(*v->count)},
	    {&v->left, f->nparts + 1, sizeof(*v->left)},
	    {&v->low, nup, sizeof(*v->low)},
	    {&v->next, nup, sizeof(*v->next)},
	    {&v->seen, nup, sizeof(*v->seen)},
	    {&v->path, nup, sizeof(*v->path)},
	};
	void *p;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		p = arena_alloc(&v->arena, all[i].n * all[i].size);
		if (p == NULL)
			return err_nomem(e);
		memcpy(all[i].to, &p, sizeof(p));
	}
	return 0;
}

static void
find_newest(struct decide *d)
{
	const struct facts *f = d->facts;
	struct decide_priv *v = d->priv;
	uint32_t u;

	for (u = 0; u < f->nupdates; u++) {
		v->since[u] = v->newest[u] = FACTS_NONE;
		if (f->updates[u].first == f->updates[u + 1].first)
			continue;
		v->newest[u] = f->updates[u + 1].first - 1;
		v->approvable[u] = facts_approvable(f, u);
	}
}

/* Whose each part is, and what each revision is inside of. */
static void
turn_members(struct decide *d)
{
	const struct facts *f = d->facts;
	struct decide_priv *v = d->priv;
	uint32_t i, rev, p;

	for (i = 0; i < f->nmembers; i++)
		if (f->members[i].rev != FACTS_NONE)
			v->inside[f->members[i].rev + 1]++;
	for (i = 0; i < f->nrevs; i++)
		v->inside[i + 1] += v->inside[i];
	/* Each start moves on to its end, which is the next one's start. */
	for (rev = 0; rev < f->nrevs; rev++)
		for (p = f->revs[rev].parts; p < f->revs[rev + 1].parts; p++) {
			v->part_rev[p] = rev;
			DECIDE_MEMBERS(f, p, m)
			if (f->members[m].rev != FACTS_NONE)
				v->inside_of[v->inside[f->members[m].rev]++] =
				    p;
		}
	memmove(v->inside + 1, v->inside, f->nrevs * sizeof(*v->inside));
	v->inside[0] = 0;
}

static void
sort_kbs(struct decide *d)
{
	const struct facts *f = d->facts;
	struct decide_priv *v = d->priv;
	uint32_t rev, i;

	for (rev = 0; rev < f->nrevs; rev++)
		for (i = f->revs[rev].kbs; i < f->revs[rev + 1].kbs; i++)
			v->kbs[i] = (struct decide_kb){
			    f->text + f->kbs[i], rev};
	sort_up(v->kbs, f->nkbs, sizeof(*v->kbs), sort_by_text);
}

/* Upwards from what has a licence of its own. */
static void
mark_licensed(struct decide *d)
{
	struct decide_priv *v = d->priv;
	uint32_t rev, i, above;
	size_t n = 0;

	for (rev = 0; rev < d->facts->nrevs; rev++)
		if (d->facts->revs[rev].has_eula) {
			v->licensed[rev] = true;
			v->stack[n++] = rev;
		}
	while (n > 0) {
		rev = v->stack[--n];
		for (i = v->inside[rev]; i < v->inside[rev + 1]; i++) {
			above = v->part_rev[v->inside_of[i]];
			if (v->licensed[above])
				continue;
			v->licensed[above] = true;
			v->stack[n++] = above;
		}
	}
}

/* Both are by UpdateID. */
static int
match_prev(struct decide *d, struct err *e)
{
	const struct facts *f = d->facts;
	struct decide_priv *v = d->priv;
	size_t i = 0, k, n = d->prev == NULL ? 0 : d->prev->nupdates;
	int c;

	memset(v->prev_update, 0xff, f->nupdates * sizeof(*v->prev_update));
	v->of_prev = arena_alloc(&v->arena, (n + 1) * sizeof(*v->of_prev));
	if (v->of_prev == NULL)
		return err_nomem(e);
	for (k = 0; k < n; k++) {
		c = -1;
		while (i < f->nupdates &&
		    (c = guid_cmp(&f->updates[i].id, &d->prev->updates[k].id)) <
			0)
			i++;
		v->of_prev[k] = c == 0 && i < f->nupdates ? (uint32_t)i
							  : FACTS_NONE;
		if (v->of_prev[k] != FACTS_NONE)
			v->prev_update[i] = (uint32_t)k;
	}
	return 0;
}

int
decide_open(struct decide *d, const struct facts *f,
    const struct snapshot *prev, int64_t now, uint32_t generation,
    struct err *e)
{
	*d = (struct decide){
	    .facts = f, .prev = prev, .now = now, .generation = generation};
	if ((d->priv = calloc(1, sizeof(*d->priv))) == NULL)
		return err_nomem(e);
	d->priv->arena = (struct arena)ARENA_INIT(MAX_BYTES);
	d->priv->today = now < 0 ? 0 : (uint32_t)(now / DECIDE_DAY_S);
	if (make_arrays(d->priv, f, e) == -1)
		return -1;
	find_newest(d);
	turn_members(d);
	sort_kbs(d);
	mark_licensed(d);
	if (match_prev(d, e) == -1 ||
	    decide_complete(d, NULL, d->priv->base, e) == -1)
		return -1;
	return decide_ages(d, e);
}

void
decide_close(struct decide *d)
{
	free(d->ages);
	if (d->priv != NULL)
		arena_free(&d->priv->arena);
	free(d->priv);
	*d = (struct decide){.facts = NULL};
}

/* --- a ring --- */

/* Its rows in the snapshot before, by update. */
static void
find_before(struct decide *d)
{
	const char *name = d->priv->at->ring->name;
	const struct snapshot *p = d->prev;
	struct decide_priv *v = d->priv;
	size_t i, k, end;
	uint32_t u;

	memset(v->prev_row, 0xff, d->facts->nupdates * sizeof(*v->prev_row));
	for (i = 0; p != NULL && i < p->nrings; i++) {
		if (strnlen(name, SNAPSHOT_RING_NAME + 1) !=
			strnlen((const char *)p->rings[i].name,
			    SNAPSHOT_RING_NAME) ||
		    memcmp(name, p->rings[i].name, strlen(name)) != 0)
			continue;
		end = i + 1 < p->nrings ? p->rings[i + 1].offers : p->noffers;
		for (k = p->rings[i].offers; k < end; k++) {
			u = v->of_prev[p->revisions[p->offers[k].revision]
					   .update];
			if (u != FACTS_NONE)
				v->prev_row[u] = (uint32_t)k;
		}
	}
}

int
decide_ring(struct decide *d, const struct decide_ring *r,
    struct decide_rows *rows, struct err *e)
{
	struct decide_priv *v = d->priv;

	*rows = (struct decide_rows){.v = NULL};
	v->at = r;
	find_before(d);
	decide_lines(d);
	v->state = v->any_declined ? v->own : v->base;
	if (v->any_declined && decide_complete(d, v->declined, v->own, e) == -1)
		return -1;
	if (decide_order(d, e) == -1 || decide_verdicts(d, e) == -1 ||
	    decide_deploy(d, e) == -1)
		return -1;
	decide_fill(d);
	*rows = (struct decide_rows){.v = v->rows, .n = v->nrows};
	return 0;
}

const struct decide_verdict *
decide_verdict(const struct decide *d, uint32_t update)
{
	return &d->priv->verdicts[update];
}
