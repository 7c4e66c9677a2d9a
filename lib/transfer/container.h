/* SPDX-License-Identifier: ISC */
/*
 * A transfer in a container: a tar, which is read once, as it comes, also out
 * of a pipe, and in which each member has its place; or an ISO 9660 image,
 * which is read as often as it takes.  It only supplies files, as a folder
 * does: transfer.c and take.h judge them.  libarchive works in a process of its
 * own (unpack.h); what that says is not believed either.
 *
 * The order of a tar, all beneath one folder: the tag manifest, its signatures,
 * the other tag files, packages by their number, data/state.jsonl, the rest of
 * the payload, each by the bytes of its name (wsusferry-transfer(5), Tar).
 */
#ifndef WF_CONTAINER_H
#define WF_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/path.h"

struct buf;
struct container;
struct err;
struct intake;
struct log;
struct payload_flow;
struct transfer_file;

#define CONTAINER_STDIN "-" /* as a path */

/* By its first bytes, does fd hold one?  1; 0; -1 (E_SYS).  What cannot be read
   twice, a pipe, is taken for one. */
int container_is(int fd, struct err *e);
/* Is it one by its path: no folder?  A guess, as for a hint. */
bool container_named(const char *path);
/*
 * Opens it and starts the process that reads it: before secrets are in memory.
 * E_USAGE where it is neither tar nor image.  container_close(), also after a
 * failure.
 */
int container_open(struct container **c, const char *path, struct err *e);
void container_close(struct container *c);
/*
 * Reads the names of an image, the tag manifest and the signatures; faults of
 * members are told there from now on.  E_FORMAT, E_USAGE (no transfer), E_SYS.
 */
int container_begin(struct container *c, struct log *log, struct err *e);

/* The tag manifest, or a signature; E_MISSING, E_LIMIT. */
int container_read(struct container *c, const char *name, size_t max,
    struct buf *to, struct err *e);
int container_each_signature(struct container *c,
    int (*each)(void *arg, const char *name, struct err *e), void *arg,
    struct err *e);
/*
 * The other tag files, now that the tag manifest is believed: those that it
 * names, sorted; max: of one by its name.  Read once, hashed, kept for
 * container_intake(), of which some are then E_MISSING.
 */
#define CONTAINER_TAGS 100 /* most of them */
int container_tags(struct container *c, const struct transfer_file *tags,
    size_t n, uint64_t (*max)(const char *name), int scratch, struct err *e);
/* bag-info.txt, of a container that is opened for this alone. */
int container_peek(struct container *c, const char *name, size_t max,
    struct buf *to, struct err *e);

/* Names of an image, as path_walk(); of a tar each declared file is called
   present, and what is not is told when it was read. */
int container_walk(struct container *c,
    int (*each)(void *arg, const struct path_entry *, struct err *), void *arg,
    struct err *e);
bool container_flows(const struct container *c); /* a tar */
/* What is declared beneath data/, borrowed: for what is told of a member. */
void container_declare(
    struct container *c, const struct transfer_file *files, size_t n);
/* Of a tar, what its members say of their time, which is one. */
int64_t container_time(const struct container *c);
/* A tag file; or the file that is read next of a tar, any of an image. */
int container_intake(struct container *c, const char *name, uint64_t max,
    int scratch, struct intake *in, struct err *e);
/* Where payload comes from, payload.h; borrowed. */
struct payload_flow *container_flow(struct container *c);
/* Of a tar what is left is read: nothing ought to be. */
int container_finish(struct container *c, struct err *e);

#endif
