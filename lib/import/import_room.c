/* SPDX-License-Identifier: ISC */
/*
 * Is there room for the payload, before the first byte of it is copied?  It is
 * asked twice: of a transfer as soon as it has said what it carries, before
 * its documents are read; and always when it is known what of it is wanted.
 */
#include <errno.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/room.h"
#include "lib/import/import_priv.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"
#include "lib/transfer/transfer.h"

#define BLOCK ((uint64_t)4096) /* what a file takes is a whole number of them */

struct need {
	uint64_t bytes, files;
};

static void
count(struct need *need, uint64_t bytes)
{
	if (bytes > UINT64_MAX - BLOCK - need->bytes)
		need->bytes = UINT64_MAX - BLOCK;
	else
		need->bytes += (bytes + BLOCK - 1) / BLOCK * BLOCK;
	need->files++;
}

/* Where payload goes, or would go; -1: there is nothing there yet. */
static int
place(const struct import *im)
{
	if (im->content.dirfd != -1)
		return im->content.dirfd;
	return im->o->dry_run ? store_dirfd(im->store) : im->scratch;
}

static int
check(const struct import *im, const struct need *need, struct err *e)
{
	int fd = place(im);

	if (fd == -1 || need->files == 0)
		return 0;
	if (room_check(fd, need->bytes, need->files, im->o->store, e) == 0)
		return 0;
	return e->sys == ENOSPC ? err_ctx(e, "nothing was copied") : -1;
}

static bool
is_below(const char *name, const char *folder)
{
	return strncmp(name, folder, strlen(folder)) == 0;
}

/* Payload of a transfer that no row calls present; a part of it counts as a
   file, and what waits in the store is there already. */
int
import_room_transfer(struct import *im, const struct transfer *t, struct err *e)
{
	struct need need = {.bytes = 0};
	struct store_file row;
	uint8_t sha1[SHA1_LEN];
	const char *base;
	int r;

	for (size_t i = 0; i < t->nfiles; i++) {
		const struct transfer_file *f = &t->files[i];
		bool part = is_below(f->name, TAKE_PARTS);

		if (is_below(f->name, TRANSFER_WITH))
			count(&need, f->declared);
		if (!part && (f->waits || !is_below(f->name, TAKE_CONTENT)))
			continue;
		base = strrchr(f->name, '/') + 1;
		if (part ? !hex_read(sha1, SHA1_LEN, base, strcspn(base, "."))
			 : !content_parse(base, sha1))
			continue;
		if ((r = store_file(im->store, sha1, &row, e)) == -1)
			return -1;
		if (r == 0 || !row.present)
			count(&need, f->declared);
	}
	return im->o->link ? 0 : check(im, &need, e);
}

int
import_room_files(struct import *im, const struct transfer *t, struct err *e)
{
	struct need need = {.bytes = 0};

	for (size_t i = 0; i < t->nfiles; i++)
		if (!t->files[i].elsewhere)
			count(&need, t->files[i].declared);
	return im->o->link ? 0 : check(im, &need, e);
}

int
import_room(
    void *arg, const struct payload_item *items, size_t n, struct err *e)
{
	const struct import *im = arg;
	struct need need = {.bytes = 0};

	for (size_t i = 0; i < n; i++)
		if (items[i].stage && !items[i].link)
			count(&need, items[i].size);
	return im->o->link ? 0 : check(im, &need, e);
}
