/* SPDX-License-Identifier: ISC */
/* Why a ring selects an update, or does not. */
#include "lib/base/err.h"
#include "lib/offer/select_priv.h"

static int
put_choice(const struct decide_ring *r, uint32_t update, enum choose_why why,
    const struct buf *text, struct buf *b, struct err *e)
{
	if (!choose_is_in(why))
		return buf_printf(b, e, "not selected, %s: %.*s\n",
		    choose_word(why), (int)text->len, (char *)text->p);
	if (!select_has(r->selected, update))
		return buf_printf(
		    b, e, "not selected: %s does not name it\n", r->ring->list);
	return buf_printf(b, e, "selected: %.*s%s%s\n", (int)text->len,
	    (char *)text->p, r->ring->list != NULL ? ", and named by " : "",
	    r->ring->list != NULL ? r->ring->list : "");
}

/* The ring's selection, ready to be asked. */
static int
ask(struct select_priv *p, const struct decide_ring *r, struct err *e)
{
	if (p->asked_of == r)
		return 0;
	choose_close(&p->asked);
	p->asked_of = NULL;
	p->asked_policy = select_policy(r->ring);
	if (choose_open(
		&p->asked, &p->asked_policy, p->how.store, p->how.now, e) == -1)
		return -1;
	p->asked_of = r;
	return 0;
}

int
select_why(struct select *s, size_t ring, uint32_t update, struct buf *b,
    struct err *e)
{
	const struct facts *f = s->priv->how.facts;
	const struct decide_ring *r = &s->v[ring];
	uint32_t rev = facts_newest(f, update);
	struct buf text = BUF_INIT;
	enum choose_why why;
	int got = -1;

	if (rev == FACTS_NONE)
		return 0;
	if (r->selected == NULL)
		return buf_puts(b,
		    "not selected: the ring has no product, family, kb, title "
		    "or approve-list\n",
		    e);
	if (ask(s->priv, r, e) == 0 &&
	    choose_update(&s->priv->asked, f->revs[rev].row, &why, &text, e) ==
		0)
		got = put_choice(r, update, why, &text, b, e);
	buf_free(&text);
	return got;
}
