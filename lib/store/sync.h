/* SPDX-License-Identifier: ISC */
/*
 * What the store knows of upstreams: how far a synchronization has come, and
 * what has arrived and is not yet taken.
 *
 * A run asks for lists; what of them is not held goes into the work list, in
 * the same transaction that keeps the list's anchor as pending.  Documents that
 * arrive go into the inbox, in the transaction that marks their work done and
 * adds what they refer to.  At the end one transaction takes the inbox, in the
 * order of kind, id and revision, whatever the order of arrival was, makes the
 * pending anchors valid and empties work list and inbox.  Nothing of a run that
 * was cut off is visible, and nothing of it is lost.
 *
 * Every call but the reading ones needs a writer's transaction.  A store of an
 * older schema reads as one that knows no upstream.
 *
 * The logical dump of a store (dump_store) has of all this only how much is
 * unfinished, which is nothing after a run that came to its end: the rest is
 * bookkeeping with times, random accounts and secrets.
 */
#ifndef WF_SYNC_H
#define WF_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/err.h"
#include "lib/store/store.h"

struct buf;

#define SYNC_URL_MAX 1024
#define SYNC_ANCHOR_MAX 1024
#define SYNC_DOC_MAX ((size_t)128 << 20) /* bytes of one document */
#define SYNC_WHY_MAX 256 /* of a reason that is kept; the rest is cut off */
#define SYNC_KEY_MAX 4096
#define SYNC_RUNS_KEPT 1000 /* the latest */
#define SYNC_EXTRA_MAX 1000 /* files of a document beyond those it names */
#define SYNC_LANGS_MAX 4096

/* Stored as numbers: never renumber. */
enum sync_kind {
	SYNC_CONFIG = 1, /* categories, classifications, detectoids */
	SYNC_LIST = 2, /* updates */
	SYNC_CLOSURE = 3 /* work: what documents refer to */
};

struct sync_upstream {
	int64_t row;
	char url[SYNC_URL_MAX]; /* base, normalised by the caller; the key */
	struct guid account; /* ours, drawn when the row is made; stays */
	char name[256]; /* account name of the last run */
	int64_t last_success; /* UTC seconds; 0: never */
	bool catalog_only, lazy, hosts_psf; /* as of the last run */
	uint32_t max_updates;
	char version[16];
	/* Those enabled there, short names with blanks between; "": not known. */
	char languages[SYNC_LANGS_MAX];
};

/* The row of that URL, made when it is not there.  E_LIMIT: 1 to SYNC_URL_MAX -
   1 bytes. */
int sync_upstream(
    struct store *s, const char *url, struct sync_upstream *u, struct err *e);
/* The same in two steps: 1 it is there; 0 it is not: row 0, an account was
   drawn and is kept by the second. */
int sync_upstream_find(
    struct store *s, const char *url, struct sync_upstream *u, struct err *e);
int sync_upstream_add(struct store *s, struct sync_upstream *u, struct err *e);
/* All but row, url and account. */
int sync_upstream_put(
    struct store *s, const struct sync_upstream *u, struct err *e);
int sync_each_upstream(struct store *s,
    int (*each)(void *arg, const struct sync_upstream *u, struct err *e),
    void *arg, struct err *e);

struct sync_anchor {
	char value[SYNC_ANCHOR_MAX]; /* valid; "": none */
	char pending[SYNC_ANCHOR_MAX]; /* of the list being worked on; "" */
	int64_t taken; /* when the pending list was asked for; 0 */
	int64_t full; /* when the last full list became valid; 0: never */
	bool pending_full;
	uint8_t filter[SHA256_LEN]; /* of value; another one makes it void */
	uint8_t pending_filter[SHA256_LEN];
};
/* All empty where nothing is kept. */
int sync_anchor(struct store *s, int64_t upstream, enum sync_kind k,
    struct sync_anchor *a, struct err *e);
int sync_anchor_put(struct store *s, int64_t upstream, enum sync_kind k,
    const struct sync_anchor *a, struct err *e);
/* Forget everything that leads on from an earlier list: ServerChanged.  Anchors
   and work of lists go; what documents refer to is all to do again. */
int sync_forget(struct store *s, int64_t upstream, struct err *e);

/* Work ----------------------------------------------------------------- */

struct sync_work {
	enum sync_kind kind;
	struct guid id;
	uint32_t revision; /* 0: of a prerequisite, no revision is known */
	unsigned tries;
};

/* One listed revision: into the work list unless it is held, in the inbox, or
   there already, under whatever kind; *added: it is to do now and was not. */
int sync_add(struct store *s, int64_t upstream, enum sync_kind k,
    const struct guid *id, uint32_t revision, bool *added, struct err *e);
/* Any revision of it will do: into the work list as revision 0, unless one is
   held, in the inbox, or there already. */
int sync_want(struct store *s, int64_t upstream, const struct guid *id,
    bool *added, struct err *e);
/* What is left to do, revision 0 not among it: the n next by kind, id, revision
   after `after` (NULL: from the start); returns how many, or -1. */
int sync_todo(struct store *s, int64_t upstream, const struct sync_work *after,
    struct sync_work *to, unsigned n, struct err *e);
/* Ids of revision 0 of which no revision is held, in the work list or in the
   inbox, the n first by id; returns how many, or -1.  Whoever has asked for one
   adds what he learned, or calls sync_unavailable with revision 0. */
int sync_dangling(struct store *s, int64_t upstream, struct guid *to,
    unsigned n, struct err *e);
/* Not to be had: kept with its count and time, asked for again by the next
   full list and not before.  What documents refer to: by that of SYNC_LIST. */
int sync_unavailable(struct store *s, int64_t upstream, const struct guid *id,
    uint32_t revision, const char *why, struct err *e);
/* Later: stays to do, holds the anchor back. */
int sync_later(struct store *s, int64_t upstream, const struct guid *id,
    uint32_t revision, const char *why, struct err *e);
/* Of the work list of one upstream, without revision 0; of the whole inbox. */
struct sync_counts {
	uint64_t todo; /* those tried among it */
	uint64_t tried, unavailable, inbox, inbox_bytes; /* unpacked */
};
int sync_counts(
    struct store *s, int64_t upstream, struct sync_counts *c, struct err *e);
/* Drop what lists have left to do, and pending anchors, for a new list.  The
   inbox stays, and what its documents refer to stays to do; so does what is
   not to be had. */
int sync_restart(struct store *s, int64_t upstream, struct err *e);

/* Inbox ----------------------------------------------------------------- */

/*
 * A document that was read; its work is done, for all upstreams.  packed: from
 * sync_pack().  What it bundles (exact) and needs (revision 0) is added to the
 * work list where nobody has it; d->extra is kept until it is taken.  One that
 * is held, or in the inbox, with the
 * same bytes: nothing more is done.  E_DIGEST: with other bytes; what came
 * first is kept, and the work is done all the same (no rollback is needed).
 * *added: how many were added.
 */
int sync_arrive(struct store *s, int64_t upstream, enum sync_kind k,
    const struct store_doc *d, uint64_t *added, struct err *e);
/* Packed for the store, with its dictionary where it has one; appended.
   E_LIMIT past SYNC_DOC_MAX. */
int sync_pack(struct store_packer *p, const void *doc, size_t len,
    struct buf *to, struct err *e);
/* In order of kind, id, revision.  The callback may put into the store. */
struct sync_arrived {
	struct guid id;
	uint32_t revision, units;
	const char *encoding; /* borrowed until the callback returns */
	uint8_t sha256[SHA256_LEN];
	uint64_t bytes;
	const void *packed; /* borrowed until the callback returns */
	size_t packed_len;
};
int sync_each_arrived(struct store *s,
    int (*each)(void *arg, const struct sync_arrived *a, struct err *e),
    void *arg, struct err *e);
/* The document, its SHA-256 compared; any thread.  What is not E_SYS says how
   the row is damaged. */
int sync_unpack(struct store_unpacker *u, const struct sync_arrived *a,
    struct buf *doc, struct err *e);
/* One that is damaged goes; it is to do again, at the upstream it came from. */
int sync_arrive_again(
    struct store *s, const struct guid *id, uint32_t revision, struct err *e);
/* Where a payload file can be had, the newest of each upstream: kept until the
   documents that name the file are taken. */
int sync_url_put(struct store *s, int64_t upstream,
    const uint8_t sha1[SHA1_LEN], const char *url, struct err *e);
/*
 * The inbox was put (all of it, derive_all() called): it goes, and so does
 * work for what is held by now; files that only lists name are put, and URLs of
 * files that are known, the others forgotten.  A pending anchor becomes valid
 * when nothing of its work is left to do: that of SYNC_LIST waits for
 * SYNC_CLOSURE, too.  Is something left and all of it was tried, then the
 * pending anchor goes, and the next run asks from the valid one again; is some
 * of it untried, then it stays pending.  Ids of revision 0 that are left are
 * not to be had.
 */
int sync_take(struct store *s, int64_t upstream, int64_t now, struct err *e);

/* Lists ------------------------------------------------------------------ */

/*
 * A full list is told between begin and end, in one transaction, beside
 * sync_add().  Under the filter of the list before: what of that is held or in
 * the inbox, and is not in this one by any revision, is absent since now.
 * Under another filter the list is only kept.  What was not to be had is to do
 * again when it is listed, else forgotten.
 */
int sync_listed_begin(struct store *s, int64_t upstream, enum sync_kind k,
    bool same_filter, struct err *e);
/* Outside of begin and end: of a list of changes, added to what was listed. */
int sync_listed(struct store *s, int64_t upstream, enum sync_kind k,
    const struct guid *id, uint32_t revision, struct err *e);
int sync_listed_end(struct store *s, int64_t upstream, enum sync_kind k,
    int64_t now, uint64_t *absent, struct err *e);
/* How many the list before had that are not absent since. */
int sync_listed_count(struct store *s, int64_t upstream, enum sync_kind k,
    uint64_t *n, struct err *e);
/* Revisions held that an upstream no longer lists, and no other does; by id,
   revision. */
int sync_each_absent(struct store *s,
    int (*each)(void *arg, const struct guid *id, uint32_t revision,
	int64_t since, struct err *e),
    void *arg, struct err *e);

/* Files ------------------------------------------------------------------ */

enum sync_outcome {
	SYNC_GOT = 1,
	SYNC_NOT_UPSTREAM = 2, /* 404: not downloaded there yet */
	SYNC_DAMAGED = 3, /* what came was something else */
	SYNC_FAILED = 4, /* the network, the server */
	SYNC_NO_URL = 5
};
struct sync_file {
	uint8_t sha1[SHA1_LEN];
	enum sync_outcome outcome;
	int64_t at;
	unsigned tries;
	const char *why; /* borrowed */
};
/* The latest outcome of each file; by SHA-1. */
int sync_file_put(struct store *s, const struct sync_file *f, struct err *e);
int sync_each_file(struct store *s,
    int (*each)(void *arg, const struct sync_file *f, struct err *e), void *arg,
    struct err *e);
/* A key that decrypts a file: a secret, never in a log or a dump.  n 0: there
   is none; asked for again after the next full list.  E_LIMIT: SYNC_KEY_MAX. */
int sync_key_put(struct store *s, const uint8_t sha1[SHA1_LEN], const void *key,
    size_t n, struct err *e);
/* There is no key for those encrypted files of it that have none. */
int sync_key_none(
    struct store *s, const struct guid *id, uint32_t revision, struct err *e);
/* Revisions that are secured, or have encrypted files, of which the key was
   not put; in order of arrival. */
int sync_each_keyless(struct store *s,
    int (*each)(
	void *arg, const struct guid *id, uint32_t revision, struct err *e),
    void *arg, struct err *e);

/* Runs -------------------------------------------------------------------- */

struct sync_run {
	int64_t began, ended;
	int status; /* exit status */
	uint64_t requests, revisions, files, bytes, failed;
};
/* The latest run: 1, 0 there was none, -1. */
int sync_last_run(
    struct store *s, int64_t upstream, struct sync_run *r, struct err *e);
int sync_run_put(
    struct store *s, int64_t upstream, const struct sync_run *r, struct err *e);
/* What is to be said of a matter, by its hash: *news: the run before said
   something else, or nothing; it is kept for the next one. */
int sync_told(struct store *s, int64_t upstream, const char *matter,
    const uint8_t sha256[SHA256_LEN], bool *news, struct err *e);

#endif
