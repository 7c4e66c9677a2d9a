/* SPDX-License-Identifier: ISC */
/* Why an update is offered in a ring, or is not, in sentences. */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/base/sort.h"
#include "lib/offer/decide_priv.h"

#define SHOWN 4 /* of what is lacking */
#define SHOWN_TITLE 100 /* bytes of one in a sentence */
#define DAY_LEN 10 /* of what utc_write() gives */

const char *
decide_word(enum decide_cause c)
{
	static const char *const words[DECIDE_CAUSES] = {
	    [DECIDE_NOT_HELD] = "not-held",
	    [DECIDE_NOT_SOFTWARE] = "not-software",
	    [DECIDE_INNER] = "inner",
	    [DECIDE_EXPIRED] = "expired",
	    [DECIDE_DECLINED] = "declined",
	    [DECIDE_HIDDEN] = "declined-upstream",
	    [DECIDE_BY_ID] = "approved-id",
	    [DECIDE_BY_KB] = "approved-kb",
	    [DECIDE_UPSTREAM] = "approved-upstream",
	    [DECIDE_SELECTED] = "selected",
	    [DECIDE_COVERED] = "superseded",
	    [DECIDE_NOT_SELECTED] = "not-selected",
	};

	return words[c];
}

struct tell {
	const struct decide *d;
	const struct decide_priv *v;
	const struct decide_verdict *w;
	struct buf *to;
	unsigned shown; /* of a list */
};

/* --- parts of sentences --- */

/* 'TITLE' (ID), as in messages of other programs. */
static int
put_update(const struct tell *t, uint32_t u, struct err *e)
{
	const struct facts *f = t->d->facts;
	uint32_t rev = t->v->newest[u];
	const char *title = rev == FACTS_NONE ? ""
					      : f->text + f->revs[rev].title;
	char id[GUID_LEN + 1];

	guid_write(id, &f->updates[u].id);
	return *title == '\0'
	    ? buf_puts(t->to, id, e)
	    : buf_printf(t->to, e, "'%.*s' (%s)", SHOWN_TITLE, title, id);
}

static int
put_day(const struct tell *t, uint32_t day, struct err *e)
{
	char text[UTC_LEN + 1];

	utc_write(text, (int64_t)day * DECIDE_DAY_S);
	return buf_printf(t->to, e, "%.*s", DAY_LEN, text);
}

/* --- why it is to get what it gets --- */

static int
put_approved(const struct tell *t, const char *who, struct err *e)
{
	const char *action = rings_action_word((enum rings_action)t->w->action);

	return t->w->line != 0
	    ? buf_printf(t->to, e, "%s line %u: %s\n", who, t->w->line, action)
	    : buf_printf(t->to, e, "%s: %s\n", who, action);
}

static int
put_cause(const struct tell *t, uint32_t u, struct err *e)
{
	const char *type;

	switch ((enum decide_cause)t->w->cause) {
	case DECIDE_NOT_HELD:
		return buf_puts(t->to, "no revision of it is held\n", e);
	case DECIDE_NOT_SOFTWARE:
		type = update_type_word(
		    (enum update_type)t->d->facts->revs[t->v->newest[u]].type);
		return buf_printf(
		    t->to, e, "of type %s, which is not approved\n", type);
	case DECIDE_INNER:
		return buf_puts(t->to,
		    "not approved by itself: it comes inside a bundle\n", e);
	case DECIDE_EXPIRED:
		return buf_puts(t->to, "expired by its publisher\n", e);
	case DECIDE_DECLINED:
		return buf_printf(
		    t->to, e, "declined by line %u\n", t->w->line);
	case DECIDE_HIDDEN:
		return buf_puts(t->to, "declined by the upstream\n", e);
	case DECIDE_BY_ID:
		return put_approved(t, "approved by its id in", e);
	case DECIDE_BY_KB:
		return put_approved(t, "approved by its KB number in", e);
	case DECIDE_UPSTREAM:
		return put_approved(t, "by the upstream's approval", e);
	case DECIDE_SELECTED:
		return put_approved(t, "the ring's action", e);
	case DECIDE_COVERED:
		if (buf_puts(t->to, "no action: superseded by ", e) == -1 ||
		    put_update(t, t->w->by, e) == -1)
			return -1;
		return buf_puts(t->to,
		    t->v->holds[t->w->by]
			? ", which has its action\n"
			: ", and that by what has its action\n",
		    e);
	default:
		return buf_puts(t->to, "no line approves it\n", e);
	}
}

/* --- what is in the way --- */

static int
put_lack(struct tell *t, struct err *e)
{
	return t->shown++ == 0 ? 0 : buf_puts(t->to, ", ", e);
}

static int
put_files(struct tell *t, uint32_t rev, bool absent, struct err *e)
{
	const struct facts *f = t->d->facts;
	const struct facts_file *file;
	char hex[2 * SHA1_LEN + 1];

	DECIDE_USES(f, rev, i)
	{
		file = &f->files[f->uses[i].file];
		if (t->shown == SHOWN || file->left_out ||
		    (absent ? file->present
			    : !file->present || file->has_sha256))
			continue;
		hex_upper(hex, file->sha1, SHA1_LEN);
		if (put_lack(t, e) == -1 ||
		    buf_printf(t->to, e, "file %s%s%s", hex,
			*file->ext != '\0' ? "." : "", file->ext) == -1)
			return -1;
	}
	return 0;
}

struct lacks {
	struct tell *t;
	bool absent;
};

/* Of a member no more than that it is not held; what is beneath says the
   rest. */
static int
put_lacks_of(void *arg, uint32_t rev, struct err *e)
{
	const struct lacks *l = arg;
	struct tell *t = l->t;
	const struct facts *f = t->d->facts;
	const struct facts_member *at;

	if (t->v->state[rev] == DECIDE_COMPLETE)
		return 0;
	if (put_files(t, rev, l->absent, e) == -1)
		return -1;
	DECIDE_PARTS(f, rev, p)
	DECIDE_MEMBERS(f, p, m)
	{
		at = &f->members[m];
		if (t->shown == SHOWN || !l->absent ||
		    (at->rev != FACTS_NONE && t->v->declined[at->rev] == 0))
			continue;
		if (put_lack(t, e) == -1 ||
		    buf_puts(t->to,
			at->rev == FACTS_NONE ? "unheld member "
					      : "declined member ",
			e) == -1 ||
		    put_update(t, at->update, e) == -1 ||
		    buf_printf(t->to, e, " revision %u", at->revision) == -1)
			return -1;
	}
	return 0;
}

static int
put_lacking(struct tell *t, uint32_t u, bool absent, struct err *e)
{
	struct lacks l = {t, absent};
	uint32_t rev = t->v->newest[u];

	t->shown = 0;
	if (decide_beneath(t->d, rev, t->v->declined, put_lacks_of, &l, e) ==
	    -1)
		return -1;
	if (t->shown == 0 &&
	    buf_puts(t->to, "all that it declares was left out", e) == -1)
		return -1;
	return buf_puts(t->to, "\n", e);
}

static int
put_eula_of(void *arg, uint32_t rev, struct err *e)
{
	struct tell *t = arg;
	const struct facts_rev *r = &t->d->facts->revs[rev];
	char id[GUID_LEN + 1];

	if (!r->has_eula || t->shown == SHOWN ||
	    decide_accepts(t->d, rev, &r->eula))
		return 0;
	guid_write(id, &r->eula);
	return put_lack(t, e) == -1
	    ? -1
	    : buf_printf(t->to, e, "'accept-eula = %s'", id);
}

static int
put_eulas(struct tell *t, uint32_t u, struct err *e)
{
	t->shown = 0;
	if (buf_puts(t->to, "withheld, eula: wants ", e) == -1 ||
	    decide_beneath(
		t->d, t->v->newest[u], t->v->declined, put_eula_of, t, e) == -1)
		return -1;
	return buf_puts(t->to, "\n", e);
}

static int
put_until(const struct tell *t, const char *why, struct err *e)
{
	if (buf_printf(t->to, e, "withheld, %s: until ", why) == -1 ||
	    put_day(t, t->w->until, e) == -1)
		return -1;
	if (t->w->withheld == SNAPSHOT_DELAY &&
	    (buf_puts(t->to, "; complete since ", e) == -1 ||
		put_day(t, t->w->first, e) == -1))
		return -1;
	return buf_puts(t->to, "\n", e);
}

static int
put_withheld(struct tell *t, uint32_t u, struct err *e)
{
	enum snapshot_withheld why = (enum snapshot_withheld)t->w->withheld;

	switch (why) {
	case SNAPSHOT_ABSENT:
		return buf_puts(t->to, "withheld, absent: ", e) == -1
		    ? -1
		    : put_lacking(t, u, true, e);
	case SNAPSHOT_SHA1_ONLY:
		return buf_puts(t->to,
			   "withheld, sha1-only: no SHA-256 is declared of ",
			   e) == -1
		    ? -1
		    : put_lacking(t, u, false, e);
	case SNAPSHOT_DELAY:
	case SNAPSHOT_FREEZE:
		return put_until(t, snapshot_withheld_word(why), e);
	case SNAPSHOT_EULA:
		return put_eulas(t, u, e);
	default:
		return 0;
	}
}

/* --- what is sent --- */

static int
put_because(const struct tell *t, const char *what, uint32_t rev, struct err *e)
{
	if (buf_puts(t->to, what, e) == -1 ||
	    put_update(t, t->d->facts->revs[rev].update, e) == -1)
		return -1;
	return buf_puts(t->to, "\n", e);
}

/* Where it is offered all the same, why. */
static int
put_superseded(const struct tell *t, struct err *e)
{
	bool waits = t->w->cause == DECIDE_SELECTED &&
	    t->w->action != RINGS_NONE && !t->v->at->ring->select.superseded;

	if (!t->w->superseded || t->w->cause == DECIDE_COVERED)
		return 0;
	if (buf_puts(t->to, "superseded by ", e) == -1 ||
	    put_update(t, t->w->by, e) == -1)
		return -1;
	return buf_puts(
	    t->to, waits ? ", which has not taken its place yet\n" : "\n", e);
}

static int
put_holding(const struct tell *t, const struct snapshot_offer *o, struct err *e)
{
	char text[UTC_LEN + 1];

	if (buf_puts(t->to, "offered, since ", e) == -1 ||
	    put_day(t, o->held, e) == -1)
		return -1;
	if (o->deadline == 0)
		return buf_puts(t->to, "\n", e);
	utc_write(text, (int64_t)o->deadline);
	return buf_printf(t->to, e, ", deadline %s\n", text);
}

static int
by_revision(const void *rev, const void *row)
{
	uint32_t a = *(const uint32_t *)rev;
	uint32_t b = ((const struct snapshot_offer *)row)->revision;

	return (a > b) - (a < b);
}

static int
put_sent(const struct tell *t, struct err *e)
{
	const struct decide_verdict *w = t->w;
	const struct snapshot_offer *o = sort_find(
	    &w->rev, t->v->rows, t->v->nrows, sizeof(*o), by_revision);

	if (o == NULL)
		return buf_puts(t->to, "not sent to clients\n", e);
	switch ((enum snapshot_action)o->action) {
	case SNAPSHOT_INSTALL:
	case SNAPSHOT_OPTIONAL:
	case SNAPSHOT_UNINSTALL:
		return put_holding(t, o, e);
	case SNAPSHOT_WATCH:
		return buf_puts(t->to, "watched: clients report it\n", e);
	case SNAPSHOT_BUNDLE:
		return put_because(t, "sent as a member of ", w->holder, e);
	default:
		return w->needer == FACTS_NONE
		    ? buf_puts(t->to, "sent for evaluation\n", e)
		    : put_because(
			  t, "sent for evaluation, needed by ", w->needer, e);
	}
}

int
decide_tell(
    const struct decide *d, uint32_t update, struct buf *b, struct err *e)
{
	struct tell t = {
	    .d = d, .v = d->priv, .w = &d->priv->verdicts[update], .to = b};

	return put_cause(&t, update, e) == -1 ||
		put_withheld(&t, update, e) == -1 ||
		put_superseded(&t, e) == -1 || put_sent(&t, e) == -1
	    ? -1
	    : 0;
}
