/* SPDX-License-Identifier: ISC */
/* Facts, what rings select of them, and so what each ring is offered. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/offer/offer_priv.h"

#define NOTICES (DECIDE_USELESS + 1)
#define TOLD 3 /* notices of a kind, without -v */

struct notices {
	struct offer *b;
	const char *ring;
	uint64_t n[NOTICES];
};

/* "KB5000001 'A title'", or the id. */
static void
name_rev(char to[256], const struct facts *f, uint32_t rev)
{
	const struct facts_rev *v = &f->revs[rev];
	char id[GUID_LEN + 1];

	guid_write(id, &f->updates[v->update].id);
	if (v->kbs != f->revs[rev + 1].kbs)
		snprintf(to, 256, "KB%.40s '%.160s'", f->text + f->kbs[v->kbs],
		    f->text + v->title);
	else
		snprintf(to, 256, "%s '%.160s'", id, f->text + v->title);
}

static void say(const struct notices *t, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(const struct notices *t, const char *name, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_event(t->b->log, LOG_WARN, t->b->o->rings, "ring '%s': %s %s",
	    t->ring, name, text);
}

static int
tell_notice(void *arg, enum decide_notice what, uint32_t rev, uint32_t other,
    struct err *e)
{
	struct notices *t = arg;
	const struct facts *f = &t->b->facts;
	const struct decide_verdict *v;
	char a[256], o[256] = "";

	(void)e;
	if (t->n[what]++ >= TOLD && t->b->log->verbose == 0)
		return 0;
	name_rev(a, f, rev);
	if (other != FACTS_NONE)
		name_rev(o, f, other);
	switch (what) {
	case DECIDE_UNMET:
		say(t, a,
		    "needs something of which nothing is held: no client will "
		    "see it");
		break;
	case DECIDE_OTHER_MEMBER:
		say(t, a,
		    "bundles revision %u of %s, and another one is offered: "
		    "that part of it cannot be installed",
		    f->revs[other].revision, o);
		break;
	case DECIDE_NEEDED:
		say(t, o,
		    "is declined, and offered for evaluation all the same: "
		    "%s needs it",
		    a);
		break;
	case DECIDE_USELESS:
		v = decide_verdict(&t->b->decide, f->revs[rev].update);
		say(t, a, "is approved in line %u, and cannot be: it is %s",
		    v->line, decide_word((enum decide_cause)v->cause));
		break;
	}
	return 0;
}

static int
tell_notices(struct offer *b, const char *ring, struct err *e)
{
	static const char *const what[] = {[DECIDE_UNMET] = "unmet need",
	    [DECIDE_OTHER_MEMBER] = "part of another revision",
	    [DECIDE_NEEDED] = "declined update that is needed",
	    [DECIDE_USELESS] = "line that approves nothing"};
	struct notices t = {.b = b, .ring = ring};
	size_t i;

	if (decide_each_notice(&b->decide, tell_notice, &t, e) == -1)
		return -1;
	for (i = 0; i < sizeof(what) / sizeof(*what); i++)
		if (t.n[i] > TOLD && b->log->verbose == 0)
			log_event(b->log, LOG_WARN, b->o->rings,
			    "ring '%s': %s more; -v tells them all", ring,
			    words_count(t.n[i] - TOLD, what[i]).s);
	return 0;
}

static int
decide_one(struct offer *b, size_t i, struct err *e)
{
	struct decide_rows got;
	struct offer_rows *to = &b->rows[i];

	if (decide_ring(&b->decide, &b->select.v[i], &got, e) == -1 ||
	    tell_notices(b, b->rings.v[i].name, e) == -1)
		return err_ctx(e, "ring '%s'", b->rings.v[i].name);
	if ((to->v = calloc(got.n + 1, sizeof(*to->v))) == NULL)
		return err_nomem(e);
	if (got.n > 0)
		memcpy(to->v, got.v, got.n * sizeof(*to->v));
	to->n = got.n;
	return 0;
}

int
offer_facts(struct offer *b, struct err *e)
{
	const struct select_how how = {.store = b->store,
	    .facts = &b->facts,
	    .rings = &b->rings,
	    .path = b->o->rings,
	    .now = b->now,
	    .log = b->log};

	if (facts_load(&b->facts, b->store, e) == -1 ||
	    select_open(&b->select, &how, e) == -1)
		return -1;
	return decide_open(&b->decide, &b->facts, b->has_prev ? &b->prev : NULL,
	    b->now, b->highest + 1, e);
}

int
offer_decide(struct offer *b, struct err *e)
{
	if (offer_facts(b, e) == -1)
		return -1;
	if ((b->rows = calloc(b->rings.n, sizeof(*b->rows))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < b->rings.n; i++)
		if (decide_one(b, i, e) == -1)
			return -1;
	return 0;
}
