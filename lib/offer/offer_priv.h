/* SPDX-License-Identifier: ISC */
/* Inside offer*.c only. */
#ifndef WF_OFFER_PRIV_H
#define WF_OFFER_PRIV_H

#include "formats/rings.h"
#include "formats/snapshot.h"
#include "lib/offer/decide.h"
#include "lib/offer/facts.h"
#include "lib/offer/offer.h"
#include "lib/offer/select.h"
#include "lib/offer/texts.h"
#include "lib/view/snap.h"

struct store;

/* What a ring is offered; revision is a place in facts.revs. */
struct offer_rows {
	struct snapshot_offer *v; /* owned */
	size_t n;
};

struct offer {
	const struct offer_opts *o; /* borrowed */
	struct log *log; /* borrowed */
	struct store *store; /* owned */
	int dirfd; /* owned: STORE/offer; -1: there is none */
	int64_t now; /* UTC seconds */
	struct rings rings; /* owned; with the ring `default` */
	uint8_t file_hash[BLAKE_LEN]; /* of the ring file */
	struct snapshot prev; /* owned: the newest sound one */
	bool has_prev;
	uint32_t highest; /* number in STORE/offer, sound or not; 0: none */
	struct facts facts; /* owned */
	struct select select; /* owned */
	struct decide decide; /* owned */
	uint8_t lists_hash[BLAKE_LEN]; /* select's */
	struct snapshot_age *ages; /* owned: decide's */
	size_t nages;
	struct offer_rows *rows; /* owned; as many as rings */
	struct snapshot next; /* owned */
	struct texts_row *at; /* owned; of each of next.revisions */
	struct texts_done texts;
};

/* offer_open.c: the ring file; the store and what stands in its offer. */
int offer_read_rings(struct offer *b, struct err *e);
int offer_open(struct offer *b, bool writes, struct err *e);
/* offer_rows.c: facts, and what rings select of them. */
int offer_facts(struct offer *b, struct err *e);
/* The same, and the rows of all rings. */
int offer_decide(struct offer *b, struct err *e);

/* offer_notice.c: what is told of rings; of one and the same once. */
#define OFFER_NOTICES (DECIDE_USELESS + 1)
struct offer_notices {
	struct offer *b; /* borrowed */
	uint8_t *seen; /* owned; of each of facts.revs: bits of kinds */
	uint64_t n[OFFER_NOTICES];
};
/* Of the ring decided last. */
int offer_notice(struct offer_notices *n, const char *ring, struct err *e);
/* How many there were that were not told. */
void offer_notice_rest(const struct offer_notices *n);

/* offer_index.c: b->next out of rows: all but texts and configuration. */
int offer_index(struct offer *b, struct err *e);
/* offer_rings.c: its part; place: of each of facts.revs, in next.revisions. */
int offer_index_rings(struct offer *b, const uint32_t *place, struct err *e);
/* A revision of a table of its own, and its id; an order of these; an order of
   struct snapshot_offer. */
struct offer_given {
	uint32_t n, rev;
};
int offer_by_n(const void *a, const void *b);
int offer_by_revision(const void *a, const void *b);

/* offer_write.c: next, which is whole, gets its name; then `current` does; then
   what nobody needs goes.  E_SYS, E_DIGEST. */
int offer_write(struct offer *b, struct err *e);
/* Nothing is to be written: what a killed run did not come to is done now. */
int offer_settle(struct offer *b, struct err *e);
/* Does next say anything but another generation, time and lineage?  1 0 -1 */
int offer_is_news(struct offer *b, struct err *e);

/* offer_compare.c */
enum offer_change_kind {
	OFFER_GAINS,
	OFFER_LOSES,
	OFFER_CHANGES, /* another action, deadline or revision */
	OFFER_WAITS, /* withheld now, or for another reason */
	OFFER_DROPS, /* withheld before, and nothing now */
	OFFER_CHANGE_KINDS
};
struct offer_change {
	enum offer_change_kind kind;
	char ring[SNAPSHOT_RING_NAME + 1];
	struct guid id;
	/* Borrowed; NULL: nothing was, nothing is. */
	const struct snapshot_offer *from, *to;
	uint32_t from_revision, revision; /* RevisionNumbers, or 0 */
};
/* old: NULL: there is none.  In order of rings and UpdateIDs. */
int offer_compare(const struct snapshot *old, const struct snapshot *new,
    int (*each)(void *arg, const struct offer_change *c, struct err *e),
    void *arg, struct err *e);
/* Is it there to be installed or removed? */
bool offer_holds(const struct snapshot_offer *o);
const char *offer_change_word(enum offer_change_kind k); /* "gains" */

/* offer_guard.c: what a changed ring file does needs --yes: E_USAGE. */
int offer_guard(struct offer *b, struct err *e);
/* What can hurt a plant. */
enum offer_harm {
	OFFER_HARMLESS,
	OFFER_UNINSTALLS, /* a new removal */
	OFFER_HURRIES /* a deadline that is new or earlier */
};
enum offer_harm offer_harm(const struct offer_change *c);
/* offer_diff.c: changes as data. */
int offer_diff(struct offer *b, const struct snapshot *old,
    const struct snapshot *new, struct err *e);
/* Those alone that can hurt. */
int offer_diff_harms(struct offer *b, const struct snapshot *old,
    const struct snapshot *new, struct err *e);

/* offer_tell.c: what each ring is offered, and what a first scan takes. */
int offer_tell(struct offer *b, const struct snapshot *s, struct err *e);
/* An update as people know it; cut where it is long. */
struct offer_named {
	char name[64]; /* "KB5000001", or the id */
	char kb[24]; /* "5000001", or "" */
	char title[200];
};
int offer_named(struct store *s, const struct guid *id, struct offer_named *n,
    struct err *e);

/* offer_scan.c: calls of SyncUpdates, at most, and what they bring. */
struct offer_scan {
	uint64_t calls, updates, bytes; /* bytes: of Core texts, escaped */
};
int offer_scan(const struct snapshot *s, size_t ring, struct offer_scan *to,
    struct err *e);

/* offer_back.c: b->next as it was in the snapshot before b->prev. */
int offer_back(struct offer *b, struct err *e);
/* offer_check.c, offer_explain.c */
int offer_check(struct offer *b, struct err *e);
int offer_explain(struct offer *b, struct err *e);

#endif
