/* SPDX-License-Identifier: ISC */
#include "lib/base/digest_priv.h"

#include <string.h>

#include "lib/base/err.h"

#define LEN 256
#define ALIGNS 4

/* One text at four places of the processor's lines. */
struct texts {
	_Alignas(16) uint8_t at[ALIGNS][LEN + 16];
	struct digest want[LEN + 1]; /* of its first so many bytes */
};

static const uint8_t *
text(const struct texts *t, unsigned align)
{
	return &t->at[align][5 * align];
}

static int
make(struct texts *t)
{
	struct err e = ERR_INIT;
	uint32_t x = 1;

	for (unsigned i = 0; i < LEN; i++) {
		x = x * 1664525 + 1013904223;
		for (unsigned a = 0; a < ALIGNS; a++)
			t->at[a][5 * a + i] = (uint8_t)(x >> 24);
	}
	for (unsigned n = 0; n <= LEN; n++)
		if (digest_crypto(
			DIGEST_BOTH, text(t, 0), n, &t->want[n], &e) == -1)
			return -1;
	return 0;
}

static bool
is_wanted(
    const struct texts *t, unsigned which, unsigned n, struct digest_ctx *c)
{
	const struct digest *want = &t->want[n];
	struct digest d;

	digest_stream_done(c, &d);
	return d.bytes == n &&
	    ((which & DIGEST_SHA1) == 0 ||
		memcmp(d.sha1, want->sha1, SHA1_LEN) == 0) &&
	    ((which & DIGEST_SHA256) == 0 ||
		memcmp(d.sha256, want->sha256, SHA256_LEN) == 0);
}

static bool
alone(const struct digest_sha *s, const struct texts *t, unsigned which,
    unsigned align, unsigned n)
{
	const uint8_t *p = text(t, align);
	unsigned cut = n * 2 / 3;
	struct digest_ctx c;

	digest_stream_begin(&c, which, s);
	digest_stream_add(&c, p, cut);
	digest_stream_add(&c, p + cut, n - cut);
	return is_wanted(t, which, n, &c);
}

/* Beside m bytes, of which a portion is in already. */
static bool
beside(const struct digest_sha *s, const struct texts *t, unsigned which,
    unsigned align, unsigned n, unsigned m)
{
	const uint8_t *p = text(t, align), *q = text(t, ALIGNS - 1 - align);
	unsigned cut = m / 5;
	struct digest_ctx c, d;

	digest_stream_begin(&c, which, s);
	digest_stream_begin(&d, which, s);
	digest_stream_add(&d, q, cut);
	digest_stream_add_two(&c, p, n, &d, q + cut, m - cut);
	return is_wanted(t, which, n, &c) && is_wanted(t, which, m, &d);
}

/* Each function at each alignment in turn. */
static bool
each(const struct digest_sha *s, const struct texts *t, unsigned n, unsigned m)
{
	unsigned align = n % ALIGNS;

	return alone(s, t, DIGEST_SHA1, align, n) &&
	    alone(s, t, DIGEST_SHA256, align, n) &&
	    alone(s, t, DIGEST_BOTH, align, n) &&
	    beside(s, t, DIGEST_SHA256, align, n, m);
}

int
digest_compare(const struct digest_sha *s)
{
	struct texts t;

	if (make(&t) == -1)
		return -1;
	for (unsigned n = 0; n <= LEN; n++) {
		unsigned m = n * 7 % (LEN + 1);

		if (!each(s, &t, n, m))
			return 0;
		for (unsigned a = 0; a < ALIGNS; a++)
			if (!beside(s, &t, DIGEST_BOTH, a, n, m))
				return 0;
	}
	return 1;
}
