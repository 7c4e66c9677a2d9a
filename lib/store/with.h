/* SPDX-License-Identifier: ISC */
/*
 * STORE/with: folders of the site's own that transfers brought along.  Each is
 * the old one or the new one, whole, and the new one where the ledger has its
 * transfer, whenever a program ends and whatever is removed from staging:
 *
 *   with/NAME/~TAG      a mark: NAME is that transfer's, by the SHA-256 of its
 *                       tag manifest, and is not settled
 *   with/.aside/NAME    the new one until they are exchanged; then the old one
 *
 * So a look at the marks and the ledger says what a run that was killed had
 * done.  No transfer has such names, and nothing that serves shows them.
 */
#ifndef WF_WITH_H
#define WF_WITH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/digest.h"

struct err;
struct log;
struct store;

struct with {
	struct store *store; /* borrowed */
	int fd, aside; /* owned: with, with/.aside; -1 */
};

#define WITH_INIT                                                              \
	{                                                                      \
		.fd = -1, .aside = -1                                          \
	}

/* Both folders are made where they are not there. */
int with_open(struct with *w, struct store *s, struct err *e);
void with_close(struct with *w);
/* Marks the folder at path beneath dirfd; who flushes it flushes the mark. */
int with_mark(
    int dirfd, const char *path, const uint8_t tag[SHA256_LEN], struct err *e);
/* The folder at path beneath dirfd, marked and flushed, of the store's file
   system, becomes with/name; *replaced: there was one. */
int with_put(struct with *w, int dirfd, const char *path, const char *name,
    bool *replaced, struct err *e);
/* What was put is put for good, but for a power cut; before the commit. */
int with_flush(const struct with *w, struct err *e);

/*
 * Outside the transaction that put them: where the ledger has its transfer,
 * what is marked stays and the old one goes; else it is the other way round.
 * log may be NULL; staging is there.
 */
int with_settle(struct store *s, struct log *log, struct err *e);

#endif
