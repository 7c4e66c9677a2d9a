/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: the table of that name, which has what lists ask for
 * of each newest revision of software and drivers, so that no reader works it
 * out: a row for each, with
 *
 *	superseded  the newest revision of another update supersedes it
 *	top         the date by which pages order it, "" where it has none; null
 *	            where a bundle holds it
 *	files       rows of the files of it and of all that it bundles, see
 *	            shown_files(); null where there are more than are kept
 *
 * It follows from the documents, and from the files that upstreams added to
 * them.  Whoever changes those says so by shown_mark(); the end of the
 * transaction writes the rows that differ.
 */
#ifndef WF_SHOWN_H
#define WF_SHOWN_H

#include <stddef.h>
#include <stdint.h>

struct check;
struct err;
struct graph;
struct nums;
struct store;

/* Beyond these files and revisions beneath one, files is null. */
#define SHOWN_FILES_MAX 1024
#define SHOWN_PARTS_MAX 1024

/* What the rows follow from has changed in the open transaction. */
void shown_mark(struct store *s);
/* The rows as they follow from what the store holds: all of it stands in g. */
int shown_put(struct store *s, const struct graph *g, struct err *e);
/* The same where shown_mark() was called, before a transaction ends. */
int shown_commit(struct store *s, struct err *e);
/* Findings where the rows are others. */
int shown_check(struct check *c, const struct graph *g, struct err *e);
/* The rows of files out of that column, ascending, into to (emptied first).
   E_FORMAT: it is damaged. */
int shown_files(struct nums *to, const void *files, size_t len, struct err *e);

#endif
