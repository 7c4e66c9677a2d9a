/* SPDX-License-Identifier: ISC */
/* Every index, order and enumeration, so that nobody need look again. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/fragment.h"
#include "formats/snapshot_priv.h"
#include "lib/base/err.h"

static int
bad(const char *table, size_t i, const char *what, uint64_t found,
    const char *expected, struct err *e)
{
	return err_set(e, E_FORMAT, "%s %zu: %s %" PRIu64 ", expected %s",
	    table, i, what, found, expected);
}

static int
below(const char *table, size_t i, const char *what, uint64_t found, size_t n,
    struct err *e)
{
	return found < n
	    ? 0
	    : err_set(e, E_FORMAT, "%s %zu: %s %" PRIu64 ", expected below %zu",
		  table, i, what, found, n);
}

/* What nobody's first item begins would belong to nobody. */
static int
owned(const char *table, size_t nowners, size_t n, struct err *e)
{
	return nowners > 0 || n == 0
	    ? 0
	    : err_set(
		  e, E_FORMAT, "%s: %zu items that nothing leads to", table, n);
}

static int
check_past(const struct snapshot *s, struct err *e)
{
	uint32_t before = 0;
	size_t i;

	for (i = 0; i < s->npast; i++) {
		if (s->past[i].generation <= before ||
		    s->past[i].generation >= s->generation)
			return bad("lineage", i, "generation",
			    s->past[i].generation,
			    "more than the one before and less than its own",
			    e);
		before = s->past[i].generation;
	}
	if (s->generation == 0)
		return err_set(e, E_FORMAT, "generation 0, expected 1 or more");
	if (s->base != snapshot_base(&s->store, s->epoch))
		return err_set(e, E_FORMAT, "base %u, expected %u", s->base,
		    snapshot_base(&s->store, s->epoch));
	return 0;
}

static int
check_updates(const struct snapshot *s, struct err *e)
{
	const struct snapshot_update *u = s->updates;
	size_t i;

	for (i = 0; i < s->nupdates; i++) {
		if (i > 0 && guid_cmp(&u[i - 1].id, &u[i].id) >= 0)
			return err_set(e, E_FORMAT,
			    "updates %zu: not behind the one before", i);
		if (u[i].leaf > 1)
			return bad(
			    "updates", i, "leaf", u[i].leaf, "0 or 1", e);
		if (u[i].category > CATEGORY_OTHER)
			return bad("updates", i, "category", u[i].category,
			    "0 to 5", e);
	}
	return 0;
}

static int
check_ids(const struct snapshot *s, struct err *e)
{
	const struct snapshot_id *id = s->ids;
	const struct snapshot_revision *r;
	size_t i;

	for (i = 0; i < s->nids; i++) {
		if (below("ids", i, "update", id[i].update, s->nupdates, e) ==
		    -1)
			return -1;
		if (id[i].revision > INT32_MAX)
			return bad("ids", i, "revision", id[i].revision,
			    "0 to 2147483647", e);
		if (id[i].live == SNAPSHOT_NONE)
			continue;
		if (below("ids", i, "revision's place", id[i].live,
			s->nrevisions, e) == -1)
			return -1;
		r = &s->revisions[id[i].live];
		if (r->n != i + 1)
			return bad("ids", i, "leads to n", r->n, "itself", e);
	}
	return 0;
}

/* No two ids mean the same. */
static int
by_meaning(const void *a, const void *b)
{
	const struct snapshot_id *x = a, *y = b;

	if (x->update != y->update)
		return x->update < y->update ? -1 : 1;
	return (x->revision > y->revision) - (x->revision < y->revision);
}

static int
check_meanings(const struct snapshot *s, struct err *e)
{
	struct snapshot_id *v;
	size_t i;
	int r = 0;

	if (s->nids == 0)
		return 0;
	if ((v = malloc(s->nids * sizeof(*v))) == NULL)
		return err_nomem(e);
	memcpy(v, s->ids, s->nids * sizeof(*v));
	qsort(v, s->nids, sizeof(*v), by_meaning);
	for (i = 1; r == 0 && i < s->nids; i++)
		if (by_meaning(&v[i - 1], &v[i]) == 0)
			r = err_set(e, E_FORMAT,
			    "ids: two of update %u, revision %u", v[i].update,
			    v[i].revision);
	free(v);
	return r;
}

static int
check_revision(const struct snapshot *s, size_t i, struct err *e)
{
	static const struct snapshot_revision none;
	const struct snapshot_revision *r = &s->revisions[i];
	const struct snapshot_revision *b = i > 0 ? r - 1 : &none;
	const struct snapshot_id *id;

	if (r->n <= b->n || r->n > s->nids)
		return bad("revisions", i, "n", r->n,
		    "more than the one before, and an id's", e);
	id = &s->ids[r->n - 1];
	if (id->live != i || id->update != r->update ||
	    id->revision != r->revision)
		return bad("revisions", i, "n", r->n,
		    "an id of the same that leads back", e);
	if (r->kind < UPDATE_SOFTWARE || r->kind > UPDATE_DETECTOID)
		return bad("revisions", i, "kind", r->kind, "1 to 4", e);
	if (snapshot_check_start("revisions", i, "clauses", b->clauses,
		r->clauses, s->nclauses, e) == -1 ||
	    snapshot_check_start("revisions", i, "members", b->members,
		r->members, s->nmembers, e) == -1 ||
	    snapshot_check_start(
		"revisions", i, "uses", b->uses, r->uses, s->nuses, e) == -1)
		return -1;
	return snapshot_check_start("revisions", i, "fragments", b->fragments,
	    r->fragments, s->nfragments, e);
}

static int
check_revisions(const struct snapshot *s, struct err *e)
{
	size_t i;

	for (i = 0; i < s->nrevisions; i++)
		if (check_revision(s, i, e) == -1)
			return -1;
	if (owned("clauses", s->nrevisions, s->nclauses, e) == -1 ||
	    owned("members", s->nrevisions, s->nmembers, e) == -1 ||
	    owned("uses", s->nrevisions, s->nuses, e) == -1)
		return -1;
	return owned("fragments", s->nrevisions, s->nfragments, e);
}

static int
check_needs(const struct snapshot *s, struct err *e)
{
	const struct snapshot_clause *c = s->clauses;
	size_t i;

	for (i = 0; i < s->nclauses; i++) {
		if (c[i].category > 1)
			return bad("clauses", i, "IsCategory", c[i].category,
			    "0 or 1", e);
		if (snapshot_check_start("clauses", i, "alternatives",
			i > 0 ? c[i - 1].first : 0, c[i].first,
			s->nalternatives, e) == -1)
			return -1;
	}
	if (owned("alternatives", s->nclauses, s->nalternatives, e) == -1)
		return -1;
	for (i = 0; i < s->nalternatives; i++)
		if (below("alternatives", i, "update", s->alternatives[i],
			s->nupdates, e) == -1)
			return -1;
	for (i = 0; i < s->nmembers; i++)
		if (below("members", i, "revision", s->members[i],
			s->nrevisions, e) == -1)
			return -1;
	return snapshot_check_links(s, e);
}

static int
check_ages(const struct snapshot *s, struct err *e)
{
	const struct snapshot_age *a = s->ages;
	size_t i;

	for (i = 0; i < s->nages; i++) {
		if (below("ages", i, "update", a[i].update, s->nupdates, e) ==
		    -1)
			return -1;
		if (i > 0 &&
		    (a[i - 1].update > a[i].update ||
			(a[i - 1].update == a[i].update &&
			    memcmp(a[i - 1].files, a[i].files,
				sizeof(a[i].files)) >= 0)))
			return err_set(e, E_FORMAT,
			    "ages %zu: not behind the one before", i);
	}
	return 0;
}

int
snapshot_check(const struct snapshot *s, struct err *e)
{
	if (check_past(s, e) == -1 || check_updates(s, e) == -1 ||
	    check_revisions(s, e) == -1 || check_ids(s, e) == -1 ||
	    check_meanings(s, e) == -1 || check_needs(s, e) == -1 ||
	    check_ages(s, e) == -1)
		return -1;
	if (snapshot_check_rings(s, e) == -1)
		return -1;
	return snapshot_check_texts(s, e);
}
