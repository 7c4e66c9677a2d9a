/* SPDX-License-Identifier: ISC */
/*
 * Inside follow.c and related.c only: which revisions an upstream has of ids
 * that are known by nothing else.
 */
#ifndef WF_RELATED_H
#define WF_RELATED_H

#include "lib/fetch/fetch_priv.h"

#define RELATED_BATCH 100

struct related {
	struct guid ids[RELATED_BATCH]; /* what is asked */
	size_t n;
	struct ss_rev *v; /* owned: what is known; sorted when it was asked */
	size_t nv, cap;
	unsigned most; /* ids at a time */
	bool whole; /* v is all that the upstream has */
};

/*
 * Ask for r->ids.  Microsoft is asked for what is related to them; of a WSUS,
 * which need not know that call, all that it has is listed, once for one r.
 * 1: r->v has what there is of them; 0: ask for less, r->most at a time; -1.
 */
int related_ask(struct fetch *f, struct related *r, struct err *e);
/* The newest revision of it, 0: none. */
uint32_t related_newest(const struct related *r, const struct guid *id);

#endif
