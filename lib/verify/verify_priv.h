/* SPDX-License-Identifier: ISC */
/* What the kinds of verify share; only verify_*.c include it. */
#ifndef WF_VERIFY_PRIV_H
#define WF_VERIFY_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/prog.h"
#include "lib/store/content.h"
#include "lib/store/lacking.h"
#include "lib/verify/verify.h"

struct payload_item;
struct store;
struct take;

struct verify {
	const struct verify_opts *o;
	struct log *log;
	const char *path; /* as given */
	uint64_t began; /* findings before this path */
	struct prog prog;
	uint64_t total; /* files to be read, or 0: not known */
	uint64_t files, bytes, revisions;
	struct lacking lacking;
	const char **with; /* owned: the media of one transfer; or NULL */
	size_t nwith;
	bool judged; /* with an earlier path */
	bool glanced; /* no payload was read, as was asked */
	/* What it is put into, to be judged; owned, with its content. */
	struct store *store;
	struct content content;
};

/*
 * verify_package.c: a package or a transfer goes through the reader of import
 * (take.h) into the store that was given, of which nothing is written
 * (verify_try(); E_USAGE, E_BUSY as store_open() has them), or, where none is,
 * into one that keeps nothing.
 */
int verify_try(struct verify *v, struct err *e);
void verify_drop(struct verify *v);
int verify_begin(struct verify *v, struct take *t, int scratch, struct err *e);
void verify_end(struct verify *v, struct take *t);
/* What is lacking, as findings; a transfer or package with faults says nothing
   about it.  files: what to do about payload, or NULL for what is usual. */
int verify_lacking(struct verify *v, struct store *s,
    const struct lacking_of *of, const char *files, struct err *e);
int verify_package(struct verify *v, int fd, struct err *e);
int verify_cab(struct verify *v, int fd, struct err *e);

/* verify_transfer.c, verify_store.c */
int verify_transfer(struct verify *v, struct err *e);
int verify_store(struct verify *v, struct err *e);

#endif
