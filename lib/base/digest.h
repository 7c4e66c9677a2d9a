/* SPDX-License-Identifier: ISC */
/*
 * SHA-1 (FIPS 180-4; WSUS names payload by it) and SHA-256, one or both over
 * one pass, by libcrypto.
 */
#ifndef WF_DIGEST_H
#define WF_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define SHA1_LEN 20
#define SHA256_LEN 32

enum { DIGEST_SHA1 = 1, DIGEST_SHA256 = 2, DIGEST_BOTH = 3 };

struct digest {
	uint8_t sha1[SHA1_LEN];
	uint8_t sha256[SHA256_LEN];
	uint64_t bytes; /* how many were hashed */
};

struct digest_ctx {
	void *sha1, *sha256; /* owned; NULL when not wanted */
	uint64_t bytes;
};

#define DIGEST_CTX_INIT                                                        \
	{                                                                      \
		.sha1 = NULL, .sha256 = NULL, .bytes = 0                       \
	}

/* E_SYS when the library fails. */
int digest_open(struct digest_ctx *c, unsigned which, struct err *e);
int digest_add(struct digest_ctx *c, const void *p, size_t n, struct err *e);
/* The result; the context starts afresh and may be used again. */
int digest_done(struct digest_ctx *c, struct digest *d, struct err *e);
void digest_close(struct digest_ctx *c);

int digest_mem(
    unsigned which, const void *p, size_t n, struct digest *d, struct err *e);

#endif
