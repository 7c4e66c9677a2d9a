/* SPDX-License-Identifier: ISC */
/* Free space, asked for before it is needed. */
#ifndef WF_ROOM_H
#define WF_ROOM_H

#include <stdint.h>

struct err;

/*
 * How much the file system of fd has for us: 1; 0 it does not say (some
 * network and user-space file systems report no blocks: unknown is not full);
 * -1.
 */
int room_free(int fd, uint64_t *bytes, struct err *e);

/*
 * Is there room for so many bytes in so many new files?  E_SYS with ENOSPC:
 * what is needed, what there is, and where, which path says.
 */
int room_check(
    int fd, uint64_t bytes, uint64_t files, const char *path, struct err *e);

/*
 * A file of that size, called name: E_SYS with EFBIG where the file system
 * holds none so large.  Of FAT the limit is known beforehand; others say it
 * when it is too late.
 */
int room_file(
    int fd, uint64_t size, const char *name, const char *path, struct err *e);
/* E_SYS with EROFS where it is mounted read-only. */
int room_writable(int fd, const char *path, struct err *e);

#endif
