/* SPDX-License-Identifier: ISC */
/*
 * A killed import leaves files in WsusContent that no row calls present.  They
 * are whole (invariant 1), but their SHA-256 is not known yet.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/import/import_priv.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"

struct found {
	struct import *im;
	struct payload_item *items; /* owned */
	char (*names)[CONTENT_NAME_MAX]; /* owned */
	size_t n;
};

static int
look_for_settled(struct found *f, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	struct payload_item *it = &f->items[f->n];
	struct store_file row;
	uint64_t size;
	int r;

	if ((r = store_file(f->im->store, sha1, &row, e)) != 1)
		return r;
	if (row.present)
		return 0;
	r = content_has(&f->im->content, sha1, row.ext, &size, e);
	if (r != 1)
		return r;
	content_name(f->names[f->n], sha1, row.ext);
	*it = (struct payload_item){
	    .name = f->names[f->n], .size = size, .has_sha1 = true};
	memcpy(it->sha1, sha1, SHA1_LEN);
	f->n++;
	return 0;
}

static int
found(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct import *im = ((struct found *)arg)->im;

	(void)st;
	/* It counts as this import's, as it would have uninterrupted. */
	if (fault->kind == E_NONE) {
		im->resumed++;
		im->take.new_files++;
		im->take.new_bytes += d->bytes;
		return store_file_present(im->store, it->sha1, d, e);
	}
	if (fault->kind == E_SYS) {
		*e = *fault;
		return err_ctx(e, "%s/%s", CONTENT_DIR, it->name);
	}
	/* It stays until a good one has its name. */
	log_event(im->log, LOG_WARN, it->name, "damaged in the store: %s",
	    fault->msg);
	return 0;
}

int
import_resume_payload(struct import *im, struct err *e)
{
	struct found f = {.im = im};
	struct payload p = {.dirfd = im->content.dirfd,
	    .to = -1,
	    .which = DIGEST_BOTH,
	    .jobs = im->o->jobs,
	    .done = found,
	    .arg = &f};
	int r = -1;

	if (im->take.nnamed == 0)
		return 0;
	f.items = calloc(im->take.nnamed, sizeof(*f.items));
	f.names = calloc(im->take.nnamed, sizeof(*f.names));
	if (f.items == NULL || f.names == NULL) {
		err_nomem(e);
		goto out;
	}
	for (size_t i = 0; i < im->take.nnamed; i++)
		if (look_for_settled(&f, im->take.named[i], e) == -1)
			goto out;
	r = payload_run(&p, f.items, f.n, e);
out:
	free(f.items);
	free(f.names);
	return r;
}
