/* SPDX-License-Identifier: ISC */
#include "tests/toy.h"

#include <string.h>

#include "formats/rings.h"
#include "lib/base/err.h"
#include "tests/t.h"

#define DAY_S 86400

static unsigned
below(unsigned n)
{
	return (unsigned)(t_random() % n);
}

static bool
one_in(unsigned n)
{
	return below(n) == 0;
}

void
toy_guid(struct guid *g, unsigned id)
{
	memset(g, 0, sizeof(*g));
	g->b[0] = 0xa0;
	g->b[14] = (uint8_t)id; /* others have room between two of them */
}

void
toy_eula(struct guid *g, unsigned eula)
{
	memset(g, 0, sizeof(*g));
	g->b[0] = 0xe0;
	g->b[15] = (uint8_t)eula;
}

void
toy_sha1(uint8_t sha1[SHA1_LEN], unsigned file)
{
	memset(sha1, (int)file, SHA1_LEN);
}

/* --- a catalogue --- */

static unsigned
some_id(void)
{
	return 1 + below(TOY_IDS);
}

static void
fill_needs(struct toy_rev *r)
{
	unsigned i, k;

	r->nclauses = one_in(2) ? below(TOY_FEW) : 0;
	for (i = 0; i < r->nclauses; i++) {
		r->nclause[i] = 1 + (one_in(3) ? below(TOY_FEW) : 0);
		for (k = 0; k < r->nclause[i]; k++)
			r->clauses[i][k] = some_id();
	}
	r->nsupersedes = one_in(2) ? below(TOY_FEW) : 0;
	for (i = 0; i < r->nsupersedes; i++)
		r->supersedes[i] = some_id();
}

static void
fill_parts(struct toy_rev *r)
{
	unsigned i, k;

	r->nfiles = one_in(4) ? 0 : below(TOY_FEW);
	for (i = 0; i < r->nfiles; i++)
		r->files[i] = below(TOY_FILES);
	r->nparts = one_in(2) ? below(TOY_FEW) : 0;
	for (i = 0; i < r->nparts; i++) {
		r->npart[i] = 1 + (one_in(2) ? below(TOY_FEW) : 0);
		for (k = 0; k < r->npart[i]; k++) {
			r->parts[i][k].id = some_id();
			r->parts[i][k].revision = 1 + below(3);
		}
	}
}

static struct toy_rev *
find(struct toy *w, unsigned id, uint32_t revision)
{
	unsigned i;

	for (i = 0; i < w->nrevs; i++)
		if (w->revs[i].id == id && w->revs[i].revision == revision)
			return &w->revs[i];
	return NULL;
}

/* Ids 1 and 2 are categories, 3 is a detectoid, 4 a driver; sometimes. */
static enum update_type
type_of(unsigned id)
{
	if (one_in(20))
		return UPDATE_SOFTWARE;
	return id <= 2 ? UPDATE_CATEGORY
	    : id == 3  ? UPDATE_DETECTOID
	    : id == 4  ? UPDATE_DRIVER
		       : UPDATE_SOFTWARE;
}

static void
import(struct toy *w)
{
	unsigned id = some_id();
	uint32_t revision = 1 + below(3);
	struct toy_rev *r, *old = find(w, id, revision == 1 ? 2 : 1);

	if (w->nrevs == TOY_REVS || find(w, id, revision) != NULL)
		return;
	r = &w->revs[w->nrevs++];
	if (old != NULL && one_in(2)) {
		*r = *old; /* another text, the same files */
	} else {
		*r = (struct toy_rev){.type = type_of(id),
		    .deployable = !one_in(4),
		    .expired = one_in(12),
		    .eula = one_in(3) ? 1 + below(TOY_EULAS) : 0,
		    .kb = one_in(3) ? 0 : 1 + below(TOY_KBS)};
		fill_needs(r);
		fill_parts(r);
	}
	r->id = id;
	r->revision = revision;
	r->arrived = w->lasts ? TOY_DAY - 30
	    : one_in(10)      ? FACTS_NONE
			 : (uint32_t)(w->now / DAY_S) - below(4) + one_in(15);
}

static void
fetch(struct toy *w, unsigned file)
{
	w->files[file].present = !one_in(5);
	if (!w->lasts)
		w->files[file].sha256 = !one_in(12);
	w->files[file].left_out = !w->files[file].present && one_in(2);
}

static void
choose(struct toy *w, unsigned ring, unsigned id)
{
	w->selected[ring][id] = !one_in(3);
	w->upstream[ring][id].known = one_in(4);
	w->upstream[ring][id].declined = one_in(3);
	w->upstream[ring][id].action = (enum rings_action)below(4);
	w->upstream[ring][id].has_by = one_in(3);
	w->upstream[ring][id].by = w->now + (int64_t)below(8 * DAY_S) - DAY_S;
}

void
toy_begin(struct toy *w, bool lasts)
{
	unsigned i, k;

	*w = (struct toy){.now = TOY_DAY * (int64_t)DAY_S + below(DAY_S)};
	for (i = 0; i < TOY_FILES; i++) {
		w->files[i].sha256 = !one_in(12);
		w->lasts = lasts;
		fetch(w, i);
	}
	for (k = 5 + below(40); k > 0; k--)
		import(w);
	for (i = 0; i <= TOY_RINGS; i++)
		for (k = 1; k <= TOY_IDS; k++)
			choose(w, i, k);
}

void
toy_go_on(struct toy *w)
{
	unsigned n;

	w->now += one_in(12) ? -(int64_t)DAY_S : below(3 * DAY_S);
	for (n = below(4); n > 0; n--)
		import(w);
	for (n = below(3); n > 0; n--)
		fetch(w, below(TOY_FILES));
	for (n = below(3); n > 0; n--)
		choose(w, below(TOY_RINGS + 1), some_id());
	if (w->lasts)
		return;
	if (one_in(4) && w->nrevs > 0) {
		w->nrevs--;
		w->revs[below(w->nrevs + 1)] = w->revs[w->nrevs];
	}
	if (one_in(6) && w->nrevs > 0)
		w->revs[below(w->nrevs)].expired ^= true;
}

/* --- a ring file --- */

struct text {
	char *at, *end;
};

static void __attribute__((format(printf, 2, 3)))
line(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at, (size_t)(t->end - t->at), fmt, ap);
	va_end(ap);
	t->at += n;
}

/* A KB number or an id. */
static const char *
somebody(void)
{
	static char out[GUID_LEN + 1];
	struct guid g;

	if (one_in(2)) {
		snprintf(out, sizeof(out), "KB%u", 1 + below(TOY_KBS));
		return out;
	}
	toy_guid(&g, some_id());
	guid_write(out, &g);
	return out;
}

static const char *
action(void)
{
	return rings_action_word((enum rings_action)below(4));
}

static const char *
day(int off)
{
	static char out[2][UTC_LEN + 1];
	static unsigned turn;

	turn = !turn;
	utc_write(out[turn], (int64_t)(TOY_DAY + off) * DAY_S);
	out[turn][10] = '\0';
	return out[turn];
}

static void
lines_of_many(struct text *t)
{
	struct guid g;
	char id[GUID_LEN + 1];
	int first = (int)below(16);

	if (one_in(3))
		line(t, "approve = %s\n", somebody());
	if (one_in(3))
		line(t, "approve = %s %s\n", somebody(), action());
	if (one_in(4))
		line(t, "approve = %s %s by %sT%02u:30Z\n", somebody(),
		    action(), day((int)below(16)), below(24));
	if (one_in(4))
		line(t, "decline = %s\n", somebody());
	if (one_in(3))
		line(t, "freeze = %s..%s\n", day(first),
		    day(first + (int)below(4)));
	if (one_in(8))
		line(t, "accept-eula = %s\n", somebody());
	if (one_in(3)) {
		toy_eula(&g, 1 + below(TOY_EULAS));
		guid_write(id, &g);
		line(t, "accept-eula = %s\n", id);
	}
	if (one_in(16))
		line(t, "accept-eula = all\n");
}

static void
lines_of_one(struct text *t)
{
	static const char *const watch[] = {
	    "newest", "complete", "all", "none"};

	if (one_in(3))
		line(t, "delay = %u\n", below(4));
	if (one_in(3))
		line(t, "deadline = %u %02u:00\n", below(5), below(24));
	if (one_in(3))
		line(t, "watch = %s\n", watch[below(4)]);
	if (one_in(4))
		line(t, "superseded = %s\n", one_in(2) ? "yes" : "no");
}

static void
draw(char *to, size_t size)
{
	struct text t = {to, to + size};
	unsigned i, above = 0;

	*to = '\0';
	if (one_in(4))
		lines_of_many(&t);
	if (one_in(4))
		lines_of_one(&t);
	for (i = 0; i < TOY_RINGS; i++) {
		if (one_in(3))
			continue;
		line(&t,
		    one_in(8) && i == 3 ? "ring = default\n" : "ring = r%u\n",
		    i);
		if (above > 0 && one_in(3))
			line(&t, "inherit = r%u\n", above - 1);
		if (!one_in(4))
			line(&t, "kb = %u\naction = %s\n", 1 + below(TOY_KBS),
			    action());
		if (one_in(3))
			line(&t, "approve-upstream = G\n");
		lines_of_many(&t);
		lines_of_many(&t);
		lines_of_one(&t);
		if (i < 3)
			above = i + 1;
	}
}

/* What is no ring file is drawn again. */
void
toy_rings(char *to, size_t size)
{
	struct rings r = RINGS_INIT;
	struct err e;
	int got;

	do {
		e = (struct err)ERR_INIT;
		draw(to, size);
		got = rings_read(&r, to, strlen(to), &e);
		rings_free(&r);
	} while (got == -1);
}
