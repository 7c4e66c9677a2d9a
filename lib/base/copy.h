/* SPDX-License-Identifier: ISC */
/* One read: bytes are hashed while they are copied (invariant 9). */
#ifndef WF_COPY_H
#define WF_COPY_H

#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/err.h"

/* A file from its start. */
struct copy {
	int fd; /* borrowed: what is read */
	int to; /* borrowed: where it is written; -1: nowhere */
	uint64_t max; /* bytes; more are E_LIMIT */
	struct digest digest; /* of what was read */
	struct err err; /* else not E_NONE: E_SYS, E_FORMAT for a folder, ... */
};

/*
 * One, or two side by side, which costs less than one after the other; what
 * befalls one is no matter of the other.  E_STOP where it was stopped.
 */
void copy_lanes(struct copy *c, unsigned n, unsigned which);
/* One; its error as the function's. */
int copy_hashed(int fd, int to, uint64_t max, unsigned which, struct digest *d,
    struct err *e);

/* A new file of mode 0644 beneath dirfd, for writing. */
int copy_make_name(int dirfd, const char *name, int *to, struct err *e);
/* One into such a file.  What failed stays there. */
int copy_to_name(int fd, int dirfd, const char *name, unsigned which,
    struct digest *d, struct err *e);

#endif
