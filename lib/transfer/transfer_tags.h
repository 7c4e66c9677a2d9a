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
