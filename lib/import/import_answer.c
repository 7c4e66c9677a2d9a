/* SPDX-License-Identifier: ISC */
/* What came back: a receipt is taken by the store that exported. */
#include <inttypes.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/import/import_priv.h"
#include "lib/store/store.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/receipt_in.h"
#include "lib/transfer/receipt_out.h"

struct answer {
	const struct import_opts *o; /* borrowed */
	struct store *store; /* owned */
	struct keyring keys; /* owned */
	struct receipt_in in; /* owned */
};

static int
check_given(const struct import_opts *o, struct err *e)
{
	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (o->npaths != 0)
		return err_set(e, E_USAGE,
		    "--receipt: one receipt at a time, and no transfer with "
		    "it");
	return 0;
}

static int
open_answer(struct answer *a, struct err *e)
{
	const struct import_opts *o = a->o;

	if (check_given(o, e) == -1 ||
	    store_open(&a->store, o->store,
		o->dry_run ? STORE_TRY : STORE_WRITE, NULL, e) == -1)
		return -1;
	if (store_unborn(a->store))
		return err_set(
		    e, E_USAGE, "%s: not a store: nothing is there", o->store);
	return keyring_load(
	    &a->keys, KEYS_RECEIPTS, o->trusted_keys, store_dirfd(a->store), e);
}

static int
take(struct answer *a, int64_t now, struct err *e)
{
	if (store_accept(a->store, a->o->log, e) == -1 ||
	    store_log(a->store, a->o->log, a->o->log_path, "import.log", e) ==
		-1 ||
	    receipt_in_take(&a->in, a->store, now, e) == -1)
		return -1;
	return store_commit(a->store, e);
}

static int
judge_and_take(struct answer *a, struct err *e)
{
	const char *name = strcmp(a->o->receipt, RECEIPT_IN_STDIN) == 0
	    ? "standard input"
	    : a->o->receipt;
	int64_t now;

	if (utc_now(&now, e) == -1 || store_begin(a->store, e) == -1)
		return -1;
	if (receipt_in_read(&a->in, a->o->receipt, &a->keys, e) == -1 ||
	    receipt_in_judge(
		&a->in, a->store, &a->keys, a->o->destination, e) == -1)
		return err_ctx(e, "%s", name);
	if (a->o->dry_run || a->in.already) {
		store_rollback(a->store);
		return 0;
	}
	return take(a, now, e);
}

/* Among those that this side wrote itself; what is lacking is written. */
static int
keep(struct answer *a, struct err *e)
{
	char name[2 * RECEIPT_OUT_NAME];
	const struct receipt *r = &a->in.row.r;

	if (a->o->dry_run)
		return 0;
	snprintf(name, sizeof(name),
	    "taken-%s-%06" PRIu32 "-%s-%06" PRIu32 ".txt", a->in.to.name,
	    r->number, a->in.about.site, r->sequence);
	if (receipt_out_keep(a->store, name, &a->in.row, NULL, e) == 0)
		return 0;
	return err_ctx(e, "taken, but the copy is not written; give it again");
}

static void
tell(const struct answer *a)
{
	const struct receipt_in *i = &a->in;
	char id[2 * SIGN_ID_LEN + 1], store[GUID_LEN + 1];

	sign_id_text(id, i->by.id);
	guid_write(store, &i->row.r.store);
	if (i->pins)
		log_event(a->o->log, LOG_INFO, i->to.name,
		    "from now on this destination is store %s, whose receipts "
		    "key %s signs",
		    store, id);
	if (i->unknown != 0)
		log_event(a->o->log, LOG_WARN, i->to.name,
		    "%s imported there %s written by an older version, which "
		    "kept no record of what it carried: that counts as not "
		    "sent",
		    words_count(i->unknown, "transfer").s,
		    words_pick(i->unknown, "was", "were"));
	if (i->lost_revs != 0 || i->lost_files != 0)
		log_event(a->o->log, LOG_WARN, i->to.name,
		    "%s and %s of what came there are not held, or stand in a "
		    "part where something is not: they go again",
		    words_count(i->lost_revs, "revision").s,
		    words_count(i->lost_files, "file").s);
	if (i->row.r.failures != 0)
		log_event(a->o->log, LOG_WARN, i->to.name,
		    "%s%s refused there: the list is beside the receipt, on "
		    "that side",
		    words_count(i->row.r.failures, "revision").s,
		    i->row.r.failures == UINT16_MAX ? " or more were"
			: i->row.r.failures == 1    ? " was"
						    : " were");
}

static void
summarize(const struct answer *a)
{
	const struct receipt_in *i = &a->in;
	char when[UTC_LEN + 1], store[GUID_LEN + 1];
	struct json j = JSON_INIT;

	utc_write(when, i->row.r.time_s);
	guid_write(store, &i->row.r.store);
	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", a->o->dry_run);
	json_bool(&j, "already", i->already);
	json_num(&j, "receipt", i->row.r.number);
	json_str(&j, "destination", i->to.name);
	json_str(&j, "store", store);
	json_num(&j, "sequence", i->row.r.sequence);
	json_num(&j, "held_revisions", i->nrevs);
	json_num(&j, "held_files", i->nfiles);
	json_num(&j, "lost_revisions", i->lost_revs);
	json_num(&j, "lost_files", i->lost_files);
	if (i->already)
		log_summary(a->o->log, &j,
		    "receipt %" PRIu32 " of %s was taken before: nothing to do",
		    i->row.r.number, i->to.name);
	else
		log_summary(a->o->log, &j,
		    "%s receipt %" PRIu32 " of %s, written %.10s: %s-%06" PRIu32
		    " was imported there; %s and %s are held",
		    a->o->dry_run ? "would take" : "took", i->row.r.number,
		    i->to.name, when, i->about.site, i->row.r.sequence,
		    words_count(i->nrevs, "revision").s,
		    words_count(i->nfiles, "file").s);
	json_free(&j);
}

int
import_answer(const struct import_opts *o, struct err *e)
{
	struct answer a = {.o = o, .keys = KEYRING_INIT, .in = RECEIPT_IN_INIT};
	int r = -1;

	if (open_answer(&a, e) == 0 && (r = judge_and_take(&a, e)) == 0) {
		if (!a.in.already)
			tell(&a);
		r = keep(&a, e);
		summarize(&a);
	}
	receipt_in_free(&a.in);
	keyring_free(&a.keys);
	store_close(a.store);
	return r;
}
