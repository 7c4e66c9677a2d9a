/* SPDX-License-Identifier: ISC */
#include "lib/export/budget.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/store/plan.h"
#include "lib/transfer/pack.h"

struct budget_priv {
	uint32_t *same; /* owned: a ring of the items of each update */
	uint32_t *order; /* owned: items that stand for an update, by rank */
	size_t norder;
	/* One walk over what an update needs. */
	uint32_t mark;
	uint32_t *seen, *file_seen; /* owned: of the mark */
	uint32_t *met; /* owned: items */
	size_t nmet;
	bool *file_taken; /* owned */
	uint64_t packed;
};

uint8_t
budget_severity(const char *word)
{
	static const char *const words[] = {
	    "Critical", "Important", "Moderate", "Low"};
	uint8_t n = sizeof(words) / sizeof(words[0]);

	for (uint8_t i = 0; word != NULL && i < n; i++)
		if (strcasecmp(word, words[i]) == 0)
			return i;
	return n;
}

uint8_t
budget_class(const struct guid *id)
{
	/* The last two stand behind those that nobody knows. */
	static const char *const ids[] = {
	    "0fa1201d-4330-4fa8-8ae9-b877473b6441", /* Security Updates */
	    "e6cf1350-c01b-414d-a61f-263d14d133b4", /* Critical Updates */
	    "e0789628-ce08-4437-be74-2495b842f43b", /* Definition Updates */
	    "28bc880e-0592-4cbf-8f95-c79b17911d5f", /* Update Rollups */
	    "68c5b0a3-d1a6-4553-ae49-01d3a7827828", /* Service Packs */
	    "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83", /* Updates */
	    "3689bdc8-b205-4af4-8d4a-a63924c5e9d5", /* Upgrades */
	    "b54e7d24-7add-428f-8b75-90a396fa584f", /* Feature Packs */
	    "b4832bd8-e735-4761-8daf-37f882276dab", /* Tools */
	    "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0", /* Drivers */
	    "77835c8d-62a7-41f5-82ad-f28d1af1e3b1", /* Driver Sets */
	};
	uint8_t n = sizeof(ids) / sizeof(ids[0]);
	char text[GUID_LEN + 1];

	guid_write(text, id);
	for (uint8_t i = 0; i < n; i++)
		if (strcmp(text, ids[i]) == 0)
			return i < n - 2 ? i : (uint8_t)(i + 1);
	return (uint8_t)(n - 2);
}

/* An item beside what it is ordered by. */
struct key {
	struct guid id; /* first: sort_by_guid() */
	uint32_t revision, item;
};

static int
key_cmp(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int r = guid_cmp(&x->id, &y->id);

	return r != 0
	    ? r
	    : (x->revision > y->revision) - (x->revision < y->revision);
}

static int
make_rings(struct budget *b, struct err *e)
{
	size_t n = b->plan->n, first = 0;
	struct key *v = calloc(n + 1, sizeof(*v));

	if (v == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; i < n; i++)
		v[i] = (struct key){.id = b->plan->items[i].id,
		    .revision = b->plan->items[i].revision,
		    .item = i};
	sort_up(v, n, sizeof(*v), key_cmp);
	for (size_t i = 0; i < n; i++) {
		bool last = i + 1 == n || guid_cmp(&v[i].id, &v[i + 1].id) != 0;

		b->priv->same[v[i].item] = v[last ? first : i + 1].item;
		first = last ? i + 1 : first;
	}
	free(v);
	return 0;
}

int
budget_open(struct budget *b, const struct plan *plan, const struct pack *pack,
    struct err *e)
{
	size_t n = plan->n + 1, nfiles = pack->nfiles + 1;
	struct budget_priv *p = calloc(1, sizeof(*p));

	*b = (struct budget){.plan = plan, .pack = pack, .priv = p};
	if (p == NULL)
		return err_nomem(e);
	b->revs = calloc(n, sizeof(*b->revs));
	b->taken = calloc(n, sizeof(*b->taken));
	b->waiting = calloc(n, sizeof(*b->waiting));
	p->same = calloc(n, sizeof(*p->same));
	p->order = calloc(n, sizeof(*p->order));
	p->seen = calloc(n, sizeof(*p->seen));
	p->met = calloc(n, sizeof(*p->met));
	p->file_seen = calloc(nfiles, sizeof(*p->file_seen));
	p->file_taken = calloc(nfiles, sizeof(*p->file_taken));
	if (b->revs == NULL || b->taken == NULL || b->waiting == NULL ||
	    p->same == NULL || p->order == NULL || p->seen == NULL ||
	    p->met == NULL || p->file_seen == NULL || p->file_taken == NULL)
		return err_nomem(e);
	return make_rings(b, e);
}

void
budget_close(struct budget *b)
{
	struct budget_priv *p = b->priv;

	if (p != NULL) {
		free(p->same);
		free(p->order);
		free(p->seen);
		free(p->met);
		free(p->file_seen);
		free(p->file_taken);
	}
	free(p);
	free(b->revs);
	free(b->taken);
	free(b->waiting);
	*b = (struct budget)BUDGET_INIT;
}

static int
rank_cmp(const void *a, const void *b, void *arg)
{
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	const struct budget *bud = arg;
	const struct budget_rev *x = &bud->revs[i], *y = &bud->revs[k];
	int newer = strcmp(y->created, x->created);

	if (x->expired != y->expired)
		return x->expired ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return newer != 0 ? newer : (i > k) - (i < k);
}

/* The newest of its update's revisions that go by their rank. */
static bool
stands_for(const struct budget *b, uint32_t item)
{
	const struct plan_item *items = b->plan->items;
	uint32_t k;

	if (b->revs[item].role != BUDGET_UPDATE)
		return false;
	for (k = b->priv->same[item]; k != item; k = b->priv->same[k])
		if (b->revs[k].role == BUDGET_UPDATE &&
		    items[k].revision > items[item].revision)
			return false;
	return true;
}

void
budget_rank(struct budget *b)
{
	struct budget_priv *p = b->priv;

	p->norder = 0;
	for (uint32_t i = 0; i < b->plan->n; i++)
		if (stands_for(b, i))
			p->order[p->norder++] = i;
	if (p->norder != 0)
		qsort_r(p->order, p->norder, sizeof(*p->order), rank_cmp, b);
}

static uint64_t
document(const struct budget *b, uint32_t item)
{
	return (uint64_t)b->plan->items[item].bytes +
	    b->pack->updates[item].len;
}

static uint64_t
new_files(struct budget *b, uint32_t item)
{
	const struct pack_update *u = &b->pack->updates[item];
	struct budget_priv *p = b->priv;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < u->nrefs; i++) {
		uint32_t f = b->pack->refs[u->ref + i];

		if (p->file_taken[f] || p->file_seen[f] == p->mark ||
		    !pack_carries(&b->pack->files[f]))
			continue;
		p->file_seen[f] = p->mark;
		bytes += b->pack->files[f].size;
	}
	return bytes;
}

static void
meet(struct budget *b, uint32_t item)
{
	struct budget_priv *p = b->priv;

	if (b->taken[item] || p->seen[item] == p->mark)
		return;
	p->seen[item] = p->mark;
	p->met[p->nmet++] = item;
}

static void
begin_walk(struct budget *b)
{
	b->priv->mark++;
	b->priv->nmet = 0;
}

/* All that goes with what was met, too, and is not taken yet: its bytes. */
static uint64_t
walk_on(struct budget *b)
{
	struct budget_priv *p = b->priv;
	uint64_t bytes = 0;

	for (size_t i = 0; i < p->nmet; i++) {
		uint32_t at = p->met[i];
		const struct plan_item *it = &b->plan->items[at];

		bytes += document(b, at) * p->packed / 1024 + new_files(b, at);
		meet(b, p->same[at]);
		for (uint32_t k = 0; k < it->nedges; k++)
			meet(b, b->plan->edges[it->edge + k]);
	}
	return bytes;
}

static uint64_t
walk(struct budget *b, uint32_t item)
{
	begin_walk(b);
	meet(b, item);
	return walk_on(b);
}

static void
take(struct budget *b)
{
	struct budget_priv *p = b->priv;

	for (size_t i = 0; i < p->nmet; i++) {
		const struct pack_update *u = &b->pack->updates[p->met[i]];

		b->taken[p->met[i]] = true;
		for (uint32_t k = 0; k < u->nrefs; k++)
			p->file_taken[b->pack->refs[u->ref + k]] = true;
	}
}

static void
begin(struct budget *b, uint64_t packed)
{
	struct budget_priv *p = b->priv;

	memset(b->taken, 0, b->plan->n * sizeof(*b->taken));
	memset(p->seen, 0, b->plan->n * sizeof(*p->seen));
	memset(p->file_seen, 0, b->pack->nfiles * sizeof(*p->file_seen));
	memset(p->file_taken, 0, b->pack->nfiles * sizeof(*p->file_taken));
	p->mark = 0;
	p->packed = packed;
	b->nwaiting = b->nupdates = 0;
}

static uint64_t
take_needed(struct budget *b)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < b->plan->n; i++)
		if (b->revs[i].role == BUDGET_MUST && !b->taken[i]) {
			bytes += walk(b, i);
			take(b);
		}
	return bytes;
}

void
budget_fill(struct budget *b, uint64_t limit, uint64_t packed)
{
	struct budget_priv *p = b->priv;
	uint64_t bytes;

	begin(b, packed);
	b->must = take_needed(b);
	limit = b->must < limit ? limit - b->must : 0;
	for (size_t i = 0; i < p->norder; i++) {
		if (b->taken[p->order[i]])
			continue;
		if ((bytes = walk(b, p->order[i])) > limit) {
			b->waiting[b->nwaiting++].item = p->order[i];
			continue;
		}
		limit -= bytes;
		take(b);
		b->nupdates++;
	}
	for (size_t i = 0; i < b->nwaiting; i++)
		b->waiting[i].bytes = walk(b, b->waiting[i].item);
	begin_walk(b);
	for (size_t i = 0; i < b->nwaiting; i++)
		meet(b, b->waiting[i].item);
	b->waiting_bytes = walk_on(b);
}

uint64_t
budget_documents(const struct budget *b)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < b->plan->n; i++)
		if (b->taken[i])
			bytes += document(b, i);
	return bytes;
}
