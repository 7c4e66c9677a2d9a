/* SPDX-License-Identifier: ISC */
#include "lib/store/store_show.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

static int
put_row(void *arg, int64_t row, struct err *e)
{
	return row_set_add(arg, row, e);
}

int
store_show_superseded(struct row_set *to, struct store *s, struct err *e)
{
	row_set_free(to);
	return store_each_superseded(s, put_row, to, e);
}

const char *
store_show_state(bool superseded, const struct store_rev *r)
{
	if (!r->newest)
		return "older";
	if (r->expired)
		return "expired";
	return superseded ? "superseded" : "newest";
}

static int
join_title(void *arg, const struct guid *id, const char *title, struct err *e)
{
	struct buf *b = arg;
	char hex[GUID_LEN + 1];

	guid_write(hex, id);
	if (b->len > 0 && buf_puts(b, "; ", e) == -1)
		return -1;
	return buf_puts(b, title != NULL ? title : hex, e);
}

int
store_show_titles(struct buf *to, struct store *s, int64_t row,
    enum category_type kind, struct err *e)
{
	buf_reset(to);
	if (store_each_category_of(s, row, kind, join_title, to, e) == -1 ||
	    buf_str(to, e) == NULL)
		return -1;
	return 0;
}

static int
item_title(void *arg, const struct guid *id, const char *title, struct err *e)
{
	char hex[GUID_LEN + 1];

	(void)e;
	guid_write(hex, id);
	json_item(arg, title != NULL ? title : hex);
	return 0;
}

struct of_store {
	struct store *s;
	int64_t row;
};

static int
put_titles(void *arg, enum category_type kind, struct json *j, struct err *e)
{
	const struct of_store *o = arg;

	return store_each_category_of(o->s, o->row, kind, item_title, j, e);
}

int
store_show_json(struct json *j, const struct store_rev *r, const char *state,
    char *kbs,
    int (*titles)(
	void *arg, enum category_type kind, struct json *j, struct err *e),
    void *arg, struct err *e)
{
	char id[GUID_LEN + 1], *kb, *rest = kbs;

	guid_write(id, &r->id);
	json_str(j, "id", id);
	json_num(j, "revision", r->revision);
	json_str(j, "kind", update_type_word(r->type));
	json_list(j, "kb");
	while ((kb = strtok_r(rest, " ", &rest)) != NULL)
		json_item(j, kb);
	json_list_end(j);
	json_str(j, "title", r->title);
	json_str(j, "state", state);
	json_str(j, "severity", r->severity);
	json_str(j, "created", r->created);
	json_list(j, "classifications");
	if (titles(arg, CATEGORY_CLASSIFICATION, j, e) == -1)
		return -1;
	json_list_end(j);
	json_list(j, "products");
	if (titles(arg, CATEGORY_PRODUCT, j, e) == -1)
		return -1;
	json_list_end(j);
	return 0;
}

int
store_show_update(struct json *j, struct store *s, const struct store_rev *r,
    const char *state, struct buf *scratch, struct err *e)
{
	struct of_store o = {s, r->row};

	if (store_kbs_of(s, r->row, scratch, e) == -1 ||
	    buf_str(scratch, e) == NULL)
		return -1;
	return store_show_json(
	    j, r, state, (char *)scratch->p, put_titles, &o, e);
}

const char *
store_show_file_state(const struct store_file *f)
{
	if (f->present)
		return "present";
	return f->left_out ? "left out" : "absent";
}

void
store_show_file(struct json *j, const struct store_file *f)
{
	char hex[2 * SHA256_LEN + 1];

	hex_upper(hex, f->sha1, SHA1_LEN);
	json_str(j, "sha1", hex);
	if (f->has_measured || f->has_declared) {
		hex_lower(hex, f->has_measured ? f->measured : f->declared,
		    SHA256_LEN);
		json_str(j, "sha256", hex);
	}
	if (f->has_size)
		json_num(j, "size", f->size);
	json_bool(j, "present", f->present);
	json_bool(j, "left_out", f->left_out);
	json_str(j, "name", f->name);
}
