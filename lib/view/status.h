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
	bool imported; /* a transfer or package was: the last of them */
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
/* "north-000003", of a package the name of its file, of a fetch the
   upstream. */
#define STATUS_NAME_MAX 300
void status_transfer(char to[STATUS_NAME_MAX], const struct ledger_row *r);

/*
 * The same in rows, each judged: on one screen, what is well and what is not.
 * Rows that a store has nothing for are left out.
 */
enum status_is {
	STATUS_GOOD,
	STATUS_LACKING, /* payload or revisions: exit status 10 */
	STATUS_BAD
};
struct status_row {
	const char *name; /* "release", "import", "room", ... */
	enum status_is is;
	const char *text; /* borrowed until the callback returns */
};
struct status_limits {
	/* A release is old so many days behind the second Tuesday of a month that
	   follows it. */
	uint64_t release_days;
	uint64_t transfer_days; /* without an import, or an export */
	uint64_t receipt_days; /* sent, and not acknowledged */
	uint64_t fetch_days;
	uint64_t room_times; /* the last transfer has to find room */
};
#define STATUS_LIMITS                                                          \
	{                                                                      \
		.release_days = 10, .transfer_days = 35, .receipt_days = 35,   \
		.fetch_days = 2, .room_times = 2                               \
	}
/* In a snapshot, of which t was read.  now: UTC seconds. */
int status_each(struct store *s, const struct status *t,
    const struct status_limits *lim, int64_t now,
    int (*each)(void *arg, const struct status_row *r, struct err *e),
    void *arg, struct err *e);
/* "good", "lacking", "bad" */
const char *status_word(enum status_is is);

#endif
