/* SPDX-License-Identifier: ISC */
/*
 * What documents refer to and no list names, at whatever depth: bundled
 * revisions, which they name exactly, and prerequisites, of which any revision
 * will do.
 */
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/fetch/related.h"
#include "lib/store/store.h"

/* One that is not held, and that nobody has asked for: of what came by other
   ways. */
static int
add_missing(void *arg, const struct guid *id, uint32_t revision,
    uint64_t wanted_by, struct err *e)
{
	struct fetch *f = arg;
	bool added = false;

	(void)wanted_by;
	if (revision == 0)
		return sync_want(f->store, f->up.row, id, &added, e);
	if (sync_add(f->store, f->up.row, SYNC_CLOSURE, id, revision, &added,
		e) == -1)
		return -1;
	f->n.to_get += added;
	return 0;
}

static int
add_all_missing(struct fetch *f, struct err *e)
{
	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(
	    f->store, store_each_missing(f->store, add_missing, f, e), e);
}

/* The newest of each becomes work. */
static int
put_newest(struct fetch *f, const struct related *r, bool *more, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		uint32_t newest = related_newest(r, &r->ids[i]);
		bool added = false;

		if (newest != 0 &&
		    sync_add(f->store, f->up.row, SYNC_CLOSURE, &r->ids[i],
			newest, &added, e) == -1)
			return -1;
		f->n.to_get += added;
		if (added)
			*more = true;
		else if (sync_unavailable(f->store, f->up.row, &r->ids[i], 0,
			     "the upstream knows no revision of it", e) == -1)
			return -1;
	}
	return 0;
}

static int
keep_newest(struct fetch *f, const struct related *r, bool *more, struct err *e)
{
	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(f->store, put_newest(f, r, more, e), e);
}

/* Of those of which no revision is named. */
static int
name_all(struct fetch *f, struct related *r, bool *more, struct err *e)
{
	int n, res;

	*more = false;
	/* All that there is was listed: what is not among it is not there. */
	if (!f->peer.microsoft && !f->way.filtered)
		return 0;
	while (
	    (n = sync_dangling(f->store, f->up.row, r->ids, r->most, e)) > 0) {
		r->n = (size_t)n;
		if ((res = related_ask(f, r, e)) == -1 ||
		    (res == 1 && keep_newest(f, r, more, e) == -1))
			return -1;
	}
	return n;
}

int
follow_all(struct fetch *f, struct err *e)
{
	struct related *r;
	bool more = true;
	int res;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return err_nomem(e);
	r->most = RELATED_BATCH;
	res = add_all_missing(f, e);
	/* It ends: FETCH_FOLLOW_MAX bounds what is gone after. */
	while (res == 0 && more)
		if ((res = batch_fetch(f, e)) == 0)
			res = name_all(f, r, &more, e);
	free(r->v);
	free(r);
	return res;
}
