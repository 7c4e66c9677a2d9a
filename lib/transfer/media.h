/* SPDX-License-Identifier: ISC */
/*
 * A transfer by all its media: those that were named, and those that wait in
 * the store (wsusferry-transfer(5), Media).  One medium is the usual case.
 */
#ifndef WF_MEDIA_H
#define WF_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/digest.h"
#include "lib/transfer/transfer.h"

struct buf;
struct err;
struct keyring;
struct log;

struct media {
	struct medium {
		struct transfer t; /* owned */
		const char
		    *path; /* borrowed: as it was named; NULL: it waits */
	} * v; /* owned; by number once they were joined */
	size_t n, cap;
	/* Of media_begin(): as the paths; NULL: a folder. */
	struct container **boxes; /* owned */
	size_t nboxes;
	bool joined; /* all are there, and of one transfer */
	struct log *log; /* borrowed */
};

#define MEDIA_INIT                                                             \
	{                                                                      \
		.v = NULL                                                      \
	}

/*
 * What the folders tell of themselves, before anything is checked: do they
 * seem to be media of one transfer?  Only for sorting what was named.
 */
bool media_alike(const char *path, const char *other);
/* And is it one of several? */
bool media_is_part(const char *path);

/*
 * Opens what of the paths is a container, before anything else is: see
 * container_open().  What goes to media_open() then are the same paths.
 */
int media_begin(
    struct media *m, const char *const *paths, size_t n, struct err *e);

/*
 * Opens each, as transfer_open() does, and compares them: E_SEQ for media of
 * different transfers, and for two of one number that are not the same.  The
 * same medium named twice is read once.  media_close() also after a failure.
 */
int media_open(struct media *m, const char *const *paths, size_t n,
    const struct keyring *keys, int scratch, struct log *log, struct err *e);
void media_close(struct media *m);

/* The medium of that number, from 1, or NULL. */
struct medium *media_find(const struct media *m, unsigned number);
bool media_is_whole(const struct media *m);
/* The labels of those that are not there, ", " between them; E_LIMIT never. */
int media_missing(const struct media *m, struct buf *to, struct err *e);

/*
 * Of those that wait in the store of storefd (-1: there is none), each that was
 * not named is opened in the same way.  What waits there and is not whole is
 * told, and left: its medium is then missing.
 */
int media_add_waiting(struct media *m, int storefd, const struct keyring *keys,
    int scratch, struct err *e);
/* The folder in staging where media of this transfer wait: "set-...". */
#define MEDIA_SET_MAX (4 + 2 * SHA256_LEN + 1)
void media_set_name(char out[MEDIA_SET_MAX], const struct transfer *t);
/* The name of a medium there: "1of3". */
#define MEDIA_NAME_MAX 16
void media_name(char out[MEDIA_NAME_MAX], const struct transfer *t);
/* What a folder of media is called, "north-000042-1of3", or, where there is
   but one, "north-000042". */
#define MEDIA_LABEL_MAX (BAG_WORD + MEDIA_NAME_MAX + 2)
void media_label(
    char out[MEDIA_LABEL_MAX], const struct bag_info *i, unsigned number);

/*
 * The whole transfer, with the files of all media: that of the last medium,
 * whose tag manifest is the transfer's identity.  Where some are missing: the
 * first that was named, by itself.  Owned by m.
 */
struct transfer *media_join(struct media *m);

#endif
