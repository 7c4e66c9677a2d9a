/* SPDX-License-Identifier: ISC */
/*
 * What rings are offered, as the tables of a snapshot.  A revision that is in
 * any ring is live; the tables have the live ones, in the order of their ids.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/out.h"
#include "lib/base/sort.h"
#include "lib/offer/offer_priv.h"
#include "lib/store/store.h"

struct index {
	struct offer *b;
	const struct facts *f;
	struct snapshot *s;
	/* Owned.  Of each revision: its place in s->revisions, or NONE; while
	   ids are given: 0 where it is live. */
	uint32_t *place;
	uint32_t *up; /* owned; of each update: its place in s, or NONE */
	uint32_t *file; /* owned; of each file: its place in s, or NONE */
	size_t nlive;
	size_t cap_clauses, cap_alternatives, cap_members, cap_uses;
};

static void
mark_live(struct index *x)
{
	const struct offer *b = x->b;
	uint32_t *at;
	size_t i, k;

	for (i = 0; i < b->rings.n; i++)
		for (k = 0; k < b->rows[i].n; k++) {
			at = &x->place[b->rows[i].v[k].revision];
			x->nlive += *at == FACTS_NONE;
			*at = 0;
		}
}

/* Updates that clauses and ages name, each once. */
static int
learn_named(struct index *x, struct err *e)
{
	const struct facts *f = x->f;
	uint8_t *named = calloc(f->nupdates + 1, 1);
	struct snapshot_key *keys;
	size_t i, a, n = 0;
	int r;

	if (named == NULL)
		return err_nomem(e);
	for (i = 0; i < f->nrevs; i++) {
		if (x->place[i] == FACTS_NONE)
			continue;
		for (a = f->clauses[f->revs[i].clauses].first;
		     a < f->clauses[f->revs[i + 1].clauses].first; a++)
			named[f->alternatives[a]] = 1;
	}
	for (i = 0; i < x->b->nages; i++)
		named[x->b->ages[i].update] = 1;
	for (i = 0; i < f->nupdates; i++)
		n += named[i];
	if ((keys = calloc(n + 1, sizeof(*keys))) == NULL) {
		free(named);
		return err_nomem(e);
	}
	for (n = 0, i = 0; i < f->nupdates; i++)
		if (named[i])
			keys[n++].id = f->updates[i].id;
	r = snapshot_learn(x->s, keys, n, e);
	free(named);
	free(keys);
	return r;
}

/* Ids for all that is live; order: by n.  Keys and revisions have one order. */
static int
give_ids(struct index *x, struct offer_given *order, struct err *e)
{
	struct snapshot_key *keys = calloc(x->nlive + 1, sizeof(*keys));
	const struct facts *f = x->f;
	size_t i, n = 0;
	int r = -1;

	if (keys == NULL)
		return err_nomem(e);
	for (i = 0; i < f->nrevs; i++) {
		if (x->place[i] == FACTS_NONE)
			continue;
		keys[n].id = f->updates[f->revs[i].update].id;
		keys[n].revision = f->revs[i].revision;
		order[n++].rev = (uint32_t)i;
	}
	if (learn_named(x, e) == 0 && snapshot_give_ids(x->s, keys, n, e) == 0)
		r = 0;
	for (i = 0; i < n; i++)
		order[i].n = keys[i].n;
	sort_up(order, n, sizeof(*order), offer_by_n);
	free(keys);
	return r;
}

/* Where each update of the facts stands; what is known of each. */
static void
settle_updates(struct index *x)
{
	const struct facts *f = x->f;
	struct snapshot *s = x->s;
	uint32_t rev;
	size_t i, k = 0;

	for (i = 0; i < s->nupdates; i++) {
		s->updates[i].leaf = 1;
		s->updates[i].category = CATEGORY_NONE;
	}
	for (i = 0; i < f->nupdates; i++) {
		while (k < s->nupdates &&
		    guid_cmp(&s->updates[k].id, &f->updates[i].id) < 0)
			k++;
		x->up[i] = FACTS_NONE;
		if (k == s->nupdates ||
		    guid_cmp(&s->updates[k].id, &f->updates[i].id) != 0)
			continue;
		x->up[i] = (uint32_t)k;
		s->updates[k].leaf = !f->updates[i].needed;
		rev = facts_newest(f, (uint32_t)i);
		if (rev != FACTS_NONE && f->revs[rev].type == UPDATE_CATEGORY)
			s->updates[k].category = f->revs[rev].category;
	}
}

static int
put_clauses(struct index *x, uint32_t rev, struct err *e)
{
	const struct facts *f = x->f;
	struct snapshot *s = x->s;
	uint32_t c, a;

	for (c = f->revs[rev].clauses; c < f->revs[rev + 1].clauses; c++) {
		if (grow(&s->clauses, &x->cap_clauses, s->nclauses,
			sizeof(*s->clauses), e) == -1)
			return -1;
		s->clauses[s->nclauses++] = (struct snapshot_clause){
		    f->clauses[c].category, (uint32_t)s->nalternatives};
		for (a = f->clauses[c].first; a < f->clauses[c + 1].first;
		     a++) {
			if (grow(&s->alternatives, &x->cap_alternatives,
				s->nalternatives, sizeof(uint32_t), e) == -1)
				return -1;
			s->alternatives[s->nalternatives++] =
			    x->up[f->alternatives[a]];
		}
	}
	return 0;
}

/* Those that are live, too: a member left out is of no use to a client. */
static int
put_members(struct index *x, uint32_t rev, struct err *e)
{
	const struct facts *f = x->f;
	struct snapshot *s = x->s;
	uint32_t m = f->parts[f->revs[rev].parts].first;
	uint32_t end = f->parts[f->revs[rev + 1].parts].first, to;

	for (; m < end; m++) {
		to = f->members[m].rev;
		if (to == FACTS_NONE || x->place[to] == FACTS_NONE)
			continue;
		if (grow(&s->members, &x->cap_members, s->nmembers,
			sizeof(uint32_t), e) == -1)
			return -1;
		s->members[s->nmembers++] = x->place[to];
	}
	return 0;
}

static int
put_uses(struct index *x, uint32_t rev, struct err *e)
{
	const struct facts *f = x->f;
	struct snapshot *s = x->s;
	struct snapshot_use *use;
	uint32_t u;

	for (u = f->revs[rev].uses; u < f->revs[rev + 1].uses; u++) {
		if (grow(&s->uses, &x->cap_uses, s->nuses, sizeof(*use), e) ==
		    -1)
			return -1;
		use = &s->uses[s->nuses++];
		*use = (struct snapshot_use){.file = x->file[f->uses[u].file]};
		memcpy(use->ext, f->uses[u].ext, sizeof(use->ext));
	}
	return 0;
}

/* Files of what is live, by SHA-1. */
static int
put_files(struct index *x, struct err *e)
{
	const struct facts *f = x->f;
	struct snapshot *s = x->s;
	struct snapshot_file *to;
	uint32_t u;
	size_t i, n = 0;

	memset(x->file, 0xff, (f->nfiles + 1) * sizeof(*x->file));
	for (i = 0; i < f->nrevs; i++)
		for (u = f->revs[i].uses;
		     x->place[i] != FACTS_NONE && u < f->revs[i + 1].uses;
		     u++) {
			n += x->file[f->uses[u].file] == FACTS_NONE;
			x->file[f->uses[u].file] = 0;
		}
	if ((s->files = calloc(n + 1, sizeof(*s->files))) == NULL)
		return err_nomem(e);
	for (i = 0; i < f->nfiles; i++) {
		if (x->file[i] == FACTS_NONE)
			continue;
		x->file[i] = (uint32_t)s->nfiles;
		to = &s->files[s->nfiles++];
		memcpy(to->sha1, f->files[i].sha1, SHA1_LEN);
		memcpy(to->sha256, f->files[i].sha256, SHA256_LEN);
		to->has_sha256 = f->files[i].has_sha256;
		to->size = f->files[i].size;
		memcpy(to->ext, f->files[i].ext, sizeof(to->ext));
	}
	return 0;
}

static int
put_revisions(struct index *x, const struct offer_given *order, struct err *e)
{
	const struct facts *f = x->f;
	struct snapshot *s = x->s;
	struct snapshot_revision *v;
	uint32_t rev;
	size_t i;

	s->revisions = calloc(x->nlive + 1, sizeof(*s->revisions));
	x->b->at = calloc(x->nlive + 1, sizeof(*x->b->at));
	if (s->revisions == NULL || x->b->at == NULL)
		return err_nomem(e);
	for (i = 0; i < x->nlive; i++)
		x->place[order[i].rev] = (uint32_t)i;
	if (put_files(x, e) == -1)
		return -1;
	for (i = 0; i < x->nlive; i++) {
		rev = order[i].rev;
		v = &s->revisions[s->nrevisions++];
		*v = (struct snapshot_revision){.n = order[i].n,
		    .update = x->up[f->revs[rev].update],
		    .revision = f->revs[rev].revision,
		    .kind = f->revs[rev].type,
		    .clauses = (uint32_t)s->nclauses,
		    .members = (uint32_t)s->nmembers,
		    .uses = (uint32_t)s->nuses};
		s->ids[v->n - 1].live = (uint32_t)i;
		x->b->at[i] = (struct texts_row){
		    f->revs[rev].row, f->revs[rev].bytes};
		if (put_clauses(x, rev, e) == -1 ||
		    put_members(x, rev, e) == -1 || put_uses(x, rev, e) == -1)
			return -1;
	}
	return snapshot_link(s, e);
}

static int
put_ages(struct index *x, struct err *e)
{
	const struct offer *d = x->b;
	struct snapshot *s = x->s;
	size_t i;

	if ((s->ages = calloc(d->nages + 1, sizeof(*s->ages))) == NULL)
		return err_nomem(e);
	s->nages = d->nages;
	for (i = 0; i < d->nages; i++) {
		s->ages[i] = d->ages[i];
		s->ages[i].update = x->up[d->ages[i].update];
	}
	return 0;
}

/* Of the file, and where rings have lists of these too. */
static void
hash_rings(const struct offer *b, uint8_t to[BLAKE_LEN])
{
	static const uint8_t none[BLAKE_LEN];
	uint8_t both[2 * BLAKE_LEN];

	memcpy(to, b->file_hash, BLAKE_LEN);
	if (memcmp(b->lists_hash, none, BLAKE_LEN) == 0)
		return;
	memcpy(both, b->file_hash, BLAKE_LEN);
	memcpy(both + BLAKE_LEN, b->lists_hash, BLAKE_LEN);
	blake_of(to, BLAKE_LEN, both, sizeof(both));
}

static int
begin(struct index *x, struct err *e)
{
	struct offer *b = x->b;
	char hex[OUT_RANDOM + 1];
	uint8_t drawn[4];
	uint32_t epoch = (uint32_t)b->o->epoch;

	if (!b->has_prev && epoch == 0) {
		if (out_random(hex, e) == -1)
			return -1;
		(void)hex_read(drawn, sizeof(drawn), hex, 2 * sizeof(drawn));
		memcpy(&epoch, drawn, sizeof(epoch));
	}
	if (b->highest == UINT32_MAX)
		return err_set(e, E_LIMIT,
		    "all generations are used up: move STORE/" SNAP_FOLDER
		    " aside to begin anew");
	x->s->built = b->now;
	hash_rings(b, x->s->rings_hash);
	return snapshot_follow(x->s, b->has_prev ? &b->prev : NULL,
	    store_id(b->store), epoch, b->highest + 1, e);
}

int
offer_index(struct offer *b, struct err *e)
{
	const struct facts *f = &b->facts;
	struct index x = {.b = b, .f = f, .s = &b->next};
	struct offer_given *order = NULL;
	int r = -1;

	x.place = malloc((f->nrevs + 1) * sizeof(*x.place));
	x.up = calloc(f->nupdates + 1, sizeof(*x.up));
	x.file = calloc(f->nfiles + 1, sizeof(*x.file));
	if (x.place == NULL || x.up == NULL || x.file == NULL) {
		err_nomem(e);
		goto out;
	}
	memset(x.place, 0xff, (f->nrevs + 1) * sizeof(*x.place));
	mark_live(&x);
	if ((order = calloc(x.nlive + 1, sizeof(*order))) == NULL) {
		err_nomem(e);
		goto out;
	}
	if (begin(&x, e) == -1 || give_ids(&x, order, e) == -1)
		goto out;
	settle_updates(&x);
	if (put_revisions(&x, order, e) == 0 && put_ages(&x, e) == 0 &&
	    offer_index_rings(b, x.place, e) == 0)
		r = 0;
out:
	free(x.place);
	free(x.up);
	free(x.file);
	free(order);
	return r;
}
