/* SPDX-License-Identifier: ISC */
/* The columns of updates in CSV, wherever they are given out. */
#ifndef WF_UPDATES_H
#define WF_UPDATES_H

struct buf;
struct csv;
struct err;
struct store_rev;

/* A byte order mark, so that spreadsheets take it for UTF-8, and the names of
   the columns; columns are only ever added. */
int updates_csv_head(struct buf *to, struct csv *c, struct err *e);
struct updates_row {
	const struct store_rev
	    *rev; /* id, revision, severity, created, title */
	const char *kbs; /* numbers, a blank between them */
	const char *state; /* store_show_state() */
	const char *classes, *products; /* titles, joined by "; " */
};
int updates_csv_row(
    struct buf *to, struct csv *c, const struct updates_row *r, struct err *e);

#endif
