/* SPDX-License-Identifier: ISC */
#include "lib/base/digest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/base/digest_priv.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#define ENV "WSUSFERRY_DIGEST"

/* Both digests see a step while it is in the first-level cache. */
#define STEP ((size_t)32 << 10)

/* Fetched once: a fetch for each context costs more than a small document. */
static EVP_MD *md_sha1, *md_sha256;
static struct digest_choice choice;
static pthread_once_t fetched = PTHREAD_ONCE_INIT, chosen = PTHREAD_ONCE_INIT;

static void
fetch(void)
{
	md_sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	md_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static bool
is_openssl(const char *asked)
{
	return asked != NULL && strcmp(asked, "openssl") == 0;
}

void
digest_choose(
    struct digest_choice *c, const struct digest_sha *s, const char *asked)
{
	int r;

	*c = (struct digest_choice){.sha = NULL};
	if (is_openssl(asked))
		c->why = ENV " asks for it";
	else if (s == NULL)
		c->why = "no SHA instructions of this processor are known";
	else if (EVP_default_properties_is_fips_enabled(NULL) == 1)
		c->why = "it is in FIPS mode";
	else if ((r = digest_compare(s)) == 1)
		c->sha = s;
	else if (r == -1)
		c->why = "the processor could not be compared with it";
	else
		c->differs = true;
}

void
digest_choice_tell(const struct digest_choice *c, struct log *l)
{
	if (c->differs)
		log_event(l, LOG_WARN, NULL,
		    "the processor's SHA instructions give other digests than "
		    "OpenSSL, so OpenSSL works them out; this processor is "
		    "damaged, or has a fault that we would like to hear of");
	else if (c->why != NULL)
		log_event(l, LOG_DEBUG, NULL,
		    "OpenSSL works out the digests: %s", c->why);
}

static void
choose(void)
{
	digest_choose(&choice, digest_sha(), getenv(ENV));
}

int
digest_begin(struct log *l, struct err *e)
{
	const char *asked = getenv(ENV);

	if (asked != NULL && *asked != '\0' && !is_openssl(asked))
		return err_set(
		    e, E_USAGE, ENV ": '%s': expected 'openssl'", asked);
	(void)pthread_once(&chosen, choose);
	digest_choice_tell(&choice, l);
	return 0;
}

static int
begin_md(void **ctx, const EVP_MD *md, struct err *e)
{
	if (md == NULL || (*ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex2(*ctx, md, NULL) != 1)
		return err_set(e, E_SYS, "libcrypto: cannot begin a digest");
	return 0;
}

static int
open_crypto(struct digest_ctx *c, unsigned which, struct err *e)
{
	*c = (struct digest_ctx)DIGEST_CTX_INIT;
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

int
digest_open(struct digest_ctx *c, unsigned which, struct err *e)
{
	(void)pthread_once(&chosen, choose);
	if (choice.sha == NULL)
		return open_crypto(c, which, e);
	c->sha1 = c->sha256 = NULL;
	digest_stream_begin(c, which, choice.sha);
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

static int
add_crypto(struct digest_ctx *c, const uint8_t *at, size_t n, struct err *e)
{
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

int
digest_add(struct digest_ctx *c, const void *p, size_t n, struct err *e)
{
	if (c->sha == NULL)
		return add_crypto(c, p, n, e);
	digest_stream_add(c, p, n);
	return 0;
}

int
digest_add_two(struct digest_ctx *a, const void *p, size_t n,
    struct digest_ctx *b, const void *q, size_t m, struct err *e)
{
	if (a->sha == NULL)
		return digest_add(a, p, n, e) == -1 ? -1
						    : digest_add(b, q, m, e);
	digest_stream_add_two(a, p, n, b, q, m);
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
	if (c->sha != NULL) {
		digest_stream_done(c, d);
		return 0;
	}
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

static int
once(struct digest_ctx *c, const void *p, size_t n, struct digest *d,
    struct err *e)
{
	int r = digest_add(c, p, n, e) == -1 ? -1 : digest_done(c, d, e);

	digest_close(c);
	return r;
}

int
digest_mem(
    unsigned which, const void *p, size_t n, struct digest *d, struct err *e)
{
	struct digest_ctx c;

	return digest_open(&c, which, e) == -1 ? -1 : once(&c, p, n, d, e);
}

int
digest_mem_all(unsigned which, struct digest_text *v, size_t n, struct err *e)
{
	(void)pthread_once(&chosen, choose);
	if (choice.sha != NULL) {
		digest_stream_all(which, choice.sha, v, n);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (digest_mem(which, v[i].p, v[i].n, &v[i].digest, e) == -1)
			return -1;
	return 0;
}

int
digest_crypto(
    unsigned which, const void *p, size_t n, struct digest *d, struct err *e)
{
	struct digest_ctx c;

	return open_crypto(&c, which, e) == -1 ? -1 : once(&c, p, n, d, e);
}
