/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/list/list_priv.h"
#include "lib/store/store_list.h"

static int
category(void *arg, const struct store_category *c, struct err *e)
{
	struct list *l = arg;
	const char *type = update_category_word(c->type);
	char id[GUID_LEN + 1];

	l->count++;
	guid_write(id, &c->id);
	if (l->o->csv) {
		csv_begin(&l->csv);
		csv_str(&l->csv, type);
		csv_str(&l->csv, id);
		csv_str(&l->csv, c->title);
		csv_num(&l->csv, c->updates);
		return list_csv_end(l, e);
	}
	if (l->o->log->json) {
		json_begin(&l->json);
		json_str(&l->json, "type", "category");
		json_str(&l->json, "kind", type);
		json_str(&l->json, "id", id);
		json_str(&l->json, "title", c->title);
		json_num(&l->json, "updates", c->updates);
		return list_object(l, e);
	}
	if (list_cell(l, 20, *type != '\0' ? type : NULL, e) == -1 ||
	    list_cell(l, 36, id, e) == -1 ||
	    list_cell_num(l, 6, c->updates, e) == -1 ||
	    list_cell(l, 0, c->title, e) == -1)
		return -1;
	return list_line(l, e);
}

int
list_categories(struct list *l, struct err *e)
{
	static const char *const names[] = {
	    "Type", "UpdateID", "Title", "Updates", NULL};

	if (l->o->policy_lines)
		return list_policy_lines(l, e);
	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	return store_each_category(l->store, category, l, e);
}
