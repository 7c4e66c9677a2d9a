/* SPDX-License-Identifier: ISC */
/* Payload out of a container: of a tar in its order, of an image as it lies. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/transfer/container_priv.h"
#include "lib/transfer/transfer.h"

static int
text_cmp(const void *name, const void *entry)
{
	return strcmp(name, *(const char *const *)entry);
}

static int
file_cmp(const void *name, const void *file)
{
	return strcmp(name, ((const struct transfer_file *)file)->name);
}

static bool
is_declared(const struct container *c, const char *name)
{
	for (size_t i = 0; i < c->ntags; i++)
		if (strcmp(c->tags[i].name, name) == 0)
			return true;
	return strcmp(name, BAG_TAGMANIFEST) == 0 || bag_is_signature(name) ||
	    sort_find(name, c->files, c->nfiles, sizeof(*c->files), file_cmp) !=
	    NULL;
}

/* No file that belongs here. */
static void
tell_stranger(const struct container *c, const char *next)
{
	const char *name = container_name(c);

	if (!is_declared(c, name))
		log_finding(c->log, E_FORMAT, name, E_NO_OFFSET,
		    "undeclared: no manifest names it");
	else if (next != NULL)
		log_finding(c->log, E_FORMAT, name, E_NO_OFFSET,
		    "not in its place in the tar, or there twice: expected %s "
		    "next",
		    next);
	else
		log_finding(c->log, E_FORMAT, name, E_NO_OFFSET,
		    "not in its place in the tar, or there twice: expected "
		    "its end");
}

/* The place of the member among the names, or n. */
static size_t
place_of(const struct container *c, const struct container_order *o)
{
	const char *const *at = sort_find(
	    container_name(c), o->names, o->n, sizeof(*o->names), text_cmp);

	return at == NULL ? o->n : (size_t)(at - o->names);
}

static bool
is_over(const struct container *c, const struct container_order *o)
{
	return o->tags &&
	    strncmp(container_name(c), "data/", strlen("data/")) == 0;
}

int
container_in_order(
    struct container *c, const struct container_order *o, struct err *e)
{
	size_t next = 0, i;
	int r = 0;

	/* A fault that ended it was told by whoever read then. */
	while (!c->dead && (r = container_next(c, e)) == 1 && !is_over(c, o)) {
		if (!container_is_file(c)) {
			container_pass(c);
			continue;
		}
		i = place_of(c, o);
		if (i == o->n || i < next) {
			tell_stranger(c, next < o->n ? o->names[next] : NULL);
			container_pass(c);
			continue;
		}
		if (o->seen != NULL)
			o->seen[i] = true;
		next = i + 1;
		if (o->take(o->arg, i, e) == -1)
			return -1;
	}
	return r == -1 ? -1 : 0;
}

/* What comes out of it now. */
struct running {
	struct container *c;
	const struct payload *p;
	const struct payload_item *const *items; /* by name */
	const char **names; /* owned: as the first piece is called */
	bool *seen; /* owned */
	size_t n;
};

/* In pieces: the first one is what comes next, and the others follow it. */
static int
take_item(void *arg, size_t i, struct err *e)
{
	struct running *r = arg;
	const struct payload_item *it = r->items[i];
	struct src s = SRC_INIT;

	if (it->npieces != 0)
		return payload_flow_join(r->p, it, e);
	container_src(r->c, &s);
	if (payload_flow_take(r->p, it, &s, e) == -1)
		return -1;
	container_pass(r->c);
	return 0;
}

static const char *
item_name(const struct payload_item *it)
{
	return it->npieces != 0 ? it->pieces[0].name : it->name;
}

static int
item_cmp(const void *a, const void *b)
{
	return strcmp(item_name(*(const struct payload_item *const *)a),
	    item_name(*(const struct payload_item *const *)b));
}

/* A fault of the container is one of the transfer, and ends the reading. */
static int
tell_fault(struct container *c, struct err *fault, struct err *e)
{
	if (fault->kind == E_FORMAT || fault->kind == E_LIMIT) {
		log_finding_err(c->log, NULL, fault);
		return 0;
	}
	*e = *fault;
	return -1;
}

static int
run_tar(struct running *r, struct err *e)
{
	const struct container_order o = {.names = r->names,
	    .n = r->n,
	    .take = take_item,
	    .arg = r,
	    .seen = r->seen};
	struct err fault = ERR_INIT;

	if (r->c->dead)
		return 0;
	if (container_in_order(r->c, &o, &fault) == -1)
		return tell_fault(r->c, &fault, e);
	for (size_t i = 0; !r->c->dead && i < r->n; i++)
		if (!r->seen[i])
			log_finding(r->c->log, E_MISSING, r->names[i],
			    E_NO_OFFSET, "absent, though %s declares it",
			    BAG_MANIFEST);
	return 0;
}

/* Those that are whole, as they lie; then those in pieces, of which each is
   looked for. */
static int
run_image(struct running *r, struct err *e)
{
	struct container_order o = {.names = r->names, .n = r->n};
	size_t i;
	int got = 0;

	if (container_again(r->c, e) == -1)
		return -1;
	while (!r->c->dead && (got = container_next(r->c, e)) == 1) {
		i = place_of(r->c, &o);
		if (i == r->n || r->seen[i] || r->items[i]->npieces != 0 ||
		    r->c->at.type != PATH_FILE) {
			container_pass(r->c);
			continue;
		}
		r->seen[i] = true;
		if (take_item(r, i, e) == -1)
			return -1;
	}
	for (i = 0; got == 0 && !r->c->dead && i < r->n; i++)
		if (r->items[i]->npieces != 0)
			got = payload_flow_join(r->p, r->items[i], e);
		else if (!r->seen[i])
			log_finding(r->c->log, E_FORMAT, r->names[i],
			    E_NO_OFFSET, "it was there, and is not any more");
	return got;
}

int
container_run(struct payload_flow *f, const struct payload *p,
    struct payload_item *const *items, size_t n, struct err *e)
{
	struct container *c = (struct container *)(void *)f;
	const struct payload_item **sorted = calloc(n + 1, sizeof(*sorted));
	struct running r = {.c = c,
	    .p = p,
	    .names = calloc(n + 1, sizeof(*r.names)),
	    .seen = calloc(n + 1, sizeof(*r.seen)),
	    .n = n};
	struct err fault = ERR_INIT;
	int got;

	if (sorted == NULL || r.names == NULL || r.seen == NULL) {
		got = err_nomem(e);
	} else {
		for (size_t i = 0; i < n; i++)
			sorted[i] = items[i];
		sort_up(sorted, n, sizeof(*sorted), item_cmp);
		for (size_t i = 0; i < n; i++)
			r.names[i] = item_name(sorted[i]);
		r.items = sorted;
		got = container_flows(c) ? run_tar(&r, e)
					 : run_image(&r, &fault);
		if (got == -1 && !container_flows(c))
			got = tell_fault(c, &fault, e);
	}
	free(sorted);
	free(r.names);
	free(r.seen);
	return got;
}

/* A piece: in a tar the one that comes next. */
int
container_seek(
    struct payload_flow *f, const char *name, struct src *s, struct err *e)
{
	struct container *c = (struct container *)(void *)f;
	int r = container_find(c, name, e);

	if (r == 0)
		return err_set(e, E_MISSING, "it is not there");
	if (r == -1)
		return -1;
	container_src(c, s);
	return 0;
}

static int
take_nothing(void *arg, size_t i, struct err *e)
{
	(void)arg, (void)i, (void)e;
	return 0;
}

int
container_finish(struct container *c, struct err *e)
{
	const struct container_order none = {.take = take_nothing};
	struct err fault = ERR_INIT;

	if (!container_flows(c) || c->dead || c->ended)
		return 0;
	if (container_in_order(c, &none, &fault) == -1)
		return tell_fault(c, &fault, e);
	return 0;
}
