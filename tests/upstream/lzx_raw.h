/* SPDX-License-Identifier: ISC */
/*
 * A cabinet of one member in LZX ([MS-CAB], [MS-PATCH] 2) whose blocks are all
 * uncompressed: what a server of ours can make where a real one compresses.
 */
#ifndef WF_LZX_RAW_H
#define WF_LZX_RAW_H

#include <stddef.h>

struct buf;

/* How it is to be wrong. */
struct lzx_raw {
	const char *name; /* "blob" */
	long size_off; /* added to the member's declared size */
	unsigned files; /* entries in its directory; 0: 1 */
};

void lzx_raw(
    struct buf *to, const void *p, size_t n, const struct lzx_raw *how);
/* A true MSZIP cabinet of n bytes of blanks. */
void cab_bomb(struct buf *to, size_t n);

#endif
