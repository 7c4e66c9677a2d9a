/* SPDX-License-Identifier: ISC */
/*
 * Documents through the workers: each is hashed and, unless it is held, read
 * and packed on some thread; what came of it is handed to the main thread in
 * order of arrival.
 */
#ifndef WF_DOCS_H
#define WF_DOCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"

struct held_set;
struct package_record;
struct store;
struct sync_arrived;

struct docs_item {
	struct guid id; /* as the record's header says */
	uint32_t revision, units;
	uint64_t off; /* of the record in metadata.txt */
	const char *encoding; /* static: as it was seen */
	struct update u; /* borrowed strings, until each() returns */
	int64_t held; /* the row that has these bytes: u is void; or 0 */
	const void *text; /* of such a one: its bytes, until each() returns */
	uint8_t sha256[SHA256_LEN];
	size_t bytes;
	const void *packed; /* NULL when nothing is packed */
	size_t packed_len;
	struct err err; /* filled when the document is bad; u is then void */
	bool damaged; /* bad because it does not unpack to what arrived */
	bool arrived; /* the pipeline's own, as the rest */
	bool as_given; /* packed as it came */
	const struct docs_read *read;
	size_t at, len, packed_at;
};

/* A document that was read when it arrived, and what of it is kept. */
struct docs_read {
	struct guid id;
	uint32_t revision, units;
	uint32_t bytes;
	const char *encoding; /* static */
	uint8_t sha256[SHA256_LEN];
	uint8_t seal[SHA256_LEN]; /* SHA-256 of its packed bytes */
	const struct update *u; /* borrowed */
};

struct docs;

/*
 * pack_for: the store whose dictionary packs the documents; NULL: none is
 * packed.  held: borrowed, not filled any further; or NULL.  each() runs on the
 * caller's thread, within docs_put() and docs_flush().
 */
int docs_open(struct docs **d, const struct store *pack_for,
    const struct held_set *held, unsigned jobs,
    int (*each)(void *arg, const struct docs_item *it, struct err *e),
    void *arg, struct err *e);
int docs_put(struct docs *d, const struct package_record *rec, struct err *e);
/*
 * One that a fetch left packed: unpacked, and its digest compared, by a worker;
 * packed again only where that makes a difference.  read: what this run has
 * read of it, until each() was called, or NULL: where the packed bytes are
 * still those, nothing is done twice.
 */
int docs_put_arrived(struct docs *d, const struct sync_arrived *a,
    const struct docs_read *read, struct err *e);
int docs_flush(struct docs *d, struct err *e);
void docs_close(struct docs *d);

#endif
