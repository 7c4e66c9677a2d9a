/* SPDX-License-Identifier: ISC */
/* Categories, files and transfers. */
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/list/list_priv.h"
#include "lib/store/ledger.h"
#include "lib/store/store.h"
#include "lib/store/store_list.h"

static int
category(void *arg, const struct store_category *c, struct err *e)
{
	struct list *l = arg;
	const char *type = category_type_word(c->type);
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

static int
file_csv(
    struct list *l, const struct store_file *f, const char *sha1, struct err *e)
{
	char sha256[2 * SHA256_LEN + 1] = "";

	if (f->has_measured)
		hex_lower(sha256, f->measured, SHA256_LEN);
	else if (f->has_declared)
		hex_lower(sha256, f->declared, SHA256_LEN);
	csv_begin(&l->csv);
	csv_str(&l->csv, sha1);
	csv_str(&l->csv, sha256);
	if (f->has_size)
		csv_num(&l->csv, f->size);
	else
		csv_str(&l->csv, NULL);
	csv_str(&l->csv, f->present ? "present" : "absent");
	csv_str(&l->csv, f->name);
	csv_str(&l->csv, f->url);
	return list_csv_end(l, e);
}

static int
file_json(struct list *l, const struct store_file *f, struct err *e)
{
	json_begin(&l->json);
	json_str(&l->json, "type", "file");
	rows_file(&l->json, f);
	json_str(&l->json, "url", f->url);
	return list_object(l, e);
}

static int
file(void *arg, const struct store_file *f, struct err *e)
{
	struct list *l = arg;
	char sha1[2 * SHA1_LEN + 1];

	l->count++;
	if (stop_check(e) == -1)
		return -1;
	/* As it stands in the name of the file. */
	hex_upper(sha1, f->sha1, SHA1_LEN);
	if (l->o->csv)
		return file_csv(l, f, sha1, e);
	if (l->o->log->json)
		return file_json(l, f, e);
	if (list_cell(l, 40, sha1, e) == -1 ||
	    list_cell_num(l, 12, f->size, e) == -1 ||
	    list_cell(l, 7, f->present ? "present" : "absent", e) == -1 ||
	    list_cell(l, 0, f->name, e) == -1 || list_line(l, e) == -1)
		return -1;
	if (!l->o->verbose || f->url == NULL)
		return 0;
	if (buf_printf(&l->text, e, "    %s", f->url) == -1)
		return -1;
	return list_line(l, e);
}

int
list_files(struct list *l, struct err *e)
{
	static const char *const names[] = {
	    "SHA-1", "SHA-256", "Size", "State", "Name", "URL", NULL};

	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	return store_each_file(l->store, false, file, l, e);
}

static const char *const kinds[] = {"", "export", "import", "package"};
static const char *const states[] = {"", "open", "written", "imported"};

static const char *
word(const char *const *words, unsigned n)
{
	return n < 4 ? words[n] : "";
}

static int
transfer_csv(struct list *l, const struct ledger_row *r, const char *when,
    const char *origin, struct err *e)
{
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
	return list_csv_end(l, e);
}

static int
transfer_json(struct list *l, const struct ledger_row *r, const char *when,
    const char *origin, struct err *e)
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
	if (r->has_tag) {
		hex_lower(tag, r->tag, SHA256_LEN);
		json_str(&l->json, "sha256", tag);
	}
	return list_object(l, e);
}

static int
transfer(void *arg, const struct ledger_row *r, struct err *e)
{
	struct list *l = arg;
	char when[UTC_LEN + 1], origin[GUID_LEN + 1];

	l->count++;
	utc_write(when, r->time);
	guid_write(origin, &r->origin);
	if (l->o->csv)
		return transfer_csv(l, r, when, origin, e);
	if (l->o->log->json)
		return transfer_json(l, r, when, origin, e);
	if (list_cell(l, 20, when, e) == -1 ||
	    list_cell(l, 7, word(kinds, r->kind), e) == -1 ||
	    list_cell(l, 8, word(states, r->state), e) == -1 ||
	    list_cell_num(l, 6, r->revisions, e) == -1 ||
	    list_cell_num(l, 6, r->files, e) == -1 ||
	    list_cell(l, 0, r->where, e) == -1)
		return -1;
	return list_line(l, e);
}

int
list_transfers(struct list *l, struct err *e)
{
	static const char *const names[] = {"Time", "Kind", "State", "Sequence",
	    "Base", "Site", "Origin", "Destination", "Revisions", "Files",
	    "Bytes", "Key", "Where", NULL};

	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	return ledger_each(l->store, transfer, l, e);
}
