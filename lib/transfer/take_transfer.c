/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/lines.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/store/payload.h"
#include "lib/store/store.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"

#define MAX_PACKAGE ((uint64_t)4 << 30) /* bytes */
#define STATE "data/state.jsonl"
#define MAX_STATE ((uint64_t)512 << 20) /* bytes */
#define CONTENT_PREFIX "data/" CONTENT_DIR "/"

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

/* A file that no document names, of a revision of the packages. */
static int
take_extra(struct take *t, const struct store_state *st,
    const uint8_t sha1[SHA1_LEN], struct err *e)
{
	struct guid id;

	if (!guid_read(&id, st->id, strlen(st->id)))
		return err_set(e, E_FORMAT, "file: id is '%s'", st->id);
	if (store_put_extra(t->store, &id, st->revision, sha1, st->name, e) ==
	    -1)
		return -1;
	return take_name(t, sha1, e);
}

static int
take_state_line(void *arg, const char *line, size_t len, struct err *e)
{
	struct take *t = arg;
	struct store_state st;
	uint8_t sha1[SHA1_LEN];
	bool file;

	if (store_state_parse(t->store, line, len, &st, e) == -1)
		return -1;
	/* What is absent is told by the absence of the file itself. */
	if (strcmp(st.t, "absent") == 0)
		return unwanted_line(&t->unwanted, line, len, e);
	file = strcmp(st.t, "file") == 0;
	if (!file && strcmp(st.t, "url") != 0)
		return store_put_state(t->store, line, len, e);
	if (!hex_read(sha1, SHA1_LEN, st.sha1, strlen(st.sha1)))
		return err_set(e, E_FORMAT, "%s: sha1 is '%s'", st.t, st.sha1);
	return file ? take_extra(t, &st, sha1, e)
		    : store_put_url(t->store, sha1, st.url, "transfer", e);
}

static int
take_state(struct take *t, int fd, const char *name, struct err *e)
{
	struct err fault = ERR_INIT;
	struct src src = SRC_INIT;
	struct lines *l = NULL;
	int r = -1;

	if (src_fd(&src, fd, &fault) == 0 &&
	    lines_open(&l, take_state_line, t, &fault) == 0 &&
	    src_copy(&src, lines_sink(l), &fault) == 0)
		r = lines_finish(l, &fault);
	lines_close(l);
	src_close(&src);
	return r == 0 ? 0 : take_fault(t, name, &fault, e);
}

int
take_transfer_docs(struct take *t, const struct transfer *from, struct err *e)
{
	const struct transfer_file *f;

	for (unsigned n = 1; (f = transfer_package(from, n)) != NULL; n++)
		if (read_declared(t, from, f, MAX_PACKAGE, take_package, e) ==
		    -1)
			return -1;
	if ((f = transfer_find(from, STATE)) != NULL &&
	    read_declared(t, from, f, MAX_STATE, take_state, e) == -1)
		return -1;
	return take_derive(t, e);
}

static int
item_cmp(const void *va, const void *vb)
{
	const struct payload_item *a = va, *b = vb;
	int c = memcmp(a->sha1, b->sha1, SHA1_LEN);

	return c != 0 ? c : strcmp(a->name, b->name);
}

/* Taken as documents already. */
static bool
is_metadata(const struct transfer *from, const struct transfer_file *f)
{
	const struct transfer_file *p;

	for (unsigned n = 1; (p = transfer_package(from, n)) != NULL; n++)
		if (p == f)
			return true;
	return strcmp(f->name, STATE) == 0;
}

/* Payload, by SHA-1; then what is only to be checked, with a zero SHA-1. */
static size_t
list_items(const struct transfer *from, struct payload_item *items)
{
	static const char prefix[] = CONTENT_PREFIX;
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
	qsort(items, n, sizeof(*items), item_cmp);
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
