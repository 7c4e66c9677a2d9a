/* SPDX-License-Identifier: ISC */
/*
 * The one reader of what a transfer or genuine packages bring: documents, then
 * what state.jsonl says, then payload, judged while they go into a store.
 * import gives the store that is to hold them, verify one that keeps nothing
 * (store_nothing()); what one accepts the other accepts (invariant 16).
 *
 * A fault of the input is a finding in the log, and reading goes on; -1 is for
 * what ends it: E_SYS, E_STOP, E_BUSY, a store that cannot be read.
 */
#ifndef WF_TAKE_H
#define WF_TAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"
#include "lib/base/prog.h"
#include "lib/store/content.h"
#include "lib/store/held.h"
#include "lib/store/held_set.h"
#include "lib/transfer/take_index.h"

struct err;
struct guid_set;
struct log;
struct package_in;
struct payload_item;
struct store;
struct transfer;
struct transfer_file;

#define TAKE_CONTENT "data/" CONTENT_DIR "/" /* payload, in a transfer */
#define TAKE_PARTS "data/parts/" /* the same, of what is cut */

struct take {
	/* Given. */
	struct store *store; /* borrowed */
	const struct content *content; /* borrowed; NULL: nothing is held */
	bool keep; /* payload; else it is hashed where it is */
	enum content_how how;
	int scratch; /* borrowed: folder for copies without a name */
	int64_t row; /* of the ledger, for what is put */
	unsigned jobs;
	struct log *log; /* borrowed */
	bool reads_on; /* after payload that cannot be read, which is told */
	uint64_t began; /* findings of the log when this began */
	/* A file is staged and its row says present; owns st. */
	int (*staged)(void *arg, struct content_staged *st, struct err *e);
	/* Items with stage set are about to be taken; or NULL. */
	int (*room)(void *arg, const struct payload_item *items, size_t n,
	    struct err *e);
	/* The same of take_files(), which stages by name. */
	int (*kept)(void *arg, const struct payload_item *it,
	    struct content_staged *st, struct err *e);
	/* A package's index was read, and its documents come; or NULL. */
	int (*indexed)(void *arg, struct err *e);
	/* Does that file go into the folder apart_to, under its name?  Or NULL. */
	bool (*apart)(void *arg, const struct transfer_file *f);
	int apart_to; /* borrowed */
	void *arg;

	bool keep_held; /* a revision held with another document is no fault */
	struct guid origin; /* of a transfer */
	bool is_old; /* state.jsonl is only checked: newer ones said more */

	/* Found. */
	uint64_t nread, bytes_read; /* packages and files read to their end */
	uint64_t revisions, new_revisions;
	uint64_t alike; /* revisions held with other line ends */
	uint64_t other; /* revisions held with another document */
	uint64_t files, held_files, new_files, unnamed, new_bytes;
	uint64_t noted; /* damage of the store, gone_note() */
	char leaves[128]; /* the first that is unnamed */
	/* Payload digests that the documents name. */
	uint8_t (*named)[SHA1_LEN]; /* owned */
	size_t nnamed, capnamed;
	/* Revisions of the packages, and the absent lines of state.jsonl. */
	struct take_rev {
		struct guid id;
		uint32_t revision;
	} * revs; /* owned */
	size_t nrevs, caprevs;
	struct take_rev *others; /* owned: held with another document, kept */
	size_t nothers, capothers;
	/* URLs that a package has of files which only state.jsonl names. */
	struct take_url {
		uint8_t sha1[SHA1_LEN];
		char *url; /* owned */
	} * urls; /* owned */
	size_t nurls, capurls;
	uint8_t (*absences)[SHA1_LEN]; /* owned */
	size_t nabsences, capabsences;
	/* Files that are cut: the parts lines of state.jsonl, then by SHA-1. */
	struct take_cut {
		uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN];
		uint64_t size; /* bytes */
		uint32_t count; /* parts */
		char name[sizeof(TAKE_CONTENT) + CONTENT_NAME_MAX];
	} * cuts; /* owned */
	size_t ncuts, capcuts;

	/* Its own. */
	struct prog prog;
	const char *place; /* borrowed: what is being read */
	/* In which everything must be as we write it, and what it brings twice
	   is twice the same. */
	bool is_transfer;
	bool cut; /* it has parts of files, as its Wsusferry-Requires says */
	bool failed; /* the store, not the input */
	const struct package_in *in; /* borrowed: the package being read */
	size_t at; /* the next document's place in its index */
	struct guid_set *products, *classes; /* owned: as the documents say */
	struct held_set held_docs; /* owned */
	struct held_doc held_doc; /* owned: the latest that was held */
	struct update_reader *reader; /* owned: where its rows are in doubt */
	struct arena read;
	struct take_extras index_extras, state_extras; /* owned */
	uint64_t ndiffer; /* lists of a genuine index that are not its
			     documents' */
	char differ[256]; /* the first of them */
};

void take_free(struct take *t);

/* Their fault is told, 0; ours goes on into e, -1. */
int take_fault(
    struct take *t, const char *place, struct err *fault, struct err *e);

/* take_docs.c: one package from its copy; then what follows from all. */
int take_package(struct take *t, int fd, const char *name, struct err *e);
int take_derive(struct take *t, struct err *e);
/* The URLs that waited for their files: in front of those of state.jsonl. */
int take_late_urls(struct take *t, struct err *e);
/* Another digest that is named. */
int take_name(struct take *t, const uint8_t sha1[SHA1_LEN], struct err *e);
/* Sorts the named digests and makes each stand once. */
void take_sort_named(struct take *t);

/*
 * take_payload.c: items are sorted by SHA-1.  What is named and not held is
 * wanted: compared, and staged where it is to be kept.  The rest is hashed and
 * compared where check_all says so.  What no item has is absent: lacking.h.
 */
int take_payload(struct take *t, int dirfd, struct payload_item *items,
    size_t n, bool check_all, struct err *e);

/*
 * take_folder.c: payload of a WsusContent folder, or of its parent; NULL: none
 * was given, and what is named is held or lacking.
 */
int take_folder(struct take *t, const char *path, struct err *e);
/* What to do about payload that lacks then. */
#define TAKE_NO_CONTENT                                                        \
	"no --content was given: it names the WsusContent folder that "        \
	"belongs to the package"

/* A file that is of no use: told with -v, else how many there are. */
void take_leave(struct take *t, const char *name, const char *why);

/* take_state.c: revisions of the packages, to be sorted once all are there;
   state.jsonl from its copy; and whether all of it is what bag-info.txt
   says. */
int take_rev(
    struct take *t, const struct guid *id, uint32_t revision, struct err *e);
void take_sort_revs(struct take *t);
int take_state(struct take *t, int fd, const char *name, struct err *e);
void take_counts(struct take *t, const struct transfer *from);

/*
 * take_parts.c: a parts line; all of them against the parts that are there;
 * then the i-th file of the transfer, where it is the first part of a file,
 * and all are here, as an item whose pieces are put behind *pieces: how many
 * files of the transfer that stands for, or 0.
 */
struct payload_piece;
struct state_line;
int take_cut(struct take *t, const struct state_line *l, struct err *e);
void take_cuts_check(struct take *t, const struct transfer *from);
size_t take_cut_item(const struct take *t, const struct transfer *from,
    size_t i, struct payload_item *it, struct payload_piece *pieces);

/* take_transfer.c: of a transfer that is open. */
int take_transfer_docs(
    struct take *t, const struct transfer *from, struct err *e);
int take_transfer_payload(
    struct take *t, const struct transfer *from, struct err *e);
/* Of media that are not all there: each file of this one is compared with its
   digest, and, where there is kept(), staged. */
int take_files(struct take *t, const struct transfer *from, struct err *e);

#endif
