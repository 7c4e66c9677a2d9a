/* SPDX-License-Identifier: ISC */
#include "lib/view/page_transfers.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/words.h"
#include "lib/store/ledger.h"
#include "lib/view/page_priv.h"
#include "lib/view/status.h"

#define MOST 500 /* on the page; the latest */

struct rows {
	struct ledger_row *v; /* owned */
	size_t n, cap;
};

static int
keep(void *arg, const struct ledger_row *r, struct err *e)
{
	struct rows *rows = arg;

	if (grow(&rows->v, &rows->cap, rows->n, sizeof(*rows->v), e) == -1)
		return -1;
	rows->v[rows->n++] = *r;
	return 0;
}

static const char *
happened(const struct ledger_row *r)
{
	if (r->kind == LEDGER_EXPORT)
		return r->state == LEDGER_WRITTEN ? "exported"
						  : "being exported";
	if (r->kind == LEDGER_FETCH)
		return "fetched";
	return r->state == LEDGER_IMPORTED ? "imported" : "being imported";
}

static void
put_time(struct page *p, int64_t t)
{
	char when[UTC_LEN + 1];

	utc_write(when, t);
	page_printf(p, "%.10s %.5s UTC", when, when + 11);
}

static void
put_row(struct page *p, const struct ledger_row *r)
{
	char name[STATUS_NAME_MAX];

	status_transfer(name, r);
	page_printf(p,
	    "<tr><th scope=\"row\"><a href=\"%stransfer/%" PRId64 "\">",
	    p->root, r->row);
	page_text(p, name);
	page_printf(p, "</a></th><td class=\"side\">%s</td>", happened(r));
	page_put(p, "<td class=\"side n\">");
	put_time(p, r->time);
	page_printf(p, "</td><td class=\"side\">%s</td>",
	    words_count(r->revisions, "revision").s);
	page_printf(p, "<td class=\"side last\">%s, %s</td></tr>\n",
	    words_count(r->files, "file").s, words_size(r->bytes).s);
}

void
page_transfers(struct page *p, struct store *s)
{
	struct rows rows = {.v = NULL};
	size_t i;

	page_put(p, "<h1>Transfers</h1>\n");
	if (p->bad || !page_good(p, ledger_each(s, keep, &rows, p->e))) {
		free(rows.v);
		return;
	}
	if (rows.n == 0)
		page_put(p,
		    "<p>Nothing came by a transfer or a package yet, and"
		    " nothing left by one.</p>\n");
	else
		page_printf(p,
		    "<table>\n<caption>%s, the latest first</caption>\n<thead>"
		    "<tr><th scope=\"col\">Name</th><th scope=\"col\">What"
		    "</th><th scope=\"col\">When</th><th scope=\"col\">"
		    "Revisions</th><th scope=\"col\">Payload</th></tr></thead>"
		    "\n<tbody>\n",
		    words_count(rows.n, "transfer").s);
	for (i = rows.n; i > 0 && rows.n - i < MOST; i--)
		put_row(p, &rows.v[i - 1]);
	if (rows.n > 0)
		page_put(p, "</tbody>\n</table>\n");
	if (rows.n > MOST)
		page_printf(p,
		    "<p>%zu older ones are not shown: <code>wsusferry-list"
		    " transfers</code> has them.</p>\n",
		    rows.n - MOST);
	free(rows.v);
}

static void
put_fact(struct page *p, const char *label, const char *value)
{
	page_printf(p, "<dt>%s</dt><dd>", label);
	page_text(p, value);
	page_put(p, "</dd>\n");
}

static void
put_origin(struct page *p, const struct ledger_row *r)
{
	char text[2 * SHA256_LEN + 1];

	if (r->kind == LEDGER_FETCH) {
		put_fact(p, "Signature", "none: an upstream server sent it");
	} else if (r->kind == LEDGER_PACKAGE) {
		put_fact(p, "Signature",
		    "none: a package of wsusutil, imported as unsigned");
	} else {
		page_printf(
		    p, "<dt>Number</dt><dd>%" PRIu64 "</dd>\n", r->sequence);
		if (r->base != 0)
			page_printf(p,
			    "<dt>Builds on</dt><dd>number %" PRIu64 "</dd>\n",
			    r->base);
		put_fact(
		    p, "For", *r->destination != '\0' ? r->destination : "any");
		put_fact(p, "Signed with", *r->key != '\0' ? r->key : "no key");
	}
	if (!r->has_tag)
		return;
	hex_lower(text, r->tag, SHA256_LEN);
	page_printf(p, "<dt>SHA-256 of the %s</dt><dd><code>%s</code></dd>\n",
	    r->kind == LEDGER_PACKAGE ? "cabinets" : "tag manifest", text);
}

void
page_transfer(struct page *p, const struct ledger_row *r)
{
	char name[STATUS_NAME_MAX];

	status_transfer(name, r);
	page_put(p, "<h1>");
	page_text(p, name);
	page_printf(p, "</h1>\n<dl>\n<dt>What</dt><dd>%s</dd>\n", happened(r));
	page_put(p, "<dt>When</dt><dd>");
	put_time(p, r->time);
	page_put(p, "</dd>\n");
	if (*r->where != '\0')
		put_fact(p,
		    r->kind == LEDGER_PACKAGE	  ? "File"
			: r->kind == LEDGER_FETCH ? "Server"
						  : "Folder",
		    r->where);
	page_printf(p, "<dt>Carried</dt><dd>%s, ",
	    words_count(r->revisions, "revision").s);
	page_printf(p, "%s (%s)</dd>\n", words_count(r->files, "file").s,
	    words_size(r->bytes).s);
	put_origin(p, r);
	page_put(p, "</dl>\n");
}

struct wanted {
	int64_t row;
	struct ledger_row *to;
	bool found;
};

static int
see(void *arg, const struct ledger_row *r, struct err *e)
{
	struct wanted *w = arg;

	(void)e;
	if (r->row == w->row) {
		*w->to = *r;
		w->found = true;
	}
	return 0;
}

int
page_transfer_find(
    struct store *s, int64_t row, struct ledger_row *r, struct err *e)
{
	struct wanted w = {.row = row, .to = r};

	return ledger_each(s, see, &w, e) == -1 ? -1 : w.found;
}
