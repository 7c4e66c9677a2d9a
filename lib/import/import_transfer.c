/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sign.h"
#include "lib/base/sink.h"
#include "lib/base/src.h"
#include "lib/import/import_priv.h"
#include "lib/transfer/intake.h"
#include "lib/base/lines.h"
#include "lib/transfer/keyring.h"
#include "lib/store/payload.h"
#include "lib/transfer/transfer.h"
#include "lib/store/store.h"

#define MAX_PACKAGE ((uint64_t)4 << 30) /* bytes */
#define STATE "data/state.jsonl"
#define MAX_STATE ((uint64_t)512 << 20) /* bytes */
#define CONTENT_PREFIX "data/" CONTENT_DIR "/"

/*
 * Replay, rollback and a missing base (exit 9).  The very transfer that the
 * ledger has already is checked again and changes nothing.
 */
static int
check_sequence(struct import *im, const struct transfer *t, struct err *e)
{
	const struct bag_info *i = &t->info;
	struct ledger_row last, same;
	char mine[GUID_LEN + 1];
	int r;

	guid_write(mine, store_id(im->store));
	if (strcmp(i->destination, "any") != 0 &&
	    strcmp(i->destination, mine) != 0)
		return err_set(e, E_SEQ, "made for store %s, this is %s",
		    i->destination, mine);
	if (guid_cmp(&i->origin, store_id(im->store)) == 0)
		return err_set(e, E_SEQ, "this store exported it itself");
	r = ledger_find(im->store, LEDGER_IMPORT, t->tag, &same, e);
	if (r != 0) {
		im->already = r == 1;
		return r == 1 ? 0 : -1;
	}
	if ((r = ledger_last_import(im->store, &i->origin, &last, e)) == -1)
		return -1;
	if (r == 1 && i->sequence <= last.sequence)
		return err_set(e, E_SEQ,
		    "sequence %llu from this origin; %llu was imported "
		    "already",
		    (unsigned long long)i->sequence,
		    (unsigned long long)last.sequence);
	if (i->base != 0 && (r == 0 || last.sequence < i->base))
		return err_set(e, E_SEQ,
		    "builds on transfer %llu, of which this store knows "
		    "nothing",
		    (unsigned long long)i->base);
	return 0;
}

static int
open_row(struct import *im, const struct transfer *t, struct err *e)
{
	struct ledger_row *r = &im->row;

	r->kind = LEDGER_IMPORT;
	r->state = LEDGER_OPEN;
	r->origin = t->info.origin;
	r->sequence = t->info.sequence;
	r->base = t->info.base;
	memcpy(r->tag, t->tag, SHA256_LEN);
	r->has_tag = true;
	snprintf(r->site, sizeof(r->site), "%s", t->info.site);
	snprintf(
	    r->destination, sizeof(r->destination), "%s", t->info.destination);
	snprintf(r->key, sizeof(r->key), "%s", t->key);
	snprintf(r->where, sizeof(r->where), "%s", t->info.id);
	(void)hex_read(r->selection, SHA256_LEN, t->info.selection,
	    strlen(t->info.selection));
	return ledger_add(im->store, r, e);
}

/* Copy a declared file, compare it, and give the copy to use(). */
static int
take_declared(struct import *im, const struct transfer *t,
    const struct transfer_file *f, uint64_t max,
    int (*use)(struct import *im, int fd, const char *name, struct err *e),
    struct err *e)
{
	struct intake in = INTAKE_INIT;
	int r = -1;

	if (intake_name(&in, t->dirfd, f->name, max, im->scratch, e) == -1) {
		err_ctx(e, "%s", f->name);
		goto out;
	}
	if (memcmp(in.sha256, f->sha256, SHA256_LEN) != 0) {
		err_set(e, E_DIGEST, "%s: its SHA-256 is not the one in %s",
		    f->name, BAG_MANIFEST);
		goto out;
	}
	r = use(im, in.fd, f->name, e);
out:
	intake_close(&in);
	return r;
}

/* A file that no document names, of a revision of the packages. */
static int
take_extra(struct import *im, const struct store_state *st,
    const uint8_t sha1[SHA1_LEN], struct err *e)
{
	struct guid id;

	if (!guid_read(&id, st->id, strlen(st->id)))
		return err_set(e, E_FORMAT, "file: id is '%s'", st->id);
	if (store_put_extra(im->store, &id, st->revision, sha1, st->name, e) ==
	    -1)
		return -1;
	return import_name(im, sha1, e);
}

static int
take_state_line(void *arg, const char *line, size_t len, struct err *e)
{
	struct import *im = arg;
	struct store_state st;
	uint8_t sha1[SHA1_LEN];
	bool file;

	if (store_state_parse(im->store, line, len, &st, e) == -1)
		return -1;
	/* What is absent is told by the absence of the file itself. */
	if (strcmp(st.t, "absent") == 0)
		return unwanted_line(&im->unwanted, line, len, e);
	file = strcmp(st.t, "file") == 0;
	if (!file && strcmp(st.t, "url") != 0)
		return store_put_state(im->store, line, len, e);
	if (!hex_read(sha1, SHA1_LEN, st.sha1, strlen(st.sha1)))
		return err_set(e, E_FORMAT, "%s: sha1 is '%s'", st.t, st.sha1);
	return file ? take_extra(im, &st, sha1, e)
		    : store_put_url(im->store, sha1, st.url, "transfer", e);
}

static int
take_state(struct import *im, int fd, const char *name, struct err *e)
{
	struct src src = SRC_INIT;
	struct lines *l = NULL;
	int r = -1;

	if (src_fd(&src, fd, e) == 0 &&
	    lines_open(&l, take_state_line, im, e) == 0 &&
	    src_copy(&src, lines_sink(l), e) == 0)
		r = lines_finish(l, e);
	lines_close(l);
	src_close(&src);
	return r == 0 ? 0 : err_ctx(e, "%s", name);
}

static int
take_packages(struct import *im, const struct transfer *t, struct err *e)
{
	const struct transfer_file *f;

	for (unsigned n = 1; (f = transfer_package(t, n)) != NULL; n++)
		if (take_declared(im, t, f, MAX_PACKAGE, import_package, e) ==
		    -1)
			return -1;
	if ((f = transfer_find(t, STATE)) != NULL &&
	    take_declared(im, t, f, MAX_STATE, take_state, e) == -1)
		return -1;
	return import_derive(im, e);
}

static int
item_cmp(const void *va, const void *vb)
{
	const struct payload_item *a = va, *b = vb;

	return memcmp(a->sha1, b->sha1, SHA1_LEN);
}

/* Taken as documents already. */
static bool
is_metadata(const struct transfer *t, const struct transfer_file *f)
{
	const struct transfer_file *p;

	for (unsigned n = 1; (p = transfer_package(t, n)) != NULL; n++)
		if (p == f)
			return true;
	return strcmp(f->name, STATE) == 0;
}

/* Payload, by SHA-1; then what is only to be checked, with a zero SHA-1. */
static size_t
list_items(const struct transfer *t, struct payload_item *items)
{
	static const char prefix[] = CONTENT_PREFIX;
	size_t n = 0;

	for (size_t i = 0; i < t->nfiles; i++) {
		const struct transfer_file *f = &t->files[i];
		struct payload_item it = {
		    .name = f->name, .size = f->declared, .has_sha256 = true};
		const char *base = strrchr(f->name, '/');

		if (is_metadata(t, f))
			continue;
		memcpy(it.sha256, f->sha256, SHA256_LEN);
		if (strncmp(f->name, prefix, sizeof(prefix) - 1) == 0)
			it.has_sha1 = content_parse(base + 1, it.sha1);
		items[n++] = it;
	}
	qsort(items, n, sizeof(*items), item_cmp);
	return n;
}

static int
take_payload(struct import *im, const struct transfer *t, struct err *e)
{
	struct payload_item *items;
	int r;

	if ((items = calloc(t->nfiles + 1, sizeof(*items))) == NULL)
		return err_nomem(e);
	r = import_payload(im, t->dirfd, items, list_items(t, items), true, e);
	free(items);
	return r;
}

static int
take_transfer(struct import *im, struct transfer *t,
    const struct sign_pub *keys, size_t nkeys, struct err *e)
{
	if (nkeys == 0 && im->o->trusted_keys != NULL)
		return err_set(e, E_SIG,
		    "no trusted key: there is no *.pub in %s that is not "
		    "revoked",
		    im->o->trusted_keys);
	if (nkeys == 0)
		return err_set(e, E_SIG,
		    "no trusted key: give one with --trusted-keys, or put it "
		    "into the store with wsusferry-key trust");
	if (transfer_open(t, im->o->paths[0], keys, nkeys, im->scratch, im->log,
		e) == -1 ||
	    import_refuse_if_faulty(im, e) == -1 ||
	    check_sequence(im, t, e) == -1 || open_row(im, t, e) == -1 ||
	    take_packages(im, t, e) == -1)
		return -1;
	return take_payload(im, t, e);
}

int
import_transfer(struct import *im, struct err *e)
{
	struct transfer t = TRANSFER_INIT;
	struct sign_pub *keys = NULL;
	size_t nkeys = 0;
	int r;

	if (keys_load(im->o->trusted_keys, store_dirfd(im->store), &keys,
		&nkeys, e) == -1)
		return -1;
	if ((r = take_transfer(im, &t, keys, nkeys, e)) == -1)
		err_ctx(e, "%s", im->o->paths[0]);
	transfer_close(&t);
	free(keys);
	return r;
}
