/* SPDX-License-Identifier: ISC */
#include "lib/offer/select.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/sink.h"
#include "lib/offer/select_priv.h"

/* --- what is told of the ring file's lines --- */

static bool
is_told(const struct select_priv *p, unsigned line)
{
	return line != 0 && line <= POLICY_MAX_BYTES &&
	    select_has(p->told, line);
}

struct relay {
	struct select_priv *p;
	const struct rings_ring *ring;
	bool goes_on; /* the note before was told, and this may belong to it */
};

static int
take_note(void *arg, const struct choose_note *n, struct err *e)
{
	struct relay *r = arg;

	if (n->key != NULL)
		r->goes_on = !is_told(r->p, n->line);
	if (!r->goes_on)
		return 0;
	if (n->line == 0)
		return choose_note(&r->p->notes, 0, n->key, e, "ring '%s': %s",
		    r->ring->name, n->text);
	return n->lost
	    ? choose_note_lost(&r->p->notes, n->line, n->key, e, "%s", n->text)
	    : choose_note(&r->p->notes, n->line, n->key, e, "%s", n->text);
}

static void
mark_words(struct select_priv *p, const struct policy_words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->v[i].line <= POLICY_MAX_BYTES)
			p->told[w->v[i].line / 8] |= (uint8_t)(1u
			    << w->v[i].line % 8);
}

static void
mark_told(struct select_priv *p, const struct rings_ring *g)
{
	const struct policy *c = &g->select;
	const struct policy_words *const all[] = {&c->products, &c->families,
	    &c->classifications, &c->not_products, &c->languages,
	    &c->architectures, &c->titles, &c->not_titles, &c->kbs, &c->not_kbs,
	    &c->approve, &c->decline, &g->eulas};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		mark_words(p, all[i]);
}

/* Words of a key that name nothing held. */
static int
note_lost(struct select_priv *p, const char *key, const struct policy_words *w,
    bool eula, struct err *e)
{
	bool *hit = calloc(w->n + 1, sizeof(*hit));
	size_t i;
	int r;

	if (hit == NULL)
		return err_nomem(e);
	r = w->n == 0 ? 0 : select_words(p->how.facts, w, eula, NULL, hit, e);
	for (i = 0; r == 0 && i < w->n; i++)
		if (!hit[i] && !is_told(p, w->v[i].line))
			r = choose_note_lost(&p->notes, w->v[i].line, key, e,
			    "%s: no update held has %s%s", key,
			    w->v[i].is_id ? "the id " : "KB", w->v[i].text);
	free(hit);
	return r;
}

/* --- what is selected --- */

struct policy
select_policy(const struct rings_ring *g)
{
	struct policy p = g->select;

	p.approve.n = p.decline.n = 0;
	p.superseded = true;
	p.name = NULL;
	return p;
}

/* free() it. */
static char *
key_of(const struct rings_ring *g, struct err *e)
{
	const struct policy p = select_policy(g);
	struct buf b = BUF_INIT;
	struct sink to = SINK_INIT;
	char *key = NULL;

	sink_buf(&to, &b);
	if (policy_write(&p, &to, e) == 0 &&
	    buf_printf(&b, e, "%s", g->list != NULL ? g->list : "") == 0 &&
	    buf_str(&b, e) != NULL && (key = strdup((char *)b.p)) == NULL)
		err_nomem(e);
	buf_free(&b);
	return key;
}

struct take {
	const struct facts *f;
	uint8_t *bits;
};

static int
take_row(void *arg, int64_t row, struct err *e)
{
	const struct take *t = arg;
	uint32_t rev = facts_row(t->f, row), u;

	(void)e;
	if (rev == FACTS_NONE)
		return 0;
	u = t->f->revs[rev].update;
	t->bits[u / 8] |= (uint8_t)(1u << u % 8);
	return 0;
}

static int
choose_bits(struct select *s, size_t ring, uint8_t *bits, struct err *e)
{
	const struct policy p = select_policy(s->v[ring].ring);
	const struct select_how *how = &s->priv->how;
	struct take t = {how->facts, bits};
	struct relay relay = {s->priv, s->v[ring].ring, false};
	struct choose c = CHOOSE_INIT;
	int r = -1;

	if (choose_open(&c, &p, how->store, how->now, e) == 0 &&
	    choose_each(&c, take_row, &t, e) == 0 &&
	    choose_each_note(&c, take_note, &relay, e) == 0)
		r = 0;
	choose_close(&c);
	return r;
}

static int
narrow(struct select *s, size_t ring, uint8_t *bits, struct err *e)
{
	struct select_list *l;
	size_t i;

	if (s->v[ring].ring->list == NULL)
		return 0;
	if (select_list(s, s->v[ring].ring->list, &l, e) == -1)
		return -1;
	select_list_tell(s, ring, bits, l);
	for (i = 0; i <= s->priv->how.facts->nupdates / 8; i++)
		bits[i] &= l->bits[i];
	return 0;
}

static int
select_ring(struct select *s, size_t ring, struct err *e)
{
	struct select_priv *p = s->priv;
	struct select_set *set = &p->sets[p->nsets];
	size_t i;

	if (!rings_selects(s->v[ring].ring))
		return 0;
	if ((set->key = key_of(s->v[ring].ring, e)) == NULL)
		return -1;
	for (i = 0; strcmp(p->sets[i].key, set->key) != 0; i++)
		;
	s->v[ring].selected = p->sets[i].bits;
	if (i < p->nsets) {
		free(set->key);
		set->key = NULL;
		return 0;
	}
	p->nsets++;
	set->bits = calloc(p->how.facts->nupdates / 8 + 1, 1);
	if (set->bits == NULL)
		return err_nomem(e);
	s->v[ring].selected = set->bits;
	return choose_bits(s, ring, set->bits, e) == -1
	    ? -1
	    : narrow(s, ring, set->bits, e);
}

static int
select_all(struct select *s, struct err *e)
{
	struct select_priv *p = s->priv;
	const struct rings_ring *g;
	size_t i;

	for (i = 0; i < s->n; i++) {
		g = s->v[i].ring;
		if (select_ring(s, i, e) == -1 ||
		    note_lost(p, "approve", &g->select.approve, false, e) ==
			-1 ||
		    note_lost(p, "decline", &g->select.decline, false, e) ==
			-1 ||
		    note_lost(p, "accept-eula", &g->eulas, true, e) == -1)
			return -1;
		mark_told(p, g);
	}
	return select_upstream(s, e) == -1
	    ? -1
	    : choose_notes_tell(&p->notes, p->how.log, e);
}

int
select_open(struct select *s, const struct select_how *h, struct err *e)
{
	size_t i;

	*s = (struct select){.n = h->rings->n};
	s->v = calloc(s->n + 1, sizeof(*s->v));
	s->priv = calloc(1, sizeof(*s->priv));
	if (s->v == NULL || s->priv == NULL)
		return err_nomem(e);
	s->priv->how = *h;
	s->priv->notes = (struct choose_notes)CHOOSE_NOTES_INIT;
	s->priv->notes.subject = h->path;
	s->priv->told = calloc(POLICY_MAX_BYTES / 8 + 1, 1);
	if (s->priv->told == NULL)
		return err_nomem(e);
	for (i = 0; i < s->n; i++)
		s->v[i].ring = &h->rings->v[i];
	return select_all(s, e);
}

void
select_close(struct select *s)
{
	struct select_priv *p = s->priv;
	size_t i;

	free(s->v);
	for (i = 0; p != NULL && i <= RINGS_MAX; i++) {
		free(p->sets[i].key);
		free(p->sets[i].bits);
		arena_free(&p->lists[i].arena);
		free(p->lists[i].bits);
		free(p->groups[i].v);
	}
	if (p != NULL) {
		choose_close(&p->asked);
		choose_notes_free(&p->notes);
		free(p->told);
	}
	free(p);
	*s = (struct select)SELECT_INIT;
}
