/* SPDX-License-Identifier: ISC */
/* What a page on one update asks for: its revisions, and what it has to do with
   others.  In a snapshot. */
#ifndef WF_STORE_RELATED_H
#define WF_STORE_RELATED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/store/store_list.h"

struct err;
struct store;

enum store_relation {
	STORE_REL_NEEDS, /* prerequisites; of alternatives each */
	STORE_REL_HOLDS, /* exact revisions that it bundles */
	STORE_REL_INSIDE, /* newest revisions that bundle exactly this one */
	STORE_REL_OLDER, /* updates that it supersedes */
	STORE_REL_NEWER, /* newest revisions of others that supersede it */
	STORE_RELS
};

struct store_related {
	struct guid id;
	uint32_t revision; /* HOLDS: which; else 0 */
	int64_t row; /* of that one, or of the newest; 0: it is not held */
	const char *title; /* borrowed until the callback returns; or NULL */
	bool any; /* one of alternatives: those of a group */
	bool category; /* NEEDS: which stands for a product and the like */
	uint32_t group;
};

/*
 * r: row, id and revision are looked at.  In the document's order; INSIDE and
 * NEWER by row: these read a whole table, so ask for them where lists show that
 * there is any.  A callback that returns 1 has heard enough.
 */
int store_each_related(struct store *s, const struct store_rev *r,
    enum store_relation k,
    int (*each)(void *arg, const struct store_related *x, struct err *e),
    void *arg, struct err *e);

/* The same of one row that may be such a one, INSIDE or NEWER: no table is read
   but for it. */
int store_related_by(struct store *s, const struct store_rev *r,
    enum store_relation k, int64_t row,
    int (*each)(void *arg, const struct store_related *x, struct err *e),
    void *arg, struct err *e);
/* INSIDE, NEWER: every row that names an update so, ascending, with its id. */
int store_each_tie(struct store *s, enum store_relation k,
    int (*each)(void *arg, int64_t row, const struct guid *id, struct err *e),
    void *arg, struct err *e);

/* Each revision held, the highest first. */
int store_each_revision(struct store *s, const struct guid *id,
    int (*each)(void *arg, int64_t row, uint32_t revision, struct err *e),
    void *arg, struct err *e);
/* The row of the ledger with which a revision came; 0: before there were
   any. */
int store_came_with(
    struct store *s, int64_t row, int64_t *transfer, struct err *e);
/* Each file that some revision names, by row, with the first that does. */
int store_each_first_use(struct store *s,
    int (*each)(void *arg, int64_t file, int64_t rev, struct err *e), void *arg,
    struct err *e);
/* Updates of which a revision names that file, each id once; a table is
   read. */
int store_each_naming(struct store *s, int64_t file,
    int (*each)(void *arg, const struct guid *id, struct err *e), void *arg,
    struct err *e);
/* What lists show of one newest revision: *superseded, and *inner, a bundle
   holds it.  1, 0 they don't show it, -1. */
int store_is_shown(
    struct store *s, int64_t row, bool *superseded, bool *inner, struct err *e);

#endif
