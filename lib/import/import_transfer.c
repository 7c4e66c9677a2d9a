/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sign.h"
#include "lib/import/import_priv.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/media.h"
#include "lib/transfer/sequence.h"
#include "lib/transfer/transfer.h"
#include "lib/store/store.h"

/*
 * The very transfer that the ledger has already is checked again; the last one
 * of its origin may tell what an older version did not keep, and nothing else
 * changes, but that payload which was lost since is taken from any.
 */
static int
check_sequence(struct import *im, const struct transfer *t, struct err *e)
{
	struct sequence q = {.allow = im->o->allow_rollback};

	if (sequence_check(im->store, t, &q, e) == -1)
		return -1;
	im->sequence = q;
	if (q.allowed)
		log_event(im->log, LOG_WARN, im->o->paths[0],
		    "%s; --allow-rollback was given: it is taken", q.why.msg);
	im->already = q.already;
	im->learns = q.last;
	if (!q.already)
		return 0;
	im->row = q.row;
	im->take.row = q.row.row;
	im->take.is_old = !q.last;
	return 0;
}

static int
open_row(struct import *im, const struct transfer *t, struct err *e)
{
	if (sequence_add(im->store, t, &im->row, e) == -1)
		return -1;
	im->take.row = im->row.row;
	return sequence_note(im->store, &im->sequence, &im->row, e);
}

/* All of it is here. */
static int
take_whole(struct import *im, const struct transfer *t, struct err *e)
{
	if (import_room_transfer(im, t, e) == -1 ||
	    import_accept(im, e) == -1 ||
	    (!im->already && open_row(im, t, e) == -1) ||
	    take_transfer_docs(&im->take, t, e) == -1 ||
	    import_ready(im, e) == -1 || import_with_take(im, t, e) == -1 ||
	    take_transfer_payload(&im->take, t, e) == -1)
		return -1;
	if (import_settle(im, e) == -1)
		return -1;
	return import_receipt_carried(im, t, e);
}

static int
check_keys(const struct import *im, const struct keyring *keys, struct err *e)
{
	if (keys->n != 0 || keys->nrevoked != 0)
		return 0;
	if (im->o->trusted_keys != NULL)
		return err_set(e, E_SIG,
		    "no trusted key: there is no *.pub in %s",
		    im->o->trusted_keys);
	return err_set(e, E_SIG,
	    "no trusted key: give one with --trusted-keys, or put it into the "
	    "store with wsusferry-key trust");
}

/* What was named, and what waits of it; the sequence is asked of the whole. */
static int
read_transfer(struct import *im, struct media *m, const struct keyring *keys,
    struct err *e)
{
	const struct transfer *t;

	if (check_keys(im, keys, e) == -1 ||
	    media_open(m, im->o->paths, im->o->npaths, keys, im->take.scratch,
		im->log, e) == -1 ||
	    (!media_is_whole(m) &&
		media_add_waiting(m, store_dirfd(im->store), keys,
		    im->take.scratch, e) == -1))
		return -1;
	t = media_join(m);
	/* The last medium bears the identity of the whole. */
	if (!media_is_whole(m) && media_find(m, t->info.bags) != NULL)
		t = &media_find(m, t->info.bags)->t;
	if (check_sequence(im, t, e) == -1)
		return -1;
	return media_is_whole(m) ? take_whole(im, t, e)
				 : import_media_keep(im, m, keys, e);
}

int
import_transfer(struct import *im, struct err *e)
{
	struct keyring keys = KEYRING_INIT;
	int r;

	r = keyring_load(&keys, KEYS_TRANSFERS, im->o->trusted_keys,
	    store_dirfd(im->store), e);
	if (r == 0)
		r = read_transfer(im, &im->media, &keys, e);
	if (r == -1 && im->o->npaths == 1)
		err_ctx(e, "%s", im->o->paths[0]);
	keyring_free(&keys);
	return r;
}
