/* SPDX-License-Identifier: ISC */
/*
 * What the rows say of revisions that are gone through in order of arrival, or
 * nearly so: each table is read in one pass.  Between opening and closing the
 * store must not be changed, and its transaction not end.
 */
#ifndef WF_STORE_WALK_H
#define WF_STORE_WALK_H

#include "lib/store/store.h"

struct store_walk;

int store_walk_open(struct store_walk **w, struct store *s, struct err *e);
/* As store_rev(), without newest and kb. */
int store_walk_rev(
    struct store_walk *w, int64_t row, struct store_rev *r, struct err *e);
/* As store_each_file_of(); the callback may not use the walk. */
int store_walk_files(struct store_walk *w, int64_t row,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e);
/* As store_each_category_of(). */
int store_walk_categories(struct store_walk *w, int64_t row,
    enum category_type kind,
    int (*each)(
	void *arg, const struct guid *id, const char *title, struct err *e),
    void *arg, struct err *e);
/* As store_kbs_of(). */
int store_walk_kbs(
    struct store_walk *w, int64_t row, struct buf *to, struct err *e);
void store_walk_close(struct store_walk *w);

#endif
