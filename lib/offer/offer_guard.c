/* SPDX-License-Identifier: ISC */
/*
 * What a changed ring file does, and a person may not have meant.  What passing
 * days and imports bring under an unchanged one needs no yes: a timer runs it.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/offer/offer_priv.h"

#define FIRST 3 /* told, where there are more */

struct guard {
	struct offer *b;
	uint64_t uninstalls, deadlines, gains, losses;
};

static bool
is_uninstall(const struct snapshot_offer *o)
{
	return o != NULL && o->action == SNAPSHOT_UNINSTALL;
}

enum offer_harm
offer_harm(const struct offer_change *c)
{
	if (is_uninstall(c->to) && !is_uninstall(c->from))
		return OFFER_UNINSTALLS;
	if (c->to != NULL && c->to->deadline != 0 &&
	    (c->from == NULL || c->from->deadline == 0 ||
		c->to->deadline < c->from->deadline))
		return OFFER_HURRIES;
	return OFFER_HARMLESS;
}

static int
weigh(void *arg, const struct offer_change *c, struct err *e)
{
	struct guard *g = arg;
	enum offer_harm harm = offer_harm(c);

	(void)e;
	g->uninstalls += harm == OFFER_UNINSTALLS;
	g->deadlines += harm == OFFER_HURRIES;
	g->gains += c->kind == OFFER_GAINS;
	g->losses += c->kind == OFFER_LOSES;
	return 0;
}

/* Why it needs a yes, as a sentence; "": it needs none. */
static void
reason(const struct guard *g, char *to, size_t n)
{
	const struct offer *b = g->b;
	bool undone = b->has_prev && b->prev.undone;
	bool same = b->has_prev &&
	    memcmp(b->prev.rings_hash, b->next.rings_hash, BLAKE_LEN) == 0;

	to[0] = '\0';
	if (undone && same)
		snprintf(to, n,
		    "what this ring file brings was rolled back by snapshot "
		    "%06" PRIu32,
		    b->prev.generation);
	else if (!same &&
	    (g->uninstalls + g->deadlines + g->losses > 0 ||
		g->gains > b->o->max_offers))
		snprintf(to, n,
		    "the ring file %s: it brings %s, %s that %s new or "
		    "earlier, %s, and takes %s away",
		    b->has_prev ? "has changed" : "is new",
		    words_count(g->uninstalls, "removal").s,
		    words_count(g->deadlines, "deadline").s,
		    words_pick(g->deadlines, "is", "are"),
		    words_count(g->gains, "new offer").s,
		    words_count(g->losses, "offer").s);
}

/* A clock that was set back, or lost its battery, is no passing day. */
static void
tell_time(const struct guard *g)
{
	const struct offer *b = g->b;
	char now[UTC_LEN + 1], built[UTC_LEN + 1];

	if (!b->has_prev || b->now >= b->prev.built || g->losses == 0)
		return;
	utc_write(now, b->now);
	utc_write(built, b->prev.built);
	log_event(b->log, LOG_WARN, b->o->rings,
	    "it is %s here, and snapshot %06" PRIu32 " is of %s: that takes "
	    "%s away, and deadlines will count anew; see to the clock, or "
	    "give --now",
	    now, b->prev.generation, built, words_count(g->losses, "offer").s);
}

int
offer_guard(struct offer *b, struct err *e)
{
	struct guard g = {.b = b};
	char why[400];

	if (offer_compare(
		b->has_prev ? &b->prev : NULL, &b->next, weigh, &g, e) == -1)
		return -1;
	tell_time(&g);
	reason(&g, why, sizeof(why));
	if (b->o->yes || why[0] == '\0')
		return 0;
	if (!b->o->dry_run)
		return err_set(e, E_USAGE,
		    "%s; look at it with --dry-run, then give --yes", why);
	log_event(b->log, LOG_WARN, b->o->rings, "%s: that takes --yes", why);
	return 0;
}
