/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/base/path.h"
#include "lib/base/path_make.h"
#include "lib/base/path_remove.h"
#include "lib/import/import_priv.h"
#include "lib/store/store.h"
#include "lib/store/with.h"
#include "lib/transfer/transfer.h"

#define WITH "with" /* in the store */
#define NEW "with.new" /* in staging: data/with/NAME/... */

enum { PATH_ROOM = sizeof(TRANSFER_WITH) + PATH_SAFE_MAX };

static bool
is_taken(void *arg, const struct transfer_file *f)
{
	const struct import *im = arg;
	const char *name = f->name + strlen(TRANSFER_WITH);

	if (strncmp(f->name, TRANSFER_WITH, strlen(TRANSFER_WITH)) != 0)
		return false;
	for (size_t i = 0; i < im->nwith; i++) {
		size_t n = strlen(im->with[i].name);

		if (strncmp(name, im->with[i].name, n) == 0 && name[n] == '/')
			return true;
	}
	return false;
}

/* What was imported before is taken again where it is gone. */
static int
add_name(void *arg, const struct transfer_with *w, struct err *e)
{
	struct import *im = arg;
	char path[sizeof(WITH "/") + PATH_SAFE_MAX];
	int r;

	snprintf(path, sizeof(path), WITH "/%s", w->name);
	if (im->already) {
		r = path_look(store_dirfd(im->store), path, NULL, e);
		if (r != 0)
			return r == 1 ? 0 : -1;
	}
	if (grow(&im->with, &im->capwith, im->nwith, sizeof(*im->with), e) ==
	    -1)
		return -1;
	im->with[im->nwith] = (struct import_with){.replaced = false};
	snprintf(
	    im->with[im->nwith].name, sizeof(im->with->name), "%s", w->name);
	im->nwith++;
	return 0;
}

/* The folders for all that is taken, in one in staging. */
static int
make_folders(struct import *im, const struct transfer *t, struct err *e)
{
	int staging = store_staging(im->store);

	if (path_remove(staging, NEW, e) == -1)
		return -1;
	if (os.mkdirat(staging, NEW, 0755) == -1)
		return err_sys(e, "staging/" NEW ": cannot make the folder");
	if (path_opendir(staging, NEW, &im->take.apart_to, e) == -1)
		return -1;
	for (size_t i = 0; i < t->nfiles; i++)
		if (t->files[i].present && is_taken(im, &t->files[i]) &&
		    path_make_above(
			im->take.apart_to, t->files[i].name, 0755, e) == -1)
			return -1;
	im->take.apart = is_taken;
	return 0;
}

int
import_with_take(struct import *im, const struct transfer *t, struct err *e)
{
	/* Without a place for it, it is hashed where it is, as the rest. */
	if (!im->take.keep || (im->already && !im->learns))
		return 0;
	if (transfer_with_each(t, add_name, im, e) == -1)
		return -1;
	return im->nwith == 0 ? 0 : make_folders(im, t, e);
}

/* Marked, all are flushed at once before the first gets its name. */
static int
mark_all(const struct import *im, struct err *e)
{
	char from[PATH_ROOM];

	for (size_t i = 0; i < im->nwith; i++) {
		snprintf(
		    from, sizeof(from), TRANSFER_WITH "%s", im->with[i].name);
		if (with_mark(im->take.apart_to, from, im->row.tag, e) == -1)
			return -1;
	}
	if (os.syncfs(im->take.apart_to) == -1)
		return err_sys(e, "flushing staging/" NEW);
	return 0;
}

static int
put_all(struct import *im, struct with *w, struct err *e)
{
	char from[PATH_ROOM];

	for (size_t i = 0; i < im->nwith; i++) {
		struct import_with *v = &im->with[i];

		snprintf(from, sizeof(from), TRANSFER_WITH "%s", v->name);
		if (with_put(w, im->take.apart_to, from, v->name, &v->replaced,
			e) == -1)
			return -1;
	}
	return with_flush(w, e);
}

int
import_with_swap(struct import *im, struct err *e)
{
	struct with w;
	int r;

	if (im->nwith == 0 || !im->take.keep)
		return 0;
	im->with_put = true;
	if (mark_all(im, e) == -1 || with_open(&w, im->store, e) == -1)
		return -1;
	r = put_all(im, &w, e);
	with_close(&w);
	for (size_t i = 0; r == 0 && i < im->nwith; i++)
		log_event(im->log, LOG_INFO, im->o->store, "with/%s: %s",
		    im->with[i].name,
		    im->with[i].replaced ? "replaced" : "brought along");
	return r;
}

/* What fails here the next writer does. */
static void
settle(struct import *im)
{
	struct err ignored = ERR_INIT;

	if (im->with_put)
		(void)with_settle(im->store, NULL, &ignored);
	im->with_put = false;
}

/* The import is refused: each folder is as it was. */
void
import_with_undo(struct import *im)
{
	settle(im);
}

void
import_with_end(struct import *im)
{
	struct err ignored = ERR_INIT;

	settle(im);
	if (im->nwith != 0 && im->store != NULL)
		(void)path_remove(store_staging(im->store), NEW, &ignored);
	if (im->take.apart_to != -1)
		(void)os.close(im->take.apart_to);
	im->take.apart_to = -1;
	free(im->with);
	im->with = NULL;
	im->nwith = im->capwith = 0;
}
