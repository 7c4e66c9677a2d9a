/* SPDX-License-Identifier: ISC */
/* List: what a store holds, for people, spreadsheets and scripts. */
#ifndef WF_LIST_H
#define WF_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view/status.h"

struct err;
struct log;

struct list_opts {
	const char *store;
	/* updates, arrived, categories, files, lacking, transfers, wanted,
	   receipt, show, status */
	const char *what;
	const char *of; /* show: a KB number, a GUID, a file; else NULL */
	struct status_limits limits; /* status */
	const char *since; /* arrived: a day or a time, UTC; or NULL */
	uint64_t
	    transfer; /* arrived: with the transfers of that number, or 0 */
	const char
	    *state; /* wanted, where the store is optional, and status: of
			      a server; or NULL */
	bool all_revisions; /* updates: not the newest of each alone */
	bool policy_lines; /* categories: as lines for a policy */
	bool absent; /* files: those alone that are not there */
	const char *receipt; /* receipt: FILE, "-", or NULL: the last one */
	bool qr, svg; /* receipt: as a QR code, in the terminal or as SVG */
	bool csv; /* else text, or JSON where the log has it */
	bool verbose; /* text: a second line with the rest */
	unsigned columns; /* text: cut lines here; 0: don't */
	struct log *log;
};

/* Errors: E_USAGE (no store, no such list, two forms, an option of another
   list), what the store gives. */
int list_run(const struct list_opts *o, struct err *e);

#endif
