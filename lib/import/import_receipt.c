/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/import/import_priv.h"
#include "lib/store/carried.h"
#include "lib/store/row_set.h"
#include "lib/store/store.h"
#include "lib/transfer/given.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/receipt_out.h"
#include "lib/transfer/transfer.h"

int
import_receipt_begin(struct import *im, struct err *e)
{
	const struct import_opts *o = im->o;
	struct import_receipt *x = &im->receipt;

	if (o->is_unsigned)
		return 0;
	if (o->receipt_to != NULL && o->sign_key == NULL)
		return err_set(e, E_USAGE,
		    "--receipt-to: a receipt is signed: give --sign-key FILE "
		    "(see wsusferry-key new)");
	if (o->receipt_to != NULL &&
	    given_folder(o->receipt_to, "the folder for the receipt", e) == -1)
		return -1;
	if (o->sign_key == NULL)
		return 0;
	if (keyring_read_sec(o->sign_key, &x->key, e) == -1)
		return err_ctx(e, "%s", o->sign_key);
	x->has_key = true;
	return 0;
}

/* Of the transfer's payload what a row knows; revisions are rows all. */
static int
gather(struct import *im, const struct transfer *t, struct row_set *revs,
    struct row_set *files, struct err *e)
{
	static const char prefix[] = TAKE_CONTENT;
	uint8_t sha1[SHA1_LEN];

	for (size_t i = 0; i < im->take.nrevs; i++)
		if (carried_revision(im->store, &im->take.revs[i].id,
			im->take.revs[i].revision, revs, e) == -1)
			return -1;
	for (size_t i = 0; i < t->nfiles; i++) {
		const char *name = t->files[i].name;

		if (strncmp(name, prefix, sizeof(prefix) - 1) == 0 &&
		    content_parse(strrchr(name, '/') + 1, sha1) &&
		    carried_file(im->store, sha1, files, e) == -1)
			return -1;
	}
	for (size_t i = 0; i < im->take.ncuts; i++)
		if (carried_file(im->store, im->take.cuts[i].sha1, files, e) ==
		    -1)
			return -1;
	return 0;
}

/* Of a transfer that an older version imported it is learned now. */
int
import_receipt_carried(
    struct import *im, const struct transfer *t, struct err *e)
{
	struct row_set revs = {.bits = NULL}, files = {.bits = NULL};
	int r = 0;

	if (im->o->dry_run)
		return 0;
	if (im->already)
		r = carried_add(
		    im->store, im->row.row, CARRIED_REVISIONS, &revs, e);
	if (r != 0)
		goto out;
	im->receipt.news = im->already;
	r = gather(im, t, &revs, &files, e);
	if (r == 0)
		r = carried_put(
		    im->store, im->row.row, CARRIED_REVISIONS, &revs, e);
	if (r == 0)
		r = carried_put(
		    im->store, im->row.row, CARRIED_FILES, &files, e);
out:
	row_set_free(&revs);
	row_set_free(&files);
	return r == -1 ? -1 : 0;
}

/* What --keep-held did not take, for whoever reads the receipt. */
static int
list_failures(struct import *im, struct err *e)
{
	char id[GUID_LEN + 1];

	for (size_t i = 0; i < im->take.nothers; i++) {
		guid_write(id, &im->take.others[i].id);
		if (buf_printf(&im->receipt.failures, e,
			"%s %u held with another document\n", id,
			im->take.others[i].revision) == -1)
			return -1;
	}
	return 0;
}

int
import_receipt_make(struct import *im, struct err *e)
{
	struct import_receipt *x = &im->receipt;
	struct receipt_failures f = {
	    .n = im->take.nothers, .list = &x->failures};
	struct err fault = ERR_INIT;
	bool last = !im->already || im->learns;
	int64_t now;
	int r;

	if (!x->has_key)
		return 0;
	if (utc_now(&now, e) == -1 || list_failures(im, e) == -1)
		return -1;
	r = receipt_out_make(im->store, &im->row.origin, &x->key, now,
	    last ? &f : NULL, &x->row, &x->is_new, &fault);
	if (r == -1 && fault.kind == E_LIMIT) {
		log_event(im->log, LOG_WARN, im->o->store, "%s", fault.msg);
		return 0;
	}
	if (r == -1) {
		*e = fault;
		return -1;
	}
	x->there = r == 1;
	x->news = x->news || x->is_new;
	return 0;
}

static int
copy_to(struct import *im, const char *usual, struct err *e)
{
	const char *dir = im->o->receipt_to;
	const struct import_receipt *x = &im->receipt;
	char name[RECEIPT_OUT_NAME];
	int fd, r;

	snprintf(name, sizeof(name), "%s", usual);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return err_sys(e, "%s", dir);
	r = receipt_out_put(fd, name, &x->row, &x->failures, e);
	close(fd);
	if (r == 0 && strcmp(name, usual) != 0)
		log_event(im->log, LOG_WARN, dir,
		    "%s is something else here; the receipt is %s", usual,
		    name);
	return r == 0 ? 0 : err_ctx(e, "%s", dir);
}

static void
tell_none(const struct import *im)
{
	if (!im->o->is_unsigned && !im->already && im->o->sign_key == NULL)
		log_event(im->log, LOG_INFO, im->o->store,
		    "no receipt is written: that takes --sign-key");
}

int
import_receipt_write(struct import *im, struct err *e)
{
	struct import_receipt *x = &im->receipt;
	char name[RECEIPT_OUT_NAME];

	if (im->o->dry_run)
		return 0;
	if (!x->there) {
		tell_none(im);
		return 0;
	}
	receipt_out_name(name, &x->row.r, im->row.site);
	if (receipt_out_keep(im->store, name, &x->row, &x->failures, e) == -1 ||
	    (im->o->receipt_to != NULL && copy_to(im, name, e) == -1))
		return err_ctx(e,
		    "imported, but the receipt is not written; run it again");
	log_event(im->log, LOG_INFO, im->o->store,
	    "receipt %u for %s-%06u: " RECEIPT_OUT_DIR "/%s; wsusferry-list "
	    "receipt shows it",
	    x->row.r.number, im->row.site, x->row.r.sequence, name);
	return 0;
}

void
import_receipt_end(struct import *im)
{
	sign_sec_wipe(&im->receipt.key);
	buf_free(&im->receipt.failures);
}
