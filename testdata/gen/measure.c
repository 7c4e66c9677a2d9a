/* SPDX-License-Identifier: ISC */
/* How long each document is, so that package sizes are known beforehand. */
#include <stdlib.h>
#include <string.h>

#include "testdata/gen/gen.h"

#define TURN 256 /* documents that one turn makes */
#define SAMPLE 2000 /* documents that set the scale */
#define ROUNDS 5

/* UTF-16 units: one for each lead byte, two where a pair is needed. */
static uint32_t
units_of(const char *p, size_t n)
{
	uint32_t units = 0;
	size_t i;

	for (i = 0; i < n; i++)
		units += (uint32_t)(((uint8_t)p[i] & 0xc0) != 0x80) +
		    (uint32_t)((uint8_t)p[i] >= 0xf0);
	return units;
}

static bool
has_astral(const char *p, size_t n)
{
	uint8_t most = 0;
	size_t i;

	for (i = 0; i < n; i++)
		most = (uint8_t)p[i] > most ? (uint8_t)p[i] : most;
	return most >= 0xf0;
}

static void
measure(void *arg, uint32_t turn)
{
	struct gen *g = arg;
	struct str s = {.p = NULL};
	struct rev *v;
	uint32_t i, end;
	const char *id;

	end = g->nrevs - turn * TURN < TURN ? g->nrevs : (turn + 1) * TURN;
	for (i = turn * TURN; i < end; i++) {
		doc_make(g, i, &s);
		v = &g->revs[i];
		v->len = (uint32_t)s.len;
		v->units = units_of(s.p, s.len);
		v->lf = memchr(s.p, '\n', s.len) != NULL;
		v->cr = memchr(s.p, '\r', s.len) != NULL;
		v->astral = has_astral(s.p, s.len);
		id = strstr(s.p, "UpdateID=\"") + 10;
		v->upper = strcspn(id, "ABCDEF") < 36;
	}
	str_free(&s);
}

struct sample {
	struct gen *g; /* borrowed */
	bool all;
	uint32_t len[SAMPLE]; /* bytes */
};

static void
sample(void *arg, uint32_t i)
{
	struct sample *m = arg;
	struct rng r = rng_for(m->g->o.seed, S_SAMPLE, i);
	struct str s = {.p = NULL};

	doc_make(m->g, m->all ? i : rng_below(&r, m->g->nrevs), &s);
	m->len[i] = (uint32_t)s.len;
	str_free(&s);
}

/* Documents have a least length: try until the mean is what was asked. */
void
doc_scale(struct gen *g)
{
	struct sample *m = need(calloc(1, sizeof(*m)));
	uint32_t n, i, round;
	uint64_t sum, scale;

	m->g = g;
	m->all = g->nrevs <= SAMPLE;
	n = g->nrevs <= SAMPLE ? g->nrevs : SAMPLE;
	g->scale = 1000;
	for (round = 0; round < ROUNDS; round++) {
		par(n, sample, m);
		for (sum = 0, i = 0; i < n; i++)
			sum += m->len[i];
		scale = (uint64_t)g->scale * n * g->o.doc_bytes / sum;
		g->scale = scale < 1 ? 1
		    : scale > 3000   ? 3000
				     : (uint32_t)scale;
	}
	free(m);
}

void
doc_measure(struct gen *g)
{
	par((g->nrevs + TURN - 1) / TURN, measure, g);
}
