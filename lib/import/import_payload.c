/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/import/import_priv.h"
#include "lib/store/store.h"

/* How much is staged before it gets its names: one flush for all of it. */
#define BATCH_FILES 8192
#define BATCH_BYTES ((uint64_t)1 << 30)

/* They are this run's before any gets its name. */
static int
settle_batch(struct import *im, struct err *e)
{
	struct content_staged *st;
	size_t n = im->nbatch;

	if (n == 0)
		return 0;
	while (im->capsettled - im->nsettled < n)
		if (grow(&im->settled, &im->capsettled, im->capsettled,
			sizeof(*im->settled), e) == -1)
			return -1;
	st = im->settled + im->nsettled;
	memcpy(st, im->batch, n * sizeof(*st));
	im->nsettled += n;
	im->nbatch = 0;
	im->batch_bytes = 0;
	return content_settle(&im->content, st, n, e);
}

void
import_keep_staged(struct import *im)
{
	struct err e = ERR_INIT;

	(void)settle_batch(im, &e);
}

bool
import_has_settled(const struct import *im)
{
	for (size_t i = 0; i < im->nsettled; i++)
		if (im->settled[i].named)
			return true;
	return false;
}

void
import_drop_staged(struct import *im)
{
	for (size_t i = 0; i < im->nbatch; i++)
		content_drop(&im->content, &im->batch[i]);
	for (size_t i = 0; i < im->nsettled; i++)
		content_drop(&im->content, &im->settled[i]);
	im->nbatch = 0;
}

void
import_undo_payload(struct import *im)
{
	import_drop_staged(im);
	content_unsettle(&im->content, im->settled, im->nsettled);
	im->nsettled = 0;
}

/* A file was staged, and its row says present. */
static int
staged(void *arg, struct content_staged *st, struct err *e)
{
	struct import *im = arg;

	im->batch[im->nbatch++] = *st;
	im->batch_bytes += st->digest.bytes;
	if (im->nbatch < BATCH_FILES && im->batch_bytes < BATCH_BYTES)
		return 0;
	return settle_batch(im, e);
}

void
import_begin(struct import *im)
{
	im->take = (struct take){.store = im->store,
	    .content = &im->content,
	    .keep = !im->o->dry_run,
	    .how = im->o->link ? CONTENT_LINK : CONTENT_COPY,
	    .scratch = im->scratch,
	    .jobs = im->o->jobs,
	    .log = im->log,
	    .began = im->began,
	    .keep_held = im->o->keep_held,
	    .staged = staged,
	    .room = import_room,
	    .apart_to = -1,
	    .arg = im};
}

bool
import_is_faulty(const struct import *im)
{
	return im->log->findings != im->began;
}

int
import_ready(struct import *im, struct err *e)
{
	if (import_is_faulty(im))
		im->take.keep = false;
	if (!im->take.keep)
		return 0;
	im->batch = calloc(BATCH_FILES, sizeof(*im->batch));
	if (im->batch == NULL)
		return err_nomem(e);
	take_sort_named(&im->take);
	return import_resume_payload(im, e);
}

int
import_settle(struct import *im, struct err *e)
{
	uint64_t n = im->log->findings - im->began;

	if (import_is_faulty(im))
		return err_set(e, E_DIGEST, "%s; nothing was imported%s",
		    words_count(n, "fault").s,
		    im->take.other == 0 || im->o->keep_held
			? ""
			: "; --keep-held keeps the revisions that are held "
			  "with another document, and takes the rest");
	return settle_batch(im, e);
}
