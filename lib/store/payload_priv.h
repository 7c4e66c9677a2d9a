/* SPDX-License-Identifier: ISC */
/* Inside payload*.c: the files of one job. */
#ifndef WF_PAYLOAD_PRIV_H
#define WF_PAYLOAD_PRIV_H

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/store/payload.h"

#define PAYLOAD_LANES 2

struct payload_file {
	const struct payload_item *it; /* borrowed; NULL: none, or handed on */
	int fd; /* owned while the job runs */
	struct content_staged st; /* of one to be staged, without a fault */
	struct digest digest;
	struct err err; /* its fault */
};

bool payload_is_staged(const struct payload *p, const struct payload_item *it);
/* On a worker: open, hash, copy or stage, compare the n of them side by side. */
void payload_take(
    const struct payload *p, struct payload_file *files, unsigned n);

/* Size and digests, as the item has them; E_DIGEST. */
int payload_compare(
    const struct payload_item *it, const struct digest *d, struct err *e);
/* payload_join.c: the same of a file that is there in pieces. */
void payload_join(const struct payload *p, struct payload_file *f);

#endif
