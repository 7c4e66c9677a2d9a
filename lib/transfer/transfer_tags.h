/* SPDX-License-Identifier: ISC */
/* The tag files of a transfer being opened; only transfer*.c call this. */
#ifndef WF_TRANSFER_TAGS_H
#define WF_TRANSFER_TAGS_H

#include <stddef.h>

#include "lib/transfer/transfer.h"

/* Signature, tag manifest, bagit.txt, bag-info.txt, manifest, media.tsv. */
int transfer_tags(
    struct transfer *t, const struct keyring *keys, struct err *e);

/*
 * transfer_signature.c: by the top folder's signatures over the tag manifest,
 * E_SIG.  With no key it is a finding.
 */
struct buf;
int transfer_signature(struct transfer *t, const struct buf *tag,
    const struct keyring *keys, struct err *e);

/* transfer_supply.c: the tag manifest or a signature, as path_read(); is there
   a file of that name at its top?  Then all that stands there, as
   path_walk(). */
int transfer_read(const struct transfer *t, const char *name, size_t max,
    struct buf *to, struct err *e);
int transfer_has(const struct transfer *t, const char *name, struct err *e);
struct path_entry;
int transfer_walk(const struct transfer *t,
    int (*each)(void *arg, const struct path_entry *en, struct err *e),
    void *arg, struct err *e);
/* The tag files that the tag manifest names are to be read: container.h. */
int transfer_fetch_tags(
    struct transfer *t, uint64_t (*max)(const char *name), struct err *e);

/* transfer_ledger.c: ledger.tsv, after bag-info.txt. */
struct src;
int transfer_ledger(struct transfer *t, struct src *s, struct err *e);

/* transfer_check.c: what they declare, compared with itself. */
int transfer_check(struct transfer *t, struct err *e);
/* transfer_parts.c: the same of files that are cut; how many there are. */
uint64_t transfer_check_parts(struct transfer *t);
/* transfer_with.c: the same of folders of the site's own. */
int transfer_check_with(struct transfer *t, struct err *e);

/* Append a manifest's line; the name is copied into the arena. */
int transfer_add(struct arena *a, struct transfer_file **files, size_t *n,
    size_t *cap, const struct bag_line *l, struct err *e);
/* The one of that name among sorted files, or NULL. */
struct transfer_file *transfer_look_up(
    struct transfer_file *files, size_t n, const char *name);

#endif
