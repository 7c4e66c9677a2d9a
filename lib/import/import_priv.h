/* SPDX-License-Identifier: ISC */
/* What the steps of one import share; only import_run*.c include it. */
#ifndef WF_IMPORT_PRIV_H
#define WF_IMPORT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/path.h"
#include "lib/base/sign.h"
#include "lib/import/import.h"
#include "lib/store/content.h"
#include "lib/store/lacking.h"
#include "lib/store/ledger.h"
#include "lib/store/receipts.h"
#include "lib/transfer/media.h"
#include "lib/transfer/sequence.h"
#include "lib/transfer/take.h"

struct keyring;
struct payload_item;
struct store;
struct transfer;

struct import {
	const struct import_opts *o;
	struct log *log;
	struct media media; /* owned: of a transfer */
	struct store *store; /* owned */
	struct content content; /* owned */
	struct ledger_row row;
	struct lacking lacking; /* the store, afterwards */
	uint64_t began; /* findings when the import began */
	struct take take; /* what came in; owned */
	/* settled by this run: taken away again when the import is refused */
	struct content_staged *settled; /* owned */
	size_t nsettled, capsettled;
	struct content_staged *batch; /* owned: staged, not yet settled */
	size_t nbatch;
	uint64_t batch_bytes;
	int scratch; /* owned: folder for files without a name; -1 */
	uint64_t resumed; /* files that an interrupted run has settled */
	bool accepted; /* import_accept() was */
	bool learns; /* it is the last one: what it says is kept */
	struct sequence sequence; /* of a transfer: what the ledger says */
	bool already; /* the ledger has it: checked, but not taken again */
	struct import_receipt {
		struct sign_sec key; /* wiped at the end */
		bool has_key, there; /* there: row is filled */
		bool is_new; /* row: it says more than the last one did */
		bool news; /* something of it is to be committed */
		struct receipts_row row;
		struct buf failures; /* owned: their list */
	} receipt;
	/* Media are missing: nothing was imported, these were kept. */
	char waits[512]; /* the labels that are missing; "": none is */
	uint64_t kept; /* media */
	int to; /* owned: the folder in staging of the one being kept; -1 */
	/* Folders of the site's own that this import takes. */
	struct import_with {
		char name[PATH_SAFE_MAX + 1];
		bool replaced; /* there was one */
	} * with; /* owned */
	size_t nwith, capwith;
	bool with_put; /* they have their names, but are not settled */
};

/*
 * import.c: the input is good so far, unless a fault was told already: from
 * here on the store may be changed.  What was put into it before may be lost.
 */
int import_accept(struct import *im, struct err *e);

/*
 * import_payload.c.  import_begin() says what im->take is given;
 * import_ready() stands between documents and payload: what an interrupted run
 * left is looked at, and after a fault nothing more is staged.
 */
void import_begin(struct import *im);
int import_ready(struct import *im, struct err *e);
/* After the payload: refuses what was faulty; the rest gets its names. */
int import_settle(struct import *im, struct err *e);
bool import_is_faulty(const struct import *im);
/* What came before a stop gets its names where it can: the next run finds
   it. */
void import_keep_staged(struct import *im);
bool import_has_settled(const struct import *im); /* by this run */
/* Takes away what this run staged; and what it gave its name, too. */
void import_drop_staged(struct import *im);
void import_undo_payload(struct import *im);

/* import_room.c: E_SYS (ENOSPC) where there is too little of it. */
int import_room_transfer(
    struct import *im, const struct transfer *t, struct err *e);
/* A medium that is to wait in staging. */
int import_room_files(
    struct import *im, const struct transfer *t, struct err *e);
/* For take.room. */
int import_room(
    void *arg, const struct payload_item *items, size_t n, struct err *e);

/* import_resume.c */
/* What an interrupted run had settled is hashed where it is and kept. */
int import_resume_payload(struct import *im, struct err *e);

/*
 * import_receipt.c: the key, before anything is done; what the transfer
 * carried, and the receipt, in the import's transaction; its files, after the
 * commit.
 */
int import_receipt_begin(struct import *im, struct err *e);
int import_receipt_carried(
    struct import *im, const struct transfer *t, struct err *e);
int import_receipt_make(struct import *im, struct err *e);
int import_receipt_write(struct import *im, struct err *e);
void import_receipt_end(struct import *im);
/*
 * import_with.c.  What data/with/ has is copied into staging while it is
 * hashed; all of it is there before any takes the place of what STORE/with has,
 * each folder at once; then the commit, or undo; then the old ones go
 * (lib/store/with.h).
 */
int import_with_take(
    struct import *im, const struct transfer *t, struct err *e);
int import_with_swap(struct import *im, struct err *e);
void import_with_undo(struct import *im);
void import_with_end(struct import *im);

/* import_media.c.  Of a transfer of which media are missing: those that were
   named are checked, and wait in staging from now on, but in a dry run. */
int import_media_keep(struct import *im, struct media *m,
    const struct keyring *keys, struct err *e);
/* After a commit: what waits of that origin up to this sequence is of no use.
   A failure is told, and is none of the import. */
void import_media_forget(struct import *im);

/* import_answer.c: a receipt, instead of all the rest. */
int import_answer(const struct import_opts *o, struct err *e);

/* import_now.c: receipts of what is held now, and nothing else. */
int import_now(const struct import_opts *o, struct err *e);

/* import_genuine.c, import_transfer.c: one kind of input each. */
int import_genuine(struct import *im, struct err *e);
int import_transfer(struct import *im, struct err *e);

#endif
