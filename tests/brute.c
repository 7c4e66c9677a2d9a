/* SPDX-License-Identifier: ISC */
#include "tests/brute.h"

#include <stdio.h>
#include <string.h>

#include "tests/brute_priv.h"

/* "the highest revision held" */
const struct toy_rev *
brute_highest(const struct toy *w, unsigned id)
{
	const struct toy_rev *best = NULL;
	unsigned i;

	for (i = 0; i < w->nrevs; i++)
		if (w->revs[i].id == id &&
		    (best == NULL || w->revs[i].revision > best->revision))
			best = &w->revs[i];
	return best;
}

const struct toy_rev *
brute_exact(const struct toy *w, unsigned id, uint32_t revision)
{
	unsigned i;

	for (i = 0; i < w->nrevs; i++)
		if (w->revs[i].id == id && w->revs[i].revision == revision)
			return &w->revs[i];
	return NULL;
}

bool
brute_word_is(const struct policy_word *w, const struct toy_rev *r)
{
	struct guid id;
	char kb[16];

	toy_guid(&id, r->id);
	snprintf(kb, sizeof(kb), "%u", r->kb);
	return w->is_id ? guid_cmp(&w->id, &id) == 0
			: r->kb != 0 && strcmp(w->text, kb) == 0;
}

/* "of equals the last" of approve lines by UpdateID, or by KB; -1. */
int
brute_line(const struct reading *b, unsigned id, bool by_id)
{
	const struct policy_words *w = &b->ring->select.approve;
	const struct toy_rev *r = brute_highest(b->w, id);
	int last = -1;
	size_t i;

	for (i = 0; r != NULL && i < w->n; i++)
		if (w->v[i].is_id == by_id && brute_word_is(&w->v[i], r))
			last = (int)i;
	return last;
}

/* "decline: a KB number or an UpdateID: out"; the upstream's stand "below
   approve lines". */
bool
brute_declined(const struct reading *b, const struct toy_rev *r)
{
	const struct policy_words *w;
	size_t i;

	if (b->ring == NULL)
		return false;
	w = &b->ring->select.decline;
	for (i = 0; i < w->n; i++)
		if (brute_word_is(&w->v[i], r))
			return true;
	return b->ring->upstream != NULL &&
	    b->w->upstream[b->at][r->id].known &&
	    b->w->upstream[b->at][r->id].declined &&
	    brute_line(b, r->id, true) == -1 &&
	    brute_line(b, r->id, false) == -1;
}

/* "Software with ExplicitlyDeployable, not expired" */
bool
brute_approvable(const struct toy *w, unsigned id)
{
	const struct toy_rev *r = brute_highest(w, id);

	return r != NULL && r->type == UPDATE_SOFTWARE && r->deployable &&
	    !r->expired;
}

/* --- complete --- */

/* Of one revision, when that is known of its members; -1: not known yet. */
static int
state_of(const struct reading *b, const struct toy_rev *r, bool lenient,
    const int *state)
{
	bool any = false, left = false, some, others;
	const struct toy_rev *m;
	const struct toy_file *f;
	unsigned i, k;

	for (i = 0; i < r->nfiles; i++) {
		f = &b->w->files[r->files[i]];
		if (f->left_out && !f->present) {
			left = true;
			continue;
		}
		if (!f->present || (!f->sha256 && !lenient))
			return -1;
		any = true;
	}
	for (i = 0; i < r->nparts; i++) {
		some = others = false;
		for (k = 0; k < r->npart[i]; k++) {
			m = brute_exact(
			    b->w, r->parts[i][k].id, r->parts[i][k].revision);
			if (m == NULL || brute_declined(b, m) ||
			    state[m - b->w->revs] == -1)
				others = true;
			else if (state[m - b->w->revs] == BRUTE_COMPLETE)
				some = true;
		}
		if (!some && others)
			return -1;
		any |= some;
		left |= !some;
	}
	return any || !left ? BRUTE_COMPLETE : BRUTE_LEFT;
}

static void
find_states(const struct reading *b, bool lenient, int state[TOY_REVS])
{
	bool again = true;
	unsigned i;
	int now;

	for (i = 0; i < TOY_REVS; i++)
		state[i] = -1;
	while (again) {
		again = false;
		for (i = 0; i < b->w->nrevs; i++) {
			now = state_of(b, &b->w->revs[i], lenient, state);
			again |= now != state[i];
			state[i] = now;
		}
	}
}

/* 0, or "absent", or "sha1-only" where that is all. */
unsigned
brute_lacks(const struct reading *b, const struct toy_rev *r)
{
	int state[TOY_REVS];

	find_states(b, false, state);
	if (state[r - b->w->revs] == BRUTE_COMPLETE)
		return 0;
	if (state[r - b->w->revs] == BRUTE_LEFT)
		return SNAPSHOT_ABSENT;
	find_states(b, true, state);
	return state[r - b->w->revs] == BRUTE_COMPLETE ? SNAPSHOT_SHA1_ONLY
						       : SNAPSHOT_ABSENT;
}

/* "the SHA-1s that it and its members, at whatever depth, declare" */
static unsigned
files_under(const struct toy *w, const struct toy_rev *r, bool *seen)
{
	const struct toy_rev *m;
	unsigned files = 0, i, k;

	if (seen[r - w->revs])
		return 0;
	seen[r - w->revs] = true;
	for (i = 0; i < r->nfiles; i++)
		files |= 1u << r->files[i];
	for (i = 0; i < r->nparts; i++)
		for (k = 0; k < r->npart[i]; k++) {
			m = brute_exact(
			    w, r->parts[i][k].id, r->parts[i][k].revision);
			if (m != NULL)
				files |= files_under(w, m, seen);
		}
	return files;
}

/* --- since when --- */

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void
find_ages(
    struct brute *to, const struct brute *prev, const struct toy *w, bool *same)
{
	uint32_t today = (uint32_t)(w->now / BRUTE_DAY);
	const struct reading nobody = {.w = w};
	const struct toy_rev *r;
	bool seen[TOY_REVS];
	unsigned id;

	for (id = 1; id <= TOY_IDS; id++) {
		same[id] = false;
		if (!brute_approvable(w, id))
			continue;
		r = brute_highest(w, id);
		memset(seen, 0, sizeof(seen));
		if (brute_lacks(&nobody, r) != 0) {
			if (prev != NULL && prev->ages[id].known) {
				to->ages[id] = prev->ages[id];
				to->ages[id].day = smaller(
				    to->ages[id].day, today);
			}
			continue;
		}
		to->ages[id].known = true;
		to->ages[id].files = files_under(w, r, seen);
		if (prev == NULL)
			to->ages[id].day = smaller(r->arrived, today);
		else if (prev->ages[id].known &&
		    prev->ages[id].files == to->ages[id].files) {
			to->ages[id].day = smaller(prev->ages[id].day, today);
			same[id] = true;
		} else
			to->ages[id].day = today;
	}
}

/* "IsLeaf is false if and only if some held revision, of whatever kind, names
   the UpdateID in a prerequisite clause" */
static void
find_leaves(struct brute *to, const struct toy *w)
{
	const struct toy_rev *r;
	unsigned i, k, j;

	for (i = 0; i <= TOY_IDS; i++)
		to->leaf[i] = true;
	for (i = 0; i < w->nrevs; i++) {
		r = &w->revs[i];
		for (k = 0; k < r->nclauses; k++)
			for (j = 0; j < r->nclause[k]; j++)
				to->leaf[r->clauses[k][j]] = false;
	}
}

void
brute(struct brute *to, const struct brute *prev, const struct toy *w,
    const struct rings *r, uint32_t generation)
{
	bool same[TOY_IDS + 1] = {false};
	struct reading b;
	unsigned i, k;

	*to = (struct brute){
	    .generation = generation, .nrings = (unsigned)r->n};
	find_ages(to, prev, w, same);
	find_leaves(to, w);
	for (i = 0; i < r->n; i++) {
		b = (struct reading){.w = w,
		    .ring = &r->v[i],
		    .at = i,
		    .to = to,
		    .same = same,
		    .prev = prev};
		snprintf(to->rings[i].name, sizeof(to->rings[i].name), "%s",
		    r->v[i].name);
		for (k = 0; prev != NULL && k < prev->nrings; k++)
			if (strcmp(prev->rings[k].name, r->v[i].name) == 0)
				b.before = &prev->rings[k];
		brute_ring(&b, &to->rings[i]);
	}
}
