/* SPDX-License-Identifier: ISC */
/* Prerequisites of which no revision is held: which revision there is. */
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

#define RELATED_BATCH 100

struct related {
	struct guid ids[RELATED_BATCH];
	bool found[RELATED_BATCH];
	size_t n;
	struct ss_rev *v; /* owned */
	size_t nv, cap;
};

static int
ask_related(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct related *r = arg;

	r->nv = 0;
	return ss_ask_related(b, &f->session.cookie, r->ids, r->n, e);
}

static int
see_related(void *arg, const struct ss_rev *rev, struct err *e)
{
	struct related *r = arg;

	if (grow(&r->v, &r->cap, r->nv, sizeof(*r->v), e) == -1)
		return -1;
	r->v[r->nv++] = *rev;
	return 0;
}

/* Only what was asked for, the newest of it: the answer has relations, too. */
static int
put_related(struct fetch *f, struct related *r, bool *more, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		uint32_t newest = 0;
		bool added = false;

		for (size_t k = 0; k < r->nv; k++)
			if (guid_cmp(&r->v[k].id, &r->ids[i]) == 0 &&
			    r->v[k].revision > newest)
				newest = r->v[k].revision;
		if (newest != 0 &&
		    sync_add(f->store, f->up.row, SYNC_CLOSURE, &r->ids[i],
			newest, &added, e) == -1)
			return -1;
		if (added)
			*more = true;
		else if (sync_unavailable(f->store, f->up.row, &r->ids[i], 0,
			     "the upstream knows no revision of it", e) == -1)
			return -1;
	}
	return 0;
}

static int
related(struct fetch *f, struct related *r, bool *more, struct err *e)
{
	const struct ss_each each = {.rev = see_related};
	struct fetch_call c = {.op = SS_GET_RELATED_REVISIONS,
	    .ask = ask_related,
	    .each = &each,
	    .arg = r,
	    .want_faults = 1U << SOAP_INTERNAL | 1U << SOAP_UNKNOWN |
		1U << SOAP_INVALID_PARAMETERS};
	unsigned most = RELATED_BATCH;
	int n;

	while ((n = sync_dangling(f->store, f->up.row, r->ids, most, e)) > 0) {
		r->n = (size_t)n;
		if (fetch_call(f, &c, e) == -1)
			return -1;
		if (f->session.call.reply->fault.code != SOAP_OK) {
			/* One that it does not know may be among them. */
			most = ((unsigned)n + 1) / 2;
			if (n > 1)
				continue;
			r->nv = 0;
		}
		if (store_begin(f->store, e) == -1)
			return -1;
		if (put_related(f, r, more, e) == -1) {
			store_rollback(f->store);
			return -1;
		}
		if (store_commit(f->store, e) == -1)
			return -1;
	}
	return n;
}

int
fetch_related(struct fetch *f, bool *more, struct err *e)
{
	struct related *r;
	int res;

	*more = false;
	if (!f->peer.microsoft)
		return 0;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return err_nomem(e);
	res = related(f, r, more, e);
	free(r->v);
	free(r);
	return res;
}
