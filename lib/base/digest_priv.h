/* SPDX-License-Identifier: ISC */
/*
 * Inside digest*.c: digests by the processor's SHA instructions, and whether
 * that is how it is done.
 */
#ifndef WF_DIGEST_PRIV_H
#define WF_DIGEST_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"

struct log;

/*
 * n blocks of 64 bytes at p into a, or at q into b too.  The instructions wait
 * for each other, so two digests at a time cost little more than one.  A set is
 * handed to its own functions, so that a test can hand over a damaged one.
 */
struct digest_sha {
	void (*sha1)(struct digest_state *a, const uint8_t *p, size_t n,
	    const struct digest_sha *s);
	void (*sha256)(struct digest_state *a, const uint8_t *p, size_t n,
	    const struct digest_sha *s);
	void (*both)(struct digest_state *a, const uint8_t *p, size_t n,
	    const struct digest_sha *s);
	void (*sha256_two)(struct digest_state *a, const uint8_t *p,
	    struct digest_state *b, const uint8_t *q, size_t n,
	    const struct digest_sha *s);
	void (*both_two)(struct digest_state *a, const uint8_t *p,
	    struct digest_state *b, const uint8_t *q, size_t n,
	    const struct digest_sha *s);
	uint32_t h1[5], h256[8]; /* what a digest begins with */
	uint32_t k256[64]; /* a constant for each round of SHA-256 */
};

/* NULL: this processor has no such instructions. */
const struct digest_sha *digest_sha(void);

/* Bytes in any portions, by the set that the context has. */
void digest_stream_begin(
    struct digest_ctx *c, unsigned which, const struct digest_sha *s);
void digest_stream_add(struct digest_ctx *c, const uint8_t *p, size_t n);
/* Of the same set and digests, side by side as far as both have blocks. */
void digest_stream_add_two(struct digest_ctx *a, const uint8_t *p, size_t n,
    struct digest_ctx *b, const uint8_t *q, size_t m);
void digest_stream_done(struct digest_ctx *c, struct digest *d);
void digest_stream_all(unsigned which, const struct digest_sha *s,
    struct digest_text *v, size_t n);

/* How digests are worked out in this process, and why not by the processor. */
struct digest_choice {
	const struct digest_sha *sha; /* borrowed; NULL: by libcrypto */
	const char *why; /* static, a clause; NULL: nothing to tell */
	bool differs; /* the processor was compared, and found wrong */
};
/* s may be NULL; asked: what WSUSFERRY_DIGEST says, or NULL. */
void digest_choose(
    struct digest_choice *c, const struct digest_sha *s, const char *asked);
void digest_choice_tell(const struct digest_choice *c, struct log *l);

/*
 * Are digests of lengths 0 to 256, at four alignments, in portions and in two
 * lanes of different lengths, the same by s and by libcrypto?  1 yes, 0 no, -1
 * libcrypto failed.
 */
int digest_compare(const struct digest_sha *s);
/* By libcrypto, whatever was chosen. */
int digest_crypto(
    unsigned which, const void *p, size_t n, struct digest *d, struct err *e);

#endif
