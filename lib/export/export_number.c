/* SPDX-License-Identifier: ISC */
/* The number of a transfer: a new one, or that of one that was interrupted. */
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"

static void
name_transfer(struct export *x)
{
	snprintf(x->name, sizeof(x->name), "wsusferry-%s-%06llu",
	    store_site(x->store), (unsigned long long)x->row.sequence);
	snprintf(x->temp, sizeof(x->temp), ".%s.partial", x->name);
	snprintf(x->info.id, sizeof(x->info.id), "%s-%06llu",
	    store_site(x->store), (unsigned long long)x->row.sequence);
}

/* Does that folder hold the transfer which an interrupted run remembers? */
static int
holds_tag(struct export *x, const char *folder, const struct ledger_row *r,
    struct err *e)
{
	struct buf tag = BUF_INIT_MAX(BAG_MAX_TAGMANIFEST);
	struct digest d;
	char name[160];
	int found = 0;

	/* Standard output is no folder. */
	if (x->parent == -1)
		return 0;
	snprintf(name, sizeof(name), "%s/%s", folder, BAG_TAGMANIFEST);
	if (path_read(x->parent, name, BAG_MAX_TAGMANIFEST, &tag, e) == -1) {
		if (e->kind == E_SYS)
			found = -1;
		else
			err_clear(e);
	} else if (digest_mem(DIGEST_SHA256, tag.p, tag.len, &d, e) == -1)
		found = -1;
	else
		found = memcmp(d.sha256, r->tag, SHA256_LEN) == 0;
	buf_free(&tag);
	return found;
}

/*
 * An open row: some of its media are still to be written (EXPORT_WAITS); its
 * transfer is here under its name, and only the row is to be finished (1); or
 * nobody can have seen it, and its number is used again (0).  Where its digest
 * was remembered and its folder is not here, half-made, it
 * may lie on another medium: then the number is spent (invariant 4).
 */
static int
take_open(struct export *x, const struct ledger_row *open, struct err *e)
{
	int r;

	x->row.sequence = open->sequence;
	name_transfer(x);
	if ((r = export_media_left(x, open, e)) != 0) {
		x->row = *open;
		return r == 1 ? EXPORT_WAITS : -1;
	}
	if (open->has_tag && (r = holds_tag(x, x->name, open, e)) != 0) {
		if (r == 1)
			x->row = *open;
		return r;
	}
	r = open->has_tag ? holds_tag(x, x->temp, open, e) : 1;
	if (r == -1)
		return -1;
	if (r == 1) {
		x->row.row = open->row;
		return 0;
	}
	log_event(x->log, LOG_WARN, x->name,
	    "an interrupted export may have left it elsewhere; its number is "
	    "not used again");
	x->row.sequence++;
	return 0;
}

/* What chooses further makes another selection. */
static int
mix(uint8_t sel[SHA256_LEN], const uint8_t with[SHA256_LEN], struct err *e)
{
	uint8_t both[2 * SHA256_LEN];
	struct digest d;

	memcpy(both, sel, SHA256_LEN);
	memcpy(both + SHA256_LEN, with, SHA256_LEN);
	if (digest_mem(DIGEST_SHA256, both, sizeof(both), &d, e) == -1)
		return -1;
	memcpy(sel, d.sha256, SHA256_LEN);
	return 0;
}

/* What is asked for beside updates and policy. */
static int
name_rest(const struct export *x, struct digest *d, struct err *e)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	char text[32];
	int n, r = -1;

	n = snprintf(
	    text, sizeof(text), "budget %llu", (unsigned long long)x->budget);
	if (digest_open(&c, DIGEST_SHA256, e) == 0 &&
	    digest_add(&c, text, (size_t)n, e) == 0 &&
	    export_with_lines(x, &c, e) == 0)
		r = digest_done(&c, d, e);
	digest_close(&c);
	return r;
}

static int
name_selection(const struct export *x, uint8_t sel[SHA256_LEN], struct err *e)
{
	struct digest d;

	if (plan_digest(&x->sel, sel, e) == -1 ||
	    (x->o->policy != NULL && mix(sel, x->policy, e) == -1))
		return -1;
	if (x->budget == 0 && x->with.n == 0)
		return 0;
	return name_rest(x, &d, e) == -1 ? -1 : mix(sel, d.sha256, e);
}

/* Stores only grow: one of the same counts has the same in it. */
static bool
is_asked_for(const struct export *x, const uint8_t sel[SHA256_LEN])
{
	return memcmp(x->row.selection, sel, SHA256_LEN) == 0 &&
	    x->row.base == x->base_sequence &&
	    strcmp(x->row.target, x->dest.name) == 0 &&
	    x->row.revisions == x->plan.n && x->row.files == x->files;
}

/* It is written, but what is wanted now is another. */
static int
leave_behind(struct export *x, struct err *e)
{
	log_event(x->log, LOG_WARN, x->name,
	    "an interrupted export wrote it, of another selection or of what "
	    "the store held then; it stays, and another is written");
	if (x->o->dry_run)
		return 0;
	return export_finish_row(x, e) == -1 ? -1 : store_begin(x->store, e);
}

/* Media of it may be out, so its number is spent. */
static void
give_up_media(const struct export *x)
{
	log_event(x->log, LOG_WARN, x->row.where,
	    "not all of its media were written, and what is asked for now is "
	    "another: its number is not used again");
}

int
export_number(struct export *x, struct err *e)
{
	struct ledger_row last, fresh;
	uint8_t sel[SHA256_LEN];
	int r;

	if (name_selection(x, sel, e) == -1 ||
	    (r = ledger_last_export(x->store, &last, e)) == -1)
		return -1;
	fresh = (struct ledger_row){.kind = LEDGER_EXPORT,
	    .state = LEDGER_OPEN,
	    .origin = *store_id(x->store),
	    .sequence = r == 0 ? 1 : last.sequence + 1};
	x->row = fresh;
	if (r == 1 && last.state == LEDGER_OPEN) {
		if ((r = take_open(x, &last, e)) == -1)
			return -1;
		if (r >= 1 && is_asked_for(x, sel))
			return r;
		if (r == EXPORT_WAITS) {
			give_up_media(x);
			x->row = fresh;
		} else if (r == 1) {
			if (leave_behind(x, e) == -1)
				return -1;
			x->row = fresh;
		}
	}
	memcpy(x->row.selection, sel, SHA256_LEN);
	snprintf(x->row.site, sizeof(x->row.site), "%s", store_site(x->store));
	if (x->dest.has_store)
		guid_write(x->row.destination, &x->dest.store);
	else
		snprintf(x->row.destination, sizeof(x->row.destination), "any");
	snprintf(x->row.target, sizeof(x->row.target), "%s", x->dest.name);
	snprintf(x->row.reason, sizeof(x->row.reason), "%s",
	    x->o->reason == NULL ? "" : x->o->reason);
	x->row.base = x->base_sequence;
	sign_id_text(x->row.key, x->key.id);
	x->row.time = x->head.created;
	name_transfer(x);
	snprintf(x->row.where, sizeof(x->row.where), "%s", x->name);
	return 0;
}
