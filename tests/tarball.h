/* SPDX-License-Identifier: ISC */
/*
 * A tar byte by byte, by POSIX.1-2001 and not by a library: of a transfer in
 * memory, in the order of wsusferry-transfer(5), to be bent.
 */
#ifndef WF_TARBALL_H
#define WF_TARBALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define TARBALL_MEMBERS 64
#define TARBALL_FOLDER "wsusferry-north-000001/"

struct stick;

struct tarball {
	struct tarball_member {
		char name[300]; /* beneath the folder, unless bare */
		const void *p; /* borrowed */
		size_t n;
		char type; /* '0': a regular file */
		const char *link; /* borrowed; or NULL */
		const char *pax; /* borrowed: records before it; or NULL */
		uint64_t size; /* that its header says */
		unsigned mode, uid;
		int64_t mtime;
		const char *magic; /* borrowed: 8 bytes */
		uint8_t pad; /* what fills its last block */
		bool bare;
	} v[TARBALL_MEMBERS];
	size_t n;
	size_t zeros; /* blocks at the end */
	const char *behind; /* borrowed: what follows; or NULL */
};

/* As it ought to be; what it holds stays the stick's. */
void tarball_make(struct tarball *t, const struct stick *s);
/* The place of a member of that name, which is there. */
size_t tarball_find(const struct tarball *t, const char *name);
/* One more at that place, of no bytes; the others move. */
struct tarball_member *tarball_add(
    struct tarball *t, size_t at, const char *name);
void tarball_drop(struct tarball *t, size_t at);
/* That one stands before the other. */
void tarball_move(struct tarball *t, size_t from, size_t to);
void tarball_bytes(const struct tarball *t, struct buf *to);

#endif
