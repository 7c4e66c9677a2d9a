/* SPDX-License-Identifier: ISC */
/* What cannot leave, and what leaves without its payload. */
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/export/export_priv.h"
#include "lib/store/store.h"

#define NFIRST (sizeof(((struct export *)0)->first_left) / sizeof(struct words))

/* One that lacks nothing itself is told with others of its kind. */
static int
see_left(void *arg, const struct plan_left *l, struct err *e)
{
	struct export *x = arg;
	struct store_rev r;

	x->left_out++;
	if (row_set_add(&x->asked, l->row, e) == -1)
		return -1;
	if (!l->held)
		return 0;
	if (x->held_back < NFIRST) {
		if (store_rev(x->store, l->row, &r, e) == -1)
			return -1;
		x->first_left[x->held_back] = lacking_name(r.kb, &r.id);
	}
	x->held_back++;
	return 0;
}

int
export_plan(struct export *x, struct err *e)
{
	if (plan_make(&x->plan, x->store, &x->sel, see_left, x, e) == -1)
		return -1;
	for (size_t i = 0; i < x->plan.n; i++)
		if (row_set_add(&x->asked, x->plan.items[i].row, e) == -1 ||
		    row_set_add(&x->planned, x->plan.items[i].row, e) == -1)
			return -1;
	return 0;
}

static void
tell_held_back(const struct export *x)
{
	if (x->held_back == 0)
		return;
	log_event(x->log, LOG_WARN, NULL,
	    "%s cannot leave because of %s: %s%s%s%s%s%s",
	    words_count(x->held_back, "more revision").s,
	    x->lacking.revisions == 1 ? "that one" : "those",
	    x->first_left[0].s, x->held_back > 1 ? ", " : "",
	    x->first_left[1].s, x->held_back > 2 ? ", " : "",
	    x->first_left[2].s, x->held_back > NFIRST ? ", ..." : "");
}

/* Held or not, what is not wanted is left out of the transfer. */
static void
count_left_out(const struct export *x, struct lacking *l)
{
	for (size_t i = 0; i < x->pack.nfiles; i++)
		if (x->pack.files[i].unwanted && !x->pack.files[i].there &&
		    !x->pack.files[i].told) {
			l->left_out++;
			l->left_out_bytes += x->pack.files[i].size;
		}
}

int
export_tell_lacking(struct export *x, struct err *e)
{
	struct lacking left_out = {.left_out = 0};
	const struct lacking_how how = {.subject = x->o->store,
	    .verb = "cannot leave",
	    .left_out = x->o->package == NULL ? &left_out : NULL};
	/* Of the store, as everybody tells it; but not where a person named
	   the updates, or an earlier transfer has told. */
	bool part = x->sel.n > 0 || x->base_sequence != 0;
	struct lacking_of of = {.only = part ? &x->asked : NULL,
	    .no_files = x->o->package != NULL,
	    .gone = &x->gone};

	if (x->o->policy != NULL) {
		of.wanted = choose_files_has;
		of.arg = &x->wanted;
	}
	count_left_out(x, &left_out);
	if (lacking_tell(x->store, x->log, &of, &how, &x->lacking, e) == -1)
		return -1;
	tell_held_back(x);
	if (x->lacking.damaged != 0)
		return err_set(e, E_DIGEST,
		    "%s of the store %s lost or damaged, so nothing is "
		    "exported: fetch, or import again what brought %s, and "
		    "what cannot be had is absent from then on",
		    words_count(x->lacking.damaged, "payload file").s,
		    words_pick(x->lacking.damaged, "is", "are"),
		    words_pick(x->lacking.damaged, "it", "them"));
	if (x->lacking.files != 0 && x->o->strict)
		return err_set(e, E_MISSING,
		    "%s not held, and --strict was given",
		    words_count(x->lacking.files, "payload file").s);
	return 0;
}
