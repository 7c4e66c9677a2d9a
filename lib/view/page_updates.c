/* SPDX-License-Identifier: ISC */
#include "lib/view/page_updates.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/words.h"
#include "lib/store/content.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"
#include "lib/view/here.h"
#include "lib/view/page_priv.h"

#define PRODUCTS 3 /* told of one update */
#define FILES 20 /* with links, in a tree */

void
page_updates_file(char to[PAGE_FILE_MAX], uint64_t number)
{
	if (number <= 1)
		(void)snprintf(to, PAGE_FILE_MAX, "index.html");
	else
		(void)snprintf(
		    to, PAGE_FILE_MAX, "page-%04" PRIu64 ".html", number);
}

/* Files of one update of a tree. */
struct files {
	struct page *p;
	const struct page_updates *u;
	unsigned n;
};

static int
put_file(void *arg, const struct store_file *f, struct err *e)
{
	struct files *x = arg;
	char name[CONTENT_NAME_MAX];
	bool present;

	if (x->n++ >= FILES)
		return 0;
	if (here_look(x->u->content, x->u->store, f, &present, e) == -1)
		return -1;
	if (!present)
		return 0;
	content_name(name, f->sha1, f->ext);
	page_printf(x->p, "<br><a href=\"%sContent/%s\">", x->p->root, name);
	page_text(x->p, *f->name != '\0' ? f->name : name);
	page_printf(x->p, "</a>, %s\n", words_size(f->size).s);
	return 0;
}

static void
put_links(struct page *p, const struct page_updates *u, int64_t row)
{
	struct files x = {p, u, 0};

	if (p->bad ||
	    !page_good(
		p, store_each_file_under(u->store, row, put_file, &x, p->e)))
		return;
	if (x.n > FILES)
		page_printf(
		    p, "<br>and %u more: see index.json\n", x.n - FILES);
}

static void
put_payload(struct page *p, const struct find_hit *h)
{
	if (h->files == 0) {
		page_put(p, "no payload");
		return;
	}
	page_printf(p, "%s, %s", words_count(h->files, "file").s,
	    words_size(h->bytes).s);
	if (h->absent > 0)
		page_printf(p,
		    " <span class=\"tag bad\">%" PRIu32 " absent</span>",
		    h->absent);
	if (h->left_out > 0)
		page_printf(p,
		    " <span class=\"tag warn\">%" PRIu32 " left out</span>",
		    h->left_out);
}

static void
put_title(
    struct page *p, const struct page_updates *u, const struct store_rev *r)
{
	const char *title = r->title != NULL ? r->title : "(no title)";
	char id[GUID_LEN + 1];

	guid_write(id, &r->id);
	if (!u->still)
		page_printf(p, "<a href=\"%supdate/%s\">", p->root, id);
	if (u->ask != NULL)
		page_marked(p, title, u->ask->words, u->ask->nwords);
	else
		page_text(p, title);
	if (!u->still)
		page_put(p, "</a>");
}

static void
put_row(struct page *p, const struct page_updates *u, const struct find_hit *h)
{
	struct store_rev r;

	if (p->bad || !page_good(p, store_rev(u->store, h->row, &r, p->e)))
		return;
	page_put(p, "<tr><th scope=\"row\">");
	put_title(p, u, &r);
	page_state(p, h->superseded, &r);
	if (u->still)
		put_links(p, u, h->row);
	page_put(p, "</th><td class=\"side\">");
	page_kbs(p, u->store, h->row, "");
	page_put(p, "</td><td class=\"side n\">");
	page_day(p, r.created);
	page_put(p, "</td><td class=\"side\">");
	page_titles(p, u->store, h->row, false, PRODUCTS);
	if (r.severity != NULL && strcasecmp(r.severity, "Unspecified") != 0) {
		page_printf(p, " <span class=\"tag%s\">",
		    strcasecmp(r.severity, "Critical") == 0 ? " bad" : "");
		page_text(p, r.severity);
		page_put(p, "</span>");
	}
	page_put(p, "</td><td class=\"side\">");
	page_titles(p, u->store, h->row, true, PRODUCTS);
	page_put(p, "</td><td class=\"side last\">");
	put_payload(p, h);
	page_put(p, "</td></tr>\n");
}

static void
put_nothing(struct page *p, const struct page_updates *u)
{
	if (u->ask == NULL ||
	    (u->ask->nwords == 0 && !page_is_filtered(u->ask))) {
		page_put(p, "<p>No update is held yet.</p>\n");
		return;
	}
	page_put(p, "<p>No update matches");
	if (u->ask->nwords > 0) {
		page_put(p, " <q>");
		page_text(p, u->ask->text);
		page_put(p, "</q>");
	}
	page_put(p, page_is_filtered(u->ask) ? " with these filters" : "");
	page_put(p,
	    ".</p>\n<p>Every word is looked for in titles, KB numbers and names"
	    " of files, in letters of either case; or give a whole GUID, SHA-1"
	    " or SHA-256.");
	if (page_is_filtered(u->ask)) {
		struct find_ask plain = {.nwords = 0};

		(void)find_words(&plain, u->ask->text);
		page_put(p, " ");
		page_ask_link(p, &plain, 1, "Search without the filters");
	}
	page_put(p, "</p>\n");
}

static void
put_way(struct page *p, const struct page_updates *u, uint64_t number,
    const char *label)
{
	char file[PAGE_FILE_MAX];

	if (number < 1 || number > u->pages || number == u->number)
		return;
	if (u->still) {
		page_updates_file(file, number);
		page_printf(p, "<a href=\"%s\">%s</a>\n", file, label);
	} else {
		page_ask_link(p, u->ask, number, label);
	}
}

static void
put_ways(struct page *p, const struct page_updates *u)
{
	if (u->pages < 2)
		return;
	page_put(
	    p, "<nav class=\"pages\" aria-label=\"Pages of this list\">\n");
	if (u->number > 2)
		put_way(p, u, 1, "First");
	put_way(p, u, u->number - 1, "Previous");
	page_printf(p, "<span>Page %" PRIu64 " of %" PRIu64 "</span>\n",
	    u->number, u->pages);
	put_way(p, u, u->number + 1, "Next");
	if (u->number + 1 < u->pages)
		put_way(p, u, u->pages, "Last");
	page_put(p, "</nav>\n");
}

void
page_updates(struct page *p, const struct page_updates *u)
{
	unsigned i;

	page_put(p, "<h1>Updates</h1>\n");
	if (u->find != NULL)
		page_form(p, u->find, u->ask);
	if (u->found == 0) {
		put_nothing(p, u);
		return;
	}
	page_printf(
	    p, "<table>\n<caption>%s", words_count(u->found, "update").s);
	if (u->find != NULL && u->ask != NULL)
		page_asked(p, u->find, u->ask);
	page_printf(p,
	    ", youngest first; page %" PRIu64 " of %" PRIu64
	    "</caption>\n<thead><tr><th scope=\"col\">Title</th>"
	    "<th scope=\"col\">KB</th><th scope=\"col\">Date</th>"
	    "<th scope=\"col\">Classification</th>"
	    "<th scope=\"col\">Products</th><th scope=\"col\">Payload</th>"
	    "</tr></thead>\n<tbody>\n",
	    u->number, u->pages);
	for (i = 0; i < u->nhits; i++)
		put_row(p, u, &u->hits[i]);
	page_put(p, "</tbody>\n</table>\n");
	put_ways(p, u);
}
