/* SPDX-License-Identifier: ISC */
/*
 * Import: a transfer, or genuine packages with their WsusContent folder, into
 * a store.  One commit makes all of it visible; anything wrong, and the store
 * stays as it was.
 */
#ifndef WF_IMPORT_H
#define WF_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct log;

struct import_opts {
	const char *store;
	const char *site; /* at birth; NULL: "site" */
	const char *const *paths; /* packages, or one transfer */
	size_t npaths;
	const char *content; /* packages: their WsusContent, or NULL */
	const char *trusted_keys; /* FILE or DIR, or NULL */
	const char *sign_key; /* signs the receipt of a transfer; NULL: none */
	const char *receipt; /* taken instead of paths: FILE or "-"; or NULL */
	const char *destination; /* whose that is, where nothing says so */
	const char *receipt_to; /* a folder for one more copy of it, or NULL */
	bool receipt_now; /* no paths: receipts of what is held are written */
	bool is_unsigned; /* the paths are genuine packages */
	bool allow_rollback; /* a transfer older than the last, or a fork */
	bool keep_held; /* a revision held with another document: go on */
	bool link; /* hard link or reflink payload */
	bool dry_run; /* look and tell, change nothing */
	unsigned jobs; /* 0: one for each processor */
	struct log *log;
	const char *log_path; /* NULL: STORE/import.log */
};

/*
 * Faults of the input are findings in the log, all of them; the error says
 * that nothing was imported.  Done but incomplete (payload that nobody has)
 * raises log->worst to 10.
 */
int import_run(const struct import_opts *o, struct err *e);

#endif
