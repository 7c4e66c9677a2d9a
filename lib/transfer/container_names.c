/* SPDX-License-Identifier: ISC */
/* What stands in an image, and where in it the transfer is. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/transfer/container_priv.h"

#define MAX_NAMES 1000000 /* of an image */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct container_name *)a)->name,
	    ((const struct container_name *)b)->name);
}

static int
name_cmp(const void *name, const void *entry)
{
	return strcmp(name, ((const struct container_name *)entry)->name);
}

static int
add_name(struct container *c, struct err *e)
{
	struct container_name *n;

	if (c->nnames == MAX_NAMES)
		return err_set(e, E_LIMIT, "more than %d names", MAX_NAMES);
	if (grow(&c->names, &c->capnames, c->nnames, sizeof(*n), e) == -1)
		return -1;
	n = &c->names[c->nnames++];
	*n = (struct container_name){
	    .name = arena_strndup(&c->arena, c->at.name, strlen(c->at.name)),
	    .size = c->at.size,
	    .type = c->at.type};
	return n->name != NULL
	    ? 0
	    : err_set(e, E_LIMIT, "more than %zu bytes of names", c->arena.max);
}

static bool
has_name(const struct container *c, const char *name)
{
	return sort_find(name, c->names, c->nnames, sizeof(*c->names),
		   name_cmp) != NULL;
}

/* The image itself, or a folder in it, is the transfer. */
static int
find_base(struct container *c, struct err *e)
{
	static const char tag[] = "/" BAG_TAGMANIFEST;
	size_t found = 0, n;

	if (has_name(c, BAG_TAGMANIFEST))
		return 0;
	for (size_t i = 0; i < c->nnames; i++) {
		const char *name = c->names[i].name, *slash = strchr(name, '/');

		if (slash == NULL || strcmp(slash, tag) != 0)
			continue;
		found++;
		n = (size_t)(slash - name) + 1;
		memcpy(c->base, name, n);
		c->base[n] = '\0';
	}
	if (found == 1)
		return 0;
	return found == 0
	    ? err_set(e, E_USAGE,
		  "no transfer in this image: no %s in it, nor in a folder of "
		  "it; an image is made with Rock Ridge or Joliet names",
		  BAG_TAGMANIFEST)
	    : err_set(e, E_USAGE,
		  "%zu transfers in this image: mount it, and name one", found);
}

/* What is beneath the base, without it. */
static int
strip_base(struct container *c, struct err *e)
{
	size_t n = strlen(c->base), kept = 0;

	for (size_t i = 0; i < c->nnames; i++) {
		if (strncmp(c->names[i].name, c->base, n) != 0 ||
		    c->names[i].name[n] == '\0')
			continue;
		c->names[kept] = c->names[i];
		c->names[kept++].name += n;
	}
	c->nnames = kept;
	sort_up(c->names, kept, sizeof(*c->names), by_name);
	for (size_t i = 1; i < kept; i++)
		if (by_name(&c->names[i - 1], &c->names[i]) == 0)
			return err_set(e, E_FORMAT,
			    "%s: there are two of this name in the image",
			    c->names[i].name);
	return 0;
}

int
container_read_names(struct container *c, struct err *e)
{
	int r;

	while ((r = container_next(c, e)) == 1) {
		if (strcmp(c->at.name, ".") != 0 && add_name(c, e) == -1)
			return -1;
		container_pass(c);
	}
	if (r == -1)
		return -1;
	sort_up(c->names, c->nnames, sizeof(*c->names), by_name);
	return find_base(c, e) == -1 ? -1 : strip_base(c, e);
}
