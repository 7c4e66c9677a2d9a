/* SPDX-License-Identifier: ISC */
#include "tests/print.h"

#include <inttypes.h>
#include <string.h>

#include "formats/rings.h"
#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/sink.h"

static int
put_words(
    struct buf *b, const char *key, const struct policy_words *w, struct err *e)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (buf_printf(b, e, "%s %s\n", key, w->v[i].text) == -1)
			return -1;
	return 0;
}

static int
put_approve(struct buf *b, const struct rings_ring *g, struct err *e)
{
	const struct policy_words *w = &g->select.approve;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (buf_printf(b, e, "approve %s %s", w->v[i].text,
			rings_action_word(g->approve[i].action)) == -1)
			return -1;
		if (g->approve[i].has_by &&
		    buf_printf(b, e, " by %" PRId64, g->approve[i].by) == -1)
			return -1;
		if (buf_puts(b, "\n", e) == -1)
			return -1;
	}
	return put_words(b, "decline", &g->select.decline, e);
}

static int
put_selection(struct buf *b, const struct rings_ring *g, struct err *e)
{
	const struct policy *p = &g->select;
	const struct {
		const char *key;
		const struct policy_words *w;
	} rows[] = {{"product", &p->products}, {"family", &p->families},
	    {"product-exclude", &p->not_products},
	    {"classification", &p->classifications},
	    {"language", &p->languages}, {"architecture", &p->architectures},
	    {"title", &p->titles}, {"title-exclude", &p->not_titles},
	    {"kb", &p->kbs}, {"kb-exclude", &p->not_kbs}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (put_words(b, rows[i].key, rows[i].w, e) == -1)
			return -1;
	if (put_approve(b, g, e) == -1)
		return -1;
	return p->superseded ? buf_puts(b, "superseded\n", e) : 0;
}

static int
put_who(struct buf *b, const struct rings_ring *g, struct err *e)
{
	char hex[33];
	size_t i;

	for (i = 0; i < g->nnetworks; i++) {
		hex_lower(hex, g->networks[i].addr, 16);
		if (buf_printf(b, e, "network %s/%u\n", hex,
			g->networks[i].bits) == -1)
			return -1;
	}
	if (put_words(b, "client", &g->clients, e) == -1)
		return -1;
	return put_words(b, "group", &g->groups, e);
}

static int
put_what(struct buf *b, const struct rings_ring *g, struct err *e)
{
	size_t i;

	if (put_words(b, "eula", &g->eulas, e) == -1 ||
	    (g->all_eulas && buf_puts(b, "eula all\n", e) == -1) ||
	    (g->upstream != NULL &&
		buf_printf(b, e, "upstream %s\n", g->upstream) == -1) ||
	    (g->list != NULL && buf_printf(b, e, "list %s\n", g->list) == -1) ||
	    buf_printf(b, e, "action %s\nwatch %d\ndelay %" PRIu32 "\n",
		rings_action_word(g->action), (int)g->watch, g->delay) == -1)
		return -1;
	if (g->deadline != RINGS_NO_DAYS &&
	    buf_printf(b, e, "deadline %" PRIu32 " %" PRIu32 "\n", g->deadline,
		g->deadline_s) == -1)
		return -1;
	for (i = 0; i < g->nfreezes; i++)
		if (buf_printf(b, e, "freeze %" PRId64 " %" PRId64 "\n",
			g->freezes[i].first, g->freezes[i].last) == -1)
			return -1;
	return 0;
}

int
rings_print(const struct rings *r, struct sink *to, struct err *e)
{
	struct buf b = BUF_INIT;
	int got = put_words(&b, "texts", &r->texts, e);
	size_t i;

	for (i = 0; got == 0 && i < r->n; i++)
		if (buf_printf(&b, e, "ring %s\n", r->v[i].name) == -1 ||
		    put_selection(&b, &r->v[i], e) == -1 ||
		    put_who(&b, &r->v[i], e) == -1 ||
		    put_what(&b, &r->v[i], e) == -1)
			got = -1;
	if (got == 0)
		got = sink_write(to, b.p, b.len, e);
	buf_free(&b);
	return got;
}
