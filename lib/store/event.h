/* SPDX-License-Identifier: ISC */
/*
 * What happened to transfers beside their being written and imported: forks,
 * restores, receipts, read-backs.  Events are added, never changed.
 */
#ifndef WF_EVENT_H
#define WF_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/enc.h"

struct buf;
struct err;
struct store;

/* Words that programs look for. */
#define EVENT_FORK "fork" /* a person took it: numbers go on from that row */
#define EVENT_ALLOWED "allowed" /* a person took one that is older */
#define EVENT_RESUMED "resumed" /* a store that was set back went on */
#define EVENT_RECEIPT "receipt" /* taken */
#define EVENT_HELD "held" /* a person vouched for a transfer */
#define EVENT_READ_BACK "read-back" /* of a medium; good or not */
#define EVENT_PLAN "plan" /* text: SHA-256 of the approved one, "" none */

struct event {
	int64_t row;
	int64_t time; /* UTC seconds */
	const char *kind; /* borrowed: one of the words above */
	int64_t ledger; /* the row that it is about, or 0 */
	struct guid origin; /* zero: of no store's transfers */
	uint64_t sequence; /* or 0 */
	const char *text; /* borrowed: for people; not NULL */
};

int event_add(struct store *s, const struct event *v, struct err *e);
/* In the order in which they came; strings are borrowed until it returns. */
int event_each(struct store *s,
    int (*each)(void *arg, const struct event *v, struct err *e), void *arg,
    struct err *e);
/* The text of the latest event of that kind about a row of the ledger: 1, 0
   there is none, -1.  What is longer than room is cut. */
int event_text(struct store *s, const char *kind, int64_t ledger, char *text,
    size_t room, struct err *e);
/* All of them, as they came, with "; " between, at the end of text. */
int event_texts(struct store *s, const char *kind, int64_t ledger,
    struct buf *text, struct err *e);
/* The latest row of the ledger that an event of that kind is about, of an
   origin; 0: there is none. */
int event_last(struct store *s, const char *kind, const struct guid *origin,
    int64_t *ledger, struct err *e);

#endif
