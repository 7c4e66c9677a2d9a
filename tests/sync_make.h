/* SPDX-License-Identifier: ISC */
/* A store that knows an upstream, and documents that arrive from there. */
#ifndef WF_SYNC_MAKE_H
#define WF_SYNC_MAKE_H

#include <stdint.h>

#include "lib/store/sync.h"
#include "tests/store_make.h"

#define SYNC_NOW 1700000000

/* A fresh store in a transaction, with that upstream. */
struct store *sync_store(const char *dir, int64_t *upstream);
/* Listed: 1 added, 0 not. */
int sync_list(struct store *s, int64_t upstream, enum sync_kind k, unsigned id,
    uint32_t revision);
/* What sync_arrive() returns. */
int sync_bring(struct store *s, int64_t upstream, enum sync_kind k,
    const struct make *m, struct err *e);
/* With files that only the upstream's list has. */
int sync_bring_extra(struct store *s, int64_t upstream, enum sync_kind k,
    const struct make *m, const uint8_t (*extra)[SHA1_LEN], size_t n,
    struct err *e);
void sync_bring_ok(
    struct store *s, int64_t upstream, enum sync_kind k, const struct make *m);
/* What sync_unpack() returns. */
int sync_doc(struct store *s, const struct sync_arrived *a, struct buf *doc,
    struct err *e);
/* "2 10.200 tries 0;" of all that is to do; in a buffer of its own. */
const char *sync_todos(struct store *s, int64_t upstream);
/* "70 71 ": the numbers of make_guid(), by id. */
const char *sync_danglings(struct store *s, int64_t upstream);
/* "todo 1 tried 0 unavailable 0 inbox 2 of 30 bytes" */
const char *sync_counted(struct store *s, int64_t upstream);
/* The inbox is put, derived, taken; the transaction goes on. */
void sync_put_all(struct store *s, int64_t upstream);
/* The number that make_guid() was given. */
unsigned sync_number(const struct guid *id);

#endif
