/* SPDX-License-Identifier: ISC */
/*
 * Inside lib/store only: rows that are asked for by a key, most often each a
 * little beyond the last.  The statement has "WHERE key >= ? ORDER BY key" and
 * is begun again only where that is shorter than reading on.
 */
#ifndef WF_SCAN_H
#define WF_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/store_db.h"

struct scan {
	struct store *s; /* borrowed */
	enum store_sql id;
	int column; /* of the key */
	struct query q; /* read it while a row is stood on */
	bool open, ended; /* ended: no row is left */
	int64_t from, at; /* no key is in [from, at), where it stands */
};

/* The statement is reset; a transaction may end then. */
void scan_close(struct scan *c);
/* To the first row whose key is that or greater: 1, 0 there is none, -1.
   The key is in at. */
int scan_from(struct scan *c, int64_t key, struct err *e);
/* To the first row of that key: 1, 0 there is none, -1; then to its next. */
int scan_to(struct scan *c, int64_t key, struct err *e);
int scan_next(struct scan *c, struct err *e);

#endif
