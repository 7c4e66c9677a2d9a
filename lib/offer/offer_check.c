/* SPDX-License-Identifier: ISC */
/* Are the files of the offer what they were when they were written? */
#include <inttypes.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/words.h"
#include "lib/offer/offer_priv.h"
#include "lib/store/store.h"

struct check {
	struct offer *b;
	const char *name; /* borrowed: of the index */
	uint64_t bytes; /* of its segments */
};

/* One that several snapshots name is told for each: which of them is left
   matters. */
static int
bad_text(void *arg, const char *what, const struct err *fault, struct err *e)
{
	struct check *c = arg;

	(void)e;
	log_finding(c->b->log, fault->kind, what, fault->at, "%s (of %s)",
	    fault->msg, c->name);
	return 0;
}

static int
check_one(struct check *c, uint32_t generation, struct err *e)
{
	struct snapshot s = SNAPSHOT_INIT;
	char name[SNAP_NAME_MAX];
	int r = snap_read(
	    &s, c->b->dirfd, store_id(c->b->store), generation, e);

	snap_name(name, generation);
	c->name = name;
	if (r == 0) {
		r = texts_check(&s, c->b->dirfd, c->b->o->jobs, bad_text, c, e);
		for (size_t i = 0; i < s.nsegments; i++)
			c->bytes += s.segments[i].size;
	} else if (!err_is_ours(e)) {
		log_finding_err(c->b->log, name, e);
		r = 0;
	}
	snapshot_free(&s);
	return r;
}

static int
check_current(struct check *c, const struct snap_list *l, struct err *e)
{
	uint32_t is = 0;
	size_t i = 0;
	int r = snap_current(c->b->dirfd, &is, e);

	if (r == -1 && err_is_ours(e))
		return -1;
	if (r == -1) {
		log_finding_err(c->b->log, SNAP_CURRENT, e);
		return 0;
	}
	while (i < l->n && l->v[i] != is)
		i++;
	if (r == 0 && l->n > 0)
		log_finding(c->b->log, E_MISSING, SNAP_CURRENT, E_NO_OFFSET,
		    "there is none, so no snapshot is served; compile anew");
	else if (r == 1 && i == l->n)
		log_finding(c->b->log, E_MISSING, SNAP_CURRENT, E_NO_OFFSET,
		    "names %06" PRIu32
		    ".snap, which is not there; compile anew",
		    is);
	return 0;
}

static void
sum_up(struct check *c, size_t n)
{
	struct json j = JSON_INIT;

	json_begin(&j);
	json_str(&j, "type", "summary");
	json_num(&j, "snapshots", n);
	json_num(&j, "findings", c->b->log->findings);
	log_summary(c->b->log, &j, "%s, %s of texts read: %s",
	    words_count(n, "snapshot").s, words_size(c->bytes).s,
	    words_count(c->b->log->findings, "fault").s);
	json_free(&j);
}

int
offer_check(struct offer *b, struct err *e)
{
	struct check c = {.b = b};
	struct snap_list l = {.v = NULL};
	int r = 0;

	if (b->dirfd == -1)
		return err_set(e, E_MISSING,
		    "there is no offer yet: compile one with a ring file");
	if (snap_list(&l, b->dirfd, e) == -1)
		return -1;
	for (size_t i = 0; r == 0 && i < l.n; i++)
		r = check_one(&c, l.v[i], e);
	if (r == 0)
		r = check_current(&c, &l, e);
	if (r == 0)
		sum_up(&c, l.n);
	snap_list_free(&l);
	return r;
}
