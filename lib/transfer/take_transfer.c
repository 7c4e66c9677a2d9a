/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "formats/state.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sort.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"

#define MAX_PACKAGE ((uint64_t)4 << 30) /* bytes */

/* Copy a declared file, compare it, and give the copy to use(). */
static int
read_declared(struct take *t, const struct transfer *from,
    const struct transfer_file *f, uint64_t max,
    int (*use)(struct take *t, int fd, const char *name, struct err *e),
    struct err *e)
{
	struct intake in = INTAKE_INIT;
	struct err fault = ERR_INIT;
	int r;

	if (!f->present)
		return 0; /* told by transfer_open() */
	r = intake_name(&in, from->dirfd, f->name, max, t->scratch, &fault);
	if (r == 0 && memcmp(in.sha256, f->sha256, SHA256_LEN) != 0)
		r = err_set(&fault, E_DIGEST,
		    "its SHA-256 is not the one in %s", BAG_MANIFEST);
	if (r == 0 && in.size != f->declared)
		r = err_set(&fault, E_FORMAT, "%s says %llu bytes, found %llu",
		    BAG_MEDIA, (unsigned long long)f->declared,
		    (unsigned long long)in.size);
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
	for (unsigned n = 1; (f = transfer_package(from, n)) != NULL; n++) {
		whole = whole && f->present;
		if (read_declared(t, from, f, MAX_PACKAGE, take_package, e) ==
		    -1)
			return -1;
	}
	take_sort_revs(t);
	t->revisions = t->nrevs; /* each once, as bag-info.txt counts */
	if ((f = transfer_find(from, TRANSFER_STATE)) != NULL) {
		whole = whole && f->present;
		if (read_declared(t, from, f, STATE_MAX_BYTES, take_state, e) ==
		    -1)
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

/* Payload, by SHA-1; then what is only to be checked, with a zero SHA-1. */
static size_t
list_items(const struct transfer *from, struct payload_item *items)
{
	static const char prefix[] = TAKE_CONTENT;
	size_t n = 0;

	for (size_t i = 0; i < from->nfiles; i++) {
		const struct transfer_file *f = &from->files[i];
		struct payload_item it = {
		    .name = f->name, .size = f->declared, .has_sha256 = true};
		const char *base = strrchr(f->name, '/');

		if (!f->present || is_metadata(from, f))
			continue;
		memcpy(it.sha256, f->sha256, SHA256_LEN);
		if (strncmp(f->name, prefix, sizeof(prefix) - 1) == 0)
			it.has_sha1 = content_parse(base + 1, it.sha1);
		items[n++] = it;
	}
	sort_up(items, n, sizeof(*items), sort_by_sha1);
	return n;
}

int
take_transfer_payload(
    struct take *t, const struct transfer *from, struct err *e)
{
	struct payload_item *items;
	int r;

	if ((items = calloc(from->nfiles + 1, sizeof(*items))) == NULL)
		return err_nomem(e);
	r = take_payload(
	    t, from->dirfd, items, list_items(from, items), true, e);
	free(items);
	return r;
}
