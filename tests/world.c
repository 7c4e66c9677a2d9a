/* SPDX-License-Identifier: ISC */
#include "tests/world.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/t.h"

static unsigned
any(unsigned n)
{
	return (unsigned)(t_random() % n);
}

static const char *
text(unsigned file)
{
	static const char texts[WORLD_FILES][WORLD_FILES + 3] = {"aaa", "bbbb",
	    "ccccc", "dddddd", "eeeeeee", "ffffffff", "ggggggggg",
	    "hhhhhhhhhh"};

	return texts[file];
}

/* Of those before it, so that there is no circle, or what nobody holds. */
static unsigned
another(unsigned id)
{
	unsigned n = any(4) == 0
	    ? WORLD_UPDATES + any(WORLD_IDS - WORLD_UPDATES) + 1
	    : any(id);

	return n == 0 ? WORLD_UPDATES + 1 : n;
}

static void
draw_update(struct world_node *u, unsigned id)
{
	*u = (struct world_node){.nneeds = any(3), .approved = any(2) == 0};
	for (unsigned i = 0; i < u->nneeds; i++)
		u->needs[i] = another(id);
	for (unsigned g = 0; g < 2; g++) {
		u->namong[g] = any(2) == 0 ? 0 : 1 + any(3);
		for (unsigned i = 0; i < u->namong[g]; i++)
			u->among[g][i] = another(id);
	}
	u->nbundles = any(3);
	for (unsigned i = 0; i < u->nbundles; i++) {
		u->bundles[i].id = another(id);
		u->bundles[i].revision = any(5) == 0 ? 2 : 1;
	}
	for (unsigned f = 0; f < WORLD_FILES; f++)
		u->files[f] = any(5) == 0;
}

static bool
is_held(unsigned id)
{
	return id <= WORLD_UPDATES;
}

static void
want(struct world *w, unsigned id)
{
	const struct world_node *u = &w->u[id];

	for (unsigned f = 0; f < WORLD_FILES; f++)
		w->wanted[f] = w->wanted[f] || u->files[f];
	for (unsigned i = 0; i < u->nbundles; i++)
		if (is_held(u->bundles[i].id) && u->bundles[i].revision == 1)
			want(w, u->bundles[i].id);
}

void
world_draw(struct world *w, unsigned round)
{
	bool good = round % 10 == 0, healthy = round % 3 == 0;

	for (unsigned id = 1; id <= WORLD_UPDATES; id++) {
		draw_update(&w->u[id], id);
		if (good)
			w->u[id].nneeds = w->u[id].nbundles =
			    w->u[id].namong[0] = w->u[id].namong[1] = 0;
		for (unsigned f = 0; f < WORLD_FILES; f++)
			w->named[f] = w->named[f] || w->u[id].files[f];
	}
	w->u[1 + any(WORLD_UPDATES)].approved = true;
	for (unsigned f = 0; f < WORLD_FILES; f++)
		w->fates[f] = good
		    ? (enum world_fate)(2 * any(2))
		    : (enum world_fate)any(healthy ? LOST : FATES);
	for (unsigned id = 1; id <= WORLD_UPDATES; id++)
		if (w->u[id].approved)
			want(w, id);
}

static void
put_update(struct store *s, const struct world_node *u, unsigned id)
{
	struct make m;

	make_update(&m, id, 1);
	for (unsigned i = 0; i < u->nneeds; i++)
		make_needs(&m, 0, u->needs[i]);
	for (unsigned g = 0; g < 2; g++)
		for (unsigned i = 0; i < u->namong[g]; i++)
			make_needs(&m, 40 + g, u->among[g][i]);
	for (unsigned i = 0; i < u->nbundles; i++)
		make_bundles(&m, u->bundles[i].id, u->bundles[i].revision);
	for (unsigned f = 0; f < WORLD_FILES; f++)
		if (u->files[f])
			make_file(&m, text(f), "p.cab");
	make_put_ok(s, &m);
}

static void
put_file(struct store *s, const struct world *w, unsigned f)
{
	struct err e = ERR_INIT;
	struct digest d;

	T_CALL(digest_mem(DIGEST_BOTH, text(f), strlen(text(f)), &d, &e), &e);
	if (w->fates[f] == LEFT_OUT)
		T_CALL(store_file_left_out(s, d.sha1, true, &e), &e);
	if (w->fates[f] == ABSENT || w->fates[f] == LEFT_OUT)
		return;
	make_here(s, w->dir, text(f), "cab");
	if (w->fates[f] == LOST)
		make_lost(w->dir, text(f), "cab");
	else if (w->fates[f] == SHORT || w->fates[f] == LONG)
		make_damaged(
		    w->dir, text(f), "cab", w->fates[f] == SHORT ? -1 : 1);
}

static void
put_policy(const struct world *w)
{
	char lines[64 * (WORLD_UPDATES + 1)] = "only-approved = yes\n";
	char hex[GUID_LEN + 1];
	struct guid id;

	for (unsigned i = 1; i <= WORLD_UPDATES; i++) {
		id = make_guid(i);
		guid_write(hex, &id);
		if (w->u[i].approved)
			snprintf(lines + strlen(lines),
			    sizeof(lines) - strlen(lines), "approve = %s\n",
			    hex);
	}
	make_text(w->policy, lines);
}

void
world_put(const struct world *w)
{
	struct store *s = make_begun(w->dir);

	for (unsigned id = 1; id <= WORLD_UPDATES; id++)
		put_update(s, &w->u[id], id);
	for (unsigned f = 0; f < WORLD_FILES; f++)
		if (w->named[f])
			put_file(s, w, f);
	make_commit(s);
	store_close(s);
	put_policy(w);
}

/* The model. */

struct count {
	struct lacking l;
	bool needs[WORLD_IDS + 1][3]; /* [id][revision], which 0 is for any */
};

static void
lack(struct count *c, unsigned id, uint32_t revision)
{
	c->l.lacks++;
	c->l.needs += !c->needs[id][revision];
	c->needs[id][revision] = true;
}

static void
count_update(struct count *c, const struct world_node *u)
{
	uint64_t before = c->l.lacks;
	bool one;

	for (unsigned i = 0; i < u->nneeds; i++)
		if (!is_held(u->needs[i]))
			lack(c, u->needs[i], 0);
	for (unsigned g = 0; g < 2; g++) {
		one = u->namong[g] == 0;
		for (unsigned i = 0; i < u->namong[g]; i++)
			one = one || is_held(u->among[g][i]);
		if (!one)
			lack(c, u->among[g][0], 0);
	}
	for (unsigned i = 0; i < u->nbundles; i++)
		if (!is_held(u->bundles[i].id) || u->bundles[i].revision != 1)
			lack(c, u->bundles[i].id, u->bundles[i].revision);
	c->l.revisions += c->l.lacks != before;
}

struct lacking
world_lacks(const struct world *w, bool policy, bool noted)
{
	struct count c = {.l = {.files = 0}};
	size_t size;
	bool out;

	for (unsigned id = 1; id <= WORLD_UPDATES; id++)
		count_update(&c, &w->u[id]);
	for (unsigned f = 0; f < WORLD_FILES; f++) {
		if (!w->named[f] || w->fates[f] == HERE)
			continue;
		size = strlen(text(f));
		out = policy ? !w->wanted[f] : w->fates[f] == LEFT_OUT;
		c.l.files += !out;
		c.l.bytes += out ? 0 : size;
		c.l.left_out += out;
		c.l.left_out_bytes += out ? size : 0;
		c.l.damaged += !out && !noted && w->fates[f] > LEFT_OUT;
	}
	return c.l;
}

bool
world_has_wrong(const struct world *w)
{
	for (unsigned f = 0; f < WORLD_FILES; f++)
		if (w->named[f] &&
		    (w->fates[f] == SHORT || w->fates[f] == LONG))
			return true;
	return false;
}
