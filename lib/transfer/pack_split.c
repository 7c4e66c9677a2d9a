/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/transfer/pack.h"
#include "lib/store/plan.h"

/* Markup of the containers, which stand in the short form when empty. */
#define OPEN_FILES (sizeof("<Files></Files>") - 1)
#define OPEN_UPDATES (sizeof("<Updates></Updates>") - 1)
#define CLOSE (sizeof("</ExportPackage>") - 1)

struct splitter {
	struct pack *p;
	uint64_t limit;
	uint32_t part; /* number of the package being filled, from 1 */
	uint64_t bytes; /* of the package so far */
	uint32_t *stack; /* owned: revisions whose needs are to be added */
	size_t nstack, capstack;
	uint32_t *added; /* owned: what the revision at hand brings along */
	size_t nadded, capadded;
	size_t cap; /* of p->parts */
};

size_t
pack_part_items(const struct pack_part *part)
{
	return part->nrepeats + (part->last - part->first);
}

uint32_t
pack_part_item(const struct pack_part *part, size_t i)
{
	if (i < part->nrepeats)
		return part->repeats[i];
	return part->first + (uint32_t)(i - part->nrepeats);
}

/* What a revision adds to package.xml and metadata.txt; marks its files. */
static uint64_t
cost(struct splitter *s, uint32_t i)
{
	struct pack *p = s->p;
	const struct pack_update *u = &p->updates[i];
	uint64_t n = u->len + PACKAGE_META_HEAD + p->plan->items[i].bytes + 2;

	for (uint32_t r = u->ref; r < u->ref + u->nrefs; r++) {
		struct pack_file *f = &p->files[p->refs[r]];

		if (f->part == s->part || f->len == 0)
			continue;
		f->part = s->part;
		n += f->len;
	}
	return n;
}

static int
push(struct splitter *s, uint32_t i, struct err *e)
{
	if (s->p->updates[i].part == s->part)
		return 0;
	s->p->updates[i].part = s->part;
	if (grow(&s->stack, &s->capstack, s->nstack, sizeof(*s->stack), e) ==
		-1 ||
	    grow(&s->added, &s->capadded, s->nadded, sizeof(*s->added), e) ==
		-1)
		return -1;
	s->stack[s->nstack++] = i;
	s->added[s->nadded++] = i;
	return 0;
}

/* Revision i and all it needs that is not in the package: bytes they add. */
static int
close_over(struct splitter *s, uint32_t i, uint64_t *bytes, struct err *e)
{
	const struct plan *plan = s->p->plan;

	s->nadded = 0;
	*bytes = 0;
	if (push(s, i, e) == -1)
		return -1;
	while (s->nstack != 0) {
		uint32_t j = s->stack[--s->nstack];
		const struct plan_item *it = &plan->items[j];

		*bytes += cost(s, j);
		for (uint32_t k = 0; k < it->nedges; k++)
			if (push(s, plan->edges[it->edge + k], e) == -1)
				return -1;
	}
	return 0;
}

static int
begin_part(struct splitter *s, uint32_t first, struct err *e)
{
	struct pack *p = s->p;

	if (grow(&p->parts, &s->cap, p->nparts, sizeof(*p->parts), e) == -1)
		return -1;
	p->parts[p->nparts++] = (struct pack_part){
	    .first = first, .last = first};
	s->part = (uint32_t)p->nparts;
	s->bytes = p->head.len + OPEN_FILES + OPEN_UPDATES + CLOSE;
	return 0;
}

static int
add_repeats(struct splitter *s, uint32_t i, struct err *e)
{
	struct pack_part *part = &s->p->parts[s->part - 1];

	for (size_t k = 0; k < s->nadded; k++) {
		if (s->added[k] == i)
			continue;
		if (grow(&part->repeats, &part->caprepeats, part->nrepeats,
			sizeof(*part->repeats), e) == -1)
			return -1;
		part->repeats[part->nrepeats++] = s->added[k];
	}
	part->last = i + 1;
	return 0;
}

static int
add_item(struct splitter *s, uint32_t i, struct err *e)
{
	uint64_t bytes;

	if (close_over(s, i, &bytes, e) == -1)
		return -1;
	if (bytes > s->limit - s->bytes &&
	    s->p->parts[s->part - 1].last != s->p->parts[s->part - 1].first) {
		/* Marks of the package that is closed no longer matter. */
		if (begin_part(s, i, e) == -1 ||
		    close_over(s, i, &bytes, e) == -1)
			return -1;
	}
	if (bytes > s->limit - s->bytes)
		return err_set(e, E_LIMIT,
		    "a revision with what it needs takes %llu bytes, a "
		    "package holds %llu",
		    (unsigned long long)bytes, (unsigned long long)s->limit);
	s->bytes += bytes;
	return add_repeats(s, i, e);
}

static int
ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Exact sizes, counted over what the package holds in the end. */
static void
measure(struct pack *p, struct pack_part *part)
{
	size_t n = pack_part_items(part);
	uint32_t mark = ++p->mark;

	part->index_bytes = p->head.len + CLOSE;
	for (size_t i = 0; i < n; i++) {
		uint32_t at = pack_part_item(part, i);
		const struct pack_update *u = &p->updates[at];

		part->index_bytes += u->len;
		part->meta_bytes += PACKAGE_META_HEAD +
		    p->plan->items[at].bytes + 2;
		for (uint32_t r = u->ref; r < u->ref + u->nrefs; r++) {
			struct pack_file *f = &p->files[p->refs[r]];

			if (f->part == mark || f->len == 0)
				continue;
			f->part = mark;
			part->nfiles++;
			part->index_bytes += f->len;
		}
	}
	part->index_bytes += part->nfiles != 0 ? OPEN_FILES
					       : sizeof("<Files />") - 1;
	part->index_bytes += n != 0 ? OPEN_UPDATES : sizeof("<Updates />") - 1;
}

int
pack_split(struct pack *p, uint64_t limit, struct err *e)
{
	struct splitter s = {.p = p, .limit = limit};
	int r = begin_part(&s, 0, e);

	for (uint32_t i = 0; r == 0 && i < p->plan->n; i++)
		r = add_item(&s, i, e);
	p->mark = (uint32_t)p->nparts;
	for (size_t k = 0; r == 0 && k < p->nparts; k++) {
		struct pack_part *part = &p->parts[k];

		if (part->nrepeats != 0)
			qsort(part->repeats, part->nrepeats,
			    sizeof(*part->repeats), ascending);
		measure(p, part);
	}
	free(s.stack);
	free(s.added);
	return r;
}
