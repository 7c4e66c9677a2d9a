/* SPDX-License-Identifier: ISC */
#include "lib/view/show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/update.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/store/ledger.h"
#include "lib/store/store_choose.h"
#include "lib/store/store_related.h"
#include "lib/store/store_show.h"
#include "lib/view/page_priv.h"
#include "lib/view/page_transfers.h"
#include "lib/view/show_priv.h"
#include "lib/view/status.h"

#define ARENA_MAX ((size_t)64 << 20)
#define DESCRIPTION_MAX 4000 /* bytes shown */

/* Of the language that the title is in, else any. */
static const char *
description_of(const struct update *u)
{
	const char *any = NULL;
	size_t i;

	for (i = 0; i < u->ntitles; i++) {
		if (u->titles[i].description == NULL)
			continue;
		if (u->title != NULL &&
		    strcmp(u->titles[i].title, u->title) == 0)
			return u->titles[i].description;
		if (any == NULL)
			any = u->titles[i].description;
	}
	return any;
}

/* Only where the document can be read; verify tells where it cannot. */
static void
read_description(struct show *x)
{
	struct arena a = ARENA_INIT(ARENA_MAX);
	struct update_reader *r = NULL;
	struct err ignored = ERR_INIT;
	struct buf doc = BUF_INIT;
	const char *text;
	struct update u;

	if (store_doc_read(x->store, x->rev.row, &doc, &ignored) == 0 &&
	    update_reader_open(&r, &update_default_limits, &ignored) == 0 &&
	    update_read(r, &u, &a, doc.p, doc.len, &ignored) == 0 &&
	    (text = description_of(&u)) != NULL)
		x->description = strndup(text, DESCRIPTION_MAX);
	update_reader_close(r);
	arena_free(&a);
	buf_free(&doc);
}

static int
copy(char **to, const char *s, struct err *e)
{
	if (s == NULL)
		return 0;
	*to = strdup(s);
	return *to == NULL ? err_nomem(e) : 0;
}

int
show_open(struct show *x, struct store *s, struct content *c,
    const struct guid *id, struct err *e)
{
	struct store_rev r;
	int64_t row;
	int found;

	*x = (struct show){.store = s, .content = c};
	if ((found = store_newest(s, id, &row, e)) != 1)
		return found;
	if (store_rev(s, row, &r, e) == -1)
		return -1;
	x->rev = r;
	if (copy(&x->title, r.title, e) == -1 ||
	    copy(&x->severity, r.severity, e) == -1 ||
	    copy(&x->created, r.created, e) == -1)
		return -1;
	x->rev.title = x->title;
	x->rev.severity = x->severity;
	x->rev.created = x->created;
	x->rev.kb = NULL;
	if ((found = store_is_shown(s, row, &x->superseded, &x->inner, e)) ==
	    -1)
		return -1;
	x->shown = found == 1;
	read_description(x);
	return 1;
}

void
show_free(struct show *x)
{
	free(x->title);
	free(x->severity);
	free(x->created);
	free(x->description);
	*x = (struct show){.store = NULL};
}

static void
begin_fact(struct page *p, const char *label)
{
	page_printf(p, "<dt>%s</dt><dd>", label);
}

static void
end_fact(struct page *p)
{
	page_put(p, "</dd>\n");
}

struct revisions {
	struct page *p;
	unsigned n;
};

static int
put_revision(void *arg, int64_t row, uint32_t revision, struct err *e)
{
	struct revisions *r = arg;

	(void)row, (void)e;
	page_printf(r->p, "%s%" PRIu32, r->n++ > 0 ? ", " : "", revision);
	return 0;
}

static void
put_revisions(struct page *p, struct show *x)
{
	struct revisions r = {.p = p};

	begin_fact(p, "Revisions held");
	if (!p->bad)
		(void)page_good(p,
		    store_each_revision(
			x->store, &x->rev.id, put_revision, &r, p->e));
	end_fact(p);
}

int
show_came(struct show *x, struct ledger_row *r, struct err *e)
{
	int64_t row;

	if (store_came_with(x->store, x->rev.row, &row, e) == -1)
		return -1;
	return row == 0 ? 0 : page_transfer_find(x->store, row, r, e);
}

static void
put_arrival(struct page *p, struct show *x)
{
	char name[STATUS_NAME_MAX], when[UTC_LEN + 1];
	struct ledger_row r;
	int found;

	if (p->bad)
		return;
	begin_fact(p, "Came with");
	found = show_came(x, &r, p->e);
	if (!page_good(p, found))
		return;
	if (found == 1) {
		status_transfer(name, &r);
		utc_write(when, r.time);
		page_printf(
		    p, "<a href=\"%stransfer/%" PRId64 "\">", p->root, r.row);
		page_text(p, name);
		page_printf(p, "</a> on %.10s", when);
	} else {
		page_put(p, "an upstream server");
	}
	end_fact(p);
}

static void
put_categories(struct page *p, struct show *x)
{
	if (!x->shown)
		return;
	begin_fact(p, "Classification");
	page_titles(p, x->store, x->rev.row, false, 20);
	end_fact(p);
	begin_fact(p, "Products");
	page_titles(p, x->store, x->rev.row, true, 100);
	end_fact(p);
}

static void
put_facts(struct page *p, struct show *x)
{
	char id[GUID_LEN + 1];

	guid_write(id, &x->rev.id);
	page_put(p, "<dl>\n");
	begin_fact(p, "KB");
	page_kbs(p, x->store, x->rev.row, "none");
	end_fact(p);
	begin_fact(p, "Kind");
	page_text(p, update_type_word(x->rev.type));
	end_fact(p);
	begin_fact(p, "State");
	page_text(p, store_show_state(x->superseded, &x->rev));
	end_fact(p);
	put_categories(p, x);
	if (x->severity != NULL) {
		begin_fact(p, "Severity");
		page_text(p, x->severity);
		end_fact(p);
	}
	begin_fact(p, "Created");
	page_day(p, x->created);
	end_fact(p);
	begin_fact(p, "UpdateID");
	page_printf(p, "<code>%s</code>", id);
	end_fact(p);
	put_revisions(p, x);
	put_arrival(p, x);
	page_put(p, "</dl>\n");
}

void
show_page(struct page *p, struct show *x)
{
	page_put(p, "<h1>");
	page_text(p, x->title != NULL ? x->title : "(no title)");
	page_state(p, x->superseded, &x->rev);
	page_put(p, "</h1>\n");
	if (x->description != NULL) {
		page_put(p, "<p>");
		page_text(p, x->description);
		page_put(p, "</p>\n");
	}
	put_facts(p, x);
	show_files(p, x);
	show_relations(p, x);
}
