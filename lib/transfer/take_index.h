/* SPDX-License-Identifier: ISC */
/* package.xml against the documents; only take*.c call this. */
#ifndef WF_TAKE_INDEX_H
#define WF_TAKE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct err;
struct package_update;
struct take;
struct update;

/* A payload file of a revision that its document does not name. */
struct take_extra {
	struct guid id;
	uint32_t revision;
	uint8_t sha1[SHA1_LEN];
};
struct take_extras {
	struct take_extra *v; /* owned */
	size_t n, cap;
};
int take_extra_add(struct take_extras *x, const struct guid *id,
    uint32_t revision, const uint8_t sha1[SHA1_LEN], struct err *e);

/* An Update of the index and the document of its record, in order. */
int take_index_doc(struct take *t, const struct package_update *x,
    const struct update *u, struct err *e);
/* What of a genuine package is no fault, in one line. */
void take_index_told(struct take *t);
/* Files of a transfer beyond the documents': state.jsonl has a line for each,
   and the packages have each that has a line. */
void take_index_extras(struct take *t);

#endif
