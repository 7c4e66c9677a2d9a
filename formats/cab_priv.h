/* SPDX-License-Identifier: ISC */
/* What the files of the cabinet module share, and nobody else sees. */
#ifndef WF_CAB_PRIV_H
#define WF_CAB_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/cab.h"

struct err;
struct sink;

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

/* One CFDATA, and whose it is. */
struct cab_data {
	unsigned folder, block;
	enum cab_comp comp;
	bool last; /* of its folder */
	uint64_t at; /* of its header in the cabinet */
	uint32_t sum, sizes_sum; /* as recorded; of the two sizes alone */
	unsigned packed, unpacked; /* bytes */
};
void cab_data_head(
    struct cab_data *d, const uint8_t head[CAB_DATA_HEAD], uint64_t at);
/* What can be wrong with it, each with its place: E_FORMAT.  `packed` are its
   bytes; at is where these stand. */
int cab_data_packed(const struct cab_data *d, unsigned most, struct err *e);
int cab_data_unpacked(const struct cab_data *d, struct err *e);
int cab_data_sum(
    const struct cab_data *d, const uint8_t *packed, struct err *e);
int cab_data_mszip(const struct cab_data *d, const uint8_t *packed, uint64_t at,
    struct err *e);

/* A cabinet's bytes at a place, in any order where its source can seek. */
struct cab_in {
	const struct cab *c; /* borrowed */
	struct src *s; /* borrowed */
	uint64_t pos; /* of the next byte read; anybody may set it */
	uint64_t at; /* of block */
	size_t len; /* bytes in block */
	uint8_t block[(size_t)64 << 10];
};
void cab_in_begin(struct cab_in *in, const struct cab *c, struct src *s);
/* All n bytes.  Errors: E_FORMAT behind the cabinet's end or where the source
   has its own, E_USAGE where a stream would have to go back, E_SYS. */
int cab_in_read(struct cab_in *in, void *to, size_t n, struct err *e);

/*
 * Members by libmspack: of stored, Quantum and LZX folders (cab_mspack.c), and
 * in tests, to compare, of MSZIP ones.
 * Borrows: in.  One folder is open at a time, with all that was unpacked of it
 * until cab_mspack_leave().
 */
struct cab_mspack;
int cab_mspack_new(struct cab_mspack **m, struct cab_in *in, struct err *e);
int cab_mspack_extract(struct cab_mspack *m, const struct cab_file *f,
    struct sink *to, struct err *e);
void cab_mspack_leave(struct cab_mspack *m);
void cab_mspack_free(struct cab_mspack *m);

/* The same of MSZIP folders, by libdeflate (cab_unzip.c). */
struct cab_unzip;
int cab_unzip_new(struct cab_unzip **u, struct cab_in *in, struct err *e);
int cab_unzip_extract(struct cab_unzip *u, const struct cab_file *f,
    struct sink *to, struct err *e);
void cab_unzip_leave(struct cab_unzip *u);
void cab_unzip_free(struct cab_unzip *u);

/*
 * What a deflate stream of one block is, to the letter (cab_deflate.c).
 */
struct cab_codes {
	uint16_t count[16]; /* codes of a length in bits */
	uint16_t symbols[288]; /* by length, then value */
	unsigned bits; /* that fast is indexed with: 10 at most */
	uint16_t fast[1 << 10]; /* by the next bits: symbol << 4 | length */
};
struct cab_deflate {
	struct cab_codes literals, distances;
	bool is_fixed; /* both are those of fixed blocks */
};
struct cab_stream {
	const uint8_t *p; /* borrowed: the stream, behind CK */
	size_t n;
	uint64_t at; /* of p in the cabinet */
	size_t history; /* bytes that stand before what it gives */
	size_t size; /* bytes that it shall give */
};
/*
 * E_FORMAT unless it is a sound stream of that size to its last byte, for all
 * readers alike.  is_read: libdeflate has read it as such; then it is looked at
 * only as far as libdeflate is too kind.
 * tables: memory that is used again; is_fixed false before the first time.
 */
int cab_deflate_check(struct cab_deflate *tables, const struct cab_stream *s,
    bool is_read, struct err *e);

/*
 * One packer of MSZIP blocks; each worker has its own.
 * cab_mszip_block() packs n bytes at p (at most CAB_BLOCK), before which hist
 * bytes of the same folder stand (at most CAB_BLOCK), and gives the bytes
 * written
 * to out, which has room for MSZIP_MAX.  It cannot fail: what does not shrink
 * is stored.
 */
struct mszip;
int cab_mszip_new(struct mszip **z, bool small, struct err *e);
size_t cab_mszip_block(
    struct mszip *z, uint8_t *p, size_t n, size_t hist, uint8_t *out);
void cab_mszip_free(struct mszip *z);

#endif
