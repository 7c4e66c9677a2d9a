/* SPDX-License-Identifier: ISC */
/* What was read in order of arrival, by UpdateID and revision. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/offer/facts_priv.h"

struct place {
	struct guid id;
	uint32_t revision, at;
};

static int
by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = guid_cmp(&x->id, &y->id);

	return c != 0
	    ? c
	    : (x->revision > y->revision) - (x->revision < y->revision);
}

int
facts_order_revs(struct facts *f, const struct facts_ids *ids, struct err *e)
{
	struct facts_rev *revs = calloc(f->nrevs + 1, sizeof(*revs));
	struct place *p = calloc(f->nrevs + 1, sizeof(*p));
	size_t i;

	f->nrows = f->nrevs == 0 ? 0 : (size_t)f->revs[f->nrevs - 1].row + 1;
	f->rows = malloc((f->nrows + 1) * sizeof(*f->rows));
	if (revs == NULL || p == NULL || f->rows == NULL) {
		free(revs);
		free(p);
		return err_nomem(e);
	}
	memset(f->rows, 0xff, (f->nrows + 1) * sizeof(*f->rows));
	for (i = 0; i < f->nrevs; i++)
		p[i] = (struct place){ids->v[f->revs[i].update],
		    f->revs[i].revision, (uint32_t)i};
	sort_up(p, f->nrevs, sizeof(*p), by_place);
	for (i = 0; i < f->nrevs; i++) {
		revs[i] = f->revs[p[i].at];
		f->rows[revs[i].row] = (uint32_t)i;
	}
	free(p);
	free(f->revs);
	f->revs = revs;
	return 0;
}

/* UpdateIDs into their order; to[]: where each stands then. */
static int
sort_updates(
    struct facts *f, const struct facts_ids *ids, uint32_t *to, struct err *e)
{
	struct place *p = calloc(ids->n + 1, sizeof(*p));
	size_t i;

	f->updates = calloc(ids->n + 1, sizeof(*f->updates));
	if (p == NULL || f->updates == NULL) {
		free(p);
		return err_nomem(e);
	}
	f->nupdates = ids->n;
	for (i = 0; i < ids->n; i++)
		p[i] = (struct place){ids->v[i], 0, (uint32_t)i};
	sort_up(p, ids->n, sizeof(*p), by_place);
	for (i = 0; i < ids->n; i++) {
		f->updates[i].id = p[i].id;
		to[p[i].at] = (uint32_t)i;
	}
	free(p);
	return 0;
}

int
facts_order_updates(struct facts *f, const struct facts_ids *ids, struct err *e)
{
	uint32_t *to = calloc(ids->n + 1, sizeof(*to)), rev = 0;
	size_t i;

	if (to == NULL)
		return err_nomem(e);
	if (sort_updates(f, ids, to, e) == -1) {
		free(to);
		return -1;
	}
	for (i = 0; i < f->nrevs; i++)
		f->revs[i].update = to[f->revs[i].update];
	for (i = 0; i < f->nalternatives; i++)
		f->alternatives[i] = to[f->alternatives[i]];
	for (i = 0; i < f->nmembers; i++)
		f->members[i].update = to[f->members[i].update];
	for (i = 0; i < f->nsupersedes; i++)
		f->supersedes[i] = to[f->supersedes[i]];
	for (i = 0; i < f->nfiled; i++)
		f->filed[i].update = to[f->filed[i].update];
	free(to);
	for (i = 0; i <= f->nupdates; i++) {
		f->updates[i].first = rev;
		while (rev < f->nrevs && f->revs[rev].update == i)
			rev++;
	}
	for (i = 0; i < f->nalternatives; i++)
		f->updates[f->alternatives[i]].needed = true;
	for (i = 0; i < f->nmembers; i++)
		f->members[i].rev = facts_exact(
		    f, f->members[i].update, f->members[i].revision);
	return 0;
}
