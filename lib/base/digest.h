/* SPDX-License-Identifier: ISC */
/*
 * SHA-1 (FIPS 180-4; WSUS names payload by it) and SHA-256, one or both over
 * one pass: by the processor's SHA instructions where it has them and they
 * agree with libcrypto when first used, else by libcrypto.
 */
#ifndef WF_DIGEST_H
#define WF_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct digest_sha;
struct err;
struct log;

#define SHA1_LEN 20
#define SHA256_LEN 32

enum { DIGEST_SHA1 = 1, DIGEST_SHA256 = 2, DIGEST_BOTH = 3 };

struct digest {
	uint8_t sha1[SHA1_LEN];
	uint8_t sha256[SHA256_LEN];
	uint64_t bytes; /* how many were hashed */
};

/* The chaining values so far. */
struct digest_state {
	uint32_t h1[SHA1_LEN / 4], h256[SHA256_LEN / 4];
};

struct digest_ctx {
	void *sha1, *sha256; /* owned: libcrypto's; NULL when not wanted */
	const struct digest_sha *sha; /* borrowed; NULL: by libcrypto */
	unsigned which;
	struct digest_state state;
	uint8_t part[64]; /* of a block, where sha is set */
	uint64_t bytes;
};

#define DIGEST_CTX_INIT                                                        \
	{                                                                      \
		.sha1 = NULL, .sha256 = NULL, .bytes = 0                       \
	}

/*
 * Once, at the start, by the main thread: tells by l, with -v, why libcrypto
 * is used, and always when that is because the processor was found wrong.
 * E_USAGE when WSUSFERRY_DIGEST is set to something else than "openssl".
 */
int digest_begin(struct log *l, struct err *e);

/* E_SYS when the library fails. */
int digest_open(struct digest_ctx *c, unsigned which, struct err *e);
int digest_add(struct digest_ctx *c, const void *p, size_t n, struct err *e);
/* To each its own, side by side; the same digests are wanted of both. */
int digest_add_two(struct digest_ctx *a, const void *p, size_t n,
    struct digest_ctx *b, const void *q, size_t m, struct err *e);
/* The result; the context starts afresh and may be used again. */
int digest_done(struct digest_ctx *c, struct digest *d, struct err *e);
void digest_close(struct digest_ctx *c);

int digest_mem(
    unsigned which, const void *p, size_t n, struct digest *d, struct err *e);
/* Bytes in memory, and their digests. */
struct digest_text {
	const void *p; /* borrowed */
	size_t n;
	struct digest digest;
};
/* Of each, two side by side as long as there are two. */
int digest_mem_all(
    unsigned which, struct digest_text *v, size_t n, struct err *e);

#endif
