/* SPDX-License-Identifier: ISC */
/*
 * Verify: a transfer, a genuine package, a cabinet, a store; whatever a path
 * turns out to be.  Reads everything, changes nothing, tells every fault.
 */
#ifndef WF_VERIFY_H
#define WF_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct log;

struct verify_opts {
	const char *trusted_keys; /* FILE or DIR, or NULL */
	const char *store; /* that transfers are judged for, or NULL */
	const char *content; /* folder of the packages' payload, or NULL */
	const char *policy; /* stores: the payload that is expected, or NULL */
	/* All paths that were given: media of one transfer are judged
	   together, with the first of them; or NULL. */
	const char *const *paths; /* borrowed */
	size_t npaths;
	bool glance; /* transfers: signature and tag files alone */
	bool quick; /* stores: what follows from the documents is believed */
	unsigned jobs;
	struct log *log;
	struct verify_seen {
		bool store, transfer, package;
	} * seen; /* borrowed: what paths turned out to be; or NULL */
};

/*
 * Faults are findings in the log, which raise log->worst.  Returns -1 when the
 * path could not be looked at (E_USAGE, E_SYS, E_STOP) or nothing further of it
 * can be believed (E_SIG, E_FORMAT, E_DIGEST, E_MISSING).
 */
int verify_run(const struct verify_opts *o, const char *path, struct err *e);

#endif
