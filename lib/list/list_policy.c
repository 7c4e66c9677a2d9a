/* SPDX-License-Identifier: ISC */
/* Categories as lines that can stand in a policy. */
#include <inttypes.h>
#include <string.h>

#include "formats/policy.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/choose/choose_names.h"
#include "lib/list/list_priv.h"
#include "lib/store/store_list.h"

struct lines {
	struct list *l;
	struct names names;
};

static const char *
key_of(enum category_type t)
{
	switch (t) {
	case CATEGORY_PRODUCT:
		return "product";
	case CATEGORY_CLASSIFICATION:
		return "classification";
	case CATEGORY_FAMILY:
	case CATEGORY_COMPANY:
		return "family";
	default:
		return NULL; /* nothing names it */
	}
}

static const struct policy_words *
words_of(const struct policy *p, enum category_type t)
{
	return t == CATEGORY_PRODUCT	   ? &p->products
	    : t == CATEGORY_CLASSIFICATION ? &p->classifications
					   : &p->families;
}

static unsigned
kinds_of(enum category_type t)
{
	return t == CATEGORY_FAMILY || t == CATEGORY_COMPANY
	    ? NAMES_KIND(CATEGORY_FAMILY) | NAMES_KIND(CATEGORY_COMPANY)
	    : NAMES_KIND(t);
}

/* Does the line, read as a policy, name this category and no other? */
static int
means(struct lines *x, const struct store_category *c, bool *yes, struct err *e)
{
	struct policy p = POLICY_INIT;
	struct err why = ERR_INIT;
	const struct policy_words *w;
	int r = 0;

	*yes = false;
	if (policy_read(&p, x->l->text.p, x->l->text.len, &why) == 0) {
		w = words_of(&p, c->type);
		x->names.nfound = 0;
		if (w->n == 1)
			r = choose_names_match(
			    &x->names, kinds_of(c->type), &w->v[0], e);
		*yes = r == 0 && x->names.nfound == 1 &&
		    guid_cmp(&x->names.found[0]->id, &c->id) == 0;
	}
	policy_free(&p);
	return r;
}

static int
say_policy(struct list *l, struct err *e)
{
	if (buf_str(&l->text, e) == NULL)
		return -1;
	utf8_clean((char *)l->text.p);
	log_data(l->o->log, (char *)l->text.p, NULL);
	buf_reset(&l->text);
	return 0;
}

static int
line(void *arg, const struct store_category *c, struct err *e)
{
	struct lines *x = arg;
	struct buf *b = &x->l->text;
	const char *title = c->title != NULL ? c->title : "";
	const char *key = key_of(c->type);
	char id[GUID_LEN + 1];
	bool by_title;

	if (key == NULL)
		return 0;
	x->l->count++;
	guid_write(id, &c->id);
	buf_reset(b);
	if (buf_printf(b, e, "%s = %s", key, title) == -1 ||
	    buf_str(b, e) == NULL)
		return -1;
	utf8_clean((char *)b->p); /* as it will be printed */
	if (means(x, c, &by_title, e) == -1)
		return -1;
	buf_reset(b);
	if (buf_printf(b, e, "# %s, %s", by_title ? id : title,
		words_count(c->updates, "update").s) == -1 ||
	    say_policy(x->l, e) == -1 ||
	    buf_printf(b, e, "%s = %s", key, by_title ? title : id) == -1)
		return -1;
	return say_policy(x->l, e);
}

int
list_policy_lines(struct list *l, struct err *e)
{
	struct lines x = {.l = l, .names = NAMES_INIT};
	int r = -1;

	if (choose_names_load(&x.names, l->store, e) == 0)
		r = store_each_category(l->store, line, &x, e);
	choose_names_free(&x.names);
	return r;
}
