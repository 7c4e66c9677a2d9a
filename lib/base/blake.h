/* SPDX-License-Identifier: ISC */
/* BLAKE2b (RFC 7693) without a key, of up to 64 bytes. */
#ifndef WF_BLAKE_H
#define WF_BLAKE_H

#include <stddef.h>
#include <stdint.h>

#define BLAKE_LEN 32 /* BLAKE2b-256 */

struct blake {
	_Alignas(64) uint8_t state[384];
};

void blake_begin(struct blake *b, size_t len); /* of the digest: 1 to 64 */
void blake_add(struct blake *b, const void *p, size_t n);
void blake_end(struct blake *b, uint8_t *out, size_t len); /* the same len */
void blake_of(uint8_t *out, size_t len, const void *p, size_t n);

#endif
