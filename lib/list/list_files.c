/* SPDX-License-Identifier: ISC */
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/list/list_priv.h"
#include "lib/store/store.h"
#include "lib/view/here.h"

int
list_file_look(
    struct list *l, struct store_file *f, const char **state, struct err *e)
{
	struct content_seen seen;

	*state = store_show_file_state(f);
	if (!f->present)
		return 0;
	if (here_open(&l->content, l->store, e) == -1 ||
	    content_look(&l->content, f->sha1, f->ext,
		f->has_size ? &f->size : NULL, &seen, e) == -1)
		return -1;
	f->present = seen.here;
	if (!seen.here)
		*state = seen.lost ? "lost" : "damaged";
	return 0;
}

static int
file_csv(struct list *l, const struct store_file *f, const char *sha1,
    const char *state, struct err *e)
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
	csv_str(&l->csv, state);
	csv_str(&l->csv, f->name);
	csv_str(&l->csv, f->url);
	return list_csv_end(l, e);
}

int
list_file_json(struct list *l, const struct store_file *f, const char *state,
    struct err *e)
{
	json_begin(&l->json);
	json_str(&l->json, "type", "file");
	store_show_file(&l->json, f);
	json_str(&l->json, "url", f->url);
	json_str(&l->json, "state", state);
	return list_object(l, e);
}

int
list_file(void *arg, const struct store_file *row, struct err *e)
{
	struct list *l = arg;
	struct store_file seen = *row, *f = &seen;
	char sha1[2 * SHA1_LEN + 1];
	const char *state;

	if (stop_check(e) == -1 || list_file_look(l, f, &state, e) == -1)
		return -1;
	if (l->o->absent && (f->present || f->left_out))
		return 0;
	l->count++;
	/* As it stands in the name of the file. */
	hex_upper(sha1, f->sha1, SHA1_LEN);
	if (l->o->csv)
		return file_csv(l, f, sha1, state, e);
	if (l->o->log->json)
		return list_file_json(l, f, state, e);
	if (list_cell(l, 40, sha1, e) == -1 ||
	    list_cell_num(l, 12, f->size, e) == -1 ||
	    list_cell(l, 8, state, e) == -1 ||
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
	return store_each_file(l->store, false, list_file, l, e);
}
