/* SPDX-License-Identifier: ISC */
/* What the store lacks: revisions that are needed, and payload. */
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/stop.h"
#include "lib/list/list_priv.h"
#include "lib/store/lacking.h"
#include "lib/store/store.h"

static const char *
kind_of(const struct lacking_rev *r)
{
	if (r->bundled)
		return "bundled";
	return r->among != 0 ? "alternatives" : "prerequisite";
}

static int
revision_csv(struct list *l, const struct lacking_rev *r, const char *id,
    const char *needs, struct err *e)
{
	csv_begin(&l->csv);
	csv_str(&l->csv, kind_of(r));
	csv_str(&l->csv, id);
	csv_num(&l->csv, r->revision);
	csv_str(&l->csv, r->kb);
	csv_str(&l->csv, r->title);
	csv_str(&l->csv, needs);
	if (r->bundled)
		csv_num(&l->csv, r->needs_revision);
	else
		csv_str(&l->csv, NULL);
	csv_str(&l->csv, r->needs_title);
	csv_str(&l->csv, NULL);
	csv_str(&l->csv, NULL);
	csv_str(&l->csv, NULL);
	return list_csv_end(l, e);
}

static int
revision_json(struct list *l, const struct lacking_rev *r, const char *id,
    const char *needs, struct err *e)
{
	json_begin(&l->json);
	json_str(&l->json, "type", "lacking");
	json_str(&l->json, "kind", kind_of(r));
	json_str(&l->json, "id", id);
	json_num(&l->json, "revision", r->revision);
	json_str(&l->json, "kb", r->kb);
	json_str(&l->json, "title", r->title);
	json_str(&l->json, "needs", needs);
	if (r->bundled)
		json_num(&l->json, "needs_revision", r->needs_revision);
	if (r->among != 0)
		json_num(&l->json, "among", r->among);
	json_str(&l->json, "needs_title", r->needs_title);
	json_bool(&l->json, "refused", r->refused);
	return list_object(l, e);
}

static int
revision(void *arg, const struct lacking_rev *r, struct err *e)
{
	char id[GUID_LEN + 1], needs[GUID_LEN + 1], words[LACKING_WORDS];
	struct list *l = arg;

	l->count++;
	if (stop_check(e) == -1)
		return -1;
	guid_write(id, &r->id);
	guid_write(needs, &r->needs);
	if (l->o->csv)
		return revision_csv(l, r, id, needs, e);
	if (l->o->log->json)
		return revision_json(l, r, id, needs, e);
	lacking_words(words, r);
	if (list_cell(l, 12, kind_of(r), e) == -1 ||
	    list_cell(l, 36, lacking_name(r->kb, &r->id).s, e) == -1 ||
	    list_cell(l, 0, words, e) == -1 || list_line(l, e) == -1)
		return -1;
	if (!l->o->verbose || r->title == NULL)
		return 0;
	if (buf_printf(&l->text, e, "    %s", r->title) == -1)
		return -1;
	return list_line(l, e);
}

static const char *
fault_of(const struct lacking_file *f)
{
	return *f->fault != '\0' ? f->fault : NULL;
}

static int
file_csv(struct list *l, const struct lacking_file *f, const char *id,
    const char *sha1, struct err *e)
{
	csv_begin(&l->csv);
	csv_str(&l->csv, "payload");
	csv_str(&l->csv, id);
	csv_str(&l->csv, NULL);
	csv_str(&l->csv, f->kb);
	csv_str(&l->csv, f->title);
	csv_str(&l->csv, sha1);
	csv_str(&l->csv, NULL);
	csv_str(&l->csv, NULL);
	csv_str(&l->csv, f->name);
	if (f->has_size)
		csv_num(&l->csv, f->size);
	else
		csv_str(&l->csv, NULL);
	csv_str(&l->csv, fault_of(f));
	return list_csv_end(l, e);
}

static int
file_json(struct list *l, const struct lacking_file *f, const char *id,
    const char *sha1, struct err *e)
{
	json_begin(&l->json);
	json_str(&l->json, "type", "lacking");
	json_str(&l->json, "kind", "payload");
	json_str(&l->json, "id", id);
	json_str(&l->json, "kb", f->kb);
	json_str(&l->json, "title", f->title);
	json_str(&l->json, "sha1", sha1);
	json_str(&l->json, "name", f->name);
	if (f->has_size)
		json_num(&l->json, "size", f->size);
	json_str(&l->json, "fault", fault_of(f));
	return list_object(l, e);
}

static int
file(void *arg, const struct lacking_file *f, struct err *e)
{
	char id[GUID_LEN + 1], sha1[2 * SHA1_LEN + 1];
	struct list *l = arg;

	l->count++;
	l->damaged += fault_of(f) != NULL;
	if (stop_check(e) == -1)
		return -1;
	guid_write(id, &f->id);
	hex_upper(sha1, f->sha1, SHA1_LEN);
	if (l->o->csv)
		return file_csv(l, f, id, sha1, e);
	if (l->o->log->json)
		return file_json(l, f, id, sha1, e);
	if (list_cell(l, 12, "payload", e) == -1 ||
	    list_cell(l, 36, lacking_name(f->kb, &f->id).s, e) == -1 ||
	    list_cell(l, 40, sha1, e) == -1 ||
	    list_cell_num(l, 12, f->size, e) == -1 ||
	    list_cell(l, 0, f->name, e) == -1 ||
	    (fault_of(f) != NULL &&
		buf_printf(&l->text, e, ": %s", f->fault) == -1) ||
	    list_line(l, e) == -1)
		return -1;
	if (!l->o->verbose || f->title == NULL)
		return 0;
	if (buf_printf(&l->text, e, "    %s", f->title) == -1)
		return -1;
	return list_line(l, e);
}

/* The exit status is that of all programs where anything is lacking. */
int
list_lacking(struct list *l, struct err *e)
{
	static const char *const names[] = {"Kind", "UpdateID", "Revision",
	    "KB", "Title", "Lacks", "LacksRevision", "LacksTitle", "Name",
	    "Size", "Fault", NULL};
	struct log *log = l->o->log;

	if (l->o->csv && list_csv_head(l, names, e) == -1)
		return -1;
	if (lacking_each_rev(l->store, NULL, revision, l, e) == -1 ||
	    lacking_each_file(l->store, NULL, file, l, e) == -1)
		return -1;
	if (l->count != 0)
		log->worst = err_worst(log->worst, err_status(E_PARTIAL));
	if (l->damaged != 0)
		log->worst = err_worst(log->worst, err_status(E_DIGEST));
	return 0;
}
