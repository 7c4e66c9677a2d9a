/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sign.h"
#include "lib/base/enc.h"
#include "lib/base/src.h"
#include "lib/base/grow.h"
#include "lib/transfer/intake.h"
#include "lib/base/lines.h"
#include "lib/transfer/keyring.h"
#include "lib/store/payload.h"
#include "lib/transfer/transfer.h"
#include "lib/verify/verify_priv.h"
#include "lib/store/store.h"

#define MAX_PACKAGE ((uint64_t)4 << 30) /* bytes */
#define STATE "data/state.jsonl"
#define MAX_STATE ((uint64_t)512 << 20) /* bytes */
#define CONTENT_PREFIX "data/" CONTENT_DIR "/"

/* Copied once, compared, and read from the copy. */
static int
check_package(struct verify *v, const struct transfer *t,
    const struct transfer_file *f, struct err *e)
{
	struct intake in = INTAKE_INIT;
	int r = -1;

	if (intake_name(&in, t->dirfd, f->name, MAX_PACKAGE, v->scratch, e) ==
	    -1)
		goto out;
	v->files++;
	v->bytes += in.size;
	if (memcmp(in.sha256, f->sha256, SHA256_LEN) != 0) {
		err_set(e, E_DIGEST, "its SHA-256 is not the one in %s",
		    BAG_MANIFEST);
		goto out;
	}
	r = verify_package(v, in.fd, f->name, e);
out:
	intake_close(&in);
	return r;
}

static int
check_packages(struct verify *v, const struct transfer *t, struct err *e)
{
	const struct transfer_file *f;

	for (unsigned n = 1; (f = transfer_package(t, n)) != NULL; n++) {
		struct err fault = ERR_INIT;

		if (!f->present || check_package(v, t, f, &fault) == 0)
			continue;
		if (fault.kind == E_SYS || fault.kind == E_STOP) {
			*e = fault;
			return err_ctx(e, "%s", f->name);
		}
		log_finding_err(v->log, f->name, &fault);
	}
	verify_closure(v);
	return 0;
}

static bool
is_package(const struct transfer *t, const struct transfer_file *f)
{
	const struct transfer_file *p;

	for (unsigned n = 1; (p = transfer_package(t, n)) != NULL; n++)
		if (p == f)
			return true;
	return false;
}

static int
check_files(struct verify *v, const struct transfer *t, struct err *e)
{
	struct payload_item *items = calloc(t->nfiles + 1, sizeof(*items));
	size_t n = 0;
	int r;

	if (items == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < t->nfiles; i++) {
		const struct transfer_file *f = &t->files[i];

		if (!f->present || is_package(t, f))
			continue;
		items[n] = (struct payload_item){
		    .name = f->name, .size = f->declared, .has_sha256 = true};
		memcpy(items[n++].sha256, f->sha256, SHA256_LEN);
	}
	r = verify_files(v, t->dirfd, items, n, DIGEST_SHA256, e);
	free(items);
	return r;
}

/* A file that no document names, in the one spelling that its line has. */
static int
name_extra(struct verify *v, const char *line, size_t len, struct err *e)
{
	static const char head[] = "{\"t\":\"file\",\"sha1\":\"";
	const size_t n = sizeof(head) - 1;
	uint8_t sha1[SHA1_LEN];

	if (len < n + 2 * SHA1_LEN || memcmp(line, head, n) != 0 ||
	    !hex_read(sha1, SHA1_LEN, line + n, 2 * SHA1_LEN))
		return 0;
	if (grow(&v->named, &v->capnamed, v->nnamed, sizeof(*v->named), e) ==
	    -1)
		return -1;
	memcpy(v->named[v->nnamed++], sha1, SHA1_LEN);
	return 0;
}

static int
take_state_line(void *arg, const char *line, size_t len, struct err *e)
{
	struct verify *v = arg;

	if (name_extra(v, line, len, e) == -1)
		return -1;
	return unwanted_line(&v->unwanted, line, len, e);
}

static int
read_state(struct verify *v, int fd, struct err *e)
{
	struct src src = SRC_INIT;
	struct lines *l = NULL;
	int r = -1;

	if (src_fd(&src, fd, e) == 0 &&
	    lines_open(&l, take_state_line, v, e) == 0 &&
	    src_copy(&src, lines_sink(l), e) == 0)
		r = lines_finish(l, e);
	lines_close(l);
	src_close(&src);
	return r;
}

/* What the policy left out.  Damage of the file is told by check_files(). */
static int
check_state(struct verify *v, const struct transfer *t, struct err *e)
{
	const struct transfer_file *f = transfer_find(t, STATE);
	struct intake in = INTAKE_INIT;
	struct err fault = ERR_INIT;
	int r = 0;

	if (f == NULL || !f->present)
		return 0;
	if (intake_name(
		&in, t->dirfd, f->name, MAX_STATE, v->scratch, &fault) == 0 &&
	    memcmp(in.sha256, f->sha256, SHA256_LEN) == 0)
		(void)read_state(v, in.fd, &fault);
	intake_close(&in);
	if (fault.kind == E_SYS || fault.kind == E_STOP) {
		*e = fault;
		r = err_ctx(e, "%s", f->name);
	} else if (fault.kind != E_NONE) {
		log_finding_err(v->log, f->name, &fault);
	}
	return r;
}

static int
sha1_cmp(const void *a, const void *b)
{
	return memcmp(a, b, SHA1_LEN);
}

/* Mark what the transfer carries by a digest's place; tell the rest. */
static int
check_named(struct verify *v, const struct transfer *t, struct err *e)
{
	static const char prefix[] = CONTENT_PREFIX;
	uint8_t(*have)[SHA1_LEN] = calloc(t->nfiles + 1, SHA1_LEN);
	size_t n = 0;

	if (have == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < t->nfiles; i++) {
		const char *name = t->files[i].name;
		const char *base = strrchr(name, '/') + 1;

		if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 ||
		    strcmp(base, CONTENT_CHECK_FILE) == 0)
			continue;
		if (content_parse(base, have[n]))
			n++;
		else
			log_finding(v->log, E_FORMAT, name, E_NO_OFFSET,
			    "not the name of a payload file");
	}
	if (n != 0)
		qsort(have, n, SHA1_LEN, sha1_cmp);
	if (v->nnamed != 0)
		qsort(v->named, v->nnamed, SHA1_LEN, sha1_cmp);
	for (size_t i = 0; i < v->nnamed; i++) {
		char hex[2 * SHA1_LEN + 1];

		if ((i > 0 &&
			memcmp(v->named[i], v->named[i - 1], SHA1_LEN) == 0) ||
		    unwanted_has(&v->unwanted, v->named[i]) ||
		    (n != 0 &&
			bsearch(v->named[i], have, n, SHA1_LEN, sha1_cmp) !=
			    NULL))
			continue;
		hex_upper(hex, v->named[i], SHA1_LEN);
		log_finding(v->log, E_PARTIAL, v->path, E_NO_OFFSET,
		    "payload %s is named by an update and not carried", hex);
	}
	free(have);
	return 0;
}

static int
load_keys(struct verify *v, struct sign_pub **keys, size_t *n, struct err *e)
{
	struct store *s = NULL;
	int r;

	if (v->o->trusted_keys != NULL || v->o->store == NULL)
		return keys_load(v->o->trusted_keys, -1, keys, n, e);
	if (store_open(&s, v->o->store, STORE_READ, NULL, e) == -1)
		return -1;
	r = keys_load(NULL, store_dirfd(s), keys, n, e);
	store_close(s);
	return r;
}

int
verify_transfer(struct verify *v, struct err *e)
{
	struct transfer t = TRANSFER_INIT;
	struct sign_pub *keys = NULL;
	size_t nkeys = 0;
	int r = -1;

	if (load_keys(v, &keys, &nkeys, e) == 0 &&
	    transfer_open(&t, v->path, keys, nkeys, v->scratch, v->log, e) ==
		0 &&
	    check_packages(v, &t, e) == 0 && check_files(v, &t, e) == 0 &&
	    check_state(v, &t, e) == 0)
		r = check_named(v, &t, e);
	transfer_close(&t);
	free(keys);
	return r;
}
