/* SPDX-License-Identifier: ISC */
/* Updates: one row for each revision that is listed. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/list/list_priv.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "lib/store/withdrawn.h"
#include "lib/view/updates.h"

/* Borrowed until the next call with that buffer. */
static const char *
joined(struct list *l, struct buf *to, const struct store_rev *r,
    enum category_type kind, struct err *e)
{
	return store_show_titles(to, l->store, r->row, kind, e) == -1
	    ? NULL
	    : (const char *)to->p;
}

static const char *
day(char out[11], const char *created)
{
	out[0] = '\0';
	if (created != NULL && strlen(created) >= 10) {
		memcpy(out, created, 10);
		out[10] = '\0';
	}
	return out;
}

/* When it came; NULL where that is not known. */
static const char *
arrived(char when[UTC_LEN + 1], const struct list *l, const struct store_rev *r)
{
	const struct ledger_row *c = list_came(l, r);

	if (c == NULL)
		return NULL;
	utc_write(when, c->time);
	return when;
}

static int
text(struct list *l, const struct store_rev *r, struct err *e)
{
	char kb[32], date[11], id[GUID_LEN + 1], when[UTC_LEN + 1];
	const char *s;

	snprintf(kb, sizeof(kb), "%s%.20s", r->kb != NULL ? "KB" : "-",
	    r->kb != NULL ? r->kb : "");
	if (list_cell(l, 9, kb, e) == -1 ||
	    list_cell(l, 10, day(date, r->created), e) == -1 ||
	    list_cell(l, 10,
		store_show_state(row_set_has(&l->superseded, r->row), r),
		e) == -1 ||
	    list_cell(l, 0, r->title, e) == -1 || list_line(l, e) == -1)
		return -1;
	if (!l->o->verbose)
		return 0;
	guid_write(id, &r->id);
	s = arrived(when, l, r);
	if (buf_printf(&l->text, e, "    %s %u  arrived %s%s  %s  ", id,
		r->revision, s != NULL ? s : "-",
		row_set_has(&l->withdrawn, r->row) ? ", withdrawn" : "",
		r->severity != NULL ? r->severity : "-") == -1 ||
	    (s = joined(l, &l->names, r, CATEGORY_CLASSIFICATION, e)) == NULL ||
	    list_cell(l, 0, s, e) == -1 || list_line(l, e) == -1 ||
	    (s = joined(l, &l->names, r, CATEGORY_PRODUCT, e)) == NULL ||
	    buf_printf(&l->text, e, "    %s", s) == -1)
		return -1;
	return list_line(l, e);
}

static int
csv(struct list *l, const struct store_rev *r, struct err *e)
{
	struct updates_row row = {.rev = r,
	    .state = store_show_state(row_set_has(&l->superseded, r->row), r)};

	if (store_kbs_of(l->store, r->row, &l->kbs, e) == -1 ||
	    (row.kbs = buf_str(&l->kbs, e)) == NULL ||
	    (row.classes = joined(
		 l, &l->names, r, CATEGORY_CLASSIFICATION, e)) == NULL ||
	    (row.products = joined(l, &l->products, r, CATEGORY_PRODUCT, e)) ==
		NULL ||
	    updates_csv_row(&l->gather, &l->csv, &row, e) == -1)
		return -1;
	return list_csv_flush(l, e);
}

static int
json(struct list *l, const struct store_rev *r, struct err *e)
{
	char when[UTC_LEN + 1];
	const char *s = arrived(when, l, r);

	json_begin(&l->json);
	json_str(&l->json, "type", "update");
	if (s != NULL)
		json_str(&l->json, "arrived", s);
	json_bool(&l->json, "withdrawn", row_set_has(&l->withdrawn, r->row));
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

	if ((r->type != UPDATE_SOFTWARE && r->type != UPDATE_DRIVER) ||
	    (!r->newest && !l->o->all_revisions))
		return 0;
	l->count++;
	if (stop_check(e) == -1)
		return -1;
	return l->o->csv      ? csv(l, r, e)
	    : l->o->log->json ? json(l, r, e)
			      : text(l, r, e);
}

static int
note_withdrawn(void *arg, int64_t row, const struct guid *id, uint32_t revision,
    struct err *e)
{
	struct list *l = arg;

	(void)id, (void)revision;
	return row_set_add(&l->withdrawn, row, e);
}

int
list_updates(struct list *l, struct err *e)
{
	if (list_came_load(l, e) == -1 ||
	    withdrawn_each(l->store, note_withdrawn, l, e) == -1)
		return -1;
	if (l->o->csv &&
	    (updates_csv_head(&l->gather, &l->csv, e) == -1 ||
		list_csv_flush(l, e) == -1))
		return -1;
	if (store_show_superseded(&l->superseded, l->store, e) == -1)
		return -1;
	return store_each_rev(l->store, one, l, e);
}
