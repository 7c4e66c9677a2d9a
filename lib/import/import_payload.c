/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/os.h"
#include "lib/import/import_priv.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"

/* How much is staged before it gets its names: one flush for all of it. */
#define BATCH_FILES 512
#define BATCH_BYTES ((uint64_t)1 << 30)

static int
remember_settled(struct import *im, struct err *e)
{
	size_t need = im->nsettled + im->nbatch;

	if (need > im->capsettled) {
		size_t cap = 2 * need;
		void *p = realloc(im->settled, cap * sizeof(*im->settled));

		if (p == NULL)
			return err_nomem(e);
		im->settled = p;
		im->capsettled = cap;
	}
	memcpy(im->settled + im->nsettled, im->batch,
	    im->nbatch * sizeof(*im->batch));
	im->nsettled = need;
	return 0;
}

static int
settle(struct import *im, struct err *e)
{
	if (im->nbatch == 0)
		return 0;
	if (remember_settled(im, e) == -1 ||
	    content_settle(&im->content, im->batch, im->nbatch, e) == -1)
		return -1;
	im->nbatch = 0;
	im->batch_bytes = 0;
	return 0;
}

void
import_undo_payload(struct import *im)
{
	for (size_t i = 0; i < im->nbatch; i++)
		content_drop(&im->content, &im->batch[i]);
	for (size_t i = 0; i < im->nsettled; i++) {
		char name[CONTENT_NAME_MAX];

		content_name(name, im->settled[i].sha1, im->settled[i].ext);
		(void)os.unlinkat(im->content.dirfd, name, 0);
		/* Its folder too, when nothing else is in it. */
		name[2] = '\0';
		(void)os.unlinkat(im->content.dirfd, name, AT_REMOVEDIR);
	}
	im->nbatch = im->nsettled = 0;
}

/* One file was hashed, and staged where it was wanted. */
static int
done(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct import *im = arg;

	if (fault->kind == E_SYS) {
		*e = *fault;
		return err_ctx(e, "%s", it->name);
	}
	if (fault->kind != E_NONE) {
		log_finding_err(im->log, it->name, fault);
		return 0;
	}
	if (st == NULL)
		return 0;
	log_event(im->log, LOG_DEBUG, it->name, "taken, %llu bytes",
	    (unsigned long long)d->bytes);
	memcpy(st->sha1, it->sha1, SHA1_LEN);
	memcpy(st->ext, it->ext, sizeof(st->ext));
	if (store_file_present(im->store, it->sha1, d, fault) == -1) {
		content_drop(&im->content, st);
		if (fault->kind == E_SYS) {
			*e = *fault;
			return -1;
		}
		log_finding_err(im->log, it->name, fault);
		return 0;
	}
	im->batch[im->nbatch++] = *st;
	im->batch_bytes += d->bytes;
	im->new_files++;
	im->new_bytes += d->bytes;
	if (im->nbatch < BATCH_FILES && im->batch_bytes < BATCH_BYTES)
		return 0;
	return settle(im, e);
}

static int
item_cmp(const void *key, const void *item)
{
	return memcmp(key, ((const struct payload_item *)item)->sha1, SHA1_LEN);
}

static int
sha1_cmp(const void *a, const void *b)
{
	return memcmp(a, b, SHA1_LEN);
}

/* 1 held, 0 not.  A row is not believed where somebody removed the file. */
static int
is_held(struct import *im, const struct store_file *f, struct err *e)
{
	char name[CONTENT_NAME_MAX];
	uint64_t size;
	int r;

	if (!f->present)
		return 0;
	r = content_has(&im->content, f->sha1, f->ext, &size, e);
	if (r != 0)
		return r;
	content_name(name, f->sha1, f->ext);
	log_event(im->log, LOG_WARN, name, "lost from the store");
	return 0;
}

/* The named file is staged when the folder has it and the store does not. */
static int
want(struct import *im, const uint8_t sha1[SHA1_LEN],
    struct payload_item *items, size_t n, struct err *e)
{
	struct payload_item *it = NULL;
	struct store_file f;
	char hex[2 * SHA1_LEN + 1];
	int held;

	if (store_file(im->store, sha1, &f, e) != 1)
		return e->kind == E_NONE ? 0 : -1;
	if ((held = is_held(im, &f, e)) == -1)
		return -1;
	if (n != 0)
		it = bsearch(sha1, items, n, sizeof(*items), item_cmp);
	/* What is no payload stands under a digest of zeros. */
	if (it != NULL && !it->has_sha1)
		it = NULL;
	im->files++;
	if (it != NULL) {
		it->stage = held == 0;
		/* Else a file without end would fill the disk first. */
		if (it->stage && f.has_size)
			it->size = f.size;
		memcpy(it->ext, f.ext, sizeof(it->ext));
	}
	if (held == 1 || it != NULL)
		return 0;
	if (unwanted_has(&im->unwanted, sha1)) {
		im->passed_over++;
		return 0;
	}
	hex_upper(hex, sha1, SHA1_LEN);
	log_event(im->log, LOG_WARN, hex,
	    "payload '%s' is named, but not there; its updates are kept",
	    f.name);
	im->absent++;
	return 0;
}

static bool
is_named(const struct import *im, const struct payload_item *it)
{
	return im->nnamed != 0 &&
	    bsearch(it->sha1, im->named, im->nnamed, SHA1_LEN, sha1_cmp) !=
	    NULL;
}

/* Keep what is to be read, in front; tell what nobody names. */
static size_t
keep_wanted(
    struct import *im, struct payload_item *items, size_t n, bool check_all)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (items[i].has_sha1 && !is_named(im, &items[i])) {
			log_event(im->log, LOG_INFO, items[i].name,
			    "no update names this file; it is left");
			im->unnamed++;
		}
		if (items[i].stage && im->o->dry_run) {
			im->new_files++;
			im->new_bytes += items[i].size;
			items[i].stage = false;
		}
		if (items[i].stage || check_all)
			items[kept++] = items[i];
	}
	return kept;
}

static int
run(struct import *im, int dirfd, struct payload_item *items, size_t n,
    struct err *e)
{
	struct payload p = {.dirfd = dirfd,
	    .content = &im->content,
	    .how = im->o->link ? CONTENT_LINK : CONTENT_COPY,
	    .to = -1,
	    .which = DIGEST_BOTH,
	    .jobs = im->o->jobs,
	    .prog = &im->prog,
	    .done = done,
	    .arg = im};
	int r;

	prog_begin(&im->prog, im->log, "taking payload", "file",
	    payload_bytes(items, n), n);
	r = payload_run(&p, items, n, e);
	prog_end(&im->prog);
	return r;
}

int
import_payload(struct import *im, int dirfd, struct payload_item *items,
    size_t n, bool check_all, struct err *e)
{
	size_t kept;

	im->batch = calloc(BATCH_FILES, sizeof(*im->batch));
	if (im->batch == NULL)
		return err_nomem(e);
	import_sort_named(im);
	if (!im->o->dry_run && import_resume_payload(im, e) == -1)
		return -1;
	for (size_t i = 0; i < im->nnamed; i++)
		if (want(im, im->named[i], items, n, e) == -1)
			return -1;
	kept = keep_wanted(im, items, n, check_all);
	im->bytes = payload_bytes(items, kept);
	if (run(im, dirfd, items, kept, e) == -1 ||
	    import_refuse_if_faulty(im, e) == -1)
		return -1;
	return settle(im, e);
}
