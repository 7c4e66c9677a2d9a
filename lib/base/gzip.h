/* SPDX-License-Identifier: ISC */
/* RFC 1952, for answers that are small enough to be packed at once. */
#ifndef WF_GZIP_H
#define WF_GZIP_H

#include <stddef.h>

struct buf;
struct err;

/* One member, without name or time, so that the same bytes give the same.
   E_LIMIT: more than 1 GiB. */
int gzip_pack(struct buf *to, const void *p, size_t n, struct err *e);

#endif
