/* SPDX-License-Identifier: ISC */
#include "formats/update_priv.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_TWICE 16 /* times as many words as are kept may stand there */

void *
update_list_add(
    struct list *l, size_t size, size_t max, const char *what, struct err *e)
{
	size_t cap = l->cap != 0 ? l->cap * 2 : 16;
	void *p;

	if (l->n >= max) {
		err_set(e, E_LIMIT, "more than %zu %s", max, what);
		return NULL;
	}
	if (l->n == l->cap) {
		if ((p = reallocarray(l->p, cap, size)) == NULL) {
			err_nomem(e);
			return NULL;
		}
		l->p = p;
		l->cap = cap;
	}
	p = (char *)l->p + l->n++ * size;
	memset(p, 0, size);
	return p;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
update_trim(const char **p, size_t *n)
{
	while (*n > 0 && is_blank((*p)[*n - 1]))
		--*n;
	while (*n > 0 && is_blank(**p)) {
		++*p;
		--*n;
	}
}

/* Each is looked for among all: one that is there already, or nothing, adds
   none, but costs as much. */
int
update_list_word(struct update_reader *r, struct list *l, const char *p,
    size_t n, const char *what, struct err *e)
{
	const char **words = l->p, **w;
	size_t i;

	update_trim(&p, &n);
	if (++l->met > (size_t)r->lim.max_words * WORDS_TWICE)
		return err_set(e, E_LIMIT,
		    "more than %zu %s, many of them twice",
		    (size_t)r->lim.max_words * WORDS_TWICE, what);
	for (i = 0; i < l->n; i++)
		if (strncmp(words[i], p, n) == 0 && words[i][n] == '\0')
			return 0;
	if (n == 0)
		return 0;
	w = update_list_add(l, sizeof(*w), r->lim.max_words, what, e);
	if (w == NULL || (*w = update_keep(r, p, n, e)) == NULL)
		return -1;
	return 0;
}

bool
update_same_word(const char *a, const char *b)
{
	for (; *a != '\0' || *b != '\0'; a++, b++) {
		unsigned char x = (unsigned char)*a, y = (unsigned char)*b;

		if (x >= 'A' && x <= 'Z')
			x |= 0x20;
		if (y >= 'A' && y <= 'Z')
			y |= 0x20;
		if (x != y)
			return false;
	}
	return true;
}

static const char *
title_in(const struct update *u, const char *lang)
{
	const struct update_title *t = u->titles;
	size_t i;

	for (i = 0; i < u->ntitles; i++, t++)
		if (t->title[0] != '\0' &&
		    (lang == NULL || update_same_word(t->lang, lang)))
			return t->title;
	return NULL;
}

static const char *
choose_title(const struct update *u)
{
	const char *t = u->lang != NULL ? title_in(u, u->lang) : NULL;

	if (t == NULL)
		t = title_in(u, "en");
	return t != NULL ? t : title_in(u, NULL);
}

static int
keep_list(struct arena *a, const struct list *l, size_t size, void *to,
    size_t *n, struct err *e)
{
	void *p;

	*n = l->n;
	if (l->n == 0)
		return 0;
	if ((p = arena_alloc(a, l->n * size)) == NULL)
		return update_no_room(a, l->n * size, e);
	memcpy(p, l->p, l->n * size);
	memcpy(to, &p, sizeof(p));
	return 0;
}

#define KEEP(list, member)                                                     \
	keep_list(                                                             \
	    r->a, &r->list, sizeof(*u->member), &u->member, &u->n##member, e)

int
update_list_keep(struct update_reader *r, struct err *e)
{
	struct update *u = r->u;

	if (KEEP(prereqs, prereqs) == -1 || KEEP(bundled, bundled) == -1 ||
	    KEEP(superseded, superseded) == -1 || KEEP(titles, titles) == -1 ||
	    KEEP(kbs, kbs) == -1 || KEEP(bulletins, bulletins) == -1 ||
	    KEEP(langs, langs) == -1 || update_file_keep(r, e) == -1)
		return -1;
	u->title = choose_title(u);
	return 0;
}
