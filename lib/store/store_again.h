/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: a document unpacked, hashed, read and put once more, by
 * the same code, into a store in memory, and what follows from it compared with
 * the lines of the store's dump.  A worker's job, with its own store.
 */
#ifndef WF_STORE_AGAIN_H
#define WF_STORE_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/pool.h"
#include "lib/store/store_db.h"

struct store_again {
	struct job job; /* first: the pool's; err: why it cannot be read */
	/* What is asked; the caller fills it before each run. */
	bool derive; /* else it is unpacked and hashed only */
	bool given; /* a document is in it */
	struct guid id;
	uint32_t revision, dict;
	uint64_t bytes;
	uint8_t sha256[SHA256_LEN];
	struct buf packed;
	struct buf held; /* lines of the derived parts, one after the other */
	size_t ends[STORE_PARTS_MAX]; /* where in held each part ends */
	/* What came of it; read is void where the job failed. */
	struct update read; /* borrowed from the arena */
	struct err differs[STORE_PARTS_MAX]; /* for each part, or none */
	/* A worker's own, kept between runs. */
	struct store_unpacker unpacker;
	struct store store; /* in memory */
	struct update_reader *reader; /* owned */
	struct arena arena;
	struct buf doc, told;
};

int store_again_open(struct store_again *a, const struct store *from,
    bool derive, struct err *e);
void store_again_close(struct store_again *a);

#endif
