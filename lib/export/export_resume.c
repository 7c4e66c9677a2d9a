/* SPDX-License-Identifier: ISC */
/*
 * A store that was set back goes on behind what was imported of it: the ledger
 * gets that transfer, as one that another state of this store wrote.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/export/export_priv.h"
#include "lib/store/event.h"
#include "lib/store/store.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/receipt_in.h"

struct resume {
	const struct export_opts *o; /* borrowed */
	struct store *store; /* owned */
	struct keyring keys; /* owned */
	struct receipt_in in; /* owned */
	struct ledger_row row; /* of that number */
	bool there, known; /* it has a row; with that identity */
	uint64_t next;
};

/* What the ledger has of that number, and where it ends. */
static int
see(void *arg, const struct ledger_row *r, struct err *e)
{
	struct resume *m = arg;

	(void)e;
	if (r->kind != LEDGER_EXPORT)
		return 0;
	if (r->sequence >= m->next)
		m->next = r->sequence + 1;
	if (r->sequence == m->in.row.r.sequence) {
		m->row = *r;
		m->there = true;
		m->known = r->state == LEDGER_WRITTEN && r->has_tag &&
		    memcmp(r->tag, m->in.row.r.identity, SHA256_LEN) == 0;
	}
	return 0;
}

static int
judge(struct resume *m, struct err *e)
{
	const struct receipt *r = &m->in.row.r;
	char theirs[GUID_LEN + 1], mine[GUID_LEN + 1];

	if (receipt_in_read(&m->in, m->o->resume_after, &m->keys, e) == -1)
		return -1;
	guid_write(theirs, &r->origin);
	guid_write(mine, store_id(m->store));
	if (guid_cmp(&r->origin, store_id(m->store)) != 0)
		return err_set(e, E_SEQ,
		    "it is about transfers of store %s, this is %s", theirs,
		    mine);
	m->next = (uint64_t)r->sequence + 1;
	return ledger_each(m->store, see, m, e);
}

/* What a row says that another transfer had is not what this one carried. */
static int
keep(struct resume *m, int64_t now, struct err *e)
{
	const struct receipt *r = &m->in.row.r;
	const struct row_set none = {.bits = NULL};
	struct event v = {.time = now,
	    .kind = EVENT_RESUMED,
	    .origin = r->origin,
	    .sequence = r->sequence,
	    .text = "by a receipt"};
	struct ledger_row *l = &m->row;
	int64_t row = l->row;

	*l = (struct ledger_row){.row = row,
	    .kind = LEDGER_EXPORT,
	    .state = LEDGER_WRITTEN,
	    .origin = r->origin,
	    .destination = "any",
	    .sequence = r->sequence,
	    .has_tag = true,
	    .time = now};
	memcpy(l->tag, r->identity, SHA256_LEN);
	snprintf(l->site, sizeof(l->site), "%s", store_site(m->store));
	if ((m->there ? ledger_update(m->store, l, e)
		      : ledger_add(m->store, l, e)) == -1)
		return -1;
	v.ledger = l->row;
	if (m->there &&
	    (carried_put(m->store, l->row, CARRIED_REVISIONS, &none, e) == -1 ||
		carried_put(m->store, l->row, CARRIED_FILES, &none, e) == -1))
		return -1;
	return event_add(m->store, &v, e);
}

static void
summarize(const struct resume *m)
{
	struct json j = JSON_INIT;
	const char *site = store_site(m->store);
	uint32_t after = m->in.row.r.sequence;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", m->o->dry_run);
	json_bool(&j, "already", m->known);
	json_num(&j, "after", after);
	json_num(&j, "next", m->next);
	if (m->known)
		log_summary(m->o->log, &j,
		    "%s-%06" PRIu32 " is known here: nothing to do; the next "
		    "one is %s-%06" PRIu64,
		    site, after, site, m->next);
	else
		log_summary(m->o->log, &j,
		    "%s on after %s-%06" PRIu32 ", which was imported there: "
		    "the next one is %s-%06" PRIu64,
		    m->o->dry_run ? "would go" : "goes", site, after, site,
		    m->next);
	json_free(&j);
}

static int
resume(struct resume *m, struct err *e)
{
	int64_t now;

	if (utc_now(&now, e) == -1 || store_begin(m->store, e) == -1)
		return -1;
	if (judge(m, e) == -1)
		return err_ctx(e, "%s", m->o->resume_after);
	if (m->o->dry_run || m->known) {
		store_rollback(m->store);
		return 0;
	}
	if (store_accept(m->store, m->o->log, e) == -1 || keep(m, now, e) == -1)
		return -1;
	return store_commit(m->store, e);
}

int
export_resume(const struct export_opts *o, struct err *e)
{
	struct resume m = {.o = o, .keys = KEYRING_INIT, .in = RECEIPT_IN_INIT};
	int r = -1;

	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (store_open(&m.store, o->store,
		o->dry_run ? STORE_READ : STORE_WRITE, NULL, e) == 0 &&
	    keyring_load(
		&m.keys, KEYS_RECEIPTS, NULL, store_dirfd(m.store), e) == 0)
		r = resume(&m, e);
	if (r == 0)
		summarize(&m);
	receipt_in_free(&m.in);
	keyring_free(&m.keys);
	store_close(m.store);
	return r;
}
