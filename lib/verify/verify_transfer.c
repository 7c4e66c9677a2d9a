/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sign.h"
#include "lib/store/store.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/sequence.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"
#include "lib/verify/verify_priv.h"

/* The store's keys, or just what it has revoked, where it is there. */
static int
load_keys(struct verify *v, struct keyring *keys, struct err *e)
{
	const char *given = v->o->trusted_keys;
	struct store *s = NULL;
	int fd, r;

	if (v->o->store == NULL)
		return keyring_load(keys, given, -1, e);
	if (given != NULL) {
		fd = open(v->o->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd == -1 && errno != ENOENT && errno != ENOTDIR)
			return err_sys(e, "%s", v->o->store);
		r = keyring_load(keys, given, fd, e);
		if (fd != -1)
			close(fd);
		return r;
	}
	if (store_open(&s, v->o->store, STORE_READ, NULL, e) == -1)
		return -1;
	r = keyring_load(keys, NULL, store_dirfd(s), e);
	store_close(s);
	return r;
}

/* What it builds on is asked of a store that is given and did not export it. */
static int
check_base(struct verify *v, const struct transfer *t, struct err *e)
{
	struct err fault = ERR_INIT;
	struct store *s = NULL;
	char id[BAG_WORD + 1];
	int r = -1;

	if (t->info.base == 0)
		return 0;
	if (v->o->store == NULL) {
		bag_info_id(id, t->info.site, t->info.base);
		log_event(v->log, LOG_INFO, v->path,
		    "builds on %s: a store must have imported that", id);
		return 0;
	}
	if (store_open(&s, v->o->store, STORE_READ, NULL, e) == -1)
		return -1;
	if (guid_cmp(&t->info.origin, store_id(s)) == 0)
		r = 0;
	else
		r = sequence_base(s, t, &fault);
	store_close(s);
	if (r == -1 && fault.kind == E_SEQ) {
		log_finding_err(v->log, v->path, &fault);
		return 0;
	}
	if (r == -1)
		*e = fault;
	return r;
}

/* All that import does with it, but for what depends on the store it is for. */
static int
read_all(struct verify *v, struct transfer *t, const struct keyring *keys,
    int scratch, struct err *e)
{
	struct take take = {.store = NULL};
	struct store *s = NULL;
	int r = -1;

	if (transfer_open(t, v->path, keys, scratch, v->log, e) == -1 ||
	    check_base(v, t, e) == -1)
		return -1;
	v->total = t->nfiles;
	if (verify_begin(v, &take, &s, scratch, e) == 0 &&
	    take_transfer_docs(&take, t, e) == 0)
		r = take_transfer_payload(&take, t, e);
	if (r == 0 && v->log->findings == v->began)
		r = verify_lacking(v, s, NULL, e);
	verify_end(v, &take, s);
	return r;
}

int
verify_transfer(struct verify *v, struct err *e)
{
	struct transfer t = TRANSFER_INIT;
	struct keyring keys = KEYRING_INIT;
	int scratch = -1, r = -1;

	if (intake_scratch(&scratch, e) == 0 && load_keys(v, &keys, e) == 0)
		r = read_all(v, &t, &keys, scratch, e);
	transfer_close(&t);
	keyring_free(&keys);
	if (scratch != -1)
		close(scratch);
	return r;
}
