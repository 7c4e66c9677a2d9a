/* SPDX-License-Identifier: ISC */
/*
 * Receipts without an import: payload that was lost since the last one is
 * noted, and what is held now is said, so that the side that exported sends the
 * rest again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/import/import_priv.h"
#include "lib/store/gone.h"
#include "lib/store/lacking.h"
#include "lib/store/store.h"

struct origins {
	struct guid *v; /* owned: each once, as they came */
	size_t n, cap;
	/* Of what is written, what says more than the last one did. */
	uint64_t fresh, as_before;
};

static int
add_origin(void *arg, const struct ledger_row *r, struct err *e)
{
	struct origins *o = arg;

	if (r->kind != LEDGER_IMPORT || r->state != LEDGER_IMPORTED)
		return 0;
	for (size_t i = 0; i < o->n; i++)
		if (guid_cmp(&o->v[i], &r->origin) == 0)
			return 0;
	if (grow(&o->v, &o->cap, o->n, sizeof(*o->v), e) == -1)
		return -1;
	o->v[o->n++] = r->origin;
	return 0;
}

static int
open_now(struct import *im, struct err *e)
{
	const struct import_opts *o = im->o;

	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (o->npaths != 0)
		return err_set(e, E_USAGE,
		    "--receipt-now imports nothing: give no transfer with it");
	if (o->sign_key == NULL)
		return err_set(e, E_USAGE,
		    "--receipt-now: a receipt is signed: give --sign-key FILE "
		    "(see wsusferry-key new)");
	if (import_receipt_begin(im, e) == -1 ||
	    store_open(&im->store, o->store,
		o->dry_run ? STORE_TRY : STORE_WRITE, NULL, e) == -1)
		return -1;
	if (store_unborn(im->store))
		return err_set(
		    e, E_USAGE, "%s: not a store: nothing is there", o->store);
	return 0;
}

/* What is lost is lost from here on, also where nobody is to hear of it. */
static int
note_lost(struct import *im, struct origins *to, uint64_t *lost, struct err *e)
{
	const struct lacking_of of = {.noted = true};
	struct lacking_how how = {.subject = im->o->store};

	if (!im->o->dry_run &&
	    (store_accept(im->store, im->log, e) == -1 ||
		store_log(im->store, im->log, im->o->log_path, "import.log",
		    e) == -1))
		return -1;
	if (store_begin(im->store, e) == -1 ||
	    gone_note(im->store, im->log, lost, e) == -1 ||
	    ledger_each(im->store, add_origin, to, e) == -1 ||
	    lacking_tell(im->store, im->log, &of, &how, &im->lacking, e) == -1)
		return -1;
	/* A dry run stays in this transaction, and nothing of it is kept. */
	return im->o->dry_run ? 0 : store_commit(im->store, e);
}

/* One origin's: a new one, or the last, where it says all of it already. */
static int
say_one(struct import *im, struct origins *to, const struct guid *origin,
    struct err *e)
{
	bool keep = !im->o->dry_run;
	int r;

	im->receipt.there = im->receipt.is_new = false;
	if ((keep && store_begin(im->store, e) == -1) ||
	    (r = ledger_last_import(im->store, origin, &im->row, e)) == -1)
		return -1;
	if (r == 1 && import_receipt_make(im, e) == -1)
		return -1;
	if (keep && store_commit(im->store, e) == -1)
		return -1;
	to->fresh += im->receipt.is_new;
	to->as_before += im->receipt.there && !im->receipt.is_new;
	return import_receipt_write(im, e);
}

static void
summarize(struct import *im, const struct origins *of, uint64_t lost)
{
	char before[64] = "";
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", im->o->dry_run);
	json_num(&j, "receipts", of->fresh);
	json_num(&j, "as_before", of->as_before);
	json_num(&j, "lost_files", lost);
	lacking_json(&j, &im->lacking);
	if (of->as_before != 0)
		snprintf(before, sizeof(before), ", %llu %s as before",
		    (unsigned long long)of->as_before,
		    words_pick(of->as_before, "is", "are"));
	log_summary(im->log, &j, "%s %s%s; %s lost since the last ones; %s",
	    im->o->dry_run ? "would write" : "wrote",
	    words_count(of->fresh, "receipt").s, before,
	    words_count(lost, "payload file").s,
	    lacking_summary(&im->lacking).s);
	json_free(&j);
}

static int
say_all(struct import *im, struct err *e)
{
	struct origins from = {.v = NULL};
	uint64_t lost = 0;
	int r = note_lost(im, &from, &lost, e);

	/* As of transfers that were imported before. */
	im->already = true;
	if (r == 0 && from.n == 0)
		r = err_set(e, E_MISSING,
		    "%s: no transfer was imported, so there is nothing to say",
		    im->o->store);
	for (size_t i = 0; r == 0 && i < from.n; i++)
		r = say_one(im, &from, &from.v[i], e);
	if (r == 0)
		summarize(im, &from, lost);
	if (im->o->dry_run)
		store_rollback(im->store);
	free(from.v);
	return r;
}

int
import_now(const struct import_opts *o, struct err *e)
{
	struct import im = {.o = o,
	    .log = o->log,
	    .content = CONTENT_INIT,
	    .receipt.failures = BUF_INIT,
	    .scratch = -1,
	    .to = -1};
	int r = open_now(&im, e);

	if (r == 0)
		r = say_all(&im, e);
	if (r == -1 && im.store != NULL)
		store_rollback(im.store);
	store_close(im.store);
	import_receipt_end(&im);
	return r;
}
