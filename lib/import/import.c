/* SPDX-License-Identifier: ISC */
#include "lib/import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/xml.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/import/import_priv.h"
#include "lib/store/store.h"
#include "lib/transfer/container.h"
#include "lib/transfer/given.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/media.h"

#define LOG_NAME "import.log" /* in the store, when --log is not given */

/* A medium of another one is what verify calls so, too. */
static int
mixed(const char *path, const char *other, struct err *e)
{
	if (media_is_part(path) || media_is_part(other))
		return err_set(e, E_SEQ,
		    "media of different transfers: %s and %s are no media of "
		    "one",
		    path, other);
	return err_set(e, E_USAGE,
	    "one transfer at a time: %s and %s are no media of one; for "
	    "packages of wsusutil give --unsigned",
	    path, other);
}

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
	if (o->destination != NULL)
		return err_set(e, E_USAGE,
		    "--destination goes with --receipt: it says whose that is");
	if (o->npaths == 0)
		return err_set(e, E_USAGE,
		    "expected a transfer, packages with --unsigned, or "
		    "--receipt FILE");
	for (size_t i = 0; i < o->npaths; i++)
		if ((o->is_unsigned ? given_package(o->paths[i], e)
				    : given_transfer(o->paths[i], e)) == -1)
			return -1;
	for (size_t i = 0; o->link && !o->is_unsigned && i < o->npaths; i++)
		if (container_named(o->paths[i]))
			return err_set(e, E_USAGE,
			    "--link goes with a folder: of %s only copies can "
			    "be made",
			    o->paths[i]);
	for (size_t i = 1; !o->is_unsigned && i < o->npaths; i++)
		if (!media_alike(o->paths[0], o->paths[i]))
			return mixed(o->paths[0], o->paths[i], e);
	if (o->content == NULL)
		return 0;
	return given_folder(o->content, "the content folder", e);
}

static int
open_log(struct import *im, struct err *e)
{
	return im->log->file_fd != -1
	    ? 0
	    : store_log(im->store, im->log, im->o->log_path, LOG_NAME, e);
}

static int
open_import(struct import *im, struct err *e)
{
	const struct import_opts *o = im->o;

	/* No process that reads a stranger's bytes has the key in memory. */
	if (check_given(o, e) == -1 ||
	    (!o->is_unsigned &&
		media_begin(&im->media, o->paths, o->npaths, e) == -1) ||
	    import_receipt_begin(im, e) == -1 ||
	    store_open(&im->store, o->store,
		o->dry_run ? STORE_TRY : STORE_CREATE, o->site, e) == -1 ||
	    store_scratch(im->store, &im->scratch, e) == -1)
		return -1;
	if (!o->dry_run && open_log(im, e) == -1)
		return -1;
	if (im->scratch == -1 && intake_scratch(&im->scratch, e) == -1)
		return -1;
	import_begin(im);
	return content_open(&im->content, store_dirfd(im->store), -1, e);
}

int
import_accept(struct import *im, struct err *e)
{
	if (im->o->dry_run || im->accepted || import_is_faulty(im))
		return 0;
	im->accepted = true;
	if (store_accept(im->store, im->log, e) == -1 || open_log(im, e) == -1)
		return -1;
	content_close(&im->content);
	return content_open(
	    &im->content, store_dirfd(im->store), store_staging(im->store), e);
}

static int
tell_lacking(struct import *im, struct err *e)
{
	const struct lacking_of of = {.noted = true};
	struct lacking_how how = {.subject = im->o->store};

	if (im->o->is_unsigned && im->o->content == NULL)
		how.files = TAKE_NO_CONTENT;
	return lacking_tell(im->store, im->log, &of, &how, &im->lacking, e);
}

static int
keep_row(struct import *im, struct err *e)
{
	im->row.state = LEDGER_IMPORTED;
	/* Of a transfer that is as its exporter counts. */
	if (im->o->is_unsigned) {
		im->row.revisions = im->take.revisions;
		im->row.files = im->take.new_files;
		im->row.bytes = im->take.new_bytes;
	}
	return ledger_update(im->store, &im->row, e);
}

/* The transaction: everything, or nothing. */
static int
import_all(struct import *im, struct err *e)
{
	if (utc_now(&im->row.time, e) == -1 || store_begin(im->store, e) == -1)
		return -1;
	if ((im->o->is_unsigned ? import_genuine(im, e)
				: import_transfer(im, e)) == -1 ||
	    (im->waits[0] == '\0' && tell_lacking(im, e) == -1))
		return -1;
	if (im->waits[0] != '\0' && !im->o->dry_run)
		return store_commit(im->store, e);
	if (im->o->dry_run) {
		store_rollback(im->store);
		return 0;
	}
	if (!im->already && keep_row(im, e) == -1)
		return -1;
	if (import_receipt_make(im, e) == -1 || import_with_swap(im, e) == -1)
		return -1;
	if (im->already && !im->learns && im->take.new_files == 0 &&
	    im->take.noted == 0 && !im->receipt.news &&
	    !store_raised(im->store)) {
		store_rollback(im->store);
		return 0;
	}
	return store_commit(im->store, e);
}

static void
summarize(struct import *im)
{
	struct json j = JSON_INIT;
	const char *verb = im->o->dry_run ? "would import" : "imported";
	uint64_t held = im->take.held_files;

	/* What an interrupted run had settled is new, once. */
	held -= im->resumed < held ? im->resumed : held;
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
	json_num(&j, "held_files", held);
	json_num(&j, "unnamed_files", im->take.unnamed);
	json_num(&j, "with", im->nwith);
	if (im->receipt.there)
		json_num(&j, "receipt", im->receipt.row.r.number);
	lacking_json(&j, &im->lacking);
	log_summary(im->log, &j,
	    "%s %s (%llu new), %s named (%llu held, %llu new, %s), %llu "
	    "unnamed; %s",
	    verb, words_count(im->take.revisions, "revision").s,
	    (unsigned long long)im->take.new_revisions,
	    words_count(im->take.files, "file").s, (unsigned long long)held,
	    (unsigned long long)im->take.new_files,
	    words_size(im->take.new_bytes).s,
	    (unsigned long long)im->take.unnamed,
	    lacking_summary(&im->lacking).s);
	json_free(&j);
}

/* Not an import yet; the labels are what the person at the drive needs. */
static void
summarize_waiting(struct import *im)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_bool(&j, "dry_run", im->o->dry_run);
	json_num(&j, "kept_media", im->kept);
	json_num(&j, "kept_bytes", im->take.bytes_read);
	json_str(&j, "missing", im->waits);
	log_summary(im->log, &j,
	    "%s %llu %s, %s; nothing is imported before the last medium; "
	    "missing: %s",
	    im->o->dry_run ? "would keep" : "kept",
	    (unsigned long long)im->kept,
	    words_pick(im->kept, "medium", "media"),
	    words_size(im->take.bytes_read).s, im->waits);
	json_free(&j);
	im->log->worst = err_worst(im->log->worst, err_status(E_SEQ));
}

static void
tell_born(struct import *im)
{
	if (store_born(im->store))
		log_event(im->log, LOG_INFO, im->o->store,
		    "made a new store, site '%s'", store_site(im->store));
}

/*
 * A refusal leaves nothing behind, nor does a disk that is full; what was
 * interrupted can be resumed, and payload that has its names is worth a store.
 */
static void
refuse_import(struct import *im, const struct err *e)
{
	bool stopped = e->kind == E_STOP || e->kind == E_SYS;
	bool full = e->sys == ENOSPC || e->sys == EDQUOT || e->sys == EFBIG;

	store_rollback(im->store);
	import_with_undo(im);
	if (e->kind == E_STOP)
		import_keep_staged(im);
	if (stopped && !full && import_has_settled(im)) {
		import_drop_staged(im);
		tell_born(im);
		return;
	}
	import_undo_payload(im);
	content_close(&im->content); /* its staging folders */
	if (store_born(im->store))
		store_take_back(im->store);
}

static void
close_import(struct import *im)
{
	media_close(&im->media);
	import_with_end(im);
	content_close(&im->content);
	store_close(im->store);
	take_free(&im->take);
	import_receipt_end(im);
	free(im->settled);
	free(im->batch);
	if (im->scratch != -1)
		(void)close(im->scratch);
}

int
import_run(const struct import_opts *o, struct err *e)
{
	struct import im = {.o = o,
	    .log = o->log,
	    .began = o->log->findings,
	    .media = MEDIA_INIT,
	    .take.apart_to = -1,
	    .content = CONTENT_INIT,
	    .receipt.failures = BUF_INIT,
	    .scratch = -1,
	    .to = -1};
	int r;

	if (o->receipt != NULL)
		return import_answer(o, e);
	if (o->receipt_now)
		return import_now(o, e);
	xml_init();
	if ((r = open_import(&im, e)) == 0)
		r = import_all(&im, e);
	if (r == 0) {
		import_media_forget(&im);
		tell_born(&im);
		if (im.waits[0] == '\0')
			r = import_receipt_write(&im, e);
		if (im.waits[0] != '\0')
			summarize_waiting(&im);
		else
			summarize(&im);
	} else if (im.store != NULL) {
		refuse_import(&im, e);
	}
	if (r == 0 && im.take.other != 0)
		o->log->worst = err_worst(o->log->worst, err_status(E_PARTIAL));
	close_import(&im);
	return r;
}
