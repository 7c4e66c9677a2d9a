/* SPDX-License-Identifier: ISC */
/* What the files of the cabinet module share, and nobody else sees. */
#ifndef WF_CAB_PRIV_H
#define WF_CAB_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define CAB_HEADER 36 /* bytes of CFHEADER without reserved areas */
#define CAB_FOLDER_ENTRY 8 /* bytes of CFFOLDER */
#define CAB_FILE_ENTRY 16 /* bytes of CFFILE before its name */
#define CAB_DATA_HEAD 8 /* bytes of CFDATA before its reserve */

#define CAB_FLAG_PREV 1u
#define CAB_FLAG_NEXT 2u
#define CAB_FLAG_RESERVE 4u

#define CAB_DATA_MAX (CAB_BLOCK + 6144) /* packed bytes of an LZX block */
#define MSZIP_MAX (CAB_BLOCK + 12) /* packed bytes of an MSZIP block */

/* The checksum of [MS-CAB] 3.1 over n bytes, begun from seed. */
uint32_t cab_sum(const uint8_t *p, size_t n, uint32_t seed);

/*
 * One packer of MSZIP blocks; each worker has its own.
 * cab_mszip_block() packs n bytes at p (at most CAB_BLOCK), before which hist bytes
 * of the same folder stand (at most CAB_BLOCK), and gives the bytes written
 * to out, which has room for MSZIP_MAX.  It cannot fail: what does not shrink is
 * stored.
 */
struct mszip;
int cab_mszip_new(struct mszip **z, bool small, struct err *e);
size_t cab_mszip_block(
    struct mszip *z, uint8_t *p, size_t n, size_t hist, uint8_t *out);
void cab_mszip_free(struct mszip *z);

#endif
