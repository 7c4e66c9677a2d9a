/* SPDX-License-Identifier: ISC */
/* What plan.c and needs.c share. */
#ifndef WF_GEN_PLAN_H
#define WF_GEN_PLAN_H

#include "testdata/gen/gen.h"

#define ITEM_MAX 256 /* revisions that are planned together */
#define NITEMS 3 /* items that take turns */
#define PENDING 0x80000000u /* a bundled revision: a slot of its item */
#define STRANGER 0x90000000u /* updates that are in nobody's catalogue */
#define MAX_CLASSES 19

/* Revisions that belong together: a bundle after all that it holds. */
struct item {
	struct rev slots[ITEM_MAX];
	uint32_t at[ITEM_MAX]; /* revision of each slot, once it is out */
	uint32_t n, next;
};

struct plan {
	struct gen *g; /* borrowed */
	struct rng r;
	struct list out[K_COUNT]; /* updates that are out */
	struct list soft; /* updates out: leaves and bundles for people */
	struct list hidden; /* revisions out: hidden leaves */
	struct item *items; /* owned */
	uint32_t planned; /* revisions, out or not */
};

uint32_t plan_pick(struct plan *p, const struct list *l);
void needs_make(struct plan *p, struct rev *v); /* needs.c */
void supersede(struct plan *p, struct rev *v);
void ref_add(struct ref **refs, uint32_t *n, struct ref ref);

#endif
