/* SPDX-License-Identifier: ISC */
/*
 * Cabinets of one folder in LZX with a window of 2^21, as WSUS packs documents,
 * but of uncompressed blocks only.  ([MS-PATCH] 2.4; [MS-CAB] 2.)
 */
#ifndef WF_LZX_RAW_H
#define WF_LZX_RAW_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* Where things stand in a cabinet of one file called "blob". */
#define LZX_RAW_BLOCKS 0x28 /* number of blocks, 16 bits */
#define LZX_RAW_SIZE 0x2c /* of the file, 32 bits */
#define LZX_RAW_DATA 0x41 /* the first block */

/* Append one that holds p[0..n) in nfiles files of that name, the last one with
   what the others leave; at least one byte for each. */
int lzx_raw_cab(struct buf *to, const void *p, size_t n, unsigned nfiles,
    const char *name, struct err *e);
/* Append one of so many frames of 32 KiB of blanks, truly packed, as MSZIP. */
int cab_bomb(struct buf *to, size_t nframes, struct err *e);

#endif
