/* SPDX-License-Identifier: ISC */
/* Who is in each ring, and what it is offered, as tables of a snapshot. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/grow.h"
#include "lib/base/sort.h"
#include "lib/offer/offer_priv.h"

struct who {
	struct snapshot *s;
	size_t cap_words, cap_names, cap_text, cap_networks;
};

static int
put_word(struct who *x, enum snapshot_word_kind kind, const char *text,
    struct err *e)
{
	struct snapshot *s = x->s;
	size_t n = strlen(text), i;

	if (grow(&s->words, &x->cap_words, s->nwords, sizeof(*s->words), e) ==
		-1 ||
	    grow(&s->names, &x->cap_names, s->nnames, sizeof(*s->names), e) ==
		-1)
		return -1;
	s->words[s->nwords++] = (struct snapshot_word){
	    (uint8_t)kind, (uint32_t)s->nnames};
	s->names[s->nnames++] = (struct snapshot_name){
	    (uint32_t)s->ntext, (uint32_t)n};
	for (i = 0; i < n; i++) {
		if (grow(&s->text, &x->cap_text, s->ntext, 1, e) == -1)
			return -1;
		s->text[s->ntext++] = (uint8_t)text[i];
	}
	return 0;
}

/* Who is in it. */
static int
put_clients(struct who *x, const struct rings_ring *from, struct err *e)
{
	struct snapshot *s = x->s;
	size_t i;

	for (i = 0; i < from->nnetworks; i++) {
		if (grow(&s->networks, &x->cap_networks, s->nnetworks,
			sizeof(*s->networks), e) == -1)
			return -1;
		memcpy(
		    s->networks[s->nnetworks].addr, from->networks[i].addr, 16);
		s->networks[s->nnetworks++].bits = (uint8_t)from->networks[i]
						       .bits;
	}
	for (i = 0; i < from->clients.n; i++)
		if (put_word(x, SNAPSHOT_CLIENT, from->clients.v[i].text, e) ==
		    -1)
			return -1;
	for (i = 0; i < from->groups.n; i++)
		if (put_word(x, SNAPSHOT_GROUP, from->groups.v[i].text, e) ==
		    -1)
			return -1;
	return 0;
}

int
offer_by_n(const void *a, const void *b)
{
	const struct offer_given *x = a, *y = b;

	return (x->n > y->n) - (x->n < y->n);
}

int
offer_by_revision(const void *a, const void *b)
{
	const struct snapshot_offer *x = a, *y = b;

	return (x->revision > y->revision) - (x->revision < y->revision);
}

static int
put_ring(struct who *x, const struct rings_ring *from,
    const struct offer_rows *rows, const uint32_t *place, struct err *e)
{
	struct snapshot *s = x->s;
	struct snapshot_ring *to = &s->rings[s->nrings++];
	struct snapshot_offer *at = s->offers + s->noffers;
	uint8_t hash[BLAKE_LEN];
	size_t k;

	memcpy(to->name, from->name, strlen(from->name));
	blake_of(hash, sizeof(hash), from->name, strlen(from->name));
	for (k = 8; k > 0; k--)
		to->hash = to->hash << 8 | hash[k - 1];
	to->networks = (uint32_t)s->nnetworks;
	to->words = (uint32_t)s->nwords;
	to->offers = (uint32_t)s->noffers;
	for (k = 0; k < rows->n; k++) {
		at[k] = rows->v[k];
		at[k].revision = place[rows->v[k].revision];
	}
	s->noffers += rows->n;
	sort_up(at, rows->n, sizeof(*at), offer_by_revision);
	return put_clients(x, from, e);
}

int
offer_index_rings(struct offer *b, const uint32_t *place, struct err *e)
{
	struct snapshot *s = &b->next;
	struct who x = {.s = s};
	size_t i, n = 0;

	for (i = 0; i < b->rings.n; i++)
		n += b->rows[i].n;
	s->rings = calloc(b->rings.n + 1, sizeof(*s->rings));
	s->offers = calloc(n + 1, sizeof(*s->offers));
	if (s->rings == NULL || s->offers == NULL)
		return err_nomem(e);
	for (i = 0; i < b->rings.n; i++)
		if (put_ring(&x, &b->rings.v[i], &b->rows[i], place, e) == -1)
			return -1;
	return 0;
}
