/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/base/words.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"
#include "lib/store/withdrawn.h"
#include "lib/transfer/container.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"

#define MAX_PACKAGE ((uint64_t)4 << 30) /* bytes */

/* Copy a declared file, compare it, and give the copy to use(). */
static int
read_declared(struct take *t, const struct transfer_file *f, uint64_t max,
    int (*use)(struct take *t, int fd, const char *name, struct err *e),
    struct err *e)
{
	struct intake in = INTAKE_INIT;
	struct err fault = ERR_INIT;
	int r;

	if (!f->present)
		return 0; /* told by transfer_open() */
	r = transfer_intake(f, max, t->scratch, &in, &fault);
	if (r == 0 && memcmp(in.sha256, f->sha256, SHA256_LEN) != 0)
		r = err_set(&fault, E_DIGEST,
		    "its SHA-256 is not the one in %s", BAG_MANIFEST);
	if (r == 0 && in.size != f->declared)
		r = err_set(&fault, E_DIGEST, "%s, expected %llu",
		    words_count(in.size, "byte").s,
		    (unsigned long long)f->declared);
	if (r == 0) {
		t->nread++;
		t->bytes_read += in.size;
	}
	if (r == 0)
		r = use(t, in.fd, f->name, e);
	else
		r = take_fault(t, f->name, &fault, e);
	intake_close(&in);
	return r;
}

int
take_transfer_docs(struct take *t, const struct transfer *from, struct err *e)
{
	uint64_t before = t->log->findings;
	const struct transfer_file *f;
	bool whole = true;

	t->is_transfer = true;
	t->origin = from->info.origin;
	t->cut = bag_info_requires(&from->info, "parts");
	for (unsigned n = 1; (f = transfer_package(from, n)) != NULL; n++) {
		whole = whole && f->present;
		if (read_declared(t, f, MAX_PACKAGE, take_package, e) == -1)
			return -1;
	}
	take_sort_revs(t);
	t->revisions = t->nrevs; /* each once, as bag-info.txt counts */
	if (!t->is_old && withdrawn_begin(t->store, &t->origin, e) == -1)
		return -1;
	if ((f = transfer_find(from, TRANSFER_STATE)) != NULL) {
		whole = whole && f->present;
		if (read_declared(t, f, STATE_MAX_BYTES, take_state, e) == -1)
			return -1;
	}
	if (take_late_urls(t, e) == -1)
		return -1;
	/* Of what was not read to its end no count is right. */
	if (whole && t->log->findings == before)
		take_index_extras(t);
	if (whole && t->log->findings == before)
		take_counts(t, from);
	return take_derive(t, e);
}

/* Taken as documents already. */
static bool
is_metadata(const struct transfer *from, const struct transfer_file *f)
{
	const struct transfer_file *p;

	for (unsigned n = 1; (p = transfer_package(from, n)) != NULL; n++)
		if (p == f)
			return true;
	return strcmp(f->name, TRANSFER_STATE) == 0;
}

/* What stands as it is. */
static void
list_item(const struct transfer_file *f, struct payload_item *it)
{
	static const char prefix[] = TAKE_CONTENT;
	const char *base = strrchr(f->name, '/');

	*it = (struct payload_item){.name = f->name,
	    .from = &f->dirfd,
	    .flow = f->box == NULL ? NULL : container_flow(f->box),
	    .size = f->declared,
	    .has_sha256 = true,
	    .link = f->waits};
	memcpy(it->sha256, f->sha256, SHA256_LEN);
	if (strncmp(f->name, prefix, sizeof(prefix) - 1) == 0)
		it->has_sha1 = content_parse(base + 1, it->sha1);
}

/* Payload, by SHA-1; then what is only to be checked, with a zero SHA-1. */
static size_t
list_items(const struct take *t, const struct transfer *from,
    struct payload_item *items, struct payload_piece *pieces)
{
	size_t n = 0, cut;

	for (size_t i = 0; i < from->nfiles; i++) {
		const struct transfer_file *f = &from->files[i];

		if (!f->present || is_metadata(from, f))
			continue;
		cut = take_cut_item(t, from, i, &items[n], pieces);
		pieces += cut;
		if (cut == 0)
			list_item(f, &items[n]);
		else
			i += cut - 1;
		if (cut == 0 && t->apart != NULL && t->apart(t->arg, f))
			items[n].to = &t->apart_to;
		n++;
	}
	sort_up(items, n, sizeof(*items), sort_by_sha1);
	return n;
}

int
take_transfer_payload(
    struct take *t, const struct transfer *from, struct err *e)
{
	struct payload_piece *pieces = calloc(
	    from->nfiles + 1, sizeof(*pieces));
	struct payload_item *items = calloc(from->nfiles + 1, sizeof(*items));
	int r;

	if (items == NULL || pieces == NULL)
		r = err_nomem(e);
	else
		r = take_payload(t, from->dirfd, items,
		    list_items(t, from, items, pieces), true, e);
	free(items);
	free(pieces);
	return r == 0 ? transfer_finish(from, e) : -1;
}

/* One file of a medium was hashed, and staged where it is kept. */
static int
seen_file(void *arg, const struct payload_item *it, const struct digest *d,
    struct content_staged *st, struct err *fault, struct err *e)
{
	struct take *t = arg;

	(void)d;
	t->nread++;
	t->bytes_read += it->size;
	if (fault->kind == E_SYS && t->reads_on) {
		log_finding_err(t->log, it->name, fault);
		return 0;
	}
	if (fault->kind != E_NONE)
		return take_fault(t, it->name, fault, e);
	return st == NULL ? 0 : t->kept(t->arg, it, st, e);
}

int
take_files(struct take *t, const struct transfer *from, struct err *e)
{
	struct payload p = {.dirfd = from->dirfd,
	    .content = t->kept != NULL ? t->content : NULL,
	    .how = t->how,
	    .to = -1,
	    .which = DIGEST_BOTH,
	    .jobs = t->jobs,
	    .prog = &t->prog,
	    .done = seen_file,
	    .arg = t};
	struct payload_item *items = calloc(from->nfiles + 1, sizeof(*items));
	size_t n = 0;
	int r;

	if (items == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < from->nfiles; i++) {
		if (!from->files[i].present || from->files[i].elsewhere)
			continue;
		list_item(&from->files[i], &items[n]);
		items[n++].stage = t->kept != NULL;
	}
	prog_begin(&t->prog, t->log, "hashing files", "file",
	    payload_bytes(items, n), n);
	r = payload_run(&p, items, n, e);
	prog_end(&t->prog);
	free(items);
	return r;
}
