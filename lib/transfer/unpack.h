/* SPDX-License-Identifier: ISC */
/*
 * A container, tar or ISO 9660, as libarchive reads it: no other format, no
 * filter.  Members come in their order, what is strange about one is said, and
 * a tar is read to its last byte.  Bytes of a stranger: unpack_run() does it in
 * a process that can do nothing else; tests and fuzzers call it right here.
 */
#ifndef WF_UNPACK_H
#define WF_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/path.h"

struct err;

enum unpack_form {
	UNPACK_NONE,
	UNPACK_TAR, /* POSIX.1-2001: ustar, pax where that cannot say it */
	UNPACK_ISO
};

#define UNPACK_NAME 1024 /* bytes of a name */
#define UNPACK_WHY 96
#define UNPACK_PAD 10240 /* bytes: a tar ends in fewer zeros, beyond its end */

struct unpack_member {
	char name[UNPACK_NAME + 1]; /* as it stands there, no "/" behind it */
	enum path_type type;
	uint64_t size; /* bytes */
	int64_t mtime; /* seconds since 1970 */
	/* What a transfer's tar has not: "a hard link", "mode 0755"; or "". */
	char why[UNPACK_WHY];
};

struct unpack;

/* fd is borrowed.  Reading begins where it stands; an ISO image needs one that
   can seek.  E_SYS. */
int unpack_open(
    struct unpack **u, int fd, enum unpack_form form, struct err *e);
void unpack_close(struct unpack *u);
/*
 * The next member: 1, 0 there is none, -1.  A tar has its mark of the end then,
 * nothing but zeros behind it, fewer than UNPACK_PAD, and nothing but zeros
 * behind a member.
 * Errors: E_FORMAT, E_LIMIT, E_SYS; nothing more can be read then.
 */
int unpack_next(struct unpack *u, struct unpack_member *m, struct err *e);
/* The next bytes of that member, in order and without holes, borrowed until the
   next call: 1, 0 those were all of its size, -1. */
int unpack_data(struct unpack *u, const void **p, size_t *n, struct err *e);

/*
 * The same as a process of its own, for child_start().  It is asked by one byte
 * and says words, of n bytes each.
 */
enum unpack_ask {
	UNPACK_NEXT = 'n', /* the next member: MEMBER, END */
	UNPACK_DATA = 'd', /* its bytes: BYTES, as many as there are, DONE */
	UNPACK_AGAIN = 'a', /* from the beginning on, an ISO image: DONE */
};
enum unpack_say {
	UNPACK_MEMBER, /* a struct unpack_member */
	UNPACK_END,
	UNPACK_BYTES, /* at most UNPACK_BLOCK of them */
	UNPACK_DONE,
	UNPACK_FAULT /* a struct err, instead of any of these */
};
struct unpack_word {
	uint32_t say, n;
};
#define UNPACK_BLOCK ((size_t)256 << 10)
void unpack_run_tar(int ask, int fd, int tell);
void unpack_run_iso(int ask, int fd, int tell);

#endif
