/* SPDX-License-Identifier: ISC */
/* The inbox becomes visible: one commit for all that has arrived. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/store/docs.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/base/grow.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"

struct take {
	struct fetch *f;
	struct docs *docs; /* owned */
	uint64_t put, n; /* n: revisions in the inbox */
	struct ledger_row row; /* of the ledger: what they came with */
	struct ss_rev *bad; /* owned: damaged while they waited */
	size_t nbad, capbad;
	bool misnamed; /* one of them may have been another's */
};

/* A document that was kept out leaves the others as they are. */
static int
keep_out(struct fetch *f, const struct docs_item *it, struct err *e)
{
	char id[GUID_LEN + 1];

	guid_write(id, &it->id);
	log_finding_err(f->log, id, e);
	return 0;
}

/* Once in a run: what is damaged again is no accident. */
static int
see_bad(struct take *t, const struct guid *id, uint32_t revision,
    const struct err *why, struct err *e)
{
	char text[GUID_LEN + 1];

	if (err_is_ours(why) || t->f->way.mended) {
		*e = *why;
		guid_write(text, id);
		return err_ctx(
		    e, "inbox: update %s revision %" PRIu32, text, revision);
	}
	if (grow(&t->bad, &t->capbad, t->nbad, sizeof(*t->bad), e) == -1)
		return -1;
	t->bad[t->nbad++] = (struct ss_rev){.id = *id, .revision = revision};
	guid_write(text, id);
	log_event(t->f->log, LOG_WARN, text,
	    "revision %" PRIu32 " was damaged while it waited in the store, "
	    "and is asked for again: %s",
	    revision, why->msg);
	return 0;
}

static int
put_doc(void *arg, const struct docs_item *it, struct err *e)
{
	struct take *t = arg;
	struct fetch *f = t->f;
	struct store_doc doc = {.u = &it->u,
	    .bytes = (uint32_t)it->bytes,
	    .units = it->units,
	    .packed = it->packed,
	    .packed_len = it->packed_len,
	    .encoding = it->encoding};
	enum store_put put = STORE_HELD;

	if (it->err.kind != E_NONE) {
		t->misnamed |= !it->damaged;
		return see_bad(t, &it->id, it->revision, &it->err, e);
	}
	if (t->nbad > 0)
		return 0;
	memcpy(doc.sha256, it->sha256, SHA256_LEN);
	if (store_put(f->store, &doc, t->row.row, &put, e) == -1 &&
	    put == STORE_OTHER) {
		fetch_kept_other(f, e);
		return 0;
	}
	if (e->kind != E_NONE)
		return e->kind == E_DIGEST || e->kind == E_LIMIT
		    ? keep_out(f, it, e)
		    : -1;
	if (put == STORE_NEW)
		t->put++;
	else
		f->n.held++;
	prog_add(&f->prog, it->bytes, 1);
	return 0;
}

static int
see_arrived(void *arg, const struct sync_arrived *a, struct err *e)
{
	struct take *t = arg;

	return docs_put_arrived(
	    t->docs, a, carry_find(&t->f->carry, &a->id, a->revision), e);
}

static int
put_all(struct take *t, bool updates, struct err *e)
{
	struct fetch *f = t->f;

	if (updates && train_inbox(f, e) == -1)
		return -1;
	if (docs_open(&t->docs, f->store, NULL, f->o->jobs, put_doc, t, e) ==
		-1 ||
	    sync_each_arrived(f->store, see_arrived, t, e) == -1 ||
	    docs_flush(t->docs, e) == -1)
		return -1;
	return t->nbad > 0 ? 0 : derive_all(f->store, e);
}

/* One row of the ledger for all that becomes visible together. */
static int
put_with_row(struct take *t, bool updates, struct err *e)
{
	struct fetch *f = t->f;

	t->row = (struct ledger_row){
	    .kind = LEDGER_FETCH, .state = LEDGER_IMPORTED, .time = f->now};
	snprintf(t->row.where, sizeof(t->row.where), "%.255s", f->up.url);
	if (ledger_add(f->store, &t->row, e) == -1 ||
	    put_all(t, updates, e) == -1)
		return -1;
	t->row.revisions = t->put;
	return ledger_update(f->store, &t->row, e);
}

/* Whose name is not known any more is found by the next whole list. */
static int
redo(struct take *t, struct err *e)
{
	struct fetch *f = t->f;

	if (t->misnamed && sync_forget(f->store, f->up.row, e) == -1)
		return -1;
	for (size_t i = 0; i < t->nbad; i++)
		if (sync_arrive_again(
			f->store, &t->bad[i].id, t->bad[i].revision, e) == -1)
			return -1;
	return 0;
}

/* Nothing is taken before all of it can be: so the order stays the same. */
static int
ask_again(struct take *t, struct err *e)
{
	struct fetch *f = t->f;

	f->way.mended = true;
	if (store_begin(f->store, e) == -1)
		return -1;
	return store_end(f->store, redo(t, e), e);
}

/* 0 taken; 1 nothing was, some of it is to be asked for again; -1. */
static int
take_arrived(struct take *t, bool updates, struct err *e)
{
	struct fetch *f = t->f;
	uint64_t held = f->n.held, kept_other = f->n.kept_other;
	int r = 0;

	if (store_begin(f->store, e) == -1)
		return -1;
	if (t->n > 0)
		r = put_with_row(t, updates, e);
	if (r == 0 && t->nbad > 0) {
		store_rollback(f->store);
		f->n.held = held;
		f->n.kept_other = kept_other;
		return ask_again(t, e) == -1 ? -1 : 1;
	}
	if (r == 0)
		r = sync_take(f->store, f->up.row, f->now, e);
	return store_end(f->store, r, e);
}

static int
take_all(struct fetch *f, bool updates, struct err *e)
{
	struct take t = {.f = f};
	struct sync_counts n;
	int r;

	if (sync_counts(f->store, f->up.row, &n, e) == -1)
		return -1;
	t.n = n.inbox;
	prog_begin(&f->prog, f->log, "taking updates", "revision",
	    n.inbox_bytes, n.inbox);
	r = take_arrived(&t, updates, e);
	prog_end(&f->prog);
	docs_close(t.docs);
	free(t.bad);
	if (r == 0)
		f->n.new_revisions += t.put;
	return r;
}

int
take_inbox(struct fetch *f, bool updates, struct err *e)
{
	int r = take_all(f, updates, e);

	if (r == 1 && (r = batch_fetch(f, e)) == 0)
		r = take_all(f, updates, e);
	carry_free(&f->carry);
	return r;
}
