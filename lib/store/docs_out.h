/* SPDX-License-Identifier: ISC */
/*
 * Documents out of a store, through the workers: the caller's thread reads the
 * rows; each document is unpacked and its digest compared on some thread, where
 * a job of the caller's may follow; what came of it is handed to the caller's
 * thread in the order in which the rows were read.
 */
#ifndef WF_DOCS_OUT_H
#define WF_DOCS_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"

struct store;

#define DOCS_OUT_BATCH 64 /* items of a batch, at most */

struct docs_out_item {
	int64_t row; /* of the revision */
	struct guid id;
	uint32_t revision;
	uint32_t dict; /* that its row names */
	uint64_t bytes; /* of the text, as its row says */
	uint8_t sha256[SHA256_LEN];
	const uint8_t *text; /* borrowed until done() returns */
	struct err err; /* filled when it cannot be had; text is then void */
	size_t len; /* packed */
	size_t at, off; /* the pipeline's own */
};

/* Some of them, one after the other, for one worker. */
struct docs_out_batch {
	struct docs_out_item *items; /* borrowed from the pipeline */
	size_t n;
	void *own; /* what open() made for it */
};

struct docs_out_how {
	unsigned jobs; /* 0: one for each processor */
	/* What a worker needs for a batch; each or both may be NULL. */
	int (*open)(void *arg, void **own, struct err *e);
	void (*close)(void *own);
	/* On the caller's thread, before a worker gets the batch; or NULL. */
	int (*send)(void *arg, struct docs_out_batch *b, struct err *e);
	/* On a worker, when all is unpacked that can be; or NULL. */
	void (*work)(struct docs_out_batch *b);
	/* On the caller's thread, in order, within the calls below. */
	int (*done)(void *arg, struct docs_out_batch *b, struct err *e);
	void *arg;
};

struct docs_out;

/* Borrows s and how until it is closed.  E_SYS. */
int docs_out_open(struct docs_out **d, struct store *s,
    const struct docs_out_how *how, struct err *e);
/*
 * The document of the revision in that row; fastest where each row is the one
 * after the last.  What is wrong with the row comes back in its item, too: -1
 * is for E_SYS, E_STOP, and what the callbacks fail with.
 */
int docs_out_put(struct docs_out *d, int64_t row, struct err *e);
/* All revisions in order of arrival, but those without a document.  -1 also
   where the rest of them cannot be read. */
int docs_out_put_all(struct docs_out *d, struct err *e);
/*
 * One that the caller has read, of another table: its names, dict, bytes and
 * sha256, len for what is packed, which is copied; or err.
 */
int docs_out_give(struct docs_out *d, const struct docs_out_item *it,
    const void *packed, struct err *e);
/* What is still out. */
int docs_out_flush(struct docs_out *d, struct err *e);
void docs_out_close(struct docs_out *d);

#endif
