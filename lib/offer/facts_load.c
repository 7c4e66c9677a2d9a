/* SPDX-License-Identifier: ISC */
/* The store's tables, each read once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/offer/facts_priv.h"
#include "lib/store/gone.h"
#include "lib/store/store_choose.h"
#include "lib/store/store_list.h"
#include "lib/store/store_offer.h"

#define DAY_S 86400
#define MAX_TEXT ((size_t)1 << 30)

struct load {
	struct facts *f;
	struct store *s;
	struct facts_ids ids;
	struct gone gone;
	struct facts_heap heap; /* of the table that is read */
	struct facts_heap inner; /* of alternatives, of members */
	uint32_t *first; /* owned: facts_heap_deal()'s */
	uint32_t *files; /* owned: of each row of a file: in files */
	uint8_t kind; /* of the categories that are read */
	size_t nfiles, cap_revs, cap_text;
};

static int
put_text(struct load *l, const char *s, uint32_t *at, struct err *e)
{
	size_t n = s == NULL ? 0 : strlen(s), cap = l->cap_text;
	char *p;

	*at = 0;
	if (n == 0)
		return 0;
	if (n >= MAX_TEXT - l->f->ntext)
		return err_set(
		    e, E_LIMIT, "titles of more than %zu bytes", MAX_TEXT);
	while (cap - l->f->ntext <= n)
		cap *= 2;
	if (cap != l->cap_text) {
		if ((p = realloc(l->f->text, cap)) == NULL)
			return err_nomem(e);
		l->f->text = p;
		l->cap_text = cap;
	}
	memcpy(l->f->text + l->f->ntext, s, n + 1);
	*at = (uint32_t)l->f->ntext;
	l->f->ntext += n + 1;
	return 0;
}

static int
of_row(struct load *l, int64_t row, uint32_t *rev, struct err *e)
{
	*rev = facts_row(l->f, row);
	return *rev != FACTS_NONE
	    ? 0
	    : err_set(e, E_FORMAT,
		  "a relation belongs to row %" PRId64 ", which is not there",
		  row);
}

static int
see_rev(void *arg, const struct store_offer_rev *r, struct err *e)
{
	struct load *l = arg;
	struct facts *f = l->f;
	struct facts_rev *v;

	if (stop_check(e) == -1)
		return -1;
	if (r->row < 1 || r->row >= STORE_ROWS_MAX)
		return err_set(e, E_LIMIT,
		    "revision in row %" PRId64 ", expected 1 to %" PRId64,
		    r->row, STORE_ROWS_MAX - 1);
	if (grow(&f->revs, &l->cap_revs, f->nrevs + 1, sizeof(*v), e) == -1)
		return -1;
	v = &f->revs[f->nrevs];
	*v = (struct facts_rev){.update = facts_ids_add(&l->ids, &r->id, e),
	    .revision = r->revision,
	    .row = (uint32_t)r->row,
	    .bytes = r->bytes,
	    .type = (uint8_t)r->type,
	    .category = (uint8_t)r->category,
	    .expired = r->expired,
	    .deployable = r->deployable,
	    .has_eula = r->has_eula,
	    .arrived = FACTS_NONE};
	if (v->update == FACTS_NONE ||
	    put_text(l, r->title, &v->title, e) == -1)
		return -1;
	if (r->has_eula)
		v->eula = r->eula;
	if (r->has_time && r->time >= 0 && r->time / DAY_S < FACTS_NONE)
		v->arrived = (uint32_t)(r->time / DAY_S);
	f->nrevs++;
	return 0;
}

/* What the heap has is of revisions, whose place for its first is at
   `field`. */
static int
deal_revs(struct load *l, void *v, size_t *n, size_t field, uint32_t *moved,
    struct err *e)
{
	char *at = (char *)l->f->revs + field;
	size_t i;

	if (facts_heap_deal(&l->heap, v, n, l->f->nrevs, l->first, moved, e) ==
	    -1)
		return -1;
	for (i = 0; i <= l->f->nrevs; i++, at += sizeof(struct facts_rev))
		memcpy(at, &l->first[i], sizeof(l->first[i]));
	facts_heap_free(&l->heap);
	return 0;
}

static int
see_need(void *arg, const struct store_offer_link *k, struct err *e)
{
	struct load *l = arg;
	struct facts_clause *c;
	uint32_t rev, *to;

	if (of_row(l, k->rev, &rev, e) == -1)
		return -1;
	if (k->first) {
		if ((c = facts_heap_add(&l->heap, rev, e)) == NULL)
			return -1;
		*c = (struct facts_clause){.category = k->category};
	}
	to = facts_heap_add(&l->inner, (uint32_t)l->heap.n - 1, e);
	if (to == NULL ||
	    (*to = facts_ids_add(&l->ids, &k->id, e)) == FACTS_NONE)
		return -1;
	return 0;
}

static int
see_part(void *arg, const struct store_offer_link *k, struct err *e)
{
	struct load *l = arg;
	struct facts_part *p;
	struct facts_member *m;
	uint32_t rev;

	if (of_row(l, k->rev, &rev, e) == -1)
		return -1;
	if (k->first) {
		if ((p = facts_heap_add(&l->heap, rev, e)) == NULL)
			return -1;
		p->first = 0;
	}
	m = facts_heap_add(&l->inner, (uint32_t)l->heap.n - 1, e);
	if (m == NULL)
		return -1;
	*m = (struct facts_member){.update = facts_ids_add(&l->ids, &k->id, e),
	    .revision = k->revision,
	    .rev = FACTS_NONE};
	return m->update == FACTS_NONE ? -1 : 0;
}

/* A table of revisions, whose items lead to one of inner items. */
static int
load_nested(struct load *l, enum store_offer_kind k,
    int (*see)(void *arg, const struct store_offer_link *k, struct err *e),
    size_t outer, size_t inner, struct err *e)
{
	struct facts *f = l->f;
	bool needs = k == STORE_OFFER_NEEDS;
	size_t n, i;
	uint32_t *moved = NULL, *first = NULL;
	int r = -1;

	l->heap.size = outer;
	l->inner.size = inner;
	if (store_offer_links(l->s, k, see, l, e) == -1)
		return -1;
	n = l->heap.n;
	moved = calloc(n + 1, sizeof(*moved));
	first = calloc(n + 1, sizeof(*first));
	if (moved == NULL || first == NULL) {
		err_nomem(e);
		goto out;
	}
	r = needs ? deal_revs(l, &f->clauses, &f->nclauses,
			offsetof(struct facts_rev, clauses), moved, e)
		  : deal_revs(l, &f->parts, &f->nparts,
			offsetof(struct facts_rev, parts), moved, e);
	if (r == -1)
		goto out;
	for (i = 0; i < l->inner.n; i++)
		l->inner.of[i] = moved[l->inner.of[i]];
	r = facts_heap_deal(&l->inner,
	    needs ? (void *)&f->alternatives : (void *)&f->members,
	    needs ? &f->nalternatives : &f->nmembers, n, first, NULL, e);
	for (i = 0; r == 0 && i <= n; i++)
		if (needs)
			f->clauses[i].first = first[i];
		else
			f->parts[i].first = first[i];
out:
	facts_heap_free(&l->inner);
	free(moved);
	free(first);
	return r;
}

static int
see_replaced(void *arg, const struct store_offer_link *k, struct err *e)
{
	struct load *l = arg;
	uint32_t rev, *to;

	if (of_row(l, k->rev, &rev, e) == -1 ||
	    (to = facts_heap_add(&l->heap, rev, e)) == NULL ||
	    (*to = facts_ids_add(&l->ids, &k->id, e)) == FACTS_NONE)
		return -1;
	return 0;
}

static int
see_file(void *arg, const struct store_file *v, struct err *e)
{
	struct load *l = arg;
	struct facts_file *f;

	if (v->row < 1 || v->row >= STORE_ROWS_MAX)
		return err_set(e, E_LIMIT,
		    "file in row %" PRId64 ", expected 1 to %" PRId64, v->row,
		    STORE_ROWS_MAX - 1);
	if ((f = facts_heap_add(&l->heap, (uint32_t)v->row, e)) == NULL)
		return -1;
	*f = (struct facts_file){.has_sha256 = v->has_declared,
	    .has_size = v->has_size,
	    .present = v->present && gone_has(&l->gone, v->sha1) == NULL,
	    .left_out = v->left_out,
	    .size = v->has_size ? v->size : 0};
	memcpy(f->sha1, v->sha1, SHA1_LEN);
	if (v->has_declared)
		memcpy(f->sha256, v->declared, SHA256_LEN);
	memcpy(f->ext, v->ext, strlen(v->ext)); /* zeros behind it */
	return 0;
}

/* By SHA-1, and where each row stands then. */
static int
load_files(struct load *l, struct err *e)
{
	struct facts *f = l->f;
	struct facts_heap *h = &l->heap;
	uint32_t last;
	size_t i;

	h->size = sizeof(struct facts_file);
	if (gone_find(&l->gone, l->s, e) == -1 ||
	    store_each_file_row(l->s, see_file, l, e) == -1)
		return -1;
	last = h->n == 0 ? 0 : h->of[h->n - 1];
	l->nfiles = (size_t)last + 1;
	f->files = calloc(h->n + 1, sizeof(*f->files));
	l->files = malloc(l->nfiles * sizeof(*l->files));
	if (f->files == NULL || l->files == NULL)
		return err_nomem(e);
	memset(l->files, 0xff, l->nfiles * sizeof(*l->files));
	f->nfiles = h->n;
	if (h->n > 0)
		memcpy(f->files, h->v, h->n * h->size);
	sort_up(f->files, f->nfiles, sizeof(*f->files), sort_by_sha1);
	for (i = 0; i < h->n; i++)
		l->files[h->of[i]] = (uint32_t)((struct facts_file *)sort_find(
						    h->v + i * h->size,
						    f->files, f->nfiles,
						    sizeof(*f->files),
						    sort_by_sha1) -
		    f->files);
	facts_heap_free(h);
	return 0;
}

static int
see_use(void *arg, int64_t row, int64_t file, const char *name, struct err *e)
{
	struct load *l = arg;
	struct facts_use *u;
	uint32_t rev;

	if (of_row(l, row, &rev, e) == -1)
		return -1;
	if (file < 0 || (uint64_t)file >= l->nfiles ||
	    l->files[file] == FACTS_NONE)
		return err_set(e, E_FORMAT,
		    "revision in row %" PRId64 " names file %" PRId64
		    ", which is not there",
		    row, file);
	if ((u = facts_heap_add(&l->heap, rev, e)) == NULL)
		return -1;
	*u = (struct facts_use){.file = l->files[file]};
	update_file_ext(u->ext, name);
	return 0;
}

static int
see_category(void *arg, int64_t row, int64_t category, struct err *e)
{
	struct load *l = arg;
	struct facts_filed *v;
	uint32_t rev, of;

	if (of_row(l, row, &rev, e) == -1 ||
	    of_row(l, category, &of, e) == -1 ||
	    (v = facts_heap_add(&l->heap, rev, e)) == NULL)
		return -1;
	*v = (struct facts_filed){l->f->revs[of].update, l->kind};
	return 0;
}

static int
see_kb(void *arg, int64_t row, const char *kb, struct err *e)
{
	struct load *l = arg;
	uint32_t rev, *v;

	if (of_row(l, row, &rev, e) == -1 ||
	    (v = facts_heap_add(&l->heap, rev, e)) == NULL)
		return -1;
	if (strncasecmp(kb, "KB", 2) == 0)
		kb += 2;
	return put_text(l, kb, v, e);
}

/* Tables of which a revision has items, and no more. */
static int
load_flat(struct load *l, struct err *e)
{
	struct facts *f = l->f;

	l->heap.size = sizeof(*f->supersedes);
	if (store_offer_links(l->s, STORE_OFFER_REPLACES, see_replaced, l, e) ==
		-1 ||
	    deal_revs(l, &f->supersedes, &f->nsupersedes,
		offsetof(struct facts_rev, supersedes), NULL, e) == -1)
		return -1;
	l->heap.size = sizeof(*f->uses);
	if (store_offer_uses(l->s, see_use, l, e) == -1 ||
	    deal_revs(l, &f->uses, &f->nuses, offsetof(struct facts_rev, uses),
		NULL, e) == -1)
		return -1;
	l->heap.size = sizeof(*f->kbs);
	if (store_each_kb(l->s, see_kb, l, e) == -1 ||
	    deal_revs(l, &f->kbs, &f->nkbs, offsetof(struct facts_rev, kbs),
		NULL, e) == -1)
		return -1;
	l->heap.size = sizeof(*f->filed);
	l->kind = CATEGORY_CLASSIFICATION;
	if (store_each_pair(l->s, STORE_CLASSES, see_category, l, e) == -1)
		return -1;
	l->kind = CATEGORY_PRODUCT;
	if (store_each_pair(l->s, STORE_PRODUCTS, see_category, l, e) == -1)
		return -1;
	return deal_revs(l, &f->filed, &f->nfiled,
	    offsetof(struct facts_rev, filed), NULL, e);
}

static int
load_all(struct load *l, struct err *e)
{
	struct facts *f = l->f;

	l->cap_text = 4096;
	if ((f->text = calloc(1, l->cap_text)) == NULL)
		return err_nomem(e);
	f->ntext = 1;
	if (grow(&f->revs, &l->cap_revs, 0, sizeof(*f->revs), e) == -1 ||
	    store_offer_revs(l->s, see_rev, l, e) == -1 ||
	    facts_order_revs(f, &l->ids, e) == -1)
		return -1;
	l->first = calloc(f->nrevs + 1, sizeof(*l->first));
	if (l->first == NULL)
		return err_nomem(e);
	if (load_files(l, e) == -1 || load_flat(l, e) == -1 ||
	    load_nested(l, STORE_OFFER_NEEDS, see_need, sizeof(*f->clauses),
		sizeof(*f->alternatives), e) == -1 ||
	    load_nested(l, STORE_OFFER_PARTS, see_part, sizeof(*f->parts),
		sizeof(*f->members), e) == -1)
		return -1;
	return facts_order_updates(f, &l->ids, e);
}

int
facts_load(struct facts *f, struct store *s, struct err *e)
{
	struct load l = {.f = f, .s = s};
	int r = load_all(&l, e);

	facts_ids_free(&l.ids);
	facts_heap_free(&l.heap);
	facts_heap_free(&l.inner);
	gone_free(&l.gone);
	free(l.first);
	free(l.files);
	return r;
}
