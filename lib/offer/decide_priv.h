/* SPDX-License-Identifier: ISC */
/* Inside decide*.c only. */
#ifndef WF_DECIDE_PRIV_H
#define WF_DECIDE_PRIV_H

#include "lib/base/arena.h"
#include "lib/offer/decide.h"

#define DECIDE_DAY_S 86400

/* Of a revision, with all that it bundles. */
enum decide_state {
	DECIDE_LACKS, /* a file or member that is absent */
	DECIDE_LACKS_SHA256, /* nothing but the SHA-256 of a file */
	DECIDE_LEFT_OUT, /* all that it declares, on purpose */
	DECIDE_COMPLETE
};

/* A KB number of a revision. */
struct decide_kb {
	const char *kb; /* borrowed from facts; first: sort_by_text() */
	uint32_t rev;
};

/* Arrays by revision and by update have one more as the end. */
struct decide_priv {
	struct arena arena; /* owned: all arrays */
	uint32_t today; /* since 1970 */
	/* By revision: the parts that it is a member of, in facts->parts; and
	   whose each part is. */
	uint32_t *inside, *inside_of, *part_rev;
	struct decide_kb *kbs; /* by number */
	/* By revision: enum decide_state, where nothing is declined; state is
	   base, or own. */
	uint8_t *base, *own;
	const uint8_t *state;
	bool *licensed; /* by revision: it, or what it bundles, has a EULA */
	/* By update: the newest revision held, or NONE; Software that may be
	   approved and watched; the day since which its files were complete;
	   they are those of the snapshot before. */
	uint32_t *newest;
	bool *approvable;
	uint32_t *since;
	bool *same_files;
	uint32_t *prev_update; /* by update: in prev->updates, or NONE */
	uint32_t *of_prev; /* the inverse */

	/* --- of one ring --- */
	const struct decide_ring *at; /* borrowed */
	uint32_t *prev_row; /* by update: in prev->offers, or NONE */
	/* By update: 1 and the last approve line that has its id, its KB. */
	uint32_t *by_id, *by_kb;
	uint32_t *upstream; /* by update: 1 and its approval, or 0 */
	uint32_t *declined; /* by revision: the line; HIDDEN; 0: it is not */
	bool any_declined;
	struct decide_verdict *verdicts; /* by update */
	/* By update: the number of its circle, higher where it supersedes; 0:
	   it is not approvable, or declined.  The others, superseding first. */
	uint32_t *circle, *order;
	size_t norder;
	uint32_t *cover; /* by update: who takes its place, or NONE */
	bool *holds; /* by update: in A */
	uint32_t *chosen; /* by update: the revision that is sent, or NONE */
	bool *fixed; /* by update: because a bundle names it */
	bool *in; /* by revision: in G */
	struct snapshot_offer *rows;
	size_t nrows;

	/* --- scratch --- */
	uint32_t *stack; /* of revisions or updates */
	uint32_t *stamp; /* by revision: of the walk that saw it */
	uint32_t walk;
	uint32_t *count; /* by revision, or by part */
	uint32_t *left; /* by part */
	uint32_t *low, *next, *seen, *path; /* by update */
};

#define DECIDE_HIDDEN_LINE UINT32_MAX /* in declined: by the upstream */

/* v[i].first up to v[i + 1].first: those of revision r. */
#define DECIDE_PARTS(f, r, i)                                                  \
	for (uint32_t i = (f)->revs[r].parts; i < (f)->revs[(r) + 1].parts; i++)
#define DECIDE_MEMBERS(f, p, i)                                                \
	for (uint32_t i = (f)->parts[p].first; i < (f)->parts[(p) + 1].first;  \
	     i++)
#define DECIDE_CLAUSES(f, r, i)                                                \
	for (uint32_t i = (f)->revs[r].clauses;                                \
	     i < (f)->revs[(r) + 1].clauses; i++)
#define DECIDE_ALTERNATIVES(f, c, i)                                           \
	for (uint32_t i = (f)->clauses[c].first;                               \
	     i < (f)->clauses[(c) + 1].first; i++)
#define DECIDE_SUPERSEDES(f, r, i)                                             \
	for (uint32_t i = (f)->revs[r].supersedes;                             \
	     i < (f)->revs[(r) + 1].supersedes; i++)
#define DECIDE_USES(f, r, i)                                                   \
	for (uint32_t i = (f)->revs[r].uses; i < (f)->revs[(r) + 1].uses; i++)

/* decide_complete.c: states into to; declined as above, or NULL. */
int decide_complete(const struct decide *d, const uint32_t *declined,
    uint8_t *to, struct err *e);
/* Every revision beneath rev, itself first, each once; those declined and what
   is beneath only them are passed over.  -1 as each() says. */
int decide_beneath(const struct decide *d, uint32_t rev,
    const uint32_t *declined,
    int (*each)(void *arg, uint32_t rev, struct err *e), void *arg,
    struct err *e);
/* decide_age.c: ages, since, same_files. */
int decide_ages(struct decide *d, struct err *e);

/* decide_lines.c: by_id, by_kb, upstream, declined. */
void decide_lines(struct decide *d);
/* Whom a KB number means: the place of the first in kbs. */
size_t decide_kb(const struct decide *d, const char *kb);
/* Does a line accept what names the revision's update, or (eula not NULL) its
   licence itself? */
bool decide_accepts(
    const struct decide *d, uint32_t rev, const struct guid *eula);
/* Are its licence and those of its members accepted? */
int decide_licence(
    const struct decide *d, uint32_t update, bool *accepted, struct err *e);

/* decide_order.c: circle and order. */
int decide_order(struct decide *d, struct err *e);

/* decide_verdict.c: verdicts and holds. */
int decide_verdicts(struct decide *d, struct err *e);
/* The row of the ring before with that action on the same files, or NULL. */
const struct snapshot_offer *decide_before(
    const struct decide *d, uint32_t update, enum rings_action a);
/* The first day of d's ring, from that one on, that is in no freeze. */
int64_t decide_thaw(const struct decide *d, int64_t day);

/* decide_deploy.c: G. */
int decide_deploy(struct decide *d, struct err *e);
/* decide_rows.c: what G becomes. */
void decide_fill(struct decide *d);

#endif
