/* SPDX-License-Identifier: ISC */
#include "lib/transfer/sequence.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/transfer/transfer.h"

static int
check_base(struct store *s, const struct transfer *t, struct err *e)
{
	struct ledger_row base;
	char id[BAG_WORD + 1];
	int r;

	if (t->info.base == 0)
		return 0;
	r = ledger_find_import(s, &t->info.origin, t->info.base, &base, e);
	if (r != 0)
		return r == 1 ? 0 : -1;
	bag_info_id(id, t->info.site, t->info.base);
	return err_set(e, E_SEQ,
	    "%s builds on %s, which was not imported here: import that one "
	    "first",
	    t->info.id, id);
}

static int
check_store(struct store *s, const struct transfer *t, struct err *e)
{
	char mine[GUID_LEN + 1];

	guid_write(mine, store_id(s));
	if (strcmp(t->info.destination, "any") != 0 &&
	    strcmp(t->info.destination, mine) != 0)
		return err_set(e, E_SEQ, "made for store %s, this is %s",
		    t->info.destination, mine);
	if (guid_cmp(&t->info.origin, store_id(s)) == 0)
		return err_set(e, E_SEQ, "this store exported it itself");
	return 0;
}

/* A medium that is not the last does not say whether it is of that very one. */
static int
refuse_medium(const struct bag_info *i, const char *when, struct err *e)
{
	return err_set(e, E_SEQ,
	    "%s was imported on %s, or another of that number: medium %u of %u "
	    "is not needed any more; give its last medium too to compare them",
	    i->id, when, i->bag, i->bags);
}

/*
 * Not above the last one.  Where that very number was imported as another
 * transfer, the exporter gave it out twice.
 */
static int
refuse_old(struct store *s, const struct bag_info *i,
    const struct ledger_row *last, struct err *e)
{
	char id[BAG_WORD + 1], when[UTC_LEN + 1];
	struct ledger_row same;
	int r;

	if ((r = ledger_find_import(s, &i->origin, i->sequence, &same, e)) ==
	    -1)
		return -1;
	utc_write(when, r == 1 ? same.time : last->time);
	when[10] = '\0';
	if (r == 1 && i->bag != i->bags)
		return refuse_medium(i, when, e);
	if (r == 1)
		return err_set(e, E_SEQ,
		    "another %s was imported on %s: the exporting store was "
		    "set back to an older state, or two are exporting as one; "
		    "the next number that is taken here is %llu (see "
		    "wsusferry-export(1), An exporter that was set back)",
		    i->id, when, (unsigned long long)last->sequence + 1);
	bag_info_id(id, last->site, last->sequence);
	return err_set(e, E_SEQ,
	    "%s is older than %s, imported on %s: nothing to do", i->id, id,
	    when);
}

int
sequence_check(struct store *s, const struct transfer *t, struct sequence *q,
    struct err *e)
{
	struct ledger_row last;
	int any, r;

	if (check_store(s, t, e) == -1 ||
	    (r = ledger_find(s, LEDGER_IMPORT, t->tag, &q->row, e)) == -1 ||
	    (any = ledger_last_import(s, &t->info.origin, &last, e)) == -1)
		return -1;
	q->already = r == 1;
	q->last = any == 1 && r == 1 && last.row == q->row.row;
	if (q->already)
		return 0;
	if (any == 1 && t->info.sequence <= last.sequence)
		return refuse_old(s, &t->info, &last, e);
	return check_base(s, t, e);
}

int
sequence_add(struct store *s, const struct transfer *t, struct ledger_row *row,
    struct err *e)
{
	*row = (struct ledger_row){.kind = LEDGER_IMPORT,
	    .state = LEDGER_OPEN,
	    .origin = t->info.origin,
	    .sequence = t->info.sequence,
	    .base = t->info.base,
	    .has_tag = true,
	    .time = row->time};
	memcpy(row->tag, t->tag, SHA256_LEN);
	snprintf(row->site, sizeof(row->site), "%s", t->info.site);
	snprintf(row->destination, sizeof(row->destination), "%s",
	    t->info.destination);
	snprintf(row->key, sizeof(row->key), "%s", t->key);
	snprintf(row->where, sizeof(row->where), "%s", t->info.id);
	(void)hex_read(row->selection, SHA256_LEN, t->info.selection,
	    strlen(t->info.selection));
	return ledger_add(s, row, e);
}
