/* SPDX-License-Identifier: ISC */
/* Updates: one row for each revision that is listed. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/op/list.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

static int
put_superseded(void *arg, int64_t row, struct err *e)
{
	struct list *l = arg;
	size_t old = (size_t)l->nrows / 8, want = (size_t)row / 8 + 1;
	uint8_t *p;

	if (want > old) {
		want *= 2;
		if ((p = realloc(l->superseded, want)) == NULL)
			return err_nomem(e);
		memset(p + old, 0, want - old);
		l->superseded = p;
		l->nrows = (int64_t)want * 8;
	}
	l->superseded[row / 8] |= (uint8_t)(1u << row % 8);
	return 0;
}

static const char *
state(const struct list *l, const struct store_rev *r)
{
	if (!r->newest)
		return "older";
	if (r->expired)
		return "expired";
	if (r->row < l->nrows && (l->superseded[r->row / 8] >> r->row % 8 & 1))
		return "superseded";
	return "newest";
}

/* Titles as they come, joined. */
struct joined {
	struct list *l;
	size_t n;
};

static int
join_title(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct joined *j = arg;
	char hex[GUID_LEN + 1];

	if (title == NULL) {
		guid_write(hex, id);
		title = hex;
	}
	if (j->n++ > 0 && buf_puts(&j->l->names, "; ", e) == -1)
		return -1;
	return buf_puts(&j->l->names, title, e);
}

static int
item_title(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct list *l = arg;
	char hex[GUID_LEN + 1];

	(void)e;
	guid_write(hex, id);
	json_item(&l->json, title != NULL ? title : hex);
	return 0;
}

/* Borrowed until the next call. */
static const char *
titles(struct list *l, int64_t row, enum category_type kind, struct err *e)
{
	struct joined j = {.l = l};

	buf_reset(&l->names);
	if (store_each_category_of(l->store, row, kind, join_title, &j, e) ==
	    -1)
		return NULL;
	return buf_str(&l->names, e);
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

static int
text(struct list *l, const struct store_rev *r, struct err *e)
{
	char kb[32], date[11], id[GUID_LEN + 1];
	const char *s;

	snprintf(kb, sizeof(kb), "%s%.20s", r->kb != NULL ? "KB" : "-",
	    r->kb != NULL ? r->kb : "");
	if (list_cell(l, 9, kb, e) == -1 ||
	    list_cell(l, 10, day(date, r->created), e) == -1 ||
	    list_cell(l, 10, state(l, r), e) == -1 ||
	    list_cell(l, 0, r->title, e) == -1 || list_line(l, e) == -1)
		return -1;
	if (!l->o->verbose)
		return 0;
	guid_write(id, &r->id);
	if (buf_printf(&l->text, e, "    %s %u  %s  ", id, r->revision,
		r->severity != NULL ? r->severity : "-") == -1 ||
	    (s = titles(l, r->row, CATEGORY_CLASSIFICATION, e)) == NULL ||
	    list_cell(l, 0, s, e) == -1 || list_line(l, e) == -1 ||
	    (s = titles(l, r->row, CATEGORY_PRODUCT, e)) == NULL ||
	    buf_printf(&l->text, e, "    %s", s) == -1)
		return -1;
	return list_line(l, e);
}

static int
csv(struct list *l, const struct store_rev *r, struct err *e)
{
	char id[GUID_LEN + 1];
	const char *s;

	guid_write(id, &r->id);
	if (store_kbs_of(l->store, r->row, &l->kbs, e) == -1 ||
	    buf_str(&l->kbs, e) == NULL)
		return -1;
	csv_begin(&l->csv);
	csv_str(&l->csv, (char *)l->kbs.p);
	csv_str(&l->csv, id);
	csv_num(&l->csv, r->revision);
	if ((s = titles(l, r->row, CATEGORY_CLASSIFICATION, e)) == NULL)
		return -1;
	csv_str(&l->csv, s);
	csv_str(&l->csv, r->severity);
	csv_str(&l->csv, r->created);
	csv_str(&l->csv, r->title);
	csv_str(&l->csv, state(l, r));
	if ((s = titles(l, r->row, CATEGORY_PRODUCT, e)) == NULL)
		return -1;
	csv_str(&l->csv, s);
	return list_csv_end(l, e);
}

static int
json_titles(struct list *l, const char *key, int64_t row,
    enum category_type kind, struct err *e)
{
	json_list(&l->json, key);
	if (store_each_category_of(l->store, row, kind, item_title, l, e) == -1)
		return -1;
	json_list_end(&l->json);
	return 0;
}

static int
json(struct list *l, const struct store_rev *r, struct err *e)
{
	char id[GUID_LEN + 1], *kb, *rest;

	guid_write(id, &r->id);
	if (store_kbs_of(l->store, r->row, &l->kbs, e) == -1 ||
	    buf_str(&l->kbs, e) == NULL)
		return -1;
	json_begin(&l->json);
	json_str(&l->json, "type", "update");
	json_str(&l->json, "id", id);
	json_num(&l->json, "revision", r->revision);
	json_str(&l->json, "kind", update_type_word(r->type));
	json_list(&l->json, "kb");
	rest = (char *)l->kbs.p;
	while ((kb = strtok_r(rest, " ", &rest)) != NULL)
		json_item(&l->json, kb);
	json_list_end(&l->json);
	json_str(&l->json, "title", r->title);
	json_str(&l->json, "state", state(l, r));
	json_str(&l->json, "severity", r->severity);
	json_str(&l->json, "created", r->created);
	if (json_titles(l, "classifications", r->row, CATEGORY_CLASSIFICATION,
		e) == -1 ||
	    json_titles(l, "products", r->row, CATEGORY_PRODUCT, e) == -1)
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

int
list_updates(struct list *l, struct err *e)
{
	static const char *const names[] = {"KB", "UpdateID", "Revision",
	    "Classification", "Severity", "Created", "Title", "State",
	    "Products", NULL};

	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	if (store_each_superseded(l->store, put_superseded, l, e) == -1)
		return -1;
	return store_each_rev(l->store, one, l, e);
}
