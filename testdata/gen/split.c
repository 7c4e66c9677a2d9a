/* SPDX-License-Identifier: ISC */
/*
 * Which package holds what.  A package takes the next revision, with what it
 * needs of the earlier ones, as long as its two members stay within the limit;
 * else a new package begins with that revision.
 */
#include <stdlib.h>

#include "testdata/gen/gen.h"

struct split {
	struct gen *g; /* borrowed */
	uint64_t *rev_len; /* owned; bytes in both members */
	uint64_t *file_len; /* owned */
	uint32_t *rev_in, *file_in; /* owned; the package, from 1 */
	uint32_t no; /* of the package at hand */
	uint64_t begin_len, revs_len, files_len; /* bytes of it so far */
	struct list added, files; /* by the revision at hand */
};

static uint32_t *
zeroes(uint32_t n)
{
	return need(calloc((size_t)n + 1, sizeof(uint32_t)));
}

static void
add(struct split *x, uint32_t rev)
{
	const struct rev *v = &x->g->revs[rev];
	uint32_t i, f;

	if (x->rev_in[rev] == x->no)
		return;
	x->rev_in[rev] = x->no;
	list_add(&x->added, rev);
	x->revs_len += x->rev_len[rev];
	for (i = 0; i < v->nuses; i++) {
		f = v->uses[i].file;
		if (x->file_in[f] == x->no)
			continue;
		x->file_in[f] = x->no;
		list_add(&x->files, f);
		x->files_len += x->file_len[f];
	}
}

/* The revision and, walking on through what was added, all that it needs. */
static void
add_closed(struct split *x, uint32_t rev)
{
	const struct rev *v;
	uint32_t i, j;

	x->added.n = x->files.n = 0;
	add(x, rev);
	for (i = 0; i < x->added.n; i++) {
		v = &x->g->revs[x->added.v[i]];
		for (j = 0; j < v->nprereqs; j++)
			add(x, x->g->updates[v->prereqs[j].to].first);
		for (j = 0; j < v->nbundled; j++)
			add(x, v->bundled[j].to);
	}
}

static void
take_back(struct split *x)
{
	uint32_t i;

	for (i = 0; i < x->added.n; i++) {
		x->rev_in[x->added.v[i]] = 0;
		x->revs_len -= x->rev_len[x->added.v[i]];
	}
	for (i = 0; i < x->files.n; i++) {
		x->file_in[x->files.v[i]] = 0;
		x->files_len -= x->file_len[x->files.v[i]];
	}
}

/* Counted as if it named files. */
static bool
fits(const struct split *x)
{
	return x->begin_len + x->revs_len + x->files_len + index_frame(true) <=
	    x->g->o.split_bytes;
}

static void
close_package(struct split *x, uint32_t from, uint32_t to)
{
	struct gen *g = x->g;
	struct package *k;
	uint32_t i;

	g->packages = need(
	    realloc(g->packages, (g->npackages + 1) * sizeof(*g->packages)));
	k = &g->packages[g->npackages++];
	*k = (struct package){.from = from, .to = to};
	for (i = 0; i < to; i++) {
		if (x->rev_in[i] != x->no)
			continue;
		list_add(&k->revs, i);
		k->meta_len += RECORD_HEAD + 2 + g->revs[i].len;
	}
	k->index_len = x->begin_len + x->revs_len + x->files_len +
	    index_frame(x->files_len > 0) - k->meta_len;
	if (k->index_len + k->meta_len > CAB_MAX)
		die("package %u would pass the limit of cabinets", x->no);
	x->no++;
	x->revs_len = x->files_len = 0;
}

static void
set_lengths(struct split *x)
{
	struct gen *g = x->g;
	struct str s = {.p = NULL};
	uint32_t i;

	index_begin(g, &s);
	x->begin_len = s.len;
	for (i = 0; i < g->nrevs; i++) {
		s.len = 0;
		index_update(g, i, &s);
		x->rev_len[i] = s.len + RECORD_HEAD + 2 + g->revs[i].len;
	}
	for (i = 0; i < g->nfiles; i++) {
		s.len = 0;
		index_file(g, i, &s);
		x->file_len[i] = s.len;
	}
	str_free(&s);
}

void
split_make(struct gen *g)
{
	struct split x = {.g = g, .no = 1};
	uint32_t i, from = 0;

	x.rev_len = need(calloc(g->nrevs, sizeof(*x.rev_len)));
	x.file_len = need(calloc(g->nfiles + 1, sizeof(*x.file_len)));
	x.rev_in = zeroes(g->nrevs);
	x.file_in = zeroes(g->nfiles);
	set_lengths(&x);
	for (i = 0; i < g->nrevs; i++) {
		add_closed(&x, i);
		if (fits(&x) || i == from)
			continue;
		take_back(&x);
		close_package(&x, from, i);
		from = i;
		add_closed(&x, i);
	}
	close_package(&x, from, i);
	free(x.rev_len);
	free(x.file_len);
	free(x.rev_in);
	free(x.file_in);
	free(x.added.v);
	free(x.files.v);
}
