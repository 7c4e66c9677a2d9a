/* SPDX-License-Identifier: ISC */
/* What the kinds of verify share; only verify_run*.c include it. */
#ifndef WF_VERIFY_PRIV_H
#define WF_VERIFY_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/prog.h"
#include "lib/verify/verify.h"
#include "lib/transfer/unwanted.h"

struct guid_set;
struct payload_item;

struct verify {
	const struct verify_opts *o;
	struct log *log;
	const char *path; /* as given */
	const char *where; /* prefix of what payload items are called, or "" */
	int scratch; /* of a transfer: for copies that are read */
	struct prog prog;
	uint64_t files, bytes, revisions, unwanted_files;
	/* what the documents name and what they bring */
	struct guid_set *held, *needed;
	uint8_t (*named)[SHA1_LEN]; /* owned */
	size_t nnamed, capnamed;
	struct unwanted unwanted; /* owned: of these, not carried on purpose */
};

/* verify_package.c: faults of the document level are findings. */
int verify_package(struct verify *v, int fd, const char *name, struct err *e);
/* After all packages: what is needed and nobody brings. */
void verify_closure(struct verify *v);
int verify_cab(struct verify *v, int fd, const char *name, struct err *e);

/* verify_transfer.c, verify_store.c */
int verify_transfer(struct verify *v, struct err *e);
int verify_store(struct verify *v, struct err *e);

/* Hash items beneath dirfd and compare; faults are findings. */
int verify_files(struct verify *v, int dirfd, struct payload_item *items,
    size_t n, unsigned which, struct err *e);

#endif
