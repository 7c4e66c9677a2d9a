/* SPDX-License-Identifier: ISC */
/* An update for later, without what store_put() does not look at. */
#include <string.h>

#include "lib/base/arena.h"
#include "lib/store/store.h"

static bool
copy_str(struct arena *a, const char **s)
{
	if (*s != NULL)
		*s = arena_strndup(a, *s, strlen(*s));
	return *s != NULL;
}

/* What may be absent. */
static bool
copy_any(struct arena *a, const char **s)
{
	return *s == NULL || copy_str(a, s);
}

static bool
copy_strs(struct arena *a, const char ***v, size_t n)
{
	const char **to = arena_alloc(a, n * sizeof(*to));

	for (size_t i = 0; i < n; i++)
		if (to == NULL || (to[i] = (*v)[i]) == NULL ||
		    !copy_str(a, &to[i]))
			return false;
	*v = to;
	return to != NULL;
}

static void *
copy_mem(struct arena *a, const void *p, size_t n)
{
	void *to = arena_alloc(a, n);

	if (to != NULL && n != 0)
		memcpy(to, p, n);
	return to;
}

static bool
copy_files(struct arena *a, struct update *u)
{
	u->files = copy_mem(a, u->files, u->nfiles * sizeof(*u->files));
	for (size_t i = 0; u->files != NULL && i < u->nfiles; i++) {
		struct update_file *f = &u->files[i];

		if (!copy_str(a, &f->name) || !copy_any(a, &f->patching) ||
		    !copy_any(a, &f->modified))
			return false;
	}
	return u->files != NULL;
}

/* Kept of categories alone. */
static bool
copy_titles(struct arena *a, struct update *u)
{
	if (u->type != UPDATE_CATEGORY)
		u->ntitles = 0;
	u->titles = copy_mem(a, u->titles, u->ntitles * sizeof(*u->titles));
	for (size_t i = 0; u->titles != NULL && i < u->ntitles; i++) {
		struct update_title *t = &u->titles[i];

		t->description = NULL;
		if (!copy_any(a, &t->lang) || !copy_any(a, &t->title))
			return false;
	}
	return u->titles != NULL;
}

static bool
copy_refs(struct arena *a, struct update *u)
{
	u->prereqs = copy_mem(a, u->prereqs, u->nprereqs * sizeof(*u->prereqs));
	u->bundled = copy_mem(a, u->bundled, u->nbundled * sizeof(*u->bundled));
	u->superseded = copy_mem(
	    a, u->superseded, u->nsuperseded * sizeof(*u->superseded));
	return u->prereqs != NULL && u->bundled != NULL &&
	    u->superseded != NULL;
}

const struct update *
store_copy_update(const struct update *u, struct arena *a)
{
	struct update *to = copy_mem(a, u, sizeof(*u));

	return to != NULL && copy_any(a, &to->created) &&
		copy_any(a, &to->lang) && copy_any(a, &to->title) &&
		copy_any(a, &to->severity) && copy_any(a, &to->protocol) &&
		copy_any(a, &to->handler) && copy_refs(a, to) &&
		copy_files(a, to) && copy_titles(a, to) &&
		copy_strs(a, &to->kbs, to->nkbs) &&
		copy_strs(a, &to->bulletins, to->nbulletins) &&
		copy_strs(a, &to->langs, to->nlangs)
	    ? to
	    : NULL;
}
