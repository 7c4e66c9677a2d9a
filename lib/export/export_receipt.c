/* SPDX-License-Identifier: ISC */
/* A receipt that says what is held, for this one transfer. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"
#include "lib/transfer/keyring.h"
#include "lib/transfer/receipt_in.h"

/* One that was taken before is what the store knows already. */
static void
use(struct export *x, struct receipt_in *in)
{
	if (in->already) {
		log_event(x->log, LOG_INFO, x->o->base,
		    "it was taken before: what is acknowledged counts");
		return;
	}
	row_set_free(&x->held);
	row_set_free(&x->held_files);
	x->held = in->revs;
	x->held_files = in->files;
	in->revs = in->files = (struct row_set){.bits = NULL};
	x->base_sequence = in->row.r.sequence;
}

int
export_receipt(struct export *x, struct err *e)
{
	struct receipt_in in = RECEIPT_IN_INIT;
	struct keyring keys = KEYRING_INIT;
	int r = -1;

	if (keyring_load(
		&keys, KEYS_RECEIPTS, NULL, store_dirfd(x->store), e) == -1)
		goto out;
	if (receipt_in_read(&in, x->o->base, &keys, e) == -1 ||
	    receipt_in_judge(&in, x->store, &keys, x->dest.name, e) == -1)
		err_ctx(e, "%s", x->o->base);
	else
		r = 0;
	if (r == 0)
		use(x, &in);
out:
	receipt_in_free(&in);
	keyring_free(&keys);
	return r;
}
