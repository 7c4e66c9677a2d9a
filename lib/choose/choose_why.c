/* SPDX-License-Identifier: ISC */
/* Why an update is in or out, in words. */
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/words.h"
#include "lib/choose/choose_priv.h"
#include "lib/store/store_choose.h"

#define SHOWN_LINES 4
#define SHOWN_TITLE 100 /* bytes of one in a sentence */

struct why {
	struct choose *c;
	const struct policy *p;
	const struct store_fact *f; /* borrowed, while its callback runs */
	const struct choose_row *r;
	struct buf *to;
	unsigned n; /* of a list */
};

/* "line 3", "lines 3, 5, 8 and others" */
static int
put_lines(struct buf *to, const struct policy_words *w, struct err *e)
{
	size_t i;

	if (buf_puts(to, w->n == 1 ? "line" : "lines", e) == -1)
		return -1;
	for (i = 0; i < w->n && i < SHOWN_LINES; i++)
		if (buf_printf(
			to, e, "%s %u", i > 0 ? "," : "", w->v[i].line) == -1)
			return -1;
	return w->n > SHOWN_LINES ? buf_puts(to, " and others", e) : 0;
}

/* One of its products or classifications, with the line that names it. */
static int
put_category(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct why *w = arg;
	unsigned line = choose_line(w->c, id);
	char hex[GUID_LEN + 1];

	guid_write(hex, id);
	if (buf_printf(w->to, e, "%s%.*s", w->n++ > 0 ? "; " : "", SHOWN_TITLE,
		title != NULL ? title : hex) == -1)
		return -1;
	return line != 0 ? buf_printf(w->to, e, " (line %u)", line) : 0;
}

static int
put_categories(struct why *w, enum category_type kind, struct err *e)
{
	w->n = 0;
	if (store_each_category_of(
		w->c->store, w->f->row, kind, put_category, w, e) == -1)
		return -1;
	return w->n == 0 ? buf_puts(w->to, "none", e) : 0;
}

static int
why_in(struct why *w, struct err *e)
{
	if (w->c->all_products && w->c->all_classifications)
		return buf_puts(w->to, "no line leaves it out", e);
	if (!w->c->all_products &&
	    (buf_puts(w->to, "product ", e) == -1 ||
		put_categories(w, CATEGORY_PRODUCT, e) == -1))
		return -1;
	if (!w->c->all_products && !w->c->all_classifications &&
	    buf_puts(w->to, ", ", e) == -1)
		return -1;
	if (w->c->all_classifications)
		return 0;
	return buf_puts(w->to, "classification ", e) == -1
	    ? -1
	    : put_categories(w, CATEGORY_CLASSIFICATION, e);
}

/* The line of a list that has its id or one of its KB numbers. */
static const struct policy_word *
listed(const struct policy_words *l, const struct guid *id, const char *kbs)
{
	const char *kb;
	size_t i, n;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].is_id && guid_cmp(&l->v[i].id, id) == 0)
			return &l->v[i];
		for (kb = kbs; *kb != '\0' && !l->v[i].is_id; kb += n) {
			kb += strspn(kb, " ");
			n = strcspn(kb, " ");
			if (n > 2 && strncasecmp(kb, "KB", 2) == 0) {
				kb += 2;
				n -= 2;
			}
			if (n > 0 && strlen(l->v[i].text) == n &&
			    memcmp(l->v[i].text, kb, n) == 0)
				return &l->v[i];
		}
	}
	return NULL;
}

static int
put_listed(struct why *w, const struct policy_words *l, const char *verb,
    const char *none, struct err *e)
{
	const struct policy_word *found;
	struct buf kbs = BUF_INIT;
	int r = -1;

	if (store_kbs_of(w->c->store, w->f->row, &kbs, e) == -1 ||
	    buf_str(&kbs, e) == NULL)
		goto out;
	found = listed(l, &w->f->id, (char *)kbs.p);
	if (found != NULL)
		r = buf_printf(w->to, e, "%s, line %u: %s%s", verb, found->line,
		    found->is_id ? "" : "KB", found->text);
	else if (buf_printf(w->to, e, "%s (it has %s) ", none,
		     kbs.len > 0 ? (char *)kbs.p : "none") == 0)
		r = put_lines(w->to, l, e);
out:
	buf_free(&kbs);
	return r;
}

static int
why_not_shown(struct why *w, struct err *e)
{
	const char *type = update_type_word(w->f->type);

	if (w->f->type == UPDATE_CATEGORY || w->f->type == UPDATE_DETECTOID)
		return buf_printf(w->to, e, "no update but a %s", type);
	return buf_printf(w->to, e, "revision %u of it is not the newest held",
	    w->f->revision);
}

static int
why_title(struct why *w, struct err *e)
{
	const struct policy_word *out;

	(void)choose_title_ok(
	    w->p, w->f->title != NULL ? w->f->title : "", &out);
	if (out != NULL)
		return buf_printf(w->to, e,
		    "the title is excluded, line %u: %.*s", out->line,
		    SHOWN_TITLE, out->text);
	if (buf_puts(w->to, "the title fits none of ", e) == -1)
		return -1;
	return put_lines(w->to, &w->p->titles, e);
}

static int
why_language(struct why *w, struct err *e)
{
	int r;

	if (w->r->flags & CHOOSE_LANG_OK)
		r = buf_puts(w->to, "no part of it is in a language of ", e);
	else
		r = buf_printf(w->to, e, "its language (%.*s) is none of ",
		    SHOWN_TITLE, w->f->langs);
	return r == -1 ? -1 : put_lines(w->to, &w->p->languages, e);
}

static int
put_successor(void *arg, const struct store_fact *f, struct err *e)
{
	struct why *w = arg;
	char id[GUID_LEN + 1];

	guid_write(id, &f->id);
	return buf_printf(w->to, e, "superseded by %s, %.*s", id, SHOWN_TITLE,
	    f->title != NULL ? f->title : "");
}

static int
put_rest(struct why *w, enum choose_why why, struct err *e)
{
	switch (why) {
	case CHOOSE_ARCHITECTURE:
		return buf_puts(w->to,
			   "the title names an architecture that is none of ",
			   e) == -1
		    ? -1
		    : put_lines(w->to, &w->p->architectures, e);
	case CHOOSE_LANGUAGE:
		return why_language(w, e);
	case CHOOSE_AGE:
		return buf_printf(w->to, e, "of %.10s, max-age is %s",
		    w->f->created, words_count(w->p->max_age_days, "day").s);
	case CHOOSE_SUPERSEDED:
		return store_each_fact(
		    w->c->store, w->r->by, put_successor, w, e);
	case CHOOSE_KB:
		return w->r->flags & CHOOSE_KB_OUT
		    ? put_listed(w, &w->p->not_kbs, "excluded", "excluded", e)
		    : put_listed(w, &w->p->kbs, "listed",
			  "no KB number of it is in", e);
	default:
		return why_title(w, e);
	}
}

static int
put_why(struct why *w, enum choose_why why, struct err *e)
{
	switch (why) {
	case CHOOSE_IN:
		return why_in(w, e);
	case CHOOSE_APPROVED:
		return put_listed(
		    w, &w->p->approve, "approved by hand", "approved", e);
	case CHOOSE_NOT_SHOWN:
		return why_not_shown(w, e);
	case CHOOSE_DECLINED:
		return put_listed(
		    w, &w->p->decline, "declined by hand", "declined", e);
	case CHOOSE_EXPIRED:
		return buf_puts(w->to, "expired: withdrawn by its maker", e);
	case CHOOSE_HIDDEN:
		return buf_puts(
		    w->to, "offered in bundles only, not by itself", e);
	case CHOOSE_NOT_APPROVED:
		return buf_puts(
		    w->to, "not approved by hand, and only-approved is yes", e);
	case CHOOSE_DRIVER:
		return buf_puts(w->to, "a driver, and drivers is not yes", e);
	case CHOOSE_PRODUCT:
		return buf_puts(w->to, "its product is not wanted: ", e) == -1
		    ? -1
		    : put_categories(w, CATEGORY_PRODUCT, e);
	case CHOOSE_CLASSIFICATION:
		return buf_puts(
			   w->to, "its classification is not wanted: ", e) == -1
		    ? -1
		    : put_categories(w, CATEGORY_CLASSIFICATION, e);
	default:
		return put_rest(w, why, e);
	}
}

static int
write_why(void *arg, const struct store_fact *f, struct err *e)
{
	struct why *w = arg;

	w->f = f;
	return put_why(w, (enum choose_why)w->r->why, e);
}

int
choose_why_text(struct choose *c, int64_t row, struct buf *to, struct err *e)
{
	struct why w = {.c = c, .p = c->policy, .to = to};

	buf_reset(to);
	if ((w.r = choose_row(c, row, e)) == NULL ||
	    store_each_fact(c->store, row, write_why, &w, e) == -1)
		return -1;
	return buf_str(to, e) == NULL ? -1 : 0;
}
