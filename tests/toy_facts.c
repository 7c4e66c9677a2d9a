/* SPDX-License-Identifier: ISC */
/* A world as columns. */
#include "tests/toy.h"

#include "lib/base/err.h"
#include "tests/t.h"

/* Those held, by id and revision. */
static unsigned
in_order(const struct toy *w, const struct toy_rev **v)
{
	const struct toy_rev *r;
	unsigned n = 0, i, k;

	for (i = 0; i < w->nrevs; i++) {
		r = &w->revs[i];
		for (k = n++; k > 0 &&
		     (v[k - 1]->id > r->id ||
			 (v[k - 1]->id == r->id &&
			     v[k - 1]->revision > r->revision));
		     k--)
			v[k] = v[k - 1];
		v[k] = r;
	}
	return n;
}

/* Every id is an update, whether something names it or not: ids less 1. */
static int
make_tables(struct facts *f, unsigned n, struct err *e)
{
	size_t most = n * TOY_FEW + 1;

	f->nupdates = TOY_IDS;
	f->nrevs = n;
	f->nfiles = TOY_FILES;
	f->updates = calloc(f->nupdates + 1, sizeof(*f->updates));
	f->revs = calloc(n + 1, sizeof(*f->revs));
	f->clauses = calloc(most, sizeof(*f->clauses));
	f->alternatives = calloc(most * TOY_FEW, sizeof(*f->alternatives));
	f->parts = calloc(most, sizeof(*f->parts));
	f->members = calloc(most * TOY_FEW, sizeof(*f->members));
	f->supersedes = calloc(most, sizeof(*f->supersedes));
	f->files = calloc(TOY_FILES + 1, sizeof(*f->files));
	f->uses = calloc(most, sizeof(*f->uses));
	f->kbs = calloc(n + 1, sizeof(*f->kbs));
	f->text = calloc(1, 16 + 16 * TOY_KBS);
	f->rows = calloc(n + 1, sizeof(*f->rows));
	if (f->updates == NULL || f->revs == NULL || f->clauses == NULL ||
	    f->alternatives == NULL || f->parts == NULL || f->members == NULL ||
	    f->supersedes == NULL || f->files == NULL || f->uses == NULL ||
	    f->kbs == NULL || f->text == NULL || f->rows == NULL)
		return err_nomem(e);
	return 0;
}

static uint32_t
place_of(const struct toy_rev **v, unsigned n, unsigned id, uint32_t revision)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (v[i]->id == id && v[i]->revision == revision)
			return i;
	return FACTS_NONE;
}

static void
put_links(struct facts *f, const struct toy_rev **v, unsigned n,
    const struct toy_rev *r)
{
	unsigned i, k;

	for (i = 0; i < r->nclauses; i++) {
		f->clauses[f->nclauses++].first = (uint32_t)f->nalternatives;
		for (k = 0; k < r->nclause[i]; k++) {
			f->alternatives[f->nalternatives++] = r->clauses[i][k] -
			    1;
			f->updates[r->clauses[i][k] - 1].needed = true;
		}
	}
	for (i = 0; i < r->nparts; i++) {
		f->parts[f->nparts++].first = (uint32_t)f->nmembers;
		for (k = 0; k < r->npart[i]; k++)
			f->members[f->nmembers++] = (struct facts_member){
			    r->parts[i][k].id - 1, r->parts[i][k].revision,
			    place_of(v, n, r->parts[i][k].id,
				r->parts[i][k].revision)};
	}
	for (i = 0; i < r->nsupersedes; i++)
		f->supersedes[f->nsupersedes++] = r->supersedes[i] - 1;
	for (i = 0; i < r->nfiles; i++)
		f->uses[f->nuses++].file = r->files[i];
	if (r->kb != 0)
		f->kbs[f->nkbs++] = 16 * r->kb;
}

static void
put_firsts(struct facts *f, struct facts_rev *to)
{
	to->clauses = (uint32_t)f->nclauses;
	to->parts = (uint32_t)f->nparts;
	to->supersedes = (uint32_t)f->nsupersedes;
	to->uses = (uint32_t)f->nuses;
	to->kbs = (uint32_t)f->nkbs;
}

static void
put_updates(struct facts *f)
{
	uint32_t i, at = 0;

	for (i = 0; i <= f->nupdates; i++) {
		if (i < f->nupdates)
			toy_guid(&f->updates[i].id, i + 1);
		while (at < f->nrevs && f->revs[at].update < i)
			at++;
		f->updates[i].first = at;
	}
}

int
toy_facts(struct facts *f, const struct toy *w, struct err *e)
{
	const struct toy_rev *v[TOY_REVS];
	unsigned n = in_order(w, v), i;

	*f = (struct facts)FACTS_INIT;
	if (make_tables(f, n, e) == -1)
		return -1;
	for (i = 1; i <= TOY_KBS; i++)
		snprintf(f->text + (size_t)16 * i, 16, "%u", i);
	for (i = 0; i < TOY_FILES; i++) {
		toy_sha1(f->files[i].sha1, i);
		f->files[i].present = w->files[i].present;
		f->files[i].has_sha256 = w->files[i].sha256;
		f->files[i].left_out = w->files[i].left_out;
	}
	for (i = 0; i < n; i++) {
		f->revs[i] = (struct facts_rev){.update = v[i]->id - 1,
		    .revision = v[i]->revision,
		    .type = (uint8_t)v[i]->type,
		    .expired = v[i]->expired,
		    .deployable = v[i]->deployable,
		    .has_eula = v[i]->eula != 0,
		    .arrived = v[i]->arrived};
		toy_eula(&f->revs[i].eula, v[i]->eula);
		put_firsts(f, &f->revs[i]);
		put_links(f, v, n, v[i]);
	}
	put_firsts(f, &f->revs[n]);
	f->clauses[f->nclauses].first = (uint32_t)f->nalternatives;
	f->parts[f->nparts].first = (uint32_t)f->nmembers;
	put_updates(f);
	return 0;
}
