/* SPDX-License-Identifier: ISC */
/* How long each document is, so that package sizes are known beforehand. */
#include <string.h>

#include "gen.h"

#define TURN 256 /* documents that one turn makes */

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

void
doc_measure(struct gen *g)
{
	par((g->nrevs + TURN - 1) / TURN, measure, g);
}
