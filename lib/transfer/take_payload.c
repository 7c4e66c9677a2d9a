/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/store/gone.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"
#include "lib/transfer/take.h"

/* One file was hashed, and staged where it is to be kept. */
static int
done(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct take *t = arg;

	t->nread++;
	t->bytes_read += it->size;
	if (fault->kind == E_SYS && t->reads_on) {
		log_finding_err(t->log, it->name, fault);
		return 0;
	}
	if (fault->kind != E_NONE)
		return take_fault(t, it->name, fault, e);
	log_event(t->log, LOG_DEBUG, it->name, "%s, %s",
	    st != NULL ? "taken" : "good", words_count(d->bytes, "byte").s);
	if (!it->stage)
		return 0;
	if (store_file_present(t->store, it->sha1, d, fault) == -1) {
		if (st != NULL)
			content_drop(t->content, st);
		return take_fault(t, it->name, fault, e);
	}
	t->new_files++;
	t->new_bytes += d->bytes;
	if (st == NULL)
		return 0;
	memcpy(st->sha1, it->sha1, SHA1_LEN);
	memcpy(st->ext, it->ext, sizeof(st->ext));
	st->replace = it->replace;
	return t->staged(t->arg, st, e);
}

/* Not the store's matter, but that of a WSUS server which gets the folder. */
static void
tell_name(
    struct take *t, const struct payload_item *it, const struct store_file *f)
{
	char ext[UPDATE_EXT_MAX + 1];

	update_file_ext(ext, it->name);
	if (strcasecmp(ext, f->ext) != 0)
		log_event(t->log, LOG_WARN, it->name,
		    "the documents call it '%s': a WSUS server does not look "
		    "for it under this name",
		    f->name);
}

/* The named file is wanted when the folder has it and the store does not. */
static int
want_named(struct take *t, const uint8_t sha1[SHA1_LEN],
    struct payload_item *items, size_t n, struct err *e)
{
	struct payload_item *it;
	struct store_file f;

	if (store_file(t->store, sha1, &f, e) != 1)
		return e->kind == E_NONE ? 0 : -1;
	it = sort_find(sha1, items, n, sizeof(*items), sort_by_sha1);
	/* What is no payload stands under a digest of zeros. */
	if (it != NULL && !it->has_sha1)
		it = NULL;
	t->files++;
	if (it != NULL) {
		it->stage = !f.present;
		/* What is damaged was noted, and of what no row knows,
		   import_resume.c kept what is whole. */
		it->replace = !f.present;
		if (t->is_transfer && it->stage)
			tell_name(t, it, &f);
		/* Else a file without end would fill the disk first. */
		if (it->stage && f.has_size)
			it->size = f.size;
		memcpy(it->ext, f.ext, sizeof(it->ext));
	}
	t->held_files += f.present;
	return 0;
}

static bool
is_named(const struct take *t, const struct payload_item *it)
{
	return sort_find(it->sha1, t->named, t->nnamed, SHA1_LEN,
		   sort_by_sha1) != NULL;
}

void
take_leave(struct take *t, const char *name, const char *why)
{
	log_event(t->log, LOG_DEBUG, name, "%s; it is left", why);
	if (t->unnamed++ == 0)
		snprintf(t->leaves, sizeof(t->leaves), "%s", name);
}

/* Keep what is to be read, in front. */
static size_t
keep_wanted(
    struct take *t, struct payload_item *items, size_t n, bool check_all)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (items[i].has_sha1 && !is_named(t, &items[i]))
			take_leave(t, items[i].name, "no update names it");
		if (items[i].stage || check_all)
			items[kept++] = items[i];
	}
	/* After a fault not all that is named is known. */
	if (t->unnamed != 0 && t->log->findings == t->began)
		log_event(t->log, LOG_INFO, NULL,
		    "%s %s to no update and %s left; first: %s",
		    words_count(t->unnamed, "file").s,
		    words_pick(t->unnamed, "belongs", "belong"),
		    words_pick(t->unnamed, "is", "are"), t->leaves);
	return kept;
}

static int
run_payload(struct take *t, int dirfd, struct payload_item *items, size_t n,
    struct err *e)
{
	struct payload p = {.dirfd = dirfd,
	    .content = t->keep ? t->content : NULL,
	    .how = t->how,
	    .to = -1,
	    .which = DIGEST_BOTH,
	    .jobs = t->jobs,
	    .prog = &t->prog,
	    .done = done,
	    .arg = t};
	int r;

	prog_begin(&t->prog, t->log,
	    t->keep ? "taking payload" : "hashing payload", "file",
	    payload_bytes(items, n), n);
	r = payload_run(&p, items, n, e);
	prog_end(&t->prog);
	return r;
}

int
take_payload(struct take *t, int dirfd, struct payload_item *items, size_t n,
    bool check_all, struct err *e)
{
	size_t kept;

	if (t->content != NULL &&
	    gone_note(t->store, t->log, &t->noted, e) == -1)
		return -1;
	take_sort_named(t);
	for (size_t i = 0; i < t->nnamed; i++)
		if (want_named(t, t->named[i], items, n, e) == -1)
			return -1;
	kept = keep_wanted(t, items, n, check_all);
	if (t->room != NULL && t->room(t->arg, items, kept, e) == -1)
		return -1;
	return run_payload(t, dirfd, items, kept, e);
}
