/* SPDX-License-Identifier: ISC */
#include "formats/snapshot.h"
#include "tests/brute.h"
#include "tests/t.h"

static bool
is_same(const struct brute_row *want, const struct snapshot_offer *got,
    uint32_t revision)
{
	if (got == NULL || !want->in)
		return got == NULL && !want->in;
	return want->revision == revision && want->action == got->action &&
	    want->withheld == got->withheld && want->changed == got->changed &&
	    want->date == got->date && want->held == got->held &&
	    (uint64_t)want->deadline == got->deadline;
}

static const char *
row(char *to, size_t size, const struct brute_row *r)
{
	if (!r->in)
		return "nothing";
	snprintf(to, size,
	    "revision %u action %u withheld %u changed %u date %u held %u "
	    "deadline %jd",
	    r->revision, r->action, r->withheld, r->changed, r->date, r->held,
	    (intmax_t)r->deadline);
	return to;
}

void
brute_compare(const struct brute_ring *want,
    const struct snapshot_offer *const *of, const uint32_t *revisions,
    uint32_t generation, const char *text)
{
	char is[200], expected[200];
	struct brute_row got;
	unsigned id;

	for (id = 1; id <= TOY_IDS; id++) {
		if (is_same(&want->rows[id], of[id], revisions[id]))
			continue;
		got = (struct brute_row){.in = false};
		if (of[id] != NULL)
			got = (struct brute_row){true, revisions[id],
			    of[id]->action, of[id]->withheld, of[id]->changed,
			    of[id]->date, of[id]->held,
			    (int64_t)of[id]->deadline};
		t_fail(__FILE__, __LINE__,
		    "generation %u, ring %s, id %u: %s; expected %s\n%s",
		    generation, want->name, id, row(is, sizeof(is), &got),
		    row(expected, sizeof(expected), &want->rows[id]), text);
	}
}
