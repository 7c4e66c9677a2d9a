/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sign.h"
#include "lib/store/store.h"
#include "lib/transfer/intake.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/take.h"
#include "lib/transfer/transfer.h"
#include "lib/verify/verify_priv.h"

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

/* All that import does with it, but for what depends on the store it is for. */
static int
read_all(struct verify *v, struct transfer *t, const struct sign_pub *keys,
    size_t nkeys, int scratch, struct err *e)
{
	struct take take = {.store = NULL};
	struct store *s = NULL;
	int r = -1;

	if (transfer_open(t, v->path, keys, nkeys, scratch, v->log, e) == 0 &&
	    verify_begin(v, &take, &s, scratch, e) == 0 &&
	    take_transfer_docs(&take, t, e) == 0)
		r = take_transfer_payload(&take, t, e);
	verify_end(v, &take, s);
	return r;
}

int
verify_transfer(struct verify *v, struct err *e)
{
	struct transfer t = TRANSFER_INIT;
	struct sign_pub *keys = NULL;
	size_t nkeys = 0;
	int scratch = -1, r = -1;

	if (scratch_open(&scratch, e) == 0 &&
	    load_keys(v, &keys, &nkeys, e) == 0)
		r = read_all(v, &t, keys, nkeys, scratch, e);
	transfer_close(&t);
	free(keys);
	if (scratch != -1)
		close(scratch);
	return r;
}
