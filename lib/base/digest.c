/* SPDX-License-Identifier: ISC */
#include "lib/base/digest.h"

#include <pthread.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/base/err.h"

/* Both digests see a step while it is in the first-level cache. */
#define STEP ((size_t)32 << 10)

/* Fetched once: a fetch for each context costs more than a small document. */
static EVP_MD *md_sha1, *md_sha256;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void
fetch(void)
{
	md_sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	md_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static int
begin_md(void **ctx, const EVP_MD *md, struct err *e)
{
	if (md == NULL || (*ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex2(*ctx, md, NULL) != 1)
		return err_set(e, E_SYS, "libcrypto: cannot begin a digest");
	return 0;
}

int
digest_open(struct digest_ctx *c, unsigned which, struct err *e)
{
	c->sha1 = c->sha256 = NULL;
	c->bytes = 0;
	(void)pthread_once(&fetched, fetch);
	if (((which & DIGEST_SHA1) != 0 &&
		begin_md(&c->sha1, md_sha1, e) == -1) ||
	    ((which & DIGEST_SHA256) != 0 &&
		begin_md(&c->sha256, md_sha256, e) == -1)) {
		digest_close(c);
		return -1;
	}
	return 0;
}

static int
update(struct digest_ctx *c, const uint8_t *p, size_t n)
{
	if (c->sha1 != NULL && EVP_DigestUpdate(c->sha1, p, n) != 1)
		return -1;
	if (c->sha256 != NULL && EVP_DigestUpdate(c->sha256, p, n) != 1)
		return -1;
	return 0;
}

int
digest_add(struct digest_ctx *c, const void *p, size_t n, struct err *e)
{
	const uint8_t *at = p;
	size_t step = c->sha1 != NULL && c->sha256 != NULL ? STEP : n;

	c->bytes += n;
	for (; n != 0; at += step, n -= step) {
		if (step > n)
			step = n;
		if (update(c, at, step) == -1)
			return err_set(e, E_SYS, "libcrypto: digest failed");
	}
	return 0;
}

static int
finish_md(void *ctx, uint8_t *md, struct err *e)
{
	if (ctx != NULL &&
	    (EVP_DigestFinal_ex(ctx, md, NULL) != 1 ||
		EVP_DigestInit_ex2(ctx, NULL, NULL) != 1))
		return err_set(e, E_SYS, "libcrypto: digest failed");
	return 0;
}

int
digest_done(struct digest_ctx *c, struct digest *d, struct err *e)
{
	memset(d, 0, sizeof(*d));
	d->bytes = c->bytes;
	c->bytes = 0;
	if (finish_md(c->sha1, d->sha1, e) == -1)
		return -1;
	return finish_md(c->sha256, d->sha256, e);
}

void
digest_close(struct digest_ctx *c)
{
	EVP_MD_CTX_free(c->sha1);
	EVP_MD_CTX_free(c->sha256);
	c->sha1 = c->sha256 = NULL;
	c->bytes = 0;
}

int
digest_mem(
    unsigned which, const void *p, size_t n, struct digest *d, struct err *e)
{
	struct digest_ctx c = DIGEST_CTX_INIT;
	int r = -1;

	if (digest_open(&c, which, e) == -1 || digest_add(&c, p, n, e) == -1)
		goto out;
	r = digest_done(&c, d, e);
out:
	digest_close(&c);
	return r;
}
