/* SPDX-License-Identifier: ISC */
/* The last receipt that a store wrote, or one that is given. */
#include <inttypes.h>
#include <string.h>

#include "formats/receipt.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sign.h"
#include "lib/base/words.h"
#include "lib/list/list_priv.h"
#include "lib/store/receipts.h"
#include "lib/store/store.h"
#include "lib/transfer/receipt_in.h"

static int
find(struct list *l, struct receipts_row *v, struct err *e)
{
	int r;

	if (l->o->receipt != NULL)
		return receipt_in_text(v, l->o->receipt, e) == -1
		    ? err_ctx(e, "%s", l->o->receipt)
		    : 0;
	r = receipts_last(l->store, RECEIPTS_WRITTEN, store_id(l->store), v, e);
	if (r == 0)
		return err_set(e, E_MISSING,
		    "%s: it has written no receipt; wsusferry-import "
		    "--sign-key writes one",
		    l->o->store);
	return r == 1 ? 0 : -1;
}

/* "3: 4WNY GC9X ...", as it is read, too. */
static int
show_text(struct list *l, const uint8_t record[RECEIPT_BYTES], struct err *e)
{
	char text[RECEIPT_CHARS + 1], *p = text + strlen(RECEIPT_TITLE);

	receipt_write(text, record, '\n');
	if (buf_puts(&l->text, RECEIPT_TITLE, e) == -1 || list_line(l, e) == -1)
		return -1;
	for (unsigned i = 1; i <= RECEIPT_LINES; i++) {
		if (buf_printf(&l->text, e, "%2u:", i) == -1)
			return -1;
		p++;
		for (unsigned k = 0; k < RECEIPT_LINE; k += RECEIPT_GROUP)
			if (buf_printf(&l->text, e, " %.*s", RECEIPT_GROUP,
				p + k) == -1)
				return -1;
		p += RECEIPT_LINE;
		if (list_line(l, e) == -1)
			return -1;
	}
	return 0;
}

/* Beside the text, which as it stands can be given to import. */
static void
tell_facts(struct list *l, const struct receipt *r)
{
	char store[GUID_LEN + 1], origin[GUID_LEN + 1], when[UTC_LEN + 1];
	char id[2 * SIGN_ID_LEN + 1];

	guid_write(store, &r->store);
	guid_write(origin, &r->origin);
	utc_write(when, r->time_s);
	sign_id_text(id, r->key);
	log_event(l->o->log, LOG_INFO, NULL,
	    "receipt %" PRIu32 " of store %s, %s, key %s", r->number, store,
	    when, id);
	log_event(l->o->log, LOG_INFO, NULL,
	    "transfer %" PRIu32 " of store %s is imported", r->sequence,
	    origin);
	log_event(l->o->log, LOG_INFO, NULL,
	    "held of that origin: %s, %s; %s refused",
	    words_count(r->revisions, "revision").s,
	    words_count(r->files, "file").s,
	    words_count(r->failures, "revision").s);
}

static bool
has_plan(const struct receipt *r)
{
	static const uint8_t none[RECEIPT_PLAN];

	return memcmp(r->plan, none, sizeof(none)) != 0;
}

static int
show_object(struct list *l, const struct receipts_row *v, struct err *e)
{
	const struct receipt *r = &v->r;
	char guid[GUID_LEN + 1], when[UTC_LEN + 1], text[RECEIPT_CHARS + 1];
	char hex[2 * SHA256_LEN + 1];

	receipt_write(text, v->record, ' ');
	utc_write(when, r->time_s);
	json_begin(&l->json);
	json_str(&l->json, "type", "receipt");
	json_num(&l->json, "number", r->number);
	guid_write(guid, &r->store);
	json_str(&l->json, "store", guid);
	guid_write(guid, &r->origin);
	json_str(&l->json, "origin", guid);
	json_num(&l->json, "sequence", r->sequence);
	hex_lower(hex, r->identity, SHA256_LEN);
	json_str(&l->json, "sha256", hex);
	json_num(&l->json, "seen", r->seen);
	json_num(&l->json, "revisions", r->revisions);
	json_num(&l->json, "files", r->files);
	json_num(&l->json, "failures", r->failures);
	json_str(&l->json, "time", when);
	json_str(
	    &l->json, "gate", r->gate == RECEIPT_GATE_NONE ? "none" : "clean");
	hex_lower(hex, r->plan, RECEIPT_PLAN);
	json_str(&l->json, "plan", has_plan(r) ? hex : "");
	sign_id_text(hex, r->key);
	json_str(&l->json, "key", hex);
	json_str(&l->json, "text", text);
	return list_object(l, e);
}

int
list_receipt(struct list *l, struct err *e)
{
	struct receipts_row v;

	if (find(l, &v, e) == -1)
		return -1;
	l->count = 1;
	if (l->o->log->json)
		return show_object(l, &v, e);
	if (l->o->qr || l->o->svg)
		return list_qr(l, v.record, l->o->svg, e);
	if (show_text(l, v.record, e) == -1)
		return -1;
	tell_facts(l, &v.r);
	return 0;
}
