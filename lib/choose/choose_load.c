/* SPDX-License-Identifier: ISC */
/* What the policy finds in every revision, in one pass for each kind of fact. */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/base/stop.h"
#include "lib/choose/choose_priv.h"
#include "lib/base/grow.h"
#include "lib/store/store_choose.h"
#include "lib/store/store_list.h"

#define MAX_ROWS ((int64_t)1 << 28)
#define MAX_PARTS ((size_t)1 << 30)
#define DAY_S 86400

/* KB numbers and ids that a policy lists, for looking them up. */
struct listed {
	const char **kbs; /* owned; sorted */
	struct guid *ids; /* owned; sorted */
	size_t nkbs, nids;
};

struct load {
	struct choose *c;
	struct listed approve, decline, in, out;
	unsigned archs;
	uint32_t mark, from; /* of the pairs that are read */
	int64_t last; /* parts: the last row that has some */
};

static int
list(struct listed *l, const struct policy_words *w, struct err *e)
{
	size_t i;

	l->kbs = calloc(w->n + 1, sizeof(*l->kbs));
	l->ids = calloc(w->n + 1, sizeof(*l->ids));
	if (l->kbs == NULL || l->ids == NULL)
		return err_nomem(e);
	for (i = 0; i < w->n; i++)
		if (w->v[i].is_id)
			l->ids[l->nids++] = w->v[i].id;
		else
			l->kbs[l->nkbs++] = w->v[i].text;
	sort_up(l->kbs, l->nkbs, sizeof(*l->kbs), sort_by_text);
	sort_up(l->ids, l->nids, sizeof(*l->ids), sort_by_guid);
	return 0;
}

static void
listed_free(struct listed *l)
{
	free(l->kbs);
	free(l->ids);
}

static bool
has_kb(const struct listed *l, const char *kb)
{
	return sort_find(&kb, l->kbs, l->nkbs, sizeof(kb), sort_by_text) !=
	    NULL;
}

static bool
has_id(const struct listed *l, const struct guid *id)
{
	return sort_find(id, l->ids, l->nids, sizeof(*id), sort_by_guid) !=
	    NULL;
}

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
update_flags(const struct load *l, const struct store_fact *f)
{
	const struct policy *p = l->c->policy;
	const char *title = f->title != NULL ? f->title : "";
	const struct policy_word *w;
	uint32_t flags = CHOOSE_IS_UPDATE;
	unsigned archs;

	if (lang_ok(p, f->langs))
		flags |= CHOOSE_LANG_OK;
	if (has_id(&l->decline, &f->id))
		flags |= CHOOSE_IS_DECLINED;
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
	if (has_id(&l->approve, &f->id))
		flags |= CHOOSE_BY_ID;
	if (choose_title_ok(p, title, &w))
		flags |= CHOOSE_TITLE_OK;
	archs = l->archs == 0 ? 0 : choose_title_archs(title);
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
		r->flags |= category_flags(l->c, f);
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
	struct load *l = arg;
	struct choose_row *r = choose_row(l->c, row, e);

	if (r == NULL)
		return -1;
	if (strncasecmp(kb, "KB", 2) == 0)
		kb += 2;
	if (has_kb(&l->approve, kb))
		r->flags |= CHOOSE_BY_KB;
	if (has_kb(&l->decline, kb))
		r->flags |= CHOOSE_IS_DECLINED;
	if (has_kb(&l->in, kb))
		r->flags |= CHOOSE_KB_IN;
	if (has_kb(&l->out, kb))
		r->flags |= CHOOSE_KB_OUT;
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

	l->mark = CHOOSE_BY_PRODUCT;
	if (!c->all_products &&
	    store_each_pair(c->store, STORE_PRODUCTS, put_category, l, e) == -1)
		return -1;
	l->mark = CHOOSE_IS_DRIVER | CHOOSE_BY_CLASS;
	if (store_each_pair(c->store, STORE_CLASSES, put_category, l, e) == -1)
		return -1;
	if (l->approve.nkbs + l->decline.nkbs + l->in.nkbs + l->out.nkbs > 0 &&
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

	if (store_version(c->store, &last, e) == -1)
		return -1;
	if (last >= MAX_ROWS)
		return err_set(e, E_LIMIT,
		    "revision in row %" PRId64 ", at most %" PRId64, last,
		    MAX_ROWS);
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
	if (make_rows(c, e) == -1 || list(&l.approve, &p->approve, e) == -1 ||
	    list(&l.decline, &p->decline, e) == -1 ||
	    list(&l.in, &p->kbs, e) == -1 ||
	    list(&l.out, &p->not_kbs, e) == -1 ||
	    store_each_fact(c->store, 0, put_fact, &l, e) == -1 ||
	    load_pairs(&l, e) == -1)
		goto out;
	r = 0;
out:
	listed_free(&l.approve);
	listed_free(&l.decline);
	listed_free(&l.in);
	listed_free(&l.out);
	return r;
}
