/* SPDX-License-Identifier: ISC */
/* One read: bytes are hashed while they are copied (invariant 9). */
#ifndef WF_COPY_H
#define WF_COPY_H

#include <stdint.h>

#include "lib/base/digest.h"

struct err;

/*
 * What fd gives, a file from its start, at most max bytes (E_LIMIT); it is also
 * written to `to`, unless that is -1.  Errors: E_SYS, E_FORMAT for a folder,
 * E_STOP.
 */
int copy_hashed(int fd, int to, uint64_t max, unsigned which, struct digest *d,
    struct err *e);
/* Into a new file of mode 0644 beneath dirfd.  What failed stays there. */
int copy_to_name(int fd, int dirfd, const char *name, unsigned which,
    struct digest *d, struct err *e);

#endif
