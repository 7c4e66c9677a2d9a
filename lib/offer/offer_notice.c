/* SPDX-License-Identifier: ISC */
/* What the owner of a ring file should hear of what it brings. */
#include <stdarg.h>
#include <stdio.h>

#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/offer/offer_priv.h"

#define TOLD 3 /* of a kind, without -v */

struct notice {
	struct offer_notices *all;
	const char *ring;
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

static void say(const struct notice *t, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(const struct notice *t, const char *name, const char *fmt, ...)
{
	struct offer *b = t->all->b;
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_event(b->log, LOG_WARN, b->o->rings, "ring '%s': %s %s", t->ring,
	    name, text);
}

static void
tell(const struct notice *t, enum decide_notice what, uint32_t rev,
    uint32_t other)
{
	const struct facts *f = &t->all->b->facts;
	const struct decide_verdict *v = decide_verdict(
	    &t->all->b->decide, f->revs[rev].update);
	char a[256], o[256] = "";

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
		say(t, a, "is approved in line %u, and cannot be: it is %s",
		    v->line, decide_word((enum decide_cause)v->cause));
		break;
	}
}

static int
hear(void *arg, enum decide_notice what, uint32_t rev, uint32_t other,
    struct err *e)
{
	const struct notice *t = arg;
	struct offer_notices *n = t->all;

	(void)e;
	if ((n->seen[rev] & 1u << what) != 0)
		return 0;
	n->seen[rev] |= (uint8_t)(1u << what);
	if (n->n[what]++ < TOLD || n->b->log->verbose > 0)
		tell(t, what, rev, other);
	return 0;
}

int
offer_notice(struct offer_notices *n, const char *ring, struct err *e)
{
	struct notice t = {n, ring};

	return decide_each_notice(&n->b->decide, hear, &t, e);
}

void
offer_notice_rest(const struct offer_notices *n)
{
	static const char *const what[OFFER_NOTICES] = {
	    [DECIDE_UNMET] = "unseen update",
	    [DECIDE_OTHER_MEMBER] = "mismatched bundle",
	    [DECIDE_NEEDED] = "declined and needed update",
	    [DECIDE_USELESS] = "useless line"};

	for (size_t i = 0; i < OFFER_NOTICES; i++)
		if (n->n[i] > TOLD && n->b->log->verbose == 0)
			log_event(n->b->log, LOG_WARN, n->b->o->rings,
			    "%s more; -v tells them all",
			    words_count(n->n[i] - TOLD, what[i]).s);
}
