/* SPDX-License-Identifier: ISC */
/*
 * A revision that comes and is held already.  Servers of different years write
 * the same document with other line ends, so where the digests differ the texts
 * are compared with their line ends read as XML 1.0 reads them, section 2.11.
 * What came first stays in any case.
 */
#ifndef WF_HELD_H
#define WF_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "formats/update.h"

struct err;
struct store;
struct store_doc;

enum held_how {
	HELD_NOT,
	HELD_SAME, /* to the byte */
	HELD_ALIKE, /* but for line ends: the same revision */
	HELD_OTHER /* the same id and revision with another document */
};

struct held {
	enum held_how how;
	int64_t row, transfer; /* of what is held */
	uint8_t sha256[SHA256_LEN];
};

int held_look(
    struct store *s, const struct store_doc *d, struct held *h, struct err *e);

/*
 * What a document says of what comes with it, from the rows of its revision:
 * id, revision, type, category, and of prerequisites the ids, of files the
 * SHA-1s, in its order.  The rest of u is empty.  E_FORMAT: a damaged row.
 */
struct held_doc {
	struct update u; /* borrowed: from the two below */
	struct update_ref *prereqs; /* owned */
	struct update_file *files; /* owned */
	size_t capprereqs, capfiles;
};
/* Zeroed is empty. */
int held_doc_read(
    struct store *s, int64_t row, struct held_doc *d, struct err *e);
void held_doc_free(struct held_doc *d);

/* CR LF and a lone CR are LF. */
bool held_alike(const void *a, size_t na, const void *b, size_t nb);

/* E_DIGEST: the revision, both digests.  how: "held", "received before". */
int held_differs(const struct store_doc *d, const uint8_t held[SHA256_LEN],
    const char *how, struct err *e);

#endif
