/* SPDX-License-Identifier: ISC */
#include "tests/plan_say.h"

#include "lib/store/plan.h"
#include "lib/store/store.h"
#include "tests/store_make.h"
#include "tests/t.h"

static int
note_left(void *arg, const struct plan_left *l, struct err *e)
{
	(void)e;
	make_note(arg, "-%u.%u(%s %u%s", l->id.b[15], l->revision,
	    l->bundled	 ? "bundles"
		: l->any ? "needs one,"
			 : "needs",
	    l->needs.b[15], l->held ? " held" : "");
	if (l->needs_revision != 0)
		make_note(arg, " revision %u", l->needs_revision);
	make_note(arg, ") ");
	return 0;
}

const char *
plan_say(struct store *s, const struct selection *sel)
{
	static struct make_notes g;
	struct err e = ERR_INIT;
	struct plan p;
	uint32_t k;
	size_t i;

	g.text[0] = '\0';
	if (plan_make(&p, s, sel, note_left, &g, &e) == -1) {
		make_note(&g, "%d: %s", e.kind, e.msg);
		return g.text;
	}
	for (i = 0; i < p.n; i++) {
		make_note(
		    &g, "%u.%u", p.items[i].id.b[15], p.items[i].revision);
		for (k = 0; k < p.items[i].nedges; k++)
			make_note(&g, "%s%u", k == 0 ? "<" : ",",
			    p.edges[p.items[i].edge + k]);
		make_note(&g, " ");
	}
	plan_free(&p);
	return g.text;
}
