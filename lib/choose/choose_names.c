/* SPDX-License-Identifier: ISC */
/* Which categories the names in a policy stand for. */
#include "lib/choose/choose_names.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/choose/choose_priv.h"

static const struct names_what product = {
    "product", "product", NAMES_KIND(CATEGORY_PRODUCT)};
static const struct names_what excluded = {
    "product-exclude", "product", NAMES_KIND(CATEGORY_PRODUCT)};
static const struct names_what family = {"family", "family",
    NAMES_KIND(CATEGORY_FAMILY) | NAMES_KIND(CATEGORY_COMPANY)};
static const struct names_what classification = {
    "classification", "classification", NAMES_KIND(CATEGORY_CLASSIFICATION)};

bool
choose_is_driver_class(const struct guid *id)
{
	static const struct guid ids[] = {
	    {{0xeb, 0xfc, 0x1f, 0xc5, 0x71, 0xa4, 0x4f, 0x7b, 0x9a, 0xca, 0x3b,
		0x9a, 0x50, 0x31, 0x04, 0xa0}}, /* Drivers */
	    {{0x77, 0x83, 0x5c, 0x8d, 0x62, 0xa7, 0x41, 0xf5, 0x82, 0xad, 0xf2,
		0x8d, 0x1a, 0xf1, 0xe3, 0xb1}}, /* Driver Sets */
	};

	return guid_cmp(id, &ids[0]) == 0 || guid_cmp(id, &ids[1]) == 0;
}

static void
want_category(struct cat *c, unsigned line)
{
	c->wanted = true;
	if (c->line == 0)
		c->line = line;
}

static int
by_parent(const void *row, const void *under)
{
	int64_t a = *(const int64_t *)row;
	int64_t b = ((const struct under *)under)->parent;

	return (a > b) - (a < b);
}

/* Every product beneath it; seen keeps circles from going on for ever. */
static int
want_beneath(struct names *n, struct cat *top, unsigned line, struct err *e)
{
	struct cat **stack = calloc(n->ncats + 1, sizeof(struct cat *));
	struct cat *at, *child;
	size_t depth = 0, i;

	if (stack == NULL)
		return err_nomem(e);
	for (i = 0; i < n->ncats; i++)
		n->cats[i].seen = false;
	top->seen = true;
	stack[depth++] = top;
	while (depth > 0) {
		at = stack[--depth];
		want_category(at, line); /* only products are taken */
		for (i = sort_place(&at->row, n->under, n->nunder,
			 sizeof(*n->under), by_parent);
		     i < n->nunder && n->under[i].parent == at->row; i++) {
			child = choose_names_cat(n, n->under[i].child);
			if (child == NULL || child->seen)
				continue;
			child->seen = true;
			stack[depth++] = child;
		}
	}
	free(stack);
	return 0;
}

static int
each_word(struct choose *c, struct names *n, const struct names_what *what,
    const struct policy_words *w, struct err *e)
{
	struct cat *cat;
	size_t i, k;

	for (i = 0; i < w->n; i++) {
		if (choose_names_find(n, what, &w->v[i], &c->priv->notes, e) ==
		    -1)
			return -1;
		for (k = 0; k < n->nfound; k++) {
			cat = n->found[k];
			if (what == &excluded) {
				cat->wanted = false;
				cat->line = w->v[i].line;
			} else if (what != &family) {
				want_category(cat, w->v[i].line);
			} else if (want_beneath(n, cat, w->v[i].line, e) ==
			    -1) {
				return -1;
			}
		}
	}
	return 0;
}

/* The ids of one type that are wanted. */
static int
take_ids(const struct names *n, enum category_type type, struct guid **to,
    size_t *nto, struct err *e)
{
	size_t i;

	if ((*to = calloc(n->ncats + 1, sizeof(**to))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n->ncats; i++)
		if (n->cats[i].type == type && n->cats[i].wanted)
			(*to)[(*nto)++] = n->cats[i].id;
	sort_up(*to, *nto, sizeof(**to), sort_by_guid);
	return 0;
}

static int
take_named(struct choose_priv *p, const struct names *n, struct err *e)
{
	size_t i;

	if ((p->named = calloc(n->ncats + 1, sizeof(*p->named))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n->ncats; i++)
		if (n->cats[i].line != 0)
			p->named[p->nnamed++] = (struct choose_named){
			    n->cats[i].id, n->cats[i].line};
	sort_up(p->named, p->nnamed, sizeof(*p->named), sort_by_guid);
	return 0;
}

unsigned
choose_line(const struct choose *c, const struct guid *id)
{
	const struct choose_priv *p = c->priv;
	const struct choose_named *n;

	n = sort_find(id, p->named, p->nnamed, sizeof(*n), sort_by_guid);
	return n == NULL ? 0 : n->line;
}

static void
want_all(struct names *n, enum category_type type)
{
	size_t i;

	for (i = 0; i < n->ncats; i++)
		if (n->cats[i].type == type)
			n->cats[i].wanted = true;
}

/* Two lines of a policy that each take back what the other gives. */
static int
note_drivers(const struct choose *c, struct err *e)
{
	struct choose_notes *notes = &c->priv->notes;
	const struct guid *id;
	unsigned line = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < c->nclassifications; i++) {
		id = &c->classifications[i];
		if (!choose_is_driver_class(id))
			continue;
		any = true;
		if (line == 0)
			line = choose_line(c, id);
	}
	if (line != 0 && !c->policy->drivers)
		return choose_note(notes, line, "classification", e,
		    "drivers are left out without 'drivers = yes'");
	if (c->policy->drivers && !c->all_classifications && !any)
		return choose_note(notes, 0, "drivers", e,
		    "'drivers = yes', but no line names the classification of "
		    "drivers");
	return 0;
}

static int
note_left(const struct choose *c, struct err *e)
{
	struct choose_notes *notes = &c->priv->notes;

	if (!c->all_products && c->nproducts == 0 &&
	    choose_note(notes, 0, "product", e,
		"of the products that it names none is left; 'wsusferry-list "
		"--policy-lines categories' prints those that are held") == -1)
		return -1;
	if (!c->all_classifications && c->nclassifications == 0)
		return choose_note(notes, 0, "classification", e,
		    "of the classifications that it names none is held");
	return 0;
}

int
choose_names(struct choose *c, struct err *e)
{
	const struct policy *p = c->policy;
	struct names n = NAMES_INIT;
	int r = -1;

	c->all_products = p->products.n + p->families.n + p->not_products.n ==
	    0;
	c->all_classifications = p->classifications.n == 0;
	if (choose_names_load(&n, c->store, e) == -1)
		goto out;
	/* Where one list is sent, the other is too. */
	if (p->products.n + p->families.n == 0 &&
	    (!c->all_products || !c->all_classifications))
		want_all(&n, CATEGORY_PRODUCT);
	if (c->all_classifications && !c->all_products)
		want_all(&n, CATEGORY_CLASSIFICATION);
	if (each_word(c, &n, &product, &p->products, e) == -1 ||
	    each_word(c, &n, &family, &p->families, e) == -1 ||
	    each_word(c, &n, &excluded, &p->not_products, e) == -1 ||
	    each_word(c, &n, &classification, &p->classifications, e) == -1 ||
	    take_ids(&n, CATEGORY_PRODUCT, &c->products, &c->nproducts, e) ==
		-1 ||
	    take_ids(&n, CATEGORY_CLASSIFICATION, &c->classifications,
		&c->nclassifications, e) == -1 ||
	    take_named(c->priv, &n, e) == -1 || note_left(c, e) == -1 ||
	    note_drivers(c, e) == -1)
		goto out;
	r = 0;
out:
	choose_names_free(&n);
	return r;
}
