/* SPDX-License-Identifier: ISC */
/* Inside batch*.c only: batches of ids on their way. */
#ifndef WF_BATCH_H
#define WF_BATCH_H

#include "formats/update.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/pool.h"
#include "lib/fetch/fetch_priv.h"
#include "lib/fetch/batch_halves.h"

#define SLOT_ARENA ((size_t)512 << 20)
#define SLOT_KEEP ((size_t)16 << 20) /* bytes a buffer keeps between answers */
#define SLOT_BARREN 300 /* ids refused in a row that end a run */

/* A document of an answer, as a worker leaves it. */
struct slot_item {
	unsigned at; /* of the ids */
	struct update u; /* in the slot's arena */
	uint8_t sha256[SHA256_LEN];
	uint8_t seal[SHA256_LEN]; /* SHA-256 of what is packed */
	size_t bytes, units, packed_at, packed_len;
	const char *encoding; /* static */
	uint8_t (*extra)[SHA1_LEN]; /* in the arena: listed, not in u */
	size_t nextra;
	struct err err; /* filled: the document is bad */
};

/* A file's source; in the slot's arena. */
struct slot_url {
	uint8_t sha1[SHA1_LEN];
	const char *url; /* NULL: none */
	const uint8_t *key; /* NULL: none */
	size_t nkey;
};

enum slot_state {
	SLOT_FREE,
	SLOT_READY, /* to be asked for, from not_before_ms on */
	SLOT_ASKING,
	SLOT_READING
};

/*
 * One batch on its way.  While it is READING it belongs to a worker.
 */
struct slot {
	struct job job; /* first: the pool's */
	struct session_post post;
	enum slot_state state;
	struct halves h;
	struct fetch_tries tries;
	uint64_t not_before_ms;

	/* the worker's */
	struct ss_reader *reader; /* owned */
	struct ss_reply *reply; /* owned */
	struct update_reader *update; /* owned */
	struct store_packer *packer; /* owned */
	struct arena arena;
	struct buf doc, packed;
	struct slot_item items[FETCH_BATCH_MAX];
	unsigned nitems, unasked;
	struct slot_url *urls; /* owned */
	size_t nurls, capurls;
};

int batch_slot_open(
    struct slot *s, const struct store *pack_for, struct err *e);
void batch_slot_close(struct slot *s);
void batch_slot_empty(struct slot *s); /* what an answer left */
/* batch_read.c: the job of a worker: the answer in s->post. */
void batch_slot_read(struct job *j);
/*
 * batch_settle.c: on the main thread, what came of the span: documents into
 * the inbox, the rest asked for again, split, or given up.  -1 ends the run.
 */
int batch_slot_settle(struct fetch *f, struct slot *s, struct err *e);

#endif
