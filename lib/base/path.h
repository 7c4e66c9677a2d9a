/* SPDX-License-Identifier: ISC */
/*
 * Names that come from input, and walking a folder.  A name from input is not
 * a path until path_safe() says so.
 */
#ifndef WF_PATH_H
#define WF_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define PATH_SAFE_MAX 255 /* bytes of a whole relative name */
#define PATH_MAX_DEPTH 8

/*
 * Relative, components of [A-Za-z0-9._-] joined by single slashes, none empty,
 * none "." or "..", none beginning with a dot or ending in one, at most
 * PATH_SAFE_MAX bytes and PATH_MAX_DEPTH components.
 */
bool path_safe(const char *name, size_t len);

/*
 * Open beneath dirfd, following no link anywhere in the name; regular files
 * only (E_FORMAT for anything else); E_MISSING when there is none, E_SYS else.
 * O_CLOEXEC and O_NONBLOCK are added.  size may be NULL.
 */
int path_open(
    int dirfd, const char *name, int *fd, uint64_t *size, struct err *e);
/* The same for a folder. */
int path_opendir(int dirfd, const char *name, int *fd, struct err *e);

enum path_type { PATH_FILE, PATH_DIR, PATH_OTHER };

struct path_entry {
	const char *name; /* borrowed: relative to the folder walked */
	enum path_type type;
	uint64_t size; /* bytes, for PATH_FILE */
	int64_t mtime_s;
};

/*
 * Is there something of that name?  1 yes, and *st, which may be NULL, says
 * what; 0 no; -1 it cannot be told (E_SYS), which is neither.  A link at the
 * end of the name is not followed.
 */
struct stat;
int path_look(int dirfd, const char *name, struct stat *st, struct err *e);

/*
 * Calls each() for everything beneath dirfd, names sorted by byte within a
 * folder, a folder before its content; links are PATH_OTHER and never
 * followed.  each() returns -1 to stop with e filled.  E_LIMIT for a
 * name of more than max_depth components.
 */
int path_walk(int dirfd, unsigned max_depth,
    int (*each)(void *arg, const struct path_entry *, struct err *), void *arg,
    struct err *e);

/* Read a whole small regular file, at most max bytes, into memory. */
struct buf;
int path_read(
    int dirfd, const char *name, size_t max, struct buf *to, struct err *e);

#endif
