/* SPDX-License-Identifier: ISC */
/* What an update has to do with others, with links. */
#include <inttypes.h>

#include "lib/base/err.h"
#include "lib/base/words.h"
#include "lib/store/store_related.h"
#include "lib/view/find.h"
#include "lib/view/page_priv.h"
#include "lib/view/show.h"
#include "lib/view/show_priv.h"

#define MOST 200 /* of one kind */

struct list {
	struct page *p;
	const char *heading;
	unsigned n;
	int64_t group; /* of alternatives, the last one seen; -1 */
};

static void
put_name(struct page *p, const struct store_related *r)
{
	char id[GUID_LEN + 1];

	guid_write(id, &r->id);
	if (r->row == 0) {
		page_printf(p, "<code>%s</code>", id);
		if (r->revision != 0)
			page_printf(p, " revision %" PRIu32, r->revision);
		page_put(p, " <span class=\"tag bad\">not held</span>");
		return;
	}
	page_printf(p, "<a href=\"%supdate/%s\">", p->root, id);
	page_text(p, r->title != NULL ? r->title : id);
	page_put(p, "</a>");
	if (r->category)
		page_put(p, " <span class=\"dim\">(category)</span>");
}

static int
put(void *arg, const struct store_related *r, struct err *e)
{
	struct list *l = arg;
	struct page *p = l->p;

	(void)e;
	if (l->n++ == 0)
		page_printf(p, "<h2>%s</h2>\n<ul>\n", l->heading);
	if (l->n > MOST)
		return 0;
	page_put(p, "<li>");
	if (r->any)
		page_put(p, l->group == (int64_t)r->group ? "or " : "one of: ");
	l->group = r->any ? (int64_t)r->group : -1;
	put_name(p, r);
	page_put(p, "</li>\n");
	return p->bad ? 1 : 0;
}

struct ties {
	struct show *x;
	enum store_relation k;
	int (*each)(void *arg, const struct store_related *r, struct err *e);
	void *arg;
};

static int
try_row(void *arg, int64_t row, struct err *e)
{
	const struct ties *t = arg;

	return store_related_by(
	    t->x->store, &t->x->rev, t->k, row, t->each, t->arg, e);
}

int
show_each_related(struct show *x, enum store_relation k,
    int (*each)(void *arg, const struct store_related *r, struct err *e),
    void *arg, struct err *e)
{
	struct ties t = {x, k, each, arg};

	if (x->find == NULL || (k != STORE_REL_NEWER && k != STORE_REL_INSIDE))
		return store_each_related(x->store, &x->rev, k, each, arg, e);
	return find_each_tie(x->find, k, &x->rev.id, try_row, &t, e);
}

void
show_relations(struct page *p, struct show *x)
{
	const struct {
		enum store_relation k;
		const char *heading;
		bool asked;
	} rows[] = {
	    {STORE_REL_NEWER, "Superseded by", x->superseded},
	    {STORE_REL_OLDER, "Supersedes", true},
	    {STORE_REL_INSIDE, "Part of", x->inner},
	    {STORE_REL_HOLDS, "Consists of", true},
	    {STORE_REL_NEEDS, "Needs", true},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct list l = {
		    .p = p, .heading = rows[i].heading, .group = -1};

		if (!rows[i].asked || p->bad ||
		    !page_good(
			p, show_each_related(x, rows[i].k, put, &l, p->e)))
			continue;
		if (l.n > MOST)
			page_printf(p, "<li>and %u more</li>\n", l.n - MOST);
		if (l.n > 0)
			page_put(p, "</ul>\n");
	}
}
