/* SPDX-License-Identifier: ISC */
/* Can a payload file be given out? */
#ifndef WF_HERE_H
#define WF_HERE_H

#include <stdbool.h>

struct content;
struct err;
struct store;
struct store_file;

/*
 * present: its row says so, and it is there with the size that the row has.  A
 * store without payload may get some while we run: c is opened when it does.
 */
int here_look(struct content *c, struct store *s, const struct store_file *f,
    bool *present, struct err *e);
/* That alone. */
int here_open(struct content *c, struct store *s, struct err *e);

#endif
