/* SPDX-License-Identifier: ISC */
/* Inside lib/store only: a plan while it is made (plan.h says what it is). */
#ifndef WF_PLAN_PRIV_H
#define WF_PLAN_PRIV_H

#include <stdbool.h>

#include "lib/store/plan.h"
#include "lib/store/graph.h"

/* A prerequisite: an index of an id, and two marks. */
#define NEED_ID ((uint32_t)0x3fffffff) /* all ones: nobody holds it */
#define NEED_ANY ((uint32_t)0x40000000) /* stood in an AtLeastOne */
#define NEED_NEW ((uint32_t)0x80000000) /* begins a group */

/* Why a revision is left out: the place of what it lacks, and two marks. */
#define WHY_AT ((uint32_t)0x3fffffff)
#define WHY_BUNDLE ((uint32_t)0x80000000)

#define PLAN_MAX_CYCLES 1000 /* each costs a look at all that is blocked */

/* Parts of one array, by an index. */
struct lists {
	uint32_t *at; /* owned; starts, and one more as the end */
	uint32_t *v; /* owned */
};

struct work {
	struct graph g;
	uint32_t *need_at, *part_at; /* owned; of each revision, one more */
	struct nums needs; /* ids with marks */
	struct nums parts; /* exact revisions, or GRAPH_NONE */
	bool *in; /* owned; of each revision: candidate, not left out */
	uint32_t *why; /* owned; of each left out; else GRAPH_NONE */
	uint32_t *alive; /* owned; of each id: how many of it are in */
	struct lists waiters; /* of each id: revisions that name it */
	struct lists holders; /* of each revision: those that bundle it */
	uint32_t *pending; /* owned; of each revision: what is not out yet */
	uint32_t *pos; /* owned; of each revision: its item, or GRAPH_NONE */
	uint32_t *first; /* owned; of each id: its first item, or GRAPH_NONE */
	struct nums heap; /* revisions that are ready */
	struct nums order; /* revisions, in the order of items */
	unsigned ncycles;
	bool all_revisions;
	bool by_category; /* what they are filed under, too */
};

static inline uint32_t
need_id(const struct work *w, uint32_t at)
{
	uint32_t id = w->needs.v[at] & NEED_ID;

	return id == NEED_ID ? GRAPH_NONE : id;
}

/* plan_load.c */
int plan_load(struct work *w, struct store *s, struct err *e);
void plan_work_free(struct work *w);
/* plan_close.c: candidates, then those left out. */
int plan_close(struct work *w, struct store *s, const struct selection *sel,
    struct err *e);
int plan_mark(struct work *w, uint32_t rev, struct nums *stack, struct err *e);
int plan_mark_id(
    struct work *w, uint32_t id, struct nums *stack, struct err *e);
/* plan_asked.c: those that are asked for. */
int plan_asked(struct work *w, const struct selection *sel, struct nums *stack,
    struct err *e);
/* plan_order.c */
int plan_order(struct work *w, struct err *e);
int plan_emit(struct work *w, uint32_t rev, struct err *e);
/* plan_cycle.c: nothing is ready; lets one revision go. */
int plan_relax(struct work *w, struct err *e);

#endif
