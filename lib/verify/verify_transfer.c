/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sign.h"
#include "lib/base/sort.h"
#include "lib/store/store.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/media.h"
#include "lib/transfer/sequence.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"
#include "lib/verify/verify_priv.h"

/*
 * The store that it is judged for, and the keys.  One that is not there is new,
 * as for an import; but not where its keys are what counts.
 */
static int
open_store(struct verify *v, struct keyring *keys, struct err *e)
{
	const char *given = v->o->trusted_keys;

	if (v->o->store == NULL)
		return keyring_load(keys, KEYS_TRANSFERS, given, -1, e);
	if (verify_try(v, e) == -1)
		return -1;
	if (!store_unborn(v->store))
		return keyring_load(
		    keys, KEYS_TRANSFERS, given, store_dirfd(v->store), e);
	if (given == NULL)
		return err_set(e, E_USAGE, "%s: not a store: nothing is there",
		    v->o->store);
	log_event(v->log, LOG_INFO, v->o->store,
	    "no store is there: judged as for a new one");
	return keyring_load(keys, KEYS_TRANSFERS, given, -1, e);
}

/* What the store's ledger says of it; then it has a row there, as in import. */
static int
check_sequence(struct verify *v, const struct transfer *t, struct take *take,
    bool *already, struct err *e)
{
	struct err fault = ERR_INIT;
	struct sequence q = {.allow = false};

	*already = false;

	if (sequence_check(v->store, t, &q, &fault) == -1) {
		if (fault.kind == E_SEQ) {
			log_finding_err(v->log, v->path, &fault);
			return 0;
		}
		*e = fault;
		return -1;
	}
	*already = q.already;
	take->is_old = q.already && !q.last;
	if (!q.already && sequence_add(v->store, t, &q.row, e) == -1)
		return -1;
	take->row = q.row.row;
	return 0;
}

/* A store does not import what it exported: that is judged for any other. */
static void
choose_store(struct verify *v, const struct transfer *t)
{
	char id[BAG_WORD + 1];

	if (v->store != NULL &&
	    guid_cmp(&t->info.origin, store_id(v->store)) == 0) {
		log_event(v->log, LOG_INFO, v->path,
		    "%s exported it: judged as for any other store",
		    v->o->store);
		verify_drop(v);
	}
	if (v->store != NULL || t->info.base == 0)
		return;
	bag_info_id(id, t->info.site, t->info.base);
	log_event(v->log, LOG_INFO, v->path,
	    "builds on %s, which was not looked at: what it may have brought "
	    "is not called lacking; --store names a store that imported it",
	    id);
}

/* Payload that it neither carries nor calls absent is acknowledged: what it
   builds on may have brought it. */
static bool
is_known(void *arg, const uint8_t sha1[SHA1_LEN])
{
	const struct take *t = arg;

	return sort_find(sha1, t->absences, t->nabsences, SHA1_LEN,
		   sort_by_sha1) != NULL;
}

/* All that import does with it. */
static int
read_whole(
    struct verify *v, const struct transfer *t, int scratch, struct err *e)
{
	struct take take = {.store = NULL};
	struct lacking_of of = {.arg = &take, .noted = true};
	bool judged = v->store != NULL, already;
	int r = -1;

	if (verify_begin(v, &take, scratch, e) == 0 &&
	    (!judged || check_sequence(v, t, &take, &already, e) == 0) &&
	    take_transfer_docs(&take, t, e) == 0)
		r = take_transfer_payload(&take, t, e);
	of.known = judged || t->info.base == 0 ? NULL : is_known;
	if (r == 0 && v->log->findings == v->began)
		r = verify_lacking(v, v->store, &of, NULL, e);
	verify_end(v, &take);
	return r;
}

/* Documents are judged when all of it is here, as import does. */
static int
read_media(struct verify *v, struct media *m, int scratch, struct err *e)
{
	struct take take = {.store = NULL};
	struct buf missing = BUF_INIT;
	const struct medium *last = media_find(m, m->v[0].t.info.bags);
	const struct transfer *t = last != NULL ? &last->t : &m->v[0].t;
	bool judged = v->store != NULL, already = false;
	int r = -1;

	if (verify_begin(v, &take, scratch, e) == 0 &&
	    (!judged || check_sequence(v, t, &take, &already, e) == 0))
		r = 0;
	for (size_t i = 0; r == 0 && i < m->n; i++)
		if (m->v[i].path != NULL)
			r = take_files(&take, &m->v[i].t, e);
	verify_end(v, &take);
	if (r == 0 && !already && (r = media_missing(m, &missing, e)) == 0)
		log_finding(v->log, E_SEQ, v->path, E_NO_OFFSET,
		    "the documents are looked at when all %u media are there; "
		    "missing: %s",
		    m->v[0].t.info.bags, buf_str(&missing, e));
	buf_free(&missing);
	return r;
}

static int
read_all(struct verify *v, struct media *m, const struct keyring *keys,
    int scratch, struct err *e)
{
	const char *const *paths = v->with == NULL ? &v->path : v->with;
	size_t n = v->with == NULL ? 1 : v->nwith;
	int storefd = -1;

	if (media_begin(m, paths, n, e) == -1 ||
	    media_open(m, paths, n, keys, scratch, v->log, e) == -1)
		return -1;
	if (v->o->glance) {
		v->glanced = true;
		return 0;
	}
	choose_store(v, &m->v[0].t);
	if (v->store != NULL)
		storefd = store_dirfd(v->store);
	if (!media_is_whole(m) &&
	    media_add_waiting(m, storefd, keys, scratch, e) == -1)
		return -1;
	for (size_t i = 0; i < m->n; i++)
		v->total += m->v[i].t.nfiles - m->v[i].t.nelsewhere;
	return media_is_whole(m) ? read_whole(v, media_join(m), scratch, e)
				 : read_media(v, m, scratch, e);
}

/* Those of the paths that seem to be of the same transfer; 1: it was judged
   with an earlier one of them. */
static int
gather_media(struct verify *v, struct err *e)
{
	const struct verify_opts *o = v->o;
	size_t at = 0;

	while (at < o->npaths && o->paths[at] != v->path)
		at++;
	for (size_t i = 0; i < at && at < o->npaths; i++)
		if (media_alike(o->paths[i], v->path))
			return 1;
	if (at >= o->npaths)
		return 0;
	v->with = calloc(o->npaths - at, sizeof(*v->with));
	if (v->with == NULL)
		return err_nomem(e);
	v->with[v->nwith++] = v->path;
	for (size_t i = at + 1; i < o->npaths; i++)
		if (media_alike(v->path, o->paths[i]))
			v->with[v->nwith++] = o->paths[i];
	return 0;
}

int
verify_transfer(struct verify *v, struct err *e)
{
	struct media m = MEDIA_INIT;
	struct keyring keys = KEYRING_INIT;
	int scratch = -1, r = gather_media(v, e);

	if (r == 1) {
		v->judged = true;
		return 0;
	}
	if (r == 0 && (r = intake_scratch(&scratch, e)) == 0 &&
	    (r = open_store(v, &keys, e)) == 0)
		r = read_all(v, &m, &keys, scratch, e);
	media_close(&m);
	keyring_free(&keys);
	free(v->with);
	v->with = NULL;
	if (scratch != -1)
		close(scratch);
	return r;
}
