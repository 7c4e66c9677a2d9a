/* SPDX-License-Identifier: ISC */
/*
 * The WsusContent tree: XX/SHA1.ext, XX the last two of 40 upper-case hex
 * digits.  Invariant 1: a name in it implies that its bytes hash to that name
 * and were flushed before the name appeared.
 *
 * A file is staged (copied and hashed in one pass, by any thread) and then
 * settled (by the main thread, many at a time: one flush of the file system,
 * then the renames, then a flush of each folder that got a name).
 */
#ifndef WF_CONTENT_H
#define WF_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"

struct copy;
struct err;

#define CONTENT_DIR "WsusContent"
#define CONTENT_CHECK_FILE "anonymousCheckFile.txt"
/* In the tree, while something is staged in a tree on a volume of its own. */
#define CONTENT_STAGING ".staging"
#define CONTENT_NAME_MAX (3 + 40 + 1 + UPDATE_EXT_MAX + 1)

struct content {
	int dirfd; /* owned: WsusContent; -1 when closed */
	int staging; /* borrowed; -1: read-only */
	int own; /* owned: staging, where the tree is on another volume; -1 */
};

#define CONTENT_INIT                                                           \
	{                                                                      \
		.dirfd = -1, .staging = -1, .own = -1                          \
	}

/*
 * The tree of a store, which is its owner's: what stands in its place may be a
 * symbolic link to another volume.  1, 0 there is none, -1 (a link that leads
 * nowhere, too).
 */
int content_tree(int storefd, int *fd, struct err *e);
/*
 * Links of two stores may lead to one tree; only one at a time writes there,
 * from here until fd is closed.  E_BUSY.  A file system without such locks has
 * none.
 */
int content_lock(int fd, struct err *e);
/* staging -1: read-only.  For a writer the folder and the check file are
   made. */
int content_open(struct content *c, int storefd, int staging, struct err *e);
void content_close(struct content *c);

/* "8F/F572D396FAE9206628714FB2CE00F72E94F2258F.cab" */
void content_name(
    char out[CONTENT_NAME_MAX], const uint8_t sha1[SHA1_LEN], const char *ext);
/* The digest that a name of a WsusContent tree stands for, in any case of
   letters, with any extension; false: not such a name.  base: last
   component. */
bool content_parse(const char *base, uint8_t sha1[SHA1_LEN]);

/*
 * Is payload here that a row calls present?  Only a regular file of the size
 * that the row knows is; this is the one answer of all programs.  0, -1 (the
 * device's fault: E_SYS).
 */
struct content_seen {
	bool here, lost; /* neither: damaged */
	bool other; /* damaged: no regular file */
	uint64_t size; /* damaged: bytes found */
};
int content_look(const struct content *c, const uint8_t sha1[SHA1_LEN],
    const char *ext, const uint64_t *size, struct content_seen *seen,
    struct err *e);
/* "lost from the store", "damaged in the store: 7 bytes, expected 9". */
#define CONTENT_FAULT_MAX 160
void content_fault(
    char to[CONTENT_FAULT_MAX], const struct content_seen *seen, uint64_t size);
/* 1 a file is there (size set), 0 none, though something else may be, -1. */
int content_has(const struct content *c, const uint8_t sha1[SHA1_LEN],
    const char *ext, uint64_t *size, struct err *e);
/* E_MISSING when it is not there. */
int content_fd(const struct content *c, const uint8_t sha1[SHA1_LEN],
    const char *ext, int *fd, uint64_t *size, struct err *e);

/*
 * What a download leaves in staging when it is cut off, so that a later one
 * can go on: the bytes so far, where they came from, and bytes that were not
 * what they ought to be.
 */
enum content_part {
	CONTENT_PART, /* "8F...8F.part", 40 upper-case hex digits */
	CONTENT_PART_INFO, /* ".part.info", beside it */
	CONTENT_PART_BAD /* ".bad" */
};
#define CONTENT_PART_MAX 56 /* bytes of such a name, with its NUL */
void content_part_name(char out[CONTENT_PART_MAX], const uint8_t sha1[SHA1_LEN],
    enum content_part what);
/* false: not exactly such a name. */
bool content_part_parse(
    const char *name, uint8_t sha1[SHA1_LEN], enum content_part *what);

struct content_staged {
	/* Path in staging, that of a part too; "" when nothing is there. */
	char temp[CONTENT_PART_MAX];
	struct digest digest; /* measured while copied */
	uint8_t sha1[SHA1_LEN];
	char ext[UPDATE_EXT_MAX + 1];
	bool replace; /* what may stand under the name is damaged */
	/* By content_settle(): the name was free; so was its folder's. */
	bool named, made_folder;
};

enum content_how { CONTENT_COPY, CONTENT_LINK };

/*
 * What fd gives goes into staging, mode 0444: to be hashed, and copied where
 * *cp says so, by copy_lanes() with DIGEST_BOTH.  CONTENT_LINK: a reflink or
 * hard link of from_dirfd/from_name instead of a copy where the file system
 * can, hashed through the descriptor that was opened, whose inode must be the
 * one linked.  At most max bytes (E_LIMIT).  Thread-safe.  content_stage_end()
 * follows, unless this failed; what fails leaves nothing.
 */
int content_stage_begin(const struct content *c, int fd, int from_dirfd,
    const char *from_name, enum content_how how, uint64_t max,
    struct content_staged *st, struct copy *cp, struct err *e);
/* fd as before.  The caller compares the digest and then settles or drops. */
int content_stage_end(const struct content *c, int fd,
    struct content_staged *st, const struct copy *cp, struct err *e);
void content_drop(const struct content *c, struct content_staged *st);
/* Threads stage in folders of their own; those that are empty go. */
void content_close_lanes(int staging);
/* All of st[0..n) get their names, sha1 and ext; one that is there already
   keeps its bytes, unless it is to be replaced.  A part is sealed by its owner
   before: mode 0444. */
int content_settle(const struct content *c, struct content_staged *st, size_t n,
    struct err *e);

/* Takes back what content_settle() made of them, and nothing else. */
void content_unsettle(
    const struct content *c, struct content_staged *st, size_t n);

/*
 * Folders of staging that wait, from one run to the next: what an import has of
 * a transfer on several media, by the SHA-256 of its media.tsv in 64 lower-case
 * hex digits, and what an export has yet to write on media, by its sequence.
 * Who made them takes them away.
 */
#define CONTENT_SET "set-"
#define CONTENT_OUT "out-"
bool content_waits(const char *name);
/*
 * Where they may be: the staging of a store, and that of a tree on a volume of
 * its own.  The n-th of the two for reading: 1, 0 there is none, -1.
 */
#define CONTENT_NSTAGING 2u
int content_open_staging(int storefd, unsigned n, int *fd, struct err *e);

/*
 * Remove everything in staging (only under the writer's lock) but folders that
 * wait, and downloads that can go on: regular files named as parts, whose
 * payload is not yet in the WsusContent of storefd; a .part.info only beside
 * its .part.
 */
int content_clear_staging(int storefd, int staging, struct err *e);

#endif
