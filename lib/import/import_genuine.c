/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/import/import_priv.h"
#include "lib/transfer/intake.h"
#include "lib/store/store.h"

#define MAX_PACKAGE ((uint64_t)4 << 30) /* bytes: a cabinet's size is 32 bits */

static int
import_file(
    struct import *im, const char *path, struct digest_ctx *all, struct err *e)
{
	struct intake in = INTAKE_INIT;
	int fd, r = -1;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return err_sys(e, "%s: cannot open", path);
	if (intake_fd(&in, fd, MAX_PACKAGE, im->take.scratch, e) == -1) {
		err_ctx(e, "%s", path);
		goto out;
	}
	if (in.size == 0) {
		err_set(e, E_FORMAT,
		    "%s: empty; wsusutil leaves such a file when an export "
		    "passes 2 GB",
		    path);
		goto out;
	}
	if (digest_add(all, in.sha256, SHA256_LEN, e) == -1)
		goto out;
	r = take_package(&im->take, in.fd, path, e);
out:
	intake_close(&in);
	close(fd);
	return r;
}

/*
 * The same cabinets again, and nothing new in or beside them: the ledger keeps
 * the one row, as if a run that was cut off after its commit had told so.
 */
static int
look_back(struct import *im, struct err *e)
{
	struct ledger_row same;
	int r;

	if (im->take.new_revisions != 0 || im->take.new_files != 0)
		return 0;
	r = ledger_find(im->store, LEDGER_PACKAGE, im->row.tag, &same, e);
	im->already = r == 1;
	return r == -1 ? -1 : 0;
}

/* The first package that has an index makes the row. */
static int
open_row(void *arg, struct err *e)
{
	struct import *im = arg;

	if (im->row.row != 0)
		return 0;
	if (import_accept(im, e) == -1)
		return -1;
	log_event(im->log, LOG_WARN, im->o->paths[0],
	    "unsigned: nothing proves where this package comes from");
	if (ledger_add(im->store, &im->row, e) == -1)
		return -1;
	im->take.row = im->row.row;
	return 0;
}

int
import_genuine(struct import *im, struct err *e)
{
	const char *base = strrchr(im->o->paths[0], '/');
	struct digest_ctx all = DIGEST_CTX_INIT;
	struct digest d;
	int r = -1;

	im->row.kind = LEDGER_PACKAGE;
	im->row.state = LEDGER_OPEN;
	base = base == NULL ? im->o->paths[0] : base + 1;
	strncpy(im->row.where, base, sizeof(im->row.where) - 1);
	im->take.indexed = open_row;
	if (digest_open(&all, DIGEST_SHA256, e) == -1)
		goto out;
	for (size_t i = 0; i < im->o->npaths; i++)
		if (import_file(im, im->o->paths[i], &all, e) == -1)
			goto out;
	if (digest_done(&all, &d, e) == -1)
		goto out;
	memcpy(im->row.tag, d.sha256, SHA256_LEN);
	im->row.has_tag = true;
	if (take_derive(&im->take, e) == 0 && import_ready(im, e) == 0 &&
	    take_folder(&im->take, im->o->content, e) == 0 &&
	    import_settle(im, e) == 0)
		r = look_back(im, e);
out:
	digest_close(&all);
	return r;
}
