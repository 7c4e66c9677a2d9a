/* SPDX-License-Identifier: ISC */
#include "lib/transfer/sequence.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/store/store.h"
#include "lib/transfer/transfer.h"

struct look {
	const struct guid *origin;
	uint64_t sequence;
	bool found;
};

static int
see(void *arg, const struct ledger_row *r, struct err *e)
{
	struct look *l = arg;

	(void)e;
	if (r->kind == LEDGER_IMPORT && r->state == LEDGER_IMPORTED &&
	    guid_cmp(&r->origin, l->origin) == 0 && r->sequence == l->sequence)
		l->found = true;
	return 0;
}

int
sequence_base(struct store *s, const struct transfer *t, struct err *e)
{
	struct look l = {.origin = &t->info.origin, .sequence = t->info.base};
	char id[BAG_WORD + 1];

	if (t->info.base == 0)
		return 0;
	if (ledger_each(s, see, &l, e) == -1)
		return -1;
	if (l.found)
		return 0;
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

/* Not above the last one. */
static int
refuse_old(
    const struct bag_info *i, const struct ledger_row *last, struct err *e)
{
	char id[BAG_WORD + 1], when[UTC_LEN + 1];

	bag_info_id(id, last->site, last->sequence);
	utc_write(when, last->time);
	when[10] = '\0';
	if (i->sequence < last->sequence)
		return err_set(e, E_SEQ,
		    "%s is older than %s, imported on %s: nothing to do", i->id,
		    id, when);
	return err_set(e, E_SEQ,
	    "another %s was imported on %s: the exporting store was set back "
	    "to an older state, or two are exporting as one; the next number "
	    "that is taken here is %llu",
	    id, when, (unsigned long long)last->sequence + 1);
}

int
sequence_check(struct store *s, const struct transfer *t, struct sequence *q,
    struct err *e)
{
	struct ledger_row last;
	int any, r;

	*q = (struct sequence){.already = false};
	if (check_store(s, t, e) == -1 ||
	    (r = ledger_find(s, LEDGER_IMPORT, t->tag, &q->row, e)) == -1 ||
	    (any = ledger_last_import(s, &t->info.origin, &last, e)) == -1)
		return -1;
	q->already = r == 1;
	q->last = any == 1 && r == 1 && last.row == q->row.row;
	if (q->already)
		return 0;
	if (any == 1 && t->info.sequence <= last.sequence)
		return refuse_old(&t->info, &last, e);
	return sequence_base(s, t, e);
}
