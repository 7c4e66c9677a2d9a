/* SPDX-License-Identifier: ISC */
/*
 * The store: a folder that holds everything one side knows.  store.db (SQLite,
 * WAL, 32 KiB pages, synchronous FULL) has everything but payload; WsusContent
 * has the payload (content.h); staging/ may be emptied whenever nothing runs.
 * What the store knows of upstreams: sync.h.
 *
 * One thread uses a store.  Only files in lib/store include <sqlite3.h>.
 */
#ifndef WF_STORE_H
#define WF_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct buf;
struct err;
struct log;
struct state_line;
struct store;

#define STORE_SCHEMA 7 /* PRAGMA user_version */
#define STORE_SITE_MAX 32
/* Arrays by row end there: a row beyond it is damaged. */
#define STORE_ROWS_MAX ((int64_t)1 << 28)

enum store_mode {
	STORE_READ, /* read-only, creates no file; a lock, see below */
	STORE_TRY, /* as CREATE, but nothing of the store is written */
	STORE_WRITE, /* exclusive among writers; the store must exist */
	STORE_CREATE /* as WRITE; born where it is absent or an empty folder */
};

/*
 * A reader takes no lock, but for a store without its -wal and -shm: that is
 * read as a file that nobody changes, and while it is open writers are kept
 * out by a shared lock where there is a lock file.  It takes an older schema
 * as it is, and finds nothing where that has no tables.
 *
 * A writer changes nothing of the store before store_accept(), and may commit
 * only after.  Its transactions see the present schema: the first that commits
 * brings an older one up.  A store to be born is empty until then, and not on
 * the disk; nothing put into it before is kept.
 *
 * TRY: what is committed is seen by this handle alone and gone with it; it is
 * in a file without a name in TMPDIR.  Writers are kept out meanwhile.
 *
 * Errors: E_USAGE (no store there, or one without its database; a folder that
 * is no store; a bad site), E_BUSY (another writer), E_FORMAT (not our
 * database, a newer schema), E_SYS.  site: NULL for "site", for birth only.
 */
int store_open(struct store **s, const char *dir, enum store_mode mode,
    const char *site, struct err *e);
/*
 * Is a store in that folder, so far as can be said without opening it?
 * E_USAGE: there is no database, or it is a link; one that was lost is told.
 */
int store_look(int dirfd, struct err *e);
/*
 * A new store in memory, of which nothing is kept: texts that are put are
 * forgotten at once, the rest at its close; a few hundred bytes a revision.
 */
int store_nothing(struct store **s, struct err *e);
bool store_is_nothing(const struct store *s);
void store_close(struct store *s); /* rolls back what was not committed */
/*
 * The input is good so far as can be said before it is taken: from here on the
 * store may be changed.  Now it is born if need be, and staging is emptied.  A
 * transaction that is open goes on; log hears of a schema that will change.
 */
int store_accept(struct store *s, struct log *log, struct err *e);
bool store_unborn(const struct store *s); /* not there yet */
bool store_born(const struct store *s); /* by store_accept() */
bool store_raised(const struct store *s); /* a commit raises its schema */
/*
 * Takes away a store that was born, and of it what this run made: where there
 * is something else in it, it stays.  Then only store_close() is left.
 */
void store_take_back(struct store *s);
/*
 * Events go to a file from now on: path, or else the one called usual in the
 * store.  A store that is not there yet has none: call again when it is.
 * E_USAGE: the store needs that file itself.
 */
int store_log(struct store *s, struct log *log, const char *path,
    const char *usual, struct err *e);
/*
 * A folder of the store's own file system for files without a name, whether
 * there is a store or not: owned by the caller.  -1 for who may not write.
 */
int store_scratch(const struct store *s, int *dirfd, struct err *e);
const struct guid *store_id(const struct store *s);
const char *store_site(const struct store *s);
/* Borrowed; -1: there is no folder yet. */
int store_dirfd(const struct store *s);
/* Borrowed; -1 where nothing is written, or not yet. */
int store_staging(const struct store *s);

/* One transaction: a snapshot for a reader, all or nothing for a writer. */
int store_begin(struct store *s, struct err *e);
int store_commit(struct store *s, struct err *e);
/* The end of what was begun, by its result: committed, or, for -1, rolled
   back.  r, or -1. */
int store_end(struct store *s, int r, struct err *e);
void store_rollback(struct store *s);

/*
 * Documents are kept compressed (zstd, with a dictionary where one was
 * trained).  A packer is used by one thread; it has a copy of the dictionary
 * that the store had when it was opened.
 */
struct store_packer;
int store_packer_open(
    struct store_packer **p, const struct store *s, struct err *e);
/* With the dictionary that has been trained since; on the store's thread. */
int store_packer_renew(
    struct store_packer *p, const struct store *s, struct err *e);
int store_pack(struct store_packer *p, const void *doc, size_t len,
    struct buf *to, struct err *e);
/* Is that what the packer would make of its document? */
bool store_is_packed(
    const struct store_packer *p, const void *packed, size_t len);
void store_packer_close(struct store_packer *p);
/*
 * The way back: of one thread, any, while no dictionary is trained; what it
 * needs is made at its first use, and kept for the next.
 */
struct store_unpacker {
	const struct store *from; /* borrowed: whose dictionaries */
	void *ctx; /* owned */
};
void store_unpacker_free(struct store_unpacker *u);
/*
 * Train and keep a dictionary from n documents laid end to end, if the store
 * has none and they are enough: STORE_TRAIN_MIN, or half of the bytes; else
 * does nothing.
 */
#define STORE_TRAIN_MIN 200
#define STORE_TRAIN_BYTES ((size_t)4 << 20) /* how much a caller may gather */
bool store_has_dict(const struct store *s);
int store_train(struct store *s, const void *docs, const size_t *lens,
    unsigned n, struct err *e);

/* What store_put() asks of an update, in that arena.  NULL: it is full. */
struct arena;
const struct update *store_copy_update(const struct update *u, struct arena *a);

/* A document and its facts, ready to be put. */
struct store_doc {
	const struct update *u; /* borrowed */
	uint8_t sha256[SHA256_LEN]; /* of the document's bytes */
	uint32_t bytes, units; /* UTF-8 bytes; UTF-16 code units */
	const void *packed; /* borrowed; from store_pack() */
	size_t packed_len;
	const char *encoding; /* as it was seen: "utf-8", "utf-16le" */
	/* Another one of the same ledger row must be the same to the byte. */
	bool exact;
	/* For sync_arrive(): borrowed: files listed that u does not name. */
	const uint8_t (*extra)[SHA1_LEN];
	size_t nextra;
};

enum store_put {
	STORE_NEW,
	STORE_HELD, /* to the byte */
	STORE_ALIKE, /* held with other line ends (held.h) */
	STORE_OTHER /* E_DIGEST: held with another document */
};

/*
 * Put a revision with all that is derived from it; arrival order is the order
 * of puts.  One that is held already keeps its place and its bytes.
 * E_DIGEST: STORE_OTHER; a payload digest with another size or SHA-256 than
 * known.  transfer: ledger row id.
 */
int store_put(struct store *s, const struct store_doc *d, int64_t transfer,
    enum store_put *r, struct err *e);
/* A source of a payload file that some document names; else ignored. */
int store_put_url(struct store *s, const uint8_t sha1[SHA1_LEN],
    const char *url, const char *source, struct err *e);
/*
 * A payload file of a revision that its document does not name, but an upstream
 * does, or a transfer: it stands behind those of the document.  Nothing is done
 * where the revision has it already, or is not held.  name: what the file is
 * called where no document has named it; "" for nothing.
 */
int store_put_extra(struct store *s, const struct guid *id, uint32_t revision,
    const uint8_t sha1[SHA1_LEN], const char *name, struct err *e);
/* A line of state.jsonl that we do not know: kept, passed on by exports. */
int store_put_state(
    struct store *s, const char *line, size_t len, struct err *e);
/*
 * What a line of a transfer says of its revisions and files is taken into the
 * rows; one that we do not know is kept as it stands.
 */
int store_state_take(struct store *s, const struct state_line *l,
    const char *text, size_t len, struct err *e);
/* The kept lines with "t":"approval" go, so that all are put anew. */
int store_drop_approvals(struct store *s, struct err *e);

/*
 * After all puts of an import, in its transaction: derive products and
 * classifications of every revision (own by resolving prerequisites against
 * the categories held; else inherited from the bundles that contain exactly
 * this revision, products and classifications separately), the list of what
 * prerequisites and bundles name and nobody holds, and what revisions cannot do
 * without (lacking.h).
 */
int derive_all(struct store *s, struct err *e);

/* What stands in the rows, for lists, exports and checks.  Strings are borrowed
   until the callback returns. */
struct store_rev {
	int64_t row; /* arrival order, ascending */
	int64_t transfer; /* row of the ledger that it came with, or 0 */
	struct guid id;
	uint32_t revision, bytes, units;
	uint8_t sha256[SHA256_LEN];
	enum update_type type;
	enum category_type category;
	bool expired, newest; /* newest: highest revision held of this id */
	const char *title, *kb /* first, or NULL */, *severity, *created;
};
int store_each_rev(struct store *s,
    int (*each)(void *arg, const struct store_rev *r, struct err *e), void *arg,
    struct err *e); /* in arrival order */

/* One revision; E_MISSING.  Strings are borrowed until the next call. */
int store_rev(struct store *s, int64_t row, struct store_rev *r, struct err *e);
/* The document's text; its SHA-256 is compared (E_DIGEST). */
int store_doc_read(
    struct store *s, int64_t row, struct buf *doc, struct err *e);

struct store_file {
	int64_t row;
	uint8_t sha1[SHA1_LEN];
	uint8_t declared[SHA256_LEN], measured[SHA256_LEN];
	bool has_size, has_declared, has_measured, present;
	bool left_out; /* not present, on purpose: a policy did not want it */
	uint64_t size;
	char ext[UPDATE_EXT_MAX + 1]; /* fixed by the first arrival */
	const char *name; /* borrowed: FileName of the first arrival */
	const char *url; /* borrowed: first source, or NULL */
};
/* Every payload file known, by SHA-1; present_only: those in WsusContent. */
int store_each_file(struct store *s, bool present_only,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e);
/* 1 found, 0 not, -1.  Strings are borrowed until the next call. */
int store_file(struct store *s, const uint8_t sha1[SHA1_LEN],
    struct store_file *f, struct err *e);
/* Files of one revision, in the document's order. */
int store_each_file_of(struct store *s, int64_t rev,
    int (*each)(void *arg, const struct store_file *f, struct err *e),
    void *arg, struct err *e);
/* Products (kind CATEGORY_PRODUCT) or classifications of one revision. */
int store_each_category_of(struct store *s, int64_t rev,
    enum category_type kind,
    int (*each)(
	void *arg, const struct guid *id, const char *title, struct err *e),
    void *arg, struct err *e);
/* KB numbers of one revision, joined by spaces, into buf (reset first). */
int store_kbs_of(struct store *s, int64_t rev, struct buf *to, struct err *e);
/* URLs of one file beyond the first. */
int store_each_url(struct store *s,
    int (*each)(void *arg, const uint8_t sha1[SHA1_LEN], const char *url,
	struct err *e),
    void *arg, struct err *e);
/* What store_put_extra() put, in order of arrival of the revisions. */
struct store_extra {
	int64_t rev; /* the revision's row */
	struct guid id;
	uint32_t revision;
	uint8_t sha1[SHA1_LEN];
	const char *name; /* borrowed until the callback returns */
};
int store_each_extra(struct store *s,
    int (*each)(void *arg, const struct store_extra *x, struct err *e),
    void *arg, struct err *e);
int store_each_state(struct store *s,
    int (*each)(void *arg, const char *line, struct err *e), void *arg,
    struct err *e);
/* What is named and not held: ids of prerequisites, exact bundled revisions. */
int store_each_missing(struct store *s,
    int (*each)(void *arg, const struct guid *id, uint32_t revision,
	uint64_t wanted_by, struct err *e),
    void *arg, struct err *e);

/* It is not in WsusContent any more, or not whole. */
int store_file_lost(
    struct store *s, const uint8_t sha1[SHA1_LEN], struct err *e);
/* The bytes are in WsusContent: mark the file present with what was
   measured. */
int store_file_present(struct store *s, const uint8_t sha1[SHA1_LEN],
    const struct digest *d, struct err *e);

/*
 * A policy left this file out on purpose, or (out false) somebody wants it.  It
 * may be told before any document names the file; a present one has no mark.
 */
int store_file_left_out(
    struct store *s, const uint8_t sha1[SHA1_LEN], bool out, struct err *e);

struct store_counts {
	uint64_t revisions;
	uint64_t updates, categories; /* different ids; categories among them */
	uint64_t files, present, absent, left_out; /* one of the three */
	uint64_t payload_bytes; /* of those present */
	uint64_t doc_bytes; /* unpacked */
};
int store_counts(struct store *s, struct store_counts *c, struct err *e);

/*
 * Everything that can be checked inside the database: SQLite's own
 * integrity check, every document unpacks to its SHA-256, rows complete,
 * invariants 3 and 4, what follows from no document as it was written; with
 * derive also every derived column compared with what the documents say.  The
 * documents go through `jobs` workers (0: one for each processor); faults are
 * told in one order whatever their number.  One call of bad() for each fault.
 */
int check_all(struct store *s, bool derive, unsigned jobs,
    int (*bad)(
	void *arg, const char *what, const struct err *fault, struct err *e),
    void *arg, struct err *e);

/* A logical dump, the same for equal stores whatever the file's layout; the
   store's identity and times are left out.  For tests and for comparing. */
struct sink;
int dump_store(struct store *s, struct sink *to, struct err *e);

#endif
