/* SPDX-License-Identifier: ISC */
/*
 * A file that appears whole or not at all: written without a name, flushed,
 * named; where the file system cannot, or where a file is to be replaced,
 * under .NAME.partial and renamed.  So a killed run leaves nothing, or what
 * the next one takes over.  The folder is flushed too.  Small writes are
 * gathered; whoever writes to fd himself calls out_flush() before.
 * An open struct out is not to be copied: its sink points back at it.
 */
#ifndef WF_OUT_H
#define WF_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/sink.h"

struct err;

struct out {
	struct sink sink; /* writes here; out_write() is the same */
	int dirfd; /* borrowed */
	int fd; /* owned; -1 when closed */
	bool replace; /* may take the place of a file that is there */
	bool secret; /* nobody else may read it (E_USAGE), at any time */
	/*
	 * Always .NAME.partial, which people can see grow; a lock keeps two at
	 * a time apart (E_BUSY).
	 */
	bool partial;
	int held; /* owned: the lock outlives fd until the name is taken */
	char name[256]; /* final name, one component */
	char temp[256]; /* "": it has none */
	uint8_t *gather; /* owned: what is not written yet */
	size_t ngather;
};

#define OUT_INIT                                                               \
	{                                                                      \
		.fd = -1, .dirfd = -1, .held = -1                              \
	}

/*
 * name is one component, dirfd may be AT_FDCWD, the mode is exact whatever
 * umask says (where the file system knows modes).
 */
int out_open(
    struct out *o, int dirfd, const char *name, mode_t mode, struct err *e);
int out_write(struct out *o, const void *p, size_t n, struct err *e);
/* The name that it will have after all: where it follows from the bytes. */
int out_call(struct out *o, const char *name, struct err *e);
int out_flush(struct out *o, struct err *e); /* to the kernel, not the disk */
/* E_USAGE: name is taken.  A failure has aborted already. */
int out_commit(struct out *o, struct err *e);
void out_abort(struct out *o); /* safe on every path */

/* So many hex digits for a name that nobody guesses. */
#define OUT_RANDOM 16
int out_random(char hex[OUT_RANDOM + 1], struct err *e);

/*
 * Rename a file or folder to a name that nothing has yet, also where the file
 * system cannot do that in one call.  -1 with errno; EEXIST: it is taken.
 */
int out_rename_new(int odir, const char *from, int ndir, const char *to);
/* Two names exchanged: 0; 1 the file system cannot; -1 with errno. */
int out_rename_swap(int odir, const char *from, int ndir, const char *to);
/* A folder that cannot be flushed here is as flushed as it gets: 0; -1 with
   errno. */
int out_flush_folder(int dirfd);

/* Does that errno say that this file system makes no hard links, for any
   file? */
bool out_no_links(int error);

/* Write all of p, whatever write() says about portions. */
int out_fd_write(int fd, const void *p, size_t n, struct err *e);
/*
 * The mode whatever the umask.  FAT and its kin know no modes and say so, each
 * driver in its own way (EPERM, EOPNOTSUPP, ENOSYS); that is no reason to give
 * up.
 */
int out_fd_mode(int fd, mode_t mode, struct err *e);
/* What is read of it next comes from the disk, so far as the system can be
   asked for that: for a file that was flushed, before it is read back. */
void out_forget(int fd);

#endif
