/* SPDX-License-Identifier: ISC */
#include "lib/import/import.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/xml.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/store/store_unborn.h"
#include "lib/transfer/given.h"
#include "lib/import/import_priv.h"
#include "lib/store/store.h"

/* Before a store is made for it. */
static int
check_given(const struct import_opts *o, struct err *e)
{
	if (o->store == NULL)
		return err_set(e, E_USAGE, "give the store with --store DIR");
	if (!o->is_unsigned && o->content != NULL)
		return err_set(e, E_USAGE,
		    "--content goes with --unsigned; a transfer brings its "
		    "own payload");
	if (!o->is_unsigned && o->npaths != 1)
		return err_set(e, E_USAGE,
		    "one transfer at a time, not %zu; for packages of wsusutil "
		    "give --unsigned",
		    o->npaths);
	if (!o->is_unsigned)
		return given_transfer(o->paths[0], e);
	for (size_t i = 0; i < o->npaths; i++)
		if (given_package(o->paths[i], e) == -1)
			return -1;
	if (o->content == NULL)
		return 0;
	return given_folder(o->content, "the content folder", e);
}

static int
open_log(struct import *im, struct err *e)
{
	const char *path = im->o->log_path;

	if (im->o->dry_run)
		return 0;
	if (path != NULL)
		return log_file(im->log, AT_FDCWD, path, e);
	return log_file(im->log, store_dirfd(im->store), "import.log", e);
}

static int
open_all(struct import *im, struct err *e)
{
	const struct import_opts *o = im->o;

	if (check_given(o, e) == -1)
		return -1;
	im->was_there = access(o->store, F_OK) == 0;
	if (store_open(&im->store, o->store, STORE_CREATE, o->site, e) == -1)
		return -1;
	if (open_log(im, e) == -1)
		return -1;
	if (store_born(im->store) && !o->dry_run)
		log_event(im->log, LOG_INFO, o->store,
		    "made a new store, site '%s'", store_site(im->store));
	import_begin(im);
	return content_open(
	    &im->content, store_dirfd(im->store), store_staging(im->store), e);
}

/* The transaction: everything, or nothing. */
static int
import_all(struct import *im, struct err *e)
{
	if (utc_now(&im->row.time, e) == -1 || store_begin(im->store, e) == -1)
		return -1;
	if ((im->o->is_unsigned ? import_genuine(im, e)
				: import_transfer(im, e)) == -1)
		return -1;
	if (im->o->dry_run || im->already) {
		store_rollback(im->store);
		return 0;
	}
	im->row.state = LEDGER_IMPORTED;
	im->row.revisions = im->take.revisions;
	im->row.files = im->take.new_files;
	im->row.bytes = im->take.new_bytes;
	if (ledger_update(im->store, &im->row, e) == -1)
		return -1;
	return store_commit(im->store, e);
}

static void
summarize(struct import *im)
{
	struct json j = JSON_INIT;
	const char *verb = im->o->dry_run ? "would import" : "imported";

	if (im->already)
		verb = im->take.new_files == 0
		    ? "nothing to do, imported before:"
		    : "lost payload taken again, imported before:";
	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", im->o->dry_run);
	json_bool(&j, "already", im->already);
	json_num(&j, "sequence", im->row.sequence);
	json_num(&j, "revisions", im->take.revisions);
	json_num(&j, "new_revisions", im->take.new_revisions);
	json_num(&j, "alike_revisions", im->take.alike);
	json_num(&j, "other_revisions", im->take.other);
	json_num(&j, "files", im->take.files);
	json_num(&j, "new_files", im->take.new_files);
	json_num(&j, "new_bytes", im->take.new_bytes);
	json_num(&j, "absent_files", im->take.absent);
	json_num(&j, "unwanted_files", im->take.passed_over);
	json_num(&j, "unnamed_files", im->take.unnamed);
	json_num(&j, "missing_revisions", im->take.missing);
	log_summary(im->log, &j,
	    "%s %llu revisions (%llu new), %llu files (%llu new, %llu bytes); "
	    "%llu files absent, %llu unnamed",
	    verb, (unsigned long long)im->take.revisions,
	    (unsigned long long)im->take.new_revisions,
	    (unsigned long long)im->take.files,
	    (unsigned long long)im->take.new_files,
	    (unsigned long long)im->take.new_bytes,
	    (unsigned long long)im->take.absent,
	    (unsigned long long)im->take.unnamed);
	json_free(&j);
}

/* A refusal leaves nothing behind; what was interrupted can be resumed. */
static void
refuse(struct import *im, const struct err *e)
{
	store_rollback(im->store);
	if (!im->o->dry_run && (e->kind == E_STOP || e->kind == E_SYS))
		return;
	import_undo_payload(im);
	if (!store_born(im->store))
		return;
	born_remove(im->store, im->o->store, im->was_there);
	if (!im->o->dry_run)
		log_event(im->log, LOG_INFO, im->o->store,
		    "the new store is removed again");
}

static void
close_all(struct import *im)
{
	content_close(&im->content);
	store_close(im->store);
	take_free(&im->take);
	free(im->settled);
	free(im->batch);
}

int
import_run(const struct import_opts *o, struct err *e)
{
	struct import im = {.o = o,
	    .log = o->log,
	    .began = o->log->findings,
	    .content = CONTENT_INIT};
	int r;

	xml_init();
	if ((r = open_all(&im, e)) == 0)
		r = import_all(&im, e);
	if (r == 0)
		summarize(&im);
	else if (im.store != NULL)
		refuse(&im, e);
	if (r == 0 && o->dry_run && store_born(im.store))
		born_remove(im.store, o->store, im.was_there);
	if (r == 0 && (im.take.other != 0 || im.take.absent != 0 || im.take.missing != 0))
		o->log->worst = err_worst(o->log->worst, err_status(E_PARTIAL));
	close_all(&im);
	return r;
}
