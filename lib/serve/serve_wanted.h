/* SPDX-License-Identifier: ISC */
/* The want-list of a server, in the folder of its state. */
#ifndef WF_SERVE_WANTED_H
#define WF_SERVE_WANTED_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "formats/wanted.h"
#include "lib/base/lock.h"

struct err;
struct log;

#define SERVE_PEERS 64 /* told apart of one file, as the format has it */

struct serve_peers {
	uint8_t sha1[SHA1_LEN]; /* first: sort.h */
	unsigned n;
	uint64_t hashes[SERVE_PEERS];
};

struct serve_wanted {
	int dirfd; /* owned; -1: nothing is kept */
	struct lock hold; /* one server at a time */
	uint64_t key; /* of this run */
	int64_t next_s; /* not written before */
	bool failing; /* told already */
	pthread_mutex_t lock; /* of all below */
	struct wanted list;
	struct serve_peers *peers; /* owned; by SHA-1 */
	size_t npeers;
	bool dirty;
};

void serve_wanted_init(struct serve_wanted *w);
/* NULL: nothing is kept.  Errors: E_BUSY another server has that folder,
   E_FORMAT, E_SYS. */
int serve_wanted_open(struct serve_wanted *w, const char *dir, struct err *e);
void serve_wanted_close(struct serve_wanted *w);
/* Somebody at that address (of httpd_req) asked for it.  Any thread. */
int serve_wanted_note(struct serve_wanted *w, const uint8_t sha1[SHA1_LEN],
    const uint8_t *address, struct err *e);
/* The main thread: written when it is time, and at the end.  What fails is told
   once, and tried again. */
void serve_wanted_tick(struct serve_wanted *w, bool last, struct log *l);

#endif
