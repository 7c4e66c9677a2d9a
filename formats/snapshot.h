/* SPDX-License-Identifier: ISC */
/*
 * The index of an offer, OFFER/NNNNNN.snap: what each ring of clients is
 * offered, and where the texts of it stand in segment files.  Immutable; read
 * into memory whole, checked whole, and then never again.
 * wsusferry-formats(5) has the layout.
 */
#ifndef WF_SNAPSHOT_H
#define WF_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/blake.h"
#include "lib/base/digest.h"
#include "lib/base/enc.h"

struct err;
struct sink;

#define SNAPSHOT_MAX_BYTES ((size_t)1 << 30)
#define SNAPSHOT_NONE UINT32_MAX
#define SNAPSHOT_BLOCK ((uint64_t)1 << 20) /* bytes of a segment's block */
#define SNAPSHOT_ID_LEN 8
#define SNAPSHOT_IDS (1u << 20) /* n of an id is below */
#define SNAPSHOT_RING_NAME 32
#define SNAPSHOT_SEGMENT_NAME (2 * BLAKE_LEN + 5) /* "<hex>.seg" and NUL */

/* A snapshot before this one. */
struct snapshot_past {
	uint32_t generation;
	uint8_t id[SNAPSHOT_ID_LEN];
};

/* An UpdateID that something here names; sorted. */
struct snapshot_update {
	struct guid id;
	uint8_t leaf; /* 0 or 1 */
	uint8_t category; /* enum category_type */
	uint32_t inverse; /* its first in inverse */
};

/* For n = 1, 2 ...: what the id base + n means, for ever. */
struct snapshot_id {
	uint32_t update, revision;
	uint32_t live; /* in revisions, or SNAPSHOT_NONE */
};

/* Those in any ring; by n. */
struct snapshot_revision {
	uint32_t n, update, revision;
	uint8_t kind; /* enum update_type */
	/* Its first in each table; up to the next one's. */
	uint32_t clauses, members, holders, uses, fragments;
};

struct snapshot_clause {
	uint8_t category; /* IsCategory */
	uint32_t first; /* in alternatives */
};

/* When what an update declares was first complete. */
struct snapshot_age {
	uint32_t update;
	uint8_t files[16]; /* BLAKE2b-128 of the file set */
	uint32_t day; /* since 1970 */
};

struct snapshot_network {
	uint8_t addr[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint8_t bits;
};

enum snapshot_word_kind { SNAPSHOT_CLIENT, SNAPSHOT_GROUP, SNAPSHOT_WORDS };
struct snapshot_word {
	uint8_t kind;
	uint32_t name; /* in names */
};

struct snapshot_ring {
	uint8_t name[SNAPSHOT_RING_NAME]; /* NULs behind it */
	uint64_t hash; /* the first 8 bytes of BLAKE2b-256 of the name */
	/* Its first in each table; up to the next one's. */
	uint32_t networks, words, offers;
};

/* Stored as numbers: never renumber. */
enum snapshot_action {
	SNAPSHOT_EVALUATE = 1,
	SNAPSHOT_BUNDLE,
	SNAPSHOT_INSTALL,
	SNAPSHOT_OPTIONAL,
	SNAPSHOT_UNINSTALL,
	SNAPSHOT_WATCH, /* PreDeploymentCheck */
	SNAPSHOT_ACTIONS
};
enum snapshot_withheld {
	SNAPSHOT_NOT_WITHHELD,
	SNAPSHOT_ABSENT,
	SNAPSHOT_SHA1_ONLY,
	SNAPSHOT_DELAY,
	SNAPSHOT_FREEZE,
	SNAPSHOT_EULA,
	SNAPSHOT_WITHHELDS
};

/* A revision in a ring; by revision. */
struct snapshot_offer {
	uint32_t revision;
	uint8_t action, withheld;
	uint32_t changed; /* generation */
	uint32_t date; /* days since 1970 */
	uint32_t held; /* the day since when the action holds, or NONE */
	uint64_t deadline; /* UTC seconds; 0: none */
};

const char *snapshot_action_word(enum snapshot_action a); /* "install" */
const char *snapshot_withheld_word(enum snapshot_withheld w); /* "absent" */
/* Is it there to be installed or removed? */
bool snapshot_holds(const struct snapshot_offer *o);
/* What people ask of it. */
enum snapshot_state {
	SNAPSHOT_OFFERED,
	SNAPSHOT_WAITING, /* for a day, the end of a freeze, a licence */
	SNAPSHOT_INCOMPLETE, /* its content is not all here */
	SNAPSHOT_WATCHED,
	SNAPSHOT_NEEDED, /* only because something else needs it */
	SNAPSHOT_STATES
};
enum snapshot_state snapshot_state(const struct snapshot_offer *o);
const char *snapshot_state_word(enum snapshot_state s); /* "offered" */

/* By sha1. */
struct snapshot_file {
	uint8_t sha1[SHA1_LEN], sha256[SHA256_LEN];
	uint8_t has_sha256;
	uint64_t size;
	uint8_t ext[UPDATE_EXT_MAX]; /* NULs behind it */
};

/* A file of a revision, under the extension of that FileName. */
struct snapshot_use {
	uint32_t file;
	uint8_t ext[UPDATE_EXT_MAX];
};

struct snapshot_segment {
	uint8_t hash[BLAKE_LEN]; /* of the file, which is named by it */
	uint64_t size;
	uint32_t blocks; /* its first in blocks */
};

struct snapshot_block {
	uint8_t hash[BLAKE_LEN];
	uint64_t sum; /* snapshot_sum() */
};

/* A text, escaped once more; default language first. */
struct snapshot_fragment {
	uint8_t type; /* enum fragment_type */
	uint32_t lang, geo; /* in names */
	uint32_t segment, len;
	uint64_t off;
};

struct snapshot_name {
	uint32_t off, len; /* in text; no NUL */
};

struct snapshot {
	struct guid store;
	uint32_t epoch, generation, base;
	/* The languages of its texts, sorted, a blank between: in names, and 1;
	   0: all. */
	uint32_t texts;
	int64_t built, last_change; /* UTC seconds */
	uint8_t config_hash[BLAKE_LEN]; /* of GetConfig without LastChange */
	uint8_t rings_hash[BLAKE_LEN]; /* of the ring file and its lists */
	/* It goes back behind the one before it: rings_hash is that of what it
	   undoes. */
	bool undone;
	uint8_t id[SNAPSHOT_ID_LEN]; /* of what was read or written */
	/* All owned. */
	uint8_t *config; /* the answer to GetConfig */
	struct snapshot_past *past; /* by generation */
	struct snapshot_update *updates;
	struct snapshot_id *ids; /* that of n in place n - 1 */
	struct snapshot_revision *revisions;
	struct snapshot_clause *clauses;
	uint32_t *alternatives; /* updates */
	uint32_t *inverse; /* clauses, by update */
	uint32_t *members; /* revisions */
	uint32_t *holders; /* revisions that bundle it */
	struct snapshot_age *ages;
	struct snapshot_ring *rings;
	struct snapshot_network *networks;
	struct snapshot_word *words;
	struct snapshot_offer *offers;
	struct snapshot_file *files;
	struct snapshot_use *uses;
	struct snapshot_segment *segments;
	struct snapshot_block *blocks;
	struct snapshot_fragment *fragments;
	struct snapshot_name *names;
	uint8_t *text;
	size_t nconfig, npast, nupdates, nids, nrevisions, nclauses,
	    nalternatives, ninverse, nmembers, nholders, nages, nrings,
	    nnetworks, nwords, noffers, nfiles, nuses, nsegments, nblocks,
	    nfragments, nnames, ntext;
};

#define SNAPSHOT_INIT                                                          \
	{                                                                      \
		.config = NULL                                                 \
	}

/*
 * Whatever is wrong with the bytes is refused: E_FORMAT with the section, the
 * place in it, what was found and expected; E_DIGEST for the trailer; E_LIMIT,
 * E_SYS.  s: SNAPSHOT_INIT; snapshot_free(), also after a failure.
 */
int snapshot_read(
    struct snapshot *s, const void *bytes, size_t n, struct err *e);
/* The same from the same, byte for byte; s->id is filled.  What
   snapshot_read() would refuse is not written. */
int snapshot_write(struct snapshot *s, struct sink *to, struct err *e);
void snapshot_free(struct snapshot *s);
/* What both check beside the bytes: every index, order and enumeration. */
int snapshot_check(const struct snapshot *s, struct err *e);
/* The tables that say again from the other side what clauses and members say:
   made anew.  E_SYS. */
int snapshot_link(struct snapshot *s, struct err *e);

/* Block i of that segment, as its file holds it.  E_DIGEST, E_FORMAT. */
int snapshot_check_block(const struct snapshot *s, size_t segment, uint64_t i,
    const void *p, size_t n, struct err *e);
/* The same by its sum alone: what a disk does to it is found, some times as
   fast; not what somebody did on purpose. */
int snapshot_look_block(const struct snapshot *s, size_t segment, uint64_t i,
    const void *p, size_t n, struct err *e);
uint64_t snapshot_sum(const void *p, size_t n);
uint64_t snapshot_blocks(uint64_t size); /* that a segment has */
void snapshot_segment_name(
    char out[SNAPSHOT_SEGMENT_NAME], const uint8_t hash[BLAKE_LEN]);

/* Of the ids of a store and epoch. */
uint32_t snapshot_base(const struct guid *store, uint32_t epoch);

/* What a cookie says of the snapshot that issued it. */
struct snapshot_issuer {
	struct guid store;
	uint32_t epoch, generation;
	uint8_t id[SNAPSHOT_ID_LEN];
};
/* Do the ids that it gave mean here what they meant there? */
bool snapshot_knows(const struct snapshot *s, const struct snapshot_issuer *i);

/*
 * Begin s, which is SNAPSHOT_INIT, after prev: its store, epoch, base, ids
 * (none of them live) with the updates that these name, and its lineage with
 * itself.
 * generation: more than that of prev.  prev NULL: a first one, of that store
 * and epoch, with no past.
 */
int snapshot_follow(struct snapshot *s, const struct snapshot *prev,
    const struct guid *store, uint32_t epoch, uint32_t generation,
    struct err *e);
struct snapshot_key {
	struct guid id;
	uint32_t revision;
	uint32_t n; /* filled */
};
/* Updates of the keys that become known, n being left out of account, are put
   in their places.  Keys are sorted by this.  Before anything but ids names
   updates by theirs. */
int snapshot_learn(
    struct snapshot *s, struct snapshot_key *keys, size_t n, struct err *e);
/* The place of an update, or NONE. */
uint32_t snapshot_find(const struct snapshot *s, const struct guid *id);
/*
 * The n of each key, which has an id already or gets the next one, several at
 * once in order of UpdateID and revision; keys are sorted by this.  Updates
 * that become known are put in their places.  Before revisions are filled in.
 * E_LIMIT when the ids are spent.
 */
int snapshot_give_ids(
    struct snapshot *s, struct snapshot_key *keys, size_t n, struct err *e);

#endif
