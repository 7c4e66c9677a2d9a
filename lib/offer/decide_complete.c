/* SPDX-License-Identifier: ISC */
/*
 * What is complete: each file of an update, and one member of each clause of
 * its bundle (specification, 8.2).  What stands on a circle of bundles has no
 * first member, and is not.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/stop.h"
#include "lib/offer/decide_priv.h"

struct settle {
	const struct decide *d;
	const uint32_t *declined;
	bool lenient; /* a SHA-256 that is not declared is no fault */
	uint8_t *to;
	uint32_t *stack;
	size_t n;
};

/* Of its own files. */
static enum decide_state
own_files(const struct settle *s, uint32_t rev)
{
	const struct facts *f = s->d->facts;
	const struct facts_file *file;
	bool any = false, left = false;

	DECIDE_USES(f, rev, i)
	{
		file = &f->files[f->uses[i].file];
		if (file->left_out)
			left = true;
		else if (!file->present || (!file->has_sha256 && !s->lenient))
			return DECIDE_LACKS;
		else
			any = true;
	}
	return any || !left ? DECIDE_COMPLETE : DECIDE_LEFT_OUT;
}

static void
settled(struct settle *s, uint32_t rev, enum decide_state what)
{
	s->to[rev] = (uint8_t)what;
	s->stack[s->n++] = rev;
}

/* Its parts are complete or left out, and one thing must be there. */
static void
ripe(struct settle *s, uint32_t rev)
{
	const struct facts *f = s->d->facts;
	const struct facts_rev *r = &f->revs[rev];
	enum decide_state files = own_files(s, rev);
	bool any = files == DECIDE_COMPLETE && r[0].uses < r[1].uses;

	if (files == DECIDE_LACKS)
		return;
	DECIDE_PARTS(f, rev, p)
	any |= s->d->priv->left[p] == FACTS_NONE;
	settled(s, rev,
	    any || (r[0].parts == r[1].parts && files == DECIDE_COMPLETE)
		? DECIDE_COMPLETE
		: DECIDE_LEFT_OUT);
}

/*
 * Member of part p is settled as what.  left: how many members of a part are
 * neither complete nor left out; NONE: one is complete.
 */
static void
tell_part(struct settle *s, uint32_t p, enum decide_state what)
{
	struct decide_priv *v = s->d->priv;
	uint32_t rev = v->part_rev[p];

	if (v->left[p] == FACTS_NONE || v->left[p] == 0)
		return;
	if (what == DECIDE_COMPLETE)
		v->left[p] = FACTS_NONE;
	else
		v->left[p]--;
	if ((v->left[p] == FACTS_NONE || v->left[p] == 0) &&
	    --v->count[rev] == 0)
		ripe(s, rev);
}

static void
settle(struct settle *s)
{
	const struct facts *f = s->d->facts;
	struct decide_priv *v = s->d->priv;
	uint32_t rev, i;

	memset(s->to, DECIDE_LACKS, f->nrevs);
	for (i = 0; i < f->nparts; i++)
		v->left[i] = f->parts[i + 1].first - f->parts[i].first;
	for (rev = 0; rev < f->nrevs; rev++)
		v->count[rev] = f->revs[rev + 1].parts - f->revs[rev].parts;
	for (rev = 0; rev < f->nrevs; rev++)
		if (v->count[rev] == 0 && s->to[rev] == DECIDE_LACKS)
			ripe(s, rev);
	while (s->n > 0) {
		rev = s->stack[--s->n];
		if (s->declined != NULL && s->declined[rev] != 0)
			continue; /* a member that is declined is absent */
		for (i = v->inside[rev]; i < v->inside[rev + 1]; i++)
			tell_part(
			    s, v->inside_of[i], (enum decide_state)s->to[rev]);
	}
}

static bool
any_without_sha256(const struct facts *f)
{
	size_t i;

	for (i = 0; i < f->nfiles; i++)
		if (f->files[i].present && !f->files[i].has_sha256)
			return true;
	return false;
}

int
decide_complete(const struct decide *d, const uint32_t *declined, uint8_t *to,
    struct err *e)
{
	size_t n = d->facts->nrevs, i;
	struct settle s = {
	    .d = d, .declined = declined, .to = to, .stack = d->priv->stack};
	uint8_t *lenient;

	settle(&s);
	if (!any_without_sha256(d->facts))
		return 0;
	if ((lenient = malloc(n + 1)) == NULL)
		return err_nomem(e);
	s.lenient = true;
	s.to = lenient;
	settle(&s);
	for (i = 0; i < n; i++)
		if (to[i] == DECIDE_LACKS && lenient[i] == DECIDE_COMPLETE)
			to[i] = DECIDE_LACKS_SHA256;
	free(lenient);
	return 0;
}

int
decide_beneath(const struct decide *d, uint32_t rev, const uint32_t *declined,
    int (*each)(void *arg, uint32_t rev, struct err *e), void *arg,
    struct err *e)
{
	const struct facts *f = d->facts;
	struct decide_priv *v = d->priv;
	uint32_t member;
	size_t n = 0;

	if (++v->walk == 0) {
		memset(v->stamp, 0, f->nrevs * sizeof(*v->stamp));
		v->walk = 1;
	}
	v->stamp[rev] = v->walk;
	v->stack[n++] = rev;
	while (n > 0) {
		rev = v->stack[--n];
		if (each(arg, rev, e) == -1)
			return -1;
		DECIDE_PARTS(f, rev, p)
		DECIDE_MEMBERS(f, p, m)
		{
			member = f->members[m].rev;
			if (member == FACTS_NONE ||
			    v->stamp[member] == v->walk ||
			    (declined != NULL && declined[member] != 0))
				continue;
			v->stamp[member] = v->walk;
			v->stack[n++] = member;
		}
	}
	return 0;
}
