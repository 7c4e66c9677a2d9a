/* SPDX-License-Identifier: ISC */
/* Inside op_serve*.c: what each worker has, and who answers what. */
#ifndef WF_SERVE_H
#define WF_SERVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "formats/update.h"
#include "lib/base/digest.h"
#include "lib/net/httpd.h"
#include "lib/store/content.h"

struct err;
struct store;

/* Used by one thread. */
struct serve_worker {
	struct store *store; /* owned */
	struct content content; /* owned */
};

struct serve {
	const char *dir; /* borrowed */
	struct serve_worker workers[HTTPD_WORKERS_MAX];
	unsigned nworkers;
	/* The latest failure of a worker, for the log of the main thread. */
	atomic_int failure; /* enum serve_failure */
	struct err *failed;
};

/*
 * "/content/8F/f572...228f.CAB" in any case of letters: its digest and the
 * extension as it was asked for, without the dot.
 */
bool serve_name(
    const char *path, uint8_t sha1[SHA1_LEN], char ext[UPDATE_EXT_MAX + 1]);

/* Fills rs, all but a failure, which the caller makes 500. */
int serve_file(struct serve_worker *w, const uint8_t sha1[SHA1_LEN],
    const char *ext, struct httpd_res *rs, struct err *e);

#endif
