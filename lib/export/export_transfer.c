/* SPDX-License-Identifier: ISC */
/*
 * The life of a transfer: number, pack, look for room, write under a temporary
 * name, flush, remember its digest, rename, remember that it is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/cab.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/out.h"
#include "lib/base/path.h"
#include "lib/base/sink.h"
#include "lib/export/export_priv.h"
#include "lib/transfer/given.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/keyring.h"
#include "lib/base/path_remove.h"
#include "lib/base/words.h"
#include "lib/store/store.h"

static int
read_key(struct export *x, struct err *e)
{
	const char *path = x->o->sign_key;

	if (path == NULL)
		return err_set(e, E_USAGE,
		    "a transfer is signed: give --sign-key FILE (see "
		    "wsusferry-key new)");
	if (keyring_read_sec(path, &x->key, e) == -1)
		return err_ctx(e, "%s", path);
	return 0;
}

/* A name that was not flushed is no publication yet. */
int
export_finish_row(struct export *x, struct err *e)
{
	if (x->parent != -1 && out_flush_folder(x->parent) == -1)
		return err_sys(e, "%s: cannot flush", x->o->to);
	x->row.state = LEDGER_WRITTEN;
	store_rollback(x->store);
	if (store_accept(x->store, x->log, e) == -1 ||
	    store_begin(x->store, e) == -1 ||
	    ledger_update(x->store, &x->row, e) == -1)
		return -1;
	return store_commit(x->store, e);
}

/* Refuse a name that is taken before anything is written. */
int
export_check_free(struct export *x, const char *path, struct err *e)
{
	int r = path_look(x->parent, x->name, NULL, e);

	if (r != 1)
		return r == -1 ? err_ctx(e, "%s", path) : 0;
	return err_set(e, E_USAGE,
	    "%s/%s is there already, and this store did not write it; move it "
	    "away, or export to another folder",
	    path, x->name);
}

static int
fill_info(struct export *x, struct err *e)
{
	struct bag_info *i = &x->info;

	i->format = BAG_FORMAT;
	i->origin = x->row.origin;
	snprintf(i->site, sizeof(i->site), "%s", x->row.site);
	snprintf(
	    i->destination, sizeof(i->destination), "%s", x->row.destination);
	i->sequence = x->row.sequence;
	i->base = x->row.base;
	snprintf(
	    i->requires, sizeof(i->requires), "%s", i->base != 0 ? "base" : "");
	hex_lower(i->selection, x->row.selection, SHA256_LEN);
	i->revisions = x->plan.n;
	i->files = x->files;
	i->absent = x->absent + x->unwanted;
	snprintf(i->reason, sizeof(i->reason), "%s", x->row.reason);
	snprintf(i->plan, sizeof(i->plan), "%s", x->approved);
	i->bag = i->bags = 1;
	i->time = x->head.created;
	snprintf(
	    i->packer, sizeof(i->packer), "%s", cab_writer_method(x->o->small));
	snprintf(i->software, sizeof(i->software), "wsusferry %s", WF_VERSION);
	return x->with.n == 0 ? 0 : bag_info_require(i, "with", e);
}

void
export_count(struct export *x)
{
	x->files = x->bytes = x->before = x->unwanted = x->absent = 0;
	for (size_t i = 0; i < x->pack.nfiles; i++) {
		const struct pack_file *f = &x->pack.files[i];

		if (pack_carries(f)) {
			x->files++;
			x->bytes += f->size;
		} else if (f->there)
			x->before++;
		else if (f->told)
			continue;
		else if (f->unwanted)
			x->unwanted++;
		else
			x->absent++;
	}
}

/* Packed beforehand, so that the room needed is known to the byte. */
static int
pack_one(struct export *x, size_t k, struct err *e)
{
	const struct pack_write w = {
	    .small = x->o->small, .jobs = x->o->jobs, .prog = &x->prog};
	struct cab_patch patch;
	struct sink to;

	if ((x->packages[k] = intake_nameless(x->scratch, e)) == -1)
		return -1;
	sink_fd(&to, x->packages[k]);
	if (pack_write(&x->pack, k, &w, &to, &patch, e) == -1) {
		intake_full(x->scratch, e);
		return -1;
	}
	if (os.pwrite(x->packages[k], patch.bytes, sizeof(patch.bytes),
		(off_t)patch.off) != (ssize_t)sizeof(patch.bytes) ||
	    lseek(x->packages[k], 0, SEEK_SET) == -1)
		return err_sys(e, "cannot finish a temporary file");
	x->packed_bytes += patch.size;
	return 0;
}

int
export_pack(struct export *x, struct err *e)
{
	int r = 0;

	if (x->packages != NULL)
		return 0;
	x->packages = malloc((x->pack.nparts + 1) * sizeof(*x->packages));
	if (x->packages == NULL)
		return err_nomem(e);
	prog_begin(
	    &x->prog, x->log, "packing documents", "revision", 0, x->plan.n);
	for (size_t k = 0; r == 0 && k < x->pack.nparts; k++) {
		x->packages[x->npackages++] = -1;
		r = pack_one(x, k, e);
	}
	prog_end(&x->prog);
	return r;
}

void
export_unpack(struct export *x)
{
	for (size_t i = 0; i < x->npackages; i++)
		if (x->packages[i] != -1)
			(void)os.close(x->packages[i]);
	free(x->packages);
	x->packages = NULL;
	x->npackages = 0;
	x->packed_bytes = 0;
}

static int
write_tree(struct export *x, struct err *e)
{
	const struct export_list *const lists[] = {
	    &x->files_list, &x->tags_list};

	if (path_remove(x->parent, x->temp, e) == -1)
		return -1;
	if (export_folder(x->parent, x->temp, &x->root, e) == -1)
		return err_ctx(e, "%s", x->o->to);
	if (export_data(x, e) == -1 || export_tags(x, e) == -1)
		return -1;
	if (os.syncfs(x->root) == -1)
		return err_sys(e, "%s: cannot flush", x->o->to);
	return x->o->verify_medium
	    ? export_again(x, x->root, x->o->to, lists, 2, e)
	    : 0;
}

/* Its digest is remembered before anyone can see it. */
static int
publish(struct export *x, struct err *e)
{
	if (ledger_update(x->store, &x->row, e) == -1 ||
	    export_sets_keep(x, e) == -1 || store_commit(x->store, e) == -1)
		return -1;
	if (out_rename_new(x->parent, x->temp, x->parent, x->name) == -1)
		return err_sys(
		    e, "%s/%s: cannot get its name", x->o->to, x->name);
	return 0;
}

/* The folder goes when the row no longer says that it may be published. */
static void
take_back(struct export *x)
{
	struct err e = ERR_INIT;

	store_rollback(x->store);
	if (x->row.has_tag) {
		x->row.has_tag = false;
		if (store_begin(x->store, &e) == -1 ||
		    ledger_update(x->store, &x->row, &e) == -1 ||
		    store_commit(x->store, &e) == -1)
			return;
	}
	(void)path_remove(x->parent, x->temp, &e);
}

static void
summarize(struct export *x, const char *verb)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", x->o->dry_run);
	json_str(&j, "transfer", x->name);
	json_num(&j, "sequence", x->row.sequence);
	json_num(&j, "base", x->row.base);
	json_str(&j, "destination", x->dest.name);
	json_num(&j, "repeated", x->plan.n - x->fresh);
	json_num(&j, "files_before", x->before);
	json_num(&j, "revisions", x->row.revisions);
	json_num(&j, "files", x->row.files);
	json_num(&j, "bytes", x->row.bytes);
	json_num(&j, "packages", x->npackages);
	json_num(&j, "left_out", x->left_out);
	if (x->budget != 0) {
		json_num(&j, "budget", x->budget);
		json_num(&j, "waiting", x->nwaiting);
		json_num(&j, "waiting_bytes", x->waiting_bytes);
	}
	lacking_json(&j, &x->lacking);
	log_summary(x->log, &j, "%s %s%s%s: %s, %s, %s; %s, %llu left out",
	    verb,
	    x->tar && x->tar_name == NULL ? "to standard output" : x->o->to,
	    x->tar ? ", " : "/", x->name,
	    words_count(x->row.revisions, "revision").s,
	    words_count(x->row.files, "file").s, words_size(x->row.bytes).s,
	    lacking_summary(&x->lacking).s, (unsigned long long)x->left_out);
	json_free(&j);
}

static int
write_transfer(struct export *x, struct err *e)
{
	if (store_accept(x->store, x->log, e) == -1 ||
	    export_base_keep(x, e) == -1 ||
	    (x->row.row == 0 ? ledger_add(x->store, &x->row, e)
			     : ledger_update(x->store, &x->row, e)) == -1 ||
	    store_commit(x->store, e) == -1 || store_begin(x->store, e) == -1)
		return -1;
	if (x->on_media)
		return export_media_begin(x, e);
	if (export_media_clear(x, e) == -1)
		return -1;
	if (write_tree(x, e) == -1 || publish(x, e) == -1) {
		take_back(x);
		return -1;
	}
	return export_finish_row(x, e);
}

int
export_given(struct export *x, struct err *e)
{
	/* What waits for its medium is signed already. */
	if (x->o->medium == 0 && !x->o->plan && read_key(x, e) == -1)
		return -1;
	if (export_tar_asked(x))
		return export_tar_given(x, e);
	if (given_folder(x->o->to, "the folder for the transfer", e) == -1)
		return -1;
	for (size_t i = 1; i < export_ntos(x); i++)
		if (given_folder(
			export_to(x, i), "the folder for a medium", e) == -1)
			return -1;
	x->parent = open(x->o->to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return x->parent == -1 ? err_sys(e, "%s: cannot open", x->o->to) : 0;
}

/* The same was asked for before, and media of it are left. */
static int
go_on(struct export *x, struct err *e)
{
	if (x->o->dry_run) {
		summarize(x, "would go on with the media of");
		return 0;
	}
	store_rollback(x->store);
	if (store_accept(x->store, x->log, e) == -1)
		return -1;
	if (export_media_write(x, e) == -1)
		return -1;
	if (x->tar)
		summarize(x, "wrote");
	return 0;
}

int
export_transfer(struct export *x, struct err *e)
{
	int r;

	if (x->with.n == 0 &&
	    ((x->base_sequence != 0 && x->fresh == 0 && x->files == 0) ||
		(x->o->policy != NULL && x->plan.n == 0)))
		return export_nothing(x, e);
	if ((r = export_number(x, e)) == -1)
		return -1;
	if (r == EXPORT_WAITS)
		return go_on(x, e);
	if (r == 1) {
		if (!x->o->dry_run && export_finish_row(x, e) == -1)
			return -1;
		summarize(x, "finished what was interrupted:");
		return 0;
	}
	if (export_media_ask(x, e) == -1 || export_preview_check(x, e) == -1 ||
	    export_with_fits(x, e) == -1 ||
	    (!x->on_media &&
		(export_check_free(x, x->o->to, e) == -1 ||
		    export_fits(x, e) == -1)) ||
	    export_pack(x, e) == -1)
		return -1;
	x->bytes += x->packed_bytes + x->with.bytes;
	if (fill_info(x, e) == -1 ||
	    (x->on_media ? export_media_plan(x, e) : export_room(x, e)) == -1)
		return -1;
	x->row.revisions = x->plan.n;
	x->row.files = x->files;
	x->row.bytes = x->bytes;
	if ((x->o->plan && export_preview(x, e) == -1) ||
	    export_budget_tell(x, e) == -1 ||
	    (!x->o->dry_run && write_transfer(x, e) == -1))
		return -1;
	if (!x->on_media || x->tar || x->o->dry_run)
		summarize(x, x->o->dry_run ? "would write" : "wrote");
	return 0;
}
