/* SPDX-License-Identifier: ISC */
/* What of an update every page says in the same words. */
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/store/store_show.h"
#include "lib/view/page_priv.h"

bool
page_good(struct page *p, int r)
{
	if (r == -1)
		p->bad = true;
	return !p->bad;
}

void
page_kbs(struct page *p, struct store *s, int64_t row, const char *none)
{
	struct buf b = BUF_INIT;
	char *kb, *rest;
	unsigned n = 0;

	if (!p->bad && page_good(p, store_kbs_of(s, row, &b, p->e)) &&
	    page_good(p, buf_str(&b, p->e) != NULL ? 0 : -1)) {
		rest = (char *)b.p;
		while ((kb = strtok_r(rest, " ", &rest)) != NULL) {
			page_put(p, n++ > 0 ? " KB" : "KB");
			page_text(
			    p, strncasecmp(kb, "kb", 2) == 0 ? kb + 2 : kb);
		}
		if (n == 0)
			page_put(p, none);
	}
	buf_free(&b);
}

struct titles {
	struct page *p;
	unsigned n, most;
};

static int
put_title(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct titles *t = arg;
	char hex[GUID_LEN + 1];

	(void)e;
	if (t->n++ >= t->most)
		return 0;
	guid_write(hex, id);
	if (t->n > 1)
		page_put(t->p, "; ");
	page_text(t->p, title != NULL ? title : hex);
	return 0;
}

void
page_titles(
    struct page *p, struct store *s, int64_t row, bool products, unsigned most)
{
	struct titles t = {.p = p, .most = most};

	if (p->bad ||
	    !page_good(p,
		store_each_category_of(s, row,
		    products ? CATEGORY_PRODUCT : CATEGORY_CLASSIFICATION,
		    put_title, &t, p->e)))
		return;
	if (t.n > most)
		page_printf(p, " and %u more", t.n - most);
}

void
page_state(struct page *p, bool superseded, const struct store_rev *r)
{
	const char *state = store_show_state(superseded, r);

	if (strcmp(state, "newest") != 0)
		page_printf(p, " <span class=\"tag %s\">%s</span>",
		    r->expired ? "bad" : "warn", state);
}

void
page_day(struct page *p, const char *created)
{
	if (created != NULL)
		page_textn(p, created, strnlen(created, 10));
}
