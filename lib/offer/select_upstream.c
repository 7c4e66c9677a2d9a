/* SPDX-License-Identifier: ISC */
/* Approvals of an upstream's groups, as fetch copied them or a transfer carried
   them: lines that the store keeps as they stand. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/near.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/offer/select_priv.h"
#include "lib/store/store.h"

/* An approval, or (group false) that an update is declined. */
struct approval {
	bool has_group;
	struct guid group;
	uint32_t revision;
	struct decide_upstream says;
};

struct group_name {
	struct guid id;
	const char *name; /* in the arena */
};

struct upstream {
	const struct facts *f;
	struct arena arena; /* owned */
	struct approval *v; /* owned; in the store's order */
	struct group_name *names; /* owned */
	size_t n, cap, nnames, cap_names;
	uint64_t odd; /* of an action or deadline that we do not know */
};

/* --- what stands in the store --- */

static enum rings_action
action_of(struct upstream *x, const char *word)
{
	static const struct {
		const char *word;
		enum rings_action action;
	} known[] = {{"install", RINGS_INSTALL}, {"uninstall", RINGS_UNINSTALL},
	    {"scan", RINGS_NONE}, {"block", RINGS_NONE}};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].word, word) == 0)
			return known[i].action;
	x->odd++;
	return RINGS_NONE;
}

/* As the upstream wrote it: UTC, with 'Z' or without. */
static void
read_deadline(struct upstream *x, struct decide_upstream *to, const char *text)
{
	char utc[STATE_MAX_WORD + 2];
	int n;

	if (*text == '\0' || to->action == RINGS_NONE)
		return;
	n = snprintf(utc, sizeof(utc), "%sZ", text);
	if (utc[n - 2] == 'Z')
		n--;
	to->has_by = utc_read(&to->by, utc, (size_t)n);
	x->odd += !to->has_by;
}

static int
add_name(struct upstream *x, const struct state_line *l, struct err *e)
{
	struct group_name *to;

	if (grow(&x->names, &x->cap_names, x->nnames, sizeof(*to), e) == -1)
		return -1;
	to = &x->names[x->nnames];
	to->id = l->group;
	to->name = arena_strndup(&x->arena, l->name, strlen(l->name));
	if (to->name == NULL)
		return err_set(e, E_LIMIT,
		    "names of the upstream's groups: over %zu bytes",
		    x->arena.max);
	x->nnames++;
	return 0;
}

static int
add_approval(struct upstream *x, const struct state_line *l, struct err *e)
{
	uint32_t u = facts_find(x->f, &l->id);
	struct approval *to;

	if (u == FACTS_NONE)
		return 0;
	if (grow(&x->v, &x->cap, x->n, sizeof(*to), e) == -1)
		return -1;
	to = &x->v[x->n++];
	*to = (struct approval){.has_group = l->has_group,
	    .group = l->group,
	    .revision = l->revision,
	    .says.update = u,
	    .says.declined = !l->has_group};
	if (!l->has_group)
		return 0;
	to->says.action = action_of(x, l->action);
	if (to->says.action == RINGS_INSTALL && l->optional)
		to->says.action = RINGS_OPTIONAL;
	read_deadline(x, &to->says, l->deadline);
	return 0;
}

static int
see_state(void *arg, const char *line, struct err *e)
{
	struct upstream *x = arg;
	struct err fault = ERR_INIT;
	struct state_line l;

	if (stop_check(e) == -1)
		return -1;
	/* Of a newer program, perhaps; who kept it has told. */
	if (state_read_line(&l, line, strlen(line), &fault) == -1 ||
	    l.type != STATE_APPROVAL)
		return 0;
	return l.has_id ? add_approval(x, &l, e) : add_name(x, &l, e);
}

/* --- of one group --- */

/* By its id, or by its name in any case. */
static bool
is_group(const struct upstream *x, const struct guid *id, const char *name)
{
	struct guid g;
	size_t i;

	if (guid_read(&g, name, strlen(name)))
		return guid_cmp(&g, id) == 0;
	for (i = 0; i < x->nnames; i++)
		if (guid_cmp(&x->names[i].id, id) == 0 &&
		    strcasecmp(x->names[i].name, name) == 0)
			return true;
	return false;
}

/* By update; the one that counts last: declined, the highest revision, the
   last line. */
static int
by_weight(const void *a, const void *b)
{
	const struct approval *x = *(const struct approval *const *)a;
	const struct approval *y = *(const struct approval *const *)b;

	if (x->says.update != y->says.update)
		return x->says.update < y->says.update ? -1 : 1;
	if (x->says.declined != y->says.declined)
		return x->says.declined ? 1 : -1;
	if (x->revision != y->revision)
		return x->revision < y->revision ? -1 : 1;
	return (x > y) - (x < y);
}

static int
gather(const struct upstream *x, struct select_group *to, struct err *e)
{
	const struct approval **v = calloc(x->n + 1, sizeof(*v));
	size_t n = 0, i;

	to->v = calloc(x->n + 1, sizeof(*to->v));
	if (v == NULL || to->v == NULL) {
		free(v);
		return err_nomem(e);
	}
	for (i = 0; i < x->n; i++)
		if (!x->v[i].has_group || is_group(x, &x->v[i].group, to->name))
			v[n++] = &x->v[i];
	sort_up(v, n, sizeof(*v), by_weight);
	for (i = 0; i < n; i++) {
		if (to->n > 0 && to->v[to->n - 1].update == v[i]->says.update)
			to->n--;
		to->v[to->n++] = v[i]->says;
	}
	free(v);
	return 0;
}

/* Is there such a group? */
static int
note_group(struct select *s, const struct upstream *x,
    const struct rings_ring *g, struct err *e)
{
	struct guid id;
	struct near near;
	size_t i;

	if (guid_read(&id, g->upstream, strlen(g->upstream)))
		return 0;
	near_begin(&near, g->upstream);
	for (i = 0; i < x->nnames; i++) {
		if (strcasecmp(x->names[i].name, g->upstream) == 0)
			return 0;
		near_try(&near, x->names[i].name);
	}
	if (near.best != NULL)
		return choose_note(&s->priv->notes, 0, "approve-upstream", e,
		    "ring '%s': approve-upstream: no group '%.200s' of the "
		    "upstream is known, nearest is '%.200s'",
		    g->name, g->upstream, near.best);
	return choose_note(&s->priv->notes, 0, "approve-upstream", e,
	    "ring '%s': approve-upstream: no group '%.200s' of the upstream "
	    "is known; 'wsusferry-fetch --copy-approvals' brings them",
	    g->name, g->upstream);
}

static int
select_group(
    struct select *s, const struct upstream *x, size_t ring, struct err *e)
{
	struct select_priv *p = s->priv;
	const struct rings_ring *g = s->v[ring].ring;
	struct select_group *to = p->groups;

	while (
	    to < p->groups + p->ngroups && strcmp(to->name, g->upstream) != 0)
		to++;
	if (to == p->groups + p->ngroups) {
		p->ngroups++;
		to->name = g->upstream;
		if (gather(x, to, e) == -1 || note_group(s, x, g, e) == -1)
			return -1;
	}
	s->v[ring].upstream = to->v;
	s->v[ring].nupstream = to->n;
	return 0;
}

int
select_upstream(struct select *s, struct err *e)
{
	struct upstream x = {
	    .f = s->priv->how.facts, .arena = ARENA_INIT((size_t)16 << 20)};
	size_t i;
	int r = 0;

	for (i = 0; i < s->n && s->v[i].ring->upstream == NULL; i++)
		;
	if (i < s->n)
		r = store_each_state(s->priv->how.store, see_state, &x, e);
	for (i = 0; r == 0 && i < s->n; i++)
		if (s->v[i].ring->upstream != NULL)
			r = select_group(s, &x, i, e);
	if (r == 0 && x.odd > 0)
		r = choose_note(&s->priv->notes, 0, "approve-upstream", e,
		    "%" PRIu64 " of the upstream's approvals have an action "
		    "or a deadline that is not known here, and do without",
		    x.odd);
	arena_free(&x.arena);
	free(x.v);
	free(x.names);
	return r;
}
