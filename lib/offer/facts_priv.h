/* SPDX-License-Identifier: ISC */
/* Inside facts*.c only: what is read, before it has its order. */
#ifndef WF_FACTS_PRIV_H
#define WF_FACTS_PRIV_H

#include "lib/offer/facts.h"

/* Items of a table in order of arrival, and whose each is. */
struct facts_heap {
	char *v; /* owned */
	uint32_t *of; /* owned */
	size_t size, n, cap, cap_of;
};

/* A new one's place; NULL with E_LIMIT, E_SYS. */
void *facts_heap_add(struct facts_heap *h, uint32_t of, struct err *e);
/*
 * To their owners, in order: *v gets all, which are of from now on, with one
 * zeroed one more; first[0..nowners] where each one's begin.  moved, where it
 * is not NULL, gets the new place of each, of h->n.
 */
int facts_heap_deal(struct facts_heap *h, void *v, size_t *n, size_t nowners,
    uint32_t *first, uint32_t *moved, struct err *e);
void facts_heap_free(struct facts_heap *h);

/* UpdateIDs in the order in which they are first named. */
struct facts_ids {
	struct guid *v; /* owned */
	uint32_t *slots; /* owned: places in v, and 1; 0: free */
	size_t n, cap, nslots;
};

/* Its place in v, or NONE with E_LIMIT, E_SYS. */
uint32_t facts_ids_add(
    struct facts_ids *ids, const struct guid *id, struct err *e);
void facts_ids_free(struct facts_ids *ids);

/*
 * facts_order.c: revisions, which name updates by their places in ids, get
 * their order, and f->rows is filled; before anything else names them.
 */
int facts_order_revs(
    struct facts *f, const struct facts_ids *ids, struct err *e);
/* At the end: updates get theirs, and everything names them by it. */
int facts_order_updates(
    struct facts *f, const struct facts_ids *ids, struct err *e);

#endif
