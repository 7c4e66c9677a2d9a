/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "formats/package.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/store/docs.h"
#include "lib/base/grow.h"
#include "lib/import/import_priv.h"
#include "lib/transfer/package_in.h"
#include "lib/store/store.h"

#define TRAIN_DOCS 4096

int
import_name(struct import *im, const uint8_t sha1[SHA1_LEN], struct err *e)
{
	if (grow(&im->named, &im->capnamed, im->nnamed, sizeof(*im->named),
		e) == -1)
		return -1;
	memcpy(im->named[im->nnamed++], sha1, SHA1_LEN);
	return 0;
}

/* A document that came through the workers goes into the transaction. */
static int
put_doc(void *arg, const struct docs_item *it, struct err *e)
{
	struct import *im = arg;
	struct store_doc doc = {.u = &it->u,
	    .bytes = (uint32_t)it->bytes,
	    .units = it->units,
	    .packed = it->packed,
	    .packed_len = it->packed_len,
	    .encoding = it->encoding};
	enum store_put put;

	if (it->err.kind != E_NONE) {
		*e = it->err;
		return -1;
	}
	memcpy(doc.sha256, it->sha256, SHA256_LEN);
	if (store_put(im->store, &doc, im->row.row, &put, e) == -1)
		return -1;
	for (size_t i = 0; i < it->u.nfiles; i++)
		if (import_name(im, it->u.files[i].sha1, e) == -1)
			return -1;
	im->revisions++;
	if (put == STORE_NEW)
		im->new_revisions++;
	prog_add(&im->prog, it->bytes, 1);
	return 0;
}

static int
put_url(void *arg, const struct package_file *f, struct err *e)
{
	struct import *im = arg;

	if (f->url == NULL || *f->url == '\0')
		return 0;
	return store_put_url(im->store, f->sha1, f->url, "package", e);
}

/* A store without a dictionary trains one from its first package. */
static int
train(struct import *im, struct package_in *p, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t *lens;
	unsigned n = TRAIN_DOCS;
	int r = -1;

	if (store_has_dict(im->store))
		return 0;
	if ((lens = calloc(TRAIN_DOCS, sizeof(*lens))) == NULL)
		return err_nomem(e);
	if (package_in_sample(p, &text, lens, &n, STORE_TRAIN_BYTES, e) == 0)
		r = store_train(im->store, text.p, lens, n, e);
	buf_free(&text);
	free(lens);
	return r;
}

int
import_package(struct import *im, int fd, const char *name, struct err *e)
{
	struct package_in p;
	struct docs *docs = NULL;
	int r = -1;

	prog_begin(&im->prog, im->log, "reading documents", "revision", 0, 0);
	if (package_in_open(&p, fd, e) == -1 || train(im, &p, e) == -1)
		goto out;
	if (p.is_gz)
		log_event(im->log, LOG_WARN, name,
		    "the .xml.gz form is read experimentally: its layout "
		    "is not published");
	if (docs_open(&docs, im->store, im->o->jobs, put_doc, im, e) == -1 ||
	    package_in_docs(&p, docs, im->log, e) == -1 ||
	    package_in_urls(&p, put_url, im, e) == -1)
		goto out;
	r = 0;
out:
	prog_end(&im->prog);
	docs_close(docs);
	package_in_close(&p);
	return r == 0 ? 0 : err_ctx(e, "%s", name);
}

static int
tell_missing(void *arg, const struct guid *id, uint32_t revision,
    uint64_t wanted_by, struct err *e)
{
	struct import *im = arg;
	char text[GUID_LEN + 1];

	(void)e;
	guid_write(text, id);
	if (revision == 0)
		log_event(im->log, LOG_WARN, text,
		    "a prerequisite of %llu revisions is not held",
		    (unsigned long long)wanted_by);
	else
		log_event(im->log, LOG_WARN, text,
		    "revision %u, bundled by %llu revisions, is not held",
		    revision, (unsigned long long)wanted_by);
	return 0;
}

int
import_derive(struct import *im, struct err *e)
{
	if (store_derive(im->store, &im->missing, e) == -1)
		return -1;
	if (im->missing == 0)
		return 0;
	return store_each_missing(im->store, tell_missing, im, e);
}

static int
sha1_cmp(const void *a, const void *b)
{
	return memcmp(a, b, SHA1_LEN);
}

void
import_sort_named(struct import *im)
{
	size_t n = 0;

	if (im->nnamed == 0)
		return;
	qsort(im->named, im->nnamed, SHA1_LEN, sha1_cmp);
	for (size_t i = 1; i < im->nnamed; i++)
		if (memcmp(im->named[n], im->named[i], SHA1_LEN) != 0)
			memmove(im->named[++n], im->named[i], SHA1_LEN);
	im->nnamed = n + 1;
}
