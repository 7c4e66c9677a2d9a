/* SPDX-License-Identifier: ISC */
/* Inside select*.c only. */
#ifndef WF_SELECT_PRIV_H
#define WF_SELECT_PRIV_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/choose/choose.h"
#include "lib/choose/choose_notes.h"
#include "lib/offer/select.h"

/* Rings that select alike have one. */
struct select_set {
	char
	    *key; /* owned: the selection in its canonical form, and the list */
	uint8_t *bits; /* owned: by update */
};

/* An approve-list; rings may share one. */
struct select_list {
	const char *name; /* borrowed from the rings */
	struct arena arena; /* owned: words */
	struct policy_words words;
	uint8_t *bits; /* owned: by update: it names that */
};

/* What the upstream says of one group; rings may share it. */
struct select_group {
	const char *name; /* borrowed from the rings */
	struct decide_upstream *v; /* owned; by update */
	size_t n;
};

struct select_priv {
	struct select_how how; /* what it points to: borrowed */
	struct select_set sets[RINGS_MAX + 1];
	struct select_list lists[RINGS_MAX + 1];
	struct select_group groups[RINGS_MAX + 1];
	size_t nsets, nlists, ngroups;
	/* Of the lines of the ring file; a line that several rings have is
	   told of the first of them. */
	struct choose_notes notes; /* owned */
	uint8_t *told; /* owned: a bit for each line */
	/* What select_why() asks, of the ring that it was last asked of. */
	struct choose asked; /* owned */
	struct policy asked_policy; /* borrowed from the ring */
	const struct decide_ring *asked_of; /* NULL: nobody asked */
};

static inline bool
select_has(const uint8_t *bits, uint32_t u)
{
	return (bits[u / 8] & 1u << u % 8) != 0;
}

/* select.c: as choose.h is asked: what a ring declines, approves or finds
   superseded is not for it to say.  It borrows from the ring. */
struct policy select_policy(const struct rings_ring *g);

/*
 * select_words.c: updates whose newest revision words name, by id or KB number,
 * into bits, which are zeros; or NULL.  hit[i] becomes true where anything held
 * has word i; eula: an EulaID is one too.
 */
int select_words(const struct facts *f, const struct policy_words *w, bool eula,
    uint8_t *bits, bool *hit, struct err *e);

/* select_list.c: the list of that name, read once. */
int select_list(struct select *s, const char *name, struct select_list **list,
    struct err *e);
/* How many updates that a ring's other lines let in it does not name. */
void select_list_tell(const struct select *s, size_t ring, const uint8_t *bits,
    const struct select_list *l);

/* select_upstream.c: groups, and what v points to of them. */
int select_upstream(struct select *s, struct err *e);

#endif
