/* SPDX-License-Identifier: ISC */
/* The ledger. */
#include <inttypes.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/list/list_priv.h"
#include "lib/store/event.h"
#include "lib/store/ledger.h"

static const char *const kinds[] = {"", "export", "import", "package", "fetch"};
static const char *const states[] = {"", "open", "written", "imported", ""};

static const char *
word(const char *const *words, unsigned n)
{
	return n < sizeof(kinds) / sizeof(kinds[0]) ? words[n] : "";
}

const char *
list_kind(const struct ledger_row *r)
{
	return word(kinds, r->kind);
}

/* Of an import the scanner's verdict, also that there was none. */
static const char *
gate(const struct ledger_row *r)
{
	if (r->kind == LEDGER_EXPORT || r->kind == LEDGER_FETCH)
		return "";
	return r->gate[0] == '\0' ? "none" : r->gate;
}

static int
transfer_csv(struct list *l, const struct ledger_row *r, const char *when,
    const char *origin, const char *plan, const char *back, struct err *e)
{
	char tag[2 * SHA256_LEN + 1] = "";

	if (r->has_tag)
		hex_lower(tag, r->tag, SHA256_LEN);
	csv_begin(&l->csv);
	csv_str(&l->csv, when);
	csv_str(&l->csv, word(kinds, r->kind));
	csv_str(&l->csv, word(states, r->state));
	csv_num(&l->csv, r->sequence);
	csv_num(&l->csv, r->base);
	csv_str(&l->csv, r->site);
	csv_str(&l->csv, origin);
	csv_str(&l->csv, r->destination);
	csv_num(&l->csv, r->revisions);
	csv_num(&l->csv, r->files);
	csv_num(&l->csv, r->bytes);
	csv_str(&l->csv, r->key);
	csv_str(&l->csv, r->where);
	csv_str(&l->csv, tag);
	csv_str(&l->csv, r->target);
	csv_str(&l->csv, r->reason);
	csv_str(&l->csv, gate(r));
	csv_str(&l->csv, plan);
	csv_str(&l->csv, back);
	return list_csv_end(l, e);
}

static int
transfer_json(struct list *l, const struct ledger_row *r, const char *when,
    const char *origin, const char *plan, const char *back, struct err *e)
{
	char tag[2 * SHA256_LEN + 1];

	json_begin(&l->json);
	json_str(&l->json, "type", "transfer");
	json_str(&l->json, "time", when);
	json_str(&l->json, "kind", word(kinds, r->kind));
	json_str(&l->json, "state", word(states, r->state));
	json_num(&l->json, "sequence", r->sequence);
	json_num(&l->json, "base", r->base);
	json_str(&l->json, "site", r->site);
	json_str(&l->json, "origin", origin);
	json_str(&l->json, "destination", r->destination);
	json_num(&l->json, "revisions", r->revisions);
	json_num(&l->json, "files", r->files);
	json_num(&l->json, "bytes", r->bytes);
	json_str(&l->json, "key", r->key);
	json_str(&l->json, "where", r->where);
	json_str(&l->json, "target", r->target);
	json_str(&l->json, "reason", r->reason);
	json_str(&l->json, "gate", gate(r));
	json_str(&l->json, "plan", plan);
	json_str(&l->json, "read_back", back);
	if (r->has_tag) {
		hex_lower(tag, r->tag, SHA256_LEN);
		json_str(&l->json, "sha256", tag);
	}
	return list_object(l, e);
}

/* With -v: "    north  origin <guid>  sequence 2  base 1  for any  40000 bytes
   sha256 <digest>  to south  gate none  plan <digest>  read back '...'
   reason 'why'", in one line. */
static int
transfer_rest(struct list *l, const struct ledger_row *r, const char *origin,
    const char *plan, const char *back, struct err *e)
{
	char tag[2 * SHA256_LEN + 1] = "-";

	if (r->has_tag)
		hex_lower(tag, r->tag, SHA256_LEN);
	if (buf_printf(&l->text, e, "    %s  origin %s  ",
		*r->site != '\0' ? r->site : "-", origin) == -1)
		return -1;
	if (r->sequence != 0 &&
	    buf_printf(&l->text, e,
		"sequence %" PRIu64 "  base %" PRIu64 "  for %s  ", r->sequence,
		r->base,
		*r->destination != '\0' ? r->destination : "any") == -1)
		return -1;
	if (buf_printf(&l->text, e, "%" PRIu64 " bytes  sha256 %s", r->bytes,
		tag) == -1 ||
	    (*r->target != '\0' &&
		buf_printf(&l->text, e, "  to %s", r->target) == -1) ||
	    (*gate(r) != '\0' &&
		buf_printf(&l->text, e, "  gate %s", gate(r)) == -1) ||
	    (*plan != '\0' &&
		buf_printf(&l->text, e, "  plan %s", plan) == -1) ||
	    (*back != '\0' &&
		buf_printf(&l->text, e, "  read back '%s'", back) == -1) ||
	    (*r->reason != '\0' &&
		buf_printf(&l->text, e, "  reason '%s'", r->reason) == -1))
		return -1;
	return list_line(l, e);
}

static int
transfer_show(struct list *l, const struct ledger_row *r, const char *plan,
    const char *back, struct err *e)
{
	char when[UTC_LEN + 1], origin[GUID_LEN + 1];

	utc_write(when, r->time);
	guid_write(origin, &r->origin);
	if (l->o->csv)
		return transfer_csv(l, r, when, origin, plan, back, e);
	if (l->o->log->json)
		return transfer_json(l, r, when, origin, plan, back, e);
	if (list_cell(l, 20, when, e) == -1 ||
	    list_cell(l, 7, word(kinds, r->kind), e) == -1 ||
	    list_cell(l, 8, word(states, r->state), e) == -1 ||
	    list_cell_num(l, 6, r->revisions, e) == -1 ||
	    list_cell_num(l, 6, r->files, e) == -1 ||
	    list_cell(l, 16, *r->key != '\0' ? r->key : NULL, e) == -1 ||
	    list_cell(l, 0, r->where, e) == -1 || list_line(l, e) == -1)
		return -1;
	return l->o->verbose ? transfer_rest(l, r, origin, plan, back, e) : 0;
}

static int
transfer(void *arg, const struct ledger_row *r, struct err *e)
{
	struct list *l = arg;
	char plan[2 * SHA256_LEN + 1];
	struct buf back = BUF_INIT;
	int got = -1;

	if (event_text(l->store, EVENT_PLAN, r->row, plan, sizeof(plan), e) !=
		-1 &&
	    event_texts(l->store, EVENT_READ_BACK, r->row, &back, e) == 0 &&
	    buf_printf(&back, e, "%s", "") == 0) {
		l->count++;
		got = transfer_show(
		    l, r, plan, back.len != 0 ? (const char *)back.p : "", e);
	}
	buf_free(&back);
	return got;
}

int
list_transfers(struct list *l, struct err *e)
{
	static const char *const names[] = {"Time", "Kind", "State", "Sequence",
	    "Base", "Site", "Origin", "Destination", "Revisions", "Files",
	    "Bytes", "Key", "Where", "SHA-256", "Target", "Reason", "Gate",
	    "Plan", "Read back", NULL};

	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	return ledger_each(l->store, transfer, l, e);
}
