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
#include "lib/transfer/transfer.h"

#define WITH "with" /* in the store */
#define NEW "with.new" /* in staging: data/with/NAME/... */
#define OLD "with.old" /* what was in the place of NAME */

enum { PATH_ROOM = sizeof(NEW "/" TRANSFER_WITH) + PATH_SAFE_MAX };

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
	im->with[im->nwith] = (struct import_with){.is = IMPORT_WITH_STAGED};
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

	if (path_remove(staging, NEW, e) == -1 ||
	    path_remove(staging, OLD, e) == -1)
		return -1;
	if (os.mkdirat(staging, NEW, 0755) == -1 ||
	    os.mkdirat(staging, OLD, 0755) == -1)
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

struct places {
	char from[PATH_ROOM], old[PATH_ROOM]; /* in staging */
};

static struct places
places_of(const struct import_with *w)
{
	struct places p;

	snprintf(p.from, sizeof(p.from), NEW "/" TRANSFER_WITH "%s", w->name);
	snprintf(p.old, sizeof(p.old), OLD "/%s", w->name);
	return p;
}

/* Where two names cannot be exchanged, the old one goes first. */
static int
move_away(struct import_with *w, int staging, int with, struct err *e)
{
	struct places p = places_of(w);

	if (os.renameat2(with, w->name, staging, p.old, 0) == 0)
		w->is = IMPORT_WITH_AWAY;
	else if (errno != ENOENT)
		return err_sys(e, WITH "/%s: cannot be moved away", w->name);
	if (os.renameat2(staging, p.from, with, w->name, 0) == -1)
		return err_sys(e, WITH "/%s: cannot get its name", w->name);
	w->is = w->is == IMPORT_WITH_AWAY ? IMPORT_WITH_REPLACED
					  : IMPORT_WITH_NEW;
	return 0;
}

static int
swap(struct import_with *w, int staging, int with, struct err *e)
{
	struct places p = places_of(w);

	if (os.renameat2(staging, p.from, with, w->name, RENAME_NOREPLACE) ==
	    0) {
		w->is = IMPORT_WITH_NEW;
		return 0;
	}
	if (errno != EEXIST && errno != EINVAL)
		return err_sys(e, WITH "/%s: cannot get its name", w->name);
	if (os.renameat2(staging, p.from, with, w->name, RENAME_EXCHANGE) ==
	    0) {
		w->is = IMPORT_WITH_EXCHANGED;
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS && errno != ENOENT)
		return err_sys(e, WITH "/%s: cannot be exchanged", w->name);
	return move_away(w, staging, with, e);
}

static void
swap_back(struct import_with *w, int staging, int with)
{
	struct places p = places_of(w);

	if (w->is == IMPORT_WITH_EXCHANGED)
		(void)os.renameat2(
		    staging, p.from, with, w->name, RENAME_EXCHANGE);
	if (w->is == IMPORT_WITH_NEW || w->is == IMPORT_WITH_REPLACED)
		(void)os.renameat2(with, w->name, staging, p.from, 0);
	if (w->is == IMPORT_WITH_AWAY || w->is == IMPORT_WITH_REPLACED)
		(void)os.renameat2(staging, p.old, with, w->name, 0);
	w->is = IMPORT_WITH_STAGED;
}

static int
open_with(struct import *im, int *fd, struct err *e)
{
	int dirfd = store_dirfd(im->store);

	if (os.mkdirat(dirfd, WITH, 0755) == 0)
		im->made_with = true;
	else if (errno != EEXIST)
		return err_sys(e, WITH ": cannot make the folder");
	return path_opendir(dirfd, WITH, fd, e);
}

int
import_with_swap(struct import *im, struct err *e)
{
	int with, r = 0;

	if (im->nwith == 0 || !im->take.keep)
		return 0;
	if (os.syncfs(im->take.apart_to) == -1)
		return err_sys(e, "flushing staging/" NEW);
	if (open_with(im, &with, e) == -1)
		return -1;
	for (size_t i = 0; r == 0 && i < im->nwith; i++)
		r = swap(&im->with[i], store_staging(im->store), with, e);
	if (r == 0 &&
	    (os.fsync(with) == -1 || os.fsync(store_dirfd(im->store)) == -1))
		r = err_sys(e, WITH ": cannot flush");
	(void)os.close(with);
	for (size_t i = 0; r == 0 && i < im->nwith; i++)
		log_event(im->log, LOG_INFO, im->o->store, WITH "/%s: %s",
		    im->with[i].name,
		    im->with[i].is == IMPORT_WITH_NEW ? "brought along"
						      : "replaced");
	return r;
}

/* The import is refused: each folder is as it was. */
void
import_with_undo(struct import *im)
{
	struct err ignored = ERR_INIT;
	int with;

	if (im->nwith == 0 || im->store == NULL ||
	    path_opendir(store_dirfd(im->store), WITH, &with, &ignored) == -1)
		return;
	for (size_t i = im->nwith; i-- > 0;)
		swap_back(&im->with[i], store_staging(im->store), with);
	(void)os.fsync(with);
	(void)os.close(with);
	if (im->made_with)
		(void)os.unlinkat(store_dirfd(im->store), WITH, AT_REMOVEDIR);
}

void
import_with_end(struct import *im)
{
	struct err ignored = ERR_INIT;

	if (im->nwith != 0 && im->store != NULL) {
		(void)path_remove(store_staging(im->store), NEW, &ignored);
		(void)path_remove(store_staging(im->store), OLD, &ignored);
	}
	if (im->take.apart_to != -1)
		(void)os.close(im->take.apart_to);
	im->take.apart_to = -1;
	free(im->with);
	im->with = NULL;
	im->nwith = im->capwith = 0;
}
