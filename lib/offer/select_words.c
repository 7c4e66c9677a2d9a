/* SPDX-License-Identifier: ISC */
/* What is held of words that name updates by KB number or id. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/offer/select_priv.h"

struct by_kb {
	const char *kb; /* borrowed; first: sort_by_text() */
	size_t at; /* in words */
};

struct seek {
	const struct facts *f;
	const struct policy_words *w;
	struct by_kb *v; /* owned; by number */
	size_t n;
	uint8_t *bits;
	bool *hit;
};

static int
kb_cmp(const void *kb, const void *entry)
{
	return strcmp(kb, ((const struct by_kb *)entry)->kb);
}

static void
named(struct seek *s, uint32_t rev, size_t word)
{
	uint32_t u = s->f->revs[rev].update;

	s->hit[word] = true;
	if (s->bits != NULL && rev == s->f->updates[u + 1].first - 1)
		s->bits[u / 8] |= (uint8_t)(1u << u % 8);
}

static void
see_kbs(struct seek *s, uint32_t rev)
{
	const struct facts *f = s->f;
	const char *kb;
	uint32_t i;
	size_t k;

	for (i = f->revs[rev].kbs; i < f->revs[rev + 1].kbs; i++) {
		kb = f->text + f->kbs[i];
		for (k = sort_place(kb, s->v, s->n, sizeof(*s->v), kb_cmp);
		     k < s->n && strcmp(s->v[k].kb, kb) == 0; k++)
			named(s, rev, s->v[k].at);
	}
}

static void
see_id(struct seek *s, size_t word)
{
	const struct facts *f = s->f;
	uint32_t u = facts_find(f, &s->w->v[word].id), r;

	for (r = u == FACTS_NONE ? 0 : f->updates[u].first;
	     u != FACTS_NONE && r < f->updates[u + 1].first; r++)
		named(s, r, word);
}

static bool
is_eula(const struct facts *f, const struct guid *id)
{
	size_t i;

	for (i = 0; i < f->nrevs; i++)
		if (f->revs[i].has_eula && guid_cmp(&f->revs[i].eula, id) == 0)
			return true;
	return false;
}

int
select_words(const struct facts *f, const struct policy_words *w, bool eula,
    uint8_t *bits, bool *hit, struct err *e)
{
	struct seek s = {.f = f, .w = w, .bits = bits, .hit = hit};
	uint32_t rev;
	size_t i;

	if ((s.v = calloc(w->n + 1, sizeof(*s.v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < w->n; i++)
		if (!w->v[i].is_id)
			s.v[s.n++] = (struct by_kb){w->v[i].text, i};
		else if (eula && is_eula(f, &w->v[i].id))
			hit[i] = true;
		else
			see_id(&s, i);
	sort_up(s.v, s.n, sizeof(*s.v), sort_by_text);
	for (rev = 0; s.n > 0 && rev < f->nrevs; rev++)
		see_kbs(&s, rev);
	free(s.v);
	return 0;
}
