/* SPDX-License-Identifier: ISC */
/* What came in, when, and with what. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/list/list_priv.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"

static int
add_row(void *arg, const struct ledger_row *r, struct err *e)
{
	struct list *l = arg;

	if (grow(&l->came, &l->capcame, l->ncame, sizeof(*l->came), e) == -1)
		return -1;
	l->came[l->ncame++] = *r;
	return 0;
}

int
list_came_load(struct list *l, struct err *e)
{
	return ledger_each(l->store, add_row, l, e);
}

const struct ledger_row *
list_came(const struct list *l, const struct store_rev *r)
{
	size_t lo = 0, hi = l->ncame;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->came[mid].row < r->transfer)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->ncame && l->came[lo].row == r->transfer ? &l->came[lo]
							       : NULL;
}

/* "2026-01-31", or a time. */
int
list_since(int64_t *t, const char *text, struct err *e)
{
	char whole[UTC_LEN + 1];
	size_t n = strlen(text);

	snprintf(whole, sizeof(whole), "%.10sT00:00:00Z", text);
	if (n == 10 && utc_read(t, whole, UTC_LEN))
		return 0;
	if (n == UTC_LEN && utc_read(t, text, n))
		return 0;
	return err_set(e, E_USAGE,
	    "--since takes a day like 2026-01-31, or a time like "
	    "2026-01-31T06:07:08Z, in UTC, not '%s'",
	    text);
}

static int
text(struct list *l, const struct store_rev *r, const struct ledger_row *c,
    struct err *e)
{
	char kb[32], when[UTC_LEN + 1];

	utc_write(when, c->time);
	when[10] = '\0';
	snprintf(kb, sizeof(kb), "%s%.20s", r->kb != NULL ? "KB" : "-",
	    r->kb != NULL ? r->kb : "");
	if (list_cell(l, 10, when, e) == -1 || list_cell(l, 9, kb, e) == -1 ||
	    list_cell(l, 10,
		store_show_state(row_set_has(&l->superseded, r->row), r),
		e) == -1 ||
	    list_cell(l, 22, c->where[0] != '\0' ? c->where : NULL, e) == -1 ||
	    list_cell(l, 0, r->title, e) == -1)
		return -1;
	return list_line(l, e);
}

static int
csv(struct list *l, const struct store_rev *r, const struct ledger_row *c,
    struct err *e)
{
	char id[GUID_LEN + 1], when[UTC_LEN + 1];

	utc_write(when, c->time);
	guid_write(id, &r->id);
	if (store_kbs_of(l->store, r->row, &l->kbs, e) == -1 ||
	    buf_str(&l->kbs, e) == NULL)
		return -1;
	csv_begin(&l->csv);
	csv_str(&l->csv, when);
	csv_str(&l->csv, list_kind(c));
	csv_num(&l->csv, c->sequence);
	csv_str(&l->csv, c->where);
	csv_str(&l->csv, (char *)l->kbs.p);
	csv_str(&l->csv, id);
	csv_num(&l->csv, r->revision);
	csv_str(
	    &l->csv, store_show_state(row_set_has(&l->superseded, r->row), r));
	csv_str(&l->csv, r->title);
	return list_csv_end(l, e);
}

static int
json(struct list *l, const struct store_rev *r, const struct ledger_row *c,
    struct err *e)
{
	char when[UTC_LEN + 1];

	utc_write(when, c->time);
	json_begin(&l->json);
	json_str(&l->json, "type", "arrived");
	json_str(&l->json, "arrived", when);
	json_str(&l->json, "with", list_kind(c));
	json_num(&l->json, "sequence", c->sequence);
	json_str(&l->json, "transfer", c->where);
	if (store_show_update(&l->json, l->store, r,
		store_show_state(row_set_has(&l->superseded, r->row), r),
		&l->kbs, e) == -1)
		return -1;
	return list_object(l, e);
}

static int
one(void *arg, const struct store_rev *r, struct err *e)
{
	struct list *l = arg;
	const struct ledger_row *c;

	if ((r->type != UPDATE_SOFTWARE && r->type != UPDATE_DRIVER) ||
	    (c = list_came(l, r)) == NULL || c->time < l->since ||
	    (l->o->transfer != 0 && c->sequence != l->o->transfer))
		return 0;
	l->count++;
	if (stop_check(e) == -1)
		return -1;
	return l->o->csv      ? csv(l, r, c, e)
	    : l->o->log->json ? json(l, r, c, e)
			      : text(l, r, c, e);
}

int
list_arrived(struct list *l, struct err *e)
{
	static const char *const names[] = {"Arrived", "With", "Sequence",
	    "Transfer", "KB", "UpdateID", "Revision", "State", "Title", NULL};

	if (l->o->since != NULL && list_since(&l->since, l->o->since, e) == -1)
		return -1;
	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	if (list_came_load(l, e) == -1 ||
	    store_show_superseded(&l->superseded, l->store, e) == -1)
		return -1;
	return store_each_rev(l->store, one, l, e);
}
