/* SPDX-License-Identifier: ISC */
/* The categories held, and those that a name stands for. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/near.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/choose/choose_names.h"
#include "lib/choose/choose_notes.h"
#include "lib/store/store_choose.h"

#define NAMES_SHOWN 16 /* of a title that several have */

/*
 * Letters of ASCII small, blanks (a no-break space is one) as one space and
 * none at the ends: titles are pasted, and hold what nobody sees.
 */
static char *
fold(struct names *n, const char *title, struct err *e)
{
	char *to = arena_strndup(&n->arena, title, strlen(title));
	const char *s = title;
	size_t at = 0;
	bool blank = false;

	if (to == NULL) {
		err_set(e, E_LIMIT, "titles of categories: over %zu bytes",
		    n->arena.max);
		return NULL;
	}
	while (*s != '\0') {
		if (*s == ' ' || *s == '\t' || memcmp(s, "\xc2\xa0", 2) == 0) {
			blank = at > 0;
			s += *s == '\xc2' ? 2 : 1;
			continue;
		}
		if (blank)
			to[at++] = ' ';
		blank = false;
		to[at++] = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
		s++;
	}
	to[at] = '\0';
	return to;
}

static int
add_cat(struct names *n, const struct store_name *in, const char *title,
    struct err *e)
{
	if (grow(&n->cats, &n->cap_cats, n->ncats, sizeof(*n->cats), e) == -1)
		return -1;
	n->cats[n->ncats++] = (struct cat){
	    .row = in->row, .id = in->id, .type = in->type, .title = title};
	return 0;
}

static int
add_name(void *arg, const struct store_name *in, struct err *e)
{
	/* What no line can hold is found by its id. */
	const char *title = strlen(in->title) <= POLICY_MAX_VALUE ? in->title
								  : "";
	struct names *n = arg;
	struct name *m;

	if (grow(&n->v, &n->cap, n->n, sizeof(*n->v), e) == -1)
		return -1;
	m = &n->v[n->n];
	*m = (struct name){
	    .row = in->row, .type = in->type, .which = in->which};
	if ((m->folded = fold(n, title, e)) == NULL)
		return -1;
	if ((m->title = arena_strndup(&n->arena, title, strlen(title))) == NULL)
		return err_set(e, E_LIMIT,
		    "titles of categories: over %zu bytes", n->arena.max);
	n->n++;
	return in->which == STORE_TITLE_SHOWN ? add_cat(n, in, m->title, e) : 0;
}

static int
add_under(void *arg, int64_t child, int64_t parent, struct err *e)
{
	struct names *n = arg;

	if (choose_names_cat(n, child) == NULL ||
	    choose_names_cat(n, parent) == NULL)
		return 0;
	if (grow(&n->under, &n->cap_under, n->nunder, sizeof(*n->under), e) ==
	    -1)
		return -1;
	n->under[n->nunder++] = (struct under){child, parent};
	return 0;
}

static int
by_row(const void *a, const void *b)
{
	const struct cat *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

static int
by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int c = strcmp(x->folded, y->folded);

	if (c != 0)
		return c;
	if (x->which != y->which)
		return x->which < y->which ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

int
choose_names_load(struct names *n, struct store *s, struct err *e)
{
	if (store_each_name(s, add_name, n, e) == -1)
		return -1;
	sort_up(n->cats, n->ncats, sizeof(*n->cats), by_row);
	sort_up(n->v, n->n, sizeof(*n->v), by_name);
	return store_each_pair(s, STORE_UNDER, add_under, n, e);
}

void
choose_names_free(struct names *n)
{
	arena_free(&n->arena);
	free(n->cats);
	free(n->v);
	free(n->under);
	free(n->found);
	*n = (struct names)NAMES_INIT;
}

struct cat *
choose_names_cat(const struct names *n, int64_t row)
{
	const struct cat key = {.row = row};

	return sort_find(&key, n->cats, n->ncats, sizeof(key), by_row);
}

/* Each once: a title may be alike in several languages. */
static int
found(struct names *n, struct cat *c, struct err *e)
{
	if (n->nfound > 0 && n->found[n->nfound - 1] == c)
		return 0;
	if (grow(&n->found, &n->cap_found, n->nfound, sizeof(*n->found), e) ==
	    -1)
		return -1;
	n->found[n->nfound++] = c;
	return 0;
}

static int
folded_cmp(const void *key, const void *entry)
{
	return strcmp(key, ((const struct name *)entry)->folded);
}

static int
find_title(struct names *n, unsigned kinds, const char *folded, struct err *e)
{
	enum store_title which = STORE_TITLE_SHOWN;
	size_t lo = sort_place(folded, n->v, n->n, sizeof(*n->v), folded_cmp);

	for (; lo < n->n && strcmp(n->v[lo].folded, folded) == 0; lo++) {
		if ((kinds & NAMES_KIND(n->v[lo].type)) == 0)
			continue;
		if (n->nfound > 0 && n->v[lo].which != which)
			return 0;
		which = n->v[lo].which;
		n->former = which == STORE_TITLE_FORMER;
		if (found(n, choose_names_cat(n, n->v[lo].row), e) == -1)
			return -1;
	}
	return 0;
}

static int
match(struct names *n, unsigned kinds, const struct policy_word *w,
    const char *folded, struct err *e)
{
	size_t i;

	n->nfound = 0;
	n->former = false;
	if (!w->is_id)
		return find_title(n, kinds, folded, e);
	for (i = 0; i < n->ncats; i++)
		if (kinds & NAMES_KIND(n->cats[i].type) &&
		    guid_cmp(&n->cats[i].id, &w->id) == 0)
			return found(n, &n->cats[i], e);
	return 0;
}

int
choose_names_match(
    struct names *n, unsigned kinds, const struct policy_word *w, struct err *e)
{
	const char *folded = fold(n, w->text, e);

	return folded == NULL ? -1 : match(n, kinds, w, folded, e);
}

/* And the lines to write instead. */
static int
note_several(struct names *n, const struct names_what *what,
    const struct policy_word *w, struct choose_notes *notes, struct err *e)
{
	char id[GUID_LEN + 1];
	size_t i;

	if (choose_note(notes, w->line, what->key, e,
		"'%.200s' %s the title of %s, and means them all; where not "
		"all are meant, write one of:",
		w->text, n->former ? "was" : "is",
		words_count(n->nfound, what->noun).s) == -1)
		return -1;
	for (i = 0; i < n->nfound && i < NAMES_SHOWN; i++) {
		guid_write(id, &n->found[i]->id);
		if (choose_note(notes, w->line, NULL, e, "%s = %s", what->key,
			id) == -1)
			return -1;
	}
	return i == n->nfound
	    ? 0
	    : choose_note(notes, w->line, NULL, e,
		  "... %zu more; 'wsusferry-list --policy-lines categories' "
		  "prints them",
		  n->nfound - i);
}

static const char *
key_of(enum category_type t)
{
	return t == CATEGORY_PRODUCT	   ? "product"
	    : t == CATEGORY_CLASSIFICATION ? "classification"
					   : "family";
}

static int
note_unknown(struct names *n, const struct names_what *what,
    const struct policy_word *w, const char *folded, struct choose_notes *notes,
    struct err *e)
{
	struct near near;
	size_t i, best = SIZE_MAX;

	near_begin(&near, folded);
	for (i = 0; i < n->n && !w->is_id; i++)
		if ((what->kinds & NAMES_KIND(n->v[i].type)) &&
		    n->v[i].which != STORE_TITLE_FORMER) {
			near_try(&near, n->v[i].folded);
			if (near.best == n->v[i].folded)
				best = i;
		}
	if (best == SIZE_MAX)
		return choose_note_lost(notes, w->line, what->key, e,
		    "no %s '%.200s' is held", what->noun, w->text);
	return choose_note_lost(notes, w->line, what->key, e,
	    "no %s '%.200s' is held, nearest is '%.200s'", what->noun, w->text,
	    n->v[best].title);
}

int
choose_names_find(struct names *n, const struct names_what *what,
    const struct policy_word *w, struct choose_notes *notes, struct err *e)
{
	const char *folded = fold(n, w->text, e);
	enum category_type is;

	if (folded == NULL || match(n, what->kinds, w, folded, e) == -1)
		return -1;
	if (n->nfound > 1)
		return note_several(n, what, w, notes, e);
	if (n->nfound == 1 && n->former)
		return choose_note(notes, w->line, what->key, e,
		    "'%.200s' is called '%.200s' now", w->text,
		    n->found[0]->title);
	if (n->nfound == 1)
		return 0;
	if (match(n, ~what->kinds, w, folded, e) == -1)
		return -1;
	if (n->nfound == 0)
		return note_unknown(n, what, w, folded, notes, e);
	is = n->found[0]->type;
	n->nfound = 0;
	return choose_note_lost(notes, w->line, what->key, e,
	    "'%.200s' is no %s; its key is '%s'", w->text, what->noun,
	    key_of(is));
}
