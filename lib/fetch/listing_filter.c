/* SPDX-License-Identifier: ISC */
/* Which products and classifications are asked for: both lists, or neither. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/store/store.h"

/* A list of one sort only is answered with nothing at all, so that "all" is
   written out where the other is chosen. */
struct gather {
	enum category_type kind;
	struct ss_filter_id *v; /* owned */
	size_t n, cap;
};

static int
gather_rev(void *arg, const struct store_rev *r, struct err *e)
{
	struct gather *g = arg;

	if (r->type != UPDATE_CATEGORY || r->category != g->kind || !r->newest)
		return 0;
	if (grow(&g->v, &g->cap, g->n, sizeof(*g->v), e) == -1)
		return -1;
	g->v[g->n++] = (struct ss_filter_id){.id = r->id};
	return 0;
}

static int
all_of(struct fetch *f, enum category_type kind, struct ss_filter_id **v,
    size_t *n, struct err *e)
{
	struct gather g = {.kind = kind};

	if (store_each_rev(f->store, gather_rev, &g, e) == -1) {
		free(g.v);
		return -1;
	}
	sort_up(g.v, g.n, sizeof(*g.v), sort_by_guid);
	*v = g.v;
	*n = g.n;
	return 0;
}

static int
copy(const struct guid *ids, size_t nids, struct ss_filter_id **v, size_t *n,
    struct err *e)
{
	if ((*v = calloc(nids + 1, sizeof(**v))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < nids; i++)
		(*v)[i].id = ids[i];
	*n = nids;
	sort_up(*v, nids, sizeof(**v), sort_by_guid);
	return 0;
}

static int
fill_both(struct fetch *f, const struct choose *c, struct listing_filter *to,
    struct err *e)
{
	if ((c->all_products ? all_of(f, CATEGORY_PRODUCT, &to->categories,
				   &to->ncategories, e)
			     : copy(c->products, c->nproducts, &to->categories,
				   &to->ncategories, e)) == -1)
		return -1;
	return c->all_classifications
	    ? all_of(f, CATEGORY_CLASSIFICATION, &to->classifications,
		  &to->nclassifications, e)
	    : copy(c->classifications, c->nclassifications,
		  &to->classifications, &to->nclassifications, e);
}

/* Two empty lists would ask for everything. */
static int
fill_filter(struct fetch *f, const struct choose *c, struct listing_filter *to,
    struct err *e)
{
	if (c->all_products && c->all_classifications)
		return 0;
	if (fill_both(f, c, to, e) == -1)
		return -1;
	if (to->ncategories == 0 || to->nclassifications == 0)
		return err_set(e, E_USAGE,
		    "%s: its %s stand for none that the upstream has",
		    f->o->policy,
		    to->ncategories == 0 ? "products" : "classifications");
	return 0;
}

static int
add_ids(struct digest_ctx *d, char what, const struct ss_filter_id *v, size_t n,
    struct err *e)
{
	if (digest_add(d, &what, 1, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (digest_add(d, v[i].id.b, sizeof(v[i].id.b), e) == -1)
			return -1;
	return 0;
}

/* Of what is asked for and as whom: another one makes an anchor void. */
static int
hash(struct fetch *f, struct listing_filter *to, struct err *e)
{
	const char *version = f->o->protocol != NULL ? f->o->protocol
						     : SS_VERSION;
	struct digest_ctx d = DIGEST_CTX_INIT;
	struct digest out;
	int r = -1;

	if (digest_open(&d, DIGEST_SHA256, e) == -1 ||
	    digest_add(&d, version, strlen(version) + 1, e) == -1 ||
	    add_ids(&d, 'p', to->categories, to->ncategories, e) == -1 ||
	    add_ids(&d, 'c', to->classifications, to->nclassifications, e) ==
		-1 ||
	    digest_done(&d, &out, e) == -1)
		goto out;
	memcpy(to->hash, out.sha256, SHA256_LEN);
	r = 0;
out:
	digest_close(&d);
	return r;
}

/* Which lines they are that leave nothing to ask for. */
static void
tell_names(struct fetch *f, struct choose *c)
{
	struct err late = ERR_INIT;

	if (choose_tell(c, f->log, &late) == -1)
		log_event(f->log, LOG_DEBUG, f->o->policy, "%s", late.msg);
}

int
listing_filter(struct fetch *f, struct listing_filter *to, struct err *e)
{
	struct choose c;
	int r = 0;

	*to = (struct listing_filter){.ncategories = 0};
	memset(&c, 0, sizeof(c));
	if (f->has_policy) {
		r = choose_open(&c, &f->policy, f->store, f->now, e);
		if (r == 0 && (r = fill_filter(f, &c, to, e)) == -1)
			tell_names(f, &c);
		choose_close(&c);
	}
	return r == 0 ? hash(f, to, e) : -1;
}

void
listing_filter_free(struct listing_filter *to)
{
	free(to->categories);
	free(to->classifications);
	to->categories = to->classifications = NULL;
}
