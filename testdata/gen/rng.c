/* SPDX-License-Identifier: ISC */
/* Pseudo-random numbers (splitmix64) and the identities made of them. */
#include "testdata/gen/gen.h"

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct rng
rng_for(uint64_t seed, enum stream stream, uint64_t n)
{
	uint64_t s;

	s = mix(seed + 0x9e3779b97f4a7c15u * (uint64_t)stream);
	return (struct rng){mix(s ^ (n * 0xd1342543de82ef95u + 1))};
}

uint64_t
rng_next(struct rng *r)
{
	r->s += 0x9e3779b97f4a7c15u;
	return mix(r->s);
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

bool
rng_hit(struct rng *r, uint32_t per_mille)
{
	return rng_below(r, 1000) < per_mille;
}

void
rng_draw(struct rng *r, uint32_t *v, int n)
{
	int i;

	for (i = 0; i < n; i++)
		v[i] = (uint32_t)(rng_next(r) >> 32);
}

void
guid_of(const struct gen *g, uint32_t update, bool upper, char out[37])
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	struct rng r = rng_for(g->o.seed, S_GUID, update);
	uint64_t a = rng_next(&r), b = rng_next(&r);

	char hex[33];
	int i, j;

	a = (a & ~(uint64_t)0xf000) | 0x4000;
	b = (b & ~(uint64_t)0 >> 2) | (uint64_t)1 << 63;
	for (i = 0; i < 16; i++, a <<= 4, b <<= 4) {
		hex[i] = digits[a >> 60];
		hex[16 + i] = digits[b >> 60];
	}
	for (i = 0, j = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[j++] = '-';
		out[j++] = hex[i];
	}
	out[j] = '\0';
}
