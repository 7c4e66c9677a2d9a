/* SPDX-License-Identifier: ISC */
/*
 * Blocks through the processor's SHA instructions: FIPS 180-4, 6.1.2 and
 * 6.2.2.  Each function has the target attribute, and the file is compiled as
 * any other: else the compiler might use the instructions in the function that
 * asks whether they are there.
 */
#include "lib/base/digest_priv.h"

#if defined(__x86_64__) && !defined(DIGEST_PORTABLE)

#include <cpuid.h>
#include <immintrin.h>

#define SHA __attribute__((target("sha,sse4.1")))
#define INLINE SHA __attribute__((always_inline)) static inline

/* A digest on its way through a block, with four words in each of w. */
struct one {
	__m128i abcd, e; /* e: abcd of four rounds ago, which is e's origin */
	__m128i w[4];
};
struct two {
	__m128i abef, cdgh, w[4];
};

INLINE __m128i
load(const void *p)
{
	return _mm_loadu_si128((const __m128i_u *)p);
}

INLINE void
store(void *p, __m128i v)
{
	_mm_storeu_si128((__m128i_u *)p, v);
}

INLINE struct one
one_load(const struct digest_state *a)
{
	return (struct one){.abcd = _mm_shuffle_epi32(load(a->h1), 0x1b),
	    .e = _mm_set_epi32((int)a->h1[4], 0, 0, 0)};
}

INLINE void
one_store(struct digest_state *a, const struct one *x)
{
	store(a->h1, _mm_shuffle_epi32(x->abcd, 0x1b));
	a->h1[4] = (uint32_t)_mm_extract_epi32(x->e, 3);
}

/* Four rounds, the i-th of twenty such groups.  The first word is on top. */
INLINE void
one_rounds(struct one *x, const uint8_t *p, int i)
{
	const __m128i turn = _mm_set_epi64x(
	    0x0001020304050607, 0x08090a0b0c0d0e0f);
	__m128i *w = &x->w[i & 3], e;

	if (i < 4)
		*w = _mm_shuffle_epi8(load(p + 16 * i), turn);
	else
		*w = _mm_sha1msg2_epu32(
		    _mm_xor_si128(_mm_sha1msg1_epu32(*w, x->w[(i + 1) & 3]),
			x->w[(i + 2) & 3]),
		    x->w[(i + 3) & 3]);
	e = i == 0 ? _mm_add_epi32(x->e, *w) : _mm_sha1nexte_epu32(x->e, *w);
	x->e = x->abcd;
	/* The function's number is part of the instruction. */
	if (i < 5)
		x->abcd = _mm_sha1rnds4_epu32(x->abcd, e, 0);
	else if (i < 10)
		x->abcd = _mm_sha1rnds4_epu32(x->abcd, e, 1);
	else if (i < 15)
		x->abcd = _mm_sha1rnds4_epu32(x->abcd, e, 2);
	else
		x->abcd = _mm_sha1rnds4_epu32(x->abcd, e, 3);
}

/* After the block that began with was. */
INLINE void
one_add(struct one *x, const struct one *was)
{
	x->e = _mm_sha1nexte_epu32(x->e, was->e);
	x->abcd = _mm_add_epi32(x->abcd, was->abcd);
}

INLINE struct two
two_load(const struct digest_state *a)
{
	__m128i cdab = _mm_shuffle_epi32(load(a->h256), 0xb1);
	__m128i efgh = _mm_shuffle_epi32(load(&a->h256[4]), 0x1b);

	return (struct two){.abef = _mm_alignr_epi8(cdab, efgh, 8),
	    .cdgh = _mm_blend_epi16(efgh, cdab, 0xf0)};
}

INLINE void
two_store(struct digest_state *a, const struct two *x)
{
	__m128i feba = _mm_shuffle_epi32(x->abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(x->cdgh, 0xb1);

	store(a->h256, _mm_blend_epi16(feba, dchg, 0xf0));
	store(&a->h256[4], _mm_alignr_epi8(dchg, feba, 8));
}

/* Four rounds, the i-th of sixteen such groups.  The first word is lowest. */
INLINE void
two_rounds(struct two *x, const uint8_t *p, int i, const struct digest_sha *s)
{
	const __m128i turn = _mm_set_epi64x(
	    0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i *w = &x->w[i & 3], k, last = x->w[(i + 3) & 3];

	if (i < 4)
		*w = _mm_shuffle_epi8(load(p + 16 * i), turn);
	else
		*w = _mm_sha256msg2_epu32(
		    _mm_add_epi32(_mm_sha256msg1_epu32(*w, x->w[(i + 1) & 3]),
			_mm_alignr_epi8(last, x->w[(i + 2) & 3], 4)),
		    last);
	k = _mm_add_epi32(*w, load(&s->k256[4 * i]));
	x->cdgh = _mm_sha256rnds2_epu32(x->cdgh, x->abef, k);
	k = _mm_shuffle_epi32(k, 0x0e);
	x->abef = _mm_sha256rnds2_epu32(x->abef, x->cdgh, k);
}

INLINE void
two_add(struct two *x, const struct two *was)
{
	x->abef = _mm_add_epi32(x->abef, was->abef);
	x->cdgh = _mm_add_epi32(x->cdgh, was->cdgh);
}

/* STEP(i) for each group; i must be a constant to the compiler. */
#define FOUR(i) STEP(i) STEP((i) + 1) STEP((i) + 2) STEP((i) + 3)
#define SIXTEEN FOUR(0) FOUR(4) FOUR(8) FOUR(12)

SHA static void
sha_1(struct digest_state *a, const uint8_t *p, size_t n,
    const struct digest_sha *s)
{
	struct one x = one_load(a);

	(void)s; /* its constants are part of the instruction */
	for (; n != 0; n--, p += 64) {
		const struct one was = x;
#define STEP(i) one_rounds(&x, p, i);
		SIXTEEN
		FOUR(16)
#undef STEP
		one_add(&x, &was);
	}
	one_store(a, &x);
}

SHA static void
sha_256(struct digest_state *a, const uint8_t *p, size_t n,
    const struct digest_sha *s)
{
	struct two x = two_load(a);

	for (; n != 0; n--, p += 64) {
		const struct two was = x;
#define STEP(i) two_rounds(&x, p, i, s);
		SIXTEEN
#undef STEP
		two_add(&x, &was);
	}
	two_store(a, &x);
}

SHA static void
sha_both(struct digest_state *a, const uint8_t *p, size_t n,
    const struct digest_sha *s)
{
	struct one x = one_load(a);
	struct two y = two_load(a);

	for (; n != 0; n--, p += 64) {
		const struct one xwas = x;
		const struct two ywas = y;
#define STEP(i)                                                                \
	one_rounds(&x, p, i);                                                  \
	two_rounds(&y, p, i, s);
		SIXTEEN
#undef STEP
#define STEP(i) one_rounds(&x, p, i);
		FOUR(16)
#undef STEP
		one_add(&x, &xwas);
		two_add(&y, &ywas);
	}
	one_store(a, &x);
	two_store(a, &y);
}

SHA static void
sha_256_two(struct digest_state *a, const uint8_t *p, struct digest_state *b,
    const uint8_t *q, size_t n, const struct digest_sha *s)
{
	struct two x = two_load(a), y = two_load(b);

	for (; n != 0; n--, p += 64, q += 64) {
		const struct two xwas = x, ywas = y;
#define STEP(i)                                                                \
	two_rounds(&x, p, i, s);                                               \
	two_rounds(&y, q, i, s);
		SIXTEEN
#undef STEP
		two_add(&x, &xwas);
		two_add(&y, &ywas);
	}
	two_store(a, &x);
	two_store(b, &y);
}

SHA static void
sha_both_two(struct digest_state *a, const uint8_t *p, struct digest_state *b,
    const uint8_t *q, size_t n, const struct digest_sha *s)
{
	struct one u = one_load(a), v = one_load(b);
	struct two x = two_load(a), y = two_load(b);

	for (; n != 0; n--, p += 64, q += 64) {
		const struct one uwas = u, vwas = v;
		const struct two xwas = x, ywas = y;
#define STEP(i)                                                                \
	one_rounds(&u, p, i);                                                  \
	one_rounds(&v, q, i);                                                  \
	two_rounds(&x, p, i, s);                                               \
	two_rounds(&y, q, i, s);
		SIXTEEN
#undef STEP
#define STEP(i)                                                                \
	one_rounds(&u, p, i);                                                  \
	one_rounds(&v, q, i);
		FOUR(16)
#undef STEP
		one_add(&u, &uwas);
		one_add(&v, &vwas);
		two_add(&x, &xwas);
		two_add(&y, &ywas);
	}
	one_store(a, &u);
	one_store(b, &v);
	two_store(a, &x);
	two_store(b, &y);
}

static bool
is_here(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(1, 0, &a, &b, &c, &d) != 0 &&
	    (c & bit_SSSE3) != 0 && (c & bit_SSE4_1) != 0 &&
	    __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

static const struct digest_sha sha = {.sha1 = sha_1,
    .sha256 = sha_256,
    .both = sha_both,
    .sha256_two = sha_256_two,
    .both_two = sha_both_two,
    .h1 = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
    .h256 = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
	0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
    .k256 = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
	0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1,
	0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc,
	0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3,
	0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1,
	0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585,
	0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3,
	0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814,
	0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2}};

const struct digest_sha *
digest_sha(void)
{
	return is_here() ? &sha : NULL;
}

#else

const struct digest_sha *
digest_sha(void)
{
	return NULL;
}

#endif
