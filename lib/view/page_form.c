/* SPDX-License-Identifier: ISC */
/* The form that searches, and links that carry what was asked. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/view/page_priv.h"

static void
put_option(struct page *p, const char *value, const char *label, bool chosen)
{
	page_put(p, "<option value=\"");
	page_text(p, value);
	page_printf(p, "\"%s>", chosen ? " selected" : "");
	page_text(p, label);
	page_put(p, "</option>\n");
}

static void
open_select(struct page *p, const char *name, const char *label)
{
	page_printf(p, "<label>%s\n<select name=\"%s\">\n", label, name);
	put_option(p, "", "any", false);
}

static void
close_select(struct page *p)
{
	page_put(p, "</select></label>\n");
}

/* By id, or, of severities, by title. */
static void
put_facets(struct page *p, const char *name, const char *label,
    const struct find_facet *v, size_t n, const struct guid *id,
    const char *title)
{
	char value[GUID_LEN + 1], text[256];
	bool chosen;
	size_t i;

	open_select(p, name, label);
	for (i = 0; i < n; i++) {
		guid_write(value, &v[i].id);
		chosen = title != NULL
		    ? strcasecmp(title, v[i].title) == 0
		    : id != NULL && guid_cmp(id, &v[i].id) == 0;
		(void)snprintf(text, sizeof(text), "%.200s (%" PRIu32 ")",
		    v[i].title, v[i].n);
		put_option(p, title != NULL ? v[i].title : value, text, chosen);
	}
	close_select(p);
}

static void
put_states(struct page *p, const struct find_ask *a)
{
	static const char *const states[] = {
	    NULL, "newest", "superseded", "expired"};
	static const char *const payloads[] = {
	    NULL, "all of it here", "some of it absent", "some of it left out"};
	unsigned i;

	open_select(p, "state", "State");
	for (i = FIND_NEWEST; i <= FIND_EXPIRED; i++)
		put_option(p, find_state_word((enum find_state)i), states[i],
		    a->state == (enum find_state)i);
	close_select(p);
	open_select(p, "payload", "Payload");
	for (i = FIND_HERE; i <= FIND_LEFT_OUT; i++)
		put_option(p, find_payload_word((enum find_payload)i),
		    payloads[i], a->payload == (enum find_payload)i);
	close_select(p);
}

bool
page_is_filtered(const struct find_ask *a)
{
	return a->has_product || a->has_class || *a->severity != '\0' ||
	    a->state != FIND_STATES || a->payload != FIND_PAYLOADS;
}

void
page_form(struct page *p, const struct find *f, const struct find_ask *a)
{
	const struct find_facet *v;
	size_t n;

	page_printf(p,
	    "<form action=\"%s./\" role=\"search\">\n<label>Title, KB number,"
	    " name of a file, GUID, SHA-1 or SHA-256\n"
	    "<input type=\"search\" name=\"q\" maxlength=\"%d\" value=\"",
	    p->root, FIND_TEXT_MAX);
	page_text(p, a->text);
	page_printf(p,
	    "\"></label>\n<button>Search</button>\n"
	    "<details%s>\n<summary>Filters</summary>\n"
	    "<div class=\"filters\">\n",
	    page_is_filtered(a) ? " open" : "");
	n = find_products(f, &v);
	put_facets(p, "product", "Product", v, n,
	    a->has_product ? &a->product : NULL, NULL);
	n = find_classes(f, &v);
	put_facets(p, "class", "Classification", v, n,
	    a->has_class ? &a->class : NULL, NULL);
	n = find_severities(f, &v);
	put_facets(p, "severity", "Severity", v, n, NULL, a->severity);
	put_states(p, a);
	page_put(p, "</div>\n</details>\n</form>\n");
}

static void
put_wish(struct page *p, const char *label, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	page_printf(p, ", %s ", label);
	page_text(p, value);
}

static const char *
title_of(const struct find_facet *v, size_t n, const struct guid *id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (guid_cmp(id, &v[i].id) == 0)
			return v[i].title;
	return "unknown here";
}

void
page_asked(struct page *p, const struct find *f, const struct find_ask *a)
{
	const struct find_facet *v;
	size_t n;

	if (a->nwords > 0) {
		page_put(p, " with <q>");
		page_text(p, a->text);
		page_put(p, "</q>");
	}
	n = find_products(f, &v);
	put_wish(
	    p, "product", a->has_product ? title_of(v, n, &a->product) : NULL);
	n = find_classes(f, &v);
	put_wish(p, "classification",
	    a->has_class ? title_of(v, n, &a->class) : NULL);
	put_wish(p, "severity", a->severity);
	put_wish(p, "state", find_state_word(a->state));
	put_wish(p, "payload", find_payload_word(a->payload));
}

static void
put_pair(struct page *p, const char *key, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	page_printf(p, "&amp;%s=", key);
	page_query(p, value);
}

void
page_ask_link(struct page *p, const struct find_ask *a, uint64_t number,
    const char *label)
{
	char id[GUID_LEN + 1];

	page_printf(p, "<a href=\"%s./?page=%" PRIu64, p->root, number);
	put_pair(p, "q", a->text);
	guid_write(id, &a->product);
	put_pair(p, "product", a->has_product ? id : NULL);
	guid_write(id, &a->class);
	put_pair(p, "class", a->has_class ? id : NULL);
	put_pair(p, "severity", a->severity);
	put_pair(p, "state", find_state_word(a->state));
	put_pair(p, "payload", find_payload_word(a->payload));
	page_printf(p, "\">%s</a>\n", label);
}
