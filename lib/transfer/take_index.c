/* SPDX-License-Identifier: ISC */
/*
 * Is package.xml what the documents say?  A transfer's is refused where it is
 * not.  Of genuine packages nobody has seen one with payload, and one of
 * Microsoft's programs writes categories that are none: there the documents
 * count, a digest of which they know nothing is refused, the rest is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/package.h"
#include "formats/update.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/guid_set.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/transfer/take.h"
#include "lib/transfer/take_index.h"
#include "lib/transfer/transfer.h"

/* One list of one kind, as the index has it. */
struct list {
	const char *name;
	const struct guid *v;
	size_t n;
	struct guid_set *own, *other; /* of this kind, of the other one */
};

static int
refuse_update(struct take *t, const struct package_update *x, const char *why,
    struct err *e)
{
	struct err fault = ERR_INIT;
	char id[GUID_LEN + 1];

	guid_write(id, &x->id);
	err_set(&fault, E_FORMAT, "%s: %s revision %u: %s", PACKAGE_INDEX, id,
	    x->revision, why);
	return take_fault(t, t->place, &fault, e);
}

/* Refused in a transfer; of a genuine package told once. */
static int
differs(struct take *t, const struct package_update *x, const char *why,
    struct err *e)
{
	char id[GUID_LEN + 1];

	if (t->is_transfer)
		return refuse_update(t, x, why, e);
	if (t->ndiffer++ != 0)
		return 0;
	guid_write(id, &x->id);
	snprintf(t->differ, sizeof(t->differ), "%s revision %u: %s", id,
	    x->revision, why);
	return 0;
}

static bool
has_digest(const struct update *u, const uint8_t sha1[SHA1_LEN])
{
	for (size_t i = 0; i < u->nfiles; i++)
		if (memcmp(u->files[i].sha1, sha1, SHA1_LEN) == 0)
			return true;
	return false;
}

static int
genuine_files(struct take *t, const struct package_update *x,
    const struct update *u, struct err *e)
{
	char hex[2 * SHA1_LEN + 1], why[128];

	for (size_t i = 0; i < x->nfiles; i++) {
		if (has_digest(u, x->files[i]))
			continue;
		hex_upper(hex, x->files[i], SHA1_LEN);
		snprintf(
		    why, sizeof(why), "the document knows no file %s", hex);
		return refuse_update(t, x, why, e);
	}
	if (x->nfiles == u->nfiles)
		return 0;
	snprintf(why, sizeof(why), "%s, its document has %zu",
	    words_count(x->nfiles, "file").s, u->nfiles);
	return differs(t, x, why, e);
}

/* What stands behind the document's is for take_index_extras(). */
static int
check_files(struct take *t, const struct package_update *x,
    const struct update *u, struct err *e)
{
	char found[2 * SHA1_LEN + 1], expected[2 * SHA1_LEN + 1], why[128];

	if (!t->is_transfer)
		return genuine_files(t, x, u, e);
	for (size_t i = 0; i < u->nfiles; i++) {
		hex_upper(expected, u->files[i].sha1, SHA1_LEN);
		if (i == x->nfiles)
			snprintf(why, sizeof(why),
			    "no file %s, which its document has", expected);
		else if (memcmp(x->files[i], u->files[i].sha1, SHA1_LEN) != 0) {
			hex_upper(found, x->files[i], SHA1_LEN);
			snprintf(why, sizeof(why),
			    "file %zu is %s, expected %s", i + 1, found,
			    expected);
		} else
			continue;
		return refuse_update(t, x, why, e);
	}
	for (size_t i = u->nfiles; i < x->nfiles; i++)
		if (take_extra_add(&t->index_extras, &x->id, x->revision,
			x->files[i], e) == -1)
			return -1;
	return 0;
}

static int
bad_value(struct take *t, const struct package_update *x, const struct list *l,
    const struct guid *v, const char *what, struct err *e)
{
	char id[GUID_LEN + 1], why[160];

	guid_write(id, v);
	snprintf(why, sizeof(why), "%s: %s %s", l->name, id, what);
	return differs(t, x, why, e);
}

/* Where v stands among the document's prerequisites, from a place on. */
static bool
find_prereq(const struct update *u, const struct guid *v, size_t *from)
{
	for (; *from < u->nprereqs; ++*from)
		if (guid_cmp(&u->prereqs[*from].id, v) == 0)
			return true;
	return false;
}

static int
check_kind(struct take *t, const struct package_update *x,
    const struct update *u, const struct list *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		if (u->type == UPDATE_CATEGORY || u->type == UPDATE_DETECTOID)
			return bad_value(t, x, l, &l->v[i],
			    "of a category or detectoid, which has none", e);
		for (size_t k = 0; k < i; k++)
			if (guid_cmp(&l->v[i], &l->v[k]) == 0)
				return bad_value(
				    t, x, l, &l->v[i], "stands twice", e);
		if (guid_set_has(l->other, &l->v[i], 0) &&
		    !guid_set_has(l->own, &l->v[i], 0))
			return bad_value(
			    t, x, l, &l->v[i], "is of another kind", e);
	}
	return 0;
}

static bool
is_listed(const struct list *l, const struct guid *v)
{
	for (size_t i = 0; i < l->n; i++)
		if (guid_cmp(&l->v[i], v) == 0)
			return true;
	return false;
}

/*
 * A revision's own are those of its prerequisites that are of this kind, in
 * the document's order; they come before it.  One without any has what its
 * bundles have, which may have stayed behind.
 */
static int
check_own(struct take *t, const struct package_update *x,
    const struct update *u, const struct list *l, struct err *e)
{
	bool any = false;
	size_t at = 0;

	for (size_t i = 0; i < u->nprereqs; i++) {
		const struct guid *id = &u->prereqs[i].id;

		if (!guid_set_has(l->own, id, 0))
			continue;
		any = true;
		if (!is_listed(l, id))
			return bad_value(t, x, l, id,
			    "is lacking, though its document names it", e);
	}
	for (size_t i = 0; any && i < l->n; i++)
		if (!find_prereq(u, &l->v[i], &at))
			return bad_value(t, x, l, &l->v[i],
			    "does not stand there, or not in this order, in "
			    "its document",
			    e);
	return 0;
}

static int
check_list(struct take *t, const struct package_update *x,
    const struct update *u, const struct list *l, struct err *e)
{
	if (check_kind(t, x, u, l, e) == -1)
		return -1;
	if (u->type == UPDATE_CATEGORY || u->type == UPDATE_DETECTOID)
		return 0;
	return check_own(t, x, u, l, e);
}

static int
note_kind(struct take *t, const struct update *u, struct err *e)
{
	if (u->type != UPDATE_CATEGORY)
		return 0;
	if (u->category == CATEGORY_PRODUCT)
		return guid_set_add(t->products, &u->id, 0, e);
	if (u->category == CATEGORY_CLASSIFICATION)
		return guid_set_add(t->classes, &u->id, 0, e);
	return 0;
}

int
take_index_doc(struct take *t, const struct package_update *x,
    const struct update *u, struct err *e)
{
	struct list products, classes;

	if ((t->products == NULL && guid_set_open(&t->products, e) == -1) ||
	    (t->classes == NULL && guid_set_open(&t->classes, e) == -1))
		return -1;
	products = (struct list){"Categories", x->categories, x->ncategories,
	    t->products, t->classes};
	classes = (struct list){"Classifications", x->classifications,
	    x->nclassifications, t->classes, t->products};
	if (check_files(t, x, u, e) == -1 ||
	    check_list(t, x, u, &products, e) == -1 ||
	    check_list(t, x, u, &classes, e) == -1)
		return -1;
	return note_kind(t, u, e);
}

void
take_index_told(struct take *t)
{
	if (t->ndiffer != 0)
		log_event(t->log, LOG_WARN, t->place,
		    "%s differs from the documents in %s, and they count; "
		    "first: %s",
		    PACKAGE_INDEX, words_count(t->ndiffer, "list").s,
		    t->differ);
	t->ndiffer = 0;
}

int
take_extra_add(struct take_extras *x, const struct guid *id, uint32_t revision,
    const uint8_t sha1[SHA1_LEN], struct err *e)
{
	struct take_extra *n;

	if (grow(&x->v, &x->cap, x->n, sizeof(*x->v), e) == -1)
		return -1;
	n = &x->v[x->n++];
	*n = (struct take_extra){.id = *id, .revision = revision};
	memcpy(n->sha1, sha1, SHA1_LEN);
	return 0;
}

static int
extra_cmp(const void *va, const void *vb)
{
	const struct take_extra *a = va, *b = vb;
	int c = guid_cmp(&a->id, &b->id);

	if (c == 0)
		c = (a->revision > b->revision) - (a->revision < b->revision);
	return c != 0 ? c : memcmp(a->sha1, b->sha1, SHA1_LEN);
}

static void
bad_extra(struct take *t, const char *place, const struct take_extra *x,
    const char *why)
{
	char id[GUID_LEN + 1], hex[2 * SHA1_LEN + 1];

	guid_write(id, &x->id);
	hex_upper(hex, x->sha1, SHA1_LEN);
	log_finding(t->log, E_FORMAT, place, E_NO_OFFSET,
	    "%s revision %u: file %s %s", id, x->revision, hex, why);
}

void
take_index_extras(struct take *t)
{
	struct take_extras *a = &t->index_extras, *b = &t->state_extras;
	size_t i = 0, k = 0;

	a->n = sort_unique(a->v, a->n, sizeof(*a->v), extra_cmp);
	b->n = sort_unique(b->v, b->n, sizeof(*b->v), extra_cmp);
	while (i < a->n || k < b->n) {
		int c = i == a->n ? 1
		    : k == b->n	  ? -1
				  : extra_cmp(&a->v[i], &b->v[k]);

		if (c < 0)
			bad_extra(t, PACKAGE_INDEX, &a->v[i],
			    "is neither in the document nor in state.jsonl");
		else if (c > 0)
			bad_extra(t, TRANSFER_STATE, &b->v[k],
			    "is not in " PACKAGE_INDEX);
		i += c <= 0;
		k += c >= 0;
	}
}
