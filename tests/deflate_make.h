/* SPDX-License-Identifier: ISC */
/* Deflate streams bit by bit, and cabinets of MSZIP blocks, sound or not. */
#ifndef WF_DEFLATE_MAKE_H
#define WF_DEFLATE_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* A block as it stands in a cabinet: CK, the stream, and what it should
   give. */
struct deflate {
	uint8_t p[40000];
	size_t nbits;
	uint32_t size; /* bytes, unpacked, that its header will say */
};

void deflate_begin(struct deflate *d, uint32_t size); /* with CK */
size_t deflate_len(const struct deflate *d); /* bytes */
void deflate_bits(struct deflate *d, uint32_t v, unsigned n);
void deflate_bytes(struct deflate *d, const void *p, size_t n);
void deflate_stored(struct deflate *d, bool last, const void *p, size_t n);
/* Blocks of fixed codes: the head, then symbols; 256 ends the block. */
void deflate_fixed(struct deflate *d, bool last);
void deflate_symbol(struct deflate *d, unsigned symbol);
void deflate_text(struct deflate *d, const char *text);
/* 3 bytes at a distance of 1 to 4; as many as a symbol without extra bits says,
   at the distance of another, with its extra bits. */
void deflate_near(struct deflate *d, unsigned distance);
void deflate_far(struct deflate *d, unsigned length, unsigned distance,
    unsigned extra, unsigned nextra);
/*
 * The head of dynamic codes, in whose lengths the symbols 0 to 12 have codes of
 * 4 bits and 13 to 18 of 5; then these symbols, extra bits with deflate_bits().
 */
void deflate_dynamic(
    struct deflate *d, bool last, unsigned nliterals, unsigned ndistances);
void deflate_length(struct deflate *d, unsigned symbol);
void deflate_lengths(struct deflate *d, const uint8_t *lens, unsigned n);
/* A symbol of the n codes of these lengths. */
void deflate_coded(
    struct deflate *d, const uint8_t *lens, unsigned n, unsigned symbol);

/* Fills b: one folder of these blocks with right checksums, and a file "m" of
   size bytes from its start. */
void deflate_cab(struct buf *b, const struct deflate *const *blocks,
    unsigned nblocks, uint32_t size);

#endif
