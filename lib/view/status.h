/* SPDX-License-Identifier: ISC */
/* The state of a store in one line: what is newest, what came last, what it
   lacks. */
#ifndef WF_STATUS_H
#define WF_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store/ledger.h"
#include "lib/store/lacking.h"

struct err;
struct json;
struct store;

struct status {
	char newest[11]; /* day of the newest release that lists show, or "" */
	bool imported; /* something was: the last of it */
	struct ledger_row import;
	int64_t fetched; /* UTC, when the last fetch ended well; 0: never */
	struct lacking lacking;
};

/* In a snapshot.  Borrows nothing. */
int status_read(
    struct status *t, struct store *s, const struct lacking *l, struct err *e);
/* "Newest release held: 2026-11-10. Last import: north-000003 on 2026-11-12.
   Nothing is lacking." */
#define STATUS_LINE_MAX 1024
void status_line(char to[STATUS_LINE_MAX], const struct status *t);
/* "north-000003", or of a package the name of its file. */
#define STATUS_NAME_MAX 300
void status_transfer(char to[STATUS_NAME_MAX], const struct ledger_row *r);

#endif
