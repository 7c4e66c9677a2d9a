/* SPDX-License-Identifier: ISC */
/* What the steps of one import share; only import_run*.c include it. */
#ifndef WF_IMPORT_PRIV_H
#define WF_IMPORT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/digest.h"
#include "lib/base/prog.h"
#include "lib/import/import.h"
#include "lib/transfer/unwanted.h"
#include "lib/store/content.h"
#include "lib/store/ledger.h"

struct payload_item;
struct store;
struct transfer;

struct import {
	const struct import_opts *o;
	struct log *log;
	struct store *store; /* owned */
	struct content content; /* owned */
	int scratch; /* borrowed: the store's staging */
	struct ledger_row row;
	uint64_t began; /* findings when the import began */
	struct prog prog;
	/* payload digests that the documents of this import name */
	uint8_t (*named)[SHA1_LEN]; /* owned */
	size_t nnamed, capnamed;
	struct unwanted unwanted; /* owned: not carried, and not missed */
	/* settled by this run: taken away again when the import is refused */
	struct content_staged *settled; /* owned */
	size_t nsettled, capsettled;
	struct content_staged *batch; /* owned: staged, not yet settled */
	size_t nbatch;
	uint64_t batch_bytes;
	uint64_t revisions, new_revisions, missing;
	uint64_t files, new_files, absent, unnamed, bytes, new_bytes;
	uint64_t passed_over; /* absent, because unwanted */
	bool was_there; /* the folder of the store, before this import */
	bool already; /* the ledger has it: checked, but not taken again */
};

/* import_docs.c: documents, URLs and what is derived. */
int import_package(struct import *im, int fd, const char *name, struct err *e);
int import_derive(struct import *im, struct err *e);
/* A payload digest into im->named. */
int import_name(struct import *im, const uint8_t sha1[SHA1_LEN], struct err *e);
/* Sorts im->named and makes each digest stand once. */
void import_sort_named(struct import *im);

/*
 * import_payload.c, import_resume.c: items are sorted by SHA-1.  Stages and settles what is
 * named, wanted and not held; hashes the rest where check_all.  Counts what is
 * absent.
 */
int import_payload(struct import *im, int dirfd, struct payload_item *items,
    size_t n, bool check_all, struct err *e);
/* What an interrupted run had settled is hashed where it is and kept. */
int import_resume_payload(struct import *im, struct err *e);
void import_undo_payload(struct import *im);

/* import_genuine.c, import_transfer.c: one kind of input each. */
int import_genuine(struct import *im, struct err *e);
int import_transfer(struct import *im, struct err *e);

/* E_DIGEST "N faults; nothing was imported" when findings came up. */
int import_refuse_if_faulty(struct import *im, struct err *e);

#endif
