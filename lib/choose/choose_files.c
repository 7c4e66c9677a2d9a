/* SPDX-License-Identifier: ISC */
/* The payload that follows from what is wanted. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/choose/choose_priv.h"
#include "lib/base/grow.h"
#include "lib/store/store_choose.h"

struct gather {
	struct choose *c;
	struct choose_files *to;
	struct row_set known; /* files */
	int64_t leader; /* the wanted revision */
	size_t cap;
};

static int
push(struct choose_walk *w, uint32_t row, struct err *e)
{
	if (row_set_has(&w->seen, row))
		return 0;
	if (grow(&w->stack, &w->cap, w->n, sizeof(*w->stack), e) == -1 ||
	    row_set_add(&w->seen, row, e) == -1)
		return -1;
	w->stack[w->n++] = row;
	return 0;
}

/* What was approved by hand is taken whole, whatever the language. */
int
choose_walk(struct choose *c, struct choose_walk *w, int64_t row,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e)
{
	const struct choose_priv *p = c->priv;
	bool whole = p->rows[row].why == CHOOSE_APPROVED;
	const struct choose_row *part;
	uint32_t at, i;

	if (push(w, (uint32_t)row, e) == -1)
		return -1;
	while (w->n > 0) {
		at = w->stack[--w->n];
		if (each(arg, at, e) == -1)
			return -1;
		for (i = p->rows[at].part; i < p->rows[at + 1].part; i++) {
			part = &p->rows[p->parts[i]];
			if ((part->flags & CHOOSE_IS_DECLINED) != 0 ||
			    (!whole && (part->flags & CHOOSE_LANG_OK) == 0))
				continue;
			if (push(w, p->parts[i], e) == -1)
				return -1;
		}
	}
	return 0;
}

void
choose_walk_free(struct choose_walk *w)
{
	row_set_free(&w->seen);
	free(w->stack);
}

static int
take_file(void *arg, const struct store_file *f, bool express, struct err *e)
{
	struct gather *g = arg;
	struct choose_files *to = g->to;
	struct choose_file *v;

	if ((express && !g->c->policy->express) ||
	    row_set_has(&g->known, f->row))
		return 0;
	if (row_set_add(&g->known, f->row, e) == -1 ||
	    grow(&to->v, &g->cap, to->n, sizeof(*to->v), e) == -1)
		return -1;
	v = &to->v[to->n++];
	*v = (struct choose_file){.has_sha256 = f->has_declared,
	    .has_size = f->has_size,
	    .present = f->present,
	    .size = f->has_size ? f->size : 0,
	    .row = f->row,
	    .rev = g->leader};
	memcpy(v->sha1, f->sha1, SHA1_LEN);
	memcpy(v->sha256, f->declared, SHA256_LEN);
	memcpy(v->ext, f->ext, sizeof(v->ext));
	if (!f->has_declared && f->has_measured) {
		v->has_sha256 = true;
		memcpy(v->sha256, f->measured, SHA256_LEN);
	}
	if (!v->present) {
		to->absent++;
		to->absent_bytes += v->size;
	}
	return 0;
}

static int
take_rev(void *arg, int64_t row, struct err *e)
{
	struct gather *g = arg;

	if (stop_check(e) == -1)
		return -1;
	return store_each_use(g->c->store, row, take_file, g, e);
}

static int
by_size(const void *a, const void *b)
{
	const struct choose_file *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return memcmp(x->sha1, y->sha1, SHA1_LEN);
}

/* Those approved first: they are taken whole. */
static int
take_all(
    struct gather *g, struct choose_walk *w, enum choose_why why, struct err *e)
{
	const struct choose_priv *p = g->c->priv;
	size_t i;

	for (i = 1; i < p->nrows; i++) {
		if (p->rows[i].flags == 0 || p->rows[i].why != why)
			continue;
		g->to->updates++;
		g->leader = (int64_t)i;
		if (choose_walk(g->c, w, g->leader, take_rev, g, e) == -1)
			return -1;
	}
	return 0;
}

int
choose_each(struct choose *c,
    int (*each)(void *arg, int64_t row, struct err *e), void *arg,
    struct err *e)
{
	const struct choose_priv *p = c->priv;

	if (choose_load(c, e) == -1)
		return -1;
	for (size_t i = 1; i < p->nrows; i++)
		if (p->rows[i].flags != 0 && choose_is_in(p->rows[i].why) &&
		    each(arg, (int64_t)i, e) == -1)
			return -1;
	return 0;
}

int
choose_files(struct choose *c, struct choose_files *f, struct err *e)
{
	struct gather g = {.c = c, .to = f};
	struct choose_walk w = {.stack = NULL};
	int r = -1;

	*f = (struct choose_files){.v = NULL};
	if (choose_load(c, e) == -1 ||
	    take_all(&g, &w, CHOOSE_APPROVED, e) == -1 ||
	    take_all(&g, &w, CHOOSE_IN, e) == -1)
		goto out;
	sort_up(f->v, f->n, sizeof(*f->v), by_size);
	r = 0;
out:
	if (r == -1)
		choose_files_free(f);
	choose_walk_free(&w);
	row_set_free(&g.known);
	return r;
}

void
choose_files_free(struct choose_files *f)
{
	free(f->v);
	*f = (struct choose_files){.v = NULL};
}

void
choose_files_sort(struct choose_files *f)
{
	sort_up(f->v, f->n, sizeof(*f->v), sort_by_sha1);
}

bool
choose_files_has(const void *files, const uint8_t sha1[SHA1_LEN])
{
	const struct choose_files *f = files;

	return sort_find(sha1, f->v, f->n, sizeof(*f->v), sort_by_sha1) != NULL;
}
