/* SPDX-License-Identifier: ISC */
/* Pseudo-random numbers (splitmix64) and the identities made of them. */
#include <stdio.h>

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
	struct rng r = rng_for(g->o.seed, S_GUID, update);
	uint64_t a = rng_next(&r), b = rng_next(&r);

	snprintf(out, 37,
	    upper ? "%08X-%04X-4%03X-%04X-%012llX"
		  : "%08x-%04x-4%03x-%04x-%012llx",
	    (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
	    (unsigned)(a & 0xfff), (unsigned)(0x8000 | (b >> 48 & 0x3fff)),
	    (unsigned long long)(b & 0xffffffffffffu));
}
