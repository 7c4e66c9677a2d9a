/* SPDX-License-Identifier: ISC */
/* Blocks of MSZIP that are taken, or refused, by us and by libmspack. */
#ifndef WF_UNZIP_RIG_H
#define WF_UNZIP_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/cab.h"
#include "formats/cab_priv.h"
#include "tests/deflate_make.h"

struct buf;
struct err;

#define DATA 62 /* where the first block of deflate_cab() stands */
#define STREAM (DATA + CAB_DATA_HEAD + 2)
#define SECOND (STREAM + 5 + CAB_BLOCK + CAB_DATA_HEAD + 2) /* its stream */

enum they { THEY_TAKE, THEY_REFUSE };

extern struct deflate block; /* the one that a test makes */
extern struct deflate before; /* a full one, so that another may follow */
extern uint8_t whole[CAB_BLOCK]; /* what that holds */
void unzip_before(void); /* makes both */

/* Lengths of the codes of a dynamic block, and how many are told. */
extern uint8_t lens[288], dists[32];
extern unsigned nlens, ndists;
/* Whole codes for "a" to "d", the end, and distances of 1 and 2. */
void unzip_plain_codes(void);
/* These into block: the codes as its head, letters, the end. */
void unzip_put_codes(bool last);
void unzip_put_coded(const char *text);
void unzip_put_end(void);

/* The first file of a cabinet. */
int unzip_extract(const struct buf *p, struct buf *got, struct err *e);
/* Refused with these words at that place, and by libmspack or not; the block:
   at that byte of its stream. */
void unzip_refused(
    const struct buf *b, enum they they, uint64_t at, const char *says);
void unzip_refused_block(enum they they, size_t at, const char *says);
/* Taken by both. */
void unzip_given(const struct deflate *const *blocks, unsigned n,
    const void *want, uint32_t size);
void unzip_given_block(const char *want);

#endif
