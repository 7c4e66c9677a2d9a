/* SPDX-License-Identifier: ISC */
#include "formats/rings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "formats/rings_priv.h"
#include "lib/base/err.h"
#include "lib/base/sort.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static_assert(RINGS_NKEYS <= COUNT(((struct rings_ring *)NULL)->seen),
    "the count in the header");

enum where { ANYWHERE, BEFORE, INSIDE };

static const struct {
	const char *name;
	enum where where;
	bool single;
} keys[RINGS_SUPERSEDED] = {
    [RINGS_TEXTS] = {"texts", BEFORE, true},
    [RINGS_RING] = {"ring", ANYWHERE, false},
    [RINGS_NETWORK] = {"network", INSIDE, false},
    [RINGS_CLIENT] = {"client", INSIDE, false},
    [RINGS_GROUP] = {"target-group", INSIDE, false},
    [RINGS_INHERIT] = {"inherit", INSIDE, true},
    [RINGS_UPSTREAM] = {"approve-upstream", ANYWHERE, true},
    [RINGS_LIST] = {"approve-list", ANYWHERE, true},
    [RINGS_ACTION] = {"action", ANYWHERE, true},
    [RINGS_DELAY] = {"delay", ANYWHERE, true},
    [RINGS_DEADLINE] = {"deadline", ANYWHERE, true},
    [RINGS_FREEZE] = {"freeze", ANYWHERE, false},
    [RINGS_WATCH] = {"watch", ANYWHERE, true},
    [RINGS_APPROVE] = {"approve", ANYWHERE, false},
    [RINGS_EULA] = {"accept-eula", ANYWHERE, false},
};

/* Of the policy's keys those that say what a ring selects. */
static const char *const selection[] = {"product", "family", "product-exclude",
    "classification", "title", "title-exclude", "kb", "kb-exclude",
    "architecture", "language", "superseded", "decline"};

static const char *
key_name(size_t i, const void *arg)
{
	(void)arg;
	if (i < COUNT(keys))
		return keys[i].name;
	i -= COUNT(keys);
	return i < COUNT(selection) ? selection[i] : NULL;
}

static bool
is_key(struct policy_span key, const char *name)
{
	return strlen(name) == key.n && memcmp(key.s, name, key.n) == 0;
}

static int
policy_setting(struct rings_reader *r, size_t i, const struct policy_line *l,
    struct err *e)
{
	const char *name = policy_keys[i].name;
	struct policy_line at = *l;
	size_t k;

	if (strcmp(name, "max-age") == 0)
		return err_set(e, E_FORMAT,
		    "%s: max-age: not in a ring, where an approval would end "
		    "by itself",
		    l->place);
	for (k = 0; k < COUNT(selection); k++)
		if (strcmp(selection[k], name) == 0)
			break;
	if (k == COUNT(selection))
		return err_set(e, E_FORMAT,
		    "%s: %s: a key of policies, not of rings", l->place, name);
	if (l->value.n > 0)
		policy_set_place(&at, (size_t)(l->value.s - l->start) + 1);
	if (policy_put(&r->policy, i, &at, e) == -1)
		return -1;
	if (strcmp(name, "superseded") == 0)
		r->at->seen[RINGS_SUPERSEDED] = l->line;
	return 0;
}

static int
setting(void *arg, const struct policy_line *l, struct err *e)
{
	struct rings_reader *r = arg;
	bool before = r->at == &r->r->all;
	size_t i;

	for (i = 0; i < COUNT(keys); i++)
		if (is_key(l->key, keys[i].name))
			break;
	if (i == COUNT(keys)) {
		i = policy_find(l->key);
		if (i == POLICY_NKEYS)
			return policy_unknown(
			    l, "key", l->key, key_name, NULL, e);
		return policy_setting(r, i, l, e);
	}
	if (keys[i].where == BEFORE && !before)
		return err_set(e, E_FORMAT,
		    "%s: %s: expected before the first ring, found in ring "
		    "'%s'",
		    l->place, keys[i].name, r->at->name);
	if (keys[i].where == INSIDE && before)
		return err_set(e, E_FORMAT,
		    "%s: %s: expected in a ring, found before the first",
		    l->place, keys[i].name);
	if (policy_check_value(
		l, keys[i].name, keys[i].single, &r->at->seen[i], e) == -1)
		return -1;
	return rings_value(r, (enum rings_key)i, l, e);
}

/* --- what only a whole file shows --- */

bool
rings_selects(const struct rings_ring *g)
{
	const struct policy *p = &g->select;

	return p->products.n > 0 || p->families.n > 0 || p->kbs.n > 0 ||
	    p->titles.n > 0 || g->list != NULL;
}

static int
check_action(const struct rings_ring *g, struct err *e)
{
	unsigned line = g->seen[RINGS_ACTION];

	if (line == 0)
		return 0;
	if (!rings_selects(g))
		return err_set(e, E_FORMAT,
		    "line %u: action: ring '%s' has no product, family, kb, "
		    "title or approve-list, and would select nothing",
		    line, g->name);
	if (g->action == RINGS_UNINSTALL && g->select.kbs.n == 0 &&
	    g->list == NULL)
		return err_set(e, E_FORMAT,
		    "line %u: action: ring '%s' has no kb or approve-list, "
		    "and only what these name is uninstalled",
		    line, g->name);
	return 0;
}

struct claim {
	const struct policy_word *word;
	const struct rings_ring *ring;
};

static int
by_name(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int c = strcasecmp(x->word->text, y->word->text);

	return c != 0
	    ? c
	    : (x->word->line > y->word->line) - (x->word->line < y->word->line);
}

static int
check_claims(struct claim *c, size_t n, struct err *e)
{
	size_t i;

	sort_up(c, n, sizeof(*c), by_name);
	for (i = 1; i < n; i++)
		if (c[i].ring != c[i - 1].ring &&
		    strcasecmp(c[i].word->text, c[i - 1].word->text) == 0)
			return err_set(e, E_FORMAT,
			    "line %u: target-group: '%s' belongs to ring '%s' "
			    "already, in line %u",
			    c[i].word->line, c[i].word->text,
			    c[i - 1].ring->name, c[i - 1].word->line);
	return 0;
}

static int
check_groups(const struct rings *r, struct err *e)
{
	struct claim *c;
	size_t i, k, n = 0;
	int got;

	for (i = 0; i < r->n; i++)
		n += r->v[i].groups.n;
	if (n == 0)
		return 0;
	if ((c = calloc(n, sizeof(*c))) == NULL)
		return err_nomem(e);
	for (n = 0, i = 0; i < r->n; i++)
		for (k = 0; k < r->v[i].groups.n; k++)
			c[n++] = (struct claim){&r->v[i].groups.v[k], &r->v[i]};
	got = check_claims(c, n, e);
	free(c);
	return got;
}

/* In the order of the file, so that what is inherited is whole. */
static int
settle(struct rings *r, struct err *e)
{
	struct rings_ring *g;
	size_t i;

	for (i = 0; i < r->n; i++) {
		g = &r->v[i];
		if (rings_merge(g,
			g->inherits >= 0 ? &r->v[g->inherits] : &r->all,
			e) == -1)
			return -1;
		if (g->seen[RINGS_ACTION] == 0 && g->list != NULL)
			g->action = RINGS_INSTALL;
		if (check_action(g, e) == -1)
			return -1;
	}
	return check_groups(r, e);
}

/* One for rings_default(). */
static int
make_room(struct rings *r, struct err *e)
{
	r->v = calloc(RINGS_MAX + 1, sizeof(*r->v));
	return r->v == NULL ? err_nomem(e) : 0;
}

int
rings_default(struct rings *r, struct err *e)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->v[i].name, RINGS_DEFAULT) == 0)
			return 0;
	if (r->v == NULL && make_room(r, e) == -1)
		return -1;
	r->v[r->n++] = (struct rings_ring){.name = RINGS_DEFAULT,
	    .select = POLICY_INIT,
	    .inherits = -1,
	    .deadline = RINGS_NO_DAYS};
	return 0;
}

int
rings_read(struct rings *r, const void *text, size_t n, struct err *e)
{
	struct rings_reader in = {.r = r, .at = &r->all};

	in.policy.p = &r->all.select;
	r->all.inherits = -1;
	r->all.deadline = RINGS_NO_DAYS;
	if (make_room(r, e) == -1)
		return -1;
	if (policy_lines(text, n, true, setting, &in, e) == -1)
		return -1;
	return settle(r, e);
}

void
rings_free(struct rings *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		policy_free(&r->v[i].select);
	free(r->v);
	policy_free(&r->all.select);
	*r = (struct rings)RINGS_INIT;
}
