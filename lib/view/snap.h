/* SPDX-License-Identifier: ISC */
/*
 * The files of STORE/offer: NNNNNN.snap, the index of generation NNNNNN; the
 * one-line file current, which names the one that is served; and texts/, whose
 * files indexes name.  Only read here.
 */
#ifndef WF_SNAP_H
#define WF_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct guid;
struct snapshot;

#define SNAP_FOLDER "offer"
#define SNAP_CURRENT "current"
#define SNAP_NAME_MAX 16 /* bytes of a name, with its NUL */

/* "000007.snap" */
void snap_name(char to[SNAP_NAME_MAX], uint32_t generation);
/* false: not exactly such a name. */
bool snap_name_read(uint32_t *generation, const char *name);

/* STORE/offer, for reading: 1, 0 there is none, -1. */
int snap_open(int storefd, int *dirfd, struct err *e);

/* Generations of which there is a file, whatever is in it; the highest
   first. */
struct snap_list {
	uint32_t *v; /* owned */
	size_t n, cap;
};
int snap_list(struct snap_list *l, int dirfd, struct err *e);
void snap_list_free(struct snap_list *l);

/*
 * Whoever asks whether a file of that name is a sound one of that store asks
 * here.  store NULL: of any.  s: SNAPSHOT_INIT; snapshot_free(), also after a
 * failure.  E_FORMAT, E_DIGEST, E_LIMIT: it is not sound, as snapshot_read()
 * says, or is of another generation than its name, or of another store;
 * E_MISSING; E_SYS.
 */
int snap_read(struct snapshot *s, int dirfd, const struct guid *store,
    uint32_t generation, struct err *e);

/* What `current` names: 1, 0 it is not there, -1 (E_FORMAT: it names none). */
int snap_current(int dirfd, uint32_t *generation, struct err *e);

/* That one, read whole, of the store in that folder: 1, 0 there is none, -1.  s
   as above. */
int snap_read_current(
    struct snapshot *s, int storefd, const struct guid *store, struct err *e);

/* One that is not sound is passed over, after unsound(), if any, heard why. */
typedef int snap_unsound(
    void *arg, const char *name, const struct err *fault, struct err *e);
/*
 * The sound one of the highest generation below (0: of all) that is of that
 * store.  1, 0 there is none, -1.  s as for snap_read().
 */
int snap_newest(struct snapshot *s, int dirfd, const struct guid *store,
    uint32_t below, snap_unsound *unsound, void *arg, struct err *e);

#endif
