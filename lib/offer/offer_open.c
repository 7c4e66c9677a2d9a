/* SPDX-License-Identifier: ISC */
/* What a build starts from: the ring file, the store, the snapshot before. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/choose/choose_file.h"
#include "lib/offer/offer_priv.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

#define CACHE_KIB 8192 /* tables are read from end to end, once */

int
offer_read_rings(struct offer *b, struct err *e)
{
	struct buf text = BUF_INIT;
	int r = -1;

	if (b->o->rings != NULL &&
	    choose_file_text(
		b->o->rings, "ring file", POLICY_MAX_BYTES, &text, e) == -1)
		goto out;
	blake_of(b->file_hash, sizeof(b->file_hash), text.p, text.len);
	if (rings_read(&b->rings, text.p, text.len, e) == -1) {
		err_ctx(e, "ring file '%s'", b->o->rings);
		goto out;
	}
	r = rings_default(&b->rings, e);
out:
	buf_free(&text);
	return r;
}

int
offer_try_rings(const char *rings, struct err *e)
{
	const struct offer_opts o = {.rings = rings};
	struct offer b = {.o = &o, .rings = RINGS_INIT};
	int r = offer_read_rings(&b, e);

	rings_free(&b.rings);
	return r;
}

static int
tell_unsound(
    void *arg, const char *name, const struct err *fault, struct err *e)
{
	struct offer *b = arg;

	(void)name;
	(void)e;
	log_event(b->log, LOG_WARN, b->o->store, SNAP_FOLDER "/%s: passed over",
	    fault->msg);
	return 0;
}

/* For writing it is made. */
static int
open_folder(struct offer *b, bool writes, struct err *e)
{
	int storefd = store_dirfd(b->store);

	if (writes && os.mkdirat(storefd, SNAP_FOLDER, 0755) == 0 &&
	    out_flush_folder(storefd) == -1)
		return err_sys(e, "flushing the folder of " SNAP_FOLDER);
	return snap_open(storefd, &b->dirfd, e) == -1 ? -1 : 0;
}

static int
find_previous(struct offer *b, struct err *e)
{
	struct snap_list l;
	int r;

	if (b->dirfd == -1)
		return 0;
	if (snap_list(&l, b->dirfd, e) == -1)
		return -1;
	b->highest = l.n > 0 ? l.v[0] : 0;
	snap_list_free(&l);
	r = snap_newest(
	    &b->prev, b->dirfd, store_id(b->store), 0, tell_unsound, b, e);
	b->has_prev = r == 1;
	return r == -1 ? -1 : 0;
}

/* An older store is brought up once, and not with each build for nothing. */
static int
begin(struct offer *b, bool writes, struct err *e)
{
	if (store_begin(b->store, e) == -1)
		return -1;
	if (!writes || !store_raised(b->store))
		return 0;
	return store_commit(b->store, e) == -1 ? -1 : store_begin(b->store, e);
}

int
offer_open(struct offer *b, bool writes, struct err *e)
{
	if (store_open(&b->store, b->o->store,
		writes ? STORE_WRITE : STORE_READ, NULL, e) == -1 ||
	    (writes && store_accept(b->store, b->log, e) == -1) ||
	    begin(b, writes, e) == -1 ||
	    store_cache(b->store, CACHE_KIB, e) == -1 ||
	    open_folder(b, writes, e) == -1)
		return -1;
	return find_previous(b, e);
}
