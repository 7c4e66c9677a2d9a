/* SPDX-License-Identifier: ISC */
/*
 * Payload spread over media: the largest first, each on the first medium that
 * still has room for it, cut only where the file system or a whole medium
 * cannot hold it.  The last medium has besides what is read last.
 */
#ifndef WF_FILL_H
#define WF_FILL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/volume.h"
#include "lib/store/content.h"

struct err;

#define FILL_NAME (sizeof("data/" CONTENT_DIR "/") + CONTENT_NAME_MAX + 8)

/* A file on a medium: all of a payload file, or a part. */
struct fill_file {
	char name[FILL_NAME]; /* in the transfer */
	size_t of; /* the caller's payload file */
	uint64_t off, size; /* bytes of it */
	unsigned part, parts; /* from 1; 0 of 0: it is not cut */
	uint32_t medium; /* from 1; 0: not placed yet */
};

struct fill {
	struct volume volume; /* of each medium */
	struct fill_file *v; /* owned */
	size_t n, cap;
	uint32_t media; /* how many it takes */
};

/*
 * Another payload file: name is XX/SHA1.ext; its parts where it is cut.  Cut is
 * what passes volume.largest, or `most`: what fill_most() says.
 */
int fill_add(struct fill *f, size_t of, const char *name, uint64_t size,
    uint64_t most, struct err *e);
/*
 * The largest file that an empty medium holds beside the lists of a transfer
 * with so many payload files of so many bytes together; E_LIMIT where there is
 * no room for the lists.
 */
int fill_most(const struct volume *v, uint64_t files, uint64_t bytes,
    uint64_t *most, struct err *e);
/* A place for each; last: sizes of files that go on the last medium.
   E_LIMIT. */
int fill_place(
    struct fill *f, const uint64_t *last, size_t nlast, struct err *e);
void fill_free(struct fill *f);

#endif
