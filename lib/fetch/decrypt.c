/* SPDX-License-Identifier: ISC */
/* The keys of encrypted files. */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/fetch/batch_halves.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/store/store.h"

#define KEYS_BARREN 100 /* ids without keys in a row: no more are asked for */

struct keys {
	struct fetch *f;
	struct ss_rev *v; /* owned: revisions without keys */
	size_t n, cap, at;
	struct halves h; /* those of one batch */
	struct ss_rev ids[FETCH_BATCH_MAX]; /* those of one request */
	unsigned barren; /* ids in a row of which no call brought anything */
	uint64_t got;
};

static int
see_keyless(void *arg, const struct guid *id, uint32_t revision, struct err *e)
{
	struct keys *k = arg;

	if (grow(&k->v, &k->cap, k->n, sizeof(*k->v), e) == -1)
		return -1;
	k->v[k->n++] = (struct ss_rev){.id = *id, .revision = revision};
	return 0;
}

static int
ask_keys(struct fetch *f, struct buf *b, void *arg, struct err *e)
{
	struct keys *k = arg;

	return serversync_ask_revs(b, SS_GET_UPDATE_DECRYPTION_DATA,
	    &f->session.cookie, k->ids, k->h.span.n, e);
}

/* Each is kept at once: an answer that breaks off later takes none away. */
static int
see_key(void *arg, const struct ss_key *key, struct err *e)
{
	struct keys *k = arg;
	struct fetch *f = k->f;

	if (store_begin(f->store, e) == -1)
		return -1;
	k->got += key->key != NULL;
	return store_end(f->store,
	    sync_key_put(f->store, key->sha1, key->key,
		key->key != NULL ? key->nkey : 0, e),
	    e);
}

static int
no_key(void *arg, const struct sync_work *w, const char *why, bool later,
    struct err *e)
{
	struct fetch *f = arg;
	char id[GUID_LEN + 1];

	if (later)
		return 0;
	guid_write(id, &w->id);
	log_event(f->log, LOG_INFO, id,
	    "revision %" PRIu32 ": no keys for its encrypted files: %s",
	    w->revision, why);
	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(
	    f->store, sync_key_none(f->store, &w->id, w->revision, e), e);
}

/* One request; FETCH_FAULT: it gives none at all. */
static int
call_keys(struct fetch *f, struct keys *k, struct err *e)
{
	const struct ss_each each = {.key = see_key};
	const struct halves_lost l = {no_key, f};
	struct session_call c = {.op = SS_GET_UPDATE_DECRYPTION_DATA,
	    .ask = ask_keys,
	    .each = &each,
	    .arg = k,
	    .want_faults = 1U << SOAP_INTERNAL | 1U << SOAP_UNKNOWN |
		1U << SOAP_INVALID_PARAMETERS};
	struct err bad;
	int r = session_call(f, &c, e);

	if (r == 0) {
		k->h.any = true;
		k->h.again = false;
		return 0;
	}
	if (r == FETCH_FAULT)
		return f->session.call.reply->fault.code == SOAP_UNKNOWN
		    ? FETCH_FAULT
		    : batch_halves_fault(
			  &k->h, &f->session.call.reply->fault, &l, e);
	if (!f->session.came || (e->kind != E_FORMAT && e->kind != E_LIMIT))
		return -1;
	bad = *e;
	err_clear(e);
	log_event(f->log, LOG_WARN, f->peer.base, "%s", bad.msg);
	return batch_halves_split(&k->h, bad.msg, &l, e);
}

/* As many as go into one request, and all that this is divided into. */
static int
batch_keys(struct fetch *f, struct keys *k, struct err *e)
{
	size_t n = k->n - k->at < f->limits.key_batch ? k->n - k->at
						      : f->limits.key_batch;
	int r;

	for (size_t i = 0; i < n; i++)
		k->h.ids[i] = (struct sync_work){.id = k->v[k->at + i].id,
		    .revision = k->v[k->at + i].revision};
	batch_halves_begin(&k->h, (unsigned)n);
	while (batch_halves_next(&k->h, f->limits.key_batch, k->ids))
		if ((r = call_keys(f, k, e)) != 0)
			return r;
	k->barren = k->h.any ? 0 : k->barren + (unsigned)n;
	if (k->barren >= KEYS_BARREN)
		return FETCH_FAULT;
	k->at += n;
	return 0;
}

static int
keys(struct fetch *f, struct keys *k, struct err *e)
{
	int r;

	while (k->at < k->n) {
		if ((r = batch_keys(f, k, e)) == -1)
			return -1;
		if (r == FETCH_FAULT) {
			log_event(f->log, LOG_INFO, f->peer.base,
			    "no keys for %s with encrypted files: %s",
			    words_count(k->n - k->at, "revision").s,
			    f->session.call.reply->fault.word);
			return 0;
		}
	}
	log_event(f->log, LOG_DEBUG, f->peer.base,
	    "%s for the encrypted files of %s", words_count(k->got, "key").s,
	    words_count(k->n, "revision").s);
	return 0;
}

int
decrypt_fetch(struct fetch *f, struct err *e)
{
	struct keys *k;
	int r;

	if (f->limits.key_batch == 0)
		return 0;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return err_nomem(e);
	k->f = f;
	r = sync_each_keyless(f->store, see_keyless, k, e);
	if (r == 0 && k->n > 0)
		r = keys(f, k, e);
	free(k->v);
	free(k);
	return r;
}
