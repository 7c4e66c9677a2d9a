/* SPDX-License-Identifier: ISC */
/* What the policy finds in every revision, in one pass for each kind of
   fact. */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/choose/choose_marks.h"
#include "lib/choose/choose_priv.h"
#include "lib/base/grow.h"
#include "lib/store/store.h"
#include "lib/store/store_choose.h"
#include "lib/store/store_list.h"

#define MAX_PARTS ((size_t)1 << 30)
#define DAY_S 86400

struct load {
	struct choose *c;
	struct choose_marks marks;
	unsigned archs;
	uint32_t mark, from; /* of the pairs that are read */
	int64_t last; /* parts: the last row that has some */
};

bool
choose_title_ok(
    const struct policy *p, const char *title, const struct policy_word **why)
{
	const struct policy_words *in = &p->titles, *out = &p->not_titles;
	size_t i;

	*why = NULL;
	for (i = 0; i < out->n; i++)
		if (fnmatch(out->v[i].text, title, FNM_CASEFOLD) == 0) {
			*why = &out->v[i];
			return false;
		}
	for (i = 0; i < in->n; i++)
		if (fnmatch(in->v[i].text, title, FNM_CASEFOLD) == 0)
			return true;
	return in->n == 0;
}

/* Short names joined by blanks. */
static bool
lang_ok(const struct policy *p, const char *langs)
{
	const struct policy_words *w = &p->languages;
	size_t n, i;

	if (w->n == 0 || langs == NULL || *langs == '\0')
		return true;
	for (; *langs != '\0'; langs += n) {
		langs += strspn(langs, " ");
		n = strcspn(langs, " ");
		if (n == 3 && strncasecmp(langs, "all", n) == 0)
			return true;
		for (i = 0; i < w->n; i++)
			if (strlen(w->v[i].text) == n &&
			    strncasecmp(w->v[i].text, langs, n) == 0)
				return true;
	}
	return false;
}

/* Without a date that can be read it is young. */
static bool
age_ok(const struct choose *c, const char *created)
{
	int64_t t;

	return c->policy->max_age_days == 0 || created == NULL ||
	    !utc_read(&t, created, strlen(created)) ||
	    t >= c->now - (int64_t)c->policy->max_age_days * DAY_S;
}

static bool
in_list(const struct guid *v, size_t n, const struct guid *id)
{
	return sort_find(id, v, n, sizeof(*v), sort_by_guid) != NULL;
}

static uint32_t
category_flags(const struct choose *c, const struct store_fact *f)
{
	uint32_t flags = 0;

	if (f->type != UPDATE_CATEGORY)
		return 0;
	if (in_list(c->products, c->nproducts, &f->id))
		flags |= CHOOSE_BY_PRODUCT;
	if (in_list(c->classifications, c->nclassifications, &f->id))
		flags |= CHOOSE_BY_CLASS;
	if (choose_is_driver_class(&f->id))
		flags |= CHOOSE_IS_DRIVER;
	return flags;
}

static uint32_t
update_flags(struct load *l, const struct store_fact *f)
{
	const struct policy *p = l->c->policy;
	const char *title = f->title != NULL ? f->title : "";
	const struct policy_word *w;
	uint32_t flags = CHOOSE_IS_UPDATE;
	bool approved = choose_mark_id(&l->marks, CHOOSE_MARK_APPROVE, &f->id);
	unsigned archs;

	if (lang_ok(p, f->langs))
		flags |= CHOOSE_LANG_OK;
	if (choose_mark_id(&l->marks, CHOOSE_MARK_DECLINE, &f->id))
		flags |= CHOOSE_IS_DECLINED;
	choose_mark_langs(&l->marks, f->langs);
	if (!f->newest)
		return flags;
	flags |= CHOOSE_IS_NEWEST;
	if (f->expired)
		flags |= CHOOSE_IS_EXPIRED;
	if (f->deployable)
		flags |= CHOOSE_IS_OFFERED;
	if (f->type == UPDATE_DRIVER)
		flags |= CHOOSE_IS_DRIVER;
	if (l->c->all_products)
		flags |= CHOOSE_BY_PRODUCT;
	if (l->c->all_classifications)
		flags |= CHOOSE_BY_CLASS;
	if (approved)
		flags |= CHOOSE_BY_ID;
	if (choose_title_ok(p, title, &w))
		flags |= CHOOSE_TITLE_OK;
	archs = l->archs == 0 ? 0 : choose_title_archs(title);
	choose_mark_title(&l->marks, title, archs);
	if (archs == 0 || (archs & l->archs) != 0)
		flags |= CHOOSE_ARCH_OK;
	if (age_ok(l->c, f->created))
		flags |= CHOOSE_AGE_OK;
	return flags;
}

static int
put_fact(void *arg, const struct store_fact *f, struct err *e)
{
	struct load *l = arg;
	struct choose_priv *p = l->c->priv;
	struct choose_row *r;

	if (stop_check(e) == -1)
		return -1;
	if (f->row < 1 || (size_t)f->row >= p->nrows)
		return err_set(e, E_FORMAT,
		    "revision in row %" PRId64 ", expected 1 to %zu", f->row,
		    p->nrows - 1);
	r = &p->rows[f->row];
	r->flags = CHOOSE_HAS_ROW;
	if (f->type == UPDATE_SOFTWARE || f->type == UPDATE_DRIVER)
		r->flags |= update_flags(l, f);
	else
		r->flags |= category_flags(l->c, f) | CHOOSE_LANG_OK;
	return 0;
}

/* A revision takes what its categories have of l->mark. */
static int
put_category(void *arg, int64_t row, int64_t category, struct err *e)
{
	struct load *l = arg;
	struct choose_row *r = choose_row(l->c, row, e);
	const struct choose_row *from;

	if (r == NULL || (from = choose_row(l->c, category, e)) == NULL)
		return -1;
	r->flags |= from->flags & l->mark;
	return 0;
}

static int
put_kb(void *arg, int64_t row, const char *kb, struct err *e)
{
	static const struct {
		enum choose_mark mark;
		uint32_t flag;
	} to[] = {
	    {CHOOSE_MARK_APPROVE, CHOOSE_BY_KB},
	    {CHOOSE_MARK_DECLINE, CHOOSE_IS_DECLINED},
	    {CHOOSE_MARK_KB, CHOOSE_KB_IN},
	    {CHOOSE_MARK_NOT_KB, CHOOSE_KB_OUT},
	};
	struct load *l = arg;
	struct choose_row *r = choose_row(l->c, row, e);
	size_t i;

	if (r == NULL)
		return -1;
	if (strncasecmp(kb, "KB", 2) == 0)
		kb += 2;
	for (i = 0; i < sizeof(to) / sizeof(*to); i++)
		if (choose_mark_kb(&l->marks, to[i].mark, kb))
			r->flags |= to[i].flag;
	return 0;
}

static int
put_part(void *arg, int64_t row, int64_t part, struct err *e)
{
	struct load *l = arg;
	struct choose_priv *p = l->c->priv;
	struct choose_row *r = choose_row(l->c, row, e);
	const struct choose_row *of;

	if (r == NULL || (of = choose_row(l->c, part, e)) == NULL)
		return -1;
	if (p->nparts >= MAX_PARTS)
		return err_set(e, E_LIMIT,
		    "more than %zu bundled revisions in all", MAX_PARTS);
	if (grow(&p->parts, &p->cap_parts, p->nparts, sizeof(*p->parts), e) ==
	    -1)
		return -1;
	while (l->last < row)
		p->rows[++l->last].part = (uint32_t)p->nparts;
	p->parts[p->nparts++] = (uint32_t)part;
	r->flags |= CHOOSE_HAS_PART;
	if (of->flags & CHOOSE_LANG_OK)
		r->flags |= CHOOSE_PART_OK;
	return 0;
}

struct choose_row *
choose_row(struct choose *c, int64_t row, struct err *e)
{
	const struct choose_priv *p = c->priv;

	if (row > 0 && (size_t)row < p->nrows && p->rows[row].flags != 0)
		return &p->rows[row];
	err_set(
	    e, E_MISSING, "revision in row %" PRId64 ": there is none", row);
	return NULL;
}

static int
load_pairs(struct load *l, struct err *e)
{
	struct choose *c = l->c;
	struct choose_priv *p = c->priv;
	const struct policy *o = c->policy;

	l->mark = CHOOSE_BY_PRODUCT;
	if (!c->all_products &&
	    store_each_pair(c->store, STORE_PRODUCTS, put_category, l, e) == -1)
		return -1;
	l->mark = CHOOSE_IS_DRIVER | CHOOSE_BY_CLASS;
	if (store_each_pair(c->store, STORE_CLASSES, put_category, l, e) == -1)
		return -1;
	if (o->approve.n + o->decline.n + o->kbs.n + o->not_kbs.n > 0 &&
	    store_each_kb(c->store, put_kb, l, e) == -1)
		return -1;
	if (store_each_pair(c->store, STORE_PARTS, put_part, l, e) == -1)
		return -1;
	while (l->last < (int64_t)p->nrows)
		p->rows[++l->last].part = (uint32_t)p->nparts;
	return 0;
}

static int
make_rows(struct choose *c, struct err *e)
{
	int64_t last;

	if (store_last(c->store, &last, e) == -1)
		return -1;
	if (last < 0 || last >= STORE_ROWS_MAX)
		return err_set(e, E_LIMIT,
		    "revision in row %" PRId64 ", expected 1 to %" PRId64, last,
		    STORE_ROWS_MAX - 1);
	c->priv->nrows = (size_t)last + 1;
	c->priv->rows = calloc(c->priv->nrows + 1, sizeof(*c->priv->rows));
	return c->priv->rows == NULL ? err_nomem(e) : 0;
}

int
choose_load_facts(struct choose *c, struct err *e)
{
	const struct policy *p = c->policy;
	struct load l = {.c = c};
	size_t i;
	int r = -1;

	for (i = 0; i < p->architectures.n; i++)
		l.archs |= choose_arch(p->architectures.v[i].text);
	if (choose_marks_open(&l.marks, p, e) == 0 && make_rows(c, e) == 0 &&
	    store_each_fact(c->store, 0, put_fact, &l, e) == 0 &&
	    load_pairs(&l, e) == 0 &&
	    choose_marks_note(&l.marks, &c->priv->notes, e) == 0)
		r = 0;
	choose_marks_close(&l.marks);
	return r;
}
