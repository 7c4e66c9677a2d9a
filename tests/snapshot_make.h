/* SPDX-License-Identifier: ISC */
/* Snapshots that are right, of any size, from random numbers. */
#ifndef WF_SNAPSHOT_MAKE_H
#define WF_SNAPSHOT_MAKE_H

#include "formats/snapshot.h"
#include "lib/base/buf.h"

/* size: about how many of everything, 1 to 1000.  s: SNAPSHOT_INIT. */
void snapshot_make(
    struct snapshot *s, unsigned size, uint64_t seed, struct err *e);
/* As a file; b is emptied first. */
int snapshot_bytes(struct snapshot *s, struct buf *b, struct err *e);
/* The hash at the end of a file, anew. */
void snapshot_seal(struct buf *b);

#endif
