/* SPDX-License-Identifier: ISC */
/*
 * Export: a signed transfer into a folder, or only the package that `wsusutil
 * import` reads.
 */
#ifndef WF_EXPORT_H
#define WF_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct log;

struct export_opts {
	const char *store;
	/* Folder that gets the transfer's folder; FILE.tar: a tar instead; "-":
	   that on out_fd. */
	const char *to;
	int out_fd; /* borrowed: for "-"; -1 */
	/* Several such folders, on a medium each; the first is to. */
	const char *const *tos;
	size_t ntos; /* 0: to is the one */
	const char *media_size; /* "32G", "dvd", "auto"; NULL: one medium */
	const char *filesystem; /* NULL: what the medium has */
	uint64_t medium; /* go on with that medium, from 1; 0: the next one */
	bool verify_medium; /* read everything again from the medium */
	const char *sign_key; /* secret key file */
	const char *tree; /* instead: folder of plain files, or NULL */
	const char *package; /* instead of a transfer: FILE.cab */
	bool all_revisions; /* packages: not only the newest */
	const char *server_id; /* GUID; NULL: the store's identity */
	const char *creation_time; /* UTC; NULL: now */
	const char *protocol; /* NULL: PACKAGE_PROTOCOL */
	const char *languages; /* NULL: "all" */
	const char *const *updates; /* ids, KB numbers; none: everything */
	size_t nupdates;
	const char *destination; /* its name: carry what it lacks; or NULL */
	const char *increments; /* "since-last", or NULL: what counts as held
				   there where nothing below says it */
	const char *base; /* a receipt: what it says is held, or NULL */
	bool since_last; /* what was sent there counts as held */
	bool full; /* all of it, whatever is held there */
	uint64_t mark_held; /* sequence that a person vouches for, or 0 */
	bool plan; /* print what would be written; dry_run is set, too */
	const char *from_plan; /* file: write exactly that, or nothing */
	const char *resume_after; /* a receipt, after which to go on; or NULL */
	const char *const *withs; /* "DIR=NAME": folders that travel, too */
	size_t nwiths;
	const char *budget; /* "20G": most that all of it may take; or NULL */
	const char *reason; /* for the record on either side, or NULL */
	const char *policy; /* file: carry the payload it wants; NULL: all */
	bool small; /* smaller and slower cabinets */
	bool strict; /* refuse when payload is absent */
	bool dry_run;
	uint64_t split_bytes; /* of one package, unpacked; 0: a cabinet's */
	unsigned jobs;
	struct log *log;
};

/*
 * With mark_held alone, or resume_after, nothing is written but the store.
 * Raises log->worst to 10 when payload is absent or revisions had to be left
 * out.  On failure nothing has the transfer's name.
 */
int export_run(const struct export_opts *o, struct err *e);

#endif
