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
/* Where its bytes go, cp->to; the end of that, where cp->err is what befell.
   f->fd is what is read, or -1: it comes otherwise. */
int payload_begin_copy(
    const struct payload *p, struct payload_file *f, struct copy *cp);
int payload_end_copy(
    const struct payload *p, struct payload_file *f, const struct copy *cp);
/* On a worker: open, hash, copy or stage, compare the n of them side by
   side. */
void payload_take(
    const struct payload *p, struct payload_file *files, unsigned n);

/* Not of the size that the item has: E_DIGEST. */
int payload_wrong_size(
    const struct payload_item *it, uint64_t size, struct err *e);
/* Size and digests, as the item has them; E_DIGEST. */
int payload_compare(
    const struct payload_item *it, const struct digest *d, struct err *e);
/* payload_join.c: the same of a file that is there in pieces, or, where s is
   not NULL, comes out of that. */
struct src;
void payload_join(
    const struct payload *p, struct payload_file *f, struct src *s);
/* Its result goes to done(). */
int payload_hand_on(
    const struct payload *p, struct payload_file *f, struct err *e);
/* payload_flow.c: what comes out of flows, after all else. */
int payload_flow_all(const struct payload *p, struct payload_item *items,
    size_t n, struct err *e);

#endif
