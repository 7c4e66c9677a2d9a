/* SPDX-License-Identifier: ISC */
/*
 * Since when the files of each update are complete.  Days count for its file
 * set, so that a new revision of the metadata alone restarts nothing; they are
 * carried from snapshot to snapshot.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/offer/decide_priv.h"

/* The files of one update and of all that it bundles. */
struct file_set {
	const struct facts *f;
	uint32_t *v; /* owned: in facts->files, which are by SHA-1 */
	size_t n, cap;
};

static int
add_files(void *arg, uint32_t rev, struct err *e)
{
	struct file_set *s = arg;

	DECIDE_USES(s->f, rev, i)
	{
		if (grow(&s->v, &s->cap, s->n, sizeof(*s->v), e) == -1)
			return -1;
		s->v[s->n++] = s->f->uses[i].file;
	}
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
hash_files(const struct decide *d, struct file_set *s, uint32_t rev,
    uint8_t out[16], struct err *e)
{
	struct blake b;
	size_t i;

	s->n = 0;
	if (decide_beneath(d, rev, NULL, add_files, s, e) == -1)
		return -1;
	s->n = sort_unique(s->v, s->n, sizeof(*s->v), by_number);
	blake_begin(&b, 16);
	for (i = 0; i < s->n; i++)
		blake_add(&b, s->f->files[s->v[i]].sha1, SHA1_LEN);
	blake_end(&b, out, 16);
	return 0;
}

static int
by_update(const void *update, const void *age)
{
	uint32_t a = *(const uint32_t *)update;
	uint32_t b = ((const struct snapshot_age *)age)->update;

	return (a > b) - (a < b);
}

/* What the snapshot before says of it, of those files if it does (any when
   files is NULL), or NULL. */
static const struct snapshot_age *
age_before(const struct decide *d, uint32_t update, const uint8_t *files)
{
	const struct snapshot *p = d->prev;
	uint32_t there = d->priv->prev_update[update];
	size_t i;

	if (p == NULL || there == FACTS_NONE)
		return NULL;
	for (i = sort_place(
		 &there, p->ages, p->nages, sizeof(*p->ages), by_update);
	     i < p->nages && p->ages[i].update == there; i++)
		if (files == NULL || memcmp(p->ages[i].files, files, 16) == 0)
			return &p->ages[i];
	return NULL;
}

/* A clock that was wrong once holds nothing back for ever. */
static uint32_t
no_later(const struct decide *d, uint32_t day)
{
	return day < d->priv->today ? day : d->priv->today;
}

/* The first snapshot takes the day of the import. */
static uint32_t
first_day(const struct decide *d, uint32_t rev)
{
	return d->prev == NULL ? no_later(d, d->facts->revs[rev].arrived)
			       : d->priv->today;
}

static int
age_of(struct decide *d, struct file_set *s, uint32_t update, struct err *e)
{
	struct decide_priv *v = d->priv;
	struct snapshot_age *to = &d->ages[d->nages];
	const struct snapshot_age *before = age_before(d, update, NULL);
	uint32_t rev = v->newest[update];

	if (v->base[rev] != DECIDE_COMPLETE) {
		if (before == NULL)
			return 0;
		*to = *before;
		to->day = no_later(d, before->day);
	} else {
		if (hash_files(d, s, rev, to->files, e) == -1)
			return -1;
		before = age_before(d, update, to->files);
		v->same_files[update] = before != NULL;
		to->day = before != NULL ? no_later(d, before->day)
					 : first_day(d, rev);
		v->since[update] = to->day;
	}
	to->update = update;
	d->nages++;
	return 0;
}

int
decide_ages(struct decide *d, struct err *e)
{
	struct file_set s = {.f = d->facts};
	uint32_t u;
	int r = 0;

	d->ages = calloc(d->facts->nupdates + 1, sizeof(*d->ages));
	if (d->ages == NULL)
		return err_nomem(e);
	for (u = 0; r == 0 && u < d->facts->nupdates; u++)
		if (d->priv->approvable[u] && (r = stop_check(e)) == 0)
			r = age_of(d, &s, u, e);
	free(s.v);
	return r;
}
